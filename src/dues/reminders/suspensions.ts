import { sql } from 'kysely'
import { recordAudits } from '../../audit/record.ts'
import { changeStatus, lockMemberWrites } from '../../members/store.ts'
import type { Tx } from '../../platform/db.ts'
import { today } from '../ledger/ledger.ts'
import { remaining } from '../store.ts'
import { type TellDeps, tellMembers } from './tell.ts'

/** The name under which the rule of dues stands on the audit record. */
export const DUES_RULE = 'system:dues'

/**
 * Reactivates members that the rule suspended and that owe nothing late any more, at once, and notifies them. Under the lock of
 * `lockDues`, in the transaction of what they paid, or of the campaign that was withdrawn.
 * @param withdrawn the campaign, which nobody owes any more: its words are not those of a payment
 * @returns the members that get alerts again
 */
export async function restoreSettled(
  tx: Tx,
  deps: TellDeps,
  schemeId: string,
  memberIds: readonly string[],
  withdrawn?: { readonly year: number; readonly dueOn: string },
): Promise<string[]> {
  const day = today(deps)
  const of =
    withdrawn === undefined
      ? sql`(select year, due_on from dues d where d.scheme_id = s.scheme_id and d.member_id = s.member_id
          order by due_on < ${day}::date desc, year desc limit 1)`
      : sql`(select ${withdrawn.year}::int as year, ${withdrawn.dueOn}::date as due_on)`
  const { rows } = await sql<{ memberId: string; name: string; year: number; dueOn: string }>`
    select s.member_id, m.name, d.year, d.due_on from dues_suspensions s
    join members m on m.scheme_id = s.scheme_id and m.id = s.member_id and m.status = 'suspended'
    cross join lateral ${of} d
    where s.scheme_id = ${schemeId} and s.restored_at is null and s.member_id = any (${memberIds}::uuid[])
      and not exists (select from (${remaining(schemeId, memberIds)}) r
        where r.member_id = s.member_id and r.remaining_cents > 0 and r.due_on < ${day}::date)`.execute(tx)
  if (rows.length === 0) return []
  const back = rows.map(({ memberId }) => memberId)
  const at = deps.now()
  await lockMemberWrites(tx, schemeId)
  await changeStatus(tx, schemeId, back, { from: 'suspended', to: 'active', at })
  await sql`update dues_suspensions set restored_at = ${at}
    where scheme_id = ${schemeId} and member_id = any (${back}::uuid[]) and restored_at is null`.execute(tx)
  await tellMembers(
    tx,
    deps,
    schemeId,
    DUES_RULE,
    { sms: true },
    rows.map((row) => ({ ...row, kind: 'restored', amountCents: 0, isWithdrawn: withdrawn !== undefined })),
  )
  await recordAudits(
    tx,
    schemeId,
    rows.map(({ memberId, year }) => ({
      at,
      actor: DUES_RULE,
      action: 'dues.restore',
      subject: `member:${memberId}`,
      details: { year },
    })),
  )
  return back
}
