import { expect, test } from 'vitest'
import { langOf } from './say.ts'

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
])('%j asks for %s', (header, lang) => {
  expect(langOf(header)).toBe(lang)
})
