import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { acrossSchemes, type Db } from '../platform/db.ts'

/** Numbers of one statement, and the pause after it: opening them takes some 15 ms, in which nothing else runs. */
const SLICE = 500
const PAUSE_MS = 50
/** The number that a pool remembers. */
const MAX_REMEMBERED = 50_000

/**
 * Opens the numbers kept last, so that the pool remembers them and the first alert after a start does not wait for it.
 * @param stopped ends it early
 */
export async function rememberNumbers(db: Db, stopped: AbortSignal): Promise<void> {
  for (let from = 0; from < MAX_REMEMBERED && !stopped.aborted; from += SLICE) {
    const { rows } = await acrossSchemes(db, (tx) =>
      sql`select pseudonym from pseudonyms order by kept_at desc, pseudonym limit ${SLICE} offset ${from}`.execute(
        tx,
      ),
    )
    if (rows.length < SLICE) return
    await sleep(PAUSE_MS)
  }
}
