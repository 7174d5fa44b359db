import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/errors.ts'
import en from '../../src/i18n/en.json' with { type: 'json' }
import fr from '../../src/i18n/fr.json' with { type: 'json' }

const root = new URL('../../src/', import.meta.url).pathname
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** Returns every match of the pattern's first group in the sources, with its file. */
function find(pattern: RegExp): [string, string][] {
  const found = new Map<string, string>()
  for (const { file, text } of sources) {
    for (const [, key] of text.matchAll(pattern)) if (key !== undefined) found.set(key, file)
  }
  return [...found]
}

describe.each([
  ['fr', fr as Record<string, string>],
  ['en', en as Record<string, string>],
])('the texts in %s', (lang, texts) => {
  test('have the same keys as the other language', () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(lang === 'fr' ? en : fr).sort())
  })

  test('can be parsed', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect(text.trim(), key).not.toBe('')
      expect(() => new IntlMessageFormat(text, lang), key).not.toThrow()
    }
  })

  test('write counts and limits in the format of the language', () => {
    const bare = Object.entries(texts).filter(([, text]) => /\{(?:count|limit)\}/.test(text))
    // A command that is typed.
    expect(bare.map(([key]) => key)).toEqual(['cli.members.leaving'])
  })

  test('exist for every error', () => {
    expect(Object.keys(errorCodes).filter((code) => !(`error.${code}` in texts))).toEqual([])
  })

  test('exist for every problem that the code names', () => {
    const named = find(/\bcode: ['`]([a-z_A-Z]+\.[a-zA-Z_.]+)['`]/g)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(([key]) => !(key in texts))).toEqual([])
  })

  test('exist for every key used in the code', () => {
    const said = find(
      /\b(?:formatMessage|printMessage|printStep|t|step)\((?:[\w.]+, )?'([a-z]+\.[a-zA-Z_.]+)'/g,
    )
    expect(said.length).toBeGreaterThan(20)
    expect(said.filter(([key]) => !(key in texts))).toEqual([])
  })
})

test('use typographic apostrophes in French', () => {
  expect(Object.entries(fr).filter(([, text]) => /\p{L}'\p{L}/u.test(text))).toEqual([])
})

// Lines of a terminal are searched and copied, and SMS have no such space in GSM-7: both keep plain ones.
test('use no-break spaces in French where people read them on a page or in a mail', () => {
  const read = Object.entries(fr).filter(([key]) => /^(?:error|mail)\./.test(key))
  expect(read.length).toBeGreaterThan(300)
  expect(read.filter(([, text]) => / (?:[;!?»]|:(?!:))(?!\p{L})|« /u.test(text))).toEqual([])
})
