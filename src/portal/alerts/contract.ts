import { z } from 'zod'
import { SeverityName } from '../../schemes/doctrine.ts'

/** An alert as a contact whose member it was sent to reads it: what phones showed, and what became of it. */
export const OwnAlertView = z.object({
  id: z.uuid(),
  /** 63-26-0142 */
  reference: z.string(),
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string() }),
  severity: SeverityName,
  /** Whom it was for, in words. */
  areaLabel: z.string(),
  /** `cancelled`: it was stopped. */
  state: z.enum(['open', 'over', 'cancelled']),
  /** The text that was sent. */
  text: z.string(),
  sentAt: z.iso.datetime(),
  /** When it ended, or was stopped; null: it goes on. */
  closedAt: z.iso.datetime().nullable(),
  /** What followed it, oldest first, in the words that were sent. */
  updates: z.array(
    z.object({
      id: z.uuid(),
      kind: z.enum(['update', 'correction', 'all_clear', 'closing', 'thanks']),
      text: z.string(),
      at: z.iso.datetime(),
    }),
  ),
  /** When this contact said that they read it; null: not yet. */
  readAt: z.iso.datetime().nullable(),
})
export type OwnAlertView = z.infer<typeof OwnAlertView>

/** GET /api/portal/shops/:scheme/:member/alerts */
export const OwnAlertQuery = z.object({
  /** `next` of the page before. */
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
})
export type OwnAlertQuery = z.infer<typeof OwnAlertQuery>

/** Latest first. */
export const OwnAlertList = z.object({
  alerts: z.array(OwnAlertView),
  /** What to give as `after` for the next page; null on the last. */
  next: z.uuid().nullable(),
})
export type OwnAlertList = z.infer<typeof OwnAlertList>

/**
 * Server-sent events of GET /api/portal/shops/:scheme/:member/live: `event:` is the type, `data:` one of these as JSON. It
 * says what to read again.
 */
export const OwnLiveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('alert'), alertId: z.uuid() }),
  z.object({ type: z.literal('report'), reportId: z.uuid() }),
])
export type OwnLiveMessage = z.infer<typeof OwnLiveMessage>
