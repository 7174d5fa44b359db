import type { LogEntry } from '../../src/gateways/sms/simulator/message-log.ts'
import { segmentMessage } from '../../src/message/segment.ts'
import type { Db } from '../../src/platform/db.ts'

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

/** Compares the ledger with the complete logs of the SMS centres. All broadcasts are assumed to be finished. */
export async function compareLedger(db: Db, ...logs: readonly Iterable<Accepted>[]): Promise<Comparison> {
  const broadcasts = await db.selectFrom('broadcasts').selectAll().execute()
  const rows = await db
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
  const secondSendings = await db
    .selectFrom('deliveryAttempts')
    .select(['broadcastId', 'no'])
    .where('outcome', '=', 'memory_full')
    .execute()
  const secondSendingsOf: string[] = []
  const sentAgain = new Map<string, number>()
  for (const { broadcastId, no } of secondSendings)
    sentAgain.set(`${broadcastId} ${no}`, (sentAgain.get(`${broadcastId} ${no}`) ?? 0) + 1)
  for (const [row, times] of sentAgain) if (times > 1) secondSendingsOf.push(`${row}: ${times} times`)
  // A worker that dies after its last outcome is recorded leaves its claim of a broadcast that is done: nothing waits in it.
  const openChunks = await db
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

  const found: Record<string, string[]> = {}
  const find = (kind: string, what: string) => {
    found[kind] ??= []
    found[kind].push(what)
  }

  for (const one of secondSendingsOf) find('tried again more than once', one)
  const partsOf = new Map(broadcasts.map(({ id, text }) => [id, segmentMessage(text).parts]))
  const lines = new Map<string, Line>()
  const states: Record<string, number> = {}
  for (const row of rows) {
    states[row.state] = (states[row.state] ?? 0) + 1
    if (row.state === 'planned' || row.state === 'accepted' || row.state === 'in_doubt')
      find('not settled', `${row.phone} ${row.state}`)
    // A receipt that came before any answer leaves no attempt: it proves one all the same.
    const neverSent =
      row.state !== 'failed' &&
      row.attempts === 0 &&
      row.acceptedAt === null &&
      row.inDoubtAt === null &&
      !row.possibleDuplicate
    for (const [index, text] of (partsOf.get(row.broadcastId) ?? []).entries()) {
      const key = keyOf(row.phone, index + 1, text)
      let line = lines.get(key)
      if (line === undefined) {
        line = { planned: 0, neverSent: 0, held: 0, marked: false, again: 0, sent: 0 }
        lines.set(key, line)
      }
      line.planned += 1
      if (neverSent) line.neverSent += 1
      if (row.state === 'delivered' || row.state === 'accepted') line.held += 1
      if (row.possibleDuplicate) line.marked = true
      line.again += sentAgain.get(`${row.broadcastId} ${row.no}`) ?? 0
    }
  }

  for (const log of logs) {
    for (const { destination, part, text } of log) {
      const key = keyOf(`+${destination.replace(/^\+/, '')}`, part?.number ?? 1, text)
      const line = lines.get(key)
      if (line === undefined) find('sent without being planned', key)
      else line.sent += 1
    }
  }
  let doubles = 0
  for (const [key, { planned, neverSent, held, marked, again, sent }] of lines) {
    doubles += Math.max(0, sent - planned - again)
    if (sent < held) find('lost', `${key}: ${sent} of ${held}`)
    if (sent > planned - neverSent + again && !marked)
      find('sent more often than said', `${key}: ${sent}, not ${planned - neverSent}`)
  }

  for (const { broadcastId, firstNo, state } of openChunks)
    find('chunks left', `${broadcastId} from ${firstNo} ${state}`)
  const byBroadcast = Map.groupBy(rows, (row) => row.broadcastId)
  for (const broadcast of broadcasts) {
    const own = byBroadcast.get(broadcast.id) ?? []
    const count = (state: string) => own.filter((row) => row.state === state).length
    if (broadcast.state !== 'done') find('not done', `${broadcast.id} ${broadcast.state}`)
    const counts: [string, number, number][] = [
      ['planned', broadcast.planned, own.length],
      ['accepted', broadcast.accepted, count('accepted')],
      ['delivered', broadcast.delivered, count('delivered')],
      ['in doubt', broadcast.inDoubt, count('in_doubt')],
      ['failed', broadcast.failed, count('failed')],
      ['expired', broadcast.expired, count('expired')],
      ['withdrawn', broadcast.withdrawn, count('withdrawn')],
      [
        'possible duplicates',
        broadcast.possibleDuplicates,
        own.filter((row) => row.possibleDuplicate).length,
      ],
    ]
    for (const [name, said, counted] of counts)
      if (said !== counted) find('figures', `${broadcast.id}: ${said} ${name}, ${counted} by its rows`)
  }

  return {
    problems: Object.entries(found).map(
      ([kind, all]) => `${kind}: ${all.length} (${all.slice(0, SHOWN).join(', ')})`,
    ),
    deliveries: rows.length,
    states,
    marked: rows.filter((row) => row.possibleDuplicate).length,
    doubles,
  }
}

const keyOf = (phone: string, partNo: number, text: string) =>
  `${phone} part ${partNo} “${text.slice(0, 200)}”`
