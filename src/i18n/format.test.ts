import { expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { describeIssue } from '../platform/http/issues.ts'
import { formatError, formatProblem, langOf } from './format.ts'

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

test.each([
  [1, '1 seconde', '1 second'],
  [60, '60 secondes', '60 seconds'],
  [2160, '36 minutes', '36 minutes'],
  [3601, '61 minutes', '61 minutes'],
  [80_000, '23 heures', '23 hours'],
])('says %i seconds in words', (seconds, fr, en) => {
  const error = new AppError('rate_limited', { values: { seconds } })
  expect(formatError('fr', error).replaceAll(/\s/g, ' ')).toBe(`Trop de demandes. Réessayez dans ${fr}.`)
  expect(formatError('en', error)).toBe(`Too many requests. Try again in ${en}.`)
})
