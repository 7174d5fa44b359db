import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestText } from '../alerts/audience/digest-text.ts'
import { followUpText } from '../alerts/follow-up/texts.ts'
import { linksIn } from '../guard/contacts.ts'
import { nameInSms } from '../members/rules.ts'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import { segmentMessage } from '../message/segment.ts'
import { refusalRefusals } from '../reports/rules.ts'
import { CareSettings } from '../schemes/settings/care.ts'
import { NAME_IN_SMS } from '../schemes/texts/service-texts.ts'
import en from './en.json' with { type: 'json' }
import { formatMessage } from './format.ts'
import fr from './fr.json' with { type: 'json' }

const texts: Record<'fr' | 'en', Record<string, string>> = { fr, en }
const src = join(import.meta.dirname, '..')

/** The only SMS to members with a link, as the public page of a scheme states. */
const YEARLY_QUESTION = 'number.sms.ask'
/** Keys of SMS to the forces and the prosecutor, who have to decide: with a link to the page, which asks who they are. */
const TO_DECIDE: readonly string[] = [
  'authorisation.sms.denied',
  'authorisation.sms.used',
  'on_call.sms.approval',
  'on_call.sms.authorisation',
  'on_call.sms.review',
  'zone.sms.sent',
]
/** Demands of money. Money already paid, collected by debit or waived may be mentioned. */
const DEMANDS =
  /\b(?:pay(?:er|ez|e)|r[ée]gl(?:er|ez)|vers(?:er|ez)|virement|reste à|impayée?s?|pay|unpaid|owe|transfer money|overdue)\b/iu

/** Signs that have another one with the same meaning in an SMS: apostrophes, quotes, no-break spaces. */
const SAME_MEANING = /[’«»\u00a0\u202f]/g

/**
 * Returns the letters of a text that an SMS in the alphabet of GSM 03.38 replaces by others: "reçoit" would read "recoit". It has
 * é è à ù ì ò but no ç, no circumflex and no diaeresis; texts use other words.
 */
function lettersLost(text: string): string[] {
  const lost = [...text.replace(SAME_MEANING, '')].filter(
    (letter) => segmentMessage(letter).encoding === 'UCS-2',
  )
  return [...new Set(lost)]
}

test('the texts of alerts that are sent by themselves are readable as phones show them', () => {
  const alert = { category: { labelFr: 'Vol' }, placeWords: 'à Billom', reference: '63-26-0001' }
  const held = { reference: '63-26-0001', event: 'Vol à Billom', heldAt: new Date(0), closed: true }
  const all = [
    ...(['all_clear', 'closing', 'arrest', 'nothing', 'unknown'] as const).map((kind) =>
      followUpText(kind, alert),
    ),
    ...(['quiet', 'fatigue'] as const).flatMap((reason) => [
      digestText([{ ...held, reason }], METROPOLITAN_ZONE),
      digestText(
        [
          { ...held, reason },
          { ...held, reason: 'quiet' },
        ],
        METROPOLITAN_ZONE,
      ),
    ]),
  ]
  expect(all.flatMap(lettersLost)).toEqual([])
  expect(lettersLost('Il reçoit même l’été')).toEqual(['ç', 'ê'])
})

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }))

