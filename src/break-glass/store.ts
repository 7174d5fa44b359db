import { sql } from 'kysely'
import { NO_SCHEME } from '../audit/chain.ts'
import type { Db, Tx } from '../platform/db.ts'

export interface SealRow {
  readonly no: number
  readonly sealedAt: Date
  readonly sealedBy: string
  readonly sealedName: string
  /** Null once it is broken or replaced. */
  readonly firstHash: string | null
  readonly secondHash: string | null
  readonly brokenAt: Date | null
  readonly remindedAt: Date | null
}

/** Returns the seal that no later one replaced, broken or not. */
export async function findSeal(db: Db | Tx): Promise<SealRow | undefined> {
  const { rows } = await sql<SealRow>`
    select no, sealed_at, sealed_by, sealed_name, first_hash, second_hash, broken_at, reminded_at
    from break_glass_seals where replaced_at is null`.execute(db)
  return rows[0]
}

/** Replaces the seal by one with new codes. Two at once wait for each other: the later one is the one that counts. */
export async function replaceSeal(
  tx: Tx,
  seal: Pick<SealRow, 'sealedAt' | 'sealedBy' | 'sealedName' | 'firstHash' | 'secondHash'>,
): Promise<number> {
  const { sealedAt, sealedBy, sealedName, firstHash, secondHash } = seal
  await sql`select pg_advisory_xact_lock(hashtextextended('break-glass', 0))`.execute(tx)
  await sql`update break_glass_seals set replaced_at = ${sealedAt}, first_hash = null, second_hash = null
    where replaced_at is null`.execute(tx)
  const { rows } = await sql<{ no: number }>`
    insert into break_glass_seals (no, sealed_at, sealed_by, sealed_name, first_hash, second_hash)
    select coalesce(max(no), 0) + 1, ${sealedAt}, ${sealedBy}, ${sealedName}, ${firstHash}, ${secondHash}
    from break_glass_seals returning no`.execute(tx)
  return rows[0]?.no ?? 0
}

/** Breaks a seal and erases its codes. @returns false when it was broken or replaced meanwhile */
export async function breakSeal(tx: Tx, no: number, at: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update break_glass_seals set broken_at = ${at}, first_hash = null, second_hash = null, reminded_at = ${at}
    where no = ${no} and broken_at is null and replaced_at is null`.execute(tx)
  return numAffectedRows === 1n
}

/** Notes that administrators are reminded of a broken seal now, if they were not since a time. @returns whether they were not */
export async function claimReminder(tx: Tx, { at, since }: { at: Date; since: Date }): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update break_glass_seals set reminded_at = ${at}
    where replaced_at is null and broken_at is not null and reminded_at <= ${since}`.execute(tx)
  return numAffectedRows === 1n
}

export interface OpeningRow {
  readonly id: string
  readonly sealNo: number
  readonly userId: string
  readonly firstName: string
  readonly secondName: string
  readonly reason: string
  readonly drill: boolean
  readonly openedAt: Date
  readonly endsAt: Date
  readonly closedAt: Date | null
  readonly closedName: string | null
  readonly closedWhy: 'person' | 'time' | 'session' | 'replaced' | null
  readonly acts: number | null
}

const COLUMNS = sql`id, seal_no, user_id, first_name, second_name, reason, drill, opened_at, ends_at, closed_at, closed_name,
  closed_why, acts`

export async function insertOpening(
  tx: Tx,
  opening: Omit<OpeningRow, 'closedAt' | 'closedName' | 'closedWhy' | 'acts'>,
): Promise<void> {
  const { id, sealNo, userId, firstName, secondName, reason, drill, openedAt, endsAt } = opening
  await sql`
    insert into break_glass_openings (id, seal_no, user_id, first_name, second_name, reason, drill, opened_at, ends_at)
    values (${id}, ${sealNo}, ${userId}, ${firstName}, ${secondName}, ${reason}, ${drill}, ${openedAt}, ${endsAt})`.execute(
    tx,
  )
}

/** Returns the opening that nobody closed, and locks it until the transaction ends; it may have expired. */
export async function lockOpen(tx: Tx): Promise<OpeningRow | undefined> {
  const { rows } = await sql<OpeningRow>`
    select ${COLUMNS} from break_glass_openings where closed_at is null for update`.execute(tx)
  return rows[0]
}

