import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { parseAst } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatherCommunes, giveOrder, writeAlert } from '../../bench/act.ts'
import { whereRecipientsAreNow } from '../../src/alerts/follow-up/order.ts'
import {
  claimChunks,
  expireDeliveries,
  findChain,
  findHeldChunks,
  findSettlingWork,
  findStopped,
  findUnfinished,
  findUnreceipted,
  finishSubmitting,
  nextChunkInMs,
  releaseChunks,
  resendInDoubt,
  settleLostChunks,
} from '../../src/deliveries/claim/claims.ts'
import { pruneDepartures, withdrawDeparted } from '../../src/deliveries/claim/departures.ts'
import { stopBroadcast, withdrawStopped } from '../../src/deliveries/claim/stop.ts'
import { countFollowing } from '../../src/deliveries/plan/plan.ts'
import { findAccepted, findByIds, findSent } from '../../src/deliveries/receipt/receipt-lookup.ts'
import { findStrays, forgetStrays, keepStrays } from '../../src/deliveries/receipt/strays.ts'
import {
  logAttempts,
  type NewState,
  type OutcomeRow,
  writeOutcomes,
} from '../../src/deliveries/settle/ledger.ts'
import {
  findFirstSendings,
  markBothDelivered,
  retryMemoryFull,
} from '../../src/deliveries/settle/memory-full.ts'
import { removeDeadWorkers, removePredecessors } from '../../src/deliveries/workers.ts'
import type { Deps } from '../../src/deps.ts'
import { MARK_PLACE } from '../../src/message/mark.ts'
import { acrossSchemes, type Database, hasOldValues } from '../../src/platform/db.ts'
import { fillAgedLedger } from '../support/aged-ledger.ts'
import { testDatabaseSettings, usualKinds } from '../support/database.ts'
import { noteStatements, planOf, repeatedScans, type SentStatement } from '../support/sent-statements.ts'
import { type SmscProcess, startSmscProcess } from '../support/smsc-process.ts'
import { asTableOwner } from '../support/table-owner.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

/** Modules whose statements run while a broadcast is being sent. */
const HOT_MODULES = [
  'settle/arrival',
  'claim/claims',
  'claim/departures',
  'settle/ledger',
  'settle/memory-full',
  'plan/plan',
  'receipt/receipt-lookup',
  'claim/stop',
  'receipt/strays',
  'settle/before-merge',
  'workers',
]
/** Tables that grow with alerts and members. */
const TENANT_TABLES =
  /\b(?:broadcasts|deliveries|delivery_chunks|delivery_attempts|alerts|reports|members|contacts)\b/
/**
 * The forms in which a statement gives its scheme: compared with a value, in a row of values, in arrays of rows, or in a row to insert.
 * A column that two tables are joined by, or that is returned, gives none.
 */
const GIVES_SCHEME =
  /\bscheme_id"? = (?:any \()?\$\d|\(scheme_id, id\) in \(\(\$1,|\) as g\(scheme_id,|^insert into "?\w+"? \("?scheme_id"?,.* values \(\$1,/s
/**
 * Statements of the workers that look at what is open in all schemes together. A distributed database asks every node
 * (docs/scale.md).
 */
const SWEEPS: readonly string[] = [
  "select exists (select from broadcasts where state <> 'done') as has_open",
  "select scheme_id, id as broadcast_id from broadcasts where state = 'running' order by ordered_at",
  "update delivery_chunks c set state = case when c.not_before is null then 'done' else 'ready' end",
  "where b.state <> 'done' and c.state = 'claimed' and c.worker_id =",
  "select scheme_id, id, valid_until from broadcasts where state <> 'done' and valid_until <=",
  "select scheme_id, id from broadcasts b where b.state = 'stopped' and exists",
  'select c.scheme_id, c.broadcast_id, c.first_no, w.seconds',
  "select scheme_id, id from broadcasts where state = 'done' and tallied_at is null",
]
/** The test itself makes this statement. */
const OF_TEST = 'select * from "broadcasts" where "id" = $1'
const COMMUNES = ['00002', '00003', '00004', '00005']
/** Ends what hangs. */
const HANGS_MS = 600_000
const LEDGER = { embedded: { ended: 20, each: 500 }, postgres: { ended: 60, each: 1000 } }

