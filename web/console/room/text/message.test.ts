import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import { blankDraft, type Draft } from './draft.ts'
import { isLate, messageOf, missingForAlert, missingForReport } from './message.ts'

const scheme: SchemeView = {
  id: 'ac63',
  name: 'Alerte Commerces 63',
  territory: { kind: 'departement', code: '63' },
  timeZone: 'Europe/Paris',
  languages: ['fr', 'en'],
  trades: [],
  categories: [
    {
      code: 'counterfeit-notes',
      labelFr: 'Faux billets',
      labelEn: 'Counterfeit notes',
      severity: 'alert',
      template: 'Faux billets {zone}. {conseil}',
      level: 'established',
      area: 'epci',
      position: 2,
    },
    {
      code: 'armed-robbery',
      labelFr: 'Vol à main armée',
      labelEn: 'Armed robbery',
      severity: 'vital',
      template: 'Vol à main armée {lieu} vers {heure} : {faits}. {conseil}',
      level: 'established',
      area: null,
      position: 1,
    },
  ],
  closingAdvice: 'Ne pas intervenir, ne pas transférer SMS.',
  sender: 'ALERTCOM63',
  agencies: [],
  sectors: [],
  doctrine: DoctrineSettings.parse({}),
  referencePrefix: '63',
  smsPriceMillicents: 4500,
  alertLifetimeHours: 12,
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-12T21:15:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const draft: Draft = {
  ...blankDraft(),
  calledAt: '2026-03-12T21:14:00.000Z',
  categoryCode: 'counterfeit-notes',
  commune: { code: '63178', name: 'Issoire', postalCode: '63500' },
  area: {
    area: { kind: 'epci', code: '200070407' },
    name: "CA Agglo Pays d'Issoire",
    words: "agglomération d'Issoire",
    communes: 87,
    withoutPoint: [],
  },
}

test('composes the known message about counterfeit notes, in one part', () => {
  const message = messageOf(draft, scheme)
  const text = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."
  const year = String(new Date().getFullYear() % 100)
  expect(message.text).toBe(text)
  expect(message.sent).toBe(`${text} Réf. 63-${year}-????`)
  expect(message.segments).toMatchObject({ encoding: 'GSM-7', units: 79 + 16 })
  const alert = { id: 'x', version: 1, content: null, reference: '63-26-0142' }
  expect(messageOf({ ...draft, alert }, scheme).sent).toBe(`${text} Réf. 63-26-0142`)
  expect(message.segments.parts).toHaveLength(1)
  expect(missingForAlert(draft, scheme, message, 93)).toEqual([])
})

const department: NonNullable<Draft['area']> = {
  area: { kind: 'scheme' },
  name: 'Tout le dispositif (Puy-de-Dôme)',
  words: 'département du Puy-de-Dôme',
  communes: 464,
  withoutPoint: [],
}
const robbery: Draft = {
  ...blankDraft(),
  calledAt: '2026-03-12T01:14:00.000Z',
  when: { kind: 'ago', minutes: 4 },
  categoryCode: 'armed-robbery',
  commune: { code: '63040', name: 'Billom', postalCode: '63160' },
  area: department,
}
const saidOf = (draft: Draft, of = scheme) =>
  messageOf(draft, of).text.replace(' Ne pas intervenir, ne pas transférer SMS.', '')
/** Today, so that the text contains no date. */
const tonight = (over: Partial<Draft> = {}): Draft => ({ ...robbery, ...over })

test('names the place of a robbery, whatever the audience', () => {
  vi.setSystemTime('2026-03-12T01:15:00Z')
  expect(saidOf(tonight())).toBe('Vol à main armée à Billom vers 2h10.')
  expect(saidOf(tonight({ area: null }))).toBe('Vol à main armée à Billom vers 2h10.')
  expect(saidOf(tonight({ place: 'place de la Halle', facts: 'deux hommes' }))).toBe(
    'Vol à main armée à Billom, place de la Halle, vers 2h10 : deux hommes.',
  )
  expect(saidOf(tonight({ place: 'Tabac Le Khédive', facts: 'deux hommes à scooter vers Lezoux' }))).toBe(
    'Vol à main armée à Billom, dans un tabac, vers 2h10 : deux hommes à scooter vers Lezoux.',
  )
  const dallet = { code: '63226', name: 'Mur-sur-Allier', formerName: 'Dallet', postalCode: '63111' }
  expect(saidOf(tonight({ commune: dallet }))).toBe('Vol à main armée à Dallet vers 2h10.')
  const dore = { code: '63236', name: 'Mont-Dore', postalCode: '63240' }
  expect(saidOf(tonight({ commune: dore }))).toBe('Vol à main armée au Mont-Dore vers 2h10.')
})

test.each([
  // Called at 23:58, about 22:00 the same day, the day before and two days before; ordered on either side of midnight.
  ['2026-03-12T22:59:00Z', 118, 'vers 22h'],
  ['2026-03-12T23:01:00Z', 118, 'hier vers 22h'],
  ['2026-03-12T22:59:00Z', 118 + 1440, 'hier vers 22h'],
  ['2026-03-12T23:01:00Z', 118 + 1440, 'le 11/03 vers 22h'],
  ['2026-03-12T22:59:00Z', 118 + 2880, 'le 10/03 vers 22h'],
])('at %s, says the day of what happened %i minutes before the call', (now, minutes, words) => {
  vi.setSystemTime(now)
  const late = tonight({ calledAt: '2026-03-12T22:58:00.000Z', when: { kind: 'ago', minutes } })
  expect(saidOf(late)).toBe(`Vol à main armée à Billom ${words}.`)
  expect(saidOf({ ...late, categoryCode: 'counterfeit-notes' })).toBe(
    `Faux billets département du Puy-de-Dôme${words.replace(/ ?vers 22h/, '').replace(/^(?=.)/, ' ')}.`,
  )
})

test('names the area for counterfeit notes, with the preposition of a commune', () => {
  const notes = { ...draft, area: { ...department, area: { kind: 'commune', code: '63430' } as const } }
  expect(saidOf({ ...notes, area: { ...notes.area, words: 'commune de Thiers' } })).toBe(
    'Faux billets à Thiers.',
  )
  expect(saidOf({ ...notes, area: { ...notes.area, words: 'commune du Cendre' } })).toBe(
    'Faux billets au Cendre.',
  )
  expect(saidOf({ ...draft, area: department })).toBe('Faux billets département du Puy-de-Dôme.')
})

test.each([
  ['Europe/Paris', 22],
  ['Indian/Reunion', 1],
  ['America/New_York', 17],
  ['Pacific/Auckland', 10],
])('writes the hour of the scheme in a browser in %s, where it is %i h', (browser, hours) => {
  vi.stubEnv('TZ', browser)
  expect(new Date('2026-03-12T21:10:00Z').getHours()).toBe(hours)
  vi.setSystemTime('2026-03-12T21:15:00Z')
  const evening = tonight({ calledAt: '2026-03-12T21:14:00.000Z' })
  expect(saidOf(evening)).toBe('Vol à main armée à Billom vers 22h10.')
  for (const [timeZone, hour] of [
    ['Indian/Reunion', '1h10'],
    ['America/Cayenne', '18h10'],
    ['America/Martinique', '17h10'],
  ] as const) {
    expect(saidOf(evening, { ...scheme, timeZone })).toBe(`Vol à main armée à Billom vers ${hour}.`)
  }
})

test('keeps a text written by hand, and shows it as it will be sent', () => {
  const message = messageOf({ ...draft, text: 'Vol à la pâtisserie' }, scheme)
  expect(message).toMatchObject({ byHand: true, text: 'Vol à la pâtisserie' })
  expect(message.sent).toMatch(/^Vol à la patisserie Réf\. 63-/)
})

test('lists everything that is missing at once', () => {
  const empty = blankDraft()
  expect(missingForAlert(empty, scheme, messageOf(empty, scheme), null)).toEqual([
    'category',
    'commune',
    'text',
    'area',
  ])
  expect(missingForAlert(draft, scheme, messageOf({ ...draft, text: 'é'.repeat(500) }, scheme), 0)).toEqual([
    'tooLong',
    'audience',
  ])
})

test('sends no other time of the facts in place of one that cannot be read', () => {
  const when = { kind: 'at', at: '2026-03-12T17:20:00.000Z' } as const
  expect(missingForReport({ ...draft, when }, scheme)).not.toContain('when')
  expect(missingForReport({ ...draft, when: { ...when, unread: true } }, scheme)).toContain('when')
})

test('requires a reason for a call more than one hour after the facts', () => {
  const after = (minutes: number): Draft => ({ ...draft, when: { kind: 'ago', minutes } })
  expect(isLate(after(60), scheme)).toBe(false)
  expect(isLate(after(61), scheme)).toBe(true)
  const strict = { ...scheme, doctrine: DoctrineSettings.parse({ lateAfterMinutes: 30 }) }
  expect([isLate(after(30), strict), isLate(after(31), strict)]).toEqual([false, true])
  expect(missingForReport(after(61), scheme)).toEqual(['lateReason'])
  expect(missingForReport({ ...after(61), lateReason: 'Victime à l’hôpital' }, scheme)).toEqual([])
})

test('marks an exercise in the message, and counts the mark', () => {
  const exercise = { ...draft, exercise: true }
  const proposed = messageOf(exercise, scheme)
  expect(proposed.text).toBe(`EXERCICE ${messageOf(draft, scheme).text}`)
  expect(proposed.sent.startsWith(`${proposed.text} Réf. 63-`)).toBe(true)
  const byHand = messageOf({ ...exercise, text: 'Faux billets Issoire.' }, scheme)
  expect(byHand.text).toBe('Faux billets Issoire.')
  expect(byHand.sent).toMatch(/^EXERCICE Faux billets Issoire\. Réf\. 63-/)
  expect(byHand.segments.units).toBe(30 + 16)
})
