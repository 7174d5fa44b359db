import { expect, test } from 'vitest'
import { formatMessage } from '../i18n/format.ts'
import { SERVICE_SMS, type ServiceSms, serviceSmsRefusals } from './service-texts.ts'

const values = { dispositif: 'Alerte Commerces 63', chambre: 'CCI Puy-de-Dôme', telephone: '04 73 43 43 43' }
const refusals = (kind: ServiceSms, text: string) =>
  serviceSmsRefusals(kind, text, values, kind).map(({ code }) => code)

test('accepts the standard texts as those of a scheme', () => {
  const names = { scheme: '{dispositif}', shop: '{commerce}', year: '{annee}', link: '{lien}' }
  const standard = {
    welcome: formatMessage('fr', 'change.sms.welcome', { ...names, chamberPhone: '{telephone}' }),
    duesCall: formatMessage('fr', 'dues.sms.call', names),
    duesReminder: formatMessage('fr', 'dues.sms.reminder', names),
    yearlyQuestion: formatMessage('fr', 'number.sms.ask', names),
    left: formatMessage('fr', 'portal.sms.left', names),
  } satisfies Record<ServiceSms, string>
  for (const [kind, text] of Object.entries(standard))
    expect(refusals(kind as ServiceSms, text), kind).toEqual([])
})

test.each(Object.keys(SERVICE_SMS) as ServiceSms[])(
  'keeps the promises of the public page for %s',
  (kind) => {
    const { required, says = '' } = { says: '', ...SERVICE_SMS[kind] }
    const text = `${required.map((name) => `{${name}}`).join(' ')} ${says}`
    expect(refusals(kind, text)).toEqual([])
    expect(refusals(kind, '')).toEqual([])
    expect(refusals(kind, `${text} Voir www.exemple.fr`)).toEqual(['service_text.link'])
    expect(refusals(kind, `${text} Merci de payer`)).toEqual(['service_text.asks'])
    expect(refusals(kind, `${text} Donnez votre mot de passe`)).toContain('service_text.asks')
    expect(refusals(kind, `${text} {montant}`)).toEqual(['service_text.unknown_variable'])
    expect(refusals(kind, text.replace(`{${required[0]}}`, ''))).toEqual(['service_text.missing'])
    expect(refusals(kind, `${text} \u{1F600}`)).toContain('service_text.rare')
    expect(refusals(kind, `${text} ${'mot '.repeat(140)}`)).toContain('service_text.long')
  },
)

test('keeps the words that the public page quotes in the only SMS with a link', () => {
  expect(refusals('yearlyQuestion', '{dispositif} : ce numéro ? {lien}')).toEqual(['service_text.says'])
  expect(refusals('left', '{dispositif} {commerce} {lien}')).toEqual(['service_text.unknown_variable'])
})
