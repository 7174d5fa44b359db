import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { DeliveryState } from '../../schema.ts'
import type { DeliveryStep } from '../contract.ts'
import { plainFormsOf } from '../receipt/message-ids.ts'
import { isMemoryFull } from '../settle/evidence.ts'
import { type DeliveryRow, listDeliveries } from '../store.ts'
import { describeFailure, describeRefusal } from './failures.ts'

/** The current ledger row of a delivery. */
export interface LedgerFacts {
  readonly orderedAt: Date
  readonly parts: number
  readonly state: DeliveryState
  readonly gateway: string | null
  readonly messageIds: readonly string[] | null
  readonly deliveredIds: readonly string[] | null
  readonly errorCode: number | null
  readonly isMemoryFull?: boolean
  readonly acceptedAt: Date | null
  readonly inDoubtAt: Date | null
  readonly settledAt: Date | null
  /** Follow-ups only: the first message went to another number of the same contact. */
  readonly isCorrected: boolean
}

/** A submission that did not settle the delivery. */
export interface AttemptFacts {
  readonly at: Date
  /** `memory_full`: refused by its phone, whose memory was full, so sent once more. */
  readonly outcome: 'refused' | 'unknown' | 'accepted_late' | 'memory_full'
  readonly gateway: string | null
  readonly errorCode: number | null
  readonly messageIds: readonly string[] | null
}

/** A receipt that no delivery awaited, whose id is one of this delivery. */
export interface StrayReceipt {
  readonly at: Date
  readonly gateway: string
  readonly messageId: string
  readonly state: string
}

/**
 * Lists all known events of one delivery of a broadcast, in order; undefined when the broadcast has no such number. The
 * phone of `row` is unmasked: mask it before returning it to a client.
 */
export async function explainDelivery(
  deps: Pick<Deps, 'db' | 'config'>,
  schemeId: string,
  broadcastId: string,
  no: number,
  lang: Lang,
): Promise<{ row: DeliveryRow; steps: DeliveryStep[] } | undefined> {
  const found = await inScheme(deps.db, schemeId, async (tx) => {
    const [row] = await listDeliveries(tx, schemeId, broadcastId, { after: no - 1, limit: 1 })
    if (row?.no !== no) return undefined
    const facts = await tx
      .selectFrom('deliveries as d')
      .innerJoin('broadcasts as b', (join) =>
        join.onRef('b.schemeId', '=', 'd.schemeId').onRef('b.id', '=', 'd.broadcastId'),
      )
      .select([
        'b.orderedAt',
        'b.parts',
        'd.state',
        'd.gateway',
        'd.messageIds',
        'd.deliveredIds',
        'd.errorCode',
        'd.acceptedAt',
        'd.inDoubtAt',
        'd.settledAt',
        sql<boolean>`b.after_broadcast_id is not null and exists (
          select from broadcasts f join deliveries e on e.scheme_id = f.scheme_id and e.broadcast_id = f.id
          where f.scheme_id = b.scheme_id and f.alert_id = b.alert_id and f.kind = 'first'
            and e.contact_id = d.contact_id and e.phone <> d.phone)`.as('isCorrected'),
      ])
      .where('d.schemeId', '=', schemeId)
      .where('d.broadcastId', '=', broadcastId)
      .where('d.no', '=', no)
      .executeTakeFirstOrThrow()
    const attempts = await tx
      .selectFrom('deliveryAttempts')
      .select(['at', 'outcome', 'gateway', 'errorCode', 'messageIds'])
      .where('schemeId', '=', schemeId)
      .where('broadcastId', '=', broadcastId)
      .where('no', '=', no)
      .orderBy('at')
      .execute()
    return { row, facts, attempts }
  })
  if (found === undefined) return undefined
  const { row } = found
  const facts = {
    ...found.facts,
    messageIds: found.facts.messageIds?.split(' ') ?? null,
    isMemoryFull: isMemoryFull(deps.config.gateways, found.facts),
  }
  const attempts = found.attempts.map((one) => ({ ...one, messageIds: one.messageIds?.split(' ') ?? null }))
  const ids = [facts, ...attempts].flatMap((one) => one.messageIds ?? [])
  return { row, steps: stepsOf(facts, attempts, await findStrayReceipts(deps, ids), lang) }
}

/** Lists the numbers of the deliveries of a broadcast to a phone. */
export async function findNosByPhone(
  tx: Tx,
  schemeId: string,
  broadcastId: string,
  phone: string,
): Promise<number[]> {
  const rows = await tx
    .selectFrom('deliveries')
    .select('no')
    .where('schemeId', '=', schemeId)
    .where('broadcastId', '=', broadcastId)
    .where('phone', '=', phone)
    .orderBy('no')
    .execute()
  return rows.map((row) => row.no)
}

