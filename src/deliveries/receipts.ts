import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { SmsReceipt } from './gateway.ts'
import type { OutcomeRecorder } from './recorder.ts'

/** What receipts need to know of the broadcast they belong to. */
export interface BroadcastRef {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string
}

/** A delivery accepted and waiting for its receipts. */
interface Awaited {
  readonly broadcast: BroadcastRef
  readonly no: number
  partsLeft: number
}

/** How long a receipt that came before its submit answer waits for it. */
const PARK_MS = 1000
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

/**
 * Brings receipts to their deliveries: by the ids of the submit answers of this process, else those in the ledger
 * (a former process, another worker), else, for a delivery in doubt, by its phone and reference.
 */
export class ReceiptMatcher {
  readonly #deps: Pick<Deps, 'db' | 'now' | 'log'>
  readonly #recorder: OutcomeRecorder
  readonly #awaited = new Map<string, Awaited>()
  #parked = new Map<string, (Taken & { readonly until: number })[]>()
  #parkedCount = 0
  /** Messages of several parts read from the ledger, so that their parts share one count. */
  readonly #loaded = new Map<string, Awaited>()
  #timer: NodeJS.Timeout | undefined
  #lookups: Promise<void> = Promise.resolve()

  constructor(deps: Pick<Deps, 'db' | 'now' | 'log'>, recorder: OutcomeRecorder) {
    this.#deps = deps
    this.#recorder = recorder
  }

