import type { Deps } from '../../deps.ts'
import { DAY_MS } from '../../message/clock.ts'
import {
  hasIdPerPart,
  isMessageId,
  referenceOf,
  referenceOffsetOf,
  type SmsReceipt,
  type SmsRecipient,
} from '../gateway.ts'
import type { Lane } from '../lanes.ts'
import { findFirstSendings, markBothDelivered } from '../settle/memory-full.ts'
import type { OutcomeRecorder } from '../settle/recorder.ts'
import { writeInHalves } from '../settle/write-in-halves.ts'
import { hasManyUnknown } from '../status/route-health.ts'
import { DeliveryTimer } from './delivery-times.ts'
import { IdRules } from './id-rules.ts'
import {
  CONVERSIONS,
  type Conversion,
  convertId,
  isSamePhone,
  isTelling,
  plainFormsOf,
  plainIdOf,
} from './message-ids.ts'
import { type AcceptedRow, findAccepted, findByIds, findSent, type SentRow } from './receipt-lookup.ts'
import { type ReceiptCount, RecentReceipts } from './recent-receipts.ts'
import { findStrays, forgetStrays, type KeptReceipt, keepStrays } from './strays.ts'

/** The fields of a broadcast that its receipts need. */
export interface BroadcastRef {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string | null
  readonly lane: Lane
}

/** An accepted delivery, or a part of one, waiting for its receipt. */
interface Awaited {
  readonly broadcast: BroadcastRef
  readonly no: number
  /** E.164 */
  readonly phone: string
  /** The provider's id, as written in its submit answer. */
  readonly id: string
  /** True for one part of several: the message is delivered when all parts are. */
  readonly isPart: boolean
  /** When the provider accepted it, in milliseconds by the wall clock; undefined: its answer is lost. */
  readonly acceptedAt: number | undefined
}

/** Delay before an unmatched receipt is looked up in the ledger: its submit answer may come right behind it. */
const PARK_MS = 30
/** First wait before an unknown receipt is looked up again; each next one is twice as long. */
const FIRST_RETRY_MS = 1000
/** Time for which unknown receipts are looked up again, and receipts of ended broadcasts still matched. */
const KEEP_MS = 600_000
/** Time for which a provider may repeat the receipt of an ended broadcast: it must not settle another message to its phone. */
const REPEATED_MS = 3 * DAY_MS
/** Maximum parked receipts; beyond it they are looked up at once. */
const PARK_MAX = 100_000
/** Maximum receipts looked up again, the latest ones; the others stay in the table. */
const STRAYS_MAX = 20_000
/** Maximum deliveries of former processes whose ids are read at start; others are looked up as their receipts come. */
const LOAD_MAX = 200_000

/** Receipts read together, and acknowledged together once all are on disk. */
class ReceiptBatch {
  #open = 1
  #resolve: () => void = () => {}
  readonly written: Promise<void> = new Promise((resolve) => {
    this.#resolve = resolve
  })

  begin(): void {
    this.#open += 1
  }