/** Not filtered by scheme, since unmatched receipts have none; queried by ids of a delivery that the reader may see. */
async function findStrayReceipts(deps: Pick<Deps, 'db'>, ids: readonly string[]): Promise<StrayReceipt[]> {
  if (ids.length === 0) return []
  const forms = ids.flatMap(plainFormsOf)
  const { rows } = await sql<StrayReceipt>`
    select received_at as at, gateway, message_id, state from unknown_receipts
    where ltrim(lower(message_id), '0') = any (${forms}::text[]) order by received_at limit 20`.execute(
    deps.db,
  )
  return rows
}

/** Maximum difference, in milliseconds, between an attempt and the same event in the row. */
const SAME_MS = 1000

/** Builds the events of a delivery in chronological order; those without an instant come last. */
export function stepsOf(
  facts: LedgerFacts,
  attempts: readonly AttemptFacts[],
  strays: readonly StrayReceipt[],
  lang: Lang,
): DeliveryStep[] {
  const steps: DeliveryStep[] = []
  const add: AddStep = (kind, at, text, more = {}) =>
    steps.push({
      at: at?.toISOString() ?? null,
      kind,
      route: null,
      messageIds: [],
      code: null,
      text,
      ...more,
    })
  add('planned', facts.orderedAt, formatMessage(lang, 'step.planned'))
  if (facts.isCorrected) add('corrected', facts.orderedAt, formatMessage(lang, 'step.corrected'))
  for (const attempt of attempts) addAttempt(add, attempt, lang)
  const isLogged = attempts.some(
    ({ outcome, at }) =>
      outcome === 'unknown' && Math.abs(at.getTime() - (facts.inDoubtAt?.getTime() ?? 0)) < SAME_MS,
  )
  // Put in doubt without a missing answer: its worker ended.
  if (facts.inDoubtAt !== null && !isLogged)
    add('unanswered', facts.inDoubtAt, formatMessage(lang, 'step.abandoned'), { route: facts.gateway })
  addOutcome(add, facts, lang)
  for (const { at, gateway, messageId, state } of strays) {
    const text = formatMessage(lang, 'step.stray_receipt', {
      state: formatMessage(lang, `receipt.state.${state}`),
    })
    add('stray_receipt', at, text, { route: gateway, messageIds: [messageId] })
  }
  // The sort is stable: events of the same instant keep the order above.
  const instant = (step: DeliveryStep) => (step.at === null ? Number.POSITIVE_INFINITY : Date.parse(step.at))
  return steps.sort((a, b) => (instant(a) === instant(b) ? 0 : instant(a) - instant(b)))
}

type AddStep = (
  kind: DeliveryStep['kind'],
  at: Date | null,
  text: string,
  more?: Partial<Pick<DeliveryStep, 'route' | 'messageIds' | 'code'>>,
) => void

/** Adds the step of one submission that was not simply accepted. */
function addAttempt(add: AddStep, attempt: AttemptFacts, lang: Lang): void {
  const { at, gateway: route, errorCode: code } = attempt
  const more = { route, code, messageIds: [...(attempt.messageIds ?? [])] }
  switch (attempt.outcome) {
    case 'refused': {
      const reason =
        code === null ? formatMessage(lang, 'failure.submit_failed') : describeRefusal(lang, code)
      add('refused', at, formatMessage(lang, 'step.refused', { reason }), more)
      break
    }
    case 'unknown':
      add('unanswered', at, formatMessage(lang, 'step.unanswered'), more)
      break
    case 'memory_full':
      add('memory_full', at, formatMessage(lang, 'step.memory_full'), more)
      break
    case 'accepted_late':
      add('accepted_late', at, formatMessage(lang, 'step.accepted_late'), more)
  }
}

/** Adds the steps from the acceptance by the provider to the end of the delivery. */
function addOutcome(add: AddStep, facts: LedgerFacts, lang: Lang): void {
  const ids = [...(facts.messageIds ?? [])]
  if (facts.acceptedAt !== null)
    add('accepted', facts.acceptedAt, formatMessage(lang, 'step.accepted'), {
      route: facts.gateway,
      messageIds: ids,
    })
  const arrived = facts.deliveredIds?.length ?? 0
  if (arrived > 0 && facts.settledAt === null) {
    const text = formatMessage(lang, 'step.part_delivered', { arrived, parts: facts.parts })
    add('part_delivered', null, text, { route: facts.gateway, messageIds: [...(facts.deliveredIds ?? [])] })
  }
  switch (facts.state) {
    case 'delivered':
      add('delivered', facts.settledAt, formatMessage(lang, 'step.delivered'), {
        route: facts.gateway,
        // A receipt came without a submit answer: its ids identify the submission.
        messageIds: facts.acceptedAt === null ? ids : [],
      })
      break
    case 'failed':
    case 'expired':
    case 'withdrawn': {
      const more = facts.state === 'failed' ? { route: facts.gateway, code: facts.errorCode } : {}
      add(facts.state, facts.settledAt, describeFailure(lang, facts) ?? '', more)
    }
  }
}
