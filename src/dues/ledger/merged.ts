import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { formatMessage } from '../../i18n/format.ts'
import type { Tx } from '../../platform/db.ts'
import { correctInvoices } from '../papers/credit-notes.ts'
import { findPayer, listMemberYears, waiverLeft, waiverPiece } from '../store.ts'
import { findToday, type Movement, writeMovements } from './ledger.ts'

interface YearWaiver {
  readonly no: number
  readonly memberId: string
  readonly year: number
  /** The part that was not cancelled. */
  readonly cents: number
}

/**
 * Adjusts waivers after money was returned to a merged member. What it then owes again for a year that the kept one was
 * billed for is waived, since they are one business; and waivers of the kept one are cancelled as far as no merged member has
 * paid the year any more. The caller holds `lockDues`. Does nothing for a member that was not merged.
 */
export async function adjustWaiversOfMerged(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  by: string,
  memberId: string,
): Promise<void> {
  const { rows: family } = await sql<{ id: string; keptId: string }>`
    select p.id, p.merged_into as kept_id from members m
    join members p on p.scheme_id = m.scheme_id and p.merged_into = m.merged_into
    where m.scheme_id = ${schemeId} and m.id = ${memberId}::uuid`.execute(tx)
  const keptId = family[0]?.keptId
  if (keptId === undefined) return
  const kept = await findPayer(tx, schemeId, keptId)
  const member = await findPayer(tx, schemeId, memberId)
  if (kept === undefined || member === undefined) return
  const ids = [keptId, ...family.map(({ id }) => id)]
  const years = await listMemberYears(tx, schemeId, ids)
  const waivers = await listYearWaivers(tx, schemeId, ids)
  const movements: Movement[] = []
  const against = { enteredOn: await findToday(tx, deps, schemeId), against: 'income' } as const
  for (const { year, amountCents } of years.filter((one) => one.memberId === keptId)) {
    const ofFamily = years.filter((one) => one.memberId !== keptId && one.year === year)
    const owed = ofFamily.find((one) => one.memberId === memberId)?.remainingCents ?? 0
    if (amountCents === 0 || owed === 0) continue
    movements.push({
      ...against,
      kind: 'waiver',
      memberId,
      member: member.name,
      piece: formatMessage('fr', 'dues.merged', { name: kept.name }),
      owesCents: -owed,
      year,
      ofMerge: true,
    })
    const ofYear = waivers.filter((one) => one.year === year)
    const [own, others] = [
      ofYear.filter((one) => one.memberId === keptId),
      ofYear.filter((one) => one.memberId !== keptId),
    ]
    const settled =
      ofFamily.reduce((sum, one) => sum + one.amountCents - one.remainingCents, 0) - sumCents(others)
    let more = Math.max(0, sumCents(own) - settled)
    for (const { no, cents } of own) {
      const owesCents = Math.min(cents, more)
      more -= owesCents
      if (owesCents === 0) continue
      movements.push({
        ...against,
        kind: 'cancellation',
        memberId: keptId,
        member: kept.name,
        piece: waiverPiece(no),
        owesCents,
        year,
        ofMerge: true,
      })
    }
  }
  const first = await writeMovements(tx, deps, schemeId, by, movements)
  await correctInvoices(tx, deps, schemeId, { memberIds: [memberId], by, why: 'merged' })
  const waived = movements.flatMap(({ kind, owesCents }, i) =>
    kind === 'waiver' ? [{ memberId, cents: -owesCents, entryNo: first + i }] : [],
  )
  // Undoing the merge cancels this waiver too.
  await sql`
    update member_merges set undo = jsonb_set(undo, '{waived}', ${JSON.stringify(waived)}::jsonb || (undo->'waived'))
    where scheme_id = ${schemeId} and merged_member_id = ${memberId}::uuid and undone_at is null and undo is not null`.execute(
    tx,
  )
}

/**
 * Lists the waivers by year, still valid, that members got because they are one business. Latest first. A year of which the chamber
 * itself waived a part is left out: its waivers stay.
 */
async function listYearWaivers(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<YearWaiver[]> {
  const { rows } = await sql<YearWaiver>`
    select w.* from (
      select e.no, e.member_id, e.year, ${waiverLeft} as cents from ledger_entries e
      join ledger_lines l on l.scheme_id = e.scheme_id and l.no = e.no and l.line = 1
      where e.scheme_id = ${schemeId} and e.member_id = any (${memberIds}::uuid[]) and e.kind = 'waiver' and e.year is not null
        and not exists (select from dues d where d.scheme_id = e.scheme_id and d.member_id = e.member_id and d.year = e.year
          and d.waived_cents > d.merged_cents)) w
    where w.cents > 0 order by w.no desc`.execute(tx)
  return rows
}

function sumCents(of: readonly { readonly cents: number }[]): number {
  return of.reduce((sum, { cents }) => sum + cents, 0)
}
