import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { DeliveryState } from '../schema.ts'
import { referenceOf, referenceOffsetOf, type SmsReceipt } from './gateway.ts'
import type { OutcomeRecorder } from './recorder.ts'

/** What receipts need to know of the broadcast they belong to. */
export interface BroadcastRef {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string | null
}

/** A delivery accepted and waiting for its receipts. */
interface Awaited {
  readonly broadcast: BroadcastRef
  readonly no: number
  partsLeft: number
}

/** How long a receipt that came before its submit answer waits for it. */
const PARK_MS = 1000
/** With other workers, a receipt is likelier theirs than early: it is looked up so soon, and once more at the end. */
const PARK_WITH_OTHERS_MS = 30
/** For how long receipts of a broadcast that is over are still known as its own. */
const DONE_MS = 600_000
/** Receipts without an answer kept waiting at most; more are looked up at once. */
const PARK_MAX = 100_000
/** Deliveries of former processes whose ids are read at start; those of more are looked up as their receipts come. */
const LOAD_MAX = 200_000

/** Receipts read together, acknowledged together once what each says is on disk. */
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
  readonly batch: ReceiptBatch
}

interface Parked extends Taken {
  /** By the monotonic clock: a change of the machine's time must not hold a receipt. */
  readonly until: number
  wasLookedUp: boolean
}

/** Two providers may give the same id to two messages. */
const keyOf = (gateway: string, messageId: string) => `${gateway} ${messageId}`

/**
 * Brings receipts to their deliveries: by the ids of the submit answers of this process, else those in the ledger
 * (a former process, another worker), else, for a delivery in doubt, by its phone and reference.
 */
export class ReceiptMatcher {
  readonly #deps: Pick<Deps, 'db' | 'now' | 'log'>
  readonly #recorder: OutcomeRecorder
  readonly #hasOthers: () => boolean
  /** By gateway and id. */
  readonly #awaited = new Map<string, Awaited>()
  /** Messages that test a provider, by gateway and id. */
  readonly #tests = new Map<string, (receipt: SmsReceipt) => void>()
  /** By gateway and id, in the order of their ends. */
  #parked = new Map<string, Parked[]>()
  #parkedCount = 0
  /** Messages of several parts read from the ledger, so that their parts share one count. */
  readonly #loaded = new Map<string, Awaited>()
  #timer: NodeJS.Timeout | undefined
  #lookups: Promise<void> = Promise.resolve()

  /** @param hasOthers whether other workers send now: receipts of their messages come here too. */
  constructor(deps: Pick<Deps, 'db' | 'now' | 'log'>, recorder: OutcomeRecorder, hasOthers: () => boolean) {
    this.#deps = deps
    this.#recorder = recorder
    this.#hasOthers = hasOthers
  }

  /** The provider took a message: its receipts will carry these ids. */
  expect(broadcast: BroadcastRef, gateway: string, no: number, messageIds: readonly string[]): void {
    this.expectParts(broadcast, gateway, no, messageIds, messageIds.length)
  }

  /** The provider took a message that is no delivery: what its receipt says goes to `listener`. */
  expectTest(gateway: string, messageId: string, listener: (receipt: SmsReceipt) => void): void {
    this.#tests.set(keyOf(gateway, messageId), listener)
  }

  forgetTest(gateway: string, messageId: string): void {
    this.#tests.delete(keyOf(gateway, messageId))
  }

