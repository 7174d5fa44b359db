import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import {
  AnswerDataRequest,
  DataRequestList,
  DataRequestQuery,
  DataRequestView,
  ErasurePreview,
  ErasureQuery,
  NewDataRequest,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const dataRequestEndpoints = declareEndpoints('privacy', {
  listDataRequests: {
    method: 'GET',
    path: '/api/schemes/:scheme/data-requests',
    permission: 'request.manage',
    summary: 'List data subject requests (GDPR), by deadline',
    params: InScheme,
    query: DataRequestQuery,
    answer: DataRequestList,
  },
  enterDataRequest: {
    method: 'POST',
    path: '/api/schemes/:scheme/data-requests',
    permission: 'request.manage',
    summary: 'Record a data subject request (GDPR)',
    params: InScheme,
    body: NewDataRequest,
    answer: DataRequestView,
    status: 201,
  },
  previewErasure: {
    method: 'GET',
    path: '/api/schemes/:scheme/data-requests/:id/erasure',
    permission: 'request.manage',
    summary: 'Show whom and what granting an erasure request would erase',
    params: InScheme.extend({ id: z.uuid() }),
    query: ErasureQuery,
    answer: ErasurePreview,
  },
  answerDataRequest: {
    method: 'POST',
    path: '/api/schemes/:scheme/data-requests/:id/answer',
    permission: 'request.manage',
    needsFactor: true,
    summary: 'Answer a data subject request; the answer to an erasure request erases the data permanently',
    params: InScheme.extend({ id: z.uuid() }),
    body: AnswerDataRequest,
    answer: DataRequestView,
  },
})
