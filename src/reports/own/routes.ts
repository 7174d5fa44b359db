import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { getReportForm, listOwnReports, reportFromShop } from './actions.ts'
import { ownReportEndpoints } from './endpoints.ts'

/** Endpoints for a contact to report from its shop. */
export function ownReportRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
): void {
  addEndpoint(app, ownReportEndpoints.getReportForm, ({ actor, params }) => {
    return getReportForm(deps, actor, { schemeId: params.scheme, memberId: params.member })
  })

  addEndpoint(app, ownReportEndpoints.listOwnReports, ({ actor, params }) => {
    return listOwnReports(deps, actor, { schemeId: params.scheme, memberId: params.member })
  })

  addEndpoint(app, ownReportEndpoints.reportFromShop, ({ actor, params, body }) => {
    const of = { schemeId: params.scheme, memberId: params.member }
    return reportFromShop(deps, actor, of, body)
  })
}
