import { expect, test } from 'vitest'
import { checkAccessKey, createAccessKey } from './access-keys.ts'

const secret = { current: 'a secret of more than thirty-two characters' }
const at = (minutes: number) => ({ secret, now: () => new Date(minutes * 60_000) })
const key = createAccessKey({ secret }, 'authorisation:1', new Date(30 * 60_000))

test('a key opens what it was made for, until its end', () => {
  expect(checkAccessKey(at(29), 'authorisation:1', key)).toBe(true)
  expect(checkAccessKey(at(30), 'authorisation:1', key)).toBe(false)
  expect(checkAccessKey(at(0), 'authorisation:2', key)).toBe(false)
})

test('a key that was changed, made with another secret or without a signature opens nothing', () => {
  const [, signature = ''] = key.split('.')
  const other = { current: `${secret.current}!` }
  for (const forged of [
    `${60 * 60_000}.${signature}`,
    `${key}x`,
    `${30 * 60_000}.`,
    `none.${signature}`,
    '',
    createAccessKey({ secret: other }, 'authorisation:1', new Date(30 * 60_000)),
  ])
    expect(checkAccessKey(at(0), 'authorisation:1', forged), forged).toBe(false)
})
