import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { asReadBack } from '../cipher/pseudonyms.ts'
import { sortKeys } from '../platform/canonical.ts'
import { PREPARED } from '../platform/database/client.ts'
import type { Tx } from '../platform/db.ts'
import { callerNetwork } from '../platform/http/caller-network.ts'
import type { AuditAction } from './list.ts'

/** One entry of the audit record: who did what to what. Details hold ids and figures, never personal data. */
export interface AuditEntry {
  /** The actor in the format of `actorName`. */
  readonly actor: string
  readonly action: AuditAction
  /** The object acted on, such as `alert:<id>`. */
  readonly subject: string
  readonly details?: Readonly<Record<string, unknown>>
  /**
   * The reason in free text, which may name people. It is stored outside the chain, which is never erased, and has a
   * retention period. The chain has a salted digest of it.
   */
  readonly reason?: string
  /** Details that may name people, stored like the reason. When read, they are merged into the details and replace equal keys. */
  readonly named?: Readonly<Record<string, unknown>>
  /**
   * The network from which it was caused, truncated, stored like the reason with a shorter retention period. By default that of
   * the request being answered, unless the program itself is the actor.
   */
  readonly network?: string
}

export interface ChainedEntry {
  readonly schemeId: string
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly details: unknown
  /** Digest of its reason; null: it has none. */
  readonly reasonDigest?: string | null
  /** Digest of its network; null: it has none. */
  readonly networkDigest?: string | null
}

/** The previous hash of the first entry of a chain. */
export const GENESIS = '0'.repeat(64)

/**
 * Returns the SHA-256 over the previous hash and every field of the entry; the keys of the details are sorted. The digests of
 * the reason and of the network are the last fields of those that have them; the second has a prefix that tells them apart.
 */
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
  const digests = [
    ...(entry.reasonDigest == null ? [] : [entry.reasonDigest]),
    ...(entry.networkDigest == null ? [] : [`network:${entry.networkDigest}`]),
  ]
  return createHash('sha256')
    .update(JSON.stringify([...fields, sortKeys(entry.details), ...digests]))
    .digest('hex')
}

/** The words stored beside an entry. */
export interface Words {
  readonly salt: string
  readonly reason: string
  readonly named: unknown
}

/** Returns the SHA-256 over the words beside an entry; without the salt, nothing can be learned from it. */
export function hashWords({ salt, reason, named }: Words): string {
  return createHash('sha256')
    .update(JSON.stringify([salt, reason, sortKeys(named)]))
    .digest('hex')
}

/** Returns the SHA-256 over the network beside an entry; without the salt, nothing can be learned from it. */
export function hashNetwork({ salt, network }: { readonly salt: string; readonly network: string }): string {
  return createHash('sha256')
    .update(JSON.stringify([salt, network]))
    .digest('hex')
}

/** Finds the actor of the first entry with this action and subject, in the format of `actorName`. */
export async function findAuditActor(
  tx: Tx,
  schemeId: string,
  { action, subject }: Pick<AuditEntry, 'action' | 'subject'>,
): Promise<string | undefined> {
  const { rows } = await sql<{ actor: string }>`
    select actor from audit_entries
    where scheme_id = ${schemeId} and subject = ${subject} and action = ${action} order by seq limit 1`.execute(
    tx,
  )
  return rows[0]?.actor
}

/**
 * Adds an entry to the chain of a scheme in the caller's transaction, so that the change and its record commit or roll back
 * together. It locks the head of the chain until the transaction ends, so call it last.
 */
export function recordAudit(tx: Tx, schemeId: string, at: Date, entry: AuditEntry): Promise<void> {
  return recordAudits(tx, schemeId, [{ ...entry, at }])
}

