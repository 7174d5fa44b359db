import type { Deps } from '../deps.ts'
import { longDay } from '../i18n/day.ts'
import { formatMessage, inEachLang } from '../i18n/format.ts'
import { certificateFacts } from '../members/papers/actions.ts'
import { drawCertificate } from '../members/papers/certificate.ts'
import { drawSticker } from '../members/papers/sticker.ts'
import { type MemberFields, memberSince } from '../members/store.ts'
import { writeMail } from '../outbox/actions.ts'
import { publicAddress } from '../platform/address.ts'
import { findDay } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { SchemeWithChamber } from '../schemes/store.ts'
import type { Charter } from './charter.ts'
import type { RefuseEnrolment } from './contract.ts'
import type { EnrolmentRow } from './store.ts'

// These mails accompany an SMS and carry what does not fit in one: the charter, the papers, the chamber's note.

type MailDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

const PDF = 'application/pdf'

const schemeNames = ({ name, chamber }: SchemeWithChamber) => ({ scheme: name, chamber })

/** Confirms that the request arrived, with the charter as signed. */
export async function mailSubmitted(
  tx: Tx,
  deps: MailDeps,
  scheme: SchemeWithChamber,
  request: Pick<EnrolmentRow, 'name' | 'mail' | 'lang'>,
  signed: { readonly charter: Charter; readonly by: string; readonly at: Date },
): Promise<void> {
  const { charter, by, at } = signed
  const day = await findDay(tx, scheme.id, at)
  await writeMail(tx, deps, scheme.id, {
    to: request.mail,
    lang: request.lang,
    template: 'mail.enrolment.submitted',
    values: {
      ...schemeNames(scheme),
      name: request.name,
      version: charter.version,
      day: inEachLang((lang) => longDay(day, lang)),
      person: by,
    },
    annex: charter.text,
  })
}

/**
 * Confirms the membership, with certificate and sticker. A member without alerts yet is informed of that and gets no papers.
 * @param member its state after the approval
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
    await writeMail(tx, deps, scheme.id, {
      to: request.mail,
      lang: request.lang,
      template: 'mail.enrolment.joined',
      values: { ...schemeNames(scheme), name },
      link: publicAddress(deps.config, `/dispositif/${scheme.id}`),
    })
    return
  }
  const found = await tx
    .selectFrom('members as m')
    .innerJoin('communes', 'communes.code', 'm.communeCode')
    .select(['communes.name as commune', memberSince(scheme.id).as('memberSince')])
    .where('m.schemeId', '=', scheme.id)
    .where('m.id', '=', member.id)
    .executeTakeFirstOrThrow()
  const { id, siret, address } = member
  const facts = await certificateFacts(tx, deps, scheme.id, {
    ...{ id, siret, address, ...found },
    name: member.name,
    lang: request.lang ?? 'fr',
  })
  const sticker = await drawSticker({
    ...facts,
    lang: request.lang ?? 'fr',
    space: publicAddress(deps.config, '/portail'),
  })
  await writeMail(tx, deps, scheme.id, {
    to: request.mail,
    lang: request.lang,
    template: 'mail.enrolment.approved',
    values: { ...schemeNames(scheme), name, sender: scheme.sender },
    link: facts.link,
    attachments: [
      { name: 'attestation.pdf', type: PDF, content: await drawCertificate(facts) },
      { name: 'autocollant.pdf', type: PDF, content: sticker },
    ],
  })
}

/** Reports the refusal and its reason. */
export async function mailRefused(
  tx: Tx,
  deps: MailDeps,
  scheme: SchemeWithChamber,
  request: Pick<EnrolmentRow, 'name' | 'mail' | 'lang'>,
  { reason, note }: RefuseEnrolment,
): Promise<void> {
  await writeMail(tx, deps, scheme.id, {
    to: request.mail,
    lang: request.lang,
    template: 'mail.enrolment.refused',
    values: {
      ...schemeNames(scheme),
      name: request.name,
      reason: inEachLang((lang) => formatMessage(lang, `enrolment.reason.${reason}`)),
      note: note === '' ? 'none' : note,
    },
    link: publicAddress(deps.config, `/dispositif/${scheme.id}/inscription`),
  })
}
