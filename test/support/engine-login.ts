import type { Cipher } from '../../src/cipher/cipher.ts'
import { type Database, openDatabase } from '../../src/platform/db.ts'
import { testCipher } from './encryption.ts'
import type { ProcessLogin } from './postgres.ts'

/** Returns the URL of the same database with the login of a process. */
export function withLogin(address: string, login: ProcessLogin): string {
  const url = new URL(address)
  url.username = url.password = login
  return url.href
}

/**
 * Runs work on a test's database as a process that sends, which alone writes anchors and seals. Files that do so are on a list
 * (test/contracts/other-logins.ts). On the embedded database there is one login, and the work gets the same database.
 * @param cipher default: that of the run
 */
export async function asEngine<T>(
  database: Database,
  work: (engine: Database) => Promise<T>,
  cipher: Cipher = testCipher(),
): Promise<T> {
  const address = database.pool.options.connectionString
  if (address === undefined) return work(database)
  const url = withLogin(address, 'tocsin_engine')
  const engine = await openDatabase({ kind: 'postgres', url, poolSize: 1 }, { cipher })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}
