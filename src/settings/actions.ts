import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, refusalOf } from '../errors.ts'
import { type Actor, actorName, authorize, isBreakGlass, may, personName, type Role } from '../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../platform/db.ts'
import type { LiveEvent } from '../platform/http/live.ts'
import { markDecided } from './alone.ts'
import type { SettingChangeFacts, SettingRuleView } from './contract.ts'
import { type Deciders, readDeciders } from './deciders.ts'
import { writeNotices } from './notices.ts'
import { type ChangedBy, listConcerned, type ProposeDeps } from './propose.ts'
import {
  accountsGiven,
  hasRows,
  type MayDecide,
  mayDecide,
  SETTING_SUBJECTS,
  type SettingPart,
  type SettingSubject,
  SUBJECTS,
  stateNow,
} from './rules.ts'
import {
  decideChange,
  findSubject,
  type Holder,
  listRoleAccounts,
  listStoredSettingChanges,
  lockChange,
  type SettingChangeRow,
} from './store.ts'

export type ChangeDeps = ProposeDeps & Pick<Deps, 'db' | 'database' | 'live'>

/** Writes the settings of one subject; the room that owns them implements it, and marks rows that it writes as decided (`markDecided`). */
export interface SettingWriter {
  /** Whether it writes accounts, which are those of all schemes, or compares a value with those of the other schemes. */
  readonly acrossSchemes?: true
  /**
   * Checks the values again and writes them with their audit entry.
   * @param of `publish`: takes events that are published once the transaction has committed
   * @throws AppError `settings_changed` when a setting no longer has the value that the change replaces; or every problem at once
   */
  write(
    tx: Tx,
    deps: ChangeDeps,
    of: {
      readonly schemeId: string
      readonly parts: readonly SettingPart[]
      readonly by: ChangedBy
      publish(event: LiveEvent): void
    },
  ): Promise<void>
}

export type SettingWriters = Readonly<Record<SettingSubject, SettingWriter>>

/** A change with the values that it sets, as their rooms store them. */
export interface SettingChange extends SettingChangeFacts {
  readonly parts: readonly SettingPart[]
}

/** The changes that concern an account. */
export interface SettingChanges {
  /** Pending changes, oldest first. */
  readonly waiting: readonly SettingChange[]
  /** Changes that were decided or expired, latest first. */
  readonly past: readonly SettingChange[]
  readonly rules: SettingRuleView[]
  readonly coolingHours: number
}

/** Maximum number of changes shown. */
const MAX_SHOWN = 100

/** Lists the changes of the settings that the caller's roles may propose or put in force, and who would decide on one of theirs. */
export async function listSettingChanges(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
): Promise<SettingChanges> {
  authorize(actor, 'setting_change.read', schemeId)
  const roles = rolesIn(actor, schemeId)
  const subjects = SETTING_SUBJECTS.filter((subject) => isConcerned(actor, schemeId, subject, roles))
  const me = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listStoredSettingChanges(tx, schemeId, { subjects, limit: MAX_SHOWN })
    const proposers = [me, ...rows.map(({ proposedBy }) => proposedBy)]
    const decidersOf = await readDeciders(tx, deps, schemeId, { subjects, proposers })
    const names = await readNamedAccounts(tx, rows)
    const now = deps.now()
    const views = rows.map((row) => {
      const deciders = decidersOf(row.subject, row.proposedBy, accountsGiven(row))
      return toView(row, { me, roles, now, deciders, names })
    })
    return {
      waiting: views.filter(({ state }) => state === 'proposed').reverse(),
      past: views.filter(({ state }) => state !== 'proposed'),
      rules: subjects.map((subject) => {
        const { others, isSurelyAlone, isFirst, isVacant } = decidersOf(subject, me)
        const isOfBreakGlass = isBreakGlass(actor)
        return {
          subject,
          propose: may(actor, SUBJECTS[subject].propose, schemeId),
          others: namesOf(others),
          cools: others.length === 0 && (!isSurelyAlone || isOfBreakGlass),
          first: isFirst || (isOfBreakGlass && isVacant),
        }
      }),
      coolingHours: deps.config.coolingHours,
    }
  })
}

