import { Readable } from 'node:stream'
import type { Deps } from '../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import { createReport, getReport, listReports, refuseReport } from './actions.ts'
import { claimReport, releaseReport } from './claims.ts'
import { reportEndpoints } from './endpoints.ts'
import { exportJournal, getReportStatistics } from './journal.ts'
import { deleteNote, listCallNotes, saveCallNote } from './notes.ts'

export function reportRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'replica' | 'now' | 'newId' | 'jobs' | 'live' | 'config'>,
): void {
  addEndpoint(app, reportEndpoints.createReport, (request) =>
    createReport(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, reportEndpoints.listReports, (request) =>
    listReports(deps, request.actor, request.params.scheme, request.query),
  )

  addEndpoint(app, reportEndpoints.getReportStatistics, (request) =>
    getReportStatistics(deps, request.actor, request.params.scheme, request.query),
  )

  addEndpoint(app, reportEndpoints.exportJournal, async (request, reply) => {
    const { scheme } = request.params
    const pieces = await exportJournal(deps, request.actor, scheme, request.query, langOfRequest(request))
    return reply
      .header('content-disposition', `attachment; filename="journal-${scheme}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(Readable.from(pieces))
  })

  addEndpoint(app, reportEndpoints.getReport, (request) =>
    getReport(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, reportEndpoints.refuseReport, (request) =>
    refuseReport(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  claimRoutes(app, deps)
  noteRoutes(app, deps)
}

function claimRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'live'>): void {
  addEndpoint(app, reportEndpoints.claimReport, (request) =>
    claimReport(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, reportEndpoints.releaseReport, (request) =>
    releaseReport(deps, request.actor, request.params.scheme, request.params.id),
  )
}

function noteRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, reportEndpoints.listCallNotes, (request) =>
    listCallNotes(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, reportEndpoints.saveCallNote, (request) =>
    saveCallNote(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, reportEndpoints.deleteCallNote, async (request) => {
    await deleteNote(deps, request.actor, request.params.scheme, request.params.id)
  })
}
