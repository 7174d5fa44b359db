import { type AuditEntry, recordAudit } from '../audit/record.ts'
import { findRepeated } from '../audit/repeat.ts'
import type { Deps } from '../deps.ts'
import { AppError, refusalOf } from '../errors.ts'
import { DAY_MS, HOUR_MS } from '../message/clock.ts'
import { type Actor, actorName, isBreakGlass, permissions, personName, type Role } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import { markDecided } from './alone.ts'
import { type Deciders, readDeciders } from './deciders.ts'
import { writeNotices } from './notices.ts'
import {
  accountsGiven,
  changedParts,
  EXPIRE_DAYS,
  hasRows,
  MAX_WAITING,
  needOf,
  type SettingPart,
  type SettingSubject,
  SUBJECTS,
  stillHolds,
  withParts,
} from './rules.ts'
import { countWaiting, findSettingChange, type Holder, insertChange, listRoleAccounts } from './store.ts'

export type ProposeDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

/** The people who change settings, as the audit log records them: both names once a second person puts the change in force. */
export interface ChangedBy {
  /** In the format of the audit log. */
  readonly actor: string
  readonly name: string
  /** The change that is put in force. */
  readonly change?: string
  readonly proposedBy?: { readonly actor: string; readonly name: string }
  /** Whether one person changed them alone, for want of another account. */
  readonly alone?: boolean
  /** Whether nobody could decide yet, when the first holder of a role got it. */
  readonly first?: boolean
  readonly reason?: string
}

/** Completes an entry of the audit log with the people of a change. */
export function auditBy(by: ChangedBy, entry: Omit<AuditEntry, 'actor' | 'reason'>): AuditEntry {
  const { actor, change, proposedBy, alone, first, reason } = by
  return {
    ...entry,
    actor,
    ...(reason !== undefined && { reason }),
    details: {
      ...entry.details,
      ...(change !== undefined && { change }),
      ...(proposedBy !== undefined && { proposedBy: proposedBy.actor }),
      ...(alone && { alone }),
      ...(first && { first }),
    },
    ...((entry.named !== undefined || proposedBy !== undefined) && {
      named: { ...entry.named, ...(proposedBy !== undefined && { proposedBy: proposedBy.name }) },
    }),
  }
}

/** The decision for a caller's changes: those written now, and those proposed to another account. */
interface Saving {
  /** The settings that it writes now, in this transaction, under the name of `by`. */
  readonly now: readonly SettingPart[]
  readonly by: ChangedBy
  /** The change that waits for another account; null: none. */
  readonly proposed: string | null
}

/**
 * Finds the change that an earlier request with the same id proposed or made alone, whatever happened to it since: a request
 * whose answer was lost does nothing twice.
 * @param of `isSame`: tells whether a value that the change would set is that of this request
 * @returns what that request answered: the change that waits, or null if it was in force at once; undefined: there was none
 * @throws AppError `id_taken`
 */
export async function findRepeatedProposal(
  tx: Tx,
  schemeId: string,
  of: {
    readonly id: string | undefined
    readonly actor: Actor
    /** Undefined: this request proposes nothing, so that an earlier change with the id is another one. */
    readonly subject: SettingSubject | undefined
    isSame(after: unknown): boolean
  },
): Promise<Pick<Saving, 'proposed'> | undefined> {
  const row = await findRepeated(tx, schemeId, {
    id: of.id,
    creator: actorName(of.actor),
    find: (id) => findSettingChange(tx, schemeId, id),
    isSame: ({ subject, parts }) => subject === of.subject && parts.every(({ after }) => of.isSame(after)),
    creatorOf: ({ proposedBy }) => proposedBy,
  })
  return row && { proposed: wasMadeAlone(row) ? null : row.id }
}

/** Returns whether a change was put in force by the request that proposed it. */
function wasMadeAlone(row: NonNullable<Awaited<ReturnType<typeof findSettingChange>>>): boolean {
  return (
    row.state === 'in_force' &&
    row.decidedBy === row.proposedBy &&
    row.decidedAt?.getTime() === row.proposedAt.getTime()
  )
}

