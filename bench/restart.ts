import { startSmsc } from '../src/gateways/sms/simulator/smsc.ts'
import { withLogin } from '../test/support/engine-login.ts'
import { type Program, startProgram } from '../test/support/program.ts'
import { PRODUCTION } from '../test/support/server.ts'
import {
  type DatabaseKind,
  fillScheme,
  freshDatabase,
  orderBroadcast,
  startWorld,
} from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, median, result } from './result.ts'

const KILLS = 5
const RATE = 100
const WINDOW = 20
const CLOSED_PORT = 1
/** Enough for the broadcast to outlast all kills. */
const RECIPIENTS = 10_000
/** Messages that the server sends before each kill. */
const MESSAGES = 100
const TIMEOUT_MS = 60_000

/**
 * Measures how late a crash makes the rest of a broadcast (L1): the time from a kill -9 of the server during a broadcast to the next SMS in the log of the SMS
 * centre, when the server is started again at once.
 */
export async function benchRestart(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const name = kind === 'embedded' ? 'pglite' : kind
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const { settings, remove } = await freshDatabase(kind, server)
  const smsc = await startSmsc({
    answersAs: 'PROVIDER',
    account: { systemId: PRODUCTION.TOCSIN_SMPP_SYSTEM_ID, password: PRODUCTION.TOCSIN_SMPP_PASSWORD },
  })
  const env = {
    ...PRODUCTION,
    PORT: '0',
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: String(smsc.port),
    TOCSIN_SMPP_TLS: 'false',
    TOCSIN_SMPP_RATE: String(RATE),
    TOCSIN_SMPP_WINDOW: String(WINDOW),
    ...(settings.kind === 'embedded'
      ? { TOCSIN_DATA_DIR: settings.directory ?? '' }
      : { DATABASE_URL: withLogin(settings.url, 'tocsin_engine') }),
  }
  let program: Program | undefined
  const runs: { nextMs: number }[] = []
  try {
    // Planned for the same window, by a process that reaches no SMS centre.
    const world = await startWorld({
      database: settings,
      smscPort: CLOSED_PORT,
      window: WINDOW,
      gateway: { simulated: false },
    })
    await fillScheme(world.deps, RECIPIENTS)
    await orderBroadcast(world.deps, { limit: RECIPIENTS, simulated: false })
    await world.stop()

    async function untilMessage(count: number): Promise<number> {
      const endMs = performance.now() + TIMEOUT_MS
      while (smsc.state().accepted < count) {
        if (performance.now() > endMs)
          throw new Error(`no next message: ${program?.output.stdout}${program?.output.stderr}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return performance.now()
    }

    program = startProgram(['serve', '--no-web'], env)
    await untilMessage(MESSAGES)
    for (let kill = 0; kill < KILLS; kill++) {
      program.process.kill('SIGKILL')
      await program.ended
      const before = smsc.state().accepted
      const killedMs = performance.now()
      program = startProgram(['serve', '--no-web'], env)
      const nextMs = (await untilMessage(before + 1)) - killedMs
      runs.push({ nextMs })
      context.print(`L1 ${name}: next SMS ${Math.round(nextMs)} ms after kill -9`)
      await untilMessage(before + MESSAGES)
    }
  } finally {
    program?.process.kill('SIGKILL')
    await program?.ended
    await smsc.stop()
    await remove()
  }
  const middle = median(runs.map(({ nextMs }) => nextMs))
  return { [`L1.restart.${name}`]: result(middle, 'ms', 3000, 'atMost', runs) }
}