  readonly end = (): void => {
    this.#open -= 1
    if (this.#open === 0) this.#resolve()
  }
}

interface Taken {
  readonly receipt: SmsReceipt
  /** Time of the wall clock, in milliseconds. */
  readonly receivedAt: number
  /** Called once its content is on disk. */
  readonly end: () => void
}

/** A submission, with the ids of its parts that were delivered. */
type CountedRow = SentRow & { readonly delivered: Set<string> }

/** An unknown receipt, on disk and acknowledged. Instants are of the monotonic clock. */
interface Stray extends Taken {
  readonly since: number
  dueAt: number
}

const isStray = (taken: Taken): taken is Stray => 'since' in taken

/** Keyed by gateway too: two providers may give the same id to two messages. */
const keyOf = (gateway: string, messageId: string) => `${gateway} ${plainIdOf(messageId)}`
/** The key of an id whose plain form is already used by another id of the gateway. */
const exactKeyOf = (gateway: string, messageId: string) => `${gateway}  ${messageId}`

function addTo<T>(map: Map<string, T[]>, key: string, item: T): void {
  const same = map.get(key)
  if (same === undefined) map.set(key, [item])
  else same.push(item)
}

/**
 * Matches receipts to their deliveries: by the ids of the submit answers of this process, else by those in the ledger
 * (a former process, another worker), else, when no answer has come, by phone and reference. An unmatched receipt is
 * stored in `unknown_receipts` and looked up again: its submit answer may come late.
 */
export class ReceiptMatcher {
  readonly #deps: Pick<Deps, 'db' | 'now' | 'log'>
  readonly #recorder: OutcomeRecorder
  /** Gateways that give one id per message, however long. */
  readonly #wholeIds: ReadonlySet<string>
  /** Gateways whose receipts have carried the recipient's phone, or the reference of their submission. */
  readonly #tellingPhones = new Set<string>()
  readonly #tellingReferences = new Set<string>()
  readonly #rules = new IdRules()
  /** Keyed by gateway. */
  readonly #recent = new Map<string, RecentReceipts>()
  readonly #totals = new Map<string, { unknown: number; found: number }>()
  readonly #times = new DeliveryTimer()
  /** Gateways with many unknown receipts, each logged once. */
  readonly #alarming = new Set<string>()
  /** Keyed by gateway and plain id. */
  readonly #awaited = new Map<string, Awaited>()
  /** True when two ids of a gateway had the same plain form, so that some are stored under their exact key. */
  #hasExactKeys = false
  /** Messages that test a provider, keyed by gateway and id. */
  readonly #tests = new Map<string, (receipt: SmsReceipt) => void>()
  /** Keyed by gateway and id, in order of arrival. */
  #parked = new Map<string, Taken[]>()
  #parkedCount = 0
  /** Keyed by gateway and id, in the order of their last look-up. */
  readonly #strays = new Map<string, Stray[]>()
  #timer: NodeJS.Timeout | undefined
  #strayTimer: NodeJS.Timeout | undefined
  #lookups: Promise<void> = Promise.resolve()
  /** Duration of the last look-up, in milliseconds: the next one waits twice as long. */
  #lookupMs = 0
  /** Formerly unknown receipts that were matched. */
  #found: SmsReceipt[] = []
  #forgetting: Promise<void> | undefined
  #isEnding = false

  constructor(deps: Pick<Deps, 'db' | 'now' | 'log' | 'gateways'>, recorder: OutcomeRecorder) {
    this.#deps = deps
    this.#recorder = recorder
    const whole = deps.gateways.filter((gateway) => !hasIdPerPart(gateway))
    this.#wholeIds = new Set(whole.map(({ name }) => name))
  }

  /** Expects the receipt of an accepted test message, which is no delivery, and passes it to `listener`. */
  expectTest(gateway: string, messageId: string, listener: (receipt: SmsReceipt) => void): void {
    this.#tests.set(keyOf(gateway, messageId), listener)
  }

  forgetTest(gateway: string, messageId: string): void {
    this.#tests.delete(keyOf(gateway, messageId))
  }

