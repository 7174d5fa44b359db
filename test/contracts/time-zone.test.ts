import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
/** The schema of 0.2.0, which never changes; its function is replaced by one that takes the zone. */
const FROZEN = 'migrations/0001_baseline.sql'

test('only one file of the product names a time zone for all schemes: hours are those of the scheme', () => {
  const naming = ['src', 'web', 'scripts', 'bench', 'migrations']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((path) => /\.(?:ts|tsx|js|sql|json|html)$/.test(path) && !/\.test\.tsx?$/.test(path))
    .filter((path) => path !== FROZEN && readFileSync(join(ROOT, path), 'utf8').includes('Europe/Paris'))
  expect(naming).toEqual(['src/message/clock.ts'])
})
