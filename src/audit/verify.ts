import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { acrossSchemes, type Db, type Tx } from '../platform/db.ts'
import { type Anchor, type Anchored, readAnchors } from './anchors/anchors.ts'
import type { AuditKeys } from './keys.ts'
import { GENESIS, hashEntry, hashNetwork, hashWords } from './record.ts'
import { compareFacts, createSealRegister, type FactFault, type SealKind } from './seals.ts'

/**
 * Reasons for which a chain does not verify from an entry on. `changed`, `missing`, `cut` and `unexpected`: the entries do not
 * fit together. `rewritten`: they do, but not with an anchor. `reason`: the words beside the entry are not those that were
 * written. `network`: the same of its network. `seal`: this program did not sign the seal that the entry is.
 */
export type ChainFault =
  | 'changed'
  | 'missing'
  | 'cut'
  | 'unexpected'
  | 'rewritten'
  | 'reason'
  | 'network'
  | 'seal'

/** Everything outside a chain that its verification needs. */
export interface Against {
  readonly anchored: Anchored
  /** Check the signatures of seals. */
  readonly keys: AuditKeys
  /** The facts to compare with their seals. */
  readonly seals: readonly SealKind[]
  readonly config: Pick<Deps['config'], 'keepDeliveriesDays'>
  readonly now: Date
}

/** Reads the anchors, and returns all that a chain is compared with. @param outside anchors kept outside the database */
export async function readAgainst(
  deps: Pick<Deps, 'db' | 'now' | 'config' | 'auditKeys'>,
  seals: readonly SealKind[],
  outside: readonly Anchor[] = [],
): Promise<Against> {
  const { db, config, auditKeys: keys } = deps
  const anchored = await readAnchors(db, keys, outside, config.audit.timestampRoots)
  return { anchored, keys, seals, config, now: deps.now() }
}

/** The entry from which a chain does not verify, and why. */
interface Break {
  readonly seq: number
  readonly reason: ChainFault
}

export interface ChainReport {
  readonly schemeId: string
  readonly entries: number
  /** The first entry that does not verify; absent when the chain is intact. */
  readonly broken?: Break
  /** Facts that are not as they were sealed, when the chain is intact; absent: none. */
  readonly facts?: readonly FactFault[]
}

/** Number of entries read in one transaction. */
const PAGE = 500

/**
 * Verifies every chain from its first entry. Finds rows that were changed, removed, reordered, added or cut off the end, and
 * schemes without a chain (creating a scheme writes its first entry), and with anchors also chains that were rewritten, cut or
 * removed with their heads. Each page is read in a short transaction, so that other
 * work can use the database in between.
 */
