import { expect, test, vi } from 'vitest'
import { partOf } from './part.ts'

test('a part is loaded once', async () => {
  const importPart = vi.fn(async () => 'part')
  const part = partOf(importPart)
  expect(part.loaded()).toBeNull()
  expect(await Promise.all([part.load(), part.load()])).toEqual(['part', 'part'])
  expect(await part.load()).toBe('part')
  expect(part.loaded()).toBe('part')
  expect(importPart).toHaveBeenCalledTimes(1)
})

test('a part that failed to load is loaded again when it is needed', async () => {
  const importPart = vi.fn<() => Promise<string>>()
  importPart.mockRejectedValueOnce(new TypeError('no network')).mockResolvedValueOnce('part')
  const part = partOf(importPart)
  await expect(part.load()).rejects.toThrow('no network')
  expect(part.loaded()).toBeNull()
  expect(await part.load()).toBe('part')
})
