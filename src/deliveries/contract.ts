import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { LANES } from './lanes.ts'

/**
 * Number of deliveries of a broadcast by state. The states add up: planned (total) = waiting + accepted + delivered +
 * inDoubt + failed + expired + withdrawn.
 */
export const Progress = z.object({
  planned: z.number(),
  /** Not handed to the provider yet. */
  waiting: z.number(),
  /** Accepted by the provider, not known as delivered yet. */
  accepted: z.number(),
  delivered: z.number(),
  inDoubt: z.number(),
  failed: z.number(),
  expired: z.number(),
  withdrawn: z.number(),
  possibleDuplicates: z.number(),
  /** Messages sent a second time, which costs as much again: the memory of their phones was full. */
  resent: z.number(),
  state: z.enum(['running', 'settling', 'stopped', 'done']),
  orderedAt: z.iso.datetime(),
  /** Milliseconds from the order; null: not yet. */
  firstSubmitMs: z.number().nullable(),
  allAcceptedMs: z.number().nullable(),
  doneMs: z.number().nullable(),
})
export type Progress = z.infer<typeof Progress>

export const DeliveryStateName = z.enum([
  'planned',
  'accepted',
  'delivered',
  'in_doubt',
  'failed',
  'expired',
  'withdrawn',
])

export const DeliveryView = z.object({
  no: z.number(),
  member: z.object({ id: z.uuid(), name: z.string() }),
  commune: z.object({ code: z.string(), name: z.string() }),
  trade: z.string(),
  /** Masked: +33 6 ** ** ** 42. */
  phone: z.string(),
  state: DeliveryStateName,
  possibleDuplicate: z.boolean(),
  attempts: z.number(),
  /** The refusal or failure, as text in the reader's language. */
  error: z.string().nullable(),
  /** The second sending to a phone whose memory was full; null: none. */
  second: z.object({ at: z.iso.datetime(), isSent: z.boolean() }).nullable(),
  acceptedAt: z.iso.datetime().nullable(),
  settledAt: z.iso.datetime().nullable(),
})
export type DeliveryView = z.infer<typeof DeliveryView>

