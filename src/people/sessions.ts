import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { DeviceSession, OwnSessions } from '../identity/contract.ts'
import type { SignedIn } from '../identity/passkeys/passkeys.ts'
import { describeSession } from '../identity/sessions/devices.ts'
import { closeDisplaysOf } from '../identity/sessions/displays.ts'
import { deleteSessions } from '../identity/store.ts'
import type { Actor } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import {
  type AppliedAct,
  authorizePeople,
  changeAccount,
  changePerson,
  type PeopleDeps,
  type PersonChange,
  type PersonId,
  requireAllowed,
} from './act.ts'
import { listPersonRows, listSessionRows, type PersonRow } from './store.ts'

/** Ends the sessions of an account on every node with its wall displays, or one session; the person may sign in again. */
export function endPersonSessions(
  deps: PeopleDeps,
  actor: Actor,
  of: PersonId,
  { id }: { readonly id?: string | undefined } = {},
): Promise<PersonChange> {
  return changePerson(deps, actor, of, 'sessions', (tx, person) =>
    endSessions(tx, deps, person, id === undefined ? undefined : { id }),
  )
}

/** Lists the open sessions of the signed-in account, the latest first. */
export async function listOwnSessions(deps: Pick<Deps, 'db' | 'now'>, actor: SignedIn): Promise<OwnSessions> {
  const rows = await acrossSchemes(deps.db, (tx) => listSessionRows(tx, deps.now(), actor.userId))
  return { current: actor.session.id, sessions: rows.map(describeSession) }
}

/** Ends one session of the signed-in account on every node, or all but the one of the request with its wall displays. */
export function endOwnSessions(
  deps: PeopleDeps,
  actor: SignedIn,
  { id }: { readonly id?: string | undefined } = {},
): Promise<PersonChange> {
  return changeAccount(deps, actor, actor.userId, (tx, { person }) => {
    if (person === undefined) throw new AppError('not_signed_in')
    return endSessions(tx, deps, person, id === undefined ? { except: actor.session.id } : { id })
  })
}

async function endSessions(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  person: PersonRow,
  only: Parameters<typeof deleteSessions>[2],
): Promise<AppliedAct<PersonChange>> {
  const sessionsEnded = await deleteSessions(tx, person.id, only)
  const isOne = only !== undefined && 'id' in only
  const displaysClosed = isOne ? 0 : await closeDisplaysOf(tx, person.id, deps.now())
  const record = { action: 'user.end_sessions' as const, details: { sessionsEnded } }
  const changed = sessionsEnded > 0 || displaysClosed > 0
  return { record: changed ? record : undefined, result: { changed, sessionsEnded } }
}

/** Lists the open sessions of a person, the latest first. */
export async function listPersonSessions(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  of: PersonId,
): Promise<DeviceSession[]> {
  authorizePeople(actor, of.schemeId)
  return acrossSchemes(deps.db, async (tx) => {
    const [person] = await listPersonRows(tx, deps.now(), { userId: of.userId })
    requireAllowed(actor, 'sessions', person, of)
    return (await listSessionRows(tx, deps.now(), of.userId)).map(describeSession)
  })
}
