import { expect, test } from 'vitest'
import type { DeliveryState } from '../../schema.ts'
import { describeFailure } from './failures.ts'

const at = new Date()

test.each<[DeliveryState, number | null, Date | null, string | null]>([
  ['delivered', null, at, null],
  ['accepted', null, at, null],
  ['planned', null, null, null],
  ['planned', 88, null, 'Débit dépassé chez le fournisseur SMS : nouvel essai.'],
  ['failed', 11, null, 'Le fournisseur SMS ne connaît pas ce numéro.'],
  // After acceptance the code is the network's own: 11 there is not "invalid destination".
  ['failed', 11, at, 'Le fournisseur SMS n’a pas pu remettre le message (code réseau 11).'],
  ['failed', 1027, null, 'Refusé par le fournisseur SMS (code 0x403).'],
  ['failed', null, at, 'Le fournisseur SMS n’a pas pu remettre le message.'],
  ['failed', 1234, at, 'Le fournisseur SMS n’a pas pu remettre le message (code réseau 1234).'],
  ['in_doubt', null, null, 'Pas de réponse du fournisseur SMS : le message est peut-être arrivé.'],
  ['expired', null, at, 'Pas remis avant la fin de l’alerte : téléphone éteint ou hors réseau.'],
  ['expired', null, null, 'Pas envoyé avant la fin de l’alerte.'],
  [
    'withdrawn',
    null,
    null,
    'Retiré avant l’envoi : l’alerte a été arrêtée ou est finie, ou son premier message n’est pas arrivé.',
  ],
])('%s with code %s', (state, errorCode, acceptedAt, expected) => {
  expect(describeFailure('fr', { state, errorCode, acceptedAt })).toBe(expected)
  expect(describeFailure('en', { state, errorCode, acceptedAt }) === null).toBe(expected === null)
})

test('says that the memory of the phone is full where the gateway means it by the code', () => {
  const failure = { state: 'failed', errorCode: 32, acceptedAt: at } as const
  expect(describeFailure('fr', { ...failure, isMemoryFull: true })).toBe(
    'La mémoire du téléphone est pleine.',
  )
  expect(describeFailure('fr', failure)).toMatch(/code réseau 32/)
})
