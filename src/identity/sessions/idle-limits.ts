import type { Config } from '../../config.ts'
import { MINUTE_MS } from '../../message/clock.ts'
import { type Actor, isBreakGlass, type Role } from '../../permissions.ts'

interface Limits {
  readonly config: Pick<Config, 'idleMinutes'>
}

/** Returns the minutes without activity after which a user's session is locked: the fewest of their roles. Null: it is not. */
export function idleMinutesOf(
  { config: { idleMinutes } }: Limits,
  roles: readonly { readonly role: Role }[],
): number | null {
  if (idleMinutes === undefined) return null
  // The break-glass account could not be unlocked: nobody has a factor of it.
  if (roles.some(({ role }) => role === 'break_glass')) return null
  const minutes = roles.flatMap(({ role }) => (role === 'break_glass' ? [] : idleMinutes[role]))
  return Math.min(...(minutes.length === 0 ? Object.values(idleMinutes) : minutes))
}

/** Returns whether the session of an actor is locked: by its user, or because its user was not active for too long. */
export function isLocked(deps: Limits, actor: Actor, now: Date): boolean {
  if (actor.kind !== 'user' || actor.session === undefined || isBreakGlass(actor)) return false
  const { activeAt, lockedAt } = actor.session
  if (lockedAt != null) return true
  const minutes = idleMinutesOf(deps, actor.grants)
  return (
    minutes !== null && activeAt !== undefined && now.getTime() - activeAt.getTime() > minutes * MINUTE_MS
  )
}
