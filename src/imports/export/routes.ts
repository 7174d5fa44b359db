import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { MemberFilter } from '../../members/contract.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { exportCsv, exportXlsx } from './actions.ts'

const InScheme = z.object({ scheme: SchemeCode })
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Endpoints to download the member list, in the format of the import. */
export function memberExportRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  app.get(
    '/api/schemes/:scheme/members.csv',
    {
      config: { permission: 'member.export' },
      schema: {
        tags: ['members'],
        summary: 'Members that match the filters, as a CSV file that the import reads',
        params: InScheme,
        querystring: MemberFilter,
      },
    },
    async ({ actor, params, query }, reply) => {
      const pieces = await exportCsv(deps, actor, params.scheme, query)
      return reply
        .header('content-disposition', `attachment; filename="adherents-${params.scheme}.csv"`)
        .type('text/csv; charset=utf-8')
        .send(Readable.from(pieces))
    },
  )

  app.get(
    '/api/schemes/:scheme/members.xlsx',
    {
      config: { permission: 'member.export' },
      schema: {
        tags: ['members'],
        summary: 'The same as a workbook',
        params: InScheme,
        querystring: MemberFilter,
      },
    },
    async ({ actor, params, query }, reply) => {
      const bytes = await exportXlsx(deps, actor, params.scheme, query)
      return reply
        .header('content-disposition', `attachment; filename="adherents-${params.scheme}.xlsx"`)
        .type(XLSX)
        .send(Buffer.from(bytes))
    },
  )
}
