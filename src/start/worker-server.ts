import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { App } from '../platform/http/http.ts'
import { answerError } from './http/answers.ts'
import { healthRoutes } from './http/health.ts'
import { createApp } from './http/http.ts'
import { bareHeaders } from './http/listen.ts'
import { webhookRoutes } from './http/webhooks.ts'
import { metricsRoutes } from './metrics/metrics.ts'

/** Builds the HTTP server of a worker without listening. It has no sign-in: every route is public. */
export async function buildWorkerServer(
  deps: Deps,
  isReady: () => boolean,
  isLeaving?: () => boolean,
): Promise<App> {
  const app = createApp(deps)
  app.addHook('onRoute', (route) => {
    if (route.config?.permission !== 'public') {
      throw new Error(`route ${route.method} ${route.url} of a worker is not public`)
    }
  })
  const headers = bareHeaders(deps.config.baseUrl)
  app.addHook('onRequest', async (_request, reply) => void reply.headers(headers))
  app.setNotFoundHandler((request, reply) => answerError(new AppError('not_found'), request, reply))
  metricsRoutes(app, deps)
  healthRoutes(app, deps, { isReady, ...(isLeaving && { isLeaving }) })
  webhookRoutes(app, deps.gateways)
  await app.ready()
  return app
}
