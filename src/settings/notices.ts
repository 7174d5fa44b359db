import type { Deps } from '../deps.ts'
import { writeMessages } from '../outbox/actions.ts'
import { publicAddress } from '../platform/address.ts'
import type { Tx } from '../platform/db.ts'
import type { SettingSubject } from './rules.ts'
import type { Holder } from './store.ts'

/** Notifies accounts by mail of what happened to a change of settings, without its values; not the account that acted. */
export async function writeNotices(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>,
  schemeId: string,
  notice: {
    readonly what: 'proposed' | 'alone' | 'in_force' | 'rejected'
    readonly subject: SettingSubject
    readonly by: { readonly actor: string; readonly name: string }
    readonly reason: string
    readonly to: readonly Holder[]
  },
): Promise<void> {
  const { what, subject, by, reason } = notice
  const mails = new Set(
    notice.to.flatMap(({ actor, mail }) => (actor === by.actor || mail === null ? [] : [mail])),
  )
  if (mails.size === 0) return
  const scheme = await tx.selectFrom('schemes').select('name').where('id', '=', schemeId).executeTakeFirst()
  const link = publicAddress(deps.config, '/reglages?partie=changements')
  await writeMessages(tx, deps, schemeId, {
    mails: [...mails].map((to) => ({
      to,
      template: `mail.setting_change.${what}`,
      values: { scheme: scheme?.name ?? schemeId, subject, by: by.name, reason },
      link,
    })),
  })
}
