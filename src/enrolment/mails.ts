import type { Deps } from '../deps.ts'
import { composeMail } from '../i18n/mail.ts'
import { say } from '../i18n/say.ts'
import { writeMail } from '../identity/mails.ts'
import { certificateFacts, publicAddress } from '../members/papers/actions.ts'
import { drawCertificate } from '../members/papers/certificate.ts'
import { drawSticker } from '../members/papers/sticker.ts'
import type { MemberFields } from '../members/store.ts'
import type { Tx } from '../platform/db.ts'
import type { SchemeWithChamber } from '../schemes/store.ts'
import type { Charter } from './charter.ts'
import type { RefuseEnrolment } from './contract.ts'
import type { EnrolmentRow } from './store.ts'

// What comes by SMS too, with what an SMS has no room for: the charter, the papers, the words of the chamber.

type MailDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

const day = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'Europe/Paris' })
const PDF = 'application/pdf'

const namesOf = ({ name, chamber }: SchemeWithChamber) => ({ scheme: name, chamber })

/** The request arrived, with the charter as it was signed. */
export async function mailSubmitted(
  tx: Tx,
  deps: MailDeps,
  scheme: SchemeWithChamber,
  request: Pick<EnrolmentRow, 'name' | 'mail'>,
  signed: { readonly charter: Charter; readonly by: string; readonly at: Date },
): Promise<void> {
  const { charter, by, at } = signed
  const content = composeMail('fr', {
    key: 'mail.enrolment.submitted',
    values: {
      ...namesOf(scheme),
      name: request.name,
      version: charter.version,
      day: day.format(at),
      person: by,
    },
    annex: charter.text,
  })
  await writeMail(tx, deps, { schemeId: scheme.id, to: request.mail, content })
}

/**
 * The business is a member, with its certificate and the sticker. One that gets no alerts yet is told so, and gets no papers.
 * @param member as the approval left it
 */
export async function mailApproved(
  tx: Tx,
  deps: MailDeps,
  scheme: SchemeWithChamber,
  request: EnrolmentRow,
  member: Pick<MemberFields, 'id' | 'name' | 'siret' | 'address' | 'communeCode'> & {
    readonly getsAlerts: boolean
  },
): Promise<void> {
  if (deps.mailer === undefined || request.mail === null) return
  const { name } = request
  if (!member.getsAlerts) {
    const content = composeMail('fr', {
      key: 'mail.enrolment.joined',
      values: { ...namesOf(scheme), name },
      link: publicAddress(deps.config, `/dispositif/${scheme.id}`),
    })
    await writeMail(tx, deps, { schemeId: scheme.id, to: request.mail, content })
    return
  }
  const { createdAt: memberSince, commune } = await tx
    .selectFrom('members')
    .innerJoin('communes', 'communes.code', 'members.communeCode')
    .select(['members.createdAt', 'communes.name as commune'])
    .where('members.schemeId', '=', scheme.id)
    .where('members.id', '=', member.id)
    .executeTakeFirstOrThrow()
  const { id, siret, address } = member
  const facts = await certificateFacts(tx, deps, scheme.id, {
    ...{ id, siret, address, commune, memberSince },
    name: member.name,
  })
  const content = composeMail('fr', {
    key: 'mail.enrolment.approved',
    values: { ...namesOf(scheme), name, sender: scheme.sender },
    link: facts.link,
  })
  await writeMail(tx, deps, {
    schemeId: scheme.id,
    to: request.mail,
    content,
    attachments: [
      { name: 'attestation.pdf', type: PDF, content: await drawCertificate(facts) },
      { name: 'autocollant.pdf', type: PDF, content: await drawSticker(facts) },
    ],
  })
}

/** The request is not accepted, with why. */
export async function mailRefused(
  tx: Tx,
  deps: MailDeps,
  scheme: SchemeWithChamber,
  request: Pick<EnrolmentRow, 'name' | 'mail'>,
  { reason, note }: RefuseEnrolment,
): Promise<void> {
  const content = composeMail('fr', {
    key: 'mail.enrolment.refused',
    values: {
      ...namesOf(scheme),
      name: request.name,
      reason: say('fr', `enrolment.reason.${reason}`),
      note: note === '' ? 'none' : note,
    },
    link: publicAddress(deps.config, `/dispositif/${scheme.id}/inscription`),
  })
  await writeMail(tx, deps, { schemeId: scheme.id, to: request.mail, content })
}
