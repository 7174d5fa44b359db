import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operations } from '../../web/api/operations.ts'
import { ROOT } from '../support/program.ts'

/**
 * Requests of the web that change something and whose failure is handled without `useAction`, which would show it, each with the
 * reason.
 */
const HANDLED: readonly (readonly [file: string, operation: string, reason: string])[] = [
  ['web/api/language.ts', 'chooseAccountLanguage', 'the next choice stores it; the screen has the language'],
  ['web/api/language.ts', 'chooseContactLanguage', 'the next choice stores it; the screen has the language'],
  ['web/console/room/call/claims.ts', 'releaseReport', 'the claim ends by itself after ten minutes'],
  ['web/console/room/desk/desk.ts', 'deleteCallNote', 'the note stays among the drafts, where it is removed'],
  ['web/console/shell/lock/idle.ts', 'reportActivity', 'the next activity reports itself'],
]

const sources = globSync('web/**/*.{ts,tsx}', { cwd: ROOT })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const)

/** Returns the end of the bracket that opens at a position. */
function endOf(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if ('([{'.includes(text[at] ?? '')) depth++
    if (')]}'.includes(text[at] ?? '') && --depth === 0) return at + 1
  }
  return text.length
}

/** Returns the operations that change something, with the position after the call. */
function mutationsIn(text: string): { operation: string; end: number }[] {
  return [...text.matchAll(/\bcallApi\('(\w+)'/g)].flatMap(({ index, 1: operation = '' }) => {
    const isChange = !(operations as Readonly<Record<string, string>>)[operation]?.startsWith('GET ')
    return isChange ? [{ operation, end: endOf(text, text.indexOf('(', index)) }] : []
  })
}

test('the failure of a request that changes something is shown, or it is on the list', () => {
  const handled = sources.flatMap(([file, text]) =>
    mutationsIn(text)
      .filter(({ end }) => /^\s*\.(?:then|catch|finally)\(/.test(text.slice(end)))
      .map(({ operation }) => `${file} ${operation}`),
  )
  expect(handled.sort()).toEqual(HANDLED.map(([file, operation]) => `${file} ${operation}`).sort())
})

test('no function that changes something is called without waiting, unless it handles the failure', () => {
  const unseen = sources.flatMap(([file, text]) =>
    [...text.matchAll(/\bconst (\w+) = async \([^)]*\)(?:: [^=]+)? => \{/g)]
      .filter(([, name]) => new RegExp(`\\bvoid ${name}\\([^)]*\\)(?!\\.catch)`).test(text))
      .filter(({ index, 0: head }) => {
        const body = text.slice(index, endOf(text, index + head.length - 1))
        return mutationsIn(body).length > 0 && !/\bcatch\b/.test(body)
      })
      .map(([, name]) => `${file} ${name}`),
  )
  expect(unseen).toEqual([])
})