/** Adds several entries at once, in the given order, as `recordAudit` adds one. */
export async function recordAudits(
  tx: Tx,
  schemeId: string,
  entries: readonly (AuditEntry & { readonly at: Date })[],
): Promise<void> {
  if (entries.length === 0) return
  let { seq, hash } = await lockHead(tx, schemeId)
  const rows = entries.map((entry) => {
    const { at, action } = entry
    const [actor, subject] = [asReadBack(entry.actor), asReadBack(entry.subject)]
    const details = toStored(entry.details ?? {})
    const words = wordsOf(entry)
    const prevHash = hash
    seq += 1
    const row = { schemeId, seq, at, actor, action, subject, details }
    const reasonDigest = words === undefined ? null : hashWords(words)
    const from = originOf(entry)
    const networkDigest = from === undefined ? null : hashNetwork(from)
    hash = hashEntry({ ...row, reasonDigest, networkDigest }, prevHash)
    return {
      ...row,
      details: JSON.stringify(details),
      reasonDigest,
      networkDigest,
      prevHash,
      hash,
      words,
      from,
    }
  })
  const reasons = rows.flatMap(({ seq, at, words }) =>
    words === undefined ? [] : [{ seq, at, ...words, named: JSON.stringify(words.named) }],
  )
  const networks = rows.flatMap(({ seq, at, from }) => (from === undefined ? [] : [{ seq, at, ...from }]))
  const column = <Row, Key extends keyof Row>(of: readonly Row[], key: Key) => of.map((row) => row[key])
  await sql`${PREPARED}
    with head as (
      update audit_heads set seq = ${seq}, hash = ${hash} where scheme_id = ${schemeId}
    )${
      reasons.length === 0
        ? sql``
        : sql`, reasons as (
      insert into audit_reasons (scheme_id, seq, at, reason, named, salt)
      select ${schemeId}, * from unnest(${column(reasons, 'seq')}::bigint[], ${column(reasons, 'at')}::timestamptz[],
        ${column(reasons, 'reason')}::text[], ${column(reasons, 'named')}::jsonb[],
        ${column(reasons, 'salt')}::text[])
    )`
    }${
      networks.length === 0
        ? sql``
        : sql`, networks as (
      insert into audit_networks (scheme_id, seq, at, network, salt)
      select ${schemeId}, * from unnest(${column(networks, 'seq')}::bigint[], ${column(networks, 'at')}::timestamptz[],
        ${column(networks, 'network')}::text[], ${column(networks, 'salt')}::text[])
    )`
    }
    insert into audit_entries (scheme_id, seq, at, actor, action, subject, details, reason_digest, network_digest, prev_hash, hash)
    select ${schemeId}, * from unnest(${column(rows, 'seq')}::bigint[], ${column(rows, 'at')}::timestamptz[],
      ${column(rows, 'actor')}::text[], ${column(rows, 'action')}::text[], ${column(rows, 'subject')}::text[],
      ${column(rows, 'details')}::jsonb[], ${column(rows, 'reasonDigest')}::text[], ${column(rows, 'networkDigest')}::text[], ${column(rows, 'prevHash')}::text[], ${column(rows, 'hash')}::text[])`.execute(
    tx,
  )
}

/** One round trip through JSON makes the hashed value equal to the one read back (undefined dropped, dates as text). */
function toStored(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return asReadBack(JSON.parse(JSON.stringify(value)))
}

/** Returns the words to store beside an entry, with a salt of their own; undefined when it has none. */
function wordsOf({ reason = '', named = {} }: AuditEntry): Words | undefined {
  if (reason === '' && Object.keys(named).length === 0) return undefined
  return { salt: newSalt(), reason: asReadBack(reason), named: toStored(named) }
}

/** Returns the network to store beside an entry, with a salt of its own; undefined when no person caused it over HTTP. */
function originOf({ actor, network }: AuditEntry): { network: string; salt: string } | undefined {
  const from = network ?? (actor.startsWith('system:') ? undefined : callerNetwork())
  return from === undefined ? undefined : { network: from, salt: newSalt() }
}

function newSalt(): string {
  return randomBytes(16).toString('base64url')
}

/** Locks the head of a chain until the transaction ends, and creates it for the first entry of a scheme. */
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
  const [created] = (await lock()).rows
  if (created === undefined) throw new Error('the audit chain has no head')
  return created
}
