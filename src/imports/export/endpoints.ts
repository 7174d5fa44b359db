import { z } from 'zod'
import { MemberFilter } from '../../members/contract.ts'
import { declareEndpoints } from '../../platform/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const memberExportEndpoints = declareEndpoints('members', {
  exportMembersCsv: {
    method: 'GET',
    path: '/api/schemes/:scheme/members.csv',
    permission: 'member.export',
    summary: 'Export the members that match the filters as CSV, which can be imported again',
    params: InScheme,
    query: MemberFilter,
    produces: 'text/csv',
  },
  exportMembersXlsx: {
    method: 'GET',
    path: '/api/schemes/:scheme/members.xlsx',
    permission: 'member.export',
    summary: 'Export the members that match the filters as a workbook (XLSX)',
    params: InScheme,
    query: MemberFilter,
    produces: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
})
