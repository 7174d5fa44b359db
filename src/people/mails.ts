import type { Deps } from '../deps.ts'
import { invitationCause, TOKEN_PLACE } from '../identity/invitations.ts'
import { leaveMail, writeMail } from '../outbox/actions.ts'
import type { MailMessage } from '../outbox/contract.ts'
import type { Role } from '../permissions.ts'
import { publicAddress } from '../platform/address.ts'
import type { Tx } from '../platform/db.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { listHolders, type PersonRow } from './store.ts'

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
  await queueMail(tx, deps, schemeId, {
    to: person.mail,
    template: purpose === 'invite' ? 'mail.people.invite' : 'mail.people.recover',
    values: { name: person.name, by, role, agency: agency ?? 'none' },
    link: invitationLink(deps, TOKEN_PLACE),
    cause: invitationCause(id),
  })
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
  await queueMail(tx, deps, schemeId, {
    to: person.mail,
    template: 'mail.people.role',
    values: { name: person.name, act, by, role, agency: agency ?? 'none' },
    link: publicAddress(deps.config, '/'),
  })
}

/** Notifies the other active holders of a role of what was done to one of its holders. */
export async function mailHolders(
  tx: Tx,
  deps: MailDeps,
  schemeId: string,
  of: {
    readonly person: Pick<PersonRow, 'id' | 'name' | 'mail'>
    readonly act: 'invite' | 'change' | 'recover'
    readonly by: string
    readonly role: Role
  },
): Promise<void> {
  const { person, act, by, role } = of
  for (const holder of await listHolders(tx, { schemeId, role })) {
    if (holder.id === person.id) continue
    await queueMail(tx, deps, schemeId, {
      to: holder.mail,
      template: 'mail.people.notice',
      values: { person: person.name, mail: person.mail, act, by, role },
      link: publicAddress(deps.config, '/reglages?partie=personnes'),
    })
  }
}

async function queueMail(
  tx: Tx,
  deps: MailDeps,
  schemeId: string,
  mail: Omit<MailMessage, 'attachments' | 'code'>,
): Promise<void> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const named = {
    ...mail,
    values: { ...mail.values, scheme: scheme?.name ?? schemeId, chamber: scheme?.chamber ?? schemeId },
  }
  if (deps.mailer !== undefined) await writeMail(tx, deps, schemeId, named)
  else if (deps.config.mail !== undefined) await leaveMail(tx, deps, schemeId, named)
}
