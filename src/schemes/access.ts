import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { type Actor, authorize } from '../permissions.ts'
import type { Changes } from '../platform/bodies.ts'
import { inScheme } from '../platform/db.ts'
import type { ProposeDeps } from '../settings/propose.ts'
import { columnSettings } from './column-settings.ts'
import { AccessSettings } from './contract.ts'

const stored = columnSettings({
  subject: 'access',
  action: 'access.set',
  parse: (value) => AccessSettings.parse(value),
})

/** Which sign-in the scheme requires of each role, and the organisations of its agencies. */
export const { get: getAccessSettings, writer: accessSettingWriter } = stored

/**
 * Changes which sign-in each role needs and which organisations may sign in by the identity provider, or proposes it.
 * @throws AppError `invalid_input` for a role that needs an identity provider where the installation has none, or an agency that the
 * scheme does not have; as `proposeOrApply`
 */
export async function setAccessSettings(
  deps: ProposeDeps & Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<AccessSettings>,
  reason?: string,
): Promise<AccessSettings & { proposed: string | null }> {
  authorize(actor, 'access.set', schemeId)
  const problems: Problem[] = []
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
