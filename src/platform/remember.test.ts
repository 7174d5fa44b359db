import { expect, test } from 'vitest'
import { cacheFor } from './remember.ts'

test('loads a key once within the time, and again after a failure', async () => {
  let now = 0
  const asked: string[] = []
  let fails = false
  const answer = cacheFor(
    1000,
    () => now,
    async (key) => {
      asked.push(key)
      if (fails) throw new Error('away')
      return `${key}${asked.length}`
    },
  )
  expect(await Promise.all([answer('a'), answer('a'), answer('b')])).toEqual(['a1', 'a1', 'b2'])
  now = 999
  expect(await answer('a')).toBe('a1')
  now = 1000
  fails = true
  await expect(answer('a')).rejects.toThrow('away')
  fails = false
  expect(await answer('a')).toBe('a4')
  expect(asked).toEqual(['a', 'b', 'a', 'a'])
})
