import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { MARKS, numberOfMark, numberOfShortMark, SHORT_MARKS } from '../../deliveries/marks.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { maskPhone } from '../../members/rules.ts'
import { MARK_LENGTH, markLengthAt, parseMark } from '../../message/mark.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { lockAlert } from '../store.ts'
import type { TraceQuestion, TraceView } from './contract.ts'

/**
 * Finds the recipient of the copy with this mark. Only a chief may search, with a reason; the audit record notes each search and its
 * reason, whether found or not. The mark identifies the copy, not who passed it on (docs/guides/tracage.md).
 * @throws AppError `not_found`, or every problem: `trace.not_traced`, `trace.mark_invalid`
 */
export async function traceMark(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
  { mark: written, reason }: TraceQuestion,
): Promise<TraceView> {
  authorize(actor, 'delivery.trace', schemeId)
  const mark = parseMark(written)
  return inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    if (alert === undefined) throw new AppError('not_found')
    const problems: Problem[] = []
    if (!alert.traced) problems.push({ code: 'trace.not_traced' })
    if (mark === undefined) problems.push({ code: 'trace.mark_invalid', path: 'mark' })
    if (problems.length > 0 || mark === undefined) throw refusalOf(problems)
    const { matches, forgotten } = await findMarkedCopies(tx, schemeId, id, mark)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'delivery.trace',
      subject: `alert:${id}`,
      details: { mark, matches: matches.length },
      reason,
    })
    return { mark, matches, forgotten }
  })
}

/**
 * Finds the copies with a mark in all that was sent of an alert.
 * @returns `forgotten`: one of the copies may have had it, but its deliveries are deleted
 */
async function findMarkedCopies(
  tx: Tx,
  schemeId: string,
  alertId: string,
  mark: string,
): Promise<Pick<TraceView, 'matches' | 'forgotten'>> {
  const matches: TraceView['matches'] = []
  let forgotten = false
  for (const broadcast of await listMarkedBroadcasts(tx, schemeId, alertId)) {
    const { id: broadcastId, kind, planned } = broadcast
    // Messages to groups belong to no alert, so their marks are skipped.
    if (kind === 'group') continue
    const numbers = numbersWith(mark, broadcast)
    if (numbers === undefined) continue
    const found = await findMarked(tx, schemeId, broadcastId, numbers)
    const sentAt = broadcast.orderedAt.toISOString()
    for (const row of found) matches.push({ kind, sentAt, ...row, phone: maskPhone(row.phone) })
    if (found.length === 0 && numbers.first <= planned && kind !== 'copy')
      forgotten ||= !(await hasDeliveries(tx, schemeId, broadcastId))
  }
  return { matches, forgotten }
}

/** Lists the broadcasts of an alert whose copies have marks, the oldest first. */
function listMarkedBroadcasts(tx: Tx, schemeId: string, alertId: string) {
  return tx
    .selectFrom('broadcasts')
    .select(['id', 'kind', 'orderedAt', 'text', 'markAt', 'planned'])
    .select(sql<string>`mark_key::text`.as('markKey'))
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('markKey', 'is not', null)
    .orderBy('orderedAt')
    .execute()
}

/** The numbers of the deliveries that have a mark: the first, and every so many after it. */
interface MarkedNumbers {
  readonly first: number
  readonly every: number
}

/** Returns the numbers that a mark stands for in a broadcast, whose text has room for a long or a short one; undefined: none. */
function numbersWith(
  mark: string,
  {
    text,
    markAt,
    markKey,
  }: { readonly text: string; readonly markAt: number | null; readonly markKey: string },
): MarkedNumbers | undefined {
  const key = BigInt(markKey)
  const isLong = markLengthAt(text, markAt ?? 0) === MARK_LENGTH
  const first = isLong ? numberOfMark(key, mark) : numberOfShortMark(key, mark)
  return first === undefined ? undefined : { first, every: isLong ? MARKS : SHORT_MARKS }
}

interface MarkedRow {
  readonly no: number
  readonly name: string
  readonly commune: string
  readonly phone: string
  readonly state: TraceView['matches'][number]['state']
}

/** Finds the deliveries with a mark. */
async function findMarked(
  tx: Tx,
  schemeId: string,
  broadcastId: string,
  { first, every }: MarkedNumbers,
): Promise<MarkedRow[]> {
  const { rows } = await sql<MarkedRow>`
    select d.no, coalesce(m.name, o.name, '') as name, c.name as commune, d.phone, d.state
    from deliveries d
    join communes c on c.code = d.commune_code
    left join members m on m.scheme_id = d.scheme_id and m.id = d.member_id
    left join observers o on o.scheme_id = d.scheme_id and o.id = d.member_id
    where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}::uuid
      and d.no >= ${first} and (d.no - ${first}) % ${every} = 0
    order by d.no`.execute(tx)
  return rows
}

async function hasDeliveries(tx: Tx, schemeId: string, broadcastId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('deliveries')
    .select('no')
    .where('schemeId', '=', schemeId)
    .where('broadcastId', '=', broadcastId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
