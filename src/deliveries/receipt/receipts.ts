import type { Deps } from '../../deps.ts'
import { isMessageId, type SmsReceipt, type SmsRecipient } from '../gateway.ts'
import type { OutcomeRecorder } from '../settle/recorder.ts'
import { writeInHalves } from '../settle/write-in-halves.ts'
import { type Awaited, AwaitedDeliveries, type BroadcastRef } from './awaited.ts'
import { leaveOutFirstSendings } from './first-sendings.ts'
import { findRowOf } from './ledger-row.ts'
import { type Conversion, plainFormsOf } from './message-ids.ts'
import { PhoneMatcher } from './phone-matcher.ts'
import { type GatewayReceiptCounts, ReceiptCounts } from './receipt-counts.ts'
import { ReceiptForms } from './receipt-forms.ts'
import { type AcceptedRow, findAccepted, findByIds } from './receipt-lookup.ts'
import { codeOf, finalKindOf } from './receipt-outcome.ts'
import { KEEP_MS } from './receipt-periods.ts'
import { STRAYS_MAX, StrayQueue } from './stray-queue.ts'
import { findStrays, type KeptReceipt, keepStrays } from './strays.ts'
import { addTo, isStray, keyOf, ReceiptBatch, removeFrom, type Stray, type Taken } from './taken.ts'

/** Delay before an unmatched receipt is looked up in the ledger: its submit answer may come right behind it. */
const PARK_MS = 30
/** Maximum parked receipts; beyond it they are looked up at once. */
const PARK_MAX = 100_000
/** Wait before receipts are looked up again that could not be, since the database may be unavailable. */
const AGAIN_MS = 1000
/** Maximum deliveries of former processes whose ids are read at start; others are looked up as their receipts come. */
const LOAD_MAX = 200_000

/**
 * Matches receipts to their deliveries: by the ids of the submit answers of this process, else by those in the ledger
 * (a former process, another worker), else, when no answer has come, by phone and reference. An unmatched receipt is
 * stored in `unknown_receipts` and looked up again: its submit answer may come late.
 */
export class ReceiptMatcher {
  readonly #deps: Pick<Deps, 'db' | 'now' | 'log'>
  readonly #recorder: OutcomeRecorder
  readonly #forms: ReceiptForms
  readonly #awaited: AwaitedDeliveries
  readonly #byPhone: PhoneMatcher
  readonly #strays: StrayQueue
  readonly #counts: ReceiptCounts
  /** Messages that test a provider, keyed by gateway and id. */
  readonly #tests = new Map<string, (receipt: SmsReceipt) => void>()
  /** Keyed by gateway and id, in order of arrival. */
  #parked = new Map<string, Taken[]>()
  #parkedCount = 0
  #timer: NodeJS.Timeout | undefined
  #lookups: Promise<void> = Promise.resolve()
  /** Duration of the last look-up, in milliseconds: the next one waits twice as long. */
  #lookupMs = 0
  #isEnding = false

