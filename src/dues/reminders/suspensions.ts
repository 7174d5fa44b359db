import { sql } from 'kysely'
import { recordAudits } from '../../audit/record.ts'
import { changeStatus, lockMemberWrites } from '../../members/store.ts'
import type { Tx } from '../../platform/db.ts'
import { today } from '../ledger/ledger.ts'
import { remainingDues } from '../store.ts'
import { type NotifyDeps, notifyMembers } from './notify.ts'

/** The actor name of the dues rule in the audit log. */
export const DUES_RULE = 'system:dues'

/**
 * Reactivates members that the rule suspended once they have no overdue amount, and notifies them. The caller holds
 * `lockDues`; it runs in the transaction of their payment or of the withdrawn campaign.
 * @param withdrawn the campaign that was withdrawn: the text then mentions no payment
 * @returns the members that were reactivated
 */
export async function reactivateSettledMembers(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  memberIds: readonly string[],
  withdrawn?: { readonly year: number; readonly dueOn: string },
): Promise<string[]> {
  const day = await today(tx, deps, schemeId)
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
      and not exists (select from (${remainingDues(schemeId, memberIds)}) r
        where r.member_id = s.member_id and r.remaining_cents > 0 and r.due_on < ${day}::date)`.execute(tx)
  if (rows.length === 0) return []
  const back = rows.map(({ memberId }) => memberId)
  const at = deps.now()
  await lockMemberWrites(tx, schemeId)
  await changeStatus(tx, schemeId, back, { from: 'suspended', to: 'active', at })
  await sql`update dues_suspensions set restored_at = ${at}
    where scheme_id = ${schemeId} and member_id = any (${back}::uuid[]) and restored_at is null`.execute(tx)
  await notifyMembers(tx, deps, schemeId, {
    by: DUES_RULE,
    settings: { sms: true },
    notices: rows.map((row) => ({
      ...row,
      kind: 'restored',
      amountCents: 0,
      isWithdrawn: withdrawn !== undefined,
    })),
  })
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
