import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from './world.ts'

/**
 * The engine in a process that a test kills. Argument: JSON of EngineProcessOptions. Fills the database once, goes on
 * with what a former process left, orders a broadcast when there is none, and prints `{"ready":true}`; with `finish`
 * it waits until all broadcasts are done, then stops and exits with 0. SIGTERM stops it cleanly.
 */
interface EngineProcessOptions {
  readonly database: { readonly directory: string } | { readonly url: string }
  readonly smscPort: number
  readonly recipients: number
  readonly window: number
  readonly inDoubtSeconds: number
  readonly finish: boolean
  readonly text?: string
}

const options = JSON.parse(process.argv[2] ?? '') as EngineProcessOptions
const world = await startWorld({
  database:
    'url' in options.database
      ? { kind: 'postgres', url: options.database.url, poolSize: 6 }
      : { kind: 'embedded', directory: options.database.directory },
  smscPort: options.smscPort,
  window: options.window,
  inDoubtSeconds: options.inDoubtSeconds,
})
const { deps } = world
if ((await deps.db.selectFrom('members').select('id').limit(1).execute()).length === 0) {
  await fillScheme(deps, options.recipients)
}
const open = () => deps.db.selectFrom('broadcasts').select('id').where('state', '<>', 'done').execute()
if (!options.finish && (await open()).length === 0) {
  await orderBroadcast(deps, {
    limit: options.recipients,
    ...(options.text === undefined ? {} : { text: options.text }),
  })
}
process.stdout.write('{"ready":true}\n')
process.once('SIGTERM', () => void world.stop().then(() => process.exit(0)))
if (options.finish) {
  for (const { id } of await open()) await untilBroadcastDone(deps, id, 60_000)
  await world.stop()
  process.exit(0)
}
