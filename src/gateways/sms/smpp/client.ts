import type { GatewayState, GatewayTotals, SmsGateway } from '../../../deliveries/gateway.ts'
import { type SmppCounters, SmppCounts } from './counts.ts'
import { cancelMessage, queryMessage } from './questions.ts'
import type { Job } from './queue.ts'
import { Receiving } from './receiving.ts'
import { Sending } from './sending.ts'
import { askEach } from './session/asks.ts'
import { Links } from './session/links.ts'
import type { SmppGatewayDeps, SmppGatewaySettings } from './settings.ts'
import { type Addressing, DEFAULT_ADDRESSING } from './submission.ts'

export interface SmppGateway extends SmsGateway {
  counters(): Readonly<SmppCounters>
  /** Signs in with another password from the next connection on, at once where none is bound; links that are bound go on. */
  renewPassword(password: string): void
}

/**
 * Makes a gateway of an SMPP 3.4 client: parallel links with a window each, many PDUs per write, no allocation per
 * recipient except its outcome.
 *
 * - No response within 4 x the 99th percentile of response times (2 s at least), on a link that is alive:
 *   `unknown` `timeout` too, which frees its place in the window; at most a window of such submissions is still expected to
 *   be answered, further ones keep their place until the response timeout.
 * - No response in time: `unknown` `timeout`. Link lost: every unanswered submission is `unknown` `linkLost`, and
 *   the link is reconnected. Neither is sent again here: the caller decides.
 * - `partsPerSecond`: any second has at most that number plus one bucket of 50 ms or one part.
 * - ESME_RTHROTTLED and ESME_RMSGQFUL are not outcomes: the whole gateway pauses (100 ms, doubling to 2 s while
 *   nothing is accepted), then continues with fewer submissions in flight, growing as they are accepted. Up to 5 % of
 *   them among accepted submissions are only sent again.
 * - After `validUntil`, unsent messages are `notSent` `stopped`.
 * - Several parts: `accepted` when all are; `refused` when one is, with the ids of the sent parts; else `unknown`
 *   when one is in doubt, or when some parts were sent and the others could not be. After one part fails, the next
 *   are not sent: a phone shows nothing of an incomplete message.
 * - `isHeld` is called for each job of a burst. A process frozen during one writes at most 64 submissions when it
 *   resumes, plus the content of its buffers, before it is called again.
 * - Receipts are acknowledged when listeners have finished, all those of a read together. A link with more than
 *   20,000 pending ones is not read until there are fewer.
 */
export function createSmppGateway(settings: SmppGatewaySettings, deps: SmppGatewayDeps = {}): SmppGateway {
  const { name } = settings
  const { now = Date.now, random = Math.random, log } = deps
  const addressing: Addressing = { ...DEFAULT_ADDRESSING, ...settings.addressing }
  const counts = new SmppCounts()
  const links = new Links<Job>(settings, counts, { random, log })
  const sending = new Sending(settings, { addressing, links, counts, now, random, log })
  const receiving = new Receiving(name, counts, log)
  const questions = { name, addressing, receiving, log, ask: sending.ask.bind(sending) }

  return {
    name,
    kind: 'smpp',
    simulated: settings.simulated ?? false,
    submit: sending.submit.bind(sending),
    limit: (limits) => sending.limit(limits),
    setAway: (isAway) => links.setAway(isAway),
    ...(settings.query === true
      ? { query: (messages) => askEach(messages, (one) => queryMessage(questions, one)) }
      : {}),
    ...(settings.cancel === true
      ? {
          cancel: (messages, onCancelled) =>
            askEach(messages, (one) => cancelMessage(questions, one, onCancelled)),
        }
      : {}),
    onReceipts: (listener) => receiving.onReceipts(listener),
    onInbound: (listener) => receiving.onInbound(listener),
    counters: () => ({ ...counts.counters }),
    renewPassword: (password) => links.renewPassword(password),

    totals(): GatewayTotals {
      return {
        ...counts.totals,
        linksLost: counts.counters.linksLost,
        answerMs: links.sumAnswerMs(),
        refusals: Object.fromEntries(counts.refusals),
      }
    },

    state(): GatewayState {
      const { state, lastError } = links
      const { inFlight, limits } = sending
      return { name, state, inFlight, ...limits, silentMs: sending.silentMs(), lastError }
    },

    start: () =>
      links.start({
        answered: (job, recipient, part, status, messageId) =>
          sending.answered(job, recipient, part, status, messageId),
        unanswered: (job, recipient, _part, reason) => sending.unanswered(job, recipient, reason),
        answeredLate: (job, recipient, part, status, messageId) =>
          sending.answeredLate(job, recipient, part, status, messageId),
        delivered: (buffer, start, end, isDataSm) => receiving.delivered(buffer, start, end, isDataSm),
        received: () => receiving.received(),
        ready: (link) => sending.ready(link),
        ended: () => sending.linkEnded(),
        changed: () => sending.fillAllLinks(),
      }),

    async stop(graceMs) {
      if (!links.beginStop()) return
      const deadline = performance.now() + graceMs
      sending.abandonAll(Number.POSITIVE_INFINITY)
      sending.giveUpQuestions()
      await sending.untilIdle(graceMs)
      await links.unbind(deadline)
      sending.abandonAll(0)
      sending.close()
    },
  }
}
