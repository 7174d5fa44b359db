import { type Kysely, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import type { Db, Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import type { Invitation, InvitationPurpose } from '../invitations.ts'
import { sessionTokenOf } from '../sign-in/factors.ts'

export type ProviderVisit = Schema['providerVisits']

/** The identity of an account at the provider. */
interface ProviderLink {
  readonly issuer: string
  readonly subject: string
  readonly userId: string
  readonly uid: string | null
  readonly linkedAt: Date
}

export async function insertVisit(db: Db, visit: ProviderVisit): Promise<void> {
  await db.insertInto('providerVisits').values(visit).execute()
}

/** Deletes a visit and returns it, so that its state opens nothing a second time; undefined when it is unknown or too old. */
export function takeVisit(db: Db, stateHash: string, now: Date): Promise<ProviderVisit | undefined> {
  return db
    .deleteFrom('providerVisits')
    .where('stateHash', '=', stateHash)
    .where('expiresAt', '>', now)
    .returningAll()
    .executeTakeFirst()
}

/** Deletes visits, and sign-ins waiting for a code, that expired. */
export async function deleteVisits(db: Db | Tx, now: Date): Promise<void> {
  const owner = db as Kysely<Schema>
  await owner.deleteFrom('providerVisits').where('expiresAt', '<=', now).execute()
  await owner.deleteFrom('providerWaiting').where('expiresAt', '<=', now).execute()
}

export function findLink(
  tx: Tx,
  { issuer, subject }: Pick<ProviderLink, 'issuer' | 'subject'>,
): Promise<{ userId: string } | undefined> {
  return tx
    .selectFrom('providerLinks')
    .select('userId')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst()
}

/** Links an identity to an account. @returns false when either has another one */
export async function insertLink(tx: Tx, link: ProviderLink): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('providerLinks')
    .values(link)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows > 0n
}

/** Returns whether an account can be entered by means of its own: a password or a passkey. */
export async function hasOwnSignIn(tx: Tx, userId: string): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select exists (select from account where user_id = ${userId} and provider_id = 'credential')
      or exists (select from account_passkeys where user_id = ${userId}) as has`.execute(tx)
  return rows[0]?.has === true
}

/** Returns the unused invitation with an id, or the latest one of an account, and locks it. */
export async function findOpenInvitation(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  of: { readonly id: string } | { readonly userId: string },
): Promise<Invitation | undefined> {
  const which = 'id' in of ? sql`id = ${of.id}` : sql`user_id = ${of.userId}`
  const { rows } = await sql<{
    id: string
    userId: string
    purpose: InvitationPurpose
    createdBy: string
    expiresAt: Date
  }>`
    select id, user_id, purpose, created_by, expires_at from invitations
    where ${which} and used_at is null and withdrawn_at is null order by created_at desc limit 1 for update`.execute(
    tx,
  )
  const [row] = rows
  if (row === undefined) return undefined
  return { ...row, state: row.expiresAt <= now() ? 'expired' : 'open' }
}

/**
 * Lists the organisations (SIRET) whose agents may use an account: those of the agency of each of its roles; of a role without an
 * agency, those of the agencies of its kind in the scheme.
 */
export async function findGrantOrganisations(
  tx: Tx,
  userId: string,
): Promise<{ readonly hasOnlyPlatform: boolean; readonly sirets: readonly string[] }> {
  const { rows } = await sql<{ role: string; siret: string | null }>`
    select g.role, o.siret from grants g
    left join lateral (
      select e ->> 'siret' as siret from schemes s
        cross join lateral jsonb_array_elements(coalesce(s.access -> 'organisations', '[]')) e
        join agencies a on a.scheme_id = s.id and a.code = e ->> 'agency'
      where s.id = g.scheme_id and case
        when g.agency_id is not null then a.id = g.agency_id
        when g.role in ('operator', 'chief') then a.kind in ('police', 'gendarmerie')
        when g.role = 'magistrate' then a.kind = 'prosecutor'
        else a.kind = 'chamber' end) o on true
    where g.user_id = ${userId}`.execute(tx)
  return {
    hasOnlyPlatform: rows.length > 0 && rows.every(({ role }) => role === 'admin'),
    sirets: rows.flatMap(({ siret }) => siret ?? []),
  }
}

/** Returns the ID token kept with a session. */
export async function findIdToken(db: Db, sessionId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('providerSessions')
    .select('idToken')
    .where('sessionId', '=', sessionId)
    .executeTakeFirst()
  return row?.idToken
}

/** Keeps the ID token of the session that some cookies open, and marks the session as proved by the provider. */
export async function rememberIdToken(db: Db, cookies: readonly string[], idToken: string): Promise<void> {
  const token = sessionTokenOf(cookies)
  if (token === undefined) return
  await sql`insert into provider_sessions (session_id, id_token)
    select id, ${idToken} from session where token = ${token}
    on conflict (session_id) do update set id_token = excluded.id_token`.execute(db)
  await db.updateTable('session').set({ provider: true }).where('token', '=', token).execute()
}
