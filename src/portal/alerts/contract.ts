import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { SeverityName } from '../../schemes/doctrine.ts'

/** An alert as shown to a contact whose member received it: the text that phones showed, and the outcome. */
export const OwnAlertView = z.object({
  id: z.uuid(),
  /** For example 63-26-0142. */
  reference: z.string(),
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string() }),
  severity: SeverityName,
  /** The place as the texts of the alert name it: "à Billom"; the alerted area for texts about an area. */
  placeWords: z.string(),
  /** The area that was alerted, in words. */
  areaLabel: z.string(),
  /** `cancelled`: sending was stopped. */
  state: z.enum(['open', 'over', 'cancelled']),
  /** The text that was sent. */
  text: z.string(),
  sentAt: z.iso.datetime(),
  /** When it ended or was stopped; null while it is open. */
  closedAt: z.iso.datetime().nullable(),
  /** When it ends unless a user ends it before: a client without a network shows it as over from then on. */
  expiresAt: z.iso.datetime(),
  /** Follow-ups, oldest first, with the text that was sent. */
  updates: z.array(
    z.object({
      id: z.uuid(),
      kind: z.enum(['update', 'correction', 'all_clear', 'closing', 'thanks']),
      text: z.string(),
      at: z.iso.datetime(),
    }),
  ),
  /** When this contact confirmed reading it; null if it has not. */
  readAt: z.iso.datetime().nullable(),
})
export type OwnAlertView = z.infer<typeof OwnAlertView>

/** GET /api/portal/shops/:scheme/:member/alerts */
export const OwnAlertQuery = z.object({
  /** The `next` of the previous page. */
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
})
export type OwnAlertQuery = z.infer<typeof OwnAlertQuery>

/** Alerts, latest first. */
export const OwnAlertList = z.object({
  alerts: z.array(OwnAlertView),
  /** The `after` of the next page; null on the last page. */
  next: z.uuid().nullable(),
})
export type OwnAlertList = z.infer<typeof OwnAlertList>

/**
 * Server-sent events of GET /api/portal/shops/:scheme/:member/live: `event:` is the type, `data:` one of these as JSON. Each
 * names what the client must read again.
 */
export const OwnLiveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('alert'), alertId: z.uuid() }),
  z.object({ type: z.literal('report'), reportId: z.uuid() }),
])
export type OwnLiveMessage = z.infer<typeof OwnLiveMessage>

nameSchemas({ OwnAlertList, OwnAlertView, OwnLiveMessage })
