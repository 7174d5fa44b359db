import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { HOUR_MS } from '../message/clock.ts'
import { readAnchorFile } from './anchors/anchor-file.ts'
import { inChain, NO_SCHEME } from './chain.ts'
import type { FactFault, SealKind } from './seals.ts'
import { type Against, type ChainReport, isUnused, readAgainst, verifySchemeAudit } from './verify.ts'

/** The result of the last full check of a chain. */
export interface ChainCheck {
  readonly checkedAt: Date
  /** Number of entries from the first one that verified. */
  readonly entries: number
  readonly broken: ChainReport['broken'] | null
  /** When the last anchor known to the check was made. */
  readonly anchoredAt: Date | null
  /** Number of anchors missing or not to be trusted. */
  readonly anchorProblems: number
  /** Facts that are not as they were sealed, the first of them; empty while the chain is broken. */
  readonly facts: readonly FactFault[]
  /** Number of entries on the record now, as counted by the head of the chain. */
  readonly entriesNow: number
}

/** The kinds of facts come from the rooms that have them, which this one does not know. */
export type CheckDeps = Pick<Deps, 'db' | 'now' | 'config' | 'auditKeys'> & {
  readonly seals: readonly SealKind[]
}

/** Number of altered facts that are stored and shown. */
const MAX_FACTS = 20
/** The job runs every hour; 20 hours make it check each chain once a day, whichever run of the day comes first. */
const CHECKED_EVERY_MS = 20 * HOUR_MS

/** Returns the last check of a chain, or undefined if it was never checked. */
export async function findLastCheck(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
): Promise<ChainCheck | undefined> {
  const row = await inChain(deps.db, schemeId, (tx) =>
    tx
      .selectFrom('auditChecks as c')
      .leftJoin('auditHeads as h', 'h.schemeId', 'c.schemeId')
      .select([
        'c.checkedAt',
        'c.entries',
        'c.brokenSeq',
        'c.brokenReason',
        'c.anchoredAt',
        'c.anchorProblems',
        'c.facts',
        'h.seq',
      ])
      .where('c.schemeId', '=', schemeId)
      .executeTakeFirst(),
  )
  if (row === undefined) return undefined
  const { checkedAt, entries, brokenSeq, brokenReason, anchoredAt, anchorProblems, facts, seq } = row
  return {
    checkedAt,
    entries,
    broken: brokenSeq === null || brokenReason === null ? null : { seq: brokenSeq, reason: brokenReason },
    anchoredAt,
    anchorProblems,
    facts: facts ?? [],
    entriesNow: seq ?? 0,
  }
}

/** Reads what chains are compared with, with the anchors of the file outside the database if there is one. */
async function readAll(deps: CheckDeps): Promise<Against> {
  const { anchorFile } = deps.config.audit
  return readAgainst(deps, deps.seals, anchorFile === undefined ? [] : await readAnchorFile(anchorFile))
}

/**
 * Checks a whole chain in short transactions, so that other work can run in between, and stores the result.
 * @param known what it is compared with, if the caller has read it
 */
export async function checkChain(deps: CheckDeps, schemeId: string, known?: Against): Promise<ChainCheck> {
  const against = known ?? (await readAll(deps))
  const { anchored } = against
  const report = await verifySchemeAudit(deps.db, schemeId, against)
  const { entries, facts } = report
  // A scheme has an entry from its creation on; the installation may have none yet.
  const broken = schemeId === NO_SCHEME && isUnused(report, against) ? undefined : report.broken
  const found = {
    checkedAt: deps.now(),
    entries,
    brokenSeq: broken?.seq ?? null,
    brokenReason: broken?.reason ?? null,
    anchoredAt: anchored.last?.at ?? null,
    anchorProblems: anchored.problems.length,
    facts: facts === undefined ? null : JSON.stringify(facts.slice(0, MAX_FACTS)),
  }
  await inChain(deps.db, schemeId, (tx) =>
    tx
      .insertInto('auditChecks')
      .values({ schemeId, ...found })
      // If two checks overlap, the one that finished last is kept.
      .onConflict((conflict) =>
        conflict.column('schemeId').doUpdateSet(found).where('auditChecks.checkedAt', '<=', found.checkedAt),
      )
      .execute(),
  )
  const check = await findLastCheck(deps, schemeId)
  if (check === undefined) throw new Error('the check of a chain was not stored')
  return check
}

/**
 * Checks, one after the other, the chains not checked for most of a day: of each scheme, and of the installation. A broken chain
 * is logged as an error with only its scheme and position.
 * @returns the number of chains checked
 */
export async function checkDueChains(deps: CheckDeps & Pick<Deps, 'log'>): Promise<number> {
  const before = new Date(deps.now().getTime() - CHECKED_EVERY_MS)
  const { rows: due } = await sql<{ id: string }>`
    select a.id from (select id from schemes union all select ${NO_SCHEME}) a left join audit_checks c on c.scheme_id = a.id
    where c.checked_at is null or c.checked_at < ${before} order by a.id`.execute(deps.db)
  if (due.length === 0) return 0
  const against = await readAll(deps)
  const { anchored } = against
  if (anchored.problems.length > 0) {
    deps.log.error(
      { anchors: anchored.problems.slice(0, 20) },
      'anchors of the audit record are missing or wrong',
    )
  }
  for (const { id } of due) logFaults(deps, id, await checkChain(deps, id, against))
  return due.length
}

function logFaults(
  { log }: Pick<Deps, 'log'>,
  schemeId: string,
  { broken, facts = [] }: Pick<ChainReport, 'facts'> & { readonly broken?: ChainReport['broken'] | null },
): void {
  if (facts.length > 0)
    log.error({ schemeId, facts: facts.slice(0, MAX_FACTS) }, 'facts of the audit record were altered')
  if (broken) log.error({ schemeId, ...broken }, 'the audit record was altered')
}
