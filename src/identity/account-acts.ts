import { sql } from 'kysely'
import type { AuditAction } from '../audit/list.ts'
import type { Deps } from '../deps.ts'
import { HOUR_MS } from '../message/clock.ts'
import type { Role } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import { INVITATION_HOURS } from './invitations.ts'

/** Acts that give an account a role or a link: their author may be the holder, or have chosen who is. */
const GIVE_ACCESS: readonly AuditAction[] = ['user.invite', 'user.invite_again', 'user.reset', 'user.role']

/** Roles of a scheme that decide on alerts, on rules or on money. */
export const ABOVE_OPERATOR: readonly Role[] = ['chief', 'chamber', 'magistrate']

/** Acts after which an account may no longer be a second person: their author may be alone by their own doing. */
const TAKE_ACCESS: readonly AuditAction[] = [
  'user.disable',
  'user.invite_again',
  'user.reset',
  'user.role',
  'user.role_remove',
  'user.withdraw',
]

/** Acts by which an account can leave a scheme without anybody who decides. */
const TAKE_DECIDERS: readonly AuditAction[] = ['user.disable', 'user.reset', 'user.role', 'user.role_remove']

/** Days for which the author of such acts gives no role alone. */
const BARRED_DAYS = 30

/** One account invited, re-invited, raised or recovered another; both are in the format of the audit log. */
export interface GivenAccess {
  readonly by: string
  readonly to: string
}

/** Returns the instant at which the cooling time began that ends now. */
export function coolingStart({ now, config }: Pick<Deps, 'now' | 'config'>): Date {
  return new Date(now().getTime() - config.coolingHours * HOUR_MS)
}

/**
 * Lists which of some accounts gave access to which others of them in a scheme, within the cooling time, which the use of a link starts
 * anew: a role above operator is given by the two that proposed it and put it in force. A user who sealed a break-glass account gave
 * access to it, at any time: the codes may have been kept.
 */
export async function listGivenAccess(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  schemeId: string,
  actors: readonly string[],
): Promise<GivenAccess[]> {
  const accounts = [...new Set(actors)]
  if (accounts.length < 2) return []
  const since = coolingStart(deps)
  const sinceLinks = new Date(since.getTime() - INVITATION_HOURS * HOUR_MS)
  // `like` and `break_glass.open` are the conditions of partial indexes: one account may have written most of the log.
  const { rows } = await sql<GivenAccess>`
    with acts as materialized (
      select action, actor, subject, details, at from audit_entries
      where scheme_id = ${schemeId} and action like 'user.%' and subject = any (${accounts}::text[]) and at > ${sinceLinks}
    )
    select distinct g.by, subject as to
    from acts cross join lateral (values (actor), (details ->> 'proposedBy')) g (by)
    where g.by = any (${accounts}::text[]) and action = any (${[...GIVE_ACCESS]}::text[])
      and (at > ${since} or subject in (
        -- The subject of an acceptance is its author.
        select subject from acts where action = 'user.accept' and at > ${since}))
      and (action <> 'user.role' or details ->> 'role' = any (${[...ABOVE_OPERATOR]}::text[]))
    union
    select details ->> 'sealedBy', actor from audit_entries
    where scheme_id = ${schemeId} and actor = any (${accounts}::text[]) and action = 'break_glass.open'
      and details ->> 'sealedBy' = any (${accounts}::text[])`.execute(tx)
  return rows
}

/** Returns whether one of two accounts gave the other access: they may be one person, so neither is the second person of the other. */
export function hasGivenAccess(given: readonly GivenAccess[], one: string, other: string): boolean {
  return given.some(({ by, to }) => (by === one && to === other) || (by === other && to === one))
}

/** One account closed, changed or recovered another, or removed its role; both are in the format of the audit log. */
export interface TakenAccess {
  readonly by: string
  readonly to: string
  readonly action: AuditAction
  /** Whether the holder never opened the account. */
  readonly unopened: boolean
}

/** Lists who took access from whom in a scheme within the cooling time. */
export async function listTakenAccess(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  schemeId: string,
): Promise<TakenAccess[]> {
  const since = coolingStart(deps)
  // The first condition is that of the partial index: entries about accounts are few.
  const { rows } = await sql<TakenAccess>`
    select actor as by, subject as to, action, details ? 'unopened' as unopened from audit_entries
    where scheme_id = ${schemeId} and action like 'user.%' and action = any (${[...TAKE_ACCESS]}::text[]) and at > ${since}`.execute(
    tx,
  )
  return rows
}

/** Returns whether an account was the break-glass account while it was open, without an exercise. */
export async function wasBreakGlass(tx: Tx, schemeId: string, userId: string): Promise<boolean> {
  const { rows } = await sql`
    select from audit_entries where scheme_id = ${schemeId} and actor = ${`user:${userId}`}
      and action = 'break_glass.open' and details ->> 'drill' = 'false' limit 1`.execute(tx)
  return rows.length > 0
}

/**
 * Returns whether a role above operator of an account that its holder had opened was ever replaced or removed in a scheme. A role that
 * is still held, also by a disabled account, is in the grants.
 */
export async function wasRoleRemoved(tx: Tx, schemeId: string): Promise<boolean> {
  const roles = [...ABOVE_OPERATOR]
  // The first condition is that of the partial index.
  const { rows } = await sql`
    select from audit_entries where scheme_id = ${schemeId} and action like 'user.%' and not details ? 'unopened' and (
      (action = 'user.role_remove' and details ->> 'role' = any (${roles}::text[]))
      or (action = 'user.role' and details -> 'from' ->> 'role' = any (${roles}::text[]))) limit 1`.execute(
    tx,
  )
  return rows.length > 0
}

/**
 * Returns whether one of some accounts took access from another, or an account that lost its own since, which may have been one of
 * them.
 */
export function haveTakenAccess(taken: readonly TakenAccess[], accounts: readonly string[]): boolean {
  return taken.some(({ by }) => accounts.includes(by) || taken.some(({ to }) => to === by))
}

/**
 * Lists which of some accounts closed, changed or recovered opened accounts of a scheme within 30 days, or removed their roles. An act of
 * a break-glass account is also one of the account that sealed it and of the others that it sealed, and the other way round.
 */
export async function listTakers(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  accounts: readonly string[],
): Promise<ReadonlySet<string>> {
  const since = new Date(now().getTime() - BARRED_DAYS * 24 * HOUR_MS)
  const { rows } = await sql<{ account: string }>`
    with openings as materialized (
      select actor as opened, details ->> 'sealedBy' as sealer from audit_entries
      where scheme_id = ${schemeId} and action = 'break_glass.open' and details ->> 'sealedBy' like 'user:%'),
    own as (
      select account, account as author from unnest(${[...accounts]}::text[]) as a (account)
      union
      select a.account, o.sealer from unnest(${[...accounts]}::text[]) as a (account)
      join openings o on o.opened = a.account),
    authors as (
      select account, author from own
      union
      select own.account, o.opened from own join openings o on o.sealer = own.author)
    select distinct a.account from authors a where exists (
      select from audit_entries e
      where e.scheme_id = ${schemeId} and e.actor = a.author and e.action = any (${[...TAKE_DECIDERS]}::text[])
        and e.at > ${since} and not e.details ? 'unopened')`.execute(tx)
  return new Set(rows.map(({ account }) => account))
}
