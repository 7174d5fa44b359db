import type { Deps } from '../../deps.ts'
import { endCallOuts, startCallOut } from '../../on-call/call-outs.ts'
import type { CallSubject } from '../../on-call/contract.ts'
import { type EndedMessage, isBeingCalled } from '../../on-call/store.ts'
import { type Actor, userIdOf } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import type { AlertRow } from '../store.ts'
import type { MessageVersion } from './messages.ts'
import { withDependent } from './second-person.ts'

type CallDeps = Pick<Deps, 'newId' | 'jobs'>
type DecisionDeps = CallDeps & Pick<Deps, 'config'>
type CalledAlert = Pick<AlertRow, 'labelFr' | 'communeName' | 'exercise' | 'settings'>
type Message = Pick<MessageVersion, 'schemeId' | 'alertId' | 'followUpId'>

/** Calls the people on call to decide on a submitted message; also a magistrate when its authorisation is missing. */
export async function callForDecision(
  tx: Tx,
  deps: DecisionDeps,
  message: Message,
  {
    alert,
    authorIds,
    needsMagistrate,
    at,
  }: {
    readonly alert: CalledAlert
    readonly authorIds: readonly string[]
    readonly needsMagistrate: boolean
    readonly at: Date
  },
): Promise<void> {
  const call = callOf(alert, message, at)
  // In an exercise an author may approve their own text.
  const without = alert.exercise ? [] : authorIds
  await startCallOut(tx, deps, {
    ...call,
    subject: 'approval',
    role: 'approver',
    without: alert.exercise
      ? []
      : await withDependent(tx, { ...deps, now: () => at }, message.schemeId, authorIds),
  })
  // A magistrate who is being asked already is not called again.
  if (needsMagistrate && !(await isBeingCalled(tx, message, 'authorisation')))
    await startCallOut(tx, deps, { ...call, subject: 'authorisation', role: 'magistrate', without })
}

/**
 * Calls the magistrates on call to authorise a message, because a user asks for it.
 * @returns false when the scheme has none to call
 */
export function callForAuthorisation(
  tx: Tx,
  deps: CallDeps,
  message: Message,
  {
    alert,
    authorIds,
    scope,
    askedBy,
    at,
  }: {
    readonly alert: CalledAlert
    readonly authorIds: readonly string[]
    readonly scope: string
    readonly askedBy: string
    readonly at: Date
  },
): Promise<boolean> {
  const without = alert.exercise ? [] : authorIds
  const call = callOf(alert, message, at)
  return startCallOut(tx, deps, {
    ...call,
    subject: 'authorisation',
    role: 'magistrate',
    without,
    scope,
    askedBy,
  })
}

/** Calls the people on call to review a message that left without a second person. */
export async function callForReview(
  tx: Tx,
  deps: DecisionDeps,
  message: Message,
  {
    alert,
    actor,
    authorIds,
    at,
  }: {
    readonly alert: CalledAlert
    /** The user who ordered the call. */
    readonly actor: Actor
    readonly authorIds: readonly string[]
    readonly at: Date
  },
): Promise<void> {
  const call = callOf(alert, message, at)
  const theirs = reviewersWithout(actor, authorIds)
  const without = alert.exercise
    ? theirs
    : await withDependent(tx, { ...deps, now: () => at }, message.schemeId, theirs)
  await startCallOut(tx, deps, { ...call, subject: 'review', role: 'approver', without })
}

/** Returns the accounts that may not review a message: the one that ordered it, and its authors. */
function reviewersWithout(actor: Actor, authorIds: readonly string[]): string[] {
  const userId = userIdOf(actor)
  return userId === undefined ? [...authorIds] : [...authorIds, userId]
}

function callOf(alert: CalledAlert, { schemeId, alertId, followUpId }: Message, at: Date) {
  return {
    schemeId,
    alertId,
    followUpId,
    about: `${alert.labelFr}, ${alert.communeName}`,
    exercise: alert.exercise,
    waitSeconds: DoctrineSettings.parse(alert.settings).nextCallSeconds,
    at,
  }
}

/** The decisions that people on call are asked for before a message is sent. */
const BEFORE = ['approval', 'authorisation'] as const satisfies CallSubject[]

/**
 * Ends the calls about a message that is decided or withdrawn. Runs before the audit entry of the transaction: calls are made
 * under the same two locks, in this order.
 */
export async function endDecisionCalls(
  tx: Tx,
  message: EndedMessage,
  { at, why }: { readonly at: Date; readonly why: string },
): Promise<void> {
  await endCallOuts(tx, message, BEFORE, { at, why })
}
