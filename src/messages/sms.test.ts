import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestText } from '../alerts/digest.ts'
import { followUpText } from '../alerts/follow-up-texts.ts'
import { linksIn } from '../guard/contacts.ts'
import { refusalRefusals } from '../reports/rules.ts'
import { CareSettings } from '../schemes/care.ts'
import en from './en.json' with { type: 'json' }
import fr from './fr.json' with { type: 'json' }

const texts: Record<'fr' | 'en', Record<string, string>> = { fr, en }
const src = join(import.meta.dirname, '..')

/** The one SMS that has a link, as the public page of a scheme says. */
const YEARLY_QUESTION = 'number.sms.ask'
/** Demands of money; what was paid, what is taken by debit or is withdrawn may be named. */
const DEMANDS =
  /\b(?:pay(?:er|ez|e)|r[ée]gl(?:er|ez)|vers(?:er|ez)|virement|reste à|impayée?s?|pay|unpaid|owe|transfer money|overdue)\b/iu

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }))

/** Whoever leaves an SMS of service for a member, but for the two functions that pass it on. */
const senders = sources.filter(
  ({ name, text }) =>
    /\b(?:writeDirectMessages?|requestCode)\(/.test(text) &&
    !['identity/direct-messages.ts', 'identity/codes.ts'].includes(name.replaceAll('\\', '/')),
)

/** The first arguments of `say` that name texts of SMS: quoted, made of a kind, or one of two. */
const keysIn = (text: string) =>
  [...text.matchAll(/\bsay\(\s*'fr',\s*([^,]+),/g)].flatMap(([, asked = '']) =>
    [...asked.matchAll(/'([^']+)'|`([^`]+)`/g)].map(([, plain, made]) => plain ?? made ?? ''),
  )

/** Every text that one of these keys may be: of one made of a kind, all with its beginning. */
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
    const calls = [...text.matchAll(/\b(?:writeDirectMessages?|requestCode)\(\s*tx/g)].length
    const written = keysIn(text).filter((key) => key.includes('.sms.')).length
    expect(written, name).toBeGreaterThanOrEqual(calls)
    // A text that comes from elsewhere would escape this test.
    for (const [, value = ''] of text.matchAll(/\b(?:const text =|text:|sms: \(\) =>)\s*([^\n]*)/g)) {
      expect(/^(?:say\('fr',|sms\(\)|string|$)/.test(value), `${name}: ${value}`).toBe(true)
    }
  }
  expect(sent.toSorted()).toEqual(
    Object.keys(fr)
      .filter((key) => key.includes('.sms.') && !key.startsWith('own.'))
      .toSorted(),
  )
})

describe.each(sent)('%s', (key) => {
  test.each(['fr', 'en'] as const)('has no link and asks for no money, in %s', (lang) => {
    const text = texts[lang][key] ?? ''
    if (key === YEARLY_QUESTION) expect(text).toContain('{link}')
    else {
      expect(text).not.toMatch(/\{(?:link|url)\}/)
      expect([...linksIn(text)]).toEqual([])
    }
    expect(text).not.toMatch(DEMANDS)
  })
})

test('what is planned for members without such a message is written by somebody and refused with a link, or fixed', () => {
  const planners = sources
    .filter(({ text }) => /\bplanBroadcast\(tx/.test(text))
    .map(({ name }) => name.replaceAll('\\', '/'))
  expect(planners.toSorted()).toEqual([
    'alerts/actions/answer.ts', // refusalRefusals
    'alerts/actions/digest.ts', // digestText
    'alerts/actions/follow-up-order.ts', // the guard; followUpText
    'alerts/actions/order.ts', // the guard
    'alerts/observers.ts', // a copy of what members get
    'deliveries/direct.ts', // above
    'deliveries/messages/actions.ts', // preview
  ])
  const subject = {
    category: { labelFr: 'Faux billets' },
    areaLabel: 'Issoire',
    placeWords: 'à Issoire',
    reference: '63-26-0001',
  }
  const spared = { category: 'Faux billets', commune: 'Issoire', reference: '63-26-0001', closed: true }
  const held = { ...spared, heldAt: new Date('2026-03-12T12:00:00Z'), reason: 'quiet' as const }
  const fixed = [
    ...(['all_clear', 'closing', 'arrest', 'nothing', 'unknown'] as const).map((kind) =>
      followUpText(kind, subject),
    ),
    digestText([held]),
    digestText([held, { ...held, reason: 'fatigue' }]),
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

test('the public page of a scheme says which SMS alone has a link', () => {
  for (const [lang, said] of [
    ['fr', /sauf la question annuelle/],
    ['en', /but for the yearly question/],
  ] as const) {
    const page = JSON.parse(readFileSync(join(src, '..', 'web', 'messages', `${lang}.json`), 'utf8'))
    expect(page['join.not.money']).toMatch(said)
  }
})
