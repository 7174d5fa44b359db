import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { publicNumberEndpoints } from './endpoints.ts'
import { getNumberQuestion, recordNumberAnswer } from './reconfirm.ts'

/** The page behind the link of a yearly message; it needs no sign-in. */
export function publicNumberRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
): void {
  addEndpoint(app, publicNumberEndpoints.getNumberQuestion, (request) => {
    return getNumberQuestion(deps, request.params.token)
  })

  addEndpoint(app, publicNumberEndpoints.recordNumberAnswer, (request) => {
    return recordNumberAnswer(deps, request.params.token, request.body)
  })
}
