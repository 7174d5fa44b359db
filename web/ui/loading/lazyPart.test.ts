import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const web = join(import.meta.dirname, '../..')

test('the pages outside the console load their parts so that one that a release replaced is found', () => {
  const files = globSync('**/*.tsx', { cwd: web }).filter((file) => !/^(?:console|ui\/map)\//.test(file))
  expect(files.length).toBeGreaterThan(50)
  const own = files.filter((file) =>
    /import \{[^}]*\blazy\b[^}]*\} from 'react'/.test(readFileSync(join(web, file), 'utf8')),
  )
  expect(own).toEqual([])
})
