import type { Deps } from '../../deps.ts'
import { findStopped, findUnreceipted, type HandedDelivery } from '../claim/claims.ts'
import type { Route } from '../send/route.ts'
import type { OutcomeRecorder } from './recorder.ts'

/** How often it is looked what to ask. */
const LOOK_MS = 1000
/** After which the provider is asked what became of a message that no receipt came for; then again after twice that. */
const QUERY_MS = 60_000
/** The same for a message in doubt of which some parts were answered. */
const QUERY_DOUBT_MS = 3000
/** After which a message that was stopped is called back once more, when it still stands; then after twice that. */
const CALL_BACK_MS = 5000
/** Messages asked about, or called back, in one go; of so many that are looked at, those whose turn it is. */
const ASK_MAX = 1000
const FIND_MAX = 10_000

/** When each delivery may be asked about again, and after how long once more. */
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

  /** Forgets those that nothing is asked about any more. */
  keep(found: readonly HandedDelivery[]): void {
    const keys = new Set(found.map(keyOf))
    for (const key of this.#waits.keys()) if (!keys.has(key)) this.#waits.delete(key)
  }
}

/**
 * Asks providers what became of messages that no receipt came for, and calls back what was stopped and has not reached
 * its phone, where the provider can. Apart from all else, and one provider apart from the others: one that does not
 * answer holds up nothing but its own questions.
 * @returns what stops it: answers that come later are not taken any more.
 */
export function startAsking(
  { db, now, log }: Pick<Deps, 'db' | 'now' | 'log'>,
  routes: ReadonlyMap<string, Route>,
  recorder: OutcomeRecorder,
): () => void {
  const questions = new Waits(QUERY_MS * 2)
  const callBacks = new Waits(CALL_BACK_MS)
  /** Gateways with questions on their way, by what is asked. */
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
  }, LOOK_MS)

  return () => {
    isStopped = true
    clearInterval(timer)
  }
}

const keyOf = ({ id, no }: HandedDelivery) => `${id}:${no}`

/** One message an id; `no` is the place in `deliveries`. */
function messagesOf(deliveries: readonly HandedDelivery[]) {
  return deliveries.flatMap(({ messageIds, sender, phone }, no) =>
    messageIds.map((messageId) => ({ no, messageId, sender, phone })),
  )
}
