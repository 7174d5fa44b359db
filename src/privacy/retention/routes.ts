import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { getPrivacyFacts, getRegister, getRetention } from './actions.ts'
import { PrivacyFacts, RetentionView } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

/** How long data is kept, what left, and the register of processing. */
export function retentionRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  const tags = ['privacy']
  app.get(
    '/api/schemes/:scheme/retention',
    {
      config: { permission: 'retention.read' },
      schema: {
        tags,
        summary: 'How long each kind of data is kept, and what left when',
        params: InScheme,
        response: { 200: RetentionView },
      },
    },
    (request) => getRetention(deps, request.actor, request.params.scheme),
  )

  app.get(
    '/api/schemes/:scheme/register.md',
    {
      config: { permission: 'retention.read' },
      schema: {
        tags,
        summary: 'Register of processing and a first draft of the impact assessment, in French, as Markdown',
        params: InScheme,
      },
    },
    async (request, reply) =>
      reply
        .type('text/markdown; charset=utf-8')
        .header('content-disposition', `attachment; filename="registre-${request.params.scheme}.md"`)
        .send(await getRegister(deps, request.actor, request.params.scheme)),
  )
}

/** What everybody may read of how a scheme treats their data. */
export function publicPrivacyRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  app.get(
    '/api/public/schemes/:scheme/privacy',
    {
      config: { permission: 'public', rateLimit: { max: 120, timeWindow: 60_000, groupId: 'privacy' } },
      schema: {
        tags: ['public'],
        summary: 'What the privacy notice of a scheme is written from',
        params: InScheme,
        response: { 200: PrivacyFacts },
      },
    },
    (request) => getPrivacyFacts(deps, request.params.scheme),
  )
}