/** Lists the accounts that the values of a change name. */
function accountsIn({ parts }: Pick<SettingChangeRow, 'parts'>): string[] {
  return parts.flatMap(({ before, after }) =>
    [before, after].flatMap((value) => {
      const { userId = null } = (value ?? {}) as { readonly userId?: string | null }
      return userId === null ? [] : [userId]
    }),
  )
}

/** Reads the names of the active accounts that the values of some changes name, by id. */
async function readNamedAccounts(tx: Tx, rows: readonly SettingChangeRow[]): Promise<Map<string, string>> {
  if (rows.flatMap(accountsIn).length === 0) return new Map()
  const accounts = await listRoleAccounts(tx, ['chief', 'magistrate'])
  return new Map(accounts.map(({ actor, name }) => [actor.slice('user:'.length), name]))
}

function rolesIn(actor: Actor, schemeId: string): Role[] {
  if (actor.kind !== 'user') return []
  return actor.grants.flatMap((grant) => (grant.schemeId === schemeId ? [grant.role] : []))
}

function isConcerned(
  actor: Actor,
  schemeId: string,
  subject: SettingSubject,
  roles: readonly Role[],
): boolean {
  const {
    propose,
    inForceBy,
  }: { propose: (typeof SUBJECTS)[SettingSubject]['propose']; inForceBy: readonly Role[] } = SUBJECTS[subject]
  return may(actor, propose, schemeId) || roles.some((role) => inForceBy.includes(role))
}

const namesOf = (holders: readonly Holder[]) => [...new Set(holders.map(({ name }) => name))]

function toView(
  row: SettingChangeRow,
  of: {
    readonly me: string
    readonly roles: readonly Role[]
    readonly now: Date
    readonly deciders: Deciders
    /** Names of accounts by id. */
    readonly names: ReadonlyMap<string, string>
  },
): SettingChange {
  const { me, now, deciders, names } = of
  const roles = isCounted(deciders, me) ? of.roles : []
  const state = stateNow(row, now)
  return {
    id: row.id,
    subject: row.subject,
    parts: row.parts.map(({ setting, before, after }) => ({ setting, before, after })),
    accounts: Object.fromEntries(
      accountsIn(row).flatMap((id) => {
        const name = names.get(id)
        return name === undefined ? [] : [[id, name]]
      }),
    ),
    reason: row.reason,
    alone: row.alone,
    proposedBy: row.proposedName,
    proposedAt: row.proposedAt.toISOString(),
    readyAt: row.readyAt > row.proposedAt ? row.readyAt.toISOString() : null,
    expiresAt: row.expiresAt.toISOString(),
    state,
    decidedBy: row.decidedName,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decisionReason: row.decisionReason,
    waitsFor: state === 'proposed' ? namesOf(deciders.others) : [],
    may: mayDecide({ ...row, state }, { actor: me, roles }, howDecided(deciders, now)),
  }
}

const isCounted = ({ others }: Deciders, actor: string) => others.some((one) => one.actor === actor)

function howDecided({ others, hasLater, isBarred, isUnsettled }: Deciders, now: Date) {
  // A barred proposer waits for another account to get the role.
  return { now, others: hasLater || others.length > 0 || isBarred, unsettled: isUnsettled }
}

/** A change that can still be decided, locked, and the account that decides on it. */
interface OpenChange {
  readonly schemeId: string
  readonly row: SettingChangeRow
  readonly me: { readonly actor: string; readonly name: string }
  readonly isOwn: boolean
  readonly now: Date
  readonly roles: readonly Role[]
  readonly deciders: Deciders
  readonly may: MayDecide
}