  /** The provider took a message: its receipts will carry these ids. */
  expect(broadcast: BroadcastRef, no: number, messageIds: readonly string[]): void {
    const awaited: Awaited = { broadcast, no, partsLeft: messageIds.length }
    for (const id of messageIds) {
      this.#awaited.set(id, awaited)
      if (this.#parkedCount > 0) this.#unpark(id)
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
      if (!this.#apply(taken, receipt.messageId)) this.#park(taken)
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

  #apply({ receipt, batch }: Taken, id: string): boolean {
    const awaited = this.#awaited.get(id)
    if (awaited === undefined) return false
    const { broadcast, no } = awaited
    switch (receipt.state) {
      case 'delivered':
        this.#awaited.delete(id)
        awaited.partsLeft -= 1
        // A message is delivered when all its parts are; until then each part is kept, in case the process ends.
        if (awaited.partsLeft > 0)
          this.#recorder.add(broadcast, { no, kind: 'part', messageIds: [id] }, batch.end)
        else this.#recorder.add(broadcast, { no, kind: 'delivered' }, batch.end)
        break
      case 'expired':
      case 'deleted':
      case 'undeliverable':
      case 'rejected': {
        this.#awaited.delete(id)
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

  #park(taken: Taken): void {
    // The end of the wait by the monotonic clock: a change of the machine's time must not hold a receipt.
    const entry = { ...taken, until: performance.now() + PARK_MS }
    const id = taken.receipt.messageId
    const same = this.#parked.get(id)
    if (same) same.push(entry)
    else this.#parked.set(id, [entry])
    this.#parkedCount += 1
    if (this.#parkedCount >= PARK_MAX) this.#lookUp(Number.POSITIVE_INFINITY)
    this.#timer ??= setTimeout(() => this.#lookUp(performance.now()), PARK_MS)
  }

  #unpark(id: string): void {
    const entries = this.#parked.get(id)
    if (entries === undefined) return
    this.#parked.delete(id)
    this.#parkedCount -= entries.length
    for (const entry of entries) if (!this.#apply(entry, id)) entry.batch.end()
  }

  #lookUp(now: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const due: Taken[] = []
    for (const [id, entries] of this.#parked) {
      // Entries lie in the order they came.
      if (entries[0] !== undefined && entries[0].until > now) break
      this.#parked.delete(id)
      this.#parkedCount -= entries.length
      due.push(...entries)
    }
    if (this.#parked.size > 0) this.#timer = setTimeout(() => this.#lookUp(performance.now()), PARK_MS)
    if (due.length === 0) return
    this.#lookups = this.#lookups
      .then(() => this.#matchInLedger(due))
      .catch((error) => {
        this.#deps.log.error({ err: error, receipts: due.length }, 'receipts not matched yet, trying again')
        for (const taken of due) this.#park(taken)
      })
  }

  /** Deliveries that the provider took, one row an id. */
  async #readAccepted(condition: RawBuilder<unknown>, limit: number) {
    const { rows } = await sql<AcceptedRow>`
      select b.scheme_id, b.id, b.alert_id, d.no, d.phone, d.message_ids, d.delivered_ids, m.id as message_id
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      cross join lateral unnest(d.message_ids) as m(id)
      where b.state <> 'done' and ${condition}
      order by b.ordered_at desc limit ${limit}`.execute(this.#deps.db)
    return rows
  }

  /** @param id how receipts write the id of the row */
  #expectRow(row: AcceptedRow, id = row.messageId): void {
    // A part already counted is not expected again: its receipt is a double.
    if (row.deliveredIds?.includes(row.messageId)) return
    if (this.#awaited.has(id)) return
    const key = `${row.id}:${row.no}`
    let awaited = this.#loaded.get(key)
    if (awaited === undefined) {
      const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
      // A message sent again has new ids: parts of the first sending do not count.
      const partsLeft = row.messageIds.filter((part) => !row.deliveredIds?.includes(part)).length
      awaited = { broadcast, no: row.no, partsLeft }
      // The parts of one message share one count.
      if (row.messageIds.length > 1) this.#loaded.set(key, awaited)
    }
    this.#awaited.set(id, awaited)
  }

  async #matchInLedger(due: readonly Taken[]): Promise<void> {
    const exact = new Set(due.map(({ receipt }) => receipt.messageId))
    // Some providers write an id in one base and its receipt in the other. The same digits may be the id of another
    // message there, so it also has to be the phone's.
    const others = Map.groupBy(
      due.flatMap(({ receipt }) => otherForms(receipt.messageId).map((form) => ({ form, receipt }))),
      ({ form }) => form,
    )
    const ids = [...exact, ...others.keys()]
    const rows = await this.#readAccepted(sql`m.id = any (${ids}::text[])`, PARK_MAX * 2)
    const found = new Set<string>()
    for (const row of rows) {
      if (!exact.has(row.messageId)) continue
      this.#expectRow(row)
      found.add(row.messageId)
    }
    for (const row of rows) {
      for (const { receipt } of others.get(row.messageId) ?? []) {
        if (found.has(receipt.messageId) || receipt.phone !== row.phone) continue
        this.#expectRow(row, receipt.messageId)
        found.add(receipt.messageId)
      }
    }
    const unmatched: Taken[] = []
    for (const taken of due) {
      if (this.#apply(taken, taken.receipt.messageId)) continue
      // Known, and nothing is awaited of it any more.
      if (found.has(taken.receipt.messageId)) taken.batch.end()
      else unmatched.push(taken)
    }
    if (unmatched.length > 0) await this.#matchInDoubt(unmatched)
  }

  /** A submission whose answer was lost has no id: its receipt is known by phone and user_message_reference. */
  async #matchInDoubt(due: readonly Taken[]): Promise<void> {
    const phones = due.flatMap(({ receipt }) =>
      receipt.phone !== undefined && receipt.reference !== undefined ? [receipt.phone] : [],
    )
    const { rows } = await sql<DoubtfulRow>`
      select b.scheme_id, b.id, b.alert_id, b.parts, d.no, d.phone, d.delivered_ids, d.no % 65535 + 1 as reference
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      where b.state <> 'done' and (d.state = 'in_doubt' or (d.state = 'planned' and d.possible_duplicate))
        and d.phone = any (${phones}::text[])`.execute(this.#deps.db)
    const byMark = new Map(
      rows.map((row) => [`${row.phone}:${row.reference}`, { ...row, delivered: new Set(row.deliveredIds) }]),
    )
    const unknown: Taken[] = []
    for (const taken of due) {
      const { receipt, batch } = taken
      const row = byMark.get(`${receipt.phone}:${receipt.reference}`)
      if (row === undefined) {
        unknown.push(taken)
        continue
      }
      const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
      if (receipt.state === 'delivered') row.delivered.add(receipt.messageId)
      // One part of several says nothing of the others: it is kept, and the delivery stays in doubt until the last.
      if (receipt.state === 'delivered' && row.delivered.size < row.parts) {
        this.#recorder.add(
          broadcast,
          { no: row.no, kind: 'part', messageIds: [receipt.messageId] },
          batch.end,
        )
      } else {
        this.#awaited.set(receipt.messageId, { broadcast, no: row.no, partsLeft: 1 })
        this.#apply(taken, receipt.messageId)
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
  readonly alertId: string
  readonly no: number
  readonly phone: string
  readonly deliveredIds: readonly string[] | null
}
interface AcceptedRow extends LedgerRow {
  readonly messageIds: readonly string[]
  readonly messageId: string
}
interface DoubtfulRow extends LedgerRow {
  readonly parts: number
  readonly reference: number
}

/** An id as the same number in the other base. */
function otherForms(id: string): string[] {
  const forms = new Set<string>()
  if (/^[0-9]{1,20}$/.test(id)) {
    const hex = BigInt(id).toString(16)
    for (const form of [hex, hex.padStart(8, '0')]) forms.add(form).add(form.toUpperCase())
  }
  if (/^[0-9a-f]{1,16}$/i.test(id)) forms.add(BigInt(`0x${id}`).toString(10))
  forms.delete(id)
  return [...forms]
}
