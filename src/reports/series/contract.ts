import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { SeverityName } from '../../schemes/doctrine.ts'
import { Point } from '../../territory/contract.ts'
import { AlertStateName } from '../contract.ts'

/** Reports of the last days that are compared with each other. */
export const SERIES_DAYS = 30

/** A report as part of a series. */
export const SeriesReport = z.object({
  id: z.uuid(),
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: SeverityName }),
  commune: z.object({ code: z.string(), name: z.string(), point: Point.nullable() }),
  place: z.string().nullable(),
  facts: z.string().nullable(),
  calledAt: z.iso.datetime(),
  occurredAt: z.iso.datetime(),
  state: z.enum(['waiting', 'broadcast', 'refused']),
  alert: z.object({ id: z.uuid(), reference: z.string(), state: AlertStateName }).nullable(),
})
export type SeriesReport = z.infer<typeof SeriesReport>

/** Common traits of reports. */
export const Common = z.object({
  /** Whether all have the same category. */
  sameCategory: z.boolean(),
  /** Distance between the two farthest apart; null if fewer than two places are known. */
  kilometres: z.number().nullable(),
  /** From the first to the last. */
  hours: z.number(),
  /** Words that several of them contain. */
  words: z.array(z.string()),
})
export type Common = z.infer<typeof Common>

/** Incidents that an operator considers the work of the same people. */
export const SeriesView = z.object({
  id: z.uuid(),
  /** Null: named by its category and places. */
  title: z.string().nullable(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  common: Common,
  /** First incident first. */
  reports: z.array(SeriesReport),
})
export type SeriesView = z.infer<typeof SeriesView>

/** Reports to link with each other or with an existing series. */
export const SeriesProposal = z.object({
  seriesId: z.uuid().nullable(),
  /** Similarity from 0 to 1. */
  score: z.number(),
  /** Common traits of these reports and those of the series. */
  common: Common,
  /** Reports to link, first incident first. */
  reports: z.array(SeriesReport),
})
export type SeriesProposal = z.infer<typeof SeriesProposal>

/** Ids of two reports. */
const ReportPair = z.tuple([z.uuid(), z.uuid()])

/** Reports that a user set apart in one request. */
export const SetApart = z.object({
  saidAt: z.iso.datetime(),
  saidBy: z.string(),
  /** First incident first. */
  reports: z.array(SeriesReport),
  /** The pairs that were set apart, to revert them exactly. */
  pairs: z.array(ReportPair),
})
export type SetApart = z.infer<typeof SetApart>

/** GET /series: series by latest incident, then proposals by similarity, then separations, latest first. */
export const SeriesPage = z.object({
  series: z.array(SeriesView),
  proposals: z.array(SeriesProposal),
  apart: z.array(SetApart),
})
export type SeriesPage = z.infer<typeof SeriesPage>

const ReportIds = z.array(z.uuid()).min(1).max(50)

/** POST /series: at least two reports. */
export const NewSeries = z.object({
  /** Chosen by the client, so that a request whose answer was lost can be sent again (ADR 22). */
  id: ClientId.optional(),
  title: z.string().trim().max(120).optional(),
  reportIds: ReportIds.min(2),
})
export type NewSeries = z.infer<typeof NewSeries>

/** POST /series/:id/link, /series/:id/unlink */
export const SeriesReports = z.object({ reportIds: ReportIds })
export type SeriesReports = z.infer<typeof SeriesReports>

/** PUT /series/:id. With an empty title it is named by its category and places. */
export const SeriesTitle = z.object({ title: z.string().trim().max(120) })
export type SeriesTitle = z.infer<typeof SeriesTitle>

/** POST /series/apart: sets reports apart, so that they are not proposed again. */
export const Apart = z.object({
  reportIds: ReportIds,
  /** Sets them apart from the reports of this series. */
  seriesId: z.uuid().nullable().default(null),
})
export type Apart = z.infer<typeof Apart>

/** POST /series/together: reverts the separation of each of these pairs. */
export const Together = z.object({ pairs: z.array(ReportPair).min(1).max(2500) })
export type Together = z.infer<typeof Together>

nameSchemas({
  Apart,
  Common,
  NewSeries,
  SeriesPage,
  SeriesProposal,
  SeriesReport,
  SeriesReports,
  SeriesTitle,
  SeriesView,
  SetApart,
  Together,
})
