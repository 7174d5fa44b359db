import { expect, test } from 'vitest'
import { sourcesOf } from './sources.ts'

test('lists what a file imports for values, directly or through others, and no test or type', async () => {
  const found = await sourcesOf(['src/territory/reference/reference.ts'])
  // Imported by the file, by `audit/record.ts`, and by `platform/db.ts`.
  expect(found).toEqual(
    expect.arrayContaining([
      'src/territory/reference/reference.ts',
      'src/territory/places/spelling.ts',
      'src/audit/chain.ts',
      'src/cipher/cipher.ts',
    ]),
  )
  // The server and the screens may change without another template.
  expect(found.filter((path) => /\.test\.ts$|^src\/(start|alerts|members)\//.test(path))).toEqual([])
})
