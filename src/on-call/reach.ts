import type { CallReason, CallSmsState } from './contract.ts'
import type { InLine } from './rules.ts'

/** An SMS that is not on the phone by then counts as unreached, and the next person is called. */
export const UNREACHED_AFTER_MS = 30_000

/** Time between two reads of the state of an SMS that is on its way. */
const CHECK_EVERY_MS = 2000

/** One call as the rule sees it; instants in milliseconds. */
export interface MadeCall {
  readonly personId: string
  readonly at: number
  readonly why: CallReason
  /** Null: called without an SMS. */
  readonly sms: CallSmsState | null
  readonly openedAt: number | null
}

export interface Reach {
  readonly line: readonly InLine[]
  /** In the order they were made. */
  readonly calls: readonly MadeCall[]
  readonly waitMs: number
}

/** The next step of a call-out: people to call now, or when to decide again (null: nothing is left to do). */
export type Step =
  | { readonly call: readonly string[]; readonly why: CallReason }
  | { readonly checkAt: number | null }

/** Returns whether a call did not reach its person: its SMS was refused, expired or dropped, or is not on the phone in time. */
export function isUnreached({ at, sms, openedAt }: MadeCall, now: number): boolean {
  if (sms === null || sms === 'delivered' || openedAt !== null) return false
  return sms === 'failed' || now >= at + UNREACHED_AFTER_MS
}

/** The turn after the last call: the next person on call, else everyone of the list; null once everyone was called. */
export function nextTurnOf({ line, calls }: Pick<Reach, 'line' | 'calls'>): readonly string[] | null {
  if (calls.some(({ why }) => why === 'all') || line.length === 0) return null
  const next = line.find(({ id, onCall }) => onCall && !calls.some(({ personId }) => personId === id))
  return next === undefined ? line.map(({ id }) => id) : [next.id]
}

/** Returns when the turn comes by itself: some time after the last call, or after the person opened the page. */
export function turnStartsAt({ calls, waitMs }: Pick<Reach, 'calls' | 'waitMs'>): number | null {
  const last = calls.at(-1)
  return last === undefined ? null : Math.max(last.at, last.openedAt ?? 0) + waitMs
}

/** Decides the step of an open call-out at an instant. */
export function nextStepOf(reach: Reach, now: number): Step {
  const turn = nextTurnOf(reach)
  const last = reach.calls.at(-1)
  if (turn !== null) {
    const why = isEveryone(turn, reach) ? 'all' : last === undefined ? 'first' : undefined
    if (last === undefined) return { call: turn, why: why ?? 'first' }
    if (isUnreached(last, now)) return { call: turn, why: why ?? 'unreached' }
    if (now >= (turnStartsAt(reach) ?? 0)) return { call: turn, why: why ?? 'next' }
  }
  return { checkAt: nextCheckAt(reach, turn === null ? null : turnStartsAt(reach), now) }
}

/** Returns whether a turn is that of everyone, which comes after the last person on call. */
export function isEveryone(turn: readonly string[], { line, calls }: Pick<Reach, 'line' | 'calls'>): boolean {
  const uncalled = line.some(({ id, onCall }) => onCall && !calls.some(({ personId }) => personId === id))
  return !uncalled && turn.length > 0
}

/** Returns when the step is decided again, unless something happens before; null: never. */
function nextCheckAt({ calls }: Reach, turn: number | null, now: number): number | null {
  const pending = calls.filter(({ sms, at, openedAt }) => {
    const isOpen = sms === 'waiting' || sms === 'sent'
    return isOpen && openedAt === null && now < at + UNREACHED_AFTER_MS
  })
  const looks = pending.map(({ at }) => Math.min(now + CHECK_EVERY_MS, at + UNREACHED_AFTER_MS))
  const instants = turn === null ? looks : [turn, ...looks]
  return instants.length === 0 ? null : Math.min(...instants)
}
