import { sql } from 'kysely'
import { asOwner, type Db, type Tx } from '../platform/db.ts'
import { GENESIS, hashEntry } from './record.ts'

export interface ChainReport {
  readonly schemeId: string
  readonly entries: number
  /** The first entry that does not verify; absent when the chain is intact. */
  readonly broken?: {
    readonly seq: number
    readonly reason: 'changed' | 'missing' | 'cut' | 'unexpected'
  }
}

/** Number of entries read in one transaction. */
const PAGE = 500

/**
 * Verifies every chain from its first entry. Finds rows that were changed, removed, reordered, added or cut off the end, and
 * schemes without a chain (creating a scheme writes its first entry). Each page is read in a short transaction, so that other
 * work can use the database in between.
 */
export async function verifyAudit(db: Db): Promise<ChainReport[]> {
  const { heads, orphans, schemes } = await asOwner(db, async (tx) => {
    await useOneSnapshot(tx)
    const heads = await tx.selectFrom('auditHeads').select('schemeId').orderBy('schemeId').execute()
    return {
      heads,
      orphans: await tx
        .selectFrom('auditEntries')
        .select('schemeId')
        .distinct()
        .where('schemeId', 'not in', heads.length > 0 ? heads.map((head) => head.schemeId) : ['\u0001'])
        .execute(),
      schemes: await tx.selectFrom('schemes').select('id').orderBy('id').execute(),
    }
  })
  const reports: ChainReport[] = orphans.map(({ schemeId }) => ({
    schemeId,
    entries: 0,
    broken: { seq: 1, reason: 'unexpected' as const },
  }))
  const known = new Set([...heads, ...orphans].map(({ schemeId }) => schemeId))
  for (const { id } of schemes) {
    if (!known.has(id)) reports.push({ schemeId: id, entries: 0, broken: { seq: 1, reason: 'missing' } })
  }
  for (const { schemeId } of heads) reports.push(await verifySchemeAudit(db, schemeId))
  return reports
}

/** Verifies the chain of one scheme. */
export async function verifySchemeAudit(db: Db, schemeId: string): Promise<ChainReport> {
  let prevHash = GENESIS
  let entries = 0
  for (;;) {
    const { head, page } = await readChainPage(db, schemeId, entries)
    if (head === undefined) return { schemeId, entries, broken: { seq: entries + 1, reason: 'missing' } }
    for (const row of page) {
      const seq = entries + 1
      if (row.seq !== seq) return { schemeId, entries, broken: { seq, reason: 'missing' } }
      if (row.prevHash !== prevHash || row.hash !== hashEntry(row, prevHash)) {
        return { schemeId, entries, broken: { seq, reason: 'changed' } }
      }
      prevHash = row.hash
      entries = seq
    }
    if (page.length === PAGE) continue
    if (entries < head.seq) return { schemeId, entries, broken: { seq: entries + 1, reason: 'cut' } }
    if (entries > head.seq || prevHash !== head.hash) {
      return { schemeId, entries, broken: { seq: Math.max(entries, 1), reason: 'unexpected' } }
    }
    return { schemeId, entries }
  }
}

/**
 * Reads the page after an entry together with the head of the same moment, so that entries added meanwhile do not look
 * unexpected.
 */
function readChainPage(db: Db, schemeId: string, after: number) {
  return asOwner(db, async (tx) => {
    await useOneSnapshot(tx)
    return {
      head: await tx
        .selectFrom('auditHeads')
        .select(['seq', 'hash'])
        .where('schemeId', '=', schemeId)
        .executeTakeFirst(),
      page: await tx
        .selectFrom('auditEntries')
        .selectAll()
        .where('schemeId', '=', schemeId)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PAGE)
        .execute(),
    }
  })
}

/** Makes everything that the transaction reads come from one snapshot. */
async function useOneSnapshot(tx: Tx): Promise<void> {
  await sql`set transaction isolation level repeatable read`.execute(tx)
}
