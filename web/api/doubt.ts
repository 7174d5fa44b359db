import { say } from '../ui/text.ts'
import { ApiError } from './client.ts'

/** An order without an answer by then counts as one whose answer is lost. */
const ANSWER_WITHIN_MS = 30_000
const ASK_EVERY_MS = 2000
/** The server may still be at work on a request whose connection was cut: what it does not have by then never reached it. */
const SETTLED_AFTER_MS = 10_000

/** What an order is about, as the words on screen differ. */
export type OrderKind = 'alert' | 'submission' | 'message'

/** How to learn what became of an order whose answer was lost. */
export interface Doubt<T> {
  readonly kind: OrderKind
  /** Reads what the server has of it; null: nothing so far. */
  readonly ask: (signal: AbortSignal) => Promise<T | null>
  /** Called when the answer is lost. */
  readonly onDoubt?: (() => void) | undefined
  /** Ends the questions: somebody else goes on asking, or nobody waits for it any more. */
  readonly signal?: AbortSignal | undefined
}

/** Whether a failed request may have been carried out: it was not answered, or not by a refusal. */
export function mayHaveBeenDone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500)
}

/** Whether the questions were ended before there was an answer. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function unanswered(code: 'unreachable' | 'nothing_left', message: string): ApiError {
  return new ApiError(0, { code, message, problems: [] })
}

/** Whether it is known that an order whose answer was lost did not reach the server. */
export function isNothingLeft(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'nothing_left'
}

/** Sends an order, and does not wait for its answer for ever. */
export async function postOrder<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  try {
    return await send(signal)
  } catch (error) {
    throw signal.aborted ? unanswered('unreachable', say('error.unreachable')) : error
  }
}

/**
 * Carries out an order. When its answer is lost, asks the server until it is known what became of it.
 * @throws ApiError as the server refused it, or `nothing_left`; DOMException `AbortError` when the questions were ended
 */
export async function untilKnown<T>(order: () => Promise<T>, doubt: Doubt<T>): Promise<T> {
  try {
    return await order()
  } catch (error) {
    if (!mayHaveBeenDone(error)) throw error
  }
  doubt.onDoubt?.()
  return askUntilKnown(doubt)
}

/**
 * Asks what became of an order whose answer was lost, whatever keeps the server from answering meanwhile: a cut link, a
 * restart, an ended session.
 * @param settledAfterMs after which what the server does not have did not reach it; 0: it answered already
 * @throws as `untilKnown`
 */
export async function askUntilKnown<T>(
  { kind, ask, signal }: Doubt<T>,
  settledAfterMs = SETTLED_AFTER_MS,
): Promise<T> {
  const lostAt = performance.now()
  for (;;) {
    signal?.throwIfAborted()
    const isSettled = performance.now() - lostAt >= settledAfterMs
    const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS)
    // What cannot be read now can be read later: it stays unknown until then.
    const found = await ask(signal === undefined ? timeout : AbortSignal.any([signal, timeout])).catch(
      () => undefined,
    )
    signal?.throwIfAborted()
    if (found !== undefined && found !== null) return found
    if (found === null && isSettled) throw unanswered('nothing_left', say('doubt.nothing', { kind }))
    await new Promise((passed) => setTimeout(passed, ASK_EVERY_MS))
  }
}