  /**
   * Expects receipts for an accepted message, or for some of its `parts`, under these ids.
   * @param parts number of ids, including those of missing answers
   */
  expect(
    broadcast: BroadcastRef,
    gateway: string,
    { no, phone }: SmsRecipient,
    messageIds: readonly string[],
    parts = messageIds.length,
  ): void {
    const acceptedAt = this.#deps.now().getTime()
    for (const id of messageIds) {
      // A provider may give no id.
      if (id === '') continue
      const awaited = { broadcast, no, phone, id, isPart: parts > 1, acceptedAt }
      const key = this.#keyFor(gateway, id)
      this.#awaited.set(key, awaited)
      if (this.#parkedCount > 0 || this.#strays.size > 0) this.#unpark(gateway, key, awaited)
    }
  }

  /** Expects the receipts of messages sent by former processes, and looks up the receipts that they could not match. */
  async load(): Promise<void> {
    for (const row of await findAccepted(this.#deps, KEEP_MS, LOAD_MAX)) this.#expectRow(row)
    await this.adoptStrays()
  }

  /**
   * Looks up the unknown receipts stored by other processes: one may have ended before the matching answer was on disk.
   */
  async adoptStrays(): Promise<void> {
    const since = new Date(this.#deps.now().getTime() - KEEP_MS)
    const kept = await findStrays(this.#deps.db, { since }, STRAYS_MAX)
    this.#lookups = this.#lookups.then(() => this.#matchKept(kept))
    await this.#lookups
  }

  /** Looks up stored receipts that are not in memory. */
  async #matchKept(kept: readonly KeptReceipt[]): Promise<void> {
    const others = kept.filter(
      ({ receipt: { gateway, messageId } }) => !this.#strays.has(keyOf(gateway, messageId)),
    )
    if (others.length > 0) await this.#match(others.map((one) => this.#strayOf(one)))
  }

  /** Counts a proven conversion; once it is the rule of the gateway, looks up all its unknown receipts again. */
  #prove(gateway: string, conversion: Conversion): void {
    if (!this.#rules.prove(gateway, conversion)) return
    this.#deps.log.info(
      { gateway, conversion },
      'receipts write their ids in another base than submit answers',
    )
    this.#lookups = this.#lookups.then(async () => {
      const own = [...this.#strays].filter(([key]) => key.startsWith(`${gateway} `))
      for (const [key] of own) this.#strays.delete(key)
      await this.#match(own.flatMap(([, strays]) => strays))
      const kept = await findStrays(this.#deps.db, { gateway }, STRAYS_MAX).catch((error) => {
        this.#deps.log.warn({ err: error, gateway }, 'unknown receipts not looked up again')
        return []
      })
      await this.#matchKept(kept)
    })
  }

  /** Returns the counts of the receipts of a gateway: of the last minutes, and since the start of the process. */
  countsOf(gateway: string): {
    readonly recent: ReceiptCount
    readonly unknown: number
    readonly found: number
    readonly times: ReturnType<DeliveryTimer['of']>
  } {
    const recent = this.#recent.get(gateway)?.count(performance.now()) ?? { received: 0, unknown: 0 }
    const times = this.#times.of(gateway)
    return { recent, times, unknown: 0, found: 0, ...this.#totals.get(gateway) }
  }

  #recentOf(gateway: string): RecentReceipts {
    const known = this.#recent.get(gateway)
    if (known !== undefined) return known
    const created = new RecentReceipts()
    this.#recent.set(gateway, created)
    return created
  }

  /** Counts receipts of one gateway as unknown, or as found when negative; many unknown ones are logged as an error. */
  #countUnknown(gateway: string, count: number): void {
    const totals = this.#totals.get(gateway) ?? { unknown: 0, found: 0 }
    totals[count > 0 ? 'unknown' : 'found'] += Math.abs(count)
    this.#totals.set(gateway, totals)
    const now = performance.now()
    const recent = this.#recentOf(gateway)
    recent.unknown(count, now)
    const counts = recent.count(now)
    if (!hasManyUnknown(counts)) this.#alarming.delete(gateway)
    else if (!this.#alarming.has(gateway)) {
      this.#alarming.add(gateway)
      this.#deps.log.error({ gateway, ...counts }, 'many receipts match no message')
    }
  }

