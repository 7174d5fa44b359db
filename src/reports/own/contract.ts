import { z } from 'zod'

/** GET /api/portal/shops/:scheme/:member/report-form: what a report from this shop begins with. */
export const OwnReportForm = z.object({
  categories: z.array(z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string() })),
  commune: z.string(),
  /** The shop, in words. */
  place: z.string(),
  /** Minutes after the offence from which on why it comes so late must be said. */
  lateAfterMinutes: z.number(),
})
export type OwnReportForm = z.infer<typeof OwnReportForm>

/** POST /api/portal/shops/:scheme/:member/reports */
export const NewOwnReport = z.object({
  categoryCode: z.string().max(60).default(''),
  /** Where in the commune of the shop. */
  place: z.string().trim().max(200).default(''),
  /** When it happened; now when absent. */
  occurredAt: z.iso.datetime({ offset: true }).optional(),
  lateReason: z.string().trim().max(300).default(''),
  /** Where to, how. */
  flight: z.string().trim().max(200).default(''),
  facts: z.string().trim().max(1000).default(''),
})
export type NewOwnReport = z.infer<typeof NewOwnReport>

/** A report as whoever made it follows it. */
export const OwnReportView = z.object({
  id: z.uuid(),
  category: z.object({ labelFr: z.string(), labelEn: z.string() }),
  place: z.string().nullable(),
  facts: z.string().nullable(),
  occurredAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  /** `taken`: somebody is on it, or was. `closed`: no alert. */
  state: z.enum(['received', 'taken', 'broadcast', 'closed']),
  decidedAt: z.iso.datetime().nullable(),
  /** What the operators answered, where they did. */
  answer: z.string().nullable(),
})
export type OwnReportView = z.infer<typeof OwnReportView>

/** GET /api/portal/shops/:scheme/:member/reports: the last ones of the shop, latest first. */
export const OwnReportList = z.object({ reports: z.array(OwnReportView) })
export type OwnReportList = z.infer<typeof OwnReportList>
