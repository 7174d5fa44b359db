import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { DAY_MS, HOUR_MS } from '../../message/clock.ts'
import { acrossSchemes, type Db } from '../../platform/db.ts'
import type { AuditKeys } from '../keys.ts'
import type { AuditAction } from '../list.ts'
import { GENESIS } from '../record.ts'

/** A signed statement, as kept in the database and as a line of JSON outside it. */
export interface Anchor {
  /** The JSON that is signed, byte for byte. */
  readonly statement: string
  readonly keyId: string
  readonly signature: string
  /** The token of an authority for the statement (RFC 3161), DER in base64, if one was asked. */
  readonly timestamp?: string | null | undefined
}

const Statement = z.object({
  format: z.literal('tocsin-anchor-1'),
  n: z.int().positive(),
  at: z.iso.datetime(),
  /** SHA-256 of the statement before; zeros for the first. */
  previous: z.string(),
  /** The last entry of each chain that moved since the statement before, and its hash. */
  heads: z.record(z.string(), z.tuple([z.int(), z.string()])),
})
export type Statement = z.infer<typeof Statement>

const AnchorLine = z.object({
  statement: z.string(),
  keyId: z.string(),
  signature: z.string(),
  timestamp: z.string().optional(),
})

/** An anchor that cannot be trusted, or that was taken away. */
export interface AnchorProblem {
  readonly n: number
  /**
   * `forged`: its signature is wrong · `unknown_key`: it was signed with a key that is not known here · `missing`: it is not in
   * the database · `differs`: the database has another one in its place · `timestamp`: its timestamp is not of it, or not of the
   * authority · `timestamp_late`: the authority saw it days after the time that it says
   */
  readonly reason: 'forged' | 'unknown_key' | 'missing' | 'differs' | 'timestamp' | 'timestamp_late'
}

/** The hashes that signed anchors give for the chains, and the anchors that cannot be trusted. */
export interface Anchored {
  /** Hashes that chains must have, by scheme and position. */
  readonly heads: ReadonlyMap<string, ReadonlyMap<number, string>>
  readonly problems: readonly AnchorProblem[]
  readonly count: number
  readonly last: { readonly n: number; readonly at: Date } | undefined
  /** Whether the signatures could be checked: a key is known. */
  readonly isSigned: boolean
  readonly timestamps: {
    readonly count: number
    /** The last one that is good: the number of its anchor, when the authority saw it, and the name of the authority. */
    readonly last: { readonly n: number; readonly at: Date; readonly by: string } | undefined
    /** Whether they could be checked: the certificates of the authority are known. */
    readonly isChecked: boolean
  }
}

/** The actions after which an anchor is made at once: those that send. */
const ORDERS: readonly AuditAction[] = [
  'alert.broadcast',
  'alert.approve',
  'alert.override',
  'alert.unanswered',
  'alert.update',
  'alert.correction',
  'alert.all_clear',
  'alert.stop',
  'message.send',
  'relay.accept',
]

/** Other entries wait for an anchor at most this long. */
const ANCHORED_EVERY_MS = HOUR_MS

/**
 * Signs the heads of the chains that moved, when a broadcast was ordered since the last anchor or the last one is an hour old.
 * @returns the number of the anchor; undefined when none was due or this process has no key
 */
