import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, authorize } from '../permissions.ts'
import { acrossSchemes } from '../platform/db.ts'
import { grantsOf, holderOf } from './act.ts'
import type { PeopleView, PersonView } from './contract.ts'
import { isMachineLink } from './invitations/links.ts'
import { sendsMail } from './mails.ts'
import { type PersonAct, refusalForAccount, refusalForRole, rolesToGive } from './roles/rights.ts'
import { findSchemeForGrant, listPersonRows, type PersonRow } from './store.ts'

/** Lists everybody with a role in the scheme; their roles in other schemes are not shown. */
export async function listPeople(
  deps: Pick<Deps, 'db' | 'now' | 'mailer' | 'config'>,
  actor: Actor,
  schemeId: string,
): Promise<PeopleView> {
  authorize(actor, 'people.read', schemeId)
  const grants = grantsOf(actor)
  return acrossSchemes(deps.db, async (tx) => {
    const scheme = await findSchemeForGrant(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const rows = await listPersonRows(tx, deps.now(), { schemeId })
    const codeOf = (id: string | undefined) => scheme.agencies.find((one) => one.id === id)?.code ?? null
    return {
      people: rows.map((row) => personViewOf(deps, actor, row, schemeId)),
      given: rolesToGive(grants, schemeId).map(({ role, agencyId }) => ({ role, agency: codeOf(agencyId) })),
      mails: sendsMail(deps),
    }
  })
}

function personViewOf(
  deps: Pick<Deps, 'mailer' | 'config'>,
  actor: Actor,
  row: PersonRow,
  schemeId: string,
): PersonView {
  const refusalOf = (act: PersonAct) =>
    actor.kind === 'user' ? refusalForAccount(actor, act, holderOf(row), schemeId) : null
  const isOnMachine = isMachineLink(deps, actor, row.grants)
  const roles = row.grants.filter((grant) => grant.schemeId === schemeId)
  return {
    id: row.id,
    name: row.name,
    mail: row.mail,
    state: stateOf(row),
    linkUntil: row.linkUntil?.toISOString() ?? null,
    roles: roles.map((grant) => ({
      role: grant.role,
      agency: grant.agency,
      trades: grant.trades == null ? null : [...grant.trades],
      mayChange:
        actor.kind !== 'user' ||
        (actor.userId !== row.id && refusalForRole(actor.grants, 'change', grant) === null),
    })),
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    openSessions: row.openSessions,
    mayDisable: refusalOf('disable') === null,
    mayEndSessions: refusalOf('sessions') === null,
    mayRecover: refusalOf('recover') === null && !isOnMachine,
    mayWithdraw: refusalOf('invite') === null,
    refusal: refusalOf('disable') ?? refusalOf('recover') ?? (isOnMachine ? 'machine' : null),
  }
}

/** Returns the state of an account: disabled, waiting for its holder to use a link, or active. */
export function stateOf({ disabledAt, waits }: Pick<PersonRow, 'disabledAt' | 'waits'>): PersonView['state'] {
  if (disabledAt !== null) return 'disabled'
  return waits === 'invite' ? 'invited' : waits === 'recover' ? 'recovering' : 'active'
}
