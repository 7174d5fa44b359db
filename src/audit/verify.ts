import { sql } from 'kysely'
import { asOwner, type Db, type Tx } from '../platform/db.ts'
import { GENESIS, hashEntry } from './record.ts'

export interface ChainReport {
  readonly schemeId: string
  readonly entries: number
  /** The first entry that is not what was written; absent when the chain is whole. */
  readonly broken?: {
    readonly seq: number
    readonly reason: 'changed' | 'missing' | 'cut' | 'unexpected'
  }
}

const PAGE = 5000

/**
 * Walks every chain from its first entry and finds any row changed, removed, reordered, added or cut off the end, and
 * any scheme without a chain: making it wrote the first entry.
 */
export function verifyAudit(db: Db): Promise<ChainReport[]> {
  return asOwner(db, async (tx) => {
    await asOfNow(tx)
    const heads = await tx.selectFrom('auditHeads').selectAll().orderBy('schemeId').execute()
    const orphans = await tx
      .selectFrom('auditEntries')
      .select('schemeId')
      .distinct()
      .where('schemeId', 'not in', heads.length > 0 ? heads.map((head) => head.schemeId) : ['\u0001'])
      .execute()
    const reports: ChainReport[] = orphans.map(({ schemeId }) => ({
      schemeId,
      entries: 0,
      broken: { seq: 1, reason: 'unexpected' as const },
    }))
    const known = new Set([...heads, ...orphans].map(({ schemeId }) => schemeId))
    const schemes = await tx.selectFrom('schemes').select('id').orderBy('id').execute()
    for (const { id } of schemes) {
      if (!known.has(id)) reports.push({ schemeId: id, entries: 0, broken: { seq: 1, reason: 'missing' } })
    }
    for (const head of heads) reports.push(await verifyChain(tx, head))
    return reports
  })
}

/** The same of one scheme. */
export function verifySchemeAudit(db: Db, schemeId: string): Promise<ChainReport> {
  return asOwner(db, async (tx) => {
    await asOfNow(tx)
    const head = await tx
      .selectFrom('auditHeads')
      .selectAll()
      .where('schemeId', '=', schemeId)
      .executeTakeFirst()
    return head === undefined
      ? { schemeId, entries: 0, broken: { seq: 1, reason: 'missing' } }
      : verifyChain(tx, head)
  })
}

/** All that the transaction reads is of one moment: what is added meanwhile is no entry too many. */
async function asOfNow(tx: Tx): Promise<void> {
  await sql`set transaction isolation level repeatable read`.execute(tx)
}

async function verifyChain(
  tx: Tx,
  head: { readonly schemeId: string; readonly seq: number; readonly hash: string },
): Promise<ChainReport> {
  const { schemeId } = head
  let prevHash = GENESIS
  let entries = 0
  for (;;) {
    const page = await tx
      .selectFrom('auditEntries')
      .selectAll()
      .where('schemeId', '=', schemeId)
      .where('seq', '>', entries)
      .orderBy('seq')
      .limit(PAGE)
      .execute()
    for (const row of page) {
      const seq = entries + 1
      if (row.seq !== seq) return { schemeId, entries, broken: { seq, reason: 'missing' } }
      if (row.prevHash !== prevHash || row.hash !== hashEntry(row, prevHash)) {
        return { schemeId, entries, broken: { seq, reason: 'changed' } }
      }
      prevHash = row.hash
      entries = seq
    }
    if (page.length < PAGE) break
  }
  if (entries < head.seq) return { schemeId, entries, broken: { seq: entries + 1, reason: 'cut' } }
  if (entries > head.seq || prevHash !== head.hash) {
    return { schemeId, entries, broken: { seq: Math.max(entries, 1), reason: 'unexpected' } }
  }
  return { schemeId, entries }
}
