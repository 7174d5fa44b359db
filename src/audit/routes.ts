import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import { type AuditDeps, checkChainNow, exportAudit, getChain, listAudit } from './actions.ts'
import { NO_SCHEME } from './chain.ts'
import { auditEndpoints } from './endpoints.ts'

/** Registers the endpoints of the audit records: of each scheme, and of the installation. */
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
    return sendCsv(reply, params.scheme, pieces)
  })
  addEndpoint(app, auditEndpoints.listInstallationAudit, ({ actor, query }) =>
    listAudit(deps, actor, NO_SCHEME, query),
  )
  addEndpoint(app, auditEndpoints.getInstallationChain, ({ actor }) => getChain(deps, actor, NO_SCHEME))
  addEndpoint(app, auditEndpoints.checkInstallationChain, ({ actor }) =>
    checkChainNow(deps, actor, NO_SCHEME),
  )
  addEndpoint(app, auditEndpoints.exportInstallationAudit, async (request, reply) => {
    const { actor, query } = request
    const pieces = await exportAudit(deps, actor, NO_SCHEME, query, langOfRequest(request))
    return sendCsv(reply, 'installation', pieces)
  })
}

function sendCsv(reply: FastifyReply, name: string, pieces: AsyncGenerator<string>): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="audit-${name}.csv"`)
    .send(Readable.from(pieces))
}