/**
 * Decides for each setting that a caller changes whether it writes it now, and stores the others as a change that another account
 * puts in force. Settings under the two-person rule are written now only by the program itself, or when no other active account has a
 * role that could put them in force, which the reason then declares; those with a cooling time wait even then, and all of them
 * when others have a role but do not count yet, or when accounts were closed, changed or recovered within that time. The caller
 * checked that the actor may propose and that the values are valid. Its last statement locks the head of the audit chain: call it
 * after everything else that is read.
 * @param of `reason` may be empty as long as nothing needs a second person; `id`: chosen by the client, of the change that waits, or
 * of the one made alone
 * @throws AppError `input.required`, `setting_change.too_many` or `setting_change.took_access` at `reason`
 */
export async function proposeOrApply(
  tx: Tx,
  deps: ProposeDeps,
  actor: Actor,
  of: {
    readonly schemeId: string
    readonly subject: SettingSubject
    readonly parts: readonly SettingPart[]
    readonly reason: string | undefined
    readonly id?: string | undefined
  },
): Promise<Saving> {
  const { schemeId, subject, parts, reason = '' } = of
  const me = { actor: actorName(actor), name: personName(actor) }
  const governed = parts.filter((part) => needOf(part) !== 'direct')
  if (actor.kind === 'system' || governed.length === 0) return { now: parts, by: me, proposed: null }
  if (actor.kind !== 'user') throw new AppError('forbidden')
  const decidersOf = await readDeciders(tx, deps, schemeId, { subjects: [subject], proposers: [me.actor] })
  const deciders = decidersOf(subject, me.actor, accountsGiven(of))
  const { others, isSurelyAlone, isFirst } = deciders
  if (isFirst) return { now: parts, by: { ...me, first: true }, proposed: null }
  const now = deps.now()
  await refuseProposal(tx, schemeId, { reason, deciders, now })
  const alone = others.length === 0
  // The break-glass account decides nothing alone: its holders may be one person, and it is closed before a cooling time is over.
  const mayAlone = isSurelyAlone && !isBreakGlass(actor)
  const { direct, atOnce, waiting, isCooled } = divideParts(parts, { alone, mayAlone })
  const base = {
    schemeId,
    subject,
    reason,
    alone,
    proposedBy: me.actor,
    proposedName: me.name,
    proposedAt: now,
    expiresAt: new Date(now.getTime() + EXPIRE_DAYS * DAY_MS),
  }
  let by: ChangedBy = me
  if (atOnce.length > 0) {
    const id = (waiting.length === 0 ? of.id : undefined) ?? deps.newId()
    await insertInForce(tx, base, { id, parts: atOnce })
    by = { ...me, change: id, alone: true, reason }
  }
  const proposed = waiting.length === 0 ? null : (of.id ?? deps.newId())
  if (proposed !== null) {
    const cooling = isCooled ? deps.config.coolingHours * HOUR_MS : 0
    const readyAt = new Date(now.getTime() + cooling)
    await insertChange(tx, { ...base, id: proposed, parts: waiting, readyAt, state: 'proposed' })
  }
  await writeNotices(tx, deps, schemeId, {
    what: alone ? 'alone' : 'proposed',
    subject,
    by: me,
    reason,
    to: await listConcerned(tx, subject, alone),
  })
  if (proposed !== null)
    await recordAudit(tx, schemeId, now, {
      actor: me.actor,
      action: 'setting.propose',
      subject: `setting_change:${proposed}`,
      details: { settings: waiting.map(({ setting }) => setting), ...(alone && { alone }) },
      reason,
    })
  return { now: [...direct, ...atOnce], by, proposed }
}

/** Throws the refusal of a change that would need others: no reason, nobody to put it in force, or too many that wait. */
async function refuseProposal(
  tx: Tx,
  schemeId: string,
  { reason, deciders, now }: { readonly reason: string; readonly deciders: Deciders; readonly now: Date },
): Promise<void> {
  if (reason === '') throw refusalOf([{ code: 'input.required', path: 'reason' }])
  if (deciders.isBarred && deciders.hasNobody)
    throw refusalOf([{ code: 'setting_change.took_access', path: 'reason' }])
  if ((await countWaiting(tx, schemeId, now)) >= MAX_WAITING)
    throw refusalOf([{ code: 'setting_change.too_many', path: 'reason', values: { maximum: MAX_WAITING } }])
}

