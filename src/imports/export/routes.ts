import { Readable } from 'node:stream'
import type { Deps } from '../../deps.ts'
import { listLetterRows } from '../../dues/papers/letters.ts'
import { BYTE_ORDER_MARK, csvRow } from '../../platform/csv.ts'
import { inScheme } from '../../platform/db.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { readAloneLine } from '../../settings/alone.ts'
import { writeXlsx } from '../import/file/xlsx.ts'
import { exportCsv, exportXlsx } from './actions.ts'
import { memberExportEndpoints } from './endpoints.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Endpoints to download the member list, in the format of the import, and what members owe, for letters. */
export function memberExportRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config' | 'cards'>): void {
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

  addEndpoint(app, memberExportEndpoints.exportLettersCsv, async ({ actor, params, query }, reply) => {
    const rows = await listLetterRows(deps, actor, params.scheme, query, 'csv')
    return reply
      .headers({
        'content-disposition': `attachment; filename="appels-${params.scheme}.csv"`,
        'cache-control': 'no-store',
      })
      .type('text/csv; charset=utf-8')
      .send(BYTE_ORDER_MARK + rows.map(csvRow).join(''))
  })

  addEndpoint(app, memberExportEndpoints.exportLettersXlsx, async ({ actor, params, query }, reply) => {
    const rows = await listLetterRows(deps, actor, params.scheme, query, 'xlsx')
    const alone = await inScheme(deps.db, params.scheme, (tx) => readAloneLine(tx, params.scheme, 'fr'))
    return reply
      .headers({
        'content-disposition': `attachment; filename="appels-${params.scheme}.xlsx"`,
        'cache-control': 'no-store',
      })
      .type(XLSX)
      .send(Buffer.from(await writeXlsx('Appels', rows, alone)))
  })
}
