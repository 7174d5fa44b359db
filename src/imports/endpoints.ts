import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { ImportAnswer, ImportQuery } from './contract.ts'
import { LIST_TYPES, MAX_BYTES } from './list-files.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const importEndpoints = declareEndpoints('members', {
  importMembers: {
    method: 'POST',
    path: '/api/schemes/:scheme/members/import',
    permission: 'member.import',
    summary: 'Import a list of members in one request, CSV or XLSX, or check what of it is ready (dryRun)',
    params: InScheme,
    query: ImportQuery,
    body: z.instanceof(Uint8Array),
    consumes: LIST_TYPES,
    answer: ImportAnswer,
    bodyLimit: MAX_BYTES + 1,
  },
})
