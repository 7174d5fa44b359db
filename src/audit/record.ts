import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { canonical } from '../platform/canonical.ts'
import { PREPARED, type Tx } from '../platform/db.ts'
import type { AuditAction } from './list.ts'

/** One line of the audit record: who did what to what. Details hold ids and figures, never personal data. */
export interface AuditEntry {
  /** As `actorName` writes it. */
  readonly actor: string
  readonly action: AuditAction
  /** What it was done to: `alert:<id>`. */
  readonly subject: string
  readonly details?: Readonly<Record<string, unknown>>
  /** Why, in somebody's own words, which may name people: kept beside the chain, which is never erased, and not for ever. */
  readonly reason?: string
  /** Details that may name people, kept as the reason is; they are read among the others, in place of those of the same keys. */
  readonly named?: Readonly<Record<string, unknown>>
}

export interface ChainedEntry {
  readonly schemeId: string
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly details: unknown
}

/** What the first entry of a chain has in place of the hash of the one before. */
export const GENESIS = '0'.repeat(64)

/** SHA-256 over the hash before and every field of the entry, keys of the details in a fixed order. */
export function hashEntry(entry: ChainedEntry, prevHash: string): string {
  const fields = [
    prevHash,
    entry.schemeId,
    entry.seq,
    entry.at.toISOString(),
    entry.actor,
    entry.action,
    entry.subject,
  ]
  return createHash('sha256')
    .update(JSON.stringify([...fields, canonical(entry.details)]))
    .digest('hex')
}

/**
 * Adds an entry to the chain of a scheme, in the caller's transaction: the change and its record stand or fall
 * together. Takes the lock of the chain's head until the transaction ends, so call it last.
 */
export function recordAudit(tx: Tx, schemeId: string, at: Date, entry: AuditEntry): Promise<void> {
  return recordAudits(tx, schemeId, [{ ...entry, at }])
}

/** Adds several entries at once, in their order, as `recordAudit` does one. */
export async function recordAudits(
  tx: Tx,
  schemeId: string,
  entries: readonly (AuditEntry & { readonly at: Date })[],
): Promise<void> {
  if (entries.length === 0) return
  let { seq, hash } = await lockHead(tx, schemeId)
  const rows = entries.map(({ at, actor, action, subject, details: said }) => {
    // Through JSON once, so that what is hashed is what is stored (undefined dropped, dates as text).
    const details = JSON.parse(JSON.stringify(said ?? {})) as Record<string, unknown>
    const prevHash = hash
    seq += 1
    const row = { schemeId, seq, at, actor, action, subject, details }
    hash = hashEntry(row, prevHash)
    return { ...row, details: JSON.stringify(details), prevHash, hash }
  })
  const reasons = rows.flatMap(({ seq, at }, i) => {
    const { reason = '', named = {} } = entries[i] ?? {}
    const isNothing = reason === '' && Object.keys(named).length === 0
    return isNothing ? [] : [{ seq, at, reason, named: JSON.stringify(named) }]
  })
  const column = <Row, Key extends keyof Row>(of: readonly Row[], key: Key) => of.map((row) => row[key])
  await sql`${PREPARED}
    with head as (
      update audit_heads set seq = ${seq}, hash = ${hash} where scheme_id = ${schemeId}
    )${
      reasons.length === 0
        ? sql``
        : sql`, reasons as (
      insert into audit_reasons (scheme_id, seq, at, reason, named)
      select ${schemeId}, * from unnest(${column(reasons, 'seq')}::bigint[], ${column(reasons, 'at')}::timestamptz[],
        ${column(reasons, 'reason')}::text[], ${column(reasons, 'named')}::jsonb[])
    )`
    }
    insert into audit_entries (scheme_id, seq, at, actor, action, subject, details, prev_hash, hash)
    select ${schemeId}, * from unnest(${column(rows, 'seq')}::bigint[], ${column(rows, 'at')}::timestamptz[],
      ${column(rows, 'actor')}::text[], ${column(rows, 'action')}::text[], ${column(rows, 'subject')}::text[],
      ${column(rows, 'details')}::jsonb[], ${column(rows, 'prevHash')}::text[], ${column(rows, 'hash')}::text[])`.execute(
    tx,
  )
}

/** Locks the head of a chain until the transaction ends; the first entry of a scheme makes it. */
async function lockHead(tx: Tx, schemeId: string): Promise<{ seq: number; hash: string }> {
  const lock = () =>
    sql<{ seq: number; hash: string }>`${PREPARED}
      select seq, hash from audit_heads where scheme_id = ${schemeId} for update`.execute(tx)
  const known = (await lock()).rows[0]
  if (known !== undefined) return known
  await sql`
    insert into audit_heads (scheme_id, seq, hash) values (${schemeId}, 0, ${GENESIS}) on conflict do nothing`.execute(
    tx,
  )
  const [made] = (await lock()).rows
  if (made === undefined) throw new Error('an audit chain without a head')
  return made
}