  /** The same when the answers of some of its `parts` are missing. */
  expectParts(
    broadcast: BroadcastRef,
    gateway: string,
    no: number,
    messageIds: readonly string[],
    parts: number,
  ): void {
    const awaited: Awaited = { broadcast, no, partsLeft: parts }
    for (const id of messageIds) {
      const key = keyOf(gateway, id)
      this.#awaited.set(key, awaited)
      if (this.#parkedCount > 0) this.#unpark(key)
    }
  }

  /** Expects the receipts of what former processes handed over. */
  async load(): Promise<void> {
    for (const row of await this.#readAccepted(sql`d.state = 'accepted'`, LOAD_MAX)) this.#expectRow(row)
  }

  /** Resolves once what every receipt says is on disk: only then may the provider forget them. */
  take(receipts: readonly SmsReceipt[]): Promise<void> {
    const batch = new ReceiptBatch()
    for (const receipt of receipts) {
      const taken = { receipt, batch }
      batch.begin()
      if (!this.#apply(taken))
        this.#park({ ...taken, until: performance.now() + PARK_MS, wasLookedUp: false })
    }
    batch.end()
    return batch.written
  }

  /** Forgets what belongs to broadcasts that are over: no receipt will come for it. */
  async prune(): Promise<void> {
    if (this.#awaited.size === 0) return
    const rows = await this.#deps.db
      .selectFrom('broadcasts')
      .select('id')
      .where('state', '<>', 'done')
      .execute()
    const open = new Set(rows.map((row) => row.id))
    for (const [id, { broadcast }] of this.#awaited) if (!open.has(broadcast.id)) this.#awaited.delete(id)
    for (const [key, { broadcast }] of this.#loaded) if (!open.has(broadcast.id)) this.#loaded.delete(key)
  }

  /** Looks up at once what is parked, and waits for it. */
  async settle(): Promise<void> {
    this.#lookUp(Number.POSITIVE_INFINITY)
    await this.#lookups
  }

  #apply({ receipt, batch }: Taken): boolean {
    const key = keyOf(receipt.gateway, receipt.messageId)
    const awaited = this.#awaited.get(key)
    if (awaited === undefined) {
      const test = this.#tests.get(key)
      if (test === undefined) return false
      test(receipt)
      batch.end()
      return true
    }
    const { broadcast, no } = awaited
    switch (receipt.state) {
      case 'delivered':
        this.#awaited.delete(key)
        awaited.partsLeft -= 1
        // A message is delivered when all its parts are; until then each part is kept, in case the process ends.
        if (awaited.partsLeft > 0)
          this.#recorder.add(broadcast, { no, kind: 'part', messageIds: [receipt.messageId] }, batch.end)
        else this.#recorder.add(broadcast, { no, kind: 'delivered' }, batch.end)
        break
      case 'expired':
      case 'deleted':
      case 'undeliverable':
      case 'rejected': {
        this.#awaited.delete(key)
        const kind = receipt.state === 'expired' ? 'expired' : 'failed'
        const code = receipt.errorCode === undefined ? {} : { errorCode: receipt.errorCode }
        this.#recorder.add(broadcast, { no, kind, ...code }, batch.end)
        break
      }
      default:
        // Intermediate states (on its way, taken, unknown) decide nothing.
        batch.end()
    }
    return true
  }

  #park(entry: Parked): void {
    const key = keyOf(entry.receipt.gateway, entry.receipt.messageId)
    const same = this.#parked.get(key)
    if (same) same.push(entry)
    else this.#parked.set(key, [entry])
    this.#parkedCount += 1
    if (this.#parkedCount >= PARK_MAX) this.#lookUp(Number.POSITIVE_INFINITY)
    this.#wait()
  }

  #wait(): void {
    const ms = this.#hasOthers() ? PARK_WITH_OTHERS_MS : PARK_MS
    this.#timer ??= setTimeout(() => this.#lookUp(performance.now()), ms)
  }

  #unpark(key: string): void {
    const entries = this.#parked.get(key)
    if (entries === undefined) return
    this.#parked.delete(key)
    this.#parkedCount -= entries.length
    for (const entry of entries) if (!this.#apply(entry)) entry.batch.end()
  }

  #lookUp(now: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const isEarly = this.#hasOthers()
    const due: Parked[] = []
    for (const [key, entries] of this.#parked) {
      const [first] = entries
      if (first === undefined) continue
      // Those that came last are last.
      if (first.until > now && !isEarly) break
      if (first.until > now && first.wasLookedUp) continue
      this.#parked.delete(key)
      this.#parkedCount -= entries.length
      due.push(...entries)
    }
    if (this.#parked.size > 0) this.#wait()
    if (due.length === 0) return
    this.#lookups = this.#lookups
      .then(() => this.#matchInLedger(due, now))
      .catch((error) => {
        this.#deps.log.error({ err: error, receipts: due.length }, 'receipts not matched yet, trying again')
        for (const entry of due) this.#park({ ...entry, until: performance.now() + PARK_MS })
      })
  }

  /** Deliveries that the provider took, one row an id. */
  async #readAccepted(condition: RawBuilder<unknown>, limit: number) {
    const { rows } = await sql<AcceptedRow>`
      select b.scheme_id, b.id, b.alert_id, d.no, d.phone, d.gateway, d.state, b.parts, string_to_array(d.message_ids, ' ') as message_ids, d.delivered_ids,
        m.id as message_id
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      cross join lateral unnest(string_to_array(d.message_ids, ' ')) as m(id)
      -- Those just over too: a provider sends again what it thinks was not acknowledged.
      where (b.state <> 'done' or b.done_at > ${new Date(this.#deps.now().getTime() - DONE_MS)}) and ${condition}
      order by b.ordered_at desc limit ${limit}`.execute(this.#deps.db)
    return rows
  }

  /** @param id how receipts write the id of the row */
  #expectRow(row: AcceptedRow, id = row.messageId): void {
    // A part already counted is not expected again: its receipt is a double.
    if (row.deliveredIds?.includes(row.messageId)) return
    const key = keyOf(row.gateway, id)
    if (this.#awaited.has(key)) return
    const message = `${row.id}:${row.no}`
    let awaited = this.#loaded.get(message)
    if (awaited === undefined) {
      const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
      // A message sent again has new ids: parts of the first sending do not count.
      const counted = row.messageIds.filter((part) => row.deliveredIds?.includes(part)).length
      // In doubt, the ids of some parts are missing. A provider may also give one id for all parts.
      const partsLeft = (row.state === 'in_doubt' ? row.parts : row.messageIds.length) - counted
      awaited = { broadcast, no: row.no, partsLeft }
      // The parts of one message share one count.
      if (row.messageIds.length > 1) this.#loaded.set(message, awaited)
    }
    this.#awaited.set(key, awaited)
  }

  async #matchInLedger(due: readonly Parked[], now: number): Promise<void> {
    const exact = new Set(due.map(({ receipt }) => keyOf(receipt.gateway, receipt.messageId)))
    // Some providers write an id in one base and its receipt in the other. The same digits may be the id of another
    // message there, so it also has to be the phone's.
    const others = Map.groupBy(
      due.flatMap(({ receipt }) => otherForms(receipt.messageId).map((form) => ({ form, receipt }))),
      ({ form }) => form,
    )
    const ids = [...new Set(due.map(({ receipt }) => receipt.messageId)), ...others.keys()]
    const rows = await this.#readAccepted(sql`m.id = any (${ids}::text[])`, PARK_MAX * 2)
    const found = new Set<string>()
    for (const row of rows) {
      const key = keyOf(row.gateway, row.messageId)
      if (!exact.has(key)) continue
      this.#expectRow(row)
      found.add(key)
    }
    for (const row of rows) {
      for (const { receipt } of others.get(row.messageId) ?? []) {
        const key = keyOf(row.gateway, receipt.messageId)
        if (found.has(key) || receipt.gateway !== row.gateway || receipt.phone !== row.phone) continue
        this.#expectRow(row, receipt.messageId)
        found.add(key)
      }
    }
    const unmatched: Taken[] = []
    for (const entry of due) {
      if (this.#apply(entry)) continue
      // Known, and nothing is awaited of it any more.
      if (found.has(keyOf(entry.receipt.gateway, entry.receipt.messageId))) entry.batch.end()
      else if (entry.until > now) this.#park({ ...entry, wasLookedUp: true })
      else unmatched.push(entry)
    }
    if (unmatched.length > 0) await this.#matchInDoubt(unmatched)
  }

  /** A submission whose answer was lost has no id: its receipt is known by phone and user_message_reference. */
  async #matchInDoubt(due: readonly Taken[]): Promise<void> {
    const phones = due.flatMap(({ receipt }) =>
      receipt.phone !== undefined && receipt.reference !== undefined ? [receipt.phone] : [],
    )
    const { rows } = await sql<DoubtfulRow>`
      select b.scheme_id, b.id, b.alert_id, b.parts, d.no, d.phone, d.gateway, d.delivered_ids
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      where b.state <> 'done' and (d.state = 'in_doubt' or (d.state = 'planned' and d.possible_duplicate))
        and d.phone = any (${phones}::text[])`.execute(this.#deps.db)
    const byMark = new Map(
      rows.map((row) => {
        const reference = referenceOf({ referenceOffset: referenceOffsetOf(row.id) }, row.no)
        return [`${row.phone}:${reference}`, { ...row, delivered: new Set(row.deliveredIds) }]
      }),
    )
    const unknown: Taken[] = []
    for (const taken of due) {
      const { receipt, batch } = taken
      const row = byMark.get(`${receipt.phone}:${receipt.reference}`)
      // Of a worker that was lost it is not known through which gateway it sent.
      if (row === undefined || (row.gateway !== null && row.gateway !== receipt.gateway)) {
        unknown.push(taken)
        continue
      }
      const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
      if (receipt.state === 'delivered') row.delivered.add(receipt.messageId)
      // One part of several says nothing of the others: it is kept, and the delivery stays in doubt until the last.
      if (receipt.state === 'delivered') {
        const { no } = row
        const isWhole = row.delivered.size >= row.parts
        this.#recorder.add(
          broadcast,
          isWhole
            ? // With its ids: the same receipt may come once more, and must not settle another doubt.
              { no, kind: 'delivered', messageIds: [...row.delivered], gateway: receipt.gateway, late: true }
            : { no, kind: 'part', messageIds: [receipt.messageId] },
          batch.end,
        )
      } else {
        this.#awaited.set(keyOf(receipt.gateway, receipt.messageId), { broadcast, no: row.no, partsLeft: 1 })
        this.#apply(taken)
      }
    }
    if (unknown.length === 0) return
    this.#deps.log.warn({ receipts: unknown.length }, 'receipts for unknown message ids')
    await sql`
      insert into unknown_receipts (gateway, message_id, received_at, state)
      select u.gateway, u.message_id, ${this.#deps.now()}, u.state
      from unnest(
        ${unknown.map(({ receipt }) => receipt.gateway)}::text[], ${unknown.map(({ receipt }) => receipt.messageId)}::text[],
        ${unknown.map(({ receipt }) => receipt.state)}::text[]) as u(gateway, message_id, state)
      on conflict do nothing`.execute(this.#deps.db)
    for (const { batch } of unknown) batch.end()
  }
}

interface LedgerRow {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string | null
  readonly no: number
  readonly phone: string
  readonly deliveredIds: readonly string[] | null
}
interface AcceptedRow extends LedgerRow {
  readonly gateway: string
  readonly state: DeliveryState
  readonly parts: number
  readonly messageIds: readonly string[]
  readonly messageId: string
}
interface DoubtfulRow extends LedgerRow {
  readonly gateway: string | null
  readonly parts: number
}

/** An id as the same number in the other base. */
export function otherForms(id: string): string[] {
  const forms = new Set<string>()
  if (/^[0-9]{1,20}$/.test(id)) {
    const hex = BigInt(id).toString(16)
    for (const form of [hex, hex.padStart(8, '0')]) forms.add(form).add(form.toUpperCase())
  }
  if (/^[0-9a-f]{1,16}$/i.test(id)) forms.add(BigInt(`0x${id}`).toString(10))
  forms.delete(id)
  return [...forms]
}
