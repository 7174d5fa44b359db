import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysAddCommand, keysCreateCommand } from '../cli/keys.ts'
import { readConfig } from '../config.ts'
import { AppError } from '../errors.ts'
import { createCipher, keyOf } from './cipher.ts'
import { addKey, createKeyring, formatKeyring, parseKeyring } from './keyring.ts'
import { READ_KEYS } from './sources.ts'

const keyring = createKeyring()
const cipher = createCipher(keyring)
const PHONE = '+33612345678'

function refusalOf(open: () => unknown): unknown {
  try {
    return open()
  } catch (error) {
    return error instanceof AppError ? [error.code, error.values.reason] : error
  }
}

describe('a sealed value', () => {
  test('opens with its scheme and field only, and names its key', () => {
    const sealed = cipher.seal('ac63', 'phone', PHONE)
    expect(sealed).toMatch(/^e1\.k1\.[A-Za-z0-9_-]{54}$/)
    expect(keyOf(sealed)).toBe('k1')
    expect(cipher.open('ac63', 'phone', sealed)).toBe(PHONE)
    expect(refusalOf(() => cipher.open('ac39', 'phone', sealed))).toEqual(['sealed_unreadable', 'changed'])
    expect(refusalOf(() => cipher.open('ac63', 'caller', sealed))).toEqual(['sealed_unreadable', 'changed'])
    expect(cipher.seal('ac63', 'phone', PHONE)).not.toBe(sealed)
  })

  test('keeps every text, also an empty one', () => {
    for (const text of ['', 'Élodie « à l’angle » 🙂', 'x'.repeat(5000)])
      expect(cipher.open('', 'text', cipher.seal('', 'text', text))).toBe(text)
  })

  test('is refused when any of its characters was changed', () => {
    const sealed = cipher.seal('ac63', 'phone', PHONE)
    for (let at = 6; at < sealed.length; at++) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
      expect(
        refusalOf(() => cipher.open('ac63', 'phone', changed)),
        changed,
      ).toEqual(['sealed_unreadable', 'changed'])
    }
    expect(refusalOf(() => cipher.open('ac63', 'phone', 'e1.k1.short'))).toEqual([
      'sealed_unreadable',
      'changed',
    ])
  })

  test('opens with the former key after another was added, and not without it', () => {
    const sealed = cipher.seal('ac63', 'phone', PHONE)
    const next = addKey(keyring)
    const later = createCipher(next)
    expect(later.open('ac63', 'phone', sealed)).toBe(PHONE)
    expect(keyOf(later.seal('ac63', 'phone', PHONE))).toBe('k2')
    const without = createCipher({ ...next, keys: new Map([['k2', next.keys.get('k2')!]]) })
    expect(refusalOf(() => without.open('ac63', 'phone', sealed))).toEqual(['sealed_unreadable', 'key'])
    expect(refusalOf(() => createCipher(undefined).open('ac63', 'phone', sealed))).toEqual([
      'sealed_unreadable',
      'key',
    ])
  })
})

test('keys that another process added are read again, once in a while, and none with another index key', () => {
  const sealed = createCipher(addKey(keyring)).seal('', 'phone', PHONE)
  let reads = 0
  const reading = (next: ReturnType<typeof createKeyring>) =>
    createCipher(keyring, () => {
      reads++
      return next
    })
  const process = reading(addKey(keyring))
  // The other process has a key of its own here.
  expect(refusalOf(() => process.open('', 'phone', sealed))).toEqual(['sealed_unreadable', 'changed'])
  expect(keyOf(process.seal('', 'phone', PHONE))).toBe('k2')
  expect(reads).toBe(1)
  const stranger = reading(addKey(createKeyring()))
  expect(refusalOf(() => stranger.open('', 'phone', sealed))).toEqual(['sealed_unreadable', 'key'])
  expect(refusalOf(() => stranger.open('', 'phone', sealed))).toEqual(['sealed_unreadable', 'key'])
  expect(reads).toBe(2)
  expect(keyOf(stranger.seal('', 'phone', PHONE))).toBe('k1')
})

test('a value in clear is readable; without keys values stay in clear', () => {
  expect(cipher.open('ac63', 'phone', PHONE)).toBe(PHONE)
  const off = createCipher(undefined)
  expect(off.seal('ac63', 'phone', PHONE)).toBe(PHONE)
  expect(off.index('ac63', 'phone', PHONE)).toBe(PHONE)
})

