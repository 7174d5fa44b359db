import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { type App, langOfRequest } from '../platform/http.ts'
import { createReport, getReport, listReports, refuseReport } from './actions.ts'
import { claimReport, releaseReport } from './claims.ts'
import {
  CallNote,
  CallNoteDraft,
  CallNoteList,
  ClaimReport,
  NewReport,
  RefuseReport,
  ReportList,
  ReportQuery,
  ReportView,
} from './contract.ts'
import { exportJournal, getStatistics } from './journal.ts'
import { JournalQuery, ReportStatistics, StatisticsQuery } from './journal-contract.ts'
import { deleteNote, listNotes, saveNote } from './notes.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const OneReport = InScheme.extend({ id: z.uuid() })

export function reportRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'live' | 'config'>,
): void {
  const tags = ['reports']
  const prefix = '/api/schemes/:scheme/reports'

  app.post(
    prefix,
    {
      config: { permission: 'report.create' },
      schema: {
        tags,
        summary: 'Record a call to 17',
        params: InScheme,
        body: NewReport,
        response: { 201: ReportView },
      },
    },
    async (request, reply) => {
      const report = await createReport(deps, request.actor, request.params.scheme, request.body)
      return reply.status(201).send(report)
    },
  )

  app.get(
    prefix,
    {
      config: { permission: 'report.read' },
      schema: {
        tags,
        summary: 'Reports, latest call first',
        params: InScheme,
        querystring: ReportQuery,
        response: { 200: ReportList },
      },
    },
    (request) => listReports(deps, request.actor, request.params.scheme, request.query),
  )

  app.get(
    `${prefix}/statistics`,
    {
      config: { permission: 'report.read' },
      schema: {
        tags,
        summary: 'Calls and decisions by month, reason of refusal and category',
        params: InScheme,
        querystring: StatisticsQuery,
        response: { 200: ReportStatistics },
      },
    },
    (request) => getStatistics(deps, request.actor, request.params.scheme, request.query),
  )

  app.get(
    `${prefix}.csv`,
    {
      config: { permission: 'report.read' },
      schema: {
        tags,
        summary: 'The journal as a CSV file, semicolons, UTF-8, numbers masked',
        params: InScheme,
        querystring: JournalQuery,
      },
    },
    async (request, reply) => {
      const { scheme } = request.params
      const pieces = await exportJournal(deps, request.actor, scheme, request.query, langOfRequest(request))
      return reply
        .header('content-disposition', `attachment; filename="journal-${scheme}.csv"`)
        .type('text/csv; charset=utf-8')
        .send(Readable.from(pieces))
    },
  )

  app.get(
    `${prefix}/:id`,
    {
      config: { permission: 'report.read' },
      schema: { tags, summary: 'One report', params: OneReport, response: { 200: ReportView } },
    },
    (request) => getReport(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.post(
    `${prefix}/:id/refuse`,
    {
      config: { permission: 'report.decide' },
      schema: {
        tags,
        summary: 'Refuse a report, with the reason',
        params: OneReport,
        body: RefuseReport,
        response: { 200: ReportView },
      },
    },
    (request) => refuseReport(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  claimRoutes(app, deps, prefix)
  noteRoutes(app, deps)
}

function claimRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'live'>, prefix: string): void {
  const tags = ['reports']

  app.post(
    `${prefix}/:id/claim`,
    {
      config: { permission: 'report.decide' },
      schema: {
        tags,
        summary: 'Claim a report, or renew the claim; it expires after 10 minutes without activity',
        params: OneReport,
        body: ClaimReport,
        response: { 200: ReportView },
      },
    },
    (request) => claimReport(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${prefix}/:id/release`,
    {
      config: { permission: 'report.decide' },
      schema: { tags, summary: 'Release a claim', params: OneReport, response: { 200: ReportView } },
    },
    (request) => releaseReport(deps, request.actor, request.params.scheme, request.params.id),
  )
}

function noteRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  const tags = ['reports']
  const prefix = '/api/schemes/:scheme/call-notes'

  app.get(
    prefix,
    {
      config: { permission: 'report.create' },
      schema: {
        tags,
        summary: 'List the user’s notes of calls being entered, kept for 24 hours',
        params: InScheme,
        response: { 200: CallNoteList },
      },
    },
    (request) => listNotes(deps, request.actor, request.params.scheme),
  )

  app.put(
    `${prefix}/:id`,
    {
      config: { permission: 'report.create' },
      schema: {
        tags,
        summary: 'Store a note of a call being entered, for its author only',
        params: OneReport,
        body: CallNoteDraft,
        response: { 200: CallNote },
      },
    },
    (request) => saveNote(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.delete(
    `${prefix}/:id`,
    {
      config: { permission: 'report.create' },
      schema: { tags, summary: 'Delete a note of a call', params: OneReport },
    },
    async (request, reply) => {
      await deleteNote(deps, request.actor, request.params.scheme, request.params.id)
      return reply.status(204).send()
    },
  )
}
