import { enableCompileCache } from 'node:module'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import type { ErrorCode, Problem } from '../../errors.ts'

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
else {
  // Only the thread that fills loads the program.
  const { fillDemoDatabase: fill } = await import('./filling.ts')
  await fill((message) => parentPort?.postMessage(message))
}

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
