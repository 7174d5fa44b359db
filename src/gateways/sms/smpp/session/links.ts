import type { GatewayState, LocalisedText } from '../../../../deliveries/gateway.ts'
import type { GatewayLog } from '../../log.ts'
import { identityRulesOf } from '../../simulator/identity.ts'
import type { SmppCounts } from '../counts.ts'
import type { SmppGatewaySettings } from '../settings.ts'
import { type SessionOwner, SmppSession } from './session.ts'

/** A place for one connection: a lost session is replaced by a new one. */
export interface Link<Job> {
  readonly role: 'transceiver' | 'transmitter' | 'receiver'
  session: SmppSession<Job> | undefined
  attempts: number
  timer: NodeJS.Timeout | undefined
  /** True once the first attempt has ended, successfully or not. */
  tried: boolean
}

/** Uses the links: sends on them and handles what comes. */
export interface LinkUser<Job>
  extends Pick<SessionOwner<Job>, 'answered' | 'unanswered' | 'answeredLate' | 'delivered' | 'received'> {
  /** All events of one read were reported, or the window opened again. */
  ready(link: Link<Job>): void
  /** A link ended; everything in flight on it has been reported. */
  ended(): void
  /** A link was bound, or one was lost that will be replaced: time to send. */
  changed(): void
}

/** Submissions without a response that a link may have by default. */
export const DEFAULT_WINDOW = 100
/** Maximum time that `start` waits for a first link. */
const START_WAIT_MS = 1000
/** Interval of checks of links to leave. */
const WATCH_MS = 50
/** Time allowed for the response to an unbind. */
const UNBIND_MS = 500

/**
 * The links of a gateway, from the first connection to the last unbind. A lost link is connected again, after a delay
 * that grows with each quick failure, unless the gateway stops or keeps away from the provider.
 */
export class Links<Job> {
  /** Links that submissions may leave on. */
  readonly senders: readonly Link<Job>[]
  readonly #settings: SmppGatewaySettings
  #password: string
  readonly #counts: SmppCounts
  readonly #random: () => number
  readonly #log: GatewayLog | undefined
  readonly #reconnect: { readonly minMs: number; readonly maxMs: number }
  readonly #links: readonly Link<Job>[]
  #user: LinkUser<Job> | undefined
  #phase: 'new' | 'running' | 'stopping' | 'stopped' = 'new'
  #lastError: LocalisedText | undefined
  #noLinkSince = performance.now()
  #whenTried: (() => void) | undefined
  /** Runs while this process keeps away from the provider. */
  #leaving: NodeJS.Timeout | undefined
  /** Totals of closed links. */
  readonly #gone = { answerMs: 0, answeredAt: 0 }

  constructor(
    settings: SmppGatewaySettings,
    counts: SmppCounts,
    { random, log }: { readonly random: () => number; readonly log: GatewayLog | undefined },
  ) {
    this.#settings = settings
    this.#password = settings.password
    this.#counts = counts
    this.#random = random
    this.#log = log
    const { bindMode = 'transceiver', links = 1, reconnect = { minMs: 200, maxMs: 30_000 } } = settings
    this.#reconnect = reconnect
    const roles: Link<Job>['role'][] =
      bindMode === 'transceiver' ? ['transceiver'] : ['transmitter', 'receiver']
    this.#links = Array.from({ length: links }, () => roles)
      .flat()
      .map((role) => ({ role, session: undefined, attempts: 0, timer: undefined, tried: false }))
    this.senders = this.#links.filter((link) => link.role !== 'receiver')
  }

  get isRunning(): boolean {
    return this.#phase === 'running'
  }

  get isAnySenderBound(): boolean {
    return this.senders.some((link) => link.session?.isBound === true)
  }

