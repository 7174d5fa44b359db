import type { Deps } from '../../deps.ts'
import { formatMessage } from '../../i18n/format.ts'
import { segmentMessage } from '../../message/segment.ts'
import type { ReceiptMatcher } from '../receipt/receipts.ts'
import type { Worker } from '../workers.ts'
import type { Route } from './route.ts'

/** Interval of checks for due tests. */
const CHECK_EVERY_MS = 1000
/** A test without a receipt after this time shows that the provider accepts messages without delivering them. */
const RECEIPT_MS = 120_000

/**
 * Sends a test message to a phone of the installation through each gateway that is configured for it (`probeMessage`),
 * at its interval, and logs a warning when it is not accepted or not delivered. A failure counts for the circuit like
 * that of any message. Workers share the tests.
 * @returns a function that stops the tests.
 */
export function startProbes(
  deps: Pick<Deps, 'config' | 'now' | 'log'>,
  worker: Pick<Worker, 'dividedBy' | 'isHeld'>,
  routes: ReadonlyMap<string, Route>,
  receipts: ReceiptMatcher,
): () => void {
  const due = deps.config.gateways.flatMap(({ name, probeMessage }) => {
    const route = routes.get(name)
    return route === undefined || probeMessage === undefined ? [] : [{ route, probeMessage, at: 0 }]
  })
  if (due.length === 0) return () => {}
  const waits = new Set<NodeJS.Timeout>()
  const timer = setInterval(() => {
    const clock = performance.now()
    for (const probe of due) {
      if (clock < probe.at || worker.dividedBy === undefined || !worker.isHeld()) continue
      if (probe.route.gateway.state().state !== 'bound') continue
      probe.at = clock + probe.probeMessage.everySeconds * 1000 * worker.dividedBy
      test(probe).catch((error) => deps.log.error({ err: error }, 'test message not sent'))
    }
  }, CHECK_EVERY_MS)

  async function test({ route, probeMessage }: (typeof due)[number]): Promise<void> {
    const { name } = route.gateway
    const at = deps.now()
    const text = formatMessage(deps.config.lang, 'probe.text', {
      gateway: name,
      at: at.toISOString().slice(0, 16),
    })
    const message = {
      sender: probeMessage.sender,
      // Folded to fit in one part: a no-break space before a colon would make it two.
      segmentation: segmentMessage(text, { fold: true }),
      validUntil: new Date(at.getTime() + RECEIPT_MS),
      lane: 'reminder',
    } as const
    await route.probe(message, { no: 1, phone: probeMessage.phone }, (outcome) => {
      if (outcome.kind !== 'accepted') {
        deps.log.warn({ gateway: name, outcome: outcome.kind }, 'a test message was not accepted')
        return
      }
      const [messageId] = outcome.messageIds
      if (messageId === undefined) return
      const wait = setTimeout(() => {
        waits.delete(wait)
        receipts.forgetTest(name, messageId)
        deps.log.warn({ gateway: name }, 'a test message was accepted and no receipt came')
      }, RECEIPT_MS)
      waits.add(wait)
      receipts.expectTest(name, messageId, ({ state }) => {
        if (state === 'enroute' || state === 'accepted') return
        clearTimeout(wait)
        waits.delete(wait)
        receipts.forgetTest(name, messageId)
        if (state !== 'delivered') deps.log.warn({ gateway: name, state }, 'a test message was not delivered')
      })
    })
  }

  return () => {
    clearInterval(timer)
    for (const wait of waits) clearTimeout(wait)
  }
}