/** Files that queue an SMS of service for a member, except the two functions that pass it on. */
const senders = sources.filter(
  ({ name, text }) =>
    /\b(?:writeSms|writeMessages|requestCode)\(/.test(text) &&
    /\.sms\./.test(text) &&
    name.replaceAll('\\', '/') !== 'outbox/actions.ts',
)

/** The keys of texts of SMS: quoted, or composed from a kind. */
const keysIn = (text: string) =>
  [...text.matchAll(/'([\w.]+\.sms\.\w+)'|`([\w.]+\.sms\.[^`]+)`/g)].map(
    ([, plain, made]) => plain ?? made ?? '',
  )

/** Lists every text that one of these keys may be: for a key composed from a kind, all texts with its prefix. */
function expand(key: string): string[] {
  const at = key.indexOf('${')
  return at < 0 ? [key] : Object.keys(fr).filter((known) => known.startsWith(key.slice(0, at)))
}

const sent = [...new Set(senders.flatMap(({ text }) => keysIn(text)).flatMap(expand))].filter((key) =>
  key.includes('.sms.'),
)

test('every SMS of service is a text of the message files whose key says so, and each of those is sent', () => {
  expect(senders.length).toBeGreaterThan(8)
  for (const { name, text } of senders) {
    const calls = [...text.matchAll(/\b(?:writeSms|requestCode)\(\s*tx/g)].length
    expect(keysIn(text).length, name).toBeGreaterThanOrEqual(calls)
  }
  expect(sent.toSorted()).toEqual(
    Object.keys(fr)
      .filter((key) => key.includes('.sms.') && !key.startsWith('own.'))
      .toSorted(),
  )
})

describe.each(sent)('%s', (key) => {
  test.each(['fr', 'en'] as const)('is readable as phones show it, in %s', (lang) => {
    expect(lettersLost(texts[lang][key] ?? '')).toEqual([])
  })

  test.each(['fr', 'en'] as const)('has no link and asks for no money, in %s', (lang) => {
    const text = texts[lang][key] ?? ''
    if (key === YEARLY_QUESTION || TO_DECIDE.includes(key)) expect(text).toContain('{link}')
    else {
      expect(text).not.toMatch(/\{(?:link|url)\}/)
      expect([...linksIn(text)]).toEqual([])
    }
    expect(text).not.toMatch(DEMANDS)
  })
})

/** Values in texts that the scheme, its chamber or the program writes. */
const OWN_VALUES = [
  ...[
    'scheme',
    'sender',
    'code',
    'minutes',
    'link',
    'year',
    'day',
    'amount',
    'reason',
    'why',
    'chamberPhone',
    'text',
  ],
]
/** Values in texts that a member writes: the name of a shop. */
const MEMBER_VALUES = ['name', 'shop']
/** Values in texts to those who decide: of the alert that an operator wrote, of accounts, and choices of the program. */
const DECISION_VALUES = ['about', 'again', 'by', 'exercise', 'left', 'magistrate', 'reference']
const HOSTILE = 'la Police. Validez : evil.example ou 08 99 12 34 56'

const HOSTILE_NAMES = [
  HOSTILE,
  'Police nationale',
  'GENDARMERIE DU PUY',
  'P0LICE secours',
  'p o l i c e',
  'Gend-arme'.replace('-', ''),
  'Pоlice', // a Cyrillic o
  'Votre banque',
  'Validez votre compte',
  'Amende à payer',
  'Rappelez le 36 46 00',
  '36 46 00 !',
  'evil.example',
  'Tabac bit.ly/x',
  'www.evil.example',
  'ｅｖｉｌ．ｅｘａｍｐｌｅ/٠٨٩٩١٢',
  'Табак',
]
const PLAIN_NAMES = [
  'Le Banquet',
  'Bar de la Poste',
  'Tabac de la Mairie',
  'L’Appel du Large',
  'Boucherie Valette',
  'S & D Coiffure',
  'Sté. Dupont',
  'Crêperie L’Îlot',
  'Le 17 bis',
  'Café Pay’san',
]

const valuesIn = (key: string) => [
  ...new Set(
    [...(fr as Record<string, string>)[key]!.matchAll(/\{(\w+)(?=[,}])/g)].map(([, value]) => value!),
  ),
]

/**
 * Texts sent to numbers that no one has confirmed: a stranger may have requested the code, or the number may have a new
 * owner.
 */
const unproved = [
  YEARLY_QUESTION,
  ...senders.flatMap(({ text }) =>
    [...text.matchAll(/\brequestCode\(tx[\s\S]*?\n {2,}\}\)/g)].flatMap(([call]) => keysIn(call)),
  ),
]

test('sends nothing written by a member to a number that no one has confirmed', () => {
  const calls = senders.flatMap(({ text }) => [...text.matchAll(/\brequestCode\(tx/g)])
  expect(unproved).toHaveLength(calls.length + 1)
  expect(unproved.toSorted()).toEqual([
    ...['enrolment.sms.code', 'number.sms.ask', 'portal.sms.code', 'portal.sms.phone'],
  ])
  for (const key of unproved) {
    expect(valuesIn(key).filter((value) => !OWN_VALUES.includes(value))).toEqual([])
    const own = { scheme: 'Alerte Commerces 63', code: '123456', minutes: 10, link: 'https://a.fr/numero/1' }
    const hostile = { ...Object.fromEntries(MEMBER_VALUES.map((value) => [value, HOSTILE])), person: HOSTILE }
    expect(formatMessage('fr', key, { ...hostile, ...own })).not.toMatch(/police|validez|evil|08 99/i)
  }
})

test('a name written by a member appears in an SMS only as words', () => {
  for (const { name, text } of senders) {
    for (const key of keysIn(text)
      .flatMap(expand)
      .filter((key) => key.includes('.sms.'))) {
      const others = valuesIn(key).filter((one) => !OWN_VALUES.includes(one))
      if (TO_DECIDE.includes(key)) {
        for (const value of others) expect(DECISION_VALUES, key).toContain(value)
        continue
      }
      for (const value of others) {
        expect(MEMBER_VALUES, key).toContain(value)
        expect(text, `${name}: ${key}`).toMatch(new RegExp(`\\b${value}: nameInSms\\(`))
      }
    }
  }
  expect(nameInSms('L’Église - Dupont & Fils 1900')).toBe('L’Église - Dupont & Fils 1900')
  for (const name of HOSTILE_NAMES) expect(nameInSms(name), name).toBe('votre commerce')
  for (const name of PLAIN_NAMES) expect(nameInSms(name), name).toBe(name.replace('é. ', 'é '))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), fc.webUrl(), (typed, url) => {
      for (const name of [typed, url, `${typed}. ${url}`]) {
        const shown = nameInSms(name)
        expect(shown).toMatch(/^[\p{L}\p{Nd}&'’ -]+\.?$/u)
        expect(shown.length).toBeLessThanOrEqual(NAME_IN_SMS)
        expect(shown).not.toMatch(/\p{Nd}(?:[ &'’-]*\p{Nd}){4}/u)
        expect([...linksIn(shown)]).toEqual([])
      }
    }),
  )
})

test.each(sent)('%s says nothing that a member wrote to deceive its reader', (key) => {
  for (const lang of ['fr', 'en'] as const) {
    const values = Object.fromEntries(valuesIn(key).map((value) => [value, 'x']))
    // Numbers and choices of the program.
    const own = { ...values, minutes: 10, year: 2026, count: 2, why: 'other', amount: '40 €' }
    for (const name of HOSTILE_NAMES) {
      const members = Object.fromEntries(MEMBER_VALUES.map((value) => [value, nameInSms(name)]))
      const text = formatMessage(lang, key, { ...own, ...members })
      const plain = formatMessage(lang, key, { ...own, name: 'votre commerce', shop: 'votre commerce' })
      expect(text, name).toBe(plain)
    }
  }
})

test('messages planned for members outside these texts are written by a person and refused with a link, or fixed', () => {
  const planners = sources
    .filter(({ text }) => /\bplanBroadcast\(tx/.test(text))
    .map(({ name }) => name.replaceAll('\\', '/'))
  expect(planners.toSorted()).toEqual([
    'alerts/audience/digest.ts', // digestText
    'alerts/follow-up/order.ts', // the guard; followUpText
    'alerts/observers/store.ts', // a copy of what members get
    'alerts/order/answer.ts', // refusalRefusals
    'alerts/order/order.ts', // the guard
    'deliveries/plan/direct.ts', // above
    'messages/sending.ts', // preview
  ])
  const subject = {
    category: { labelFr: 'Faux billets' },
    areaLabel: 'Issoire',
    placeWords: 'à Issoire',
    reference: '63-26-0001',
  }
  const heldBack = { event: 'Faux billets à Issoire', reference: '63-26-0001', closed: true }
  const held = { ...heldBack, heldAt: new Date('2026-03-12T12:00:00Z'), reason: 'quiet' as const }
  const fixed = [
    ...(['all_clear', 'closing', 'arrest', 'nothing', 'unknown'] as const).map((kind) =>
      followUpText(kind, subject),
    ),
    digestText([held], METROPOLITAN_ZONE),
    digestText([held, { ...held, reason: 'fatigue' }], METROPOLITAN_ZONE),
    ...Object.values(CareSettings.parse({}).answers),
  ]
  expect(fixed.length).toBeGreaterThan(12)
  for (const text of fixed) {
    expect([...linksIn(text)]).toEqual([])
    expect(text).not.toMatch(DEMANDS)
  }
  const answer = { parts: 1, phone: '+33639980001', hasRoute: true }
  expect(refusalRefusals('doubt', undefined, { ...answer, text: 'Détail : www.cci63.fr' })).toMatchObject([
    { code: 'message.link', path: 'answer' },
  ])
})

test('SMS about dues lead to the portal, whose address is on the sticker of the shop', () => {
  for (const [lang, portal, where] of [
    ['fr', /votre espace/, 'adresse sur l’autocollant'],
    ['en', /member portal/, 'address on the sticker'],
  ] as const) {
    const leading = Object.entries(texts[lang]).filter(
      ([key, text]) => key.startsWith('dues.sms.') && portal.test(text),
    )
    expect(leading.length).toBeGreaterThan(6)
    for (const [key, text] of leading) expect(text, key).toContain(where)
    // The sticker shows the address.
    expect(texts[lang]['sticker.space']).toContain('{address}')
  }
})
