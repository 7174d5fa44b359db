import { z } from 'zod'
import { Point } from '../../territory/contract.ts'

/** Days in which reports are looked at for what they have in common. */
export const SERIES_DAYS = 30

/** A report as a series shows it. */
export const SeriesReport = z.object({
  id: z.uuid(),
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: z.string() }),
  commune: z.object({ code: z.string(), name: z.string(), point: Point.nullable() }),
  place: z.string().nullable(),
  facts: z.string().nullable(),
  calledAt: z.iso.datetime(),
  occurredAt: z.iso.datetime(),
  state: z.enum(['waiting', 'broadcast', 'refused']),
  alert: z.object({ id: z.uuid(), reference: z.string(), state: z.string() }).nullable(),
})
export type SeriesReport = z.infer<typeof SeriesReport>

/** What reports have in common. */
export const Common = z.object({
  /** Whether all are of one category. */
  sameCategory: z.boolean(),
  /** Between the two farthest apart; null: the place of none or one is known. */
  kilometres: z.number().nullable(),
  /** From the first to the last. */
  hours: z.number(),
  /** Words that several of them tell. */
  words: z.array(z.string()),
})
export type Common = z.infer<typeof Common>

/** Incidents that somebody holds for the work of the same people. */
export const SeriesView = z.object({
  id: z.uuid(),
  /** Null: called by its category and places. */
  title: z.string().nullable(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  common: Common,
  /** The first incident first. */
  reports: z.array(SeriesReport),
})
export type SeriesView = z.infer<typeof SeriesView>

/** Reports to link, to each other or to a series there is. */
export const SeriesProposal = z.object({
  seriesId: z.uuid().nullable(),
  /** From 0 to 1: how alike they are. */
  score: z.number(),
  /** Of these reports, and of those of the series. */
  common: Common,
  /** Those to link, the first incident first. */
  reports: z.array(SeriesReport),
})
export type SeriesProposal = z.infer<typeof SeriesProposal>

/** Two reports, by their ids. */
const ReportPair = z.tuple([z.uuid(), z.uuid()])

/** Reports that somebody said, in one act, do not belong together. */
export const SetApart = z.object({
  saidAt: z.iso.datetime(),
  saidBy: z.string(),
  /** The first incident first. */
  reports: z.array(SeriesReport),
  /** Exactly what was said, to be taken back. */
  pairs: z.array(ReportPair),
})
export type SetApart = z.infer<typeof SetApart>

/**
 * GET /series: the series with the latest incident first, then what is proposed, the most alike first, and what was set
 * apart, the latest first.
 */
export const SeriesPage = z.object({
  series: z.array(SeriesView),
  proposals: z.array(SeriesProposal),
  apart: z.array(SetApart),
})
export type SeriesPage = z.infer<typeof SeriesPage>

const ReportIds = z.array(z.uuid()).min(1).max(50)

/** POST /series: two reports at least. */
export const NewSeries = z.object({
  title: z.string().trim().max(120).optional(),
  reportIds: ReportIds.min(2),
})
export type NewSeries = z.infer<typeof NewSeries>

/** POST /series/:id/link, /series/:id/unlink */
export const SeriesReports = z.object({ reportIds: ReportIds })
export type SeriesReports = z.infer<typeof SeriesReports>

/** PUT /series/:id. An empty title: called by its category and places. */
export const SeriesTitle = z.object({ title: z.string().trim().max(120) })
export type SeriesTitle = z.infer<typeof SeriesTitle>

/** POST /series/apart: they do not belong together, and are not proposed again. */
export const Apart = z.object({
  reportIds: ReportIds,
  /** They do not belong to the reports of this series. */
  seriesId: z.uuid().nullable().default(null),
})
export type Apart = z.infer<typeof Apart>

/** POST /series/together: takes that back, of each of these pairs. */
export const Together = z.object({ pairs: z.array(ReportPair).min(1).max(2500) })
export type Together = z.infer<typeof Together>
