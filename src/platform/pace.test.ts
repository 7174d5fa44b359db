import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

/** Returns the sizes of the parts for work that takes `msOfRow` milliseconds for each row. */
async function sizesOf(msOfRow: number | readonly number[], parts: number): Promise<number[]> {
  let clock = 0
  const pace = createPace(() => clock)
  const sizes: number[] = []
  for (let n = 0; n < parts; n++) {
    await pace.run(async (size) => {
      sizes.push(size)
      clock += size * (typeof msOfRow === 'number' ? msOfRow : (msOfRow[n] ?? 0))
    })
  }
  return sizes
}

test('gives parts the rows that take 100 ms, from the second part on', async () => {
  expect(await sizesOf(1, 3)).toEqual([100, 100, 100])
  expect(await sizesOf(2, 3)).toEqual([100, 50, 50])
})

test('gives a part at least 50 rows, however slow the machine is', async () => {
  expect(await sizesOf(500, 3)).toEqual([100, 50, 50])
})

test('grows parts gradually, up to a limit', async () => {
  expect(await sizesOf(0, 7)).toEqual([100, 200, 400, 800, 1600, 2000, 2000])
})

test('remembers a slow part while quick ones follow', async () => {
  expect(await sizesOf([0.5, 0.8, 0.2, 0.2, 0.2], 5)).toEqual([100, 200, 125, 156, 195])
})
