import { sql } from 'kysely'
import { recordAudit } from '../../../audit/record.ts'
import type { MemberScope } from '../../../members/filters.ts'
import { type Actor, actorName } from '../../../permissions.ts'
import type { Tx } from '../../../platform/db.ts'
import type { CellAnswers, CellKey } from './cells.ts'

/** Longest text that is remembered. */
const MAX_WRITTEN = 100
/** A text with a number or a mail address may be personal; a postal code is not. */
const IS_PERSONAL = /@|(?:\d\D{0,2}){6}/

/** Tells whether the answer for a cell may be remembered. */
export function isRememberable({ written }: CellKey): boolean {
  return written !== '' && written.length <= MAX_WRITTEN && !IS_PERSONAL.test(written)
}

/**
 * Names the lists that an answer is for: empty for all of the scheme, else those of a trade chamber, by its agency, so that the
 * answers stay when its trades change; by its trades if its users have no agency.
 */
const chamberOf = ({ trades, agencyId }: MemberScope) =>
  trades === undefined ? '' : (agencyId ?? [...trades].sort().join(' '))

/**
 * Lists the answers for the lists of a user: those of the scheme, and those of its trade chamber, which take precedence.
 * @returns the codes, and which of the answers the user may forget
 */
export async function listCellAnswers(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
): Promise<{ readonly codes: CellAnswers; readonly isOwn: (key: CellKey) => boolean }> {
  const { rows } = await sql<CellKey & { answer: string; isOwn: boolean }>`
    select kind, written, answer, chamber = ${chamberOf(only)} as "isOwn"
    from import_answers
    where scheme_id = ${schemeId} and chamber in ('', ${chamberOf(only)})
    order by "isOwn"`.execute(tx)
  const ofKind = (wanted: string) =>
    new Map(rows.filter(({ kind }) => kind === wanted).map((row) => [row.written, row]))
  const kinds = { commune: ofKind('commune'), trade: ofKind('trade'), status: ofKind('status') }
  const codesOf = (answers: ReturnType<typeof ofKind>) =>
    new Map([...answers].map(([written, { answer }]) => [written, answer]))
  return {
    codes: {
      commune: codesOf(kinds.commune),
      trade: codesOf(kinds.trade),
      status: codesOf(kinds.status),
    },
    isOwn: ({ kind, written }) => kinds[kind].get(written)?.isOwn === true,
  }
}

/** The author of an answer, the upload, and the lists to which the answer applies. */
export interface Answering {
  readonly actor: Actor
  readonly schemeId: string
  readonly only: MemberScope
  readonly uploadId: string
}

/** Remembers an answer; the last one counts. An answer of a trade chamber is for its own lists. */
export async function storeCellAnswer(
  tx: Tx,
  of: Answering,
  { kind, written }: CellKey,
  answer: string,
  at: Date,
): Promise<void> {
  const [schemeId, by, chamber] = [of.schemeId, actorName(of.actor), chamberOf(of.only)]
  const { rows } = await sql<{ answer: string }>`
    select answer from import_answers
    where scheme_id = ${schemeId} and kind = ${kind} and written = ${written} and chamber = ${chamber}
    for update`.execute(tx)
  const before = rows[0]?.answer
  if (before === answer) return
  await sql`
    insert into import_answers (scheme_id, kind, written, chamber, answer, answered_by, at)
    values (${schemeId}, ${kind}, ${written}, ${chamber}, ${answer}, ${by}, ${at})
    on conflict (scheme_id, kind, written, chamber)
    do update set answer = excluded.answer, answered_by = excluded.answered_by, at = excluded.at`.execute(tx)
  await recordAudit(tx, schemeId, at, {
    actor: by,
    action: 'import.answer',
    subject: `upload:${of.uploadId}`,
    details: { kind, answer, trades: of.only.trades ?? [], ...(before !== undefined && { before }) },
    named: { written },
  })
}

/** Forgets an answer of the user's lists. @returns whether there was one */
export async function deleteCellAnswer(
  tx: Tx,
  of: Answering,
  { kind, written }: CellKey,
  at: Date,
): Promise<boolean> {
  const chamber = chamberOf(of.only)
  const { rows } = await sql<{ answer: string }>`
    delete from import_answers
    where scheme_id = ${of.schemeId} and kind = ${kind} and written = ${written} and chamber = ${chamber}
    returning answer`.execute(tx)
  const [deleted] = rows
  if (deleted === undefined) return false
  await recordAudit(tx, of.schemeId, at, {
    actor: actorName(of.actor),
    action: 'import.forget',
    subject: `upload:${of.uploadId}`,
    details: { kind, trades: of.only.trades ?? [], before: deleted.answer },
    named: { written },
  })
  return true
}