describe.each(usualKinds)('statements of a broadcast in an aged ledger, on %s', (kind) => {
  let smsc: SmscProcess
  let world: Awaited<ReturnType<typeof startWorld>>
  let sent: ReadonlyMap<string, SentStatement>
  /** Statements that orders and their sending need. */
  let ordinary: readonly string[]

  beforeAll(async () => {
    smsc = await startSmscProcess()
    world = await startWorld({ database: await testDatabaseSettings(kind), smscPort: smsc.port, window: 500 })
    await fillScheme(world.deps, 2000)
    await gatherCommunes(world.deps, COMMUNES)
    await fillAgedLedger(world.deps, LEDGER[kind])
    const notes = noteStatements()
    try {
      await runBroadcasts(world.deps)
      await world.dispatcher.stop(5000)
      ordinary = [...notes.sent.keys()]
      await callAll(world.deps)
    } finally {
      notes.stop()
    }
    sent = notes.sent
  }, HANGS_MS)
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })

  test('include every statement of the modules that send', () => {
    const texts = [...sent.keys()].join('\n')
    // A process with a database of its own does not look for other processes.
    const isSent: Readonly<Record<string, boolean>> = {
      workers: kind === 'postgres',
      'settle/before-merge': !hasOldValues(world.deps.db),
    }
    const modules = HOT_MODULES.filter((module) => isSent[module] ?? true)
    const unsent = modules.flatMap((module) =>
      statementPieces(module).filter((piece) => !texts.includes(piece)),
    )
    expect(unsent).toEqual([])
  })

  test('give the scheme of every table of schemes, but for the sweeps over what is open', () => {
    const open = ordinary
      .filter((text) => TENANT_TABLES.test(text) && !GIVES_SCHEME.test(text) && text !== OF_TEST)
      .map(withPlainSpaces)
    expect(open.filter((text) => !SWEEPS.some((sweep) => text.includes(sweep)))).toEqual([])
    const known = [...sent.keys()].map(withPlainSpaces)
    const isSent = (sweep: string) => known.some((text) => text.includes(sweep) && !GIVES_SCHEME.test(text))
    // Only processes that share a database look for chunks of others.
    if (kind === 'postgres') expect(SWEEPS.filter((sweep) => !isSent(sweep))).toEqual([])
  })

  test('read no values once for each row, with custom and generic plans, with and without statistics', async () => {
    const found: unknown[] = []
    for (const statistics of ['analysed', 'none']) {
      if (statistics === 'none') await forgetStatistics(world.deps.database)
      const client = await world.deps.database.pool.connect()
      try {
        for (const plan of ['custom', 'generic'] as const) {
          for (const statement of sent.values()) {
            // pg-boss looks after its indexes every minute.
            if (/\bFROM pg_class\b/.test(statement.text)) continue
            const tree = await planOf(client, statement, plan)
            const repeated = repeatedScans(tree)
            if (repeated.length > 0) found.push({ statistics, plan, repeated, text: statement.text })
          }
        }
      } finally {
        client.release()
      }
    }
    expect(found).toEqual([])
  })
})

