import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import type { Tx } from '../platform/db.ts'

/** A request to create a record whose id the client may have chosen. */
export interface Creation<Row> {
  /** Undefined: the server chooses an id, so no earlier request can have named it. */
  readonly id: string | undefined
  /** The actor, in the format of the audit log. */
  readonly creator: string
  readonly find: (id: string) => Promise<Row | undefined>
  /** Tells whether the record has the content of this request. */
  readonly isSame: (row: Row) => boolean
  /** Returns the actor of the request that created the record. */
  readonly creatorOf: (row: Row) => string | undefined | Promise<string | undefined>
}

interface AuditEntry {
  readonly actor: string
  readonly subject: string
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * Finds the audit entry of an act: by its subject, by some of its details, or by both. It has what the record of the act does not
 * keep of the request.
 */
export async function findAuditEntry(
  tx: Tx,
  schemeId: string,
  of: {
    readonly action: string
    readonly subject?: string
    readonly details?: Readonly<Record<string, string>>
  },
): Promise<AuditEntry | undefined> {
  let query = tx
    .selectFrom('auditEntries')
    .select(['actor', 'subject', 'details'])
    .where('schemeId', '=', schemeId)
    .where('action', '=', of.action)
  if (of.subject !== undefined) query = query.where('subject', '=', of.subject)
  if (of.details !== undefined)
    query = query.where(sql<boolean>`details @> ${JSON.stringify(of.details)}::jsonb`)
  return query.orderBy('seq').limit(1).executeTakeFirst()
}

/**
 * Finds the record that an earlier request with the same id created, so that a request whose answer was lost can be sent
 * again. It locks the id until the transaction ends: of two equal requests at once, the second waits for the record of the
 * first.
 * @throws AppError `id_taken` if another account created the record, or with other content
 */
export async function findRepeated<Row>(
  tx: Tx,
  schemeId: string,
  { id, creator, find, isSame, creatorOf }: Creation<Row>,
): Promise<Row | undefined> {
  if (id === undefined) return undefined
  await sql`select pg_advisory_xact_lock(hashtextextended(${`creation:${schemeId}:${id}`}, 0))`.execute(tx)
  const row = await find(id)
  if (row === undefined) return undefined
  if (!isSame(row) || (await creatorOf(row)) !== creator) throw new AppError('id_taken')
  return row
}
