import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { DAY_MS, HOUR_MS } from '../message/clock.ts'
import { AS_STORED } from '../platform/database/client.ts'
import { acrossSchemes } from '../platform/db.ts'
import { listColumns } from './columns.ts'

/** A number kept for a statement that is not over yet is referred to by no row. */
const KEPT_MS = DAY_MS
/** A number is deleted when nothing referred to it in two searches that are at least so far apart. */
const UNUSED_MS = 12 * HOUR_MS
/** The job runs every hour; the search reads every table, so once a day is enough. */
const EVERY_MS = 20 * HOUR_MS

/**
 * Deletes the numbers whose pseudonym no row has any more: those of erased members, of deliveries past their retention, or of
 * statements that failed. Call it often: it works once a day.
 * @returns the number of numbers deleted
 */
export async function deleteUnusedNumbers({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<number> {
  const at = now()
  const isDue = await acrossSchemes(db, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('encryption')
      .set({ searchedAt: at })
      .where((eb) =>
        eb.or([eb('searchedAt', 'is', null), eb('searchedAt', '<', new Date(at.getTime() - EVERY_MS))]),
      )
      .executeTakeFirst()
    return numUpdatedRows > 0n
  })
  if (!isDue) return 0
  const keptBefore = new Date(at.getTime() - KEPT_MS)
  // One snapshot: a pseudonym that moves from one table to another is found in one of them.
  const unused = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const { rows: candidates } = await sql<{ pseudonym: string }>`${AS_STORED}
        select pseudonym from pseudonyms where kept_at < ${keptBefore}`.execute(tx)
      const left = new Set(candidates.map(({ pseudonym }) => pseudonym))
      for (const { table, name } of await listColumns(tx)) {
        if (left.size === 0) break
        const { rows } = await sql<{ pseudonym: string }>`${AS_STORED}
          select distinct (regexp_matches(${sql.id(name)}::text, 'n1\\.[a-z2-7]{26}[mf]|[mi]1\\.[a-z2-7]{26}', 'g'))[1] as pseudonym
          from ${sql.table(table)} where ${sql.id(name)}::text ~ '[nmi]1\\.[a-z2-7]{26}'`.execute(tx)
        for (const { pseudonym } of rows) left.delete(pseudonym)
      }
      return [...left]
    })
  return acrossSchemes(db, async (tx) => {
    await sql`${AS_STORED} update pseudonyms set unused_since = null
      where unused_since is not null and pseudonym <> all (${unused}::text[])`.execute(tx)
    // The conditions are checked again on the locked row: a statement may just have kept the number.
    const { numAffectedRows = 0n } = await sql`${AS_STORED} delete from pseudonyms
      where pseudonym = any (${unused}::text[]) and unused_since <= ${new Date(at.getTime() - UNUSED_MS)} and kept_at < ${keptBefore}`.execute(
      tx,
    )
    await sql`${AS_STORED} update pseudonyms set unused_since = ${at}
      where pseudonym = any (${unused}::text[]) and unused_since is null and kept_at < ${keptBefore}`.execute(
      tx,
    )
    return Number(numAffectedRows)
  })
}
