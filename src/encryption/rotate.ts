import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { type Cipher, prefixOf } from '../cipher/cipher.ts'
import { fieldOf } from '../cipher/pseudonyms.ts'
import { AS_STORED } from '../platform/database/client.ts'
import { acrossSchemes, type Db } from '../platform/db.ts'

/** Numbers of one transaction: short, since sign-ins and orders keep the same rows. */
const SLICE = 500
/** Maximum number of tries for rows that other transactions hold, and the time between two of them. */
const MAX_TRIES = 50
const RETRY_EVERY_MS = 200

/** Counts the numbers by the key that sealed them. */
export async function countNumbers(db: Db): Promise<Readonly<Record<string, number>>> {
  const { rows } = await acrossSchemes(db, (tx) =>
    sql<{ key: string; values: number }>`${AS_STORED}
      select split_part(sealed, '.', 2) as key, count(*)::int as values from pseudonyms group by 1 order by 1`.execute(
      tx,
    ),
  )
  return Object.fromEntries(rows.map(({ key, values }) => [key, values]))
}

/**
 * Seals every number under the current key, in short transactions, while the program works: a number is readable before and after.
 * Interrupted, it continues where it was, since it looks for what is not under the current key.
 * @param onProgress called after each slice with the numbers done and found at the start
 * @returns how many were sealed
 */
export async function rotateNumbers(
  { db, cipher }: { readonly db: Db; readonly cipher: Cipher },
  onProgress: (done: number, total: number) => void = () => {},
  slice = SLICE,
): Promise<number> {
  const { currentKey } = cipher
  if (currentKey === undefined) return 0
  const countLeft = async () =>
    Object.entries(await countNumbers(db)).reduce(
      (sum, [key, values]) => sum + (key === currentKey ? 0 : values),
      0,
    )
  const total = await countLeft()
  let done = 0
  for (let looks = 0; ; ) {
    const sealed = await rotateSlice(db, cipher, prefixOf(currentKey), slice)
    done += sealed
    if (sealed > 0) onProgress(Math.min(done, total), total)
    else if (looks++ >= MAX_TRIES || (await countLeft()) === 0) return done
    // Rows that another transaction holds are left for the next look.
    else await sleep(RETRY_EVERY_MS)
  }
}

/** @returns how many were sealed */
async function rotateSlice(db: Db, cipher: Cipher, prefix: string, slice: number): Promise<number> {
  return acrossSchemes(db, async (tx) => {
    const { rows } = await sql<{ pseudonym: string; sealed: string }>`${AS_STORED}
      select pseudonym, sealed from pseudonyms where not starts_with(sealed, ${prefix})
      limit ${slice} for update skip locked`.execute(tx)
    const next = rows.map(({ pseudonym, sealed }) => {
      const field = fieldOf(pseudonym)
      return cipher.seal(pseudonym, field, cipher.open(pseudonym, field, sealed))
    })
    await sql`${AS_STORED}
      update pseudonyms p set sealed = n.sealed
      from unnest(${rows.map(({ pseudonym }) => pseudonym)}::text[], ${next}::text[]) as n (pseudonym, sealed)
      where p.pseudonym = n.pseudonym`.execute(tx)
    return rows.length
  })
}
