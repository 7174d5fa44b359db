import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/** Bytes of a key of AES-256, and of the key of indexes. */
const KEY_BYTES = 32
const key = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length === KEY_BYTES && bytes.toString('base64url') === text) return bytes
  context.addIssue({ code: 'custom', message: `a key is ${KEY_BYTES} bytes in base64url` })
  return z.NEVER
})
const KEY_ID = /^[a-z0-9]{1,16}$/

const KeyringFile = z
  .strictObject({ current: z.string(), keys: z.record(z.string().regex(KEY_ID), key), index: key })
  .refine(({ current, keys }) => Object.hasOwn(keys, current))

/** The keys of an installation. They are never in its database. */
export interface Keyring {
  /** The id of the key that seals; the others only open. */
  readonly current: string
  readonly keys: ReadonlyMap<string, Buffer>
  /** Makes blind indexes and pseudonyms. It stays the same: another one would find nothing that is stored. */
  readonly index: Buffer
}

/** @throws when the text is not the JSON that `formatKeyring` writes */
export function parseKeyring(text: string): Keyring {
  const { current, keys, index } = KeyringFile.parse(JSON.parse(text))
  return { current, keys: new Map(Object.entries(keys)), index }
}

export function formatKeyring({ current, keys, index }: Keyring): string {
  const texts = [...keys].map(([id, bytes]) => [id, bytes.toString('base64url')])
  return `${JSON.stringify({ current, keys: Object.fromEntries(texts), index: index.toString('base64url') }, null, 2)}\n`
}

export function createKeyring(random: (size: number) => Buffer = randomBytes): Keyring {
  return { current: 'k1', keys: new Map([['k1', random(KEY_BYTES)]]), index: random(KEY_BYTES) }
}

/** Returns the keyring with one more key, which seals from now on. */
export function addKey({ keys, index }: Keyring, random: (size: number) => Buffer = randomBytes): Keyring {
  let number = keys.size + 1
  while (keys.has(`k${number}`)) number++
  return { current: `k${number}`, keys: new Map([...keys, [`k${number}`, random(KEY_BYTES)]]), index }
}
