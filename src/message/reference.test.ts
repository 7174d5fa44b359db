import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unknownReference, withReference } from './reference.ts'
import { segmentMessage } from './segment.ts'

test('ends the text with the reference, once', () => {
  const sent = withReference(' Faux billets à Issoire. ', '63-26-0142')
  expect(sent).toBe('Faux billets à Issoire. Réf. 63-26-0142')
  expect(withReference(sent, '63-26-0142')).toBe(sent)
  expect(withReference('Suite de 63-26-0142 : fin.', '63-26-0142')).toBe('Suite de 63-26-0142 : fin.')
  expect(withReference('  ', '63-26-0142')).toBe('')
})

test('a reference not assigned yet costs as much as a real one', () => {
  expect(unknownReference('63', 2026)).toBe('63-26-????')
  expect(unknownReference('63', 2026, true)).toBe('63-26-X???')
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 400 }), (text) => {
      const units = (reference: string) =>
        segmentMessage(withReference(text, reference), { fold: true }).units
      fc.pre(!text.includes('63-26-'))
      expect(units(unknownReference('63', 2026))).toBe(units('63-26-0142'))
    }),
  )
})
