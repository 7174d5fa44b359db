import { type App, addEndpoint, langOfRequest } from '../../platform/http.ts'
import type { RetentionDeps } from '../retention/actions.ts'
import { getFileJson, getFilePdf } from './actions.ts'
import { personFileEndpoints } from './endpoints.ts'

/** Serves the file of a person who asked for access to their data. */
export function personFileRoutes(app: App, deps: RetentionDeps): void {
  addEndpoint(app, personFileEndpoints.getFilePdf, async (request, reply) => {
    const of = { id: request.params.id, lang: langOfRequest(request) }
    const pdf = await getFilePdf(deps, request.actor, request.params.scheme, of)
    return reply
      .type('application/pdf')
      .headers({ 'content-disposition': 'inline; filename="dossier.pdf"', 'cache-control': 'no-store' })
      .send(pdf)
  })

  addEndpoint(app, personFileEndpoints.getFileJson, async (request, reply) => {
    const of = { id: request.params.id, lang: langOfRequest(request) }
    const json = await getFileJson(deps, request.actor, request.params.scheme, of)
    return reply
      .type('application/json; charset=utf-8')
      .headers({ 'content-disposition': 'attachment; filename="dossier.json"', 'cache-control': 'no-store' })
      .send(json)
  })
}
