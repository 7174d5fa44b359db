import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { meetsNeed } from '../../identity/sign-in/sign-in-needs.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import type { Changes } from '../../platform/http/bodies.ts'
import { markDecided } from '../../settings/alone.ts'
import type { ProposeDeps } from '../../settings/propose.ts'
import { AccessSettings } from '../contract.ts'
import { updateSettings } from '../store.ts'
import { columnSettings } from './column-settings.ts'

const stored = columnSettings({
  subject: 'access',
  action: 'access.set',
  parse: (value) => AccessSettings.parse(value),
})

/** The sign-in that the scheme requires of each role, and the organisations of its agencies. */
export const { get: getAccessSettings, writer: accessSettingWriter } = stored

/**
 * Changes which sign-in each role needs and which organisations may sign in by the identity provider, or proposes it.
 * @throws AppError `invalid_input` for a role that needs an identity provider where the installation has none, or an agency that the
 * scheme does not have, or a sign-in that the author requires of their own role and did not use; as `proposeOrApply`
 */
export async function setAccessSettings(
  deps: ProposeDeps & Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<AccessSettings>,
  reason?: string,
): Promise<AccessSettings & { proposed: string | null }> {
  authorize(actor, 'access.set', schemeId)
  const problems = ownSignInProblems(actor, schemeId, changes.signIn)
  if (deps.config.identityProvider === undefined) {
    for (const [role, need] of Object.entries(changes.signIn ?? {}))
      if (need === 'provider') problems.push({ code: 'access.no_provider', path: `signIn.${role}` })
  }
  const agencies = await inScheme(deps.db, schemeId, (tx) =>
    tx.selectFrom('agencies').select('code').where('schemeId', '=', schemeId).execute(),
  )
  const organisations = changes.organisations ?? []
  for (const [index, { agency }] of organisations.entries()) {
    if (!agencies.some(({ code }) => code === agency))
      problems.push({ code: 'access.agency', path: `organisations.${index}.agency`, values: { agency } })
  }
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return stored.set(deps, actor, schemeId, changes, reason)
}

/** Checks that a user who requires a sign-in of their own role has used it for their own session. */
function ownSignInProblems(
  actor: Actor,
  schemeId: string,
  signIn: Changes<AccessSettings>['signIn'],
): Problem[] {
  if (actor.kind !== 'user' || actor.session === undefined) return []
  const { factor, provider = false } = actor.session
  return actor.grants.flatMap(({ schemeId: of, role }) => {
    const need = role === 'break_glass' ? undefined : signIn?.[role]
    if (of !== schemeId || need === undefined || meetsNeed(need, { factor, provider })) return []
    const code = need === 'provider' ? 'access.own_provider' : 'access.own_second_factor'
    return [{ code, path: `signIn.${role}` }]
  })
}

/**
 * Lets every role in with any sign-in again: the way back of a scheme whose people can no longer meet what it requires, on the machine
 * of the installation or by the break-glass account.
 * @param also more to write in the same transaction
 * @throws AppError `unknown_scheme`, `forbidden`
 */
export async function allowAnySignIn(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  also?: (tx: Tx, scheme: { readonly name: string }) => Promise<void>,
): Promise<void> {
  authorize(actor, 'access.lift', schemeId)
  await acrossSchemes(deps.db, async (tx) => {
    const row = await tx
      .selectFrom('schemes')
      .select(['access', 'name'])
      .where('id', '=', schemeId)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (row === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const before = AccessSettings.parse(row.access)
    const after = { ...before, signIn: AccessSettings.parse({}).signIn }
    await updateSettings(tx, schemeId, { access: after })
    // Two opened the break-glass account; one person is at the keyboard of the machine.
    if (actor.kind === 'system')
      await markDecided(tx, schemeId, {
        subject: 'access',
        items: ['access.signIn'],
        alone: true,
        at: deps.now(),
      })
    const claimed = actor.kind === 'system' ? actor.claimed : undefined
    await also?.(tx, row)
    // Acts of the break-glass account are in the log of the installation too.
    for (const chain of actor.kind === 'system' ? [schemeId] : [NO_SCHEME, schemeId]) {
      await recordAudit(tx, chain, deps.now(), {
        actor: actorName(actor),
        action: 'access.set',
        subject: `scheme:${schemeId}`,
        details: { before, after },
        ...(claimed !== undefined && { named: { claimed } }),
      })
    }
  })
}
