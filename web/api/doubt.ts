import { formatMessage } from '../ui/format/text.ts'
import { ApiError } from './client.ts'

/** Time after which an order without a response counts as lost. */
const ANSWER_WITHIN_MS = 30_000
const ASK_EVERY_MS = 2000
/**
 * The server may still process a request whose connection was cut. A request unknown to the server after this time
 * never reached it.
 */
const SETTLED_AFTER_MS = 10_000

/** The kind of message ordered, since the texts on screen differ. */
export type OrderKind = 'alert' | 'submission' | 'message'

/** Callbacks that find out whether an order was carried out if its response is lost. */
export interface Doubt<T> {
  readonly kind: OrderKind
  /** Reads what the server knows of it; null: nothing so far. */
  readonly ask: (signal: AbortSignal) => Promise<T | null>
  /** Called when the response is lost. */
  readonly onDoubt?: (() => void) | undefined
  /** Stops asking, because other code asks instead or nobody waits for the result. */
  readonly signal?: AbortSignal | undefined
}

/** The part of it that a sheet provides: what to show when the response is lost, and the end of the waiting. */
export type InDoubt = Pick<Doubt<unknown>, 'onDoubt' | 'signal'>

/** Returns whether a failed request may have been carried out: there was no response, or none that refuses. */
export function mayHaveBeenDone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500)
}

/** Returns whether the questions were aborted before the result was known. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function unanswered(code: 'unreachable' | 'order_not_received', message: string): ApiError {
  return new ApiError(0, { code, message, problems: [] })
}

/** Returns whether an error means that an order with a lost response is known not to have reached the server. */
export function isOrderNotReceived(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'order_not_received'
}

/** Sends an order, and stops waiting for its response after `ANSWER_WITHIN_MS`. */
export async function postOrder<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  try {
    return await send(signal)
  } catch (error) {
    throw signal.aborted ? unanswered('unreachable', formatMessage('error.unreachable')) : error
  }
}

/**
 * Carries out an order. If its response is lost, asks the server until the result is known.
 * @throws ApiError for a refusal, or `order_not_received`; DOMException `AbortError` if the questions were aborted
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
 * Asks the server, again and again, whether it has an order whose response was lost. Failed questions are repeated:
 * the connection may be cut, the server restarting, the session ended.
 * @param settledAfterMs time after which an order unknown to the server did not reach it; 0 if it already responded
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
    // A failed read can be repeated: the result stays unknown until one succeeds.
    const found = await ask(signal === undefined ? timeout : AbortSignal.any([signal, timeout])).catch(
      () => undefined,
    )
    signal?.throwIfAborted()
    if (found !== undefined && found !== null) return found
    if (found === null && isSettled)
      throw unanswered('order_not_received', formatMessage('doubt.nothing', { kind }))
    await new Promise((passed) => setTimeout(passed, ASK_EVERY_MS))
  }
}
