import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { findUserByMail } from '../identity/store.ts'
import type { Actor, Role } from '../permissions.ts'
import { acrossSchemes } from '../platform/db.ts'
import type { PersonId } from './act.ts'
import type { PersonView } from './contract.ts'
import { stateOf } from './list.ts'
import { findSchemeForGrant, listPersonRows } from './store.ts'

/** An account of the console as shown to the administrator of the machine. */
export interface AccountView {
  readonly id: string
  readonly mail: string
  readonly name: string
  readonly state: PersonView['state']
  readonly disabledAt: string | null
  readonly openSessions: number
  readonly lastSignInAt: string | null
  /** The role of an administrator of the platform has no scheme. */
  readonly grants: readonly {
    readonly scheme: string | null
    readonly role: Role
    readonly agency: string | null
  }[]
}

/**
 * Lists all accounts, or those of one scheme.
 * @throws AppError `unknown_scheme`, `forbidden`
 */
export async function listAccounts(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId?: string,
): Promise<AccountView[]> {
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'people.read' } })
  return acrossSchemes(deps.db, async (tx) => {
    if (schemeId !== undefined && (await findSchemeForGrant(tx, schemeId)) === undefined) {
      throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    }
    const rows = await listPersonRows(tx, deps.now(), { schemeId })
    return rows
      .map((row) => ({
        id: row.id,
        mail: row.mail,
        name: row.name,
        state: stateOf(row),
        disabledAt: row.disabledAt?.toISOString() ?? null,
        openSessions: row.openSessions,
        lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
        grants: row.grants.map(({ schemeId: scheme, role, agency }) => ({
          scheme: scheme === '' ? null : scheme,
          role,
          agency,
        })),
      }))
      .sort((a, b) => (a.mail < b.mail ? -1 : 1))
  })
}

/**
 * Finds an account by mail, for the command line.
 * @throws AppError `invalid_input` when there is none
 */
export async function findAccount(
  deps: Pick<Deps, 'db'>,
  mail: string,
): Promise<PersonId & { readonly schemeId: undefined }> {
  const user = await acrossSchemes(deps.db, (tx) => findUserByMail(tx, mail.trim()))
  if (user === undefined) {
    throw new AppError('invalid_input', {
      problems: [{ code: 'user.unknown', path: 'mail', values: { mail } }],
    })
  }
  return { schemeId: undefined, userId: user.id }
}
