import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, refusalOf } from '../errors.ts'
import { type Actor, actorName, authorize, may, personName, type Role } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { SettingChangeList, SettingChangeView } from './contract.ts'
import { writeNotices } from './notices.ts'
import { type ChangedBy, listConcerned, listOthers, type ProposeDeps } from './propose.ts'
import {
  mayDecide,
  SETTING_SUBJECTS,
  type SettingPart,
  type SettingSubject,
  SUBJECTS,
  stateNow,
} from './rules.ts'
import { type ChangeRow, decideChange, type Holder, listChanges, lockChange } from './store.ts'

export type ChangeDeps = ProposeDeps & Pick<Deps, 'db' | 'live'>

/** Writes the settings of one subject; the room that owns them implements it. */
export interface SettingWriter {
  /**
   * Checks the values again and writes them with their audit entry.
   * @throws AppError `settings_changed` when a setting no longer has the value that the change replaces; or every problem at once
   */
  write(
    tx: Tx,
    deps: ProposeDeps,
    of: { readonly schemeId: string; readonly parts: readonly SettingPart[]; readonly by: ChangedBy },
  ): Promise<void>
}

export type SettingWriters = Readonly<Record<SettingSubject, SettingWriter>>

/** Maximum number of changes shown. */
const MOST_SHOWN = 100

/** Lists the changes of the settings that the caller's roles may propose or put in force, and who would decide on one of theirs. */
export async function listSettingChanges(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
): Promise<SettingChangeList> {
  authorize(actor, 'setting_change.read', schemeId)
  const roles = rolesIn(actor, schemeId)
  const subjects = SETTING_SUBJECTS.filter((subject) => isConcerned(actor, schemeId, subject, roles))
  const me = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    const others = new Map<SettingSubject, Holder[]>()
    const now = deps.now()
    for (const subject of subjects) others.set(subject, await listOthers(tx, subject, { actor: me, at: now }))
    const rows = await listChanges(tx, schemeId, { subjects, limit: MOST_SHOWN })
    const views: SettingChangeView[] = []
    for (const row of rows) {
      const waitsFor =
        row.state === 'proposed' && row.proposedBy !== me
          ? await listOthers(tx, row.subject, { actor: row.proposedBy, at: now })
          : (others.get(row.subject) ?? [])
      views.push(toView(row, { me, roles, now, waitsFor }))
    }
    return {
      waiting: views.filter(({ state }) => state === 'proposed').reverse(),
      past: views.filter(({ state }) => state !== 'proposed'),
      rules: subjects.map((subject) => ({
        subject,
        propose: may(actor, SUBJECTS[subject].propose, schemeId),
        others: namesOf(others.get(subject) ?? []),
      })),
      coolingHours: deps.config.coolingHours,
    }
  })
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
  row: ChangeRow,
  of: {
    readonly me: string
    readonly roles: readonly Role[]
    readonly now: Date
    /** Accounts other than the proposer. */
    readonly waitsFor: readonly Holder[]
  },
): SettingChangeView {
  const { me, now, waitsFor } = of
  const roles = waitsFor.some(({ actor }) => actor === me) ? of.roles : []
  const state = stateNow(row, now)
  const isOpen = state === 'proposed'
  return {
    id: row.id,
    subject: row.subject,
    parts: row.parts.map(({ setting, before, after }) => ({ setting, before, after })),
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
    waitsFor: isOpen ? namesOf(waitsFor) : [],
    may: mayDecide({ ...row, state }, { actor: me, roles }, { now, others: waitsFor.length > 0 }),
  }
}

/**
 * Puts a proposed change in force: writes exactly the stored values, checked again, with the audit entry of both names.
 * @throws AppError `not_found`; `role_too_new`; `own_change` for the account that proposed it; `forbidden` without a role that puts it in force;
 * `already_decided`; `change_cooling` before its cooling time has passed; `change_overtaken` when a setting changed meanwhile; or
 * every problem of the values
 */
export async function putSettingChangeInForce(
  deps: ChangeDeps & { readonly writers: SettingWriters },
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<SettingChangeList> {
  authorize(actor, 'setting_change.decide', schemeId)
  const now = deps.now()
  const me = { actor: actorName(actor), name: personName(actor) }
  try {
    await inScheme(deps.db, schemeId, async (tx) => {
      const row = await requireOpen(tx, deps, actor, schemeId, id)
      const others = await listOthers(tx, row.subject, { actor: row.proposedBy, at: now })
      const roles = rolesIn(actor, schemeId)
      requireCounted(row, me.actor, others, roles)
      const allowed = mayDecide(
        { ...row, state: 'proposed' },
        { actor: me.actor, roles },
        { now, others: others.length > 0 },
      )
      if (!allowed.putInForce) {
        if (allowed.cooling) throw new AppError('change_cooling')
        throw new AppError(row.proposedBy === me.actor ? 'own_change' : 'forbidden')
      }
      const isOwn = row.proposedBy === me.actor
      await decideChange(tx, schemeId, id, {
        state: 'in_force',
        decidedBy: me.actor,
        decidedName: me.name,
        decidedAt: now,
      })
      await writeNotices(tx, deps, schemeId, {
        what: isOwn ? 'alone' : 'in_force',
        subject: row.subject,
        by: me,
        reason: row.reason,
        to: await listConcerned(tx, row.subject, row.alone),
      })
      await deps.writers[row.subject].write(tx, deps, {
        schemeId,
        parts: row.parts,
        by: {
          ...me,
          change: id,
          reason: row.reason,
          ...(isOwn ? { alone: true } : { proposedBy: { actor: row.proposedBy, name: row.proposedName } }),
        },
      })
    })
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'settings_changed')) throw error
    await recordOvertaken(deps, me, schemeId, id)
    throw new AppError('change_overtaken', { cause: error })
  }
  deps.live.publish({ type: 'scheme', schemeId })
  return listSettingChanges(deps, actor, schemeId)
}