  /** Resolves once every receipt is on disk: only then may the provider forget them. */
  take(receipts: readonly SmsReceipt[]): Promise<void> {
    const batch = new ReceiptBatch()
    const receivedAt = this.#deps.now().getTime()
    const nowMs = performance.now()
    // The receipts of one read come from one gateway.
    const gateway = receipts[0]?.gateway
    if (gateway !== undefined) {
      this.#recentOf(gateway).received(receipts.length, nowMs)
      if (!this.#tellingReferences.has(gateway) && receipts.some(({ reference }) => reference !== undefined))
        this.#tellingReferences.add(gateway)
    }
    for (const receipt of receipts) {
      const entry = { receipt, receivedAt, end: batch.end }
      batch.begin()
      if (this.#apply(entry)) continue
      if (isMessageId(receipt.messageId)) this.#park(entry)
      else {
        this.#deps.log.warn({ gateway: receipt.gateway }, 'a receipt that names no message')
        batch.end()
      }
    }
    batch.end()
    return batch.written
  }

  /** Forgets the messages of ended broadcasts: no receipt will come for them. */
  async prune(): Promise<void> {
    if (this.#awaited.size === 0) return
    const rows = await this.#deps.db
      .selectFrom('broadcasts')
      .select('id')
      .where('state', '<>', 'done')
      .execute()
    const open = new Set(rows.map((row) => row.id))
    for (const [id, { broadcast }] of this.#awaited) if (!open.has(broadcast.id)) this.#awaited.delete(id)
  }

  /** Looks up the parked receipts for the last time, as the process ends. */
  async settle(): Promise<void> {
    this.#isEnding = true
    clearTimeout(this.#strayTimer)
    this.#lookUp([...this.#parked.values()].flat())
    await this.#lookups
    await this.#forgetting
  }

  /** Returns the key under which an id is or would be awaited. */
  #keyFor(gateway: string, id: string): string {
    if (this.#hasExactKeys) {
      const exact = exactKeyOf(gateway, id)
      if (this.#awaited.has(exact)) return exact
    }
    const key = keyOf(gateway, id)
    const awaited = this.#awaited.get(key)
    if (awaited === undefined || awaited.id === id) return key
    this.#hasExactKeys = true
    return exactKeyOf(gateway, id)
  }

  /**
   * Returns the key of the delivery of a receipt: under its id, another form of the id, or the same number in the other
   * base.
   */
  #keyOfAwaited(receipt: SmsReceipt): string | undefined {
    const { gateway, messageId, reference, phone } = receipt
    if (this.#hasExactKeys) {
      const exact = exactKeyOf(gateway, messageId)
      const same = this.#awaited.get(exact)
      if (same !== undefined) return this.#isOf(receipt, same) ? exact : undefined
    }
    const isUnproven = reference === undefined && phone === undefined
    const converted = isUnproven ? this.#keyOfLearntForm(receipt) : undefined
    if (converted !== undefined) return converted
    const key = keyOf(gateway, messageId)
    const same = this.#awaited.get(key)
    if (same !== undefined && this.#isOf(receipt, same)) return key
    if (same?.id === messageId || isUnproven || this.#awaited.size === 0) return undefined
    return this.#keyOfProvenForm(receipt)
  }

  /** Returns the key of the delivery whose id is that of a receipt in the base that the gateway was seen to use. */
  #keyOfLearntForm({ gateway, messageId }: SmsReceipt): string | undefined {
    const learnt = this.#rules.of(gateway)
    const form = learnt === undefined ? undefined : convertId(messageId, learnt)
    if (form === undefined) return undefined
    const key = keyOf(gateway, form)
    return this.#awaited.has(key) ? key : undefined
  }

  /**
   * Returns the key of the delivery whose id is that of a receipt in another base, and learns the base. The same digits may be
   * the id of another message, so the reference or the phone has to match too.
   */
  #keyOfProvenForm(receipt: SmsReceipt): string | undefined {
    const { gateway, messageId } = receipt
    for (const conversion of CONVERSIONS) {
      const form = convertId(messageId, conversion)
      const other = form === undefined ? undefined : keyOf(gateway, form)
      const awaited = other === undefined ? undefined : this.#awaited.get(other)
      if (awaited === undefined || !isProven(receipt, awaited.broadcast.id, awaited)) continue
      this.#prove(gateway, conversion)
      return other
    }
    return undefined
  }

  /**
   * True when a receipt under the id of a message, in whatever form, belongs to it. Digits alone may be the id of
   * another message in the other base, and two ids may differ only in case: the phone decides, where the provider's
   * receipts carry it.
   */
  #isOf(receipt: SmsReceipt, awaited: Pick<Awaited, 'id' | 'phone'>): boolean {
    const { gateway, messageId, phone } = receipt
    if (phone === undefined) return true
    if (isSamePhone(awaited.phone, phone)) {
      this.#tellingPhones.add(gateway)
      return true
    }
    if (messageId !== awaited.id) return false
    return this.#wholeIds.has(gateway) || !/^[0-9]+$/.test(messageId)
  }

  #apply(taken: Taken): boolean {
    const { receipt, end } = taken
    const key = this.#keyOfAwaited(receipt)
    if (key !== undefined) return this.#applyTo(key, taken)
    if (this.#tests.size === 0) return false
    const test = plainFormsOf(receipt.messageId)
      .map((form) => this.#tests.get(keyOf(receipt.gateway, form)))
      .find((found) => found !== undefined)
    if (test === undefined) return false
    test(receipt)
    end()
    return true
  }

  /** @returns false when nothing is awaited under the key. */
  #applyTo(key: string, { receipt, receivedAt, end }: Taken): boolean {
    const awaited = this.#awaited.get(key)
    if (awaited === undefined) return false
    const kind = finalKindOf(receipt)
    if (kind === undefined) {
      end()
      return true
    }
    this.#awaited.delete(key)
    const { broadcast, no, id, isPart, acceptedAt } = awaited
    if (kind === 'delivered' && acceptedAt !== undefined)
      this.#times.add(receipt.gateway, broadcast.lane, receivedAt - acceptedAt)
    if (kind !== 'delivered') this.#recorder.add(broadcast, { no, kind, ...codeOf(receipt) }, end)
    else if (!isPart) this.#recorder.add(broadcast, { no, kind }, end)
    else this.#recorder.add(broadcast, { no, kind: 'part', messageIds: [id] }, end)
    return true
  }

  #park(entry: Taken): void {
    addTo(this.#parked, keyOf(entry.receipt.gateway, entry.receipt.messageId), entry)
    this.#parkedCount += 1
    const lookUp = () => this.#lookUp([...this.#parked.values()].flat())
    if (this.#parkedCount >= PARK_MAX) lookUp()
    else this.#timer ??= setTimeout(lookUp, Math.max(PARK_MS, 2 * this.#lookupMs))
  }

  /**
   * Applies the receipts that wait for `awaited`; further receipts of it are only acknowledged.
   * @param key under which it is awaited
   */
  #unpark(gateway: string, key: string, awaited: Awaited): void {
    const plainKey = keyOf(gateway, awaited.id)
    for (const waiting of [this.#parked, this.#strays] as Map<string, Taken[]>[]) {
      const entries = waiting.get(plainKey)
      if (entries === undefined) continue
      const own = entries.filter(({ receipt }) => this.#isOf(receipt, awaited))
      const others = entries.filter((entry) => !own.includes(entry))
      if (others.length > 0) waiting.set(plainKey, others)
      else waiting.delete(plainKey)
      if (waiting === this.#parked) this.#parkedCount -= own.length
      for (const entry of own) if (!this.#applyTo(key, entry)) entry.end()
    }
  }

  /**
   * Looks up the parked receipts.
   * @param parked all of them
   */
  #lookUp(parked: readonly Taken[]): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#parked = new Map()
    this.#parkedCount = 0
    if (parked.length === 0) return
    this.#lookups = this.#lookups.then(() => this.#match(parked))
  }

  #strayOf({ receipt, receivedAt }: KeptReceipt): Stray {
    const now = performance.now()
    const end = () => {
      this.#found.push(receipt)
      this.#countUnknown(receipt.gateway, -1)
      this.#forgetting ??= this.#forgetFound()
    }
    return { receipt, receivedAt: receivedAt.getTime(), end, since: now, dueAt: now }
  }

  /** Keeps a receipt among the unknown ones, unless its answer has come meanwhile. */
  #keepStray(stray: Stray): void {
    if (this.#apply(stray)) return
    const now = performance.now()
    if (now - stray.since > KEEP_MS) return
    stray.dueAt = now + Math.max(FIRST_RETRY_MS, now - stray.since)
    addTo(this.#strays, keyOf(stray.receipt.gateway, stray.receipt.messageId), stray)
    if (this.#strays.size > STRAYS_MAX) this.#strays.delete(this.#strays.keys().next().value as string)
    this.#planStrays()
  }

  #planStrays(): void {
    if (this.#isEnding || this.#strays.size === 0) return
    this.#strayTimer ??= setTimeout(() => {
      this.#strayTimer = undefined
      const now = performance.now()
      const due: Stray[] = []
      for (const [key, strays] of this.#strays) {
        if (strays.every(({ dueAt }) => dueAt > now)) continue
        this.#strays.delete(key)
        due.push(...strays)
      }
      if (due.length > 0) this.#lookups = this.#lookups.then(() => this.#match(due))
      this.#planStrays()
    }, FIRST_RETRY_MS).unref()
  }

  async #forgetFound(): Promise<void> {
    // Receipts found together are deleted together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#found.length > 0) {
      const found = this.#found
      this.#found = []
      await forgetStrays(this.#deps.db, found).catch((error) =>
        // The next process finds them again, which changes nothing.
        this.#deps.log.warn({ err: error }, 'receipts found stay among the unknown ones'),
      )
    }
    this.#forgetting = undefined
  }

  /** Never rejects: receipts that cannot be matched for now are parked. */
  async #match(due: readonly Taken[]): Promise<void> {
    const startedAt = performance.now()
    const left = new Set(due)
    try {
      await writeInHalves(
        due,
        (some) => this.#matchInLedger(left, some),
        async (entry, error) => {
          this.#deps.log.error({ err: error, gateway: entry.receipt.gateway }, 'a receipt set aside')
          left.delete(entry)
          entry.end()
        },
      )
    } catch (error) {
      this.#deps.log.error({ err: error, receipts: left.size }, 'receipts not matched yet, trying again')
      // Delayed: the database may be unavailable.
      await new Promise((resolve) => setTimeout(resolve, FIRST_RETRY_MS))
      // At the end of the process they stay unacknowledged: the provider sends them again.
      if (!this.#isEnding) for (const entry of left) this.#park(entry)
    }
    this.#lookupMs = performance.now() - startedAt
  }

  #expectRow(row: AcceptedRow): void {
    // A part already counted is not expected again: another receipt of it is a duplicate.
    if (row.deliveredIds?.includes(row.messageId)) return
    const key = this.#keyFor(row.gateway, row.messageId)
    if (this.#awaited.has(key)) return
    const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId, lane: row.lane }
    // The ids of some parts are missing while a delivery is in doubt.
    const isPart =
      row.messageIds.length > 1 ||
      (row.state === 'in_doubt' && row.parts > 1 && !this.#wholeIds.has(row.gateway))
    const { no, phone, messageId: id, acceptedAt } = row
    this.#awaited.set(key, { broadcast, no, phone, id, isPart, acceptedAt: acceptedAt?.getTime() })
  }

  /**
   * Matches receipts in the ledger.
   * @param left unmatched receipts of `due`, among others: matched ones are removed from it
   */
  async #matchInLedger(left: Set<Taken>, due: readonly Taken[]): Promise<void> {
    const entries = due.filter((entry) => left.has(entry))
    const ids = new Set(entries.flatMap(({ receipt: { messageId } }) => plainFormsOf(messageId)))
    const rows = Map.groupBy(
      await findByIds(this.#deps, [...ids], KEEP_MS, PARK_MAX * 2),
      ({ gateway, messageId }) => keyOf(gateway, messageId),
    )
    const unmatched: Taken[] = []
    for (const entry of entries) {
      const row = this.#rowOf(entry.receipt, rows)
      if (row !== undefined) this.#expectRow(row)
      const key = row === undefined ? undefined : this.#keyFor(row.gateway, row.messageId)
      if (key === undefined ? !this.#apply(entry) : !this.#applyTo(key, entry)) {
        if (key === undefined) {
          unmatched.push(entry)
          continue
        }
        // Known, but no receipt is awaited for it any more.
        entry.end()
      }
      left.delete(entry)
    }
    await this.#leaveOut(left, unmatched)
    await this.#matchByPhone(
      left,
      unmatched.filter((entry) => left.has(entry)),
    )
    await this.#keep(
      left,
      unmatched.filter((entry) => left.has(entry)),
    )
  }

  /**
   * Returns the ledger row of a receipt: to its phone or with its reference, under its id in whatever form, else under the
   * same number in the other base. The same digits may be the id of another message there: without a phone or a reference,
   * the base of the gateway's other receipts decides.
   * @param rows keyed by gateway and plain id
   */
  #rowOf(receipt: SmsReceipt, rows: ReadonlyMap<string, readonly AcceptedRow[]>): AcceptedRow | undefined {
    const { gateway, messageId, phone, reference } = receipt
    const under = (id: string | undefined) => (id === undefined ? [] : (rows.get(keyOf(gateway, id)) ?? []))
    const same = under(messageId).toSorted(
      (a, b) => Number(b.messageId === messageId) - Number(a.messageId === messageId),
    )
    if (phone === undefined && reference === undefined) {
      const learnt = this.#rules.of(gateway)
      const converted = learnt === undefined ? [] : under(convertId(messageId, learnt))
      if (converted.length > 0 || same.length > 0) return converted[0] ?? same[0]
      const others = CONVERSIONS.flatMap((conversion) => under(convertId(messageId, conversion)))
      return others.length === 1 && isTelling(messageId) ? others[0] : undefined
    }
    const isOwn = (row: AcceptedRow) =>
      phone === undefined ? isProven(receipt, row.id, row) : isSamePhone(row.phone, phone)
    const own = same.find(isOwn)
    if (own !== undefined) return own
    for (const conversion of CONVERSIONS) {
      const other = under(convertId(messageId, conversion)).find(isOwn)
      if (other === undefined) continue
      this.#prove(gateway, conversion)
      return other
    }
    const [first] = same
    // The receipt names another phone. It is accepted only from a provider whose receipts never carry the phone as
    // ours.
    if (first === undefined || this.#isOf(receipt, { id: first.messageId, phone: first.phone })) return first
    return this.#tellingPhones.has(gateway) ? undefined : first
  }

  /**
   * Leaves out receipts of first sendings that found the memory of the phone full: they say nothing of the second. One that
   * was delivered all the same makes the delivery a possible duplicate.
   */
  async #leaveOut(left: Set<Taken>, due: readonly Taken[]): Promise<void> {
    if (due.length === 0) return
    const since = new Date(this.#deps.now().getTime() - REPEATED_MS)
    const ids = due.map(({ receipt }) => receipt.messageId)
    const first = Map.groupBy(await findFirstSendings(this.#deps.db, ids, since), ({ gateway, messageId }) =>
      keyOf(gateway ?? '', messageId),
    )
    if (first.size === 0) return
    for (const entry of due) {
      const { gateway, messageId } = entry.receipt
      const [sending] = plainFormsOf(messageId).flatMap((form) => first.get(keyOf(gateway, form)) ?? [])
      if (sending === undefined) continue
      if (finalKindOf(entry.receipt) === 'delivered') await markBothDelivered(this.#deps.db, sending)
      left.delete(entry)
      entry.end()
    }
  }

  /**
   * Matches receipts by phone: with the reference of a submission, whatever its ids; without, when it is the only submission
   * to the phone whose answer was lost and the id is of no other message.
   */
  async #matchByPhone(left: Set<Taken>, due: readonly Taken[]): Promise<void> {
    const marked = due.filter(({ receipt }) => receipt.phone !== undefined)
    if (marked.length === 0) return
    const phones = [...new Set(marked.map(({ receipt }) => receipt.phone ?? ''))]
    const rows = (await findSent(this.#deps.db, phones)).map((row) => ({
      ...row,
      delivered: new Set(row.deliveredIds),
    }))
    if (rows.length === 0) return
    const byReference = Map.groupBy(rows, ({ id, no }) => referenceOfDelivery(id, no))
    const lone: { readonly entry: Taken; readonly row: CountedRow }[] = []
    for (const entry of marked) {
      const { reference, phone = '', gateway } = entry.receipt
      if (reference !== undefined) {
        const row = byReference.get(reference)?.find((one) => isSamePhone(one.phone, phone))
        if (row === undefined || !mayBeOf(row, gateway)) continue
        this.#settle(left, entry, row)
        continue
      }
      const row = this.#tellingReferences.has(gateway) ? undefined : loneRowOf(entry, rows)
      if (row !== undefined) lone.push({ entry, row })
    }
    if (lone.length > 0) await this.#settleLone(left, lone)
  }

  /** Settles the only submissions to their phones whose answers were lost, unless the id of the receipt is of another message. */
  async #settleLone(
    left: Set<Taken>,
    lone: readonly { readonly entry: Taken; readonly row: CountedRow }[],
  ): Promise<void> {
    const forms = [...new Set(lone.flatMap(({ entry }) => plainFormsOf(entry.receipt.messageId)))]
    const known = Map.groupBy(
      await findByIds(this.#deps, forms, REPEATED_MS, PARK_MAX),
      ({ gateway, messageId }) => keyOf(gateway, messageId),
    )
    for (const { entry, row } of lone) {
      const { gateway, messageId } = entry.receipt
      if (plainFormsOf(messageId).every((form) => !known.has(keyOf(gateway, form))))
        this.#settle(left, entry, row)
    }
  }

  /** Settles a delivery by a receipt under an id that the ledger does not have. */
  #settle(left: Set<Taken>, entry: Taken, row: CountedRow): void {
    const { receipt, end } = entry
    const { gateway, messageId } = receipt
    left.delete(entry)
    const { no } = row
    const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
    const kind = finalKindOf(receipt)
    if (kind === undefined) end()
    else if (kind !== 'delivered') this.#recorder.add(broadcast, { no, kind, ...codeOf(receipt) }, end)
    else {
      row.delivered.add(messageId)
      // The receipt of one part says nothing of the others: it is stored until the last.
      const isWhole = row.delivered.size >= (this.#wholeIds.has(gateway) ? 1 : row.parts)
      this.#recorder.add(
        broadcast,
        !isWhole
          ? { no, kind: 'part', messageIds: [messageId] }
          : row.answer === 'answered'
            ? { no, kind }
            : // Stored with its ids: the same receipt may come again and must not settle another doubt.
              { no, kind, messageIds: [...row.delivered], gateway, late: true },
        end,
      )
    }
  }

