import { NO_SCHEME } from '../audit/chain.ts'
import type { Deps } from '../deps.ts'
import { ABOVE_OPERATOR } from '../identity/account-acts.ts'
import { invitationCause, TOKEN_PLACE } from '../identity/invitations.ts'
import { leaveMails, writeMessages } from '../outbox/actions.ts'
import type { MailMessage } from '../outbox/contract.ts'
import type { Grant, Role } from '../permissions.ts'
import { publicAddress } from '../platform/address.ts'
import type { Tx } from '../platform/db.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { rolesAboveOperator } from './roles/rights.ts'
import { listAdministrators, listHolders, type PersonRow } from './store.ts'

export type MailDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

/** Returns whether this installation sends mail. A command has no mail server of its own, but its settings name one. */
export function sendsMail({ mailer, config }: Pick<Deps, 'mailer' | 'config'>): boolean {
  return mailer !== undefined || config.mail !== undefined
}

/** The page on which the holder of an account sets a password. The token is in the part that browsers keep to themselves. */
export function invitationLink(deps: Pick<Deps, 'config'>, token: string): string {
  return publicAddress(deps.config, `/invitation#${token}`)
}

/** Mails the link of an invitation or recovery. */
export async function mailLink(
  tx: Tx,
  deps: MailDeps,
  schemeId: string,
  of: {
    readonly id: string
    readonly person: Pick<PersonRow, 'name' | 'mail'>
    readonly purpose: 'invite' | 'recover'
    readonly by: string
    readonly role: Role
    readonly agency: string | null
  },
): Promise<void> {
  const { id, person, purpose, by, role, agency } = of
  await queueMails(tx, deps, schemeId, [
    {
      to: person.mail,
      template: purpose === 'invite' ? 'mail.people.invite' : 'mail.people.recover',
      values: { name: person.name, by, role, agency: agency ?? 'none' },
      link: invitationLink(deps, TOKEN_PLACE),
      cause: invitationCause(id),
    },
  ])
}

/** Notifies the holder of an account of a role that was given, replaced or removed. */
export async function mailRole(
  tx: Tx,
  deps: MailDeps,
  schemeId: string,
  of: {
    readonly person: Pick<PersonRow, 'name' | 'mail'>
    readonly act: 'added' | 'changed' | 'removed'
    readonly by: string
    readonly role: Role
    readonly agency: string | null
  },
): Promise<void> {
  const { person, act, by, role, agency } = of
  await queueMails(tx, deps, schemeId, [
    {
      to: person.mail,
      template: 'mail.people.role',
      values: { name: person.name, act, by, role, agency: agency ?? 'none' },
      link: publicAddress(deps.config, '/'),
    },
  ])
}

/** An act of which the other holders of a role are notified. */
export type NoticedAct = 'invite' | 'invite_again' | 'change' | 'remove' | 'disable' | 'enable' | 'recover'

/**
 * Notifies the other active holders of the roles above operator of what was done to an account that has or had them: one mail a
 * holder and scheme. A closed account or removed role is reported to everybody who decides in the scheme, to the administrators of the
 * platform and to its holder: it may leave nobody else who would hear of it.
 */
export async function mailHolders(
  tx: Tx,
  deps: MailDeps,
  of: {
    readonly person: Pick<PersonRow, 'id' | 'name' | 'mail' | 'waits'>
    readonly act: NoticedAct
    readonly by: string
    readonly grants: readonly Pick<Grant, 'schemeId' | 'role'>[]
  },
): Promise<void> {
  const { person, act, by, grants } = of
  for (const schemeId of new Set(grants.map((grant) => grant.schemeId))) {
    const own = grants.filter((grant) => grant.schemeId === schemeId).map(({ role }) => role)
    if (rolesAboveOperator(own).length === 0) continue
    if (schemeId === NO_SCHEME) {
      await mailAdministrators(tx, deps, { person, act, by })
      continue
    }
    const noticed =
      act === 'disable' || act === 'remove'
        ? await listNoticedOfLoss(tx, schemeId, rolesAboveOperator(own))
        : await listHolders(tx, { schemeId, roles: rolesAboveOperator(own) })
    const others = new Map(noticed.flatMap((one) => (one.id === person.id ? [] : [[one.mail, one.role]])))
    // The holder of a role that was removed gets a mail of that.
    if (act === 'disable' && person.waits !== 'invite')
      for (const role of rolesAboveOperator(own)) others.set(person.mail, role)
    const mails = [...others].map(([to, role]) => ({
      to,
      template: 'mail.people.notice' as const,
      values: { person: person.name, mail: person.mail, act, by, role },
      link: publicAddress(deps.config, '/reglages?partie=personnes'),
    }))
    await queueMails(tx, deps, schemeId, mails)
  }
}

/** Lists who is notified of a closed account or removed roles, each with the role that the mail names. */
async function listNoticedOfLoss(
  tx: Tx,
  schemeId: string,
  lost: readonly Role[],
): Promise<{ id: string; mail: string; role: Role }[]> {
  const [first] = lost
  if (first === undefined) return []
  const deciders = await listHolders(tx, { schemeId, roles: ABOVE_OPERATOR })
  const roleOf = (role: Role) => (lost.includes(role) ? role : first)
  // Last, so that a role in common is the one that is named.
  const named = deciders.toSorted(
    (one, other) => Number(lost.includes(one.role)) - Number(lost.includes(other.role)),
  )
  return [
    ...(await listAdministrators(tx)).map(({ id, mail }) => ({ id, mail, role: first })),
    ...named.map((one) => ({ ...one, role: roleOf(one.role) })),
  ]
}

/** Notifies the other administrators of the platform of what was done to the account of one. */
async function mailAdministrators(
  tx: Tx,
  deps: MailDeps,
  { person, act, by }: Pick<Parameters<typeof mailHolders>[2], 'person' | 'act' | 'by'>,
): Promise<void> {
  const others = (await listAdministrators(tx)).filter(({ id }) => id !== person.id)
  for (const { mail: to, schemeId } of others) {
    if (schemeId === null) continue
    const values = { person: person.name, mail: person.mail, act, by }
    const link = publicAddress(deps.config, '/audit-installation')
    await queueMails(tx, deps, schemeId, [{ to, template: 'mail.people.admin', values, link }])
  }
}

/** Queues mails of a scheme at once, with its name and that of its chamber; none without a mail server. */
export async function queueMails(
  tx: Tx,
  deps: MailDeps,
  schemeId: string,
  mails: readonly Omit<MailMessage, 'attachments' | 'code'>[],
): Promise<void> {
  if (mails.length === 0 || !sendsMail(deps)) return
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const known = { scheme: scheme?.name ?? schemeId, chamber: scheme?.chamber ?? schemeId }
  const named = mails.map((mail) => ({ ...mail, values: { ...mail.values, ...known } }))
  if (deps.mailer === undefined) await leaveMails(tx, deps, schemeId, named)
  else await writeMessages(tx, deps, schemeId, { mails: named })
}
