import type { Selectable } from 'kysely'
import type { LogEntry } from '../../src/gateways/sms/simulator/message-log.ts'
import { segmentMessage } from '../../src/message/segment.ts'
import type { Db } from '../../src/platform/db.ts'
import type { Schema } from '../../src/schema.ts'

/** Result of comparing the ledger with everything that SMS centres accepted. */
export interface Comparison {
  /**
   * Descriptions of errors, a few of each kind: a message lost, sent unplanned, duplicated without a mark, left
   * unsettled, or totals that differ from the rows. Empty: no errors.
   */
  readonly problems: readonly string[]
  readonly deliveries: number
  /** Deliveries by state. */
  readonly states: Readonly<Record<string, number>>
  /** Deliveries marked as possible duplicates. */
  readonly marked: number
  /** Messages received beyond the planned ones. */
  readonly doubles: number
}

/** The compared fields of an accepted message. */
type Accepted = Pick<LogEntry, 'destination' | 'text'> & {
  readonly part: { readonly number: number } | undefined
}

/** One part of a text to one phone, over all broadcasts with this text. */
interface Line {
  planned: number
  /** Deliveries never submitted according to the ledger. */
  neverSent: number
  /** Deliveries that the provider has according to the ledger. */
  held: number
  marked: boolean
  /** Deliveries sent once more because the memory of their phone was full. */
  again: number
  sent: number
}

const SHOWN = 5

/** Collects descriptions of errors by their kind. */
type FindError = (kind: string, description: string) => void

/** Compares the ledger with the complete logs of the SMS centres. All broadcasts are assumed to be finished. */
export async function compareLedger(db: Db, ...logs: readonly Iterable<Accepted>[]): Promise<Comparison> {
  const broadcasts = await db.selectFrom('broadcasts').selectAll().execute()
  const rows = await listRows(db)
  const sentAgain = await countSecondSendings(db)
  const found: Record<string, string[]> = {}
  const find: FindError = (kind, description) => {
    found[kind] ??= []
    found[kind].push(description)
  }

  for (const [row, times] of sentAgain)
    if (times > 1) find('tried again more than once', `${row}: ${times} times`)
  for (const row of rows)
    if (row.state === 'planned' || row.state === 'accepted' || row.state === 'in_doubt')
      find('not settled', `${row.phone} ${row.state}`)
  const partsOf = new Map(broadcasts.map(({ id, text }) => [id, segmentMessage(text).parts]))
  const lines = linesOf(rows, partsOf, sentAgain)
  for (const log of logs) countSent(lines, log, find)
  const doubles = compareLines(lines, find)
  for (const { broadcastId, firstNo, state } of await listOpenChunks(db))
    find('chunks left', `${broadcastId} from ${firstNo} ${state}`)
  const byBroadcast = Map.groupBy(rows, (row) => row.broadcastId)
  for (const broadcast of broadcasts) compareCounts(broadcast, byBroadcast.get(broadcast.id) ?? [], find)

  return {
    problems: Object.entries(found).map(
      ([kind, all]) => `${kind}: ${all.length} (${all.slice(0, SHOWN).join(', ')})`,
    ),
    deliveries: rows.length,
    states: countStates(rows),
    marked: rows.filter((row) => row.possibleDuplicate).length,
    doubles,
  }
}

const listRows = (db: Db) =>
  db
    .selectFrom('deliveries')
    .select([
      'broadcastId',
      'no',
      'phone',
      'state',
      'possibleDuplicate',
      'attempts',
      'acceptedAt',
      'inDoubtAt',
    ])
    .execute()

type Row = Awaited<ReturnType<typeof listRows>>[number]
type Broadcast = Selectable<Schema['broadcasts']>

/** Counts, by broadcast and number of the delivery, how often it was sent again because the memory of its phone was full. */
async function countSecondSendings(db: Db): Promise<Map<string, number>> {
  const attempts = await db
    .selectFrom('deliveryAttempts')
    .select(['broadcastId', 'no'])
    .where('outcome', '=', 'memory_full')
    .execute()
  const counts = new Map<string, number>()
  for (const { broadcastId, no } of attempts)
    counts.set(`${broadcastId} ${no}`, (counts.get(`${broadcastId} ${no}`) ?? 0) + 1)
  return counts
}

