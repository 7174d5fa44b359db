import { AsyncLocalStorage } from 'node:async_hooks'

/** A simulated process: when it dies, none of its timers fires any more. */
export interface Owner {
  isDead: boolean
  /** Until when nothing of it runs, as after SIGSTOP, in virtual milliseconds; 0: it runs. */
  frozenUntilMs: number
}

export function newOwner(): Owner {
  return { isDead: false, frozenUntilMs: 0 }
}

/** Rules about time that are broken on purpose. */
export interface TimeMutation {
  /** Changes the interval of periodic work. */
  readonly interval?: (ms: number) => number
}

interface Timer {
  readonly id: number
  readonly owner: Owner | undefined
  readonly call: () => void
  readonly everyMs: number | undefined
  dueMs: number
}

/** The handle that code gets from `setTimeout`: it has the methods of Node's own that the engine uses. */
interface Handle {
  readonly id: number
  unref(): Handle
  ref(): Handle
  [Symbol.toPrimitive](): number
}

const NAMES = ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] as const
const owners = new AsyncLocalStorage<Owner>()

/** Runs code as part of a process: its timers, and those of all that follows from it, belong to it. */
export function runAs<T>(owner: Owner, work: () => T): T {
  return owners.run(owner, work)
}

/**
 * Replaces the timers and the monotonic clock of this process by virtual ones: time passes only in `step` and `skip`, in
 * the order of the timers, so that the same calls give the same run.
 */
export class VirtualTime {
  readonly #startMs: number
  /** Resolves once nothing that is real (the database) is under way. */
  readonly #settle: () => Promise<void>
  #nowMs = 1000
  #lastId = 0
  readonly #timers = new Map<number, Timer>()
  readonly #real = Object.fromEntries(NAMES.map((name) => [name, globalThis[name]]))
  readonly #realNow = performance.now

  readonly #mutation: TimeMutation

  constructor(startMs: number, settle: () => Promise<void>, mutation: TimeMutation = {}) {
    this.#startMs = startMs
    this.#settle = settle
    this.#mutation = mutation
  }

  isFrozen({ frozenUntilMs }: Owner): boolean {
    return frozenUntilMs > this.#nowMs
  }

  /** Stops a process for a while: what is due meanwhile is done when it wakes. */
  freeze(owner: Owner, ms: number): void {
    owner.frozenUntilMs = this.#nowMs + ms
  }

  install(): void {
    const add = (call: (...args: unknown[]) => void, ms: number, args: unknown[], isRepeated: boolean) => {
      const id = ++this.#lastId
      // Node's own timers wait a millisecond at least.
      const asked = Math.max(1, Number.isFinite(ms) ? ms : 1)
      const waitMs = isRepeated ? (this.#mutation.interval?.(asked) ?? asked) : asked
      this.#timers.set(id, {
        id,
        owner: owners.getStore(),
        call: () => call(...args),
        everyMs: isRepeated ? waitMs : undefined,
        dueMs: this.#nowMs + waitMs,
      })
      const handle: Handle = {
        id,
        unref: () => handle,
        ref: () => handle,
        [Symbol.toPrimitive]: () => id,
      }
      return handle
    }
    const clear = (handle: unknown) => {
      if (typeof handle === 'object' && handle !== null && 'id' in handle)
        this.#timers.delete((handle as Handle).id)
    }
    Object.assign(globalThis, {
      setTimeout: (call: () => void, ms = 1, ...args: unknown[]) => add(call, ms, args, false),
      setInterval: (call: () => void, ms = 1, ...args: unknown[]) => add(call, ms, args, true),
      clearTimeout: clear,
      clearInterval: clear,
    })
    performance.now = () => this.#nowMs
  }

  uninstall(): void {
    Object.assign(globalThis, this.#real)
    performance.now = this.#realNow
    this.#timers.clear()
  }

  /** Virtual milliseconds since the start. */
  get nowMs(): number {
    return this.#nowMs
  }

  readonly now = (): Date => new Date(this.#startMs + this.#nowMs)

  /** Advances to the next timer, at most by `mostMs`, and runs what is due. */
  async step(mostMs: number): Promise<void> {
    let nextMs = this.#nowMs + mostMs
    for (const { dueMs, owner } of this.#timers.values())
      if (owner?.isDead !== true) nextMs = Math.min(nextMs, Math.max(dueMs, owner?.frozenUntilMs ?? 0))
    await this.skip(Math.max(0, nextMs - this.#nowMs))
  }

  /** Advances by `ms` at once, as a process does that was not run: each timer that is due fires once. */
  async skip(ms: number): Promise<void> {
    this.#nowMs += ms
    const due = [...this.#timers.values()]
      .filter(({ dueMs, owner }) => dueMs <= this.#nowMs && !(owner && this.isFrozen(owner)))
      .sort((a, b) => a.dueMs - b.dueMs || a.id - b.id)
    for (const timer of due) {
      if (!this.#timers.has(timer.id)) continue
      if (timer.everyMs === undefined || timer.owner?.isDead) this.#timers.delete(timer.id)
      else timer.dueMs = this.#nowMs + timer.everyMs
      if (timer.owner?.isDead) continue
      if (timer.owner === undefined) timer.call()
      else runAs(timer.owner, timer.call)
    }
    await this.#settle()
  }
}
