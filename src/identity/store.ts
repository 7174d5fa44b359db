import { sql } from 'kysely'
import type { Lang } from '../i18n/format.ts'
import type { Role, SignInNeed } from '../permissions.ts'
import type { Db, Tx } from '../platform/db.ts'

/** A role of a user in a scheme, with the names of scheme and agency. */
export interface GrantRow {
  readonly schemeId: string
  readonly schemeName: string
  readonly timeZone: string | null
  readonly role: Role
  readonly agencyId: string | null
  readonly agencyName: string | null
  readonly agencyKind: string | null
  readonly trades: readonly string[] | null
  /** The sign-in that the scheme requires of the role. */
  readonly need: SignInNeed
}

/** A domain reserved by RFC 2606, which distinguishes the demo's accounts from real ones. */
export const DEMO_MAIL_DOMAIN = 'demo.invalid'

/**
 * Lists the roles of an account over all schemes, across schemes, because the scheme is not known yet. A role outside the schemes
 * holds in every scheme; where there is none yet, in `NO_SCHEME`.
 */
export async function listGrants(db: Db | Tx, userId: string): Promise<GrantRow[]> {
  return (
    db
      .selectFrom('grants')
      .leftJoin('schemes', (join) =>
        join.on((eb) =>
          eb.or([
            eb('schemes.id', '=', eb.ref('grants.schemeId')),
            eb('grants.role', 'in', ['admin', 'break_glass']),
          ]),
        ),
      )
      .leftJoin('agencies', (join) =>
        join.onRef('agencies.schemeId', '=', 'grants.schemeId').onRef('agencies.id', '=', 'grants.agencyId'),
      )
      .select([
        sql<string>`coalesce(schemes.id, grants.scheme_id)`.as('schemeId'),
        sql<string>`coalesce(schemes.name, 'Tocsin')`.as('schemeName'),
        'schemes.timeZone',
        'grants.role',
        'grants.agencyId',
        'agencies.name as agencyName',
        'agencies.kind as agencyKind',
        'grants.trades',
        sql<SignInNeed>`coalesce(schemes.access -> 'signIn' ->> grants.role, 'any')`.as('need'),
      ])
      .where('grants.userId', '=', userId)
      .orderBy('schemes.id')
      // A role in the scheme comes before that of the platform.
      .orderBy(sql`grants.scheme_id = ''`)
      .orderBy('grants.role')
      .execute()
  )
}

/** Lists the mail addresses of the accounts that have a role in a scheme and are not disabled. Runs across schemes. */
export async function listMailsOfRole(tx: Tx, schemeId: string, role: Role): Promise<string[]> {
  const rows = await tx
    .selectFrom('grants')
    .innerJoin('user', 'user.id', 'grants.userId')
    .select('user.email')
    .distinct()
    .where('grants.schemeId', '=', schemeId)
    .where('grants.role', '=', role)
    .where('user.disabledAt', 'is', null)
    .execute()
  return rows.map(({ email }) => email)
}

/** Returns account names by actor (`user:…`); other actors have none. */
export async function namesOfActors(db: Db, actors: readonly string[]): Promise<Map<string, string>> {
  const prefix = 'user:'
  const of = actors.filter((actor) => actor.startsWith(prefix)).map((actor) => actor.slice(prefix.length))
  if (of.length === 0) return new Map()
  const users = await db
    .selectFrom('user')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(of)])
    .execute()
  return new Map(users.map(({ id, name }) => [`${prefix}${id}`, name]))
}

/** Finds an account by mail. Mails are stored in lower case, as better-auth looks them up. */
export function findUserByMail(db: Db | Tx, mail: string): Promise<{ id: string; name: string } | undefined> {
  return db
    .selectFrom('user')
    .select(['id', 'name'])
    .where('email', '=', mail.toLowerCase())
    .executeTakeFirst()
}

export interface NewUser {
  readonly id: string
  readonly name: string
  readonly mail: string
  readonly at: Date
  /** The password as hashed by better-auth; if absent, no one can sign in with a password. */
  readonly password?: {
    readonly accountId: string
    readonly hash: string
    /** Whether it must be changed at the first sign-in. */
    readonly isDue: boolean
  }
}

