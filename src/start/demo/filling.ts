import { readFileSync } from 'node:fs'
import { READ_KEYS } from '../../cipher/sources.ts'
import { readConfig } from '../../config.ts'
import { seedDemo } from '../../demo/seed.ts'
import { AppError } from '../../errors.ts'
import { createDeps, openProcessDatabase, prepareDatabase, startProcess } from '../process.ts'
import type { FillMessage } from './fill-process.ts'

/** Makes and fills the embedded database of a demo by the settings of this process, and closes it. Sends what refused it. */
export async function fillDemoDatabase(send: (message: FillMessage) => void): Promise<void> {
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