/**
 * Lists the chunks with deliveries that still have to be sent. A worker that dies after its last outcome is recorded
 * leaves its claim of a broadcast that is done: nothing waits in it.
 */
const listOpenChunks = (db: Db) =>
  db
    .selectFrom('deliveryChunks as c')
    .innerJoin('broadcasts as b', (join) =>
      join.onRef('b.schemeId', '=', 'c.schemeId').onRef('b.id', '=', 'c.broadcastId'),
    )
    .select(['c.broadcastId', 'c.firstNo', 'c.state'])
    .where((where) =>
      where.or([
        where('c.state', '=', 'ready'),
        where.and([where('c.state', '=', 'claimed'), where('b.state', '<>', 'done')]),
      ]),
    )
    .execute()

function countStates(rows: readonly Row[]): Record<string, number> {
  const states: Record<string, number> = {}
  for (const { state } of rows) states[state] = (states[state] ?? 0) + 1
  return states
}

/** Returns what the ledger says of each part to each phone. */
function linesOf(
  rows: readonly Row[],
  partsOf: ReadonlyMap<string, readonly string[]>,
  sentAgain: ReadonlyMap<string, number>,
): Map<string, Line> {
  const lines = new Map<string, Line>()
  for (const row of rows) {
    for (const [index, text] of (partsOf.get(row.broadcastId) ?? []).entries()) {
      const key = keyOf(row.phone, index + 1, text)
      let line = lines.get(key)
      if (line === undefined) {
        line = { planned: 0, neverSent: 0, held: 0, marked: false, again: 0, sent: 0 }
        lines.set(key, line)
      }
      line.planned += 1
      if (wasNeverSent(row)) line.neverSent += 1
      if (row.state === 'delivered' || row.state === 'accepted') line.held += 1
      if (row.possibleDuplicate) line.marked = true
      line.again += sentAgain.get(`${row.broadcastId} ${row.no}`) ?? 0
    }
  }
  return lines
}

/** A receipt that came before any answer leaves no attempt: it proves one all the same. */
function wasNeverSent(row: Row): boolean {
  return (
    row.state !== 'failed' &&
    row.attempts === 0 &&
    row.acceptedAt === null &&
    row.inDoubtAt === null &&
    !row.possibleDuplicate
  )
}

function countSent(lines: ReadonlyMap<string, Line>, log: Iterable<Accepted>, find: FindError): void {
  for (const { destination, part, text } of log) {
    const key = keyOf(`+${destination.replace(/^\+/, '')}`, part?.number ?? 1, text)
    const line = lines.get(key)
    if (line === undefined) find('sent without being planned', key)
    else line.sent += 1
  }
}

/** Compares what was sent with the ledger, and returns the number of messages beyond the planned ones. */
function compareLines(lines: ReadonlyMap<string, Line>, find: FindError): number {
  let doubles = 0
  for (const [key, { planned, neverSent, held, marked, again, sent }] of lines) {
    doubles += Math.max(0, sent - planned - again)
    if (sent < held) find('lost', `${key}: ${sent} of ${held}`)
    if (sent > planned - neverSent + again && !marked)
      find('sent more often than said', `${key}: ${sent}, not ${planned - neverSent}`)
  }
  return doubles
}

/** Compares the counts of a broadcast with its rows. */
function compareCounts(broadcast: Broadcast, rows: readonly Row[], find: FindError): void {
  const count = (state: string) => rows.filter((row) => row.state === state).length
  if (broadcast.state !== 'done') find('not done', `${broadcast.id} ${broadcast.state}`)
  const counts: [string, number, number][] = [
    ['planned', broadcast.planned, rows.length],
    ['accepted', broadcast.accepted, count('accepted')],
    ['delivered', broadcast.delivered, count('delivered')],
    ['in doubt', broadcast.inDoubt, count('in_doubt')],
    ['failed', broadcast.failed, count('failed')],
    ['expired', broadcast.expired, count('expired')],
    ['withdrawn', broadcast.withdrawn, count('withdrawn')],
    ['possible duplicates', broadcast.possibleDuplicates, rows.filter((row) => row.possibleDuplicate).length],
  ]
  for (const [name, stored, counted] of counts)
    if (stored !== counted) find('figures', `${broadcast.id}: ${stored} ${name}, ${counted} by its rows`)
}

const keyOf = (phone: string, partNo: number, text: string) =>
  `${phone} part ${partNo} “${text.slice(0, 200)}”`
