import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../support/program.ts'

const FRAGMENT = /^(?:Of|Whoever|That|What|Where|How|Who|Whom|Whose|Which|Why|Those|With|For whom|By)\b/
const FRAGMENT_OF_COMMENT = /^(?:Whoever|What|Where|How|Who|Whom|Whose|Which|Why)\b/
const files = globSync('{src,web,scripts,test,bench}/**/*.{ts,tsx,js}', { cwd: ROOT })

test('no docstring begins as a fragment of a sentence', () => {
  expect(files.length).toBeGreaterThan(1000)
  const fragments = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\/\*\*[ \t]*(?:\n[ \t]*\*[ \t]*)?([^\n]*)/g)]
      .map(([, text = '']) => text)
      .filter((text) => FRAGMENT.test(text))
      .map((text) => `${file}: ${text}`),
  )
  expect(fragments).toEqual([])
})

test('no comment begins as a question that it does not ask', () => {
  const fragments = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?<!\/\/[^\n]*\n[ \t]*)\/\/ ([^\n]*)/g)]
      .map(([, text = '']) => text)
      .filter((text) => FRAGMENT_OF_COMMENT.test(text))
      .map((text) => `${file}: ${text}`),
  )
  expect(fragments).toEqual([])
})
