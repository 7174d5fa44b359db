import { type Cipher, createCipher } from '../../src/cipher/cipher.ts'
import { createKeyring } from '../../src/cipher/keyring.ts'
import { encryptNumbers } from '../../src/encryption/first.ts'
import { type Database, openDatabase } from '../../src/platform/db.ts'
import { asOwnerUrl } from './owner-url.ts'

/** Fixed bytes, so that every process of a run has the same keys. */
export const TEST_KEYRING = createKeyring((size) => Buffer.alloc(size, 7))

/**
 * The cipher of the tests: off, or on for all databases of a run with TOCSIN_TEST_ENCRYPTION=on, which shows that no statement
 * depends on numbers in clear.
 */
export function testCipher(): Cipher {
  return createCipher(process.env.TOCSIN_TEST_ENCRYPTION === 'on' ? TEST_KEYRING : undefined)
}

/** Stores under pseudonyms what a fixture wrote in clear by its own SQL. */
export async function encryptFixture(
  database: Database,
  cipher: Cipher = testCipher(),
): Promise<number | undefined> {
  if (!cipher.isOn) return undefined
  const url = database.pool.options.connectionString
  const owner =
    url === undefined ? database : await openDatabase({ kind: 'postgres', url: asOwnerUrl(url), poolSize: 1 })
  try {
    await owner.db.deleteFrom('encryption').execute()
    return await encryptNumbers(owner, cipher)
  } finally {
    if (owner !== database) await owner.close()
  }
}
