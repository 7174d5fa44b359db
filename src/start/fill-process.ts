import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { READ_KEYS } from '../cipher/sources.ts'
import { readConfig } from '../config.ts'
import { seedDemo } from '../demo/seed.ts'
import { AppError, type ErrorCode, type Problem } from '../errors.ts'
import { createDeps, openProcessDatabase, prepareDatabase, startProcess } from './process.ts'

/** A line of progress, or the reason of a refusal. */
export type FillMessage =
  | { readonly kind: 'line'; readonly line: string }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly values: Readonly<Record<string, string | number>>
      readonly problems: readonly Problem[]
      readonly cause: string
    }

enableCompileCache()
if (isMainThread) fillInThread()
else await fill()

/** Fills in a thread, since the statements of the embedded database block theirs: this one notices the end of the parent. */
function fillInThread(): void {
  // The parent ends this process, and a signal of the terminal reaches both.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  const worker = new Worker(new URL(import.meta.url))
  worker.on('message', (message: FillMessage) => process.send?.(message))
  worker.on('exit', (code) => {
    process.exitCode = code
    process.removeAllListeners('disconnect')
    process.disconnect()
  })
}

async function fill(): Promise<void> {
  const send = (message: FillMessage) => parentPort?.postMessage(message)
  try {
    const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'), READ_KEYS)
    const filling = await startProcess(
      // It serves nobody, traces nothing and has no request to finish.
      { ...config, role: 'all', tracesEndpoint: undefined, drainSeconds: 0 },
      { printLine: (line) => send({ kind: 'line', line }) },
      async (beginning) => {
        const starting = await openProcessDatabase(beginning)
        await prepareDatabase(starting)
        await seedDemo(await createDeps(starting, { role: 'web' }), starting.printLine)
        return {}
      },
    )
    await filling.stop()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, values, problems, cause } = error
    send({ kind: 'refused', code, values, problems, cause: String(cause) })
  }
}