export async function anchorIfDue(
  deps: Pick<Deps, 'db' | 'now'> & { readonly auditKeys: AuditKeys },
): Promise<number | undefined> {
  const { current } = deps.auditKeys
  if (current === undefined) return undefined
  return acrossSchemes(deps.db, async (tx) => {
    // Two processes would give the same number.
    await sql`select pg_advisory_xact_lock(hashtextextended('audit.anchor', 0))`.execute(tx)
    const { rows: last } = await sql<{ n: number; at: Date; statement: string }>`
      select n::int, at, statement from audit_anchors order by n desc limit 1`.execute(tx)
    const { rows: moved } = await sql<{ schemeId: string; seq: number; hash: string; ordered: boolean }>`
      select scheme_id, seq::int, hash, exists (
        select from audit_entries e where e.scheme_id = h.scheme_id and e.seq > h.anchored_seq and e.action = any (${ORDERS})
      ) as ordered
      from audit_heads h where seq > anchored_seq order by scheme_id`.execute(tx)
    const at = deps.now()
    const before = last[0]
    const isOld = before === undefined || at.getTime() - before.at.getTime() >= ANCHORED_EVERY_MS
    if (moved.length === 0 || !(isOld || moved.some(({ ordered }) => ordered))) return undefined
    const n = (before?.n ?? 0) + 1
    const statement = JSON.stringify({
      format: 'tocsin-anchor-1',
      n,
      at: at.toISOString(),
      previous: before === undefined ? GENESIS : digest(before.statement),
      heads: Object.fromEntries(moved.map(({ schemeId, seq, hash }) => [schemeId, [seq, hash]])),
    } satisfies Statement)
    await sql`insert into audit_anchors (n, at, statement, key_id, signature)
      values (${n}, ${at}, ${statement}, ${current.id}, ${current.sign(statement)})`.execute(tx)
    await sql`update audit_heads h set anchored_seq = m.seq
      from unnest(${moved.map((one) => one.schemeId)}::text[], ${moved.map((one) => one.seq)}::bigint[]) as m (scheme_id, seq)
      where h.scheme_id = m.scheme_id`.execute(tx)
    return n
  })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Reads anchors from the lines of a file or a mail; lines that are none are left out. */
export function parseAnchors(text: string): Anchor[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (!line.trimStart().startsWith('{')) return []
    try {
      return [AnchorLine.parse(JSON.parse(line))]
    } catch {
      return []
    }
  })
}

/** Writes an anchor as one line of JSON. */
export function formatAnchor({ statement, keyId, signature, timestamp }: Anchor): string {
  return JSON.stringify({ statement, keyId, signature, ...(timestamp && { timestamp }) })
}

/** Number of anchors read at a time. */
const PAGE = 1000

/**
 * Reads the anchors of the database after a number, the first ones first, in short transactions.
 * @param only `stamped`: those with a timestamp
 */
export async function* eachAnchor(
  db: Db,
  after = 0,
  only: 'all' | 'stamped' = 'all',
): AsyncGenerator<Anchor & { readonly n: number }> {
  for (let from = after; ; ) {
    const { rows } = await acrossSchemes(db, (tx) =>
      sql<Anchor & { n: number }>`
        select n::int, statement, key_id, signature, timestamp_token as timestamp from audit_anchors
        where n > ${from} and (${only} = 'all' or timestamp_token is not null) order by n limit ${PAGE}`.execute(
        tx,
      ),
    )
    yield* rows
    if (rows.length < PAGE) return
    from = rows.at(-1)?.n ?? from
  }
}

/** Number of the last of some anchors; 0: there is none. */
export function lastNumber(anchors: readonly Anchor[]): number {
  return Math.max(0, ...anchors.map((anchor) => readStatement(anchor)?.n ?? 0))
}

function readStatement({ statement }: Anchor): Statement | undefined {
  try {
    return Statement.parse(JSON.parse(statement))
  } catch {
    return undefined
  }
}

/**
 * Reads the anchors of the database and compares them with those kept outside, which the owner of the database cannot change.
 * Where both differ, the ones outside count.
 * @param outside anchors from a file or a mail, if there are any
 * @param roots certificates that vouch for the authority of the timestamps, PEM; undefined: timestamps are not checked
 */
export async function readAnchors(
  db: Db,
  keys: AuditKeys,
  outside: readonly Anchor[] = [],
  roots?: string,
): Promise<Anchored> {
  const problems: AnchorProblem[] = []
  const { byNumber, stamped } = await collectAnchors(db, keys, outside, problems)
  const { heads, last } = followAnchors(byNumber, keys, problems)
  const timestamps = await checkTimestamps(stamped, roots, problems)
  problems.sort((a, b) => a.n - b.n)
  return { heads, problems, count: byNumber.size, last, isSigned: keys.known > 0, timestamps }
}

