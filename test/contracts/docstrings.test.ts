import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../support/program.ts'

const FRAGMENT = /^(?:Of|Whoever|That|What|Where|How|Who|Whom|Whose|Which|Why|Those|With|For whom|By)\b/

test('no docstring begins as a fragment of a sentence', () => {
  const files = globSync('{src,web,scripts,test,bench}/**/*.{ts,tsx,js}', { cwd: ROOT })
  expect(files.length).toBeGreaterThan(1000)
  const fragments = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\/\*\*[ \t]*(?:\n[ \t]*\*[ \t]*)?([^\n]*)/g)]
      .map(([, text = '']) => text)
      .filter((text) => FRAGMENT.test(text))
      .map((text) => `${file}: ${text}`),
  )
  expect(fragments).toEqual([])
})
