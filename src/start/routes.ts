import { auditRoutes } from '../alerts/audit/routes.ts'
import { memberHistoryRoutes } from '../alerts/history/routes.ts'
import { ownAlertRoutes } from '../alerts/own/routes.ts'
import { publicAlertRoutes } from '../alerts/public-routes.ts'
import { relayRoutes } from '../alerts/relays/routes.ts'
import { dataRequestRoutes } from '../alerts/requests/routes.ts'
import { publicPrivacyRoutes, retentionRoutes } from '../alerts/retention/routes.ts'
import { alertRoutes } from '../alerts/routes.ts'
import { publicFigureRoutes, statisticsRoutes } from '../alerts/statistics/routes.ts'
import { traceRoutes } from '../alerts/trace-routes.ts'
import { serviceMessageRoutes } from '../deliveries/messages/routes.ts'
import { deliveryRoutes, publicStatusRoutes } from '../deliveries/routes.ts'
import type { Deps } from '../deps.ts'
import { memberChangeRoutes } from '../members/changes/routes.ts'
import { cardRoutes } from '../members/dues/card-routes.ts'
import { debitRoutes } from '../members/dues/debit-routes.ts'
import { ownDuesRoutes } from '../members/dues/own-routes.ts'
import { duesRoutes } from '../members/dues/routes.ts'
import { publicEnrolmentRoutes } from '../members/enrolment/public-routes.ts'
import { enrolmentRoutes } from '../members/enrolment/routes.ts'
import { memberExportRoutes } from '../members/export/routes.ts'
import { mergeRoutes } from '../members/merge/routes.ts'
import { publicNumberRoutes } from '../members/numbers/public-routes.ts'
import { numberRoutes } from '../members/numbers/routes.ts'
import { paperRoutes } from '../members/papers/routes.ts'
import { portalRoutes } from '../members/portal/routes.ts'
import { ownShopRoutes } from '../members/portal/shop-routes.ts'
import { memberRoutes } from '../members/routes.ts'
import { memberUploadRoutes } from '../members/uploads/routes.ts'
import { memberViewRoutes } from '../members/views/routes.ts'
import type { App } from '../platform/http.ts'
import { ownReportRoutes } from '../reports/own/routes.ts'
import { reportRoutes } from '../reports/routes.ts'
import { seriesRoutes } from '../reports/series/routes.ts'
import { schemeRoutes } from '../schemes/routes.ts'
import { sectorRoutes } from '../schemes/sectors/routes.ts'
import { territoryRoutes } from '../territory/routes.ts'

/** The routes of every domain, in their order. */
export function domainRoutes(app: App, deps: Deps): void {
  territoryRoutes(app, deps)
  schemeRoutes(app, deps)
  sectorRoutes(app, deps)
  memberRoutes(app, deps)
  memberViewRoutes(app, deps)
  memberChangeRoutes(app, deps)
  memberUploadRoutes(app, deps)
  memberExportRoutes(app, deps)
  numberRoutes(app, deps)
  mergeRoutes(app, deps)
  publicNumberRoutes(app, deps)
  paperRoutes(app, deps)
  duesRoutes(app, deps)
  ownDuesRoutes(app, deps)
  debitRoutes(app, deps)
  cardRoutes(app, deps)
  enrolmentRoutes(app, deps)
  publicEnrolmentRoutes(app, deps)
  portalRoutes(app, deps)
  ownShopRoutes(app, deps)
  reportRoutes(app, deps)
  seriesRoutes(app, deps)
  deliveryRoutes(app, deps)
  publicStatusRoutes(app, deps)
  serviceMessageRoutes(app, deps)
  alertRoutes(app, deps)
  relayRoutes(app, deps)
  traceRoutes(app, deps)
  publicAlertRoutes(app, deps)
  statisticsRoutes(app, deps)
  retentionRoutes(app, deps)
  publicPrivacyRoutes(app, deps)
  dataRequestRoutes(app, deps)
  auditRoutes(app, deps)
  publicFigureRoutes(app, deps)
  ownReportRoutes(app, deps)
  ownAlertRoutes(app, deps)
  memberHistoryRoutes(app, deps)
}
