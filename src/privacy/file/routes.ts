import type { FastifyReply } from 'fastify'
import { type App, addEndpoint, langOfRequest } from '../../platform/http/http.ts'
import { sendPdf } from '../../platform/http/pdf-reply.ts'
import type { RetentionDeps } from '../retention/actions.ts'
import { getFileJson, getFilePdf } from './actions.ts'
import { personFileEndpoints } from './endpoints.ts'

/** Serves the file of a person who asked for access to their data. */
export function personFileRoutes(app: App, deps: RetentionDeps): void {
  addEndpoint(app, personFileEndpoints.getFilePdf, async (request, reply) => {
    const of = { of: { request: request.params.id }, lang: langOfRequest(request) }
    return sendPdf(reply, 'dossier.pdf', await getFilePdf(deps, request.actor, request.params.scheme, of))
  })

  addEndpoint(app, personFileEndpoints.getFileJson, async (request, reply) => {
    const of = { of: { request: request.params.id }, lang: langOfRequest(request) }
    return sendJson(reply, await getFileJson(deps, request.actor, request.params.scheme, of))
  })

  addEndpoint(app, personFileEndpoints.getMemberFilePdf, async (request, reply) => {
    const of = { of: { member: request.params.id }, lang: langOfRequest(request) }
    return sendPdf(reply, 'dossier.pdf', await getFilePdf(deps, request.actor, request.params.scheme, of))
  })

  addEndpoint(app, personFileEndpoints.getMemberFileJson, async (request, reply) => {
    const of = { of: { member: request.params.id }, lang: langOfRequest(request) }
    return sendJson(reply, await getFileJson(deps, request.actor, request.params.scheme, of))
  })
}

function sendJson(reply: FastifyReply, json: string) {
  return reply
    .type('application/json; charset=utf-8')
    .headers({ 'content-disposition': 'attachment; filename="dossier.json"', 'cache-control': 'no-store' })
    .send(json)
}
