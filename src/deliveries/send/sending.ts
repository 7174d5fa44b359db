import { type Selectable, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { deriveCodeDigits, fingerprintSecret } from '../../identity/codes.ts'
import { withCode } from '../../message/code.ts'
import { markOf, withMark } from '../../message/mark.ts'
import { segmentMessage } from '../../message/segment.ts'
import { asOwner, PREPARED } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import {
  type Chain,
  type ClaimedChunk,
  claimChunks,
  findChain,
  finishSubmitting,
  nextChunkInMs,
  type Release,
  releaseChunks,
} from '../claim/claims.ts'
import {
  referenceOffsetOf,
  type SmsMessage,
  type SmsRecipient,
  type SubmitEnding,
  type SubmitOutcome,
} from '../gateway.ts'
import { LANES } from '../lanes.ts'
import { chunkSizeFor, FIRST_CHUNK } from '../plan/plan.ts'
import type { BroadcastRef, ReceiptMatcher } from '../receipt/receipts.ts'
import type { Outcome, OutcomeRecorder } from '../settle/recorder.ts'
import { isOfNumber } from '../status/failures.ts'
import type { Worker } from '../workers.ts'
import type { Route } from './route.ts'
import { pickGateway, type RouteRule, ruleOf, rulesFor } from './routing.ts'

/** How often it is looked which running broadcasts were stopped or are out of date. */
const WATCH_MS = 400
/** How often routes are looked at again while none is usable, or no share is given yet. */
const IDLE_MS = 100
/** Wait before what a provider refused for now is tried again: 1 s, 2 s, 4 s… */
const RETRY_BASE_MS = 1000
const RETRY_MAX_MS = 30_000
/** Wait before a chunk whose route failed, or whose first message has not left, is claimed again. */
const SOON_MS = 100

/**
 * A claim that took longer is given back: what this process seems to hold without knowing is released after twice that
 * (dispatcher.ts), so another may have it.
 */
export const CLAIM_TIMEOUT_MS = 5000

/** Ids of the parts of a message, where they are known. */
type PartIds = readonly (string | undefined)[]

interface Broadcast extends BroadcastRef {
  readonly message: SmsMessage
  /** The text of each recipient's own copy; undefined: all get the same. */
  readonly copyOf: CopyOf | undefined
  readonly simulated: boolean
  readonly validUntil: Date
  readonly chain: Chain | undefined
  readonly rules: readonly RouteRule[]
  /** Gateways that refused this message for good: its sender, its text. */
  readonly refusedBy: Set<string>
}

/** What the sending of one process is made of. */
export interface SendingParts {
  readonly deps: Deps
  readonly worker: Worker
  readonly recorder: OutcomeRecorder
  readonly receipts: ReceiptMatcher
  readonly routes: ReadonlyMap<string, Route>
  /** Aborts when nothing is waited for any more: the process ends. */
  readonly givenUp: AbortSignal
}

/** Sends broadcasts through the routes of this process. */
export interface Sending {
  /** Takes up a broadcast, unless it is being sent already. */
  wake(broadcast: { readonly schemeId: string; readonly broadcastId: string }): void
  /** Whether this process has the chunk in work. */
  isInHand(broadcastId: string, chunk: { readonly firstNo: number; readonly claims: number }): boolean
  /** What is claimed is not this process's any more: nothing of it is sent. */
  lose(): void
  /** Sends nothing more. Resolves when everything on its way has ended. */
  stop(): Promise<void>
}

export function createSending({ deps, worker, recorder, receipts, routes, givenUp }: SendingParts): Sending {
  const { db, now, log } = deps
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  const watched = new Map<string, { readonly broadcast: Broadcast; readonly abort: AbortController }>()
  const inHand = new Set<string>()
  /** Broadcasts that no gateway fits: said once. */
  const withoutRoute = new Set<string>()
  const resentLanes = LANES.filter((lane) => deps.config.inDoubt[lane] !== 'never')

  /** The last statement that gives chunks back. */
  let previous: Promise<void> = Promise.resolve()
  let releasing: Release[] = []
  let released: Promise<void> | undefined
  /** Gives chunks back, those of many broadcasts together: while a statement is on its way, others gather. */
  function release(chunks: readonly Release[]): Promise<void> {
    releasing.push(...chunks)
    released ??= (async () => {
      await previous
      const together = releasing
      releasing = []
      previous = released ?? previous
      released = undefined
      await untilDone(deps, givenUp, () => releaseChunks(db, together))
    })()
    return released
  }

  function end(ending: SubmitEnding): void {
    for (const { abort } of watched.values()) abort.abort(ending)
  }

  /** Ends the submitting of broadcasts that were stopped or are out of date. */
  async function endThoseOver(): Promise<void> {
    for (const { broadcast, abort } of watched.values()) {
      if (now() >= broadcast.validUntil) abort.abort('over' satisfies SubmitEnding)
    }
    if (watched.size === 0) return
    const stopped = await db
      .selectFrom('broadcasts')
      .select('id')
      .where('id', 'in', [...watched.keys()])
      .where('state', '=', 'stopped')
      .execute()
    for (const { id } of stopped) watched.get(id)?.abort.abort('over' satisfies SubmitEnding)
  }
  const watch = setInterval(() => {
    endThoseOver().catch((error) => log.error({ err: error }, 'state of broadcasts not read'))
  }, WATCH_MS)

  function wake({ schemeId, broadcastId }: { schemeId: string; broadcastId: string }): void {
    if (running.has(broadcastId) || stopping.signal.aborted) return
    const work = loadBroadcast(deps, schemeId, broadcastId)
      .then((broadcast) => broadcast && sendAll(broadcast))
      .catch((error) =>
        log.error({ err: error, schemeId, broadcastId }, 'broadcast interrupted, going on soon'),
      )
      .finally(() => running.delete(broadcastId))
    running.set(broadcastId, work)
  }

  async function sendAll(broadcast: Broadcast): Promise<void> {
    const { schemeId, id: broadcastId, chain } = broadcast
    if (broadcast.rules.length === 0) {
      if (!withoutRoute.has(broadcastId))
        log.error({ schemeId, broadcastId }, 'no gateway for this broadcast')
      withoutRoute.add(broadcastId)
      // What ran out of time meanwhile ends.
      return finish(broadcast)
    }
    const abort = new AbortController()
    watched.set(broadcastId, { broadcast, abort })
    // As it was planned.
    const chunkSize = chunkSizeFor(
      deps.config.gateways.filter(({ simulated }) => simulated === broadcast.simulated),
    )
    const firstSize = Math.min(FIRST_CHUNK, chunkSize)
    const inFlight = new Set<Promise<void>>()
    let sent = 0
    let isFirstClaim = true
    try {
      while (!abort.signal.aborted) {
        const route = worker.isHeld() && worker.dividedBy !== undefined ? mainRoute(broadcast) : undefined
        let claimed: ClaimedChunk[] = []
        const workerId = worker.id
        if (route !== undefined) {
          const signal = AbortSignal.any([abort.signal, route.signal])
          // Several chunks at once where there are many broadcasts: a claim costs the same for all of them.
          const least = isFirstClaim ? firstSize : Math.max(chunkSize, Math.floor(route.budget.size / 4))
          const claimant = { lane: broadcast.message.lane, claimed: sent }
          const room = await route.budget.take(least, claimant, signal)
          if (room === 0) continue
          const limit = route.circuit.state === 'closed' ? Math.max(1, Math.floor(room / chunkSize)) : 1
          const most = isFirstClaim ? Math.max(room, firstSize) : undefined
          const claim = { schemeId, broadcastId, chain, resentLanes, workerId, limit, most, now: now() }
          const askedAt = performance.now()
          claimed = await claimChunks(db, claim).catch((error) => {
            route.budget.give(room)
            throw error
          })
          if (performance.now() - askedAt > CLAIM_TIMEOUT_MS) {
            route.budget.give(room)
            await release(
              claimed.map(({ firstNo, claims }) => ({
                schemeId,
                broadcastId,
                firstNo,
                claims,
                workerId,
                again: now(),
              })),
            )
            continue
          }
          const recipients = claimed.reduce((sum, chunk) => sum + chunk.recipients.length, 0)
          sent += recipients
          route.budget.give(room - recipients)
          if (claimed.length > 0) {
            const keys = claimed.map((chunk) => keyOf(broadcastId, chunk))
            for (const key of keys) inHand.add(key)
            const work = sendChunks(broadcast, route, claimed, workerId, abort.signal).finally(() => {
              inFlight.delete(work)
              for (const key of keys) inHand.delete(key)
            })
            inFlight.add(work)
          }
          const isTriedAgain = isFirstClaim || claimed.length > 0
          isFirstClaim = false
          if (isTriedAgain) continue
        }
        const inMs = await nextChunkInMs(db, schemeId, broadcastId, now())
        if (inMs === undefined && inFlight.size === 0) break
        // Chunks in work may come back to be sent again.
        const waitMs = route === undefined ? IDLE_MS : inMs === undefined ? RETRY_BASE_MS : Math.max(inMs, 20)
        await Promise.race([...inFlight, sleep(waitMs, abort.signal)])
      }
    } finally {
      await Promise.all(inFlight)
      watched.delete(broadcastId)
    }
    await finish(broadcast)
  }

  /** Ends the submitting of a broadcast of which no chunk remains. */
  async function finish({ schemeId, id: broadcastId, alertId }: Broadcast): Promise<void> {
    await asOwner(db, async (tx) => {
      const alertId = await finishSubmitting(tx, schemeId, broadcastId, now())
      if (alertId) await deps.jobs.enqueue(tx, 'alert.broadcast_sent', { schemeId, alertId })
    })
    if (alertId !== null) deps.live.publish({ type: 'progress', schemeId, alertId, broadcastId })
  }

  function pick({ refusedBy }: Broadcast, rule: RouteRule): Route | undefined {
    const name = pickGateway(
      rule,
      (name) => routes.get(name)?.isUsable === true && !refusedBy.has(name),
      deps.random(),
    )
    return name === undefined ? undefined : routes.get(name)
  }

  /** The route of most recipients: that of the rule for all numbers, else the first that works. */
  function mainRoute(broadcast: Broadcast): Route | undefined {
    const general = broadcast.rules.find(({ prefixes }) => prefixes === undefined)
    for (const rule of general === undefined ? broadcast.rules : [general, ...broadcast.rules]) {
      const route = pick(broadcast, rule)
      if (route !== undefined) return route
    }
    return undefined
  }

  /** Each recipient with its route; undefined: no route for now. */
  function split(broadcast: Broadcast, main: Route, recipients: SmsRecipient[]) {
    const { rules } = broadcast
    if (rules.every(({ prefixes }) => prefixes === undefined))
      return new Map([[main as Route | undefined, recipients]])
    const chosen = new Map<RouteRule | undefined, Route | undefined>()
    return Map.groupBy(recipients, ({ phone }) => {
      const rule = ruleOf(rules, phone)
      if (!chosen.has(rule)) {
        const isMain =
          rule?.prefixes === undefined && rule?.gateways.some(({ name }) => name === main.gateway.name)
        chosen.set(rule, rule === undefined ? undefined : isMain ? main : pick(broadcast, rule))
      }
      return chosen.get(rule)
    })
  }

  /** Submits chunks and gives them back once every outcome of theirs is on disk. */
  async function sendChunks(
    broadcast: Broadcast,
    main: Route,
    chunks: readonly ClaimedChunk[],
    workerId: number,
    signal: AbortSignal,
  ): Promise<void> {
    let isRefusedForNow = false
    const groups = split(
      broadcast,
      main,
      chunks.flatMap((chunk) => chunk.recipients),
    )
    await Promise.all(
      [...groups].map(async ([route, recipients]) => {
        // None: each waits for its first message.
        if (recipients.length === 0) return
        if (route === main) return sendGroup(main, recipients)
        main.budget.give(recipients.length)
        // What its route has no room for stays planned: the chunk comes again soon, with them alone.
        const room = route?.budget.takeFree(recipients.length, broadcast.message.lane) ?? 0
        if (route !== undefined && room > 0) await sendGroup(route, recipients.slice(0, room))
      }),
    )
    await withdraw(chunks.flatMap((chunk) => chunk.unreached))
    const backoffMs = RETRY_BASE_MS * 2 ** Math.max(0, ...chunks.map((chunk) => chunk.claims - 1))
    const waitMs = isRefusedForNow ? Math.min(RETRY_MAX_MS, backoffMs) : SOON_MS
    // A clean stop gives its chunks back at once, for the next process.
    const again = new Date(now().getTime() + (stopping.signal.aborted ? 0 : waitMs))
    const { schemeId, id: broadcastId } = broadcast
    await release(
      chunks.map(({ firstNo, claims }) => ({ schemeId, broadcastId, firstNo, claims, workerId, again })),
    )

    /** Of a follow-up: it is not for those who did not get the first message. */
    function withdraw(nos: readonly number[]): Promise<unknown> {
      return Promise.all(
        nos.map(
          (no) =>
            new Promise<void>((written) =>
              recorder.add(broadcast, { no, workerId, kind: 'withdrawn' }, written),
            ),
        ),
      )
    }

    function sendGroup(route: Route, recipients: readonly SmsRecipient[]): Promise<void> {
      recorder.submitting(broadcast.id)
      const refused = new AbortController()
      const { name } = route.gateway
      const byNo = new Map(recipients.map((recipient) => [recipient.no, recipient]))
      const recipientOf = (no: number) => byNo.get(no) ?? { no, phone: '' }
      return new Promise<void>((resolve) => {
        let left = recipients.length
        let freed = 0
        const piece = Math.min(50, Math.ceil(recipients.length / 8))
        const written = () => {
          left -= 1
          freed += 1
          // The window is given back in pieces, not one by one.
          if (freed >= piece || left === 0) {
            route.budget.give(freed)
            freed = 0
          }
          if (left === 0) resolve()
        }
        const onOutcome = (outcome: SubmitOutcome) => {
          if (outcome.kind === 'accepted')
            receipts.expect(broadcast, name, recipientOf(outcome.no), outcome.messageIds)
          const learnt = learn(outcome)
          if ('late' in outcome) {
            if (learnt !== undefined) recorder.add(broadcast, { ...learnt, late: true })
          } else if (learnt === undefined) written()
          else recorder.add(broadcast, learnt, written)
        }
        const control = { signal: AbortSignal.any([signal, refused.signal]), isHeld: worker.isHeld }
        const { message, copyOf } = broadcast
        if (copyOf === undefined) void route.submit(message, recipients, onOutcome, control)
        else void submitCopies(route, { message, copyOf, recipients }, onOutcome, control)
      })

      /** What an answer means for the ledger; undefined: nothing to write, the delivery stays planned. */
      function learn(outcome: SubmitOutcome): Outcome | undefined {
        const { no } = outcome
        const by = { no, gateway: name, workerId }
        switch (outcome.kind) {
          case 'accepted':
            return { ...by, kind: 'accepted', messageIds: outcome.messageIds }
          case 'refused': {
            const { code } = outcome
            if (outcome.permanent && !isOfNumber(code)) {
              // The sender or the text, which another provider may take.
              broadcast.refusedBy.add(name)
              if (hasOther(broadcast, recipientOf(no))) {
                refused.abort()
                return sendAgain(code, outcome.messageIds)
              }
              broadcast.refusedBy.delete(name)
            }
            if (outcome.permanent) return { ...by, kind: 'failed', errorCode: code }
            isRefusedForNow ||= route.circuit.state === 'closed' || isOfNumber(code)
            return sendAgain(code, outcome.messageIds)
          }
          case 'unknown':
            return inDoubt(outcome.messageIds)
          case 'notSent':
            if (outcome.reason !== 'stopped' || signal.reason !== ('over' satisfies SubmitEnding))
              return undefined
            return { no, workerId, kind: now() >= broadcast.validUntil ? 'expired' : 'withdrawn' }
        }

        /** Of what some parts have left, the others refused: to send it again may double them. */
        function sendAgain(errorCode: number, partIds: PartIds | undefined): Outcome {
          return partIds === undefined ? { ...by, kind: 'retry', errorCode } : inDoubt(partIds)
        }

        function inDoubt(partIds: PartIds | undefined): Outcome {
          const messageIds = partIds?.filter((id) => id !== undefined)
          if (partIds === undefined || messageIds === undefined || messageIds.length === 0)
            return { ...by, kind: 'in_doubt' }
          receipts.expect(broadcast, name, recipientOf(no), messageIds, partIds.length)
          return { ...by, kind: 'in_doubt', messageIds }
        }
      }
    }
  }

  /** Whether the recipient's rule names a gateway that has not refused the message. */
  function hasOther({ rules, refusedBy }: Broadcast, { phone }: SmsRecipient): boolean {
    return (
      ruleOf(rules, phone)?.gateways.some(({ name }) => routes.has(name) && !refusedBy.has(name)) === true
    )
  }

  return {
    wake,
    isInHand: (broadcastId, chunk) => inHand.has(keyOf(broadcastId, chunk)),
    lose: () => end('lost'),
    async stop() {
      clearInterval(watch)
      stopping.abort()
      end('leaving')
      await Promise.all(running.values())
    },
  }

  async function loadBroadcast(
    { gateways, config }: Deps,
    schemeId: string,
    broadcastId: string,
  ): Promise<Broadcast | undefined> {
    const { rows } = await sql<RunningBroadcast>`${PREPARED}
      select id, scheme_id, alert_id, simulated, valid_until, after_broadcast_id, sender, text, lane, mark_key, mark_at, code_id,
        code_key
      from broadcasts where scheme_id = ${schemeId} and id = ${broadcastId}::uuid and state = 'running'`.execute(
      db,
    )
    const [row] = rows
    if (row === undefined) return undefined
    // Digits from another secret would be wrong: the process that has the right one sends them.
    const isForeign = row.codeKey !== null && row.codeKey !== fingerprintSecret(deps)
    if (isForeign) log.error({ schemeId, broadcastId }, 'TOCSIN_SECRET differs from that of another process')
    return {
      schemeId,
      id: row.id,
      alertId: row.alertId,
      simulated: row.simulated,
      validUntil: row.validUntil,
      chain: await findChain(db, schemeId, row.afterBroadcastId),
      rules: isForeign ? [] : rulesFor(config.routes, gateways, row),
      refusedBy: new Set(),
      copyOf: copiesOf(deps, row),
      message: {
        sender: row.sender,
        segmentation: segmentMessage(row.text),
        validUntil: row.validUntil,
        lane: row.lane,
        referenceOffset: referenceOffsetOf(row.id),
      },
    }
  }
}

/** What sending reads of a broadcast. */
type RunningBroadcast = Pick<
  Selectable<Schema['broadcasts']>,
  | 'id'
  | 'schemeId'
  | 'alertId'
  | 'simulated'
  | 'validUntil'
  | 'afterBroadcastId'
  | 'sender'
  | 'text'
  | 'lane'
  | 'markKey'
  | 'markAt'
  | 'codeId'
  | 'codeKey'
>

type CopyOf = (recipient: SmsRecipient) => string

/** Where the copies of a broadcast differ: in the mark of each recipient, or in a code for the only one. */
function copiesOf(
  deps: Pick<Deps, 'secret'>,
  row: Pick<Selectable<Schema['broadcasts']>, 'text' | 'markKey' | 'markAt' | 'codeId'>,
): CopyOf | undefined {
  const { text, markKey, markAt, codeId } = row
  if (codeId !== null) return () => withCode(text, deriveCodeDigits(deps, codeId))
  if (markKey === null || markAt === null) return undefined
  return ({ no }) => withMark(text, markAt, markOf(markKey, no))
}

/**
 * Submits to each recipient the copy of its own. Where one text goes to all it is encoded once; here once a recipient,
 * so each is a submission by itself. Of a route that is being tried, the first alone is the trial.
 */
async function submitCopies(
  route: Route,
  {
    message,
    copyOf,
    recipients,
  }: {
    readonly message: SmsMessage
    readonly copyOf: CopyOf
    readonly recipients: readonly SmsRecipient[]
  },
  onOutcome: (outcome: SubmitOutcome) => void,
  control: Parameters<Route['submit']>[3],
): Promise<void> {
  const send = (recipient: SmsRecipient) => {
    const own = segmentMessage(copyOf(recipient))
    return route.submit({ ...message, segmentation: own }, [recipient], onOutcome, control)
  }
  const alone = route.circuit.isClosed ? 0 : 1
  for (const recipient of recipients.slice(0, alone)) await send(recipient)
  await Promise.all(recipients.slice(alone).map(send))
}

const keyOf = (broadcastId: string, chunk: { readonly firstNo: number; readonly claims: number }) =>
  `${broadcastId}:${chunk.firstNo}:${chunk.claims}`

/** Does a write until the database takes it, or the process ends. */
async function untilDone(
  deps: Pick<Deps, 'log'>,
  givenUp: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!givenUp.aborted) {
    try {
      return await work()
    } catch (error) {
      deps.log.error({ err: error }, 'database did not take a write, trying again')
      await sleep(500)
    }
  }
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done)
  })
}