function withPlainSpaces(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

/** Runs whole orders, several at once, with their sending and their receipts; then a follow-up. */
async function runBroadcasts(deps: Deps): Promise<void> {
  const [communeCode = ''] = COMMUNES
  const first = await writeAlert(deps, BENCH_SCHEME, { place: 'rue 1', communeCode })
  const second = await writeAlert(deps, BENCH_SCHEME, { place: 'rue 2', communeCode })
  const orders = [await giveOrder(deps, first, []), await giveOrder(deps, second, [first])]
  const bulk = await orderBroadcast(deps, { limit: 1500, lane: 'service' })
  for (const { broadcastId } of orders) await untilBroadcastDone(deps, broadcastId, HANGS_MS)
  await untilBroadcastDone(deps, bulk, HANGS_MS)
  const traced = { limit: 0, after: bulk, text: `Fin. 00-26-0001-${MARK_PLACE}` }
  await untilBroadcastDone(deps, await orderBroadcast(deps, traced), HANGS_MS)
}

/** Runs every form of each statement, including those that a normal run rarely sends. */
async function callAll(deps: Deps): Promise<void> {
  const { db } = deps
  const now = deps.now()
  const [schemeId, broadcastId, other] = [BENCH_SCHEME, deps.newId(), deps.newId()]
  const chain = { firstId: other, beforeIds: [other] }
  for (const most of [undefined, 20]) {
    for (const before of [undefined, chain]) {
      const claim = { schemeId, broadcastId, chain: before, resentLanes: ['alert' as const], workerId: 1 }
      await claimChunks(db, { ...claim, limit: 8, most, now })
    }
  }
  await findChain(db, schemeId, broadcastId)
  const again = now
  await releaseChunks(
    db,
    [broadcastId, other].map((id) => ({
      schemeId,
      broadcastId: id,
      firstNo: 1,
      claims: 1,
      workerId: 1,
      again,
    })),
  )
  await findHeldChunks(db, 1, now)
  await nextChunkInMs(db, schemeId, broadcastId, now)
  await findUnfinished(db)
  await removeDeadWorkers(db, 1, true)
  await removePredecessors(db, 1)
  await settleLostChunks(db, now)
  await resendInDoubt(db, now, { vital: 1, code: 1, alert: 1, follow_up: 1, service: 1, reminder: 'never' })
  await expireDeliveries(db, now)
  await acrossSchemes(db, (tx) => finishSubmitting(tx, schemeId, broadcastId, now))
  const gateways = ['bench']
  await findUnreceipted(db, { gateways, acceptedBefore: now, inDoubtBefore: now, limit: 100 })
  await findStopped(db, { gateways, limit: 100 })
  await acrossSchemes(db, (tx) => stopBroadcast(tx, schemeId, broadcastId, now))
  await withdrawStopped(db, now)
  await acrossSchemes(db, (tx) => countFollowing(tx, schemeId, { first: other, ...whereRecipientsAreNow() }))

  const ids = Array.from({ length: 500 }, (_, index) => `aged-${index}`)
  const phones = Array.from({ length: 500 }, (_, index) => `+336${String(index).padStart(8, '0')}`)
  await findAccepted(deps, 1000, 1000)
  await findByIds(deps, ids, 1000, 1000)
  await findSent(db, phones)
  const receipts = ids.map((messageId) => ({
    gateway: 'bench',
    messageId,
    state: 'delivered' as const,
    phone: undefined,
    reference: undefined,
    errorCode: undefined,
  }))
  await keepStrays(db, receipts, now)
  await findStrays(db, { since: now }, 10)
  await findStrays(db, { gateway: 'bench' }, 10)
  await forgetStrays(db, receipts)

  // Numbers of broadcasts scheduled for tomorrow: of follow-ups, whose contacts get new numbers, then of first
  // messages.
  const waiting = sql`kind = 'update' and state = 'running'`
  await sql`update broadcasts set after_broadcast_id = (select id from broadcasts where kind = 'first' limit 1) where ${waiting}`.execute(
    db,
  )
  await sql`update contacts set mobile = '+337' || right(mobile, 8) where mobile < '+33600000200'`.execute(db)
  await withdrawDeparted(db, now)
  await sql`update broadcasts set after_broadcast_id = null where ${waiting}`.execute(db)
  await sql`update contacts set sms = false where mobile < '+33600000400'`.execute(db)
  expect(await withdrawDeparted(db, now)).not.toEqual([])
  await pruneDepartures(db, now)

  await logAttempts(
    db,
    schemeId,
    broadcastId,
    ids.map((_, no) => ({
      no,
      at: 0,
      outcome: 'refused',
      gateway: 'bench',
      errorCode: 1,
      messageIds: undefined,
    })),
  )
  const states: (NewState | undefined)[] = [
    'accepted',
    'delivered',
    'in_doubt',
    'failed',
    'expired',
    'withdrawn',
    undefined,
  ]
  const flags = [false, true]
  for (const state of states)
    for (const late of flags)
      for (const isOfParts of flags)
        for (const isDeleted of flags)
          for (const isOfSeveral of flags) {
            const rows = Array.from(
              { length: 1000 },
              (_, index): OutcomeRow => ({
                schemeId,
                broadcastId: isOfSeveral && index % 2 === 0 ? other : broadcastId,
                no: index + 1,
                state,
                isDeleted,
                ids: isOfParts ? [`${index}a`, `${index}b`] : [`${index}`],
                deliveredIds: isOfParts ? [`${index}a`] : undefined,
                error: state === 'failed' ? index : undefined,
                gateway: 'bench',
                workerId: late ? undefined : 1,
                late,
                attempts: 1,
                acceptedAt: state === 'accepted' ? now.getTime() + index : undefined,
                at: now.getTime() + index,
              }),
            )
            const firstSubmitAt = new Map([[broadcastId, now.getTime()]])
            const batch = { state, workerId: late ? undefined : 1, late, rows, firstSubmitAt }
            await writeOutcomes(db, batch)
            if (state === 'failed')
              await writeOutcomes(db, { ...batch, retry: { broadcastIds: [broadcastId], at: now.getTime() } })
          }

  // The phones of one broadcast whose memory was full, of numbers that did not depart above.
  await findSettlingWork(db, now)
  const full = sql`(select id from broadcasts where kind = 'first' and planned = 1500 order by ordered_at desc limit 1)`
  await sql`update deliveries set state = 'failed', error_code = 32, accepted_at = ${now}, settled_at = ${now}, gateway = 'bench'
    where broadcast_id = ${full} and no > 1000`.execute(db)
  await sql`update broadcasts set retry_at = ${now}, valid_until = ${now}::timestamptz + interval '1 hour' where id = ${full}`.execute(
    db,
  )
  const [retried] = await retryMemoryFull(db, { ...deps.config, memoryFullSeconds: 0 }, now)
  expect(retried).toMatchObject({ schemeId })
  const first = { schemeId, broadcastId, no: 1, gateway: 'bench', messageId: '' }
  await findFirstSendings(db, ids, now)
  await markBothDelivered(db, first)
}

/** Returns the literal pieces of a module's SQL templates that are long enough to identify a statement. */
function statementPieces(module: string): string[] {
  const file = join(import.meta.dirname, '../../src/deliveries', `${module}.ts`)
  const pieces: string[] = []
  function look(node: unknown): void {
    if (typeof node !== 'object' || node === null) return
    const { type, tag, quasi } = node as {
      readonly type?: string
      readonly tag?: { readonly name?: string }
      readonly quasi?: { readonly quasis: readonly { readonly value: { readonly cooked: string } }[] }
    }
    if (type === 'TaggedTemplateExpression' && tag?.name === 'sql') {
      const texts = quasi?.quasis.map(({ value }) => value.cooked.trim()) ?? []
      pieces.push(...texts.filter((text) => text.length >= 25))
    }
    for (const child of Object.values(node)) look(child)
  }
  look(parseAst(readFileSync(file, 'utf8'), { lang: 'ts' }))
  return pieces
}

/** Deletes the statistics, as on the first day of a database or after a restore. */
function forgetStatistics(database: Database): Promise<void> {
  return asTableOwner(database, async (tx) => {
    await sql`delete from pg_statistic
      where starelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`.execute(tx)
    // As pg_clear_relation_stats does, which is of PostgreSQL 18.
    await sql`update pg_class set relpages = 0, reltuples = -1, relallvisible = 0
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')`.execute(tx)
  })
}
