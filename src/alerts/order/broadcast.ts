import { progressOfFresh } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import type { Problem } from '../../errors.ts'
import { type Actor, authorize, type Permission } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { readApproverRefusals } from '../approval/second-person.ts'
import { unansweredRefusals } from '../approval/unanswered.ts'
import { type Mandate, needsApproval, overrideRefusals } from '../compose/doctrine.ts'
import type { AlertRequest, AlertView, BroadcastOrder, OverrideOrder } from '../contract.ts'
import { eyesOf } from '../live/read.ts'
import { alertViewOf } from '../live/views.ts'
import type { AlertEvent } from '../states.ts'
import { inOrderTurn, type OpenAlert, openAlert, orderAlert, requireSeenAudience } from './order.ts'

type OrderDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config' | 'jobs' | 'mailer' | 'planned'>

/**
 * Orders the broadcast of an alert that needs no second person. Repeating the same order sends once.
 *
 * A gateway that is down does not prevent the order: planned deliveries wait for it.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, `audience_changed` when the area means
 * other communes than were on screen, `already_decided`, `no_route` when no gateway of the kind is set up at all, `empty_audience`, `all_held_back`, every problem of the draft, or
 * `doctrine_refused`, also when another alert may be about the same incident and is not confirmed, and when the
 * facts grew old meanwhile and no reason is given.
 */
export function broadcastAlert(
  deps: OrderDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: BroadcastOrder,
): Promise<AlertView> {
  return orderBroadcast(deps, actor, schemeId, {
    id,
    order,
    mandateOf: () => ({ mandate: { kind: 'own', reason: order.reason } }),
    permission: 'alert.broadcast',
    event: 'order',
  })
}

/**
 * Approves a submitted alert as the second person and orders it in the same transaction, so that nothing can change in
 * between.
 * @throws AppError as `broadcastAlert`; `doctrine_refused` also to its author and to accounts that gave each other access within the cooling time, when the content, the sender or the
 * meaning of its area is no longer what was submitted, and when it grew old meanwhile and no reason is given.
 */
export function approveAlert(
  deps: OrderDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: BroadcastOrder,
): Promise<AlertView> {
  return orderBroadcast(deps, actor, schemeId, {
    id,
    order,
    mandateOf: async ({ row }, tx) => ({
      mandate: { kind: 'approved', reason: order.reason },
      found: await readApproverRefusals(tx, deps, actor, schemeId, row),
    }),
    permission: 'alert.approve',
    event: 'approve',
  })
}

/**
 * Orders without the second person, as a chief may in an emergency: a review is open until another signs it. Nothing
 * else of the doctrine is waived.
 * @throws AppError as `broadcastAlert`; `doctrine_refused` also where it needs no second person, or the scheme admits
 * no override.
 */
export function overrideAlert(
  deps: OrderDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: OverrideOrder,
): Promise<AlertView> {
  return orderBroadcast(deps, actor, schemeId, {
    id,
    order,
    mandateOf: ({ row, scheme }) => ({
      mandate: { kind: 'overridden', reason: order.reason },
      found: overrideRefusals(scheme.doctrine, needsApproval(scheme.doctrine, row)),
    }),
    permission: 'alert.override',
    event: 'override',
  })
}

/**
 * Orders what was submitted because nobody on call answered within the limit of its severity: a review is open until another
 * person signs it. Nothing else of the doctrine is waived.
 * @throws AppError as `broadcastAlert`; `doctrine_refused` also before the limit, where the scheme sets none, and when the content
 * is no longer what was submitted.
 */
export function sendUnanswered(
  deps: OrderDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: OverrideOrder,
): Promise<AlertView> {
  return orderBroadcast(deps, actor, schemeId, {
    id,
    order,
    mandateOf: ({ row, scheme, hash }) => {
      const { severity, submittedAt, submittedHash } = row
      const facts = { severity, submittedAt: submittedAt?.getTime() ?? null, same: submittedHash === hash }
      return {
        mandate: { kind: 'overridden', reason: order.reason, unanswered: true },
        found: unansweredRefusals(scheme.doctrine, facts, deps.now().getTime()),
      }
    },
    permission: 'alert.broadcast',
    event: 'unanswered',
  })
}

interface OrderMandate {
  readonly mandate: Mandate
  readonly found?: readonly Problem[]
}

async function orderBroadcast(
  deps: OrderDeps,
  actor: Actor,
  schemeId: string,
  {
    id,
    order,
    mandateOf,
    permission,
    event,
  }: {
    readonly id: string
    readonly order: AlertRequest
    readonly mandateOf: (open: OpenAlert, tx: Tx) => OrderMandate | Promise<OrderMandate>
    readonly permission: Permission
    readonly event: AlertEvent
  },
): Promise<AlertView> {
  authorize(actor, permission, schemeId)
  // The broadcast's start time is taken here, so that the duration of this transaction counts as waiting time.
  const orderedAt = deps.now()
  const { row, broadcast } = await inOrderTurn(deps.db, schemeId, async (tx) => {
    const open = await openAlert(tx, actor, schemeId, id, { event, version: order.version, at: orderedAt })
    await requireSeenAudience(tx, schemeId, open, event, order.audience)
    return orderAlert(tx, deps, actor, schemeId, {
      open,
      order: {
        ...(await mandateOf(open, tx)),
        at: orderedAt,
        confirmNear: order.confirmNear,
      },
    })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  deps.live.publish({ type: 'report', schemeId, reportId: row.reportId })
  // Returns the ordered alert without reading it again, which would delay the first message.
  return alertViewOf(row, [progressOfFresh(broadcast, id)], eyesOf(actor, schemeId))
}
