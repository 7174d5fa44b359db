import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestText } from '../alerts/audience/digest-text.ts'
import { followUpText } from '../alerts/follow-up/texts.ts'
import { linksIn } from '../guard/contacts.ts'
import { CODE_MINUTES, deriveCodeDigits } from '../identity/codes/codes.ts'
import { isStop } from '../members/opt-out/stop-words.ts'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import { CareSettings } from '../schemes/settings/care.ts'
import { composeText } from '../schemes/texts/compose.ts'
import { demandsIn } from '../schemes/texts/service-texts.ts'
import { formatMessage, type Lang } from './format.ts'

const root = join(import.meta.dirname, '..', '..')
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))
const page: Record<Lang, Record<string, string>> = {
  fr: json('web/messages/fr.json'),
  en: json('web/messages/en.json'),
}
const server: Record<Lang, Record<string, string>> = {
  fr: json('src/i18n/fr.json'),
  en: json('src/i18n/en.json'),
}

/** An SMS as a phone may show it. */
interface Text {
  readonly name: string
  readonly lang: Lang
  readonly text: string
  /** The key of a text of service. */
  readonly key?: string
}

const SENDER = 'ALERTCOM63'
const LINK = 'https://alerte.example/numero/x'
const CODE = '123456'
const PHONE = '04 73 43 43 43'

/** Keys of SMS to the forces and the prosecutor, who have to decide; the page speaks to members. */
const TO_OTHERS = /^(?:authorisation|on_call|zone)\.sms\./
/** A text of the scheme's own, refused as it is written when it breaks a promise (`serviceSmsRefusals`). */
const OWN_TEXT = /\.sms\.own$/

function serviceTexts(): Text[] {
  const sample = {
    ...{ scheme: 'Alerte Commerces 63', name: 'Tabac du Pont', shop: 'Tabac du Pont', sender: SENDER },
    ...{ code: CODE, minutes: CODE_MINUTES, year: '2026', day: '30/06/2026', amount: '40,00 €' },
    ...{ reason: 'métier', chamberPhone: PHONE, link: LINK },
  }
  return Object.keys(server.fr)
    .filter(
      (key) =>
        key.includes('.sms.') && !key.startsWith('own.') && !OWN_TEXT.test(key) && !TO_OTHERS.test(key),
    )
    .flatMap((key) =>
      (['fr', 'en'] as const).flatMap((lang) =>
        ['given', 'none'].map((why) => ({
          name: `${key} (${lang})`,
          ...{ key, lang },
          text: formatMessage(lang, key, { ...sample, why }),
        })),
      ),
    )
}

function alertTexts(): Text[] {
  const folder = join(root, 'src/schemes/ready-made')
  const values = {
    ...{
      lieu: 'à Billom',
      zone: 'autour de Billom',
      heure: '14h10',
      faits: 'deux hommes, une voiture bleue',
    },
    conseil: 'Ne pas intervenir, ne pas transférer SMS.',
  }
  const templates = readdirSync(folder).flatMap((file) =>
    json(`src/schemes/ready-made/${file}`).categories.map(
      ({ code, template }: { code: string; template: string }): Text => ({
        name: `${file} ${code}`,
        lang: 'fr',
        text: composeText(template, values),
      }),
    ),
  )
  const subject = { category: { labelFr: 'Faux billets' }, areaLabel: 'Issoire', placeWords: 'à Issoire' }
  const held = { event: 'Vol à Billom', reference: '63-26-0001', heldAt: new Date(0), closed: true }
  const fixed = [
    ...(['all_clear', 'closing', 'arrest', 'nothing', 'unknown'] as const).map((kind) =>
      followUpText(kind, { ...subject, reference: '63-26-0001' }),
    ),
    ...(['quiet', 'fatigue'] as const).map((reason) => digestText([{ ...held, reason }], METROPOLITAN_ZONE)),
    ...Object.values(CareSettings.parse({}).answers),
  ]
  return [...templates, ...fixed.map((text): Text => ({ name: text.slice(0, 30), lang: 'fr', text }))]
}

/** Keys of mails to the users of the console, and of the ends of mails. */
const MAIL_TO_OTHERS =
  /^mail\.(?:authorisation|setting_change|anchor|test|account|codes|handover|on_call|people|break_glass|zone)\b/

