import { z } from 'zod'
import { declareEndpoints } from '../../platform/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { AnswerDataRequest, DataRequestList, DataRequestView, NewDataRequest } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const dataRequestEndpoints = declareEndpoints('privacy', {
  listDataRequests: {
    method: 'GET',
    path: '/api/schemes/:scheme/data-requests',
    permission: 'request.manage',
    summary: 'What people asked of their data, by its deadline',
    params: InScheme,
    answer: DataRequestList,
  },
  enterDataRequest: {
    method: 'POST',
    path: '/api/schemes/:scheme/data-requests',
    permission: 'request.manage',
    summary: 'Enter what somebody asked of their data',
    params: InScheme,
    body: NewDataRequest,
    answer: DataRequestView,
    status: 201,
  },
  answerDataRequest: {
    method: 'POST',
    path: '/api/schemes/:scheme/data-requests/:id/answer',
    permission: 'request.manage',
    summary: 'Answer it; an erasure is carried out by it, for good',
    params: InScheme.extend({ id: z.uuid() }),
    body: AnswerDataRequest,
    answer: DataRequestView,
  },
})