/** Returns the anchors by number, those kept outside in the place of those of the database, and all that have a timestamp. */
async function collectAnchors(
  db: Db,
  keys: AuditKeys,
  outside: readonly Anchor[],
  problems: AnchorProblem[],
): Promise<{ readonly byNumber: ReadonlyMap<number, Anchor>; readonly stamped: readonly Anchor[] }> {
  const byNumber = new Map<number, Anchor>()
  const stamped: Anchor[] = []
  for await (const anchor of eachAnchor(db)) {
    if (anchor.timestamp) stamped.push(anchor)
    if (readStatement(anchor)?.n === anchor.n) byNumber.set(anchor.n, anchor)
    else problems.push({ n: anchor.n, reason: 'forged' })
  }
  for (const anchor of outside) {
    const n = readStatement(anchor)?.n
    // Anyone could add lines to a mail: what the key did not sign says nothing against the database.
    if (n === undefined || isSigned(anchor, keys) === false) continue
    const inside = byNumber.get(n)
    if (inside === undefined) problems.push({ n, reason: 'missing' })
    else if (inside.statement !== anchor.statement) problems.push({ n, reason: 'differs' })
    byNumber.set(n, anchor)
    if (anchor.timestamp) stamped.push(anchor)
  }
  return { byNumber, stamped }
}

/** Follows the anchors from the first one, each of which names the one before. */
function followAnchors(
  byNumber: ReadonlyMap<number, Anchor>,
  keys: AuditKeys,
  problems: AnchorProblem[],
): Pick<Anchored, 'heads' | 'last'> {
  const heads = new Map<string, Map<number, string>>()
  let last: Anchored['last']
  let previous = GENESIS
  const numbers = [...byNumber.keys()].sort((a, b) => a - b)
  for (const [i, n] of numbers.entries()) {
    const anchor = byNumber.get(n) as Anchor
    const statement = readStatement(anchor) as Statement
    const before = numbers[i - 1] ?? 0
    reportMissing(before, n, problems)
    const good = isSigned(anchor, keys)
    if (good === false) problems.push({ n, reason: 'forged' })
    else if (good === undefined && keys.known > 0) problems.push({ n, reason: 'unknown_key' })
    else if (before + 1 === n && statement.previous !== previous)
      problems.push({ n: before, reason: 'differs' })
    previous = digest(anchor.statement)
    if (good === false) continue
    last = { n, at: new Date(statement.at) }
    addHeads(heads, statement)
  }
  return { heads, last }
}

/** Reports the anchors between two numbers as missing, except those with a problem already. */
function reportMissing(before: number, next: number, problems: AnchorProblem[]): void {
  for (let n = before + 1; n < next; n++) {
    if (!problems.some((one) => one.n === n)) problems.push({ n, reason: 'missing' })
  }
}

/** Adds to each chain the hash that an anchor vouches for. */
function addHeads(heads: Map<string, Map<number, string>>, statement: Statement): void {
  for (const [schemeId, [seq, hash]] of Object.entries(statement.heads)) {
    const chain = heads.get(schemeId) ?? new Map<number, string>()
    heads.set(schemeId, chain.set(seq, hash))
  }
}

/** @returns undefined when the key is not known */
function isSigned({ keyId, statement, signature }: Anchor, keys: AuditKeys): boolean | undefined {
  return keys.check(keyId, statement, signature)
}

/** An anchor is seen within a day of its time, or two after a failure; later ones show a history that was dated back. */
const SEEN_WITHIN_MS = 2 * DAY_MS

async function checkTimestamps(
  anchors: readonly Anchor[],
  roots: string | undefined,
  problems: AnchorProblem[],
): Promise<Anchored['timestamps']> {
  const tokens = new Map(anchors.map((anchor) => [`${anchor.timestamp} ${anchor.statement}`, anchor]))
  const count = new Set(anchors.map(({ timestamp }) => timestamp)).size
  if (roots === undefined || count === 0) return { count, last: undefined, isChecked: roots !== undefined }
  // Few installations have an authority, and its library takes long to load.
  const { checkTimestamp } = await import('./timestamps.ts')
  let last: Anchored['timestamps']['last']
  for (const anchor of tokens.values()) {
    const { n = 0, at = '' } = readStatement(anchor) ?? {}
    try {
      const seen = await checkTimestamp(anchor.timestamp ?? '', anchor.statement, roots)
      if (seen.at.getTime() - Date.parse(at) > SEEN_WITHIN_MS) problems.push({ n, reason: 'timestamp_late' })
      else if (last === undefined || n > last.n) last = { n, ...seen }
    } catch {
      problems.push({ n, reason: 'timestamp' })
    }
  }
  return { count, last, isChecked: true }
}
