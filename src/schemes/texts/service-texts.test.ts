import { describe, expect, test } from 'vitest'
import { formatMessage } from '../../i18n/format.ts'
import { standardWords } from '../../i18n/mail.ts'
import { type MailRules, MEMBER_MAIL_NAMES, MEMBER_MAILS } from '../../i18n/member-mails.ts'
import { mailRefusals, SERVICE_SMS, type ServiceSms, serviceSmsRefusals } from './service-texts.ts'

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

const DUES = '{dispositif} {commerce}'

test.each([
  'ｗｗｗ．exemple．ｆｒ',
  'exemple․fr',
  'exem\u00adple.f\u200br',
  '{commerce}.fr',
  'hxxp://a',
  '192.168.1.1/x',
  'cci63.paris',
  '...exemple.shop- vite',
  'exemple.xn--p1ai',
])('refuses what a phone makes a link of: %s', (link) => {
  expect(refusals('duesCall', `${DUES} ${link}`)).toEqual(['service_text.link'])
  expect(
    mailRefusals('welcomeMail', { subject: '', body: `{dispositif} {chambre} ${link}` }, 'm'),
  ).toMatchObject([{ code: 'mail_text.link', path: 'm.body' }])
})

test.each([
  'ｐａｙｅｚ',
  're\u0301glez vite',
  'pay\u200bez',
  'impayé',
  'reste à recevoir 2026',
  'paiement attendu sous 8 jours',
  'vous devez 50 euros',
  'vous devez encore une cotisation',
  'règlement attendu, cheque',
  'paye',
  'Payons',
  'virements',
  'IBAN FR76 3000 4000 5000',
  'FR76 3000 4000 5000 6000',
  'envoyez\nvotre code',
  '40 €',
  'la somme due à la chambre',
  'le montant dû',
  'Please pay',
  'you owe us',
  'owed',
  'payment due',
  'overdue',
  'send us a cheque',
  'reply with your code',
  'your password',
])('refuses what asks for money or a secret: %s', (asks) => {
  const found = refusals('duesReminder', `${DUES} ${asks}`)
  expect(new Set(found)).toEqual(new Set(['service_text.asks']))
})

test.each(['0899 12 34 56', '08.99.12.34.56', '+33 8 99 12 34 56'])(
  'refuses a number in 08: %s',
  (number) => {
    expect(refusals('duesCall', `${DUES} ${number}`)).toEqual(['service_text.premium'])
  },
)

test.each([
  'Un avis attend dans votre espace (adresse sur l’autocollant). Votre chambre reste à votre écoute.',
  'La cotisation {annee} de ce pays : appelez le 04.73.43.43.43 du lundi au vendredi, ou écrivez à contact@puy.cci.fr.',
  'Vous devez appeler le 17 ; alerte due à un vol, c’est réglé.',
  'Le détail de l’appel, conforme au règlement intérieur, est dans votre espace… Merci.',
])('accepts %s', (text) => {
  expect(refusals('duesCall', `${DUES} ${text}`)).toEqual([])
  const body = `{chambre} {dispositif} ${text.replace('{annee}', '')}`
  expect(mailRefusals('welcomeMail', { subject: '', body }, 'm')).toEqual([])
})

test.each(['{lien}/autre', 'x{lien}', 'x\ufeff{lien}', '{lien} {lien}', '{lien}.'])(
  'refuses a link that leads elsewhere: %s',
  (link) => {
    const found = refusals('yearlyQuestion', `{dispositif} : toujours ce numéro ? ${link}`)
    expect(found).toContain('service_text.link_broken')
  },
)

test('reads the quoted words however they are typed, and names a character that SMS lack', () => {
  const typed = '{dispositif} : toujours\u00a0ce nume\u0301ro ? {lien}'
  expect(refusals('yearlyQuestion', typed)).toEqual([])
  expect(serviceSmsRefusals('left', `${DUES} 👩🏽‍🌾 и é 👩🏽‍🌾`, values, 'left')).toEqual([
    { code: 'service_text.rare', path: 'left', values: { characters: '👩🏽‍🌾 и' } },
  ])
})

test('keeps the words that the public page quotes in the only SMS with a link', () => {
  expect(refusals('yearlyQuestion', '{dispositif} : ce numéro ? {lien}')).toEqual(['service_text.says'])
  expect(refusals('left', '{dispositif} {commerce} {lien}')).toEqual(['service_text.unknown_variable'])
})

describe.each(MEMBER_MAIL_NAMES)('%s', (mail) => {
  const { required, isAboutMoney = false }: MailRules = MEMBER_MAILS[mail]
  const all = `Bonjour ${required.map((name) => `{${name}}`).join(' ')}`
  const found = (body: string, subject = '') =>
    mailRefusals(mail, { subject, body }, mail).map(({ code, path }) => `${path} ${code}`)

  test.each(['fr', 'en'] as const)('accepts the standard words in %s, with every variable filled', (lang) => {
    const { subject, body } = standardWords(lang, mail)
    expect(found(body, subject)).toEqual([])
    for (const words of [subject, body]) expect(words).not.toMatch(/\{(?!\w+\})|none|undefined/)
  })

  test('refuses a link, a sum, an account, a secret, and what nothing fills', () => {
    expect(found(all, '{dispositif}')).toEqual([])
    expect(found(`${all} www.exemple.fr`)).toEqual([`${mail}.body mail_text.link`])
    expect(found(all, '{dispositif} exemple.fr')).toEqual([`${mail}.subject mail_text.link`])
    expect(found(`${all} 0899 12 34 56`)).toEqual([`${mail}.body service_text.premium`])
    expect(found(`${all} 45 €`)).toContain(`${mail}.body mail_text.sum`)
    expect(found(`${all} FR76 3000 4000 5000 6000`)).toContain(`${mail}.body mail_text.sum`)
    expect(found(`${all} Donnez votre mot de passe`)).toEqual([`${mail}.body mail_text.asks`])
    expect(found(`${all} {inconnu}`)).toEqual([`${mail}.body service_text.unknown_variable`])
    expect(found(all.replace(`{${required[0]}}`, ''))).toEqual([`${mail}.body service_text.missing`])
    expect(found(all, 'Bonjour')).toEqual([`${mail}.subject service_text.missing`])
  })

  test('asks to pay only where it is about dues', () => {
    expect(found(`${all} Merci de payer`)).toEqual(isAboutMoney ? [] : [`${mail}.body mail_text.asks`])
  })
})
