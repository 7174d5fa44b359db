import { expect, test } from 'vitest'
import { readableIban, readableShare, readableSiren, readableSiret } from './written.ts'

test('writes numbers in groups that no line breaks', () => {
  expect(readableSiret('41765432100018')).toBe('417\u00A0654\u00A0321\u00A000018')
  expect(readableSiren('41765432100018')).toBe('417\u00A0654\u00A0321')
  expect(readableSiret('417 654')).toBe('417 654')
  expect(readableIban('FR7630006000011234567890189')).toBe(
    'FR76 3000 6000 0112 3456 7890 189'.replaceAll(' ', '\u00A0'),
  )
})

test('writes a share with one decimal at most, and 100 % only of all', () => {
  const shares = [0, 0.5, 0.975, 0.97449, 0.9996, 1]
  expect(shares.map((share) => readableShare('fr-FR', share).replace(/\s/, ' '))).toEqual([
    ...['0 %', '50 %', '97,5 %', '97,4 %'],
    ...['99,9 %', '100 %'],
  ])
  expect(readableShare('en-GB', 0.975)).toBe('97.5%')
})
