import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { answerDataRequest, enterDataRequest, listDataRequests } from './actions.ts'
import { AnswerDataRequest, DataRequestList, DataRequestView, NewDataRequest } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const tags = ['privacy']
const path = '/api/schemes/:scheme/data-requests'

/** What people ask of their data, and what was answered. */
export function dataRequestRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId'>): void {
  app.get(
    path,
    {
      config: { permission: 'request.manage' },
      schema: {
        tags,
        summary: 'What people asked of their data, by its deadline',
        params: InScheme,
        response: { 200: DataRequestList },
      },
    },
    (request) => listDataRequests(deps, request.actor, request.params.scheme),
  )
  app.post(
    path,
    {
      config: { permission: 'request.manage' },
      schema: {
        tags,
        summary: 'Enter what somebody asked of their data',
        params: InScheme,
        body: NewDataRequest,
        response: { 201: DataRequestView },
      },
    },
    async (request, reply) =>
      reply
        .status(201)
        .send(await enterDataRequest(deps, request.actor, request.params.scheme, request.body)),
  )
  app.post(
    `${path}/:id/answer`,
    {
      config: { permission: 'request.manage' },
      schema: {
        tags,
        summary: 'Answer it; an erasure is carried out by it, for good',
        params: InScheme.extend({ id: z.uuid() }),
        body: AnswerDataRequest,
        response: { 200: DataRequestView },
      },
    },
    (request) =>
      answerDataRequest(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
}