/** Runs an act on a change that can still be decided, notifies the screens, and lists the changes as they are then. */
async function withOpenChange(
  deps: ChangeDeps,
  actor: Actor,
  {
    schemeId,
    id,
    across = false,
  }: {
    readonly schemeId: string
    readonly id: string
    /** Whether its transaction is over all schemes. */
    readonly across?: boolean
  },
  act: (tx: Tx, open: OpenChange) => Promise<void>,
): Promise<SettingChanges> {
  authorize(actor, 'setting_change.decide', schemeId)
  const run = async (tx: Tx) => {
    const row = await requireOpen(tx, deps, actor, schemeId, id)
    const { subject, proposedBy } = row
    const me = { actor: actorName(actor), name: personName(actor) }
    const decidersOf = await readDeciders(tx, deps, schemeId, {
      subjects: [subject],
      proposers: [proposedBy],
    })
    const deciders = decidersOf(subject, proposedBy, accountsGiven(row))
    const roles = rolesIn(actor, schemeId)
    const now = deps.now()
    await act(tx, {
      schemeId,
      row,
      me,
      isOwn: proposedBy === me.actor,
      now,
      roles,
      deciders,
      may: mayDecide({ ...row, state: 'proposed' }, { actor: me.actor, roles }, howDecided(deciders, now)),
    })
  }
  await (across ? acrossSchemes(deps.db, run, { schemeId }) : inScheme(deps.db, schemeId, run))
  deps.live.publish({ type: 'scheme', schemeId })
  return listSettingChanges(deps, actor, schemeId)
}

/** Ends a change: stores the decision, notifies the accounts concerned, and records it last, unless the writer of the settings does. */
async function endChange(
  tx: Tx,
  deps: ChangeDeps,
  { schemeId, row, me, now }: OpenChange,
  end: {
    readonly state: Parameters<typeof decideChange>[3]['state']
    /** Reason of the decision. */
    readonly reason?: string
    readonly notice?: 'alone' | 'in_force' | 'rejected'
    readonly action?: 'setting.reject' | 'setting.withdraw' | 'setting.overtaken'
  },
): Promise<void> {
  const { state, reason, notice, action } = end
  await decideChange(tx, schemeId, row.id, {
    state,
    decidedBy: me.actor,
    decidedName: me.name,
    decidedAt: now,
    ...(reason !== undefined && { decisionReason: reason }),
  })
  if (notice !== undefined)
    await writeNotices(tx, deps, schemeId, {
      what: notice,
      subject: row.subject,
      by: me,
      reason: reason ?? row.reason,
      to: await listConcerned(tx, row.subject, row.alone),
    })
  if (action === undefined) return
  const isOther = row.proposedBy !== me.actor
  await recordAudit(tx, schemeId, now, {
    actor: me.actor,
    action,
    subject: `setting_change:${row.id}`,
    ...(isOther && { details: { proposedBy: row.proposedBy }, named: { proposedBy: row.proposedName } }),
    ...(reason !== undefined && { reason }),
  })
}

/**
 * Puts a proposed change in force: writes exactly the stored values, checked again, with the audit entry of both names.
 * @throws AppError `not_found`; `role_too_new`; `access_given`; `own_role` for the account that gets the role; `own_change` for the account that proposed it; `forbidden` without a
 * role that puts it in force; `already_decided`; `change_cooling` before its cooling time has passed; `change_overtaken` when a
 * setting changed meanwhile; or every problem of the values
 */
