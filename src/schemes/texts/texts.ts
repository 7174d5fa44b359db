import type { Deps } from '../../deps.ts'
import { AppError, refusalOf } from '../../errors.ts'
import { longDay } from '../../i18n/day.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { signedContact, standardWords } from '../../i18n/mail.ts'
import { MEMBER_MAIL_NAMES, MEMBER_MAILS, type MemberMail } from '../../i18n/member-mails.ts'
import { formatEuros } from '../../message/money.ts'
import { readablePhone } from '../../message/phone.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { type MailTexts, SchemeContact, ServiceTexts, type ServiceTextsView } from '../contract.ts'
import { columnSettings } from '../settings/column-settings.ts'
import { findSchemeWithChamber } from '../store.ts'
import {
  mailRefusals,
  NO_PHONE,
  SERVICE_SMS,
  type ServiceSms,
  serviceSmsRefusals,
  type WelcomeValues,
} from './service-texts.ts'

/** The fee and the day of the sample values of a preview. */
const SAMPLE_CENTS = 4000
const SAMPLE_DAY = '2026-06-30'

const stored = columnSettings({
  subject: 'texts',
  action: 'texts.set',
  parse: (value) => ServiceTexts.parse(value),
  check: requireValidTexts,
})

/** Texts of service that a scheme writes in place of the standard ones; for messages written from then on. */
export const { set: setServiceTexts, writer: textsSettingWriter } = stored

/** Returns the texts of a scheme, the standard ones, and values for an example. @throws AppError `unknown_scheme` */
export async function getServiceTexts(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<ServiceTextsView> {
  authorize(actor, 'doctrine.set', schemeId)
  const texts = await stored.get(deps, actor, schemeId)
  const { contact, ...example } = await inScheme(deps.db, schemeId, (tx) => readValues(tx, schemeId))
  const preview = (lang: Lang) => mailPreview(lang, { ...example, contact })
  const mails = { fr: preview('fr'), en: preview('en') }
  return { texts, standard: standardTexts(), example, mails }
}

/** Returns the standard texts as a scheme would write them. */
function standardTexts(): ServiceTexts {
  const names = { scheme: '{dispositif}', shop: '{commerce}', year: '{annee}', link: '{lien}' }
  return {
    welcome: standardWelcome(),
    duesCall: formatMessage('fr', 'dues.sms.call', names),
    duesReminder: formatMessage('fr', 'dues.sms.reminder', names),
    yearlyQuestion: formatMessage('fr', 'number.sms.ask', names),
    left: formatMessage('fr', 'portal.sms.left', names),
    ...eachMail((mail) => ({ fr: standardWords('fr', mail), en: standardWords('en', mail) })),
  }
}

/** Returns the texts of every mail. */
function eachMail(textsOf: (mail: MemberMail) => MailTexts): Record<MemberMail, MailTexts> {
  return Object.fromEntries(MEMBER_MAIL_NAMES.map((mail) => [mail, textsOf(mail)])) as Record<
    MemberMail,
    MailTexts
  >
}

/** Returns the standard welcome text as a scheme would write it. */
function standardWelcome(): string {
  return formatMessage('fr', 'change.sms.welcome', {
    scheme: '{dispositif}',
    shop: '{commerce}',
    chamberPhone: '{telephone}',
  })
}

/** Returns what a preview of a mail shows besides its words. */
function mailPreview(
  lang: Lang,
  { dispositif, chambre, contact }: SchemeValues,
): ServiceTextsView['mails'][Lang] {
  const actions = MEMBER_MAIL_NAMES.flatMap((mail) => {
    const key = `${MEMBER_MAILS[mail].key}.action`
    const label = formatMessage(lang, key)
    return label === key ? [] : [[mail, label]]
  })
  return {
    actions: Object.fromEntries(actions),
    signature: formatMessage(lang, 'mail.signature', {
      scheme: dispositif,
      chamber: chambre,
      ...signedContact(contact),
    }),
    values: {
      montant: formatEuros(SAMPLE_CENTS, lang),
      echeance: longDay(SAMPLE_DAY, lang),
      jour: longDay(SAMPLE_DAY, lang),
      annee: SAMPLE_DAY.slice(0, 4),
      motif: formatMessage(lang, 'enrolment.reason.trade'),
      precision: formatMessage(lang, 'service_text.sample_note'),
      personne: 'Camille Durand',
      version: '2',
      fin: '34',
    },
  }
}

/** @throws AppError with every problem */
async function requireValidTexts(texts: ServiceTexts, tx: Tx, schemeId: string): Promise<ServiceTexts> {
  const standard = standardTexts()
  const own = withoutStandard(texts, standard)
  const { telephone, contact: _, ...values } = await readValues(tx, schemeId)
  const problems = [
    ...(Object.keys(SERVICE_SMS) as ServiceSms[]).flatMap((kind) =>
      serviceSmsRefusals(kind, own[kind], { ...values, telephone: telephone || NO_PHONE }, kind),
    ),
    ...MEMBER_MAIL_NAMES.flatMap((mail) =>
      (['fr', 'en'] as const).flatMap((lang) => mailRefusals(mail, own[mail][lang], `${mail}.${lang}`)),
    ),
  ]
  if (problems.length > 0) throw refusalOf(problems)
  return own
}

/** Empties what is the standard text, so that it stays the standard one of later releases. */
function withoutStandard<T>(texts: T, standard: T): T {
  if (typeof texts !== 'object' || texts === null) return texts === standard ? ('' as T) : texts
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, withoutStandard(text, standard[name as keyof T])]),
  ) as T
}

type SchemeValues = Omit<WelcomeValues, 'commerce'> & { readonly contact: SchemeContact }

async function readValues(tx: Tx, schemeId: string): Promise<SchemeValues> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const contact = SchemeContact.parse(scheme.contact)
  const { phone } = contact.chamber
  return {
    dispositif: scheme.name,
    chambre: scheme.chamber,
    telephone: phone && readablePhone(phone),
    contact,
  }
}
