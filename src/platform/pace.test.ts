import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

/** The sizes of the parts of work that takes so long a row, in milliseconds. */
async function sizesOf(msOfRow: number, parts: number): Promise<number[]> {
  let clock = 0
  const pace = createPace(() => clock)
  const sizes: number[] = []
  for (let n = 0; n < parts; n++) {
    await pace.run(async (size) => {
      sizes.push(size)
      clock += size * msOfRow
    })
  }
  return sizes
}

test('parts take as many rows as take 150 ms, from the second one on', async () => {
  expect(await sizesOf(1.5, 3)).toEqual([100, 100, 100])
  expect(await sizesOf(2, 3)).toEqual([100, 75, 75])
})

test('a part has 50 rows at least, however slow the machine is', async () => {
  expect(await sizesOf(500, 3)).toEqual([100, 50, 50])
})

test('parts grow by degrees, to a bound', async () => {
  expect(await sizesOf(0, 7)).toEqual([100, 200, 400, 800, 1600, 2000, 2000])
})