export async function putSettingChangeInForce(
  deps: ChangeDeps & { readonly writers: SettingWriters },
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<SettingChanges> {
  authorize(actor, 'setting_change.decide', schemeId)
  // The subject of a change never changes, so that it may be read before the transaction that it decides on.
  const subject = await inScheme(deps.db, schemeId, (tx) => findSubject(tx, schemeId, id))
  const across = subject !== undefined && deps.writers[subject].acrossSchemes === true
  const events: LiveEvent[] = []
  const enforce = async (tx: Tx, open: OpenChange) => {
    const { row, me, isOwn, now, may } = open
    requireCounted(open)
    if (!may.putInForce) {
      if (may.cooling) throw new AppError('change_cooling')
      throw new AppError(isOwn ? 'own_change' : 'forbidden')
    }
    await endChange(tx, deps, open, { state: 'in_force', notice: isOwn ? 'alone' : 'in_force' })
    if (!hasRows(row.subject)) {
      const items = row.parts.map(({ setting }) => setting)
      await markDecided(tx, schemeId, { subject: row.subject, items, alone: isOwn, at: now })
    }
    await deps.writers[row.subject].write(tx, deps, {
      schemeId,
      parts: row.parts,
      by: {
        ...me,
        change: id,
        reason: row.reason,
        ...(isOwn ? { alone: true } : { proposedBy: { actor: row.proposedBy, name: row.proposedName } }),
      },
      publish: (event) => {
        events.push(event)
      },
    })
  }
  try {
    const changes = await withOpenChange(deps, actor, { schemeId, id, across }, enforce)
    for (const event of events) deps.live.publish(event)
    return changes
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'settings_changed')) throw error
    // Its settings have other values by now than those that it was to replace.
    await withOpenChange(deps, actor, { schemeId, id }, (tx, open) =>
      endChange(tx, deps, open, { state: 'overtaken', action: 'setting.overtaken' }),
    )
    throw new AppError('change_overtaken', { cause: error })
  }
}

/**
 * Refuses a proposed change of another account, with a reason.
 * @throws AppError `not_found`; `role_too_new`; `access_given`; `own_role`; `own_change`; `forbidden`; `already_decided`;
 * `input.required` without a reason
 */
export function rejectSettingChange(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { reason }: { readonly reason: string },
): Promise<SettingChanges> {
  return withOpenChange(deps, actor, { schemeId, id }, async (tx, open) => {
    requireCounted(open)
    if (!open.may.reject) throw new AppError(open.isOwn ? 'own_change' : 'forbidden')
    if (reason === '') throw refusalOf([{ code: 'input.required', path: 'reason' }])
    await endChange(tx, deps, open, {
      state: 'rejected',
      reason,
      notice: 'rejected',
      action: 'setting.reject',
    })
  })
}

/**
 * Withdraws a change that the caller proposed.
 * @throws AppError `not_found`; `forbidden` for another account; `already_decided`
 */
export function withdrawSettingChange(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<SettingChanges> {
  return withOpenChange(deps, actor, { schemeId, id }, async (tx, open) => {
    if (!open.isOwn) throw new AppError('forbidden')
    await endChange(tx, deps, open, { state: 'withdrawn', action: 'setting.withdraw' })
  })
}

/**
 * Refuses an account that has the role but does not count as the second person of the proposer, or not yet.
 * @throws AppError `role_too_new`; `access_given`; `own_role` for the account that gets the role
 */
function requireCounted({ row, me, isOwn, roles, deciders }: OpenChange): void {
  const { inForceBy }: { inForceBy: readonly Role[] } = SUBJECTS[row.subject]
  if (isOwn || !roles.some((role) => inForceBy.includes(role)) || isCounted(deciders, me.actor)) return
  if (accountsGiven(row).includes(me.actor)) throw new AppError('own_role')
  throw new AppError(deciders.isDependent(me.actor) ? 'access_given' : 'role_too_new')
}

/** Locks a change that can still be decided. @throws AppError `not_found` also for a change that the roles of the caller do not concern */
async function requireOpen(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<SettingChangeRow> {
  const row = await lockChange(tx, schemeId, id)
  if (row === undefined || !isConcerned(actor, schemeId, row.subject, rolesIn(actor, schemeId)))
    throw new AppError('not_found')
  if (stateNow(row, deps.now()) !== 'proposed') throw new AppError('already_decided')
  return row
}
