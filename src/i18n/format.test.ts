import { expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { describeIssue } from '../platform/http/issues.ts'
import en from './en.json' with { type: 'json' }
import { formatError, formatMessage, formatProblem, langOf } from './format.ts'
import fr from './fr.json' with { type: 'json' }

test('prints amounts in euros, and choices with their meaning', () => {
  const params = { origin: 'number', maximum: 10_000_000, inclusive: true }
  const dear = describeIssue({ code: 'too_big', params }, 'amountCents')
  expect(formatProblem('fr', dear).replaceAll(/\s/g, ' ')).toBe('Trop grand : 100 000,00 € au plus.')
  const values = ['transfer', 'other']
  expect(formatProblem('fr', describeIssue({ code: 'invalid_value', params: { values } }, 'way'))).toBe(
    'Cette valeur n’est pas parmi celles admises : virement (transfer), other.',
  )
})

test('writes amounts as money in both languages', () => {
  const plain = (text: string) => text.replaceAll(/\s/g, ' ')
  expect(plain(formatMessage('fr', 'dues.more_than_due', { owed: 10 }))).toContain('(10,00 €)')
  expect(plain(formatMessage('en', 'dues.more_than_due', { owed: 10 }))).toContain('(€10.00)')
  // A no-break space before a format makes it another, unknown one, which is ignored.
  for (const texts of [fr, en] as Readonly<Record<string, string>>[])
    expect(Object.keys(texts).filter((key) => /,\s*[\u00a0\u202f]\s*[\w:]/.test(texts[key] ?? ''))).toEqual(
      [],
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
