import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'

const One = z.object({ scheme: SchemeCode, id: z.uuid() })

export const personFileEndpoints = declareEndpoints('privacy', {
  getFilePdf: {
    method: 'GET',
    path: '/api/schemes/:scheme/data-requests/:id/file.pdf',
    permission: 'request.manage',
    summary: 'Download what the chamber holds of the person of a data subject request, as PDF',
    params: One,
    produces: 'application/pdf',
  },
  getFileJson: {
    method: 'GET',
    path: '/api/schemes/:scheme/data-requests/:id/file.json',
    permission: 'request.manage',
    summary: 'Download what the chamber holds of the person of a data subject request, as JSON',
    params: One,
    produces: 'application/json',
  },
  getMemberFilePdf: {
    method: 'GET',
    path: '/api/schemes/:scheme/members/:id/file.pdf',
    permission: 'member.file',
    summary: 'Download what the chamber holds of a member of one’s trades, as PDF, for the member who asks',
    params: One,
    produces: 'application/pdf',
  },
  getMemberFileJson: {
    method: 'GET',
    path: '/api/schemes/:scheme/members/:id/file.json',
    permission: 'member.file',
    summary: 'Download what the chamber holds of a member of one’s trades, as JSON, for the member who asks',
    params: One,
    produces: 'application/json',
  },
})
