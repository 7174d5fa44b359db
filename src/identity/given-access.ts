import { sql } from 'kysely'
import type { AuditAction } from '../audit/list.ts'
import type { Deps } from '../deps.ts'
import type { Tx } from '../platform/db.ts'

/** Acts that make a link to an account: their author may have opened the account with it. */
const GIVE_ACCESS: readonly AuditAction[] = ['user.invite', 'user.invite_again', 'user.reset']

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

/** Lists which of some accounts gave access to which others of them in a scheme, within the cooling time. */
export async function listGivenAccess(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  schemeId: string,
  actors: readonly string[],
): Promise<GivenAccess[]> {
  const accounts = [...new Set(actors)]
  if (accounts.length < 2) return []
  const { rows } = await sql<GivenAccess>`
    select distinct actor as by, subject as to from audit_entries
    where scheme_id = ${schemeId} and subject = any (${accounts}::text[]) and actor = any (${accounts}::text[])
      and action = any (${[...GIVE_ACCESS]}::text[]) and at > ${coolingStart(deps)}`.execute(tx)
  return rows
}

/** Returns whether one of two accounts gave the other access: they may be one person, so neither is the second person of the other. */
export function hasGivenAccess(given: readonly GivenAccess[], one: string, other: string): boolean {
  return given.some(({ by, to }) => (by === one && to === other) || (by === other && to === one))
}
