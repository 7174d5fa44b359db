import { expect, test } from 'vitest'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { DoctrineSettings } from '../../../src/schemes/doctrine.ts'
import { blank, type Draft } from './draft.ts'
import { isLate, messageOf, missingForAlert, missingForReport } from './message.ts'

const scheme: SchemeView = {
  id: 'ac63',
  name: 'Alerte Commerces 63',
  territory: { kind: 'departement', code: '63' },
  trades: [],
  categories: [
    {
      code: 'counterfeit-notes',
      labelFr: 'Faux billets',
      labelEn: 'Counterfeit notes',
      severity: 'alert',
      template: 'Faux billets {lieu}. {conseil}',
      level: 'established',
      area: 'epci',
      position: 2,
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

const draft: Draft = {
  ...blank(),
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

test('the message of the counterfeit notes is the real one, in one part', () => {
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

test('what is written by hand stays, and is shown as it will be sent', () => {
  const message = messageOf({ ...draft, text: 'Vol à la pâtisserie' }, scheme)
  expect(message).toMatchObject({ byHand: true, text: 'Vol à la pâtisserie' })
  expect(message.sent).toMatch(/^Vol à la patisserie Réf\. 63-/)
})

test('everything that is missing is said at once', () => {
  const empty = blank()
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

test('a call more than one hour after needs a reason, one hour does not', () => {
  const after = (minutes: number): Draft => ({ ...draft, when: { kind: 'ago', minutes } })
  expect(isLate(after(60), scheme)).toBe(false)
  expect(isLate(after(61), scheme)).toBe(true)
  const strict = { ...scheme, doctrine: DoctrineSettings.parse({ lateAfterMinutes: 30 }) }
  expect([isLate(after(30), strict), isLate(after(31), strict)]).toEqual([false, true])
  expect(missingForReport(after(61), scheme)).toEqual(['lateReason'])
  expect(missingForReport({ ...after(61), lateReason: 'Victime à l’hôpital' }, scheme)).toEqual([])
})

test('an exercise says so in what is sent, and is counted with it', () => {
  const exercise = { ...draft, exercise: true }
  const proposed = messageOf(exercise, scheme)
  expect(proposed.text).toBe(`EXERCICE ${messageOf(draft, scheme).text}`)
  expect(proposed.sent.startsWith(`${proposed.text} Réf. 63-`)).toBe(true)
  const byHand = messageOf({ ...exercise, text: 'Faux billets Issoire.' }, scheme)
  expect(byHand.text).toBe('Faux billets Issoire.')
  expect(byHand.sent).toMatch(/^EXERCICE Faux billets Issoire\. Réf\. 63-/)
  expect(byHand.segments.units).toBe(30 + 16)
})