  /** Stores unmatched receipts in the table of unknown receipts, where they may be matched later. */
  async #keep(left: Set<Taken>, unknown: readonly Taken[]): Promise<void> {
    const fresh = unknown.filter((entry) => !isStray(entry)).map(({ receipt }) => receipt)
    if (fresh.length > 0) {
      this.#deps.log.warn({ receipts: fresh.length }, 'receipts for unknown message ids')
      await keepStrays(this.#deps.db, fresh, this.#deps.now())
      for (const [gateway, own] of Map.groupBy(fresh, (receipt) => receipt.gateway))
        this.#countUnknown(gateway, own.length)
    }
    for (const entry of unknown) {
      left.delete(entry)
      if (isStray(entry)) this.#keepStray(entry)
      else {
        entry.end()
        this.#keepStray(this.#strayOf({ receipt: entry.receipt, receivedAt: new Date(entry.receivedAt) }))
      }
    }
  }
}

const referenceOfDelivery = (broadcastId: string, no: number) =>
  referenceOf({ referenceOffset: referenceOffsetOf(broadcastId) }, no)

/** True when the reference of a receipt, else its phone, is that of a delivery. */
function isProven(
  { reference, phone }: SmsReceipt,
  broadcastId: string,
  delivery: { readonly no: number; readonly phone: string },
): boolean {
  return reference === undefined
    ? phone !== undefined && isSamePhone(delivery.phone, phone)
    : referenceOfDelivery(broadcastId, delivery.no) === reference
}

/** The gateway is unknown for a delivery of a lost worker or in flight. */
const mayBeOf = (row: SentRow, gateway: string) =>
  row.state === 'planned' || row.gateway === null || row.gateway === gateway

/** True when the answer was lost: no other will come that names the message. */
const isLost = ({ answer }: SentRow) => answer === 'unanswered'

/** Returns the submission to the phone of a receipt when it is the only one there and its answer was lost. */
function loneRowOf(
  { receipt: { gateway, phone = '' }, receivedAt }: Taken,
  rows: readonly CountedRow[],
): CountedRow | undefined {
  // One that is in flight may have this id: its answer is on its way, maybe to another worker.
  const [row, ...others] = rows.filter((one) => one.answer !== 'answered' && isSamePhone(one.phone, phone))
  if (row === undefined || !isLost(row) || others.length > 0 || !mayBeOf(row, gateway)) return undefined
  // A receipt that came before the order is of another message.
  return receivedAt >= row.orderedAt.getTime() ? row : undefined
}

/**
 * Returns the final state that a receipt gives its delivery; undefined for an intermediate state, which decides
 * nothing.
 */
function finalKindOf({ state }: SmsReceipt): 'delivered' | 'failed' | 'expired' | 'deleted' | undefined {
  switch (state) {
    case 'delivered':
    case 'expired':
    case 'deleted':
      return state
    case 'undeliverable':
    case 'rejected':
      return 'failed'
    default:
      return undefined
  }
}

const codeOf = ({ errorCode }: SmsReceipt) => (errorCode === undefined ? {} : { errorCode })
