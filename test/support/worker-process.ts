import { flushCompileCache } from 'node:module'
import { registerDeliveryJobs } from '../../src/deliveries/handlers.ts'
import { registerOnCallJobs } from '../../src/on-call/handlers.ts'
import { registerOutboxJobs } from '../../src/outbox/handlers.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone, type WorldOptions } from './world.ts'

/**
 * Runs the engine in a process that a test kills or freezes. Argument: JSON of WorkerProcessOptions. Fills the
 * database the first time, continues what an earlier process left, orders a broadcast if requested, and prints
 * `{"ready":true}`. SIGTERM stops it cleanly.
 */
export interface WorkerProcessOptions {
  readonly world: WorldOptions
  /** Members to create when the scheme has none. */
  readonly fill?: number
  /** Number of recipients of a broadcast ordered at each start. */
  readonly order?: number
  /** True: calls the people on call, and sends what is in the outbox. */
  readonly onCall?: boolean
  /** True: exits with 0 once all broadcasts are done. */
  readonly finish?: boolean
}

const {
  world: options,
  fill = 0,
  order = 0,
  onCall = false,
  finish,
} = JSON.parse(process.argv[2] ?? '') as WorkerProcessOptions
const world = await startWorld({ logLevel: 'info', ...options })
const { deps } = world
if (fill > 0 && (await deps.db.selectFrom('schemes').select('id').limit(1).execute()).length === 0)
  await fillScheme(deps, fill)
if (onCall) {
  await registerOutboxJobs(deps)
  await registerDeliveryJobs(deps)
  await registerOnCallJobs(deps)
}
// Before anything that a test waits for.
process.once('SIGTERM', () => void world.stop().then(() => process.exit(0)))
if (order > 0) await orderBroadcast(deps, { limit: order })
process.stdout.write('{"ready":true}\n')
// It halves the time of the next start; a killed process writes nothing at its end.
flushCompileCache()
if (finish) {
  const open = await deps.db.selectFrom('broadcasts').select('id').where('state', '<>', 'done').execute()
  for (const { id } of open) await untilBroadcastDone(deps, id)
  await world.stop()
  process.exit(0)
}
