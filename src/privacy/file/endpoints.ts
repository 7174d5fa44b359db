import { z } from 'zod'
import { declareEndpoints } from '../../platform/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'

const OfRequest = z.object({ scheme: SchemeCode, id: z.uuid() })

export const personFileEndpoints = declareEndpoints('privacy', {
  getFilePdf: {
    method: 'GET',
    path: '/api/schemes/:scheme/data-requests/:id/file.pdf',
    permission: 'request.manage',
    summary: 'Download what the chamber holds of the person of a data subject request, as PDF',
    params: OfRequest,
    produces: 'application/pdf',
  },
  getFileJson: {
    method: 'GET',
    path: '/api/schemes/:scheme/data-requests/:id/file.json',
    permission: 'request.manage',
    summary: 'Download what the chamber holds of the person of a data subject request, as JSON',
    params: OfRequest,
    produces: 'application/json',
  },
})
