import { z } from 'zod'

/**
 * Where every delivery of a broadcast is. The states add up:
 * planned (total) = waiting + accepted + delivered + inDoubt + failed + expired + withdrawn.
 */
export const Progress = z.object({
  planned: z.number(),
  /** Not handed to the provider yet. */
  waiting: z.number(),
  /** Taken by the provider, not known as delivered yet. */
  accepted: z.number(),
  delivered: z.number(),
  inDoubt: z.number(),
  failed: z.number(),
  expired: z.number(),
  withdrawn: z.number(),
  possibleDuplicates: z.number(),
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
  /** The refusal or failure in words, in the reader's language. */
  error: z.string().nullable(),
  acceptedAt: z.iso.datetime().nullable(),
  settledAt: z.iso.datetime().nullable(),
})
export type DeliveryView = z.infer<typeof DeliveryView>

export const DeliveryQuery = z.object({
  state: DeliveryStateName.optional(),
  /** `no` of the last row of the page before. */
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export type DeliveryQuery = z.infer<typeof DeliveryQuery>

/** State of the SMS route, for the header. GET /api/schemes/:scheme/routes */
export const RouteView = z.object({
  name: z.string(),
  simulated: z.boolean(),
  state: z.enum(['connecting', 'bound', 'down', 'stopped']),
  inFlight: z.number(),
  window: z.number(),
  lastError: z.string().nullable(),
})
