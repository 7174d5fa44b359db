import { sql } from 'kysely'
import type { Cipher } from '../cipher/cipher.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../platform/db.ts'

/** Text by which an index key is recognised. */
export function indexCheckOf(cipher: Cipher): string {
  return cipher.index('', 'check', 'tocsin')
}

/**
 * Refuses keys that do not fit the database: with other pseudonyms, or none, a number that opted out would not be found.
 * @returns whether its numbers are stored under pseudonyms
 * @throws AppError `keys_refused`
 */
export async function requireKeys(db: Db, cipher: Cipher): Promise<boolean> {
  const { rows } = await sql<{ indexCheck: string }>`select index_check from encryption`.execute(db)
  const [stored] = rows
  if (stored === undefined) return false
  if (!cipher.isOn) throw new AppError('keys_refused', { values: { reason: 'missing' } })
  if (stored.indexCheck !== indexCheckOf(cipher))
    throw new AppError('keys_refused', { values: { reason: 'index' } })
  return true
}
