import { z } from 'zod'
import { LettersQuery } from '../../dues/letters-query.ts'
import { MemberFilter } from '../../members/contract.ts'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const memberExportEndpoints = declareEndpoints('members', {
  exportMembersCsv: {
    method: 'GET',
    path: '/api/schemes/:scheme/members.csv',
    permission: 'member.export',
    needsFactor: true,
    summary: 'Export the members that match the filters as CSV, which can be imported again',
    params: InScheme,
    query: MemberFilter,
    produces: 'text/csv',
  },
  exportMembersXlsx: {
    method: 'GET',
    path: '/api/schemes/:scheme/members.xlsx',
    permission: 'member.export',
    needsFactor: true,
    summary: 'Export the members that match the filters as a workbook (XLSX)',
    params: InScheme,
    query: MemberFilter,
    produces: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
  exportLettersCsv: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/letters.csv',
    permission: 'dues.manage',
    summary: 'Export what members owe, with their addresses, as CSV for a mail merge',
    params: InScheme,
    query: LettersQuery,
    produces: 'text/csv',
  },
  exportLettersXlsx: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/letters.xlsx',
    permission: 'dues.manage',
    summary: 'Export what members owe, with their addresses, as a workbook (XLSX) for a mail merge',
    params: InScheme,
    query: LettersQuery,
    produces: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
})
