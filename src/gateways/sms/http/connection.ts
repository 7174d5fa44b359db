import type { GatewayState, LocalisedText } from '../../../deliveries/gateway.ts'
import { sleep } from '../../../platform/sleep.ts'
import type { GatewayLog } from '../log.ts'
import type { HttpCounts } from './counts.ts'
import { type Exchange, sendRequest } from './exchange.ts'
import type { Health, HttpProvider, ProviderRequest } from './provider.ts'

/** Maximum time that `start` waits for the first probe. */
const START_WAIT_MS = 1000

interface ConnectionDeps {
  readonly name: string
  readonly probes: HttpProvider['probes']
  readonly counts: HttpCounts
  readonly responseSeconds: number
  readonly probeMs: number
  readonly now: () => number
  readonly random: () => number
  readonly fetch: typeof globalThis.fetch
  readonly log: GatewayLog | undefined
  /** Called when the provider is up. */
  readonly onUp: () => void
}

/** Whether a provider can be reached, from start to stop: one that is down is probed until it is up again. */
export class Connection {
  readonly #deps: ConnectionDeps
  #phase: 'new' | 'running' | 'stopping' | 'stopped' = 'new'
  #isUp = false
  #isTried = false
  #downSince = performance.now()
  #probeTimer: NodeJS.Timeout | undefined
  #probing: Promise<void> | undefined
  readonly #stopping = new AbortController()
  /** The last problem, of a probe or of a message. */
  lastError: LocalisedText | undefined

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get isRunning(): boolean {
    return this.#phase === 'running'
  }

  get isStopped(): boolean {
    return this.#phase === 'stopped'
  }

  get state(): GatewayState['state'] {
    if (this.#phase === 'new' || this.#phase === 'stopped') return 'stopped'
    return this.#isUp ? 'bound' : this.#isTried ? 'down' : 'connecting'
  }

  /** Returns whether the provider has been down for some time. */
  isLinkless(forMs: number, clockMs: number): boolean {
    return !this.#isUp && clockMs - this.#downSince >= forMs
  }

  /** Starts the wait for the provider again: earlier messages waited for a link lost long ago, later ones have their own time. */
  restartWait(): void {
    if (!this.#isUp) this.#downSince = performance.now()
  }

  /** Resolves once the first probe has ended, or after a second. Never rejects. */
  async start(): Promise<void> {
    if (this.#phase !== 'new') return
    this.#phase = 'running'
    this.#downSince = performance.now()
    await Promise.race([this.#probe(), sleep(START_WAIT_MS, { unref: true })])
  }

  /** Begins a stop: the provider is probed no more. @returns false when it has been called before */
  beginStop(): boolean {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return false
    this.#phase = 'stopping'
    clearTimeout(this.#probeTimer)
    return true
  }

  /** Cuts the requests made by `request`. */
  cut(): void {
    this.#stopping.abort()
  }

  endStop(): void {
    this.#phase = 'stopped'
  }

  /** Makes a request that is no submission, within the time of a response. */
  request(request: ProviderRequest): Promise<Exchange> {
    const { fetch, responseSeconds } = this.#deps
    const timeout = AbortSignal.timeout(responseSeconds * 1000)
    return sendRequest(fetch, request, AbortSignal.any([timeout, this.#stopping.signal]))
  }

  /** Stops sending until a probe succeeds. */
  goDown(health: Health & { readonly isUp: false }): void {
    this.lastError = health.said
    if (this.#phase !== 'running') return
    const { name, log, counts, probeMs, random } = this.#deps
    const isClock = health.said.key === 'link.http.clock'
    if (this.#isUp) this.#downSince = performance.now()
    if (this.#isUp && !isClock) {
      counts.totals.linksLost++
      log?.warn({ gateway: name, reason: health.said.key, ...health.said.values }, 'HTTP provider down')
    }
    this.#isUp = false
    this.#isTried = true
    clearTimeout(this.#probeTimer)
    const most = health.isAccount ? probeMs * 10 : probeMs
    this.#probeTimer = setTimeout(() => this.#probe(), isClock ? 0 : most * (0.5 + random() / 2))
    this.#probeTimer.unref()
  }

  #goUp(said: LocalisedText | undefined): void {
    const { name, log, onUp } = this.#deps
    this.#isTried = true
    this.lastError = said
    if (!this.#isUp && this.#phase === 'running') log?.info({ gateway: name }, 'HTTP provider up')
    this.#isUp = true
    onUp()
  }

  #probe(): Promise<void> {
    this.#probing ??= this.#runProbes().finally(() => {
      this.#probing = undefined
    })
    return this.#probing
  }

  async #runProbes(): Promise<void> {
    const { probes, now } = this.#deps
    let said: LocalisedText | undefined
    for (const { request, read } of probes) {
      const result = await this.request(request(now()))
      if (this.#phase !== 'running') return
      const health: Health =
        result.kind === 'answer'
          ? read(result.answer, now())
          : { isUp: false, said: result.said, isAccount: false }
      if (!health.isUp) {
        this.goDown(health)
        return
      }
      said = health.said ?? said
    }
    this.#goUp(said)
  }
}
