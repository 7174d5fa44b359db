import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'

/** GET /api/portal/shops/:scheme/:member/report-form: the initial values of this shop's report form. */
export const OwnReportForm = z.object({
  categories: z.array(z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string() })),
  commune: z.string(),
  /** The shop's location, in words. */
  place: z.string(),
  /** Minutes after the offence from which a reason for the delay is required. */
  lateAfterMinutes: z.number(),
})
export type OwnReportForm = z.infer<typeof OwnReportForm>

/** POST /api/portal/shops/:scheme/:member/reports */
export const NewOwnReport = z.object({
  id: ClientId.optional(),
  categoryCode: z.string().max(60).default(''),
  /** The place within the shop's commune. */
  place: z.string().trim().max(200).default(''),
  /** When it happened; now if absent. */
  occurredAt: z.iso.datetime({ offset: true }).optional(),
  lateReason: z.string().trim().max(300).default(''),
  /** Direction and means of flight. */
  flight: z.string().trim().max(200).default(''),
  facts: z.string().trim().max(1000).default(''),
  /** Whether the merchant called 17 too. Otherwise the report does not count as a call. */
  called17: z.boolean().default(false),
})
export type NewOwnReport = z.infer<typeof NewOwnReport>

/** A report as its author follows it. */
export const OwnReportView = z.object({
  id: z.uuid(),
  category: z.object({ labelFr: z.string(), labelEn: z.string() }),
  place: z.string().nullable(),
  facts: z.string().nullable(),
  occurredAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  /** `taken`: an operator has claimed it, or had. `closed`: no alert. */
  state: z.enum(['received', 'taken', 'broadcast', 'closed']),
  decidedAt: z.iso.datetime().nullable(),
  /** The operators' answer, if any. */
  answer: z.string().nullable(),
})
export type OwnReportView = z.infer<typeof OwnReportView>

/** GET /api/portal/shops/:scheme/:member/reports: the shop's latest reports, newest first. */
export const OwnReportList = z.object({ reports: z.array(OwnReportView) })
export type OwnReportList = z.infer<typeof OwnReportList>

nameSchemas({ NewOwnReport, OwnReportForm, OwnReportList, OwnReportView })