export async function verifyAudit(db: Db, against?: Against): Promise<ChainReport[]> {
  const { heads, orphans, schemes } = await acrossSchemes(db, async (tx) => {
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
  for (const id of new Set([...schemes.map(({ id }) => id), ...(against?.anchored.heads.keys() ?? [])])) {
    if (!known.has(id)) reports.push({ schemeId: id, entries: 0, broken: { seq: 1, reason: 'missing' } })
  }
  for (const { schemeId } of heads) reports.push(await verifySchemeAudit(db, schemeId, against))
  return reports
}

/** Returns whether a chain has nothing on it yet: that of an installation that has just begun. No anchor knows it. */
export function isUnused({ schemeId, entries, broken }: ChainReport, { anchored }: Against): boolean {
  return entries === 0 && broken?.reason === 'missing' && !anchored.heads.has(schemeId)
}

/** Verifies the chain of one scheme. */
export async function verifySchemeAudit(db: Db, schemeId: string, against?: Against): Promise<ChainReport> {
  const anchors = against?.anchored.heads.get(schemeId) ?? new Map<number, string>()
  const register = against && createSealRegister(schemeId, against.keys)
  const lastAnchored = [...anchors.keys()].reduce((last, seq) => Math.max(last, seq), 0)
  const walk: Walk = { entries: 0, prevHash: GENESIS, anchoredSeq: 0, haveDigests: false }
  const reportOf = (broken: Break): ChainReport => ({ schemeId, entries: walk.entries, broken })
  for (;;) {
    const { head, page } = await readChainPage(db, schemeId, walk.entries)
    if (head === undefined) return reportOf({ seq: walk.entries + 1, reason: 'missing' })
    const within = walkPage(page, walk, anchors, register)
    if (within !== undefined) return reportOf(within)
    if (page.length === PAGE) continue
    const atEnd = breakAtEnd(walk, head, lastAnchored)
    if (atEnd !== undefined) return reportOf(atEnd)
    const facts = against && register ? await compareFacts(db, schemeId, register, against) : []
    return { schemeId, entries: walk.entries, ...(facts.length === 0 ? {} : { facts }) }
  }
}

/** The state of the verification of a chain. */
interface Walk {
  entries: number
  /** Hash of the last entry. */
  prevHash: string
  /** The last entry that an anchor vouches for. */
  anchoredSeq: number
  /** Whether an entry had a digest of its reason: older entries have none, later ones all do. */
  haveDigests: boolean
}

type ChainRow = Awaited<ReturnType<typeof readChainPage>>['page'][number]

/**
 * Walks over the entries of a page, up to the first that does not verify.
 * @returns undefined when all of them verify
 */
function walkPage(
  page: readonly ChainRow[],
  walk: Walk,
  anchors: ReadonlyMap<number, string>,
  register: ReturnType<typeof createSealRegister> | undefined,
): Break | undefined {
  for (const row of page) {
    const found = breakAt(row, walk, anchors.get(walk.entries + 1))
    if (found !== undefined) return found
    if (row.action === 'audit.seal' && register?.take(row.details) === false)
      return { seq: walk.entries + 1, reason: 'seal' }
    advance(walk, row, anchors)
  }
  return undefined
}

/** Compares the end of a chain, once all its entries verified, with its head and the last entry that was anchored. */
function breakAtEnd(
  { entries, prevHash }: Walk,
  head: { readonly seq: number; readonly hash: string },
  lastAnchored: number,
): Break | undefined {
  if (entries < Math.max(head.seq, lastAnchored)) return { seq: entries + 1, reason: 'cut' }
  if (entries > head.seq || prevHash !== head.hash) return { seq: Math.max(entries, 1), reason: 'unexpected' }
  return undefined
}

/** Compares the next entry with the ones before, with its anchor, and with the words and the network beside it. */
function breakAt(
  row: ChainRow,
  { entries, prevHash, anchoredSeq, haveDigests }: Walk,
  anchored: string | undefined,
): Break | undefined {
  const seq = entries + 1
  if (row.seq !== seq) return { seq, reason: 'missing' }
  if (row.prevHash !== prevHash || row.hash !== hashEntry(row, prevHash)) return { seq, reason: 'changed' }
  // Entries up to the anchor before this one are as they were signed.
  if (anchored !== undefined && anchored !== row.hash) return { seq: anchoredSeq + 1, reason: 'rewritten' }
  if (row.reason !== null && (haveDigests || row.reasonDigest !== null || row.salt !== null)) {
    const words = { salt: row.salt ?? '', reason: row.reason, named: row.named }
    if (row.reasonDigest !== hashWords(words)) return { seq, reason: 'reason' }
  }
  if (row.network === null) return undefined
  const isSame = row.networkDigest === hashNetwork({ salt: row.networkSalt ?? '', network: row.network })
  return isSame ? undefined : { seq, reason: 'network' }
}

function advance(walk: Walk, row: ChainRow, anchors: ReadonlyMap<number, string>): void {
  walk.entries += 1
  walk.prevHash = row.hash
  if (anchors.has(walk.entries)) walk.anchoredSeq = walk.entries
  walk.haveDigests ||= row.reasonDigest !== null
}

/**
 * Reads the page after an entry together with the head of the same moment, so that entries added meanwhile do not look
 * unexpected.
 */
function readChainPage(db: Db, schemeId: string, after: number) {
  return acrossSchemes(db, async (tx) => {
    await useOneSnapshot(tx)
    return {
      head: await tx
        .selectFrom('auditHeads')
        .select(['seq', 'hash'])
        .where('schemeId', '=', schemeId)
        .executeTakeFirst(),
      page: await tx
        .selectFrom('auditEntries as e')
        .leftJoin('auditReasons as r', (join) =>
          join.onRef('r.schemeId', '=', 'e.schemeId').onRef('r.seq', '=', 'e.seq'),
        )
        .leftJoin('auditNetworks as w', (join) =>
          join.onRef('w.schemeId', '=', 'e.schemeId').onRef('w.seq', '=', 'e.seq'),
        )
        .selectAll('e')
        .select(['r.reason', 'r.named', 'r.salt', 'w.network', 'w.salt as networkSalt'])
        .where('e.schemeId', '=', schemeId)
        .where('e.seq', '>', after)
        .orderBy('e.seq')
        .limit(PAGE)
        .execute(),
    }
  })
}

/** Makes everything that the transaction reads come from one snapshot. */
async function useOneSnapshot(tx: Tx): Promise<void> {
  await sql`set transaction isolation level repeatable read`.execute(tx)
}
