import { z } from 'zod'
import { ImportQuery, ImportReport } from '../members/contract.ts'
import { declareEndpoints } from '../platform/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { LIST_TYPES, MAX_BYTES } from './list-files.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const importEndpoints = declareEndpoints('members', {
  importMembers: {
    method: 'POST',
    path: '/api/schemes/:scheme/members/import',
    permission: 'member.import',
    summary: 'Import a list of members in one request, CSV or XLSX',
    params: InScheme,
    query: ImportQuery,
    body: z.instanceof(Uint8Array),
    consumes: LIST_TYPES,
    answer: ImportReport,
    bodyLimit: MAX_BYTES + 1,
  },
})