  get state(): GatewayState['state'] {
    if (this.#phase === 'stopped' || this.#phase === 'new') return 'stopped'
    if (this.isAnySenderBound) return 'bound'
    return this.senders.some((link) => link.tried) ? 'down' : 'connecting'
  }

  get lastError(): LocalisedText | undefined {
    return this.#lastError
  }

  /** Returns whether no link has been able to take a submission for some time. */
  isLinkless(forMs: number, clockMs: number): boolean {
    return !this.isAnySenderBound && clockMs - this.#noLinkSince >= forMs
  }

  /** Starts the wait for a link again: earlier recipients waited for a link lost long ago, later ones have their own time. */
  restartWait(): void {
    if (!this.isAnySenderBound) this.#noLinkSince = performance.now()
  }

  /** Sums the response times of all links, including closed ones. */
  sumAnswerMs(): number {
    return this.senders.reduce((sum, { session }) => sum + (session?.answerMs ?? 0), this.#gone.answerMs)
  }

  /** Returns for how long submissions in flight have waited without any response. */
  unansweredMs(clockMs: number): number {
    let oldestSentAt = Number.POSITIVE_INFINITY
    let { answeredAt } = this.#gone
    for (const { session } of this.senders) {
      if (session === undefined) continue
      oldestSentAt = Math.min(oldestSentAt, session.oldestSentAt)
      answeredAt = Math.max(answeredAt, session.answeredAt)
    }
    return clockMs - Math.max(oldestSentAt, answeredAt)
  }

  /** Resolves once a link is bound, once every first attempt has failed, or after a second. Never rejects. */
  async start(user: LinkUser<Job>): Promise<void> {
    if (this.#phase !== 'new') return
    this.#phase = 'running'
    this.#user = user
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenTried = resolve
    const timer = setTimeout(resolve, START_WAIT_MS)
    for (const link of this.#links) this.#connect(link, user)
    await promise
    clearTimeout(timer)
    this.#whenTried = undefined
  }

  /** Unbinds links as soon as nothing is in flight on them, and keeps away until called with false. */
  setAway(isAway: boolean): void {
    if (this.#phase !== 'running' || isAway === (this.#leaving !== undefined)) return
    this.#log?.warn({ gateway: this.#settings.name }, isAway ? 'SMPP links let go' : 'SMPP links taken again')
    if (isAway) {
      for (const link of this.#links) clearTimeout(link.timer)
      this.#leaving = setInterval(() => this.#leaveIdleLinks(), WATCH_MS)
      this.#leaveIdleLinks()
      return
    }
    clearInterval(this.#leaving)
    this.#leaving = undefined
    for (const link of this.#links) if (link.session === undefined) this.#connect(link, this.#user)
  }

  #leaveIdleLinks(): void {
    this.#lastError = { key: 'link.away' }
    for (const { session } of this.#links) {
      if (session?.isBound && session.inFlight === 0) void session.unbind(UNBIND_MS)
    }
  }

  /** Begins a stop: no link is connected any more. @returns false when it has been called before */
  beginStop(): boolean {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return false
    this.#phase = 'stopping'
    clearInterval(this.#leaving)
    for (const link of this.#links) clearTimeout(link.timer)
    return true
  }

  /** Uses another password from the next connection on, and connects at once what waits to connect again. */
  renewPassword(password: string): void {
    this.#password = password
    for (const link of this.#links) {
      if (link.session !== undefined) continue
      clearTimeout(link.timer)
      this.#connect(link, this.#user)
    }
  }

  /** Acknowledges what was received and unbinds every link. @param deadline of `performance.now()` */
  async unbind(deadline: number): Promise<void> {
    const leftMs = () => Math.max(0, deadline - performance.now())
    await Promise.all(this.#links.map((link) => link.session?.finishReceived(leftMs())))
    const unbindMs = Math.max(50, Math.min(1000, leftMs()))
    await Promise.all(this.#links.map((link) => link.session?.unbind(unbindMs)))
    this.#phase = 'stopped'
  }

  #connect(link: Link<Job>, user: LinkUser<Job> | undefined): void {
    if (this.#phase !== 'running' || this.#leaving !== undefined || user === undefined) return
    const settings = this.#settings
    link.session = new SmppSession<Job>(
      {
        host: settings.host,
        port: settings.port,
        tls: settings.tls ?? false,
        systemId: settings.systemId,
        password: this.#password,
        systemType: settings.systemType ?? '',
        ...identityRulesOf(settings),
        role: link.role,
        window: settings.window ?? DEFAULT_WINDOW,
        enquireLinkMs: (settings.enquireLinkSeconds ?? 30) * 1000,
        responseTimeoutMs: settings.responseTimeoutMs ?? 10_000,
      },
      this.#ownerOf(link, user),
    )
  }

  #ownerOf(link: Link<Job>, user: LinkUser<Job>): SessionOwner<Job> {
    return {
      bound: () => {
        link.tried = true
        this.#lastError = undefined
        this.#log?.info({ gateway: this.#settings.name, role: link.role }, 'SMPP link bound')
        if (this.isAnySenderBound) this.#whenTried?.()
        user.changed()
      },
      answered: (job, recipient, part, status, messageId) =>
        user.answered(job, recipient, part, status, messageId),
      unanswered: (job, recipient, part, reason) => user.unanswered(job, recipient, part, reason),
      answeredLate: (job, recipient, part, status, messageId) =>
        user.answeredLate(job, recipient, part, status, messageId),
      delivered: (buffer, start, end, isDataSm) => user.delivered(buffer, start, end, isDataSm),
      received: () => user.received(),
      ready: () => user.ready(link),
      lost: (reason, isCredentials) => this.#replace(link, user, reason, isCredentials),
      count: (event) => {
        this.#counts.counters[event]++
      },
    }
  }

  /** Connects a lost link again later. */
  #replace(link: Link<Job>, user: LinkUser<Job>, reason: LocalisedText, isCredentials: boolean): void {
    const wasBoundMs = link.session?.boundForMs ?? 0
    this.#gone.answerMs += link.session?.answerMs ?? 0
    this.#gone.answeredAt = Math.max(this.#gone.answeredAt, link.session?.answeredAt ?? 0)
    link.session = undefined
    link.tried = true
    if (this.senders.every((sender) => sender.tried)) this.#whenTried?.()
    user.ended()
    if (this.#phase !== 'running' || this.#leaving !== undefined) return
    this.#counts.counters.linksLost++
    this.#lastError = reason
    if (link.role !== 'receiver' && wasBoundMs > 0) this.restartWait()
    // A link that lasted shows that the provider works: only quick failures in a row lengthen the delay.
    const { minMs, maxMs } = this.#reconnect
    link.attempts = wasBoundMs > minMs ? 1 : link.attempts + 1
    const ceiling = Math.min(maxMs, minMs * 2 ** (link.attempts - 1))
    // A refused account will not recover by itself, and frequent attempts may lock it.
    const waitMs = isCredentials ? maxMs * (0.5 + this.#random() / 2) : ceiling * this.#random()
    this.#log?.warn(
      {
        gateway: this.#settings.name,
        role: link.role,
        reason: reason.key,
        ...reason.values,
        waitMs: Math.round(waitMs),
      },
      'SMPP link lost',
    )
    link.timer = setTimeout(() => this.#connect(link, user), waitMs)
    link.timer.unref()
    user.changed()
  }
}