/** Ends a change whose settings have other values by now than those that it was to replace. */
async function recordOvertaken(
  deps: ChangeDeps,
  me: { readonly actor: string; readonly name: string },
  schemeId: string,
  id: string,
): Promise<void> {
  const now = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const row = await lockChange(tx, schemeId, id)
    if (row?.state !== 'proposed') return
    await decideChange(tx, schemeId, id, {
      state: 'overtaken',
      decidedBy: me.actor,
      decidedName: me.name,
      decidedAt: now,
    })
    await recordAudit(tx, schemeId, now, {
      actor: me.actor,
      action: 'setting.overtaken',
      subject: `setting_change:${id}`,
    })
  })
  deps.live.publish({ type: 'scheme', schemeId })
}

/**
 * Refuses a proposed change of another account, with a reason.
 * @throws AppError `not_found`; `own_change`; `forbidden`; `already_decided`; `input.required` without a reason
 */
export async function rejectSettingChange(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { reason }: { readonly reason: string },
): Promise<SettingChangeList> {
  authorize(actor, 'setting_change.decide', schemeId)
  const now = deps.now()
  const me = { actor: actorName(actor), name: personName(actor) }
  await inScheme(deps.db, schemeId, async (tx) => {
    const row = await requireOpen(tx, deps, actor, schemeId, id)
    const roles = rolesIn(actor, schemeId)
    requireCounted(
      row,
      me.actor,
      await listOthers(tx, row.subject, { actor: row.proposedBy, at: now }),
      roles,
    )
    if (!mayDecide({ ...row, state: 'proposed' }, { actor: me.actor, roles }, { now, others: true }).reject)
      throw new AppError(row.proposedBy === me.actor ? 'own_change' : 'forbidden')
    if (reason === '') throw refusalOf([{ code: 'input.required', path: 'reason' }])
    await decideChange(tx, schemeId, id, {
      state: 'rejected',
      decidedBy: me.actor,
      decidedName: me.name,
      decidedAt: now,
      decisionReason: reason,
    })
    await writeNotices(tx, deps, schemeId, {
      what: 'rejected',
      subject: row.subject,
      by: me,
      reason,
      to: await listConcerned(tx, row.subject, row.alone),
    })
    await recordAudit(tx, schemeId, now, {
      actor: me.actor,
      action: 'setting.reject',
      subject: `setting_change:${id}`,
      details: { proposedBy: row.proposedBy },
      named: { proposedBy: row.proposedName },
      reason,
    })
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return listSettingChanges(deps, actor, schemeId)
}

/**
 * Withdraws a change that the caller proposed.
 * @throws AppError `not_found`; `forbidden` for another account; `already_decided`
 */
export async function withdrawSettingChange(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<SettingChangeList> {
  authorize(actor, 'setting_change.decide', schemeId)
  const now = deps.now()
  const me = { actor: actorName(actor), name: personName(actor) }
  await inScheme(deps.db, schemeId, async (tx) => {
    const row = await requireOpen(tx, deps, actor, schemeId, id)
    if (row.proposedBy !== me.actor) throw new AppError('forbidden')
    await decideChange(tx, schemeId, id, {
      state: 'withdrawn',
      decidedBy: me.actor,
      decidedName: me.name,
      decidedAt: now,
    })
    await recordAudit(tx, schemeId, now, {
      actor: me.actor,
      action: 'setting.withdraw',
      subject: `setting_change:${id}`,
    })
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return listSettingChanges(deps, actor, schemeId)
}

/**
 * Refuses an account that has the role but does not count as the second person yet.
 * @param deciders the accounts other than the proposer that count
 * @throws AppError `role_too_new`
 */
function requireCounted(
  { subject, proposedBy }: Pick<ChangeRow, 'subject' | 'proposedBy'>,
  actor: string,
  deciders: readonly Holder[],
  roles: readonly Role[],
): void {
  const { inForceBy }: { inForceBy: readonly Role[] } = SUBJECTS[subject]
  const hasRole = roles.some((role) => inForceBy.includes(role))
  if (hasRole && actor !== proposedBy && !deciders.some((one) => one.actor === actor))
    throw new AppError('role_too_new')
}

/** Locks a change that can still be decided. @throws AppError `not_found` also for a change that the roles of the caller do not concern */
async function requireOpen(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<ChangeRow> {
  const row = await lockChange(tx, schemeId, id)
  if (row === undefined || !isConcerned(actor, schemeId, row.subject, rolesIn(actor, schemeId)))
    throw new AppError('not_found')
  if (stateNow(row, deps.now()) !== 'proposed') throw new AppError('already_decided')
  return row
}
