import { type Argon2Parameters, argon2 } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '../../src/identity/passwords/password-hash.ts'
import { withMemory } from './remembered-hashes.ts'

test('a key is derived once for a password, its salt and its cost, and again for any other', async () => {
  let derived = 0
  const derive = withMemory((algorithm, parameters, callback) => {
    derived++
    argon2(algorithm, parameters, callback)
  })
  const cheap: Argon2Parameters = {
    message: 'a',
    nonce: Buffer.alloc(16),
    memory: 8,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  }
  const keyOf = (parameters: Argon2Parameters) =>
    new Promise<string>((resolve, reject) =>
      derive('argon2id', parameters, (error, key) =>
        error === null ? resolve(key.toString('hex')) : reject(error),
      ),
    )
  const [first, again] = [await keyOf(cheap), await keyOf({ ...cheap, nonce: Buffer.alloc(16) })]
  expect(again).toBe(first)
  expect(derived).toBe(1)
  const others = [
    { ...cheap, message: 'b' },
    { ...cheap, nonce: Buffer.alloc(16, 1) },
    { ...cheap, memory: 16 },
    { ...cheap, passes: 2 },
  ]
  const keys = await Promise.all(others.map(keyOf))
  expect(new Set([first, ...keys]).size).toBe(5)
  expect(derived).toBe(5)
})

test('a password that the process hashed is proven, and no other', async () => {
  const hash = await hashPassword('gravier lune tambour')
  expect(await verifyPassword({ hash, password: 'gravier lune tambour' })).toBe(true)
  expect(await verifyPassword({ hash, password: 'gravier lune tambours' })).toBe(false)
})
