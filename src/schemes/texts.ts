import type { Deps } from '../deps.ts'
import { AppError, refusalOf } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { readablePhone } from '../message/phone.ts'
import { type Actor, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { columnSettings } from './column-settings.ts'
import { SchemeContact, ServiceTexts, type ServiceTextsView } from './contract.ts'
import {
  NO_PHONE,
  SERVICE_SMS,
  type ServiceSms,
  serviceSmsRefusals,
  type WelcomeValues,
  welcomeMailRefusals,
} from './service-texts.ts'
import { findSchemeWithChamber } from './store.ts'

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
  const example = await inScheme(deps.db, schemeId, (tx) => readValues(tx, schemeId))
  return { texts, standard: standardTexts(), example }
}

/** Returns the standard texts as a scheme would write them. */
function standardTexts(): ServiceTexts {
  const names = { scheme: '{dispositif}', shop: '{commerce}', year: '{annee}', link: '{lien}' }
  return {
    welcome: standardWelcome(),
    welcomeMail: standardWelcomeMail(),
    duesCall: formatMessage('fr', 'dues.sms.call', names),
    duesReminder: formatMessage('fr', 'dues.sms.reminder', names),
    yearlyQuestion: formatMessage('fr', 'number.sms.ask', names),
    left: formatMessage('fr', 'portal.sms.left', names),
  }
}

/** Returns the standard welcome text as a scheme would write it. */
function standardWelcome(): string {
  return formatMessage('fr', 'change.sms.welcome', {
    scheme: '{dispositif}',
    shop: '{commerce}',
    chamberPhone: '{telephone}',
  })
}

function standardWelcomeMail(): string {
  return formatMessage('fr', 'mail.change.welcome.body', {
    scheme: '{dispositif}',
    chamber: '{chambre}',
    name: '{commerce}',
  })
}

/** @throws AppError with every problem */
async function requireValidTexts(texts: ServiceTexts, tx: Tx, schemeId: string): Promise<ServiceTexts> {
  const standard = standardTexts()
  const own = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      text === standard[name as keyof ServiceTexts] ? '' : text,
    ]),
  ) as ServiceTexts
  const { telephone, ...values } = await readValues(tx, schemeId)
  const problems = [
    ...(Object.keys(SERVICE_SMS) as ServiceSms[]).flatMap((kind) =>
      serviceSmsRefusals(kind, own[kind], { ...values, telephone: telephone || NO_PHONE }, kind),
    ),
    ...welcomeMailRefusals(own.welcomeMail, 'welcomeMail'),
  ]
  if (problems.length > 0) throw refusalOf(problems)
  return own
}

async function readValues(tx: Tx, schemeId: string): Promise<Omit<WelcomeValues, 'commerce'>> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const { phone } = SchemeContact.parse(scheme.contact).chamber
  return { dispositif: scheme.name, chambre: scheme.chamber, telephone: phone && readablePhone(phone) }
}
