import { Readable } from 'node:stream'
import { type App, addEndpoint, langOfRequest } from '../platform/http.ts'
import { type AuditDeps, checkChainNow, exportAudit, getChain, listAudit } from './actions.ts'
import { auditEndpoints } from './endpoints.ts'

/** Registers the endpoints of the audit record. */
export function auditRoutes(app: App, deps: AuditDeps): void {
  addEndpoint(app, auditEndpoints.listAudit, ({ actor, params, query }) =>
    listAudit(deps, actor, params.scheme, query),
  )
  addEndpoint(app, auditEndpoints.getAuditChain, ({ actor, params }) => getChain(deps, actor, params.scheme))
  addEndpoint(app, auditEndpoints.checkAuditChain, ({ actor, params }) =>
    checkChainNow(deps, actor, params.scheme),
  )
  addEndpoint(app, auditEndpoints.exportAudit, async (request, reply) => {
    const { actor, params, query } = request
    const pieces = await exportAudit(deps, actor, params.scheme, query, langOfRequest(request))
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="audit-${params.scheme}.csv"`)
      .send(Readable.from(pieces))
  })
}