  constructor(deps: Pick<Deps, 'db' | 'now' | 'log' | 'gateways'>, recorder: OutcomeRecorder) {
    this.#deps = deps
    this.#recorder = recorder
    this.#forms = new ReceiptForms(deps.gateways, (gateway, base) => this.#lookUpAllOf(gateway, base))
    this.#awaited = new AwaitedDeliveries(this.#forms)
    this.#byPhone = new PhoneMatcher(deps, recorder, this.#forms)
    this.#counts = new ReceiptCounts(deps.log)
    this.#strays = new StrayQueue(deps, {
      due: (strays) => {
        this.#lookups = this.#lookups.then(() => this.#match(strays))
      },
      found: (gateway) => this.#counts.countUnknown(gateway, -1),
    })
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
      const key = this.#awaited.keyFor(gateway, id)
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
    const others = kept.filter(({ receipt }) => !this.#strays.has(receipt))
    if (others.length > 0) await this.#match(others.map((one) => this.#strays.toStray(one)))
  }

  /** Looks up all unknown receipts of a gateway again, whose ids are read in another base from now on. */
  #lookUpAllOf(gateway: string, conversion: Conversion): void {
    this.#deps.log.info(
      { gateway, conversion },
      'receipts write their ids in another base than submit answers',
    )
    this.#lookups = this.#lookups.then(async () => {
      await this.#match(this.#strays.removeOf(gateway))
      const kept = await findStrays(this.#deps.db, { gateway }, STRAYS_MAX).catch((error) => {
        this.#deps.log.warn({ err: error, gateway }, 'unknown receipts not looked up again')
        return []
      })
      await this.#matchKept(kept)
    })
  }

  /** Returns the counts of the receipts of a gateway: of the last minutes, and since the start of the process. */
  countsOf(gateway: string): GatewayReceiptCounts {
    return this.#counts.countsOf(gateway)
  }

  /** Resolves once every receipt is on disk: only then may the provider forget them. */
  take(receipts: readonly SmsReceipt[]): Promise<void> {
    const batch = new ReceiptBatch()
    const receivedAt = this.#deps.now().getTime()
    // The receipts of one read come from one gateway.
    const gateway = receipts[0]?.gateway
    if (gateway !== undefined) {
      this.#counts.received(gateway, receipts.length)
      this.#forms.noteReferences(gateway, receipts)
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
    this.#awaited.forgetOthers(new Set(rows.map((row) => row.id)))
  }

  /** Looks up the parked receipts for the last time, as the process ends. */
  async settle(): Promise<void> {
    this.#isEnding = true
    this.#strays.stop()
    this.#lookUp([...this.#parked.values()].flat())
    await this.#lookups
    await this.#strays.forgotten()
  }

  #apply(taken: Taken): boolean {
    const { receipt, end } = taken
    const key = this.#awaited.keyOfReceipt(receipt)
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
      this.#counts.delivered(receipt.gateway, broadcast.lane, receivedAt - acceptedAt)
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
    const isOwn = ({ receipt }: Taken) => this.#forms.isOf(receipt, awaited)
    const parked = removeFrom(this.#parked, plainKey, isOwn)
    this.#parkedCount -= parked.length
    for (const entry of parked) if (!this.#applyTo(key, entry)) entry.end()
    for (const entry of this.#strays.remove(plainKey, isOwn)) if (!this.#applyTo(key, entry)) entry.end()
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

  /** Keeps a receipt among the unknown ones, unless its answer has come meanwhile. */
  #keepStray(stray: Stray): void {
    if (!this.#apply(stray)) this.#strays.add(stray)
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
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      // At the end of the process they stay unacknowledged: the provider sends them again.
      if (!this.#isEnding) for (const entry of left) this.#park(entry)
    }
    this.#lookupMs = performance.now() - startedAt
  }

  #expectRow(row: AcceptedRow): void {
    // A part already counted is not expected again: another receipt of it is a duplicate.
    if (row.deliveredIds?.includes(row.messageId)) return
    const key = this.#awaited.keyFor(row.gateway, row.messageId)
    if (this.#awaited.has(key)) return
    const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId, lane: row.lane }
    // The ids of some parts are missing while a delivery is in doubt.
    const isPart =
      row.messageIds.length > 1 ||
      (row.state === 'in_doubt' && row.parts > 1 && !this.#forms.hasIdPerMessage(row.gateway))
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
      if (this.#applyFound(entry, findRowOf(entry.receipt, rows, this.#forms))) left.delete(entry)
      else unmatched.push(entry)
    }
    await leaveOutFirstSendings(this.#deps, left, unmatched)
    await this.#byPhone.match(
      left,
      unmatched.filter((entry) => left.has(entry)),
    )
    await this.#keep(
      left,
      unmatched.filter((entry) => left.has(entry)),
    )
  }

  /**
   * Applies a receipt to its row of the ledger, else to a message accepted meanwhile.
   * @returns false when its message is not known
   */
  #applyFound(entry: Taken, row: AcceptedRow | undefined): boolean {
    if (row === undefined) return this.#apply(entry)
    this.#expectRow(row)
    // Known, but maybe no receipt is awaited for it any more.
    if (!this.#applyTo(this.#awaited.keyFor(row.gateway, row.messageId), entry)) entry.end()
    return true
  }

  /** Stores unmatched receipts in the table of unknown receipts, where they may be matched later. */
  async #keep(left: Set<Taken>, unknown: readonly Taken[]): Promise<void> {
    const fresh = unknown.filter((entry) => !isStray(entry)).map(({ receipt }) => receipt)
    if (fresh.length > 0) {
      this.#deps.log.warn({ receipts: fresh.length }, 'receipts for unknown message ids')
      await keepStrays(this.#deps.db, fresh, this.#deps.now())
      for (const [gateway, own] of Map.groupBy(fresh, (receipt) => receipt.gateway))
        this.#counts.countUnknown(gateway, own.length)
    }
    for (const entry of unknown) {
      left.delete(entry)
      if (isStray(entry)) this.#keepStray(entry)
      else {
        entry.end()
        this.#keepStray(
          this.#strays.toStray({ receipt: entry.receipt, receivedAt: new Date(entry.receivedAt) }),
        )
      }
    }
  }
}
