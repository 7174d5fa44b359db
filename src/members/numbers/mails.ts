import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { writeMessages } from '../../outbox/actions.ts'
import { publicAddress } from '../../platform/address.ts'
import type { Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'

/**
 * Notifies the members of dead numbers by mail, at every address of their contacts, and records the time. A member without an
 * address is not marked as notified: the chamber sees it on its screen and calls.
 */
export async function mailMembersOfDeadNumbers(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>,
  schemeId: string,
  phones: readonly string[],
): Promise<void> {
  if (deps.mailer === undefined) return
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) return
  const { rows } = await sql<{ phone: string; name: string; mail: string }>`
    select distinct c.mobile as phone, m.name, a.mail
    from contacts c
    join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status = 'active'
    join contacts a on a.scheme_id = c.scheme_id and a.member_id = c.member_id and a.mail <> ''
    where c.scheme_id = ${schemeId} and c.sms and c.mobile = any (${phones}::text[])
    order by 1, 2, 3`.execute(tx)
  await writeMessages(tx, deps, schemeId, {
    mails: rows.map(({ phone, name, mail }) => ({
      to: mail,
      template: 'mail.number_dead',
      values: { scheme: scheme.name, chamber: scheme.chamber, name, end: phone.slice(-2) },
      link: publicAddress(deps.config, '/portail'),
    })),
  })
  await tx
    .updateTable('numberHealth')
    .set({ notifiedAt: deps.now() })
    .where('schemeId', '=', schemeId)
    .where('phone', 'in', [...new Set(rows.map(({ phone }) => phone)), ''])
    .execute()
}
