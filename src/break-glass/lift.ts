import type { Deps } from '../deps.ts'
import type { MailDeps } from '../people/mails.ts'
import { type Actor, authorizeInstallation, personName } from '../permissions.ts'
import { acrossSchemes } from '../platform/db.ts'
import { AccessSettings } from '../schemes/contract.ts'
import { allowAnySignIn } from '../schemes/settings/access.ts'
import type { LockedSchemes } from './contract.ts'
import { mailNotice } from './mails.ts'
import { listSchemeAccess } from './store.ts'

/** Lists the schemes with the sign-ins that they require, those that require any first, and how many accounts could let others in. */
export async function listLockedSchemes(deps: Pick<Deps, 'db'>, actor: Actor): Promise<LockedSchemes> {
  authorizeInstallation(actor, 'break_glass.use')
  const rows = await acrossSchemes(deps.db, listSchemeAccess)
  const schemes = rows.map(({ access, ...scheme }) => ({
    ...scheme,
    required: Object.entries(AccessSettings.parse(access).signIn).flatMap(([role, need]) =>
      need === 'any' ? [] : [{ role: role as keyof AccessSettings['signIn'], need }],
    ),
  }))
  const isFree = ({ required }: (typeof schemes)[number]) => required.length === 0
  return { schemes: [...schemes.filter((one) => !isFree(one)), ...schemes.filter(isFree)] }
}

/**
 * Lets every role of a scheme in with any sign-in again, and notifies everybody who hears of the break-glass account.
 * @throws AppError `unknown_scheme`, `forbidden`
 */
export function liftRequiredSignIn(
  deps: Pick<Deps, 'db'> & MailDeps,
  actor: Actor,
  schemeId: string,
): Promise<void> {
  return allowAnySignIn(deps, actor, schemeId, (tx, { name }) =>
    mailNotice(tx, deps, 'lifted', { of: name, by: personName(actor) }),
  )
}