/** Inserts an account, unless the mail has one. @returns whether it did */
export async function insertUser(tx: Tx, user: NewUser): Promise<boolean> {
  const { id, name, at, password } = user
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('user')
    .values({
      id,
      name,
      email: user.mail.toLowerCase(),
      emailVerified: true,
      image: null,
      createdAt: at,
      updatedAt: at,
      passwordDue: password?.isDue ?? false,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows === 0n) return false
  if (password) {
    await sql`insert into account (id, user_id, account_id, provider_id, password, created_at, updated_at)
      values (${password.accountId}, ${id}, ${id}, 'credential', ${password.hash}, ${at}, ${at})`.execute(tx)
  }
  return true
}

/** Replaces the password of an account, or sets its first one. */
export async function setPassword(
  tx: Tx,
  { userId, accountId, hash, at }: { userId: string; accountId: string; hash: string; at: Date },
): Promise<void> {
  const { numAffectedRows } = await sql`update account set password = ${hash}, updated_at = ${at}
    where user_id = ${userId} and provider_id = 'credential'`.execute(tx)
  if (numAffectedRows !== undefined && numAffectedRows > 0n) return
  await sql`insert into account (id, user_id, account_id, provider_id, password, created_at, updated_at)
    values (${accountId}, ${userId}, ${userId}, 'credential', ${hash}, ${at}, ${at})`.execute(tx)
}

/** Ends the sessions of an account, or one of them. @returns how many there were */
export async function deleteSessions(
  tx: Tx,
  userId: string,
  only: { readonly id: string } | { readonly except: string } | undefined = undefined,
): Promise<number> {
  let ended = tx.deleteFrom('session').where('userId', '=', userId)
  if (only !== undefined) {
    ended = 'id' in only ? ended.where('id', '=', only.id) : ended.where('id', '<>', only.except)
  }
  const { numDeletedRows } = await ended.executeTakeFirst()
  return Number(numDeletedRows)
}

/** Disables an account, or enables it with `null`. @returns whether it changed */
export async function setDisabled(tx: Tx, userId: string, at: Date | null): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('user')
    .set({ disabledAt: at })
    .where('id', '=', userId)
    .where('disabledAt', at === null ? 'is not' : 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function setPasswordDue(tx: Tx, userId: string, isDue: boolean): Promise<void> {
  await tx.updateTable('user').set({ passwordDue: isDue }).where('id', '=', userId).execute()
}

export async function deleteUser(tx: Tx, userId: string): Promise<void> {
  await tx.deleteFrom('user').where('id', '=', userId).execute()
}

/** Removes a role of an account in a scheme. @returns whether it had it */
export async function deleteGrant(
  tx: Tx,
  grant: { readonly userId: string; readonly schemeId: string; readonly role: Role },
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('grants')
    .where('userId', '=', grant.userId)
    .where('schemeId', '=', grant.schemeId)
    .where('role', '=', grant.role)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Returns the hash of the account's password. */
export async function findPasswordHash(db: Db, userId: string): Promise<string | undefined> {
  const { rows } = await sql<{ password: string | null }>`
    select password from account where user_id = ${userId} and provider_id = 'credential'`.execute(db)
  return rows[0]?.password ?? undefined
}

/** Replaces the hash of a password that did not change meanwhile. */
export async function replacePasswordHash(
  db: Db,
  userId: string,
  hash: { readonly from: string; readonly to: string },
): Promise<void> {
  await sql`update account set password = ${hash.to}
    where user_id = ${userId} and provider_id = 'credential' and password = ${hash.from}`.execute(db)
}

/** Returns whether the account is disabled and whether its password must be changed first. */
export function findAccountState(
  db: Db | Tx,
  userId: string,
): Promise<{ disabledAt: Date | null; passwordDue: boolean; email: string; name: string } | undefined> {
  return db
    .selectFrom('user')
    .select(['disabledAt', 'passwordDue', 'email', 'name'])
    .where('id', '=', userId)
    .executeTakeFirst()
}

/** Sets from when on an account counts as the second person, in the roles given. */
export async function setCountsFrom(
  tx: Tx,
  userId: string,
  roles: readonly Role[],
  countsFrom: Date,
): Promise<void> {
  await tx
    .updateTable('grants')
    .set({ countsFrom })
    .where('userId', '=', userId)
    .where('role', 'in', [...roles])
    .execute()
}

/** Grants a role, or moves it to another agency when the account already has it. */
export async function upsertGrant(
  tx: Tx,
  grant: {
    userId: string
    schemeId: string
    role: Role
    agencyId: string | null
    trades?: readonly string[] | null
    /** Time from which its holder counts as the second person; null: at once. A grant that exists keeps its own. */
    countsFrom?: Date | null
  },
): Promise<void> {
  await tx
    .insertInto('grants')
    .values({
      userId: grant.userId,
      schemeId: grant.schemeId,
      role: grant.role,
      agencyId: grant.agencyId,
      trades: grant.trades == null ? null : [...grant.trades],
      countsFrom: grant.countsFrom ?? null,
    })
    .onConflict((conflict) =>
      conflict.columns(['userId', 'schemeId', 'role']).doUpdateSet({
        agencyId: grant.agencyId,
        trades: grant.trades == null ? null : [...grant.trades],
      }),
    )
    .execute()
}

/**
 * Lists by name the accounts that wrote entries of a scheme's audit record, whatever role they have now. Each account is
 * looked up in the index, because the entries are many.
 */
export async function listAuthors(db: Db, schemeId: string): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select u.id, u.name from "user" u
    cross join lateral (
      select from audit_entries e where e.scheme_id = ${schemeId} and e.actor = 'user:' || u.id limit 1) wrote
    order by u.name, u.id`.execute(db)
  return rows
}

/** Stores the language in which an account is written to. */
export async function storeAccountLang(db: Db | Tx, userId: string, lang: Lang): Promise<void> {
  await db.updateTable('user').set({ lang }).where('id', '=', userId).execute()
}

/** Records the language that an account used, unless one is known. */
export async function noteAccountLang(db: Db | Tx, userId: string, lang: Lang): Promise<void> {
  await db.updateTable('user').set({ lang }).where('id', '=', userId).where('lang', 'is', null).execute()
}
