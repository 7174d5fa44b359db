import { Readable } from 'node:stream'
import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http.ts'
import { exportCsv, exportXlsx } from './actions.ts'
import { memberExportEndpoints } from './endpoints.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Endpoints to download the member list, in the format of the import. */
export function memberExportRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, memberExportEndpoints.exportMembersCsv, async ({ actor, params, query }, reply) => {
    const pieces = await exportCsv(deps, actor, params.scheme, query)
    return reply
      .header('content-disposition', `attachment; filename="adherents-${params.scheme}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(Readable.from(pieces))
  })

  addEndpoint(app, memberExportEndpoints.exportMembersXlsx, async ({ actor, params, query }, reply) => {
    const bytes = await exportXlsx(deps, actor, params.scheme, query)
    return reply
      .header('content-disposition', `attachment; filename="adherents-${params.scheme}.xlsx"`)
      .type(XLSX)
      .send(Buffer.from(bytes))
  })
}
