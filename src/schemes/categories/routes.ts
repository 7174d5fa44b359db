import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { addCategory, changeCategory, listCategories, orderCategories } from './actions.ts'
import { categoryEndpoints } from './endpoints.ts'

export function categoryRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config' | 'live'>,
): void {
  addEndpoint(app, categoryEndpoints.listCategories, ({ actor, params: { scheme } }) =>
    listCategories(deps, actor, scheme),
  )

  addEndpoint(app, categoryEndpoints.addCategory, ({ actor, params: { scheme }, body }) =>
    addCategory(deps, actor, scheme, body),
  )

  addEndpoint(app, categoryEndpoints.changeCategory, ({ actor, params: { scheme, code }, body }) =>
    changeCategory(deps, actor, scheme, code, body),
  )

  addEndpoint(app, categoryEndpoints.orderCategories, ({ actor, params: { scheme }, body: { codes } }) =>
    orderCategories(deps, actor, scheme, codes),
  )
}