export const DeliveryQuery = z.object({
  /** The message, where the alert has several; absent: the first. */
  broadcast: z.uuid().optional(),
  state: DeliveryStateName.optional(),
  /** `no` of the last row of the previous page. */
  after: z.coerce.number().int().max(2_147_483_647).min(0).default(0),
  /** Rows of that state to skip after `after`, for a screen that jumps to any page. */
  offset: z.coerce.number().int().min(0).max(10_000_000).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export type DeliveryQuery = z.infer<typeof DeliveryQuery>

/** Counts in parts since the process started. The differences over time give rates. */
export const GatewayTotalsView = z.object({
  submitted: z.number(),
  accepted: z.number(),
  refused: z.number(),
  throttled: z.number(),
  unanswered: z.number(),
  receipts: z.number(),
  /** Receipts stored because they matched no message, and those of them matched later. */
  unknownReceipts: z.number().default(0),
  foundReceipts: z.number().default(0),
  linksLost: z.number(),
  /** Milliseconds between submissions and their answers, summed. */
  answerMs: z.number(),
  /** Counts by code: SMPP command_status in decimal. */
  refusals: z.record(z.string(), z.number()),
})

/** Receipts of the last ten minutes. `unknown`: those that match no message so far. */
export const ReceiptCounts = z.object({ received: z.number(), unknown: z.number() })

/**
 * Whether a gateway is used. `closed`: yes. `open`: it failed, others carry its traffic. `half_open`: one small lot is
 * being tried.
 */
export const Circuit = z.enum(['closed', 'open', 'half_open'])
export type Circuit = z.infer<typeof Circuit>

/** The state of a gateway in one worker, written on each heartbeat (`workers.gateways`). */
export const GatewayReport = z.object({
  name: z.string(),
  kind: z.enum(['smpp', 'ovh', 'smsmode', 'twilio', 'http']),
  simulated: z.boolean(),
  state: z.enum(['connecting', 'bound', 'down', 'stopped']),
  circuit: Circuit,
  inFlight: z.number(),
  /** This worker's share of the contract: unanswered submissions, parts per second (null: no limit). */
  window: z.number(),
  partsPerSecond: z.number().nullable(),
  silentMs: z.number(),
  /** A key of the message files and its values. */
  lastError: z
    .object({ key: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) })
    .nullable(),
  /** Times of the current state and of the last error. Absent: not recorded. */
  stateSince: z.iso.datetime().optional(),
  errorSince: z.iso.datetime().optional(),
  totals: GatewayTotalsView,
  recentReceipts: ReceiptCounts.default({ received: 0, unknown: 0 }),
  /** Times between acceptance and delivery since the start of the process, by lane (delivery-times.ts). */
  laneTimes: z
    .partialRecord(z.enum(LANES), z.object({ counts: z.array(z.number()).readonly(), seconds: z.number() }))
    .default({}),
})
export type GatewayReport = z.infer<typeof GatewayReport>

/** Details of the state of a route, summed over the live workers. */
export const RouteDetails = z.object({
  kind: GatewayReport.shape.kind,
  inFlight: z.number(),
  window: z.number(),
  partsPerSecond: z.number().nullable(),
  /** The longest wait of a worker without any answer, in milliseconds. */
  silentMs: z.number(),
  /** As text in the reader's language. */
  lastError: z.string().nullable(),
  stateSince: z.iso.datetime().nullable(),
  errorSince: z.iso.datetime().nullable(),
  /** The instant of these totals: the mean time of the heartbeats that reported them. */
  totalsAt: z.iso.datetime(),
  totals: GatewayTotalsView,
  recentReceipts: ReceiptCounts,
  /** The most frequent refusals first, as text. */
  refusals: z.array(z.object({ code: z.number(), count: z.number(), meaning: z.string() })),
  /** Number of workers that use it. */
  workers: z.number(),
})
export type RouteDetails = z.infer<typeof RouteDetails>

/** The state of a gateway over all live workers. */
export const RouteView = z.object({
  name: z.string(),
  simulated: z.boolean(),
  /** `bound` when one worker at least is bound. */
  state: GatewayReport.shape.state,
  /** `closed` when every worker uses it, `open` when none does, else `half_open`. */
  circuit: Circuit,
  /** Null for a reader without the right `route.read`. */
  details: RouteDetails.nullable(),
})
export type RouteView = z.infer<typeof RouteView>

export const WorkerView = z.object({
  id: z.string(),
  name: z.string(),
  startedAt: z.iso.datetime(),
  /** Milliseconds since its last heartbeat, by the clock of the database. */
  beatMs: z.number(),
  isAlive: z.boolean(),
})
export type WorkerView = z.infer<typeof WorkerView>

/** GET /api/schemes/:scheme/routes: the SMS routes and the workers of the installation. */
export const RoutesView = z.object({
  /** When these figures were read. */
  at: z.iso.datetime(),
  /** In the order of the settings; empty when no worker is alive. */
  routes: z.array(RouteView),
  /** The latest started first. Null for a reader without the right `route.read`. */
  workers: z.array(WorkerView).nullable(),
})
export type RoutesView = z.infer<typeof RoutesView>

/** One rule of the routing, as far as it concerns a scheme. */
const OrderedRule = z.object({
  /** Beginnings of the numbers that it is for; null: the other numbers, or all. */
  prefixes: z.array(z.string()).nullable(),
  /** `first`: the first gateway that works carries everything. `weighted`: shared by those that work. */
  order: z.enum(['first', 'weighted']),
  gateways: z.array(
    z.object({
      name: z.string(),
      kind: GatewayReport.shape.kind,
      /** Null: no process that sends reports it. */
      state: GatewayReport.shape.state.nullable(),
      circuit: Circuit.nullable(),
      /** `next` takes over when the one that carries now fails; `out`: it does not work now. */
      turn: z.enum(['now', 'next', 'later', 'out']),
      /** The share of what leaves now that it takes, 0 to 1; null where there is no sharing. */
      share: z.number().nullable(),
      /** Rate of the contract; null: no limit. */
      partsPerSecond: z.number().nullable(),
      window: z.number(),
    }),
  ),
})

/** GET /api/schemes/:scheme/route-order: the order in which the SMS of a scheme take the gateways. */
export const RouteOrderView = z.object({
  at: z.iso.datetime(),
  /** Whether every message is simulated, as in the demo. */
  simulated: z.boolean(),
  /** The first that matches a number applies. */
  rules: z.array(OrderedRule),
  /** The rules for exercises; empty when every message is simulated. */
  exercise: z.array(OrderedRule),
  /** The most urgent first. */
  lanes: z.array(
    z.object({
      lane: z.enum(LANES),
      /** Seconds after which a submission without an answer is sent again; null: never. */
      inDoubtSeconds: z.number().nullable(),
    }),
  ),
})
export type RouteOrderView = z.infer<typeof RouteOrderView>

/** GET /api/public/schemes/:scheme/status: the public status of the SMS service. */
export const ServiceStatus = z.object({
  /** When it was read. */
  at: z.iso.datetime(),
  /** As in `ServiceHealth` (route-health.ts). */
  messages: z.enum(['up', 'degraded', 'opening', 'down']),
  /** When the last SMS of an alert was handed to the provider, exercises excluded; null: none yet. */
  lastSentAt: z.iso.datetime().nullable(),
})
export type ServiceStatus = z.infer<typeof ServiceStatus>

/** One event of a delivery. */
export const DeliveryStep = z.object({
  /** Null: not recorded in the ledger. */
  at: z.iso.datetime().nullable(),
  kind: z.enum([
    'planned',
    'corrected',
    'refused',
    'unanswered',
    'accepted',
    'accepted_late',
    'memory_full',
    'part_delivered',
    'delivered',
    'failed',
    'expired',
    'withdrawn',
    'stray_receipt',
  ]),
  /** Name of the gateway. */
  route: z.string().nullable(),
  /** The provider's ids, one per part. */
  messageIds: z.array(z.string()),
  /** SMPP command_status of a refusal, or the network error of a failed receipt. */
  code: z.number().nullable(),
  /** As text in the reader's language. */
  text: z.string(),
})
export type DeliveryStep = z.infer<typeof DeliveryStep>

/** GET /api/schemes/:scheme/alerts/:id/deliveries/:no: all events of one delivery, in order. */
export const DeliveryExplanation = z.object({ delivery: DeliveryView, steps: z.array(DeliveryStep) })
export type DeliveryExplanation = z.infer<typeof DeliveryExplanation>

nameSchemas({
  ReceiptCounts,
  Circuit,
  DeliveryExplanation,
  DeliveryStateName,
  DeliveryStep,
  DeliveryView,
  GatewayTotalsView,
  Progress,
  RouteDetails,
  RouteOrderView,
  RouteView,
  RoutesView,
  ServiceStatus,
  WorkerView,
})
