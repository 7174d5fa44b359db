import { expect, test } from 'vitest'
import { describeIssue } from '../platform/issues.ts'
import { formatProblem, langOf } from './format.ts'

test('prints amounts in euros, and choices with their meaning', () => {
  const params = { origin: 'number', maximum: 10_000_000, inclusive: true }
  const dear = describeIssue({ code: 'too_big', params }, 'amountCents')
  expect(formatProblem('fr', dear).replaceAll(/\s/g, ' ')).toBe('Trop grand : 100 000,00 € au plus.')
  const values = ['transfer', 'other']
  expect(formatProblem('fr', describeIssue({ code: 'invalid_value', params: { values } }, 'way'))).toBe(
    'Cette valeur n’est pas parmi celles admises : virement (transfer), other.',
  )
})

test.each([
  [undefined, 'fr'],
  ['', 'fr'],
  ['*', 'fr'],
  ['de-DE,de;q=0.9', 'fr'],
  ['en', 'en'],
  ['en-GB,en;q=0.9,fr;q=0.5', 'en'],
  ['de, en;q=0.8, fr;q=0.7', 'en'],
  ['fr;q=0.2, en;q=0.9', 'en'],
  ['en;q=0, fr', 'fr'],
  ['en;q=0', 'fr'],
  ['FR-ca , en', 'fr'],
  ['english', 'fr'],
])('reads %j as %s', (header, lang) => {
  expect(langOf(header)).toBe(lang)
})
