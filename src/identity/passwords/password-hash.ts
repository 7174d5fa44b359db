import * as crypto from 'node:crypto'
import { promisify } from 'node:util'
import { verifyPassword as verifyOlder } from 'better-auth/crypto'

// OWASP's Password Storage Cheat Sheet requires at least this. The default of better-auth (scrypt, N 16384, r 16, p 1) is below it.

/** argon2id: 19 MiB, two passes. */
const ARGON2 = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
/** scrypt, for a Node.js without argon2 (before 24.7): 32 MiB, three times. */
const SCRYPT = { N: 32_768, r: 8, p: 3 }
const SALT_BYTES = 16

const scrypt = promisify<string, Buffer, number, crypto.ScryptOptions, Buffer>(crypto.scrypt)
const hasArgon2 = 'argon2' in crypto

/** Hashes a password for storage; the hash says by which function. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.randomBytes(SALT_BYTES)
  const key = hasArgon2 ? await argon2Key(password, salt) : await scryptKey(password, salt)
  return [hasArgon2 ? 'argon2id' : 'scrypt', salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Returns whether a password has this hash, which may be one of better-auth that an earlier release stored. */
export async function verifyPassword(of: { hash: string; password: string }): Promise<boolean> {
  const [name, salt = '', stored = ''] = of.hash.split('$')
  if (name !== 'argon2id' && name !== 'scrypt') return verifyOlder(of)
  const bytes = Buffer.from(salt, 'base64url')
  const key = await (name === 'argon2id' ? argon2Key : scryptKey)(of.password, bytes)
  const wanted = Buffer.from(stored, 'base64url')
  return wanted.length === key.length && crypto.timingSafeEqual(wanted, key)
}

/** Returns whether a hash is one that `hashPassword` would make today. */
export function isCurrentHash(hash: string): boolean {
  return hash.startsWith(hasArgon2 ? 'argon2id$' : 'scrypt$')
}

function argon2Key(password: string, nonce: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const message = password.normalize('NFKC')
    crypto.argon2('argon2id', { ...ARGON2, message, nonce }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

function scryptKey(password: string, salt: Buffer): Promise<Buffer> {
  return scrypt(password.normalize('NFKC'), salt, 32, { ...SCRYPT, maxmem: 64 * 1024 * 1024 })
}
