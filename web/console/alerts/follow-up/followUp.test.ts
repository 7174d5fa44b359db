import { expect, test } from 'vitest'
import { followUpText } from '../../../../src/alerts/follow-up/texts.ts'
import { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import { partsAsSent } from '../../room/order/sent.ts'
import { needsSecondPerson } from './followUp.ts'

const alert = {
  category: { code: 'robbery', labelFr: 'Vol à main armée', labelEn: 'Armed robbery', severity: 'vital' },
  placeWords: 'à Issoire',
  reference: '63-26-0142',
  traced: false,
  doctrine: { offence: true, arrested: false, level: 'established' },
} as Parameters<typeof needsSecondPerson>[1]

test('counts the mark of each recipient, even if it makes a second SMS necessary', () => {
  const said = { reference: '63-26-0142', exercise: false }
  const text = 'a'.repeat(160 - ' Réf. 63-26-0142'.length)
  expect(partsAsSent({ ...said, text, traced: false })).toMatchObject({ units: 160, parts: { length: 1 } })
  expect(partsAsSent({ ...said, text, traced: true })).toMatchObject({ units: 166, parts: { length: 2 } })
})

test('requires a second person as the server does', () => {
  const scheme = {
    doctrine: DoctrineSettings.parse({ approval: [{ categories: ['robbery'], severities: 'all' }] }),
  } as Parameters<typeof needsSecondPerson>[0]
  const needs = (kind: 'update' | 'all_clear', text: string) =>
    needsSecondPerson(scheme, alert, { kind, text, level: 'established' })
  const closing = followUpText('all_clear', alert)
  expect(needs('update', 'Mise à jour : à Perrier.')).toBe(true)
  expect(needs('all_clear', closing)).toBe(false)
  expect(needs('all_clear', `${closing} Fermez.`)).toBe(true)
})