/** Returns the mails to members, in both languages. */
function memberMails(): Text[] {
  const sample: Readonly<Record<string, string | number>> = {
    ...{ scheme: 'Alerte Commerces 63', name: 'Tabac du Pont', chamber: 'CCI Puy-de-Dôme', sender: SENDER },
    ...{ code: CODE, minutes: CODE_MINUTES, year: 2026, day: '30/06/2026', amount: '40,00 €', version: 2 },
    ...{ reason: 'métier', person: 'Zoé Roux', end: '04', count: 2 },
  }
  const valuesOf = (text = '') =>
    Object.fromEntries([...text.matchAll(/\{(\w+)/g)].map(([, name = '']) => [name, sample[name] ?? 'none']))
  return Object.keys(server.fr)
    .filter((key) => /^mail\..*\.body$/.test(key) && !MAIL_TO_OTHERS.test(key))
    .flatMap((key) =>
      (['fr', 'en'] as const).map((lang) => ({
        name: `${key} (${lang})`,
        ...{ key, lang },
        text: formatMessage(lang, key, valuesOf(server[lang][key])),
      })),
    )
}

const texts = [...serviceTexts(), ...alertTexts()]
const ofKey = (key: string) => texts.filter((one) => one.key === key)

const YEARLY_QUESTION = 'number.sms.ask'
/** A number of at least six digits, or one in usual groups: what could be called, apart from dates. */
const CALLED =
  /(?:\+33|\b0)\s?\d(?:[\s.]?\d{2}){4}\b|\b(?:112|114|115|15|18)\b(?![/h:]|\s(?:min|days|jours))/g
const SHARE = /transf[ée]r(?:ez|er)|partag(?:ez|er)|faites suivre|diffusez|forward|share\b/giu
const NOT_TO = /(?:ne (?:les |le |pas )*|do not |don’t )$/iu
const ACT = /\b(?:intervenez|poursuivez|rattrapez|arrêtez-l|interpellez|chase|go after|intervene)\b/iu

interface Promise {
  /** The whole sentence of the page, in parts: what is promised, and the words between. */
  readonly fr: readonly string[]
  readonly en: readonly string[]
  /** Lists the texts that break it. */
  broken(): string[]
}

const named = (found: readonly Text[]) => found.map(({ name, text }) => `${name}: ${text}`)

/** The promises about SMS on the public page and its form, by key of the text. */
const PROMISES: Readonly<Record<string, Promise>> = {
  'join.is.sender': {
    fr: ['Envoyé sous le nom {sender}.'],
    en: ['Sent under the name {sender}.'],
    broken: () => sendersNotOfTheScheme(),
  },
  'join.approved': {
    fr: ['Votre commerce est inscrit.', 'Les alertes seront signées {sender}, au {phone}.'],
    en: ['Your business is enrolled.', 'Alerts will come from {sender}, to {phone}.'],
    broken: () => named(ofKey('enrolment.sms.approved').filter(({ text }) => !text.includes(SENDER))),
  },
  'join.sent.alerts': {
    fr: ['Les alertes seront ensuite signées {sender}.'],
    en: ['Alerts will then come from {sender}.'],
    broken: () => sendersNotOfTheScheme(),
  },
  'join.sent.sms': {
    fr: ['Un SMS au {phone} vous donnera la réponse.'],
    en: ['You will receive the answer by SMS on {phone}.'],
    broken: () =>
      ['approved', 'joined', 'refused'].filter((answer) => ofKey(`enrolment.sms.${answer}`).length === 0),
  },
  'join.not.money': {
    fr: [
      'Un démarchage\u00a0:',
      'aucun SMS ne demande de paiement',
      'ni de mot de passe,',
      'et aucun n’a de lien, sauf la question annuelle «\u00a0toujours ce numéro\u202f?\u00a0».',
    ],
    en: [
      'Marketing:',
      'no SMS asks for a payment',
      'or a password,',
      'and none contains a link, except the yearly question “still this number?”.',
    ],
    broken: () => [
      ...named(texts.filter(({ text }) => demandsIn(text).length > 0)),
      ...named(texts.filter(({ text, key }) => (key === YEARLY_QUESTION) !== text.includes(LINK))),
      ...named(texts.filter(({ text, key }) => key !== YEARLY_QUESTION && [...linksIn(text)].length > 0)),
      ...named(
        ofKey(YEARLY_QUESTION).filter(({ text }) => !/toujours ce numéro|still this number/.test(text)),
      ),
      // A code is typed on the page that asked for it, and told to nobody.
      ...named(
        texts.filter(
          ({ text }) => text.includes(CODE) && !/Ne le donnez à personne|Do not share it/.test(text),
        ),
      ),
    ],
  },
  'join.not.share': {
    fr: ['Une information à diffuser\u00a0:', 'les messages ne se transfèrent pas.'],
    en: ['News to share:', 'please do not forward the messages.'],
    broken: () =>
      named(
        texts.filter(({ text }) =>
          [...text.matchAll(SHARE)].some(({ index }) => !NOT_TO.test(text.slice(0, index))),
        ),
      ),
  },
  'join.not.act': {
    fr: ['Un ordre d’agir\u00a0:', 'n’intervenez pas, ne poursuivez personne.'],
    en: ['An instruction to act:', 'do not intervene or chase anyone.'],
    broken: () => named(texts.filter(({ text }) => ACT.test(text))),
  },
  'join.not.call': {
    fr: ['Un appel de secours\u00a0:', 'pour être secouru, appelez le 17.'],
    en: ['A call for help:', 'in an emergency, call 17.'],
    // The only other number to call is that of the chamber.
    broken: () =>
      named(
        texts.filter(({ text }) =>
          [...text.replaceAll(CODE, '').matchAll(CALLED)].some(([number]) => number !== PHONE),
        ),
      ),
  },
  'join.how.phone': {
    fr: ['Votre mobile, confirmé par un code reçu par SMS.'],
    en: ['Your mobile, confirmed by a code sent by SMS.'],
    broken: () => named(ofKey('enrolment.sms.code').filter(({ text }) => !text.includes(CODE))),
  },
  'join.code.how': {
    fr: ['6 chiffres, valables 10 minutes.'],
    en: ['6 digits, valid for 10 minutes.'],
    broken: () => [
      ...(/^\d{6}$/.test(deriveCodeDigits({ secret: { current: 'x'.repeat(40) } }, 'id')) ? [] : ['digits']),
      ...named(texts.filter(({ text }) => text.includes(CODE) && !text.includes('10 minutes'))),
    ],
  },
  'privacy.rights.stop': {
    fr: ['Répondre STOP au SMS, quand le numéro peut recevoir.'],
    en: ['Reply STOP to the SMS, where the number can receive replies.'],
    broken: () => [
      ...(isStop('STOP') ? [] : ['STOP is not read']),
      ...named(ofKey('opt_out.sms.confirmed').filter(({ text }) => !text.includes('STOP'))),
      ...(ofKey('opt_out.sms.confirmed').length === 0 ? ['no confirmation'] : []),
    ],
  },
}

/** Texts of the page that mention an SMS, a code or a message, and promise nothing of its content. */
const NO_PROMISE: Readonly<Record<string, string>> = {
  'join.lead': 'what the scheme is for',
  'join.is.alert': 'what the scheme is for; each scheme has its categories',
  'join.verify': 'leads to the check of an SMS',
  'join.phone': 'a label',
  'join.call': 'what to do before anything else, held by join.not.call',
  'join.call.why': 'the same',
  'join.code.sent': 'what the page just did, held by join.how.phone',
  'join.code': 'a label',
  'join.mail': 'a label',
}

/** Files that plan SMS, each with the sender that it gives. */
function sendersNotOfTheScheme(): string[] {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ name, text: readFileSync(join(root, 'src', name), 'utf8') }))
    .filter(({ text }) => /\bplanBroadcast\(tx/.test(text))
  expect(sources.length).toBeGreaterThan(5)
  // A sender that is written out would be another than the scheme's; a plan has one in any case, by its type.
  return sources.filter(({ text }) => /\bsender: ['"`]/.test(text)).map(({ name }) => name)
}

describe.each(Object.entries(PROMISES))('%s', (key, { fr, en, broken }) => {
  test('is the sentence of the page, each part of which is checked', () => {
    const said = (lang: Lang) => (page[lang][key] ?? server[lang][key] ?? '').replaceAll(/\s/g, ' ')
    expect(said('fr')).toBe(fr.join(' ').replaceAll(/\s/g, ' '))
    expect(said('en')).toBe(en.join(' '))
  })

  test('holds for every SMS to members', () => {
    expect(broken()).toEqual([])
  })
})

test('the public pages promise nothing else of SMS, and nothing of emails', () => {
  const shown = readdirSync(join(root, 'web/join'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tsx'))
    .flatMap((name) => [
      ...readFileSync(join(root, 'web/join', name), 'utf8').matchAll(/'((?:join|privacy)\.[\w.]+)'/g),
    ])
    .map(([, key]) => key ?? '')
  const notice = readFileSync(join(root, 'src/privacy/retention/notice.ts'), 'utf8')
  // The record of processing says what is stored and why; of what a member can do with an SMS, it says this.
  const rights = [...notice.matchAll(/'(privacy\.rights\.\w+)'/g)].map(([, key]) => key ?? '')
  const about = (key: string) =>
    /\bSMS\b|\bmessages?\b|courriel|\be-?mails?\b|adresse électronique|\bSTOP\b|\bliens?\b|\blinks?\b|\bcodes? (?:reçu|received)|\{sender\}|payment|appelez le|call 17/i.test(
      `${page.fr[key] ?? server.fr[key]} ${page.en[key] ?? server.en[key]}`,
    )
  const open = [...new Set([...shown, ...rights])].filter(
    (key) => about(key) && !(key in PROMISES) && !(key in NO_PROMISE),
  )
  expect(open).toEqual([])
  expect(texts.length).toBeGreaterThan(150)
})

/** The promises that a member reads as being about any message, and that mails keep too; they may have links and amounts. */
test('mails to members ask for no password, tell nobody to forward, act or call another number, and protect codes', () => {
  const mails = memberMails()
  expect(mails.length).toBeGreaterThan(45)
  const broken = mails.filter(
    ({ text }) =>
      /mot de passe|password/i.test(text) ||
      ACT.test(text) ||
      [...text.replaceAll(CODE, '').matchAll(CALLED)].length > 0 ||
      [...text.matchAll(SHARE)].some(({ index }) => !NOT_TO.test(text.slice(0, index))) ||
      (text.includes(CODE) && !/Ne le donnez à personne|Do not share it/.test(text)),
  )
  expect(named(broken)).toEqual([])
})