/** Returns the last opening, if it is open or was closed since a time. */
export async function findLatest(db: Db | Tx, since: Date): Promise<OpeningRow | undefined> {
  const { rows } = await sql<OpeningRow>`
    select ${COLUMNS} from break_glass_openings where closed_at is null or closed_at > ${since}
    order by opened_at desc limit 1`.execute(db)
  return rows[0]
}

export async function listOpenings(db: Db | Tx, limit: number): Promise<OpeningRow[]> {
  const { rows } = await sql<OpeningRow>`
    select ${COLUMNS} from break_glass_openings order by opened_at desc limit ${limit}`.execute(db)
  return rows
}

export async function setClosed(
  tx: Tx,
  id: string,
  closed: {
    readonly at: Date
    readonly by: string
    readonly name: string | null
    readonly why: NonNullable<OpeningRow['closedWhy']>
    readonly acts: number
  },
): Promise<void> {
  const { at, by, name, why, acts } = closed
  await sql`update break_glass_openings set closed_at = ${at}, closed_by = ${by}, closed_name = ${name},
    closed_why = ${why}, acts = ${acts} where id = ${id}`.execute(tx)
}

/** Returns whether a session of an account is open. */
export async function hasSession(tx: Tx, userId: string, now: Date): Promise<boolean> {
  const { rows } = await sql`select from session where user_id = ${userId} and expires_at > ${now}`.execute(
    tx,
  )
  return rows.length > 0
}

/** Counts what an account did, by the log of the installation. */
export async function countActs(tx: Tx, userId: string): Promise<number> {
  const { rows } = await sql<{ acts: number }>`
    select count(*)::int as acts from audit_entries
    where scheme_id = ${NO_SCHEME} and actor = ${`user:${userId}`}
      and action not like 'session.%' and action not like 'break_glass.%'`.execute(tx)
  return rows[0]?.acts ?? 0
}

/** Deletes openings that were closed before a time. Their entries in the audit logs and their accounts stay. */
export async function deleteOpenings(tx: Tx, before: Date): Promise<void> {
  await sql`delete from break_glass_openings where closed_at < ${before}`.execute(tx)
}

export async function listSchemeIds(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from schemes order by id`.execute(tx)
  return rows.map(({ id }) => id)
}

/** A person who hears of the break-glass account, and the scheme whose outbox carries the mail. */
export interface Hearer {
  readonly mail: string
  readonly schemeId: string
}

/**
 * Lists everybody who hears of an opening, once each: chiefs, chambers and administrators with an open account. Without a scheme
 * there is none to carry a mail.
 * @param only `admin`: the administrators of the installation alone
 */
export async function listHearers(tx: Tx, only?: 'admin'): Promise<Hearer[]> {
  const roles = only === undefined ? ['chief', 'chamber', 'admin'] : [only]
  const { rows } = await sql<Hearer>`
    select distinct on (u.email) u.email as mail, coalesce(g.scheme_ref, (select min(id) from schemes)) as scheme_id
    from grants g join "user" u on u.id = g.user_id
    where g.role = any (${roles}::text[]) and u.disabled_at is null and exists (select from schemes)
      and not exists (select from invitations i
        where i.user_id = u.id and i.purpose = 'invite' and i.used_at is null and i.withdrawn_at is null)
    order by u.email, g.scheme_ref nulls last`.execute(tx)
  return rows
}

export interface LockedSchemeRow {
  readonly id: string
  readonly name: string
  readonly access: unknown
  readonly chiefs: number
  readonly chambers: number
}

/** Lists the schemes with what they require for signing in, and how many accounts could let others in. */
export async function listSchemeAccess(tx: Tx): Promise<LockedSchemeRow[]> {
  const { rows } = await sql<LockedSchemeRow>`
    select s.id, s.name, s.access,
      count(distinct u.id) filter (where g.role = 'chief')::int as chiefs,
      count(distinct u.id) filter (where g.role = 'chamber')::int as chambers
    from schemes s
    left join grants g on g.scheme_id = s.id and g.role in ('chief', 'chamber')
    left join "user" u on u.id = g.user_id and u.disabled_at is null
    group by s.id order by s.name, s.id`.execute(tx)
  return rows
}