test('an index has 128 bits, differs by scheme and field, and survives another key', () => {
  const index = cipher.index('ac63', 'mail', 'a@b.fr')
  expect(index).toMatch(/^[a-z2-7]{26}$/)
  expect(createCipher(addKey(keyring)).index('ac63', 'mail', 'a@b.fr')).toBe(index)
  const others = [
    cipher.index('ac39', 'mail', 'a@b.fr'),
    cipher.index('ac63', 'iban', 'a@b.fr'),
    cipher.index('ac63', 'mail', 'a@b.fra'),
    createCipher(createKeyring()).index('ac63', 'mail', 'a@b.fr'),
  ]
  expect(new Set([index, ...others]).size).toBe(5)
})

describe('keys', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tocsin-keys-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const io = { lang: 'en' as const, stdout() {}, stderr() {}, progress() {} }
  const problems = (env: Record<string, string>) => {
    try {
      return readConfig(env, undefined, READ_KEYS).keys?.current
    } catch (error) {
      return (error as AppError).problems.map(({ code, values }) => [code, values?.reason])
    }
  }

  test('are created once, for their owner only, and another one is added', async () => {
    const file = join(directory, 'keys.json')
    expect(await keysCreateCommand(['--file', file], io)).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await expect(keysCreateCommand(['--file', file], io)).rejects.toMatchObject({ code: 'file_exists' })
    const before = parseKeyring(readFileSync(file, 'utf8'))
    expect(await keysAddCommand(['--file', file], io)).toBe(0)
    const after = parseKeyring(readFileSync(file, 'utf8'))
    expect(after.current).toBe('k2')
    expect(after.keys.get('k1')).toEqual(before.keys.get('k1'))
    expect(after.index).toEqual(before.index)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(problems({ TOCSIN_KEYS_FILE: file })).toBe('k2')

    // The group of the service reads it, after an administrator changed it.
    chmodSync(file, 0o640)
    const owner = process.getuid?.() === 0 ? 12_345 : statSync(file).uid
    chownSync(file, owner, owner)
    await keysAddCommand(['--file', file], io)
    const { mode, uid, gid } = statSync(file)
    expect([mode & 0o777, uid, gid]).toEqual([0o640, owner, owner])
    expect(readdirSync(directory).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  test('are refused from a file that others can read, or that holds anything else', () => {
    const file = join(directory, 'open.json')
    writeFileSync(file, formatKeyring(keyring))
    chmodSync(file, 0o644)
    expect(problems({ TOCSIN_KEYS_FILE: file })).toEqual([['config.keys_unreadable', 'mode']])
    chmodSync(file, 0o640)
    expect(problems({ TOCSIN_KEYS_FILE: file })).toBe('k1')
    for (const text of ['', '{}', formatKeyring(keyring).replace('"current": "k1"', '"current": "k9"')]) {
      writeFileSync(file, text)
      expect(problems({ TOCSIN_KEYS_FILE: file }), text).toEqual([['config.keys_unreadable', 'format']])
    }
    expect(problems({ TOCSIN_KEYS_FILE: join(directory, 'none') })).toEqual([
      ['config.keys_unreadable', 'ENOENT'],
    ])
  })

  test('come from a command, which no shell reads', () => {
    const file = join(directory, 'printed.json')
    writeFileSync(file, formatKeyring(keyring))
    expect(execFileSync('cat', [file], { encoding: 'utf8' })).toBe(formatKeyring(keyring))
    expect(problems({ TOCSIN_KEYS_COMMAND: `cat ${file}` })).toBe('k1')
    expect(problems({ TOCSIN_KEYS_COMMAND: `cat ${file}; true` })).toEqual([
      ['config.keys_unreadable', 'exit'],
    ])
  })

  test('are required in service unless it is said that numbers are stored in clear', () => {
    const service = {
      TOCSIN_SECRET: 's'.repeat(32),
      TOCSIN_BASE_URL: 'https://x.fr',
      TOCSIN_SMPP_HOST: 'smsc',
      TOCSIN_SMPP_SYSTEM_ID: 'account',
      TOCSIN_SMPP_PASSWORD: 'word',
    }
    expect(problems(service)).toEqual([['config.keys_missing', undefined]])
    expect(problems({ ...service, TOCSIN_ENCRYPTION: 'off' })).toBeUndefined()
    expect(problems({ TOCSIN_DEMO: 'true' })).toBeUndefined()
    expect(problems({ TOCSIN_DEMO: 'true', TOCSIN_ENCRYPTION: 'on' })).toEqual([
      ['config.keys_missing', undefined],
    ])
    const file = join(directory, 'keys.json')
    expect(problems({ ...service, TOCSIN_KEYS_FILE: file, TOCSIN_ENCRYPTION: 'off' })).toEqual([
      ['config.keys_unused', undefined],
    ])
  })
})
