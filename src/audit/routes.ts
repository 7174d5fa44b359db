import { Readable } from 'node:stream'
import { z } from 'zod'
import { type App, langOfRequest } from '../platform/http.ts'
import { type AuditDeps, checkChainNow, exportAudit, getChain, listAudit } from './actions.ts'
import { AuditFilter, AuditPage, AuditQuery, ChainView } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(40) })
const tags = ['privacy']
/** A check may read every entry of the scheme, so its rate is limited. */
const CHECKS = { max: 20, timeWindow: 60_000, groupId: 'audit-chain' }

/** Registers the endpoints of the audit record. */
export function auditRoutes(app: App, deps: AuditDeps): void {
  app.get(
    '/api/schemes/:scheme/audit',
    {
      config: { permission: 'audit.read' },
      schema: {
        tags,
        summary: 'The audit record, latest first',
        params: InScheme,
        querystring: AuditQuery,
        response: { 200: AuditPage },
      },
    },
    ({ actor, params, query }) => listAudit(deps, actor, params.scheme, query),
  )
  app.get(
    '/api/schemes/:scheme/audit/chain',
    {
      config: { permission: 'audit.read', rateLimit: CHECKS },
      schema: {
        tags,
        summary: 'Whether the audit record is intact, as its last check found',
        params: InScheme,
        response: { 200: ChainView },
      },
    },
    ({ actor, params }) => getChain(deps, actor, params.scheme),
  )
  app.post(
    '/api/schemes/:scheme/audit/chain',
    {
      config: { permission: 'audit.read', rateLimit: CHECKS },
      schema: {
        tags,
        summary: 'Check now whether the audit record is intact',
        params: InScheme,
        response: { 200: ChainView },
      },
    },
    ({ actor, params }) => checkChainNow(deps, actor, params.scheme),
  )
  app.get(
    '/api/schemes/:scheme/audit.csv',
    {
      config: { permission: 'audit.read' },
      schema: { tags, summary: 'The audit record as CSV', params: InScheme, querystring: AuditFilter },
    },
    async (request, reply) => {
      const { actor, params, query } = request
      const pieces = await exportAudit(deps, actor, params.scheme, query, langOfRequest(request))
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="audit-${params.scheme}.csv"`)
        .send(Readable.from(pieces))
    },
  )
}