/**
 * Divides the settings of a change: `direct` ones need nobody else, those `atOnce` are put in force by their author alone, and the
 * others wait, for the cooling time if `isCooled`.
 * @param author `alone`: nobody else could put them in force; `mayAlone`: its author may, without waiting
 */
function divideParts(
  parts: readonly SettingPart[],
  author: { readonly alone: boolean; readonly mayAlone: boolean },
) {
  const { alone, mayAlone } = author
  const direct = parts.filter((part) => needOf(part) === 'direct')
  const governed = parts.filter((part) => needOf(part) !== 'direct')
  // The only person who can decide waits too: others may be able to decide by then, and their accounts may have been closed for that.
  const cooled = governed.filter((part) => (alone && !mayAlone) || needOf(part) === 'cooled')
  const isCooled = cooled.length > 0
  // All parts of one change wait together, so that what another account reads is what it puts in force.
  if (!alone) return { direct, atOnce: [], waiting: governed, isCooled }
  return { direct, atOnce: governed.filter((part) => !cooled.includes(part)), waiting: cooled, isCooled }
}

/** Stores a change that its author makes alone. */
async function insertInForce(
  tx: Tx,
  base: Omit<Parameters<typeof insertChange>[1], 'id' | 'parts' | 'readyAt' | 'state'>,
  { id, parts }: { readonly id: string; readonly parts: readonly SettingPart[] },
): Promise<void> {
  const { schemeId, subject, proposedBy, proposedName, proposedAt: at } = base
  const decided = { decidedBy: proposedBy, decidedName: proposedName, decidedAt: at }
  await insertChange(tx, { ...base, ...decided, id, parts, readyAt: at, state: 'in_force' })
  // A subject with rows marks each row as it is written.
  if (hasRows(subject)) return
  const items = parts.map(({ setting }) => setting)
  await markDecided(tx, schemeId, { subject, items, alone: true, at })
}

/** Lists the accounts that are notified: those who may propose or put in force; of a change made alone, everyone above operators. */
export function listConcerned(tx: Tx, subject: SettingSubject, alone: boolean): Promise<Holder[]> {
  const { propose, inForceBy } = SUBJECTS[subject]
  const roles = new Set<Role>(inForceBy)
  for (const role of Object.keys(permissions[propose]) as Role[]) roles.add(role)
  if (alone) for (const role of ['chamber', 'chief', 'magistrate'] as const) roles.add(role)
  return listRoleAccounts(tx, [...roles])
}

/**
 * Changes settings that are one object: writes those that need nobody else, and proposes the others.
 * @param of `after` was checked; `write` stores settings with their audit entry
 * @returns the settings in force, and the change that waits
 * @throws as `proposeOrApply`
 */
export async function changeSettings<T extends object>(
  tx: Tx,
  deps: ProposeDeps,
  actor: Actor,
  of: {
    readonly schemeId: string
    readonly subject: SettingSubject
    readonly before: T
    readonly after: T
    readonly reason: string | undefined
    write(settings: T, by: ChangedBy): Promise<void>
  },
): Promise<{ readonly settings: T; readonly proposed: string | null }> {
  const { subject, before, after } = of
  const parts = changedParts(subject, before, after)
  const { now, by, proposed } = await proposeOrApply(tx, deps, actor, { ...of, parts })
  const settings = withParts(before, now)
  if (proposed === null || now.length > 0) await of.write(settings, by)
  return { settings, proposed }
}

/** Returns settings with the parts of a proposed change. @throws AppError `settings_changed` when one has another value by now */
export function settingsInForce<T extends object>(settings: T, parts: readonly SettingPart[]): T {
  if (!stillHolds(settings, parts)) throw new AppError('settings_changed')
  return withParts(settings, parts)
}
