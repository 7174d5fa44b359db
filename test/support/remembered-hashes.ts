import crypto, { type Argon2Algorithm, type Argon2Parameters } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

type Derive = typeof crypto.argon2

/**
 * Returns argon2 with a memory: the same password with the same salt is derived once a process. Proving the password of an
 * account that the process made then takes no processor time in place of 25 ms. A wrong password has another key.
 */
export function withMemory(derive: Derive): Derive {
  const keys = new Map<string, Promise<Buffer>>()
  return (algorithm, parameters, callback) => {
    const id = idOf(algorithm, parameters)
    const key = keys.get(id) ?? deriveAsync(derive, algorithm, parameters)
    keys.set(id, key)
    // A copy: its owner may clear it.
    key.then(
      (made) => callback(null, Buffer.from(made)),
      (error: Error) => callback(error, Buffer.alloc(0)),
    )
  }
}

function deriveAsync(
  derive: Derive,
  algorithm: Argon2Algorithm,
  parameters: Argon2Parameters,
): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    derive(algorithm, parameters, (error, key) => (error === null ? resolve(key) : reject(error))),
  )
}

function idOf(algorithm: string, parameters: Argon2Parameters): string {
  return JSON.stringify([algorithm, parameters], (_, value) =>
    ArrayBuffer.isView(value)
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
      : value,
  )
}

// The files of a process share its modules: this runs once. Node.js before 24.7 has no argon2.
if (crypto.argon2 !== undefined) {
  crypto.argon2 = withMemory(crypto.argon2)
  syncBuiltinESMExports()
}
