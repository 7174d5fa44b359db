import { sql } from 'kysely'
import type { AuditAction } from '../audit/list.ts'
import type { Deps } from '../deps.ts'
import type { Tx } from '../platform/db.ts'

/** Acts that make a link to an account: their author may have opened the account with it. */
const GIVE_ACCESS: readonly AuditAction[] = ['user.invite', 'user.invite_again', 'user.reset']

/** Acts after which an account may no longer be a second person: their author may be alone by their own doing. */
const TAKE_ACCESS: readonly AuditAction[] = [
  'user.disable',
  'user.invite_again',
  'user.reset',
  'user.role',
  'user.role_remove',
  'user.withdraw',
]

const HOUR_MS = 3_600_000

/** One account invited, re-invited or recovered another; both are in the format of the audit log. */
export interface GivenAccess {
  readonly by: string
  readonly to: string
}

/** Returns the instant at which the cooling time began that ends now. */
export function coolingStart({ now, config }: Pick<Deps, 'now' | 'config'>): Date {
  return new Date(now().getTime() - config.coolingHours * HOUR_MS)
}

/**
 * Lists which of some accounts gave access to which others of them in a scheme, within the cooling time: a role above operator is
 * given by the two that proposed it and put it in force.
 */
export async function listGivenAccess(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  schemeId: string,
  actors: readonly string[],
): Promise<GivenAccess[]> {
  const accounts = [...new Set(actors)]
  if (accounts.length < 2) return []
  const { rows } = await sql<GivenAccess>`
    select distinct g.by, subject as to
    from audit_entries cross join lateral (values (actor), (details ->> 'proposedBy')) g (by)
    where scheme_id = ${schemeId} and subject = any (${accounts}::text[]) and g.by = any (${accounts}::text[])
      and action = any (${[...GIVE_ACCESS]}::text[]) and at > ${coolingStart(deps)}`.execute(tx)
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
}

/** Lists who took access from whom in a scheme within the cooling time. */
export async function listTakenAccess(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  schemeId: string,
): Promise<TakenAccess[]> {
  const since = coolingStart(deps)
  // Walks back over the entries of the cooling time only: the log has no index by time.
  const { rows } = await sql<TakenAccess>`
    select actor as by, subject as to, action from audit_entries
    where scheme_id = ${schemeId} and action = any (${[...TAKE_ACCESS]}::text[]) and at > ${since}
      and seq > coalesce((
        select seq from audit_entries where scheme_id = ${schemeId} and at <= ${since} order by seq desc limit 1), 0)`.execute(
    tx,
  )
  return rows
}

/**
 * Returns whether one of some accounts took access from another, or an account that lost its own since, which may have been one of
 * them.
 */
export function haveTakenAccess(taken: readonly TakenAccess[], accounts: readonly string[]): boolean {
  return taken.some(({ by }) => accounts.includes(by) || taken.some(({ to }) => to === by))
}
