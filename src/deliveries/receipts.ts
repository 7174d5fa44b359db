import { sql } from 'kysely'
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
const PARK_MS = 3000
/** Receipts without an answer kept waiting at most; more are looked up at once. */
const PARK_MAX = 100_000

/**
 * Brings receipts to their deliveries: by the ids of the submit answers of this process, else those in the ledger
 * (a former process, another worker), else, for a delivery in doubt, by its phone and reference.
 */
export class ReceiptMatcher {
  readonly #deps: Pick<Deps, 'db' | 'now' | 'log'>
  readonly #recorder: OutcomeRecorder
  readonly #awaited = new Map<string, Awaited>()
  #parked = new Map<string, { receipt: SmsReceipt; until: number }[]>()
  #parkedCount = 0
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

  take(receipts: readonly SmsReceipt[]): void {
    for (const receipt of receipts) {
      if (!this.#apply(receipt, receipt.messageId)) this.#park(receipt)
    }
  }

  /** Looks up at once what is parked, and waits for it. */
  async settle(): Promise<void> {
    this.#lookUp(Number.POSITIVE_INFINITY)
    await this.#lookups
  }

  #apply(receipt: SmsReceipt, id: string): boolean {
    const awaited = this.#awaited.get(id)
    if (awaited === undefined) return false
    const { broadcast, no } = awaited
    switch (receipt.state) {
      case 'delivered':
        this.#awaited.delete(id)
        awaited.partsLeft -= 1
        // A message is delivered when all its parts are; until then each part is kept, in case the process ends.
        if (awaited.partsLeft > 0) this.#recorder.add(broadcast, { no, kind: 'part', messageIds: [id] })
        else this.#recorder.add(broadcast, { no, kind: 'delivered' })
        break
      case 'expired':
      case 'deleted':
      case 'undeliverable':
      case 'rejected': {
        this.#awaited.delete(id)
        const kind = receipt.state === 'expired' ? 'expired' : 'failed'
        this.#recorder.add(broadcast, {
          no,
          kind,
          ...(receipt.errorCode === undefined ? {} : { errorCode: receipt.errorCode }),
        })
        break
      }
      default:
      // Intermediate states (on its way, taken, unknown) decide nothing.
    }
    return true
  }

  #park(receipt: SmsReceipt): void {
    // The end of the wait by the monotonic clock: a change of the machine's time must not hold a receipt.
    const entry = { receipt, until: performance.now() + PARK_MS }
    const same = this.#parked.get(receipt.messageId)
    if (same) same.push(entry)
    else this.#parked.set(receipt.messageId, [entry])
    this.#parkedCount += 1
    if (this.#parkedCount >= PARK_MAX) this.#lookUp(Number.POSITIVE_INFINITY)
    this.#timer ??= setTimeout(() => this.#lookUp(performance.now()), PARK_MS)
  }

  #unpark(id: string): void {
    const entries = this.#parked.get(id)
    if (entries === undefined) return
    this.#parked.delete(id)
    this.#parkedCount -= entries.length
    for (const { receipt } of entries) this.#apply(receipt, id)
  }

  #lookUp(now: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const due: SmsReceipt[] = []
    for (const [id, entries] of this.#parked) {
      // Entries lie in the order they came.
      if (entries[0] !== undefined && entries[0].until > now) break
      this.#parked.delete(id)
      this.#parkedCount -= entries.length
      due.push(...entries.map((entry) => entry.receipt))
    }
    if (this.#parked.size > 0) this.#timer = setTimeout(() => this.#lookUp(performance.now()), PARK_MS)
    if (due.length === 0) return
    this.#lookups = this.#lookups
      .then(() => this.#matchInLedger(due))
      .catch((error) => {
        this.#deps.log.error({ err: error, receipts: due.length }, 'receipts not matched yet, trying again')
        for (const receipt of due) this.#park(receipt)
      })
  }

  async #matchInLedger(receipts: readonly SmsReceipt[]): Promise<void> {
    const { db, now } = this.#deps
    const forms = new Map<string, string>()
    for (const { messageId } of receipts) for (const form of idForms(messageId)) forms.set(form, messageId)
    const ids = [...forms.keys()]
    const { rows: known } = await sql<{
      schemeId: string
      id: string
      alertId: string
      no: number
      parts: number
      messageId: string
      deliveredIds: string[] | null
    }>`
      select b.scheme_id, b.id, b.alert_id, b.parts, d.no, m.id as message_id, d.delivered_ids
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      cross join lateral unnest(d.message_ids) as m(id)
      where b.state <> 'done' and d.state in ('accepted', 'in_doubt', 'planned') and m.id = any (${ids}::text[])`.execute(
      db,
    )
    const byDelivery = new Map<string, Awaited>()
    const delivered = new Set<string>()
    for (const row of known) {
      const key = `${row.id}:${row.no}`
      let awaited = byDelivery.get(key)
      if (awaited === undefined) {
        for (const id of row.deliveredIds ?? []) delivered.add(id)
        const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
        awaited = { broadcast, no: row.no, partsLeft: row.parts - (row.deliveredIds?.length ?? 0) }
        byDelivery.set(key, awaited)
      }
      // A receipt for a part already counted is a double.
      if (!delivered.has(row.messageId)) this.#awaited.set(forms.get(row.messageId) ?? row.messageId, awaited)
    }
    const unmatched = receipts.filter(
      (receipt) => !this.#apply(receipt, receipt.messageId) && !delivered.has(receipt.messageId),
    )
    if (unmatched.length > 0) await this.#matchInDoubt(unmatched, now())
  }

  /** A submission whose answer was lost has no id: its receipt is known by phone and user_message_reference. */
  async #matchInDoubt(receipts: readonly SmsReceipt[], now: Date): Promise<void> {
    const marked = receipts.filter(
      (receipt) => receipt.phone !== undefined && receipt.reference !== undefined,
    )
    const { rows } = await sql<{
      schemeId: string
      id: string
      alertId: string
      no: number
      parts: number
      phone: string
      reference: number
    }>`
      select b.scheme_id, b.id, b.alert_id, b.parts, d.no, d.phone, d.no % 65535 + 1 as reference
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      where b.state <> 'done' and (d.state = 'in_doubt' or (d.state = 'planned' and d.possible_duplicate))
        and d.phone = any (${marked.map((receipt) => receipt.phone)}::text[])`.execute(this.#deps.db)
    const byMark = new Map(rows.map((row) => [`${row.phone}:${row.reference}`, row]))
    const unknown: SmsReceipt[] = []
    for (const receipt of receipts) {
      const row = byMark.get(`${receipt.phone}:${receipt.reference}`)
      if (row === undefined) {
        unknown.push(receipt)
        continue
      }
      const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
      // One part of several says nothing of the others: it is kept, and the delivery stays in doubt.
      if (row.parts > 1 && receipt.state === 'delivered') {
        this.#recorder.add(broadcast, { no: row.no, kind: 'part', messageIds: [receipt.messageId] })
      } else {
        this.#awaited.set(receipt.messageId, { broadcast, no: row.no, partsLeft: 1 })
        this.#apply(receipt, receipt.messageId)
      }
    }
    if (unknown.length === 0) return
    this.#deps.log.warn({ receipts: unknown.length }, 'receipts for unknown message ids')
    await sql`
      insert into unknown_receipts (gateway, message_id, received_at, state)
      select u.gateway, u.message_id, ${now}, u.state
      from unnest(${unknown.map((receipt) => receipt.gateway)}::text[], ${unknown.map((receipt) => receipt.messageId)}::text[],
        ${unknown.map((receipt) => receipt.state)}::text[]) as u(gateway, message_id, state)
      on conflict do nothing`.execute(this.#deps.db)
  }
}

/** An id as received, and as the same number in the other base: some providers answer in one and receipt in the other. */
function idForms(id: string): string[] {
  const forms = [id]
  if (/^[0-9]{1,20}$/.test(id)) {
    const hex = BigInt(id).toString(16)
    forms.push(hex, hex.toUpperCase(), hex.padStart(8, '0'), hex.toUpperCase().padStart(8, '0'))
  }
  if (/^[0-9a-f]{1,16}$/i.test(id)) forms.push(BigInt(`0x${id}`).toString(10))
  return forms
}
