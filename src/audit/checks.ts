import type { Deps } from '../deps.ts'
import { inScheme } from '../platform/db.ts'
import { type ChainReport, verifySchemeAudit } from './verify.ts'

/** What the last full check of a chain found. */
export interface ChainCheck {
  readonly checkedAt: Date
  /** Whole up to here. */
  readonly entries: number
  readonly broken: ChainReport['broken'] | null
  /** On the record now, as its head counts. */
  readonly entriesNow: number
}

const HOUR_MS = 3_600_000
/** The job comes every hour: each chain is checked once a day, wherever in the hour that falls. */
const CHECKED_EVERY_MS = 20 * HOUR_MS

/** The last check of the chain of a scheme; undefined: there never was one. */
export async function findLastCheck(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
): Promise<ChainCheck | undefined> {
  const row = await inScheme(deps.db, schemeId, (tx) =>
    tx
      .selectFrom('auditChecks as c')
      .leftJoin('auditHeads as h', 'h.schemeId', 'c.schemeId')
      .select(['c.checkedAt', 'c.entries', 'c.brokenSeq', 'c.brokenReason', 'h.seq'])
      .where('c.schemeId', '=', schemeId)
      .executeTakeFirst(),
  )
  if (row === undefined) return undefined
  const { checkedAt, entries, brokenSeq, brokenReason, seq } = row
  return {
    checkedAt,
    entries,
    broken: brokenSeq === null || brokenReason === null ? null : { seq: brokenSeq, reason: brokenReason },
    entriesNow: seq ?? 0,
  }
}

/** Checks the whole chain of a scheme, a page at a time so that others get in between, and keeps the result. */
export async function checkChain(deps: Pick<Deps, 'db' | 'now'>, schemeId: string): Promise<ChainCheck> {
  const { entries, broken } = await verifySchemeAudit(deps.db, schemeId)
  const found = {
    checkedAt: deps.now(),
    entries,
    brokenSeq: broken?.seq ?? null,
    brokenReason: broken?.reason ?? null,
  }
  await inScheme(deps.db, schemeId, (tx) =>
    tx
      .insertInto('auditChecks')
      .values({ schemeId, ...found })
      // Of two checks at once, the one that ended last stays.
      .onConflict((conflict) =>
        conflict.column('schemeId').doUpdateSet(found).where('auditChecks.checkedAt', '<=', found.checkedAt),
      )
      .execute(),
  )
  const check = await findLastCheck(deps, schemeId)
  if (check === undefined) throw new Error('the check of a chain was not kept')
  return check
}

/**
 * Checks the chains of all schemes that were not checked for most of a day, one after the other. A broken one is logged as an
 * error by its scheme and position alone.
 * @returns how many were checked
 */
export async function checkDueChains(deps: Pick<Deps, 'db' | 'now' | 'log'>): Promise<number> {
  const before = new Date(deps.now().getTime() - CHECKED_EVERY_MS)
  const due = await deps.db
    .selectFrom('schemes as s')
    .leftJoin('auditChecks as c', 'c.schemeId', 's.id')
    .select('s.id')
    .where((where) => where.or([where('c.checkedAt', 'is', null), where('c.checkedAt', '<', before)]))
    .orderBy('s.id')
    .execute()
  for (const { id } of due) {
    const { broken } = await checkChain(deps, id)
    if (broken) deps.log.error({ schemeId: id, ...broken }, 'the audit record is not what was written')
  }
  return due.length
}
