import type { Deps } from '../../deps.ts'
import { findStopped, findUnreceipted, type HandedDelivery } from '../claim/claims.ts'
import type { Route } from '../send/route.ts'
import type { OutcomeRecorder } from './recorder.ts'

/** Interval of checks for messages to query or cancel. */
const CHECK_EVERY_MS = 1000
/** Wait before the provider is queried about a message without a receipt; the next wait is twice as long. */
const QUERY_MS = 60_000
/** Wait before the provider is queried about a message in doubt of which some parts were answered. */
const QUERY_DOUBT_MS = 3000
/** Wait before a stopped message that is still accepted is cancelled again; the next wait is twice as long. */
const CALL_BACK_MS = 5000
/** Maximum messages queried or cancelled at once, of those found and due. */
const ASK_MAX = 1000
const FIND_MAX = 10_000

/** The next time and the wait of each delivery that is queried or cancelled. */
class Waits {
  readonly #firstMs: number
  #waits = new Map<string, { readonly at: number; readonly ms: number }>()

  constructor(firstMs: number) {
    this.#firstMs = firstMs
  }

  isDue(delivery: HandedDelivery): boolean {
    return (this.#waits.get(keyOf(delivery))?.at ?? 0) <= performance.now()
  }

  asked(deliveries: readonly HandedDelivery[]): void {
    for (const delivery of deliveries) {
      const before = this.#waits.get(keyOf(delivery))
      const ms = before === undefined ? this.#firstMs : before.ms * 2
      this.#waits.set(keyOf(delivery), { at: performance.now() + ms, ms })
    }
  }

  /** Forgets deliveries that are no longer found. */
  keep(found: readonly HandedDelivery[]): void {
    const keys = new Set(found.map(keyOf))
    for (const key of this.#waits.keys()) if (!keys.has(key)) this.#waits.delete(key)
  }
}

/**
 * Queries providers about messages without a receipt, and cancels stopped messages that have not reached their phone,
 * where the provider supports it. Runs independently for each provider: one that does not answer delays only its own
 * requests.
 * @returns a function that stops it: later cancellations are ignored.
 */
export function startAsking(
  { db, now, log }: Pick<Deps, 'db' | 'now' | 'log'>,
  routes: ReadonlyMap<string, Route>,
  recorder: OutcomeRecorder,
): () => void {
  const questions = new Waits(QUERY_MS * 2)
  const callBacks = new Waits(CALL_BACK_MS)
  /** Gateways with requests in flight, by request. */
  const busy = { query: new Set<string>(), cancel: new Set<string>() }
  let isStopped = false
  let isLooking = false

  function ableTo(verb: 'query' | 'cancel'): string[] {
    return [...routes.values()]
      .filter(({ gateway }) => gateway[verb] !== undefined && gateway.state().state === 'bound')
      .map(({ gateway }) => gateway.name)
      .filter((name) => !busy[verb].has(name))
  }

  function put(verb: 'query' | 'cancel', name: string, work: Promise<void> | undefined): void {
    if (work === undefined) return
    busy[verb].add(name)
    work
      .catch((error) => log.error({ err: error, gateway: name }, 'provider not asked, trying again'))
      .finally(() => busy[verb].delete(name))
  }

  async function callBackStopped(): Promise<void> {
    const gateways = ableTo('cancel')
    if (gateways.length === 0) return
    const found = await findStopped(db, { gateways, limit: FIND_MAX })
    if (busy.cancel.size === 0) callBacks.keep(found)
    const due = found.filter((delivery) => callBacks.isDue(delivery)).slice(0, ASK_MAX)
    callBacks.asked(due)
    for (const [name, deliveries] of Map.groupBy(due, ({ gateway }) => gateway)) {
      const partsLeft = deliveries.map(({ messageIds }) => messageIds.length)
      const cancelled = (index: number) => {
        partsLeft[index] = (partsLeft[index] ?? 0) - 1
        const delivery = deliveries[index]
        if (partsLeft[index] !== 0 || delivery === undefined || isStopped) return
        recorder.add(delivery, { no: delivery.no, kind: 'withdrawn' })
      }
      put('cancel', name, routes.get(name)?.gateway.cancel?.(messagesOf(deliveries), cancelled))
    }
  }

  async function askUnreceipted(): Promise<void> {
    const gateways = ableTo('query')
    if (gateways.length === 0) return
    const found = await findUnreceipted(db, {
      gateways,
      acceptedBefore: new Date(now().getTime() - QUERY_MS),
      inDoubtBefore: new Date(now().getTime() - QUERY_DOUBT_MS),
      limit: FIND_MAX,
    })
    if (busy.query.size === 0) questions.keep(found)
    const due = found.filter((delivery) => questions.isDue(delivery)).slice(0, ASK_MAX)
    questions.asked(due)
    for (const [name, deliveries] of Map.groupBy(due, ({ gateway }) => gateway))
      put('query', name, routes.get(name)?.gateway.query?.(messagesOf(deliveries)))
  }

  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    callBackStopped()
      .then(askUnreceipted)
      .catch((error) => log.error({ err: error }, 'what to ask of providers was not read, trying again'))
      .finally(() => {
        isLooking = false
      })
  }, CHECK_EVERY_MS)

  return () => {
    isStopped = true
    clearInterval(timer)
  }
}

const keyOf = ({ id, no }: HandedDelivery) => `${id}:${no}`

/** Returns one message per id; `no` is the index in `deliveries`. */
function messagesOf(deliveries: readonly HandedDelivery[]) {
  return deliveries.flatMap(({ messageIds, sender, phone }, no) =>
    messageIds.map((messageId) => ({ no, messageId, sender, phone })),
  )
}
