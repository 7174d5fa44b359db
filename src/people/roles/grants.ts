import { NO_SCHEME } from '../../audit/chain.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { RoleName } from '../../identity/contract.ts'
import { setCountsFrom } from '../../identity/store.ts'
import { HOUR_MS } from '../../message/clock.ts'
import type { Actor, Role } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { nameOf, type PeopleDeps } from '../act.ts'
import type { GivenRole } from '../contract.ts'
import { findSchemeForGrant, type PersonRow } from '../store.ts'
import { refusalForRole, rolesAboveOperator } from './rights.ts'

/** Returns from when on a role that an actor gives counts as the second person; null for the program: at once. */
export function countsFrom({ now, config }: Pick<Deps, 'now' | 'config'>, actor: Actor): Date | null {
  return actor.kind === 'system' ? null : new Date(now().getTime() + config.coolingHours * HOUR_MS)
}

/** Keeps a person whom another admitted from deciding as the second person until the cooling time has passed. */
export async function coolRoles(
  tx: Tx,
  deps: PeopleDeps,
  actor: Actor,
  { id, grants }: PersonRow,
): Promise<void> {
  const roles = rolesAboveOperator(grants.map(({ role }) => role))
  const from = countsFrom(deps, actor)
  if (from !== null && roles.length > 0) await setCountsFrom(tx, id, roles, from)
}

export interface StoredGrant {
  readonly schemeId: string
  readonly role: Role
  readonly agencyId: string | null
  readonly agency: string | null
  readonly trades: readonly string[] | null
}

/** Reads a role as typed, and collects every problem with it. @returns undefined when the role does not exist */
export async function readGrant(
  tx: Tx,
  actor: Actor,
  schemeId: string | undefined,
  input: GivenRole,
  { path, problems }: { readonly path: '' | 'to.'; readonly problems: Problem[] },
): Promise<StoredGrant | undefined> {
  const role = RoleName.exclude(['break_glass']).safeParse(input.role).data
  problems.push(...roleProblems(role, schemeId, { path: `${path}role`, typed: input.role }))
  if (schemeId === undefined) {
    const outside = { schemeId: NO_SCHEME, agencyId: null, agency: null, trades: null }
    return role && { ...outside, role }
  }
  const scheme = await findSchemeForGrant(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const agency = scheme.agencies.find(({ code }) => code === input.agency)
  if (input.agency != null && agency === undefined) {
    const codes = scheme.agencies.map(({ code }) => code).join(', ')
    problems.push({ code: 'user.agency', path: `${path}agency`, values: { agency: input.agency, codes } })
  }
  problems.push(...tradeProblems(input, scheme.trades, `${path}trades`))
  if (role === undefined || role === 'admin') return undefined
  const grant = {
    schemeId,
    role,
    agencyId: agency?.id ?? null,
    agency: agency?.name ?? null,
    trades: input.trades ?? null,
  }
  problems.push(...invitationProblems(actor, grant, path))
  return grant
}

/** Lists why a role does not exist, or not there: an administrator has no scheme, and every other role has one. */
function roleProblems(
  role: StoredGrant['role'] | undefined,
  schemeId: string | undefined,
  { path, typed }: { readonly path: string; readonly typed: string },
): Problem[] {
  const values = { role: typed }
  if (role === undefined) return [{ code: 'user.role', path, values }]
  if (role === 'admin') return schemeId === undefined ? [] : [{ code: 'user.admin_scheme', path, values }]
  return schemeId === undefined ? [{ code: 'user.scheme', path, values }] : []
}

/** Lists why an actor may not give a role: it is not above it, or it is of another agency. */
function invitationProblems(actor: Actor, grant: StoredGrant, path: '' | 'to.'): Problem[] {
  const refusal = actor.kind === 'user' ? refusalForRole(actor.grants, 'invite', grant) : null
  if (refusal === 'role') return [{ code: 'person.role', path: `${path}role` }]
  return refusal === 'service' ? [{ code: 'person.service', path: `${path}agency` }] : []
}

function tradeProblems({ role, trades }: GivenRole, known: readonly string[], path: string): Problem[] {
  const values = { trades: known.join(', ') }
  if (role !== 'trade_chamber') {
    return trades == null ? [] : [{ code: 'user.trades_unused', path, values }]
  }
  const isRight = trades != null && trades.length > 0 && trades.every((code) => known.includes(code))
  return isRight ? [] : [{ code: 'user.trades', path, values }]
}

export function auditFactsOf({ role, agencyId, trades }: Pick<StoredGrant, 'role' | 'agencyId' | 'trades'>) {
  return { role, agencyId, ...(trades === null ? {} : { trades }) }
}

/** Returns what the audit entry of a role or account that is taken says when its holder never opened it: nobody lost anything. */
export function unopenedFacts({ waits }: Pick<PersonRow, 'waits'>): { unopened?: true } {
  return waits === 'invite' ? { unopened: true } : {}
}

export function mailValuesOf(actor: Actor, { role, agency }: Pick<StoredGrant, 'role' | 'agency'>) {
  return { by: nameOf(actor), role, agency }
}
