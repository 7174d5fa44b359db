import { publicAlertRoutes } from '../../alerts/proof/public-routes.ts'
import { alertRoutes } from '../../alerts/routes.ts'
import { traceRoutes } from '../../alerts/trace/routes.ts'
import { wallRoutes } from '../../alerts/wall/routes.ts'
import { auditRoutes } from '../../audit/routes.ts'
import { mergeRoutes } from '../../changes/merge/routes.ts'
import { memberChangeRoutes } from '../../changes/routes.ts'
import { memberTagRoutes } from '../../changes/tags/routes.ts'
import { SEALS } from '../../commands/audit/seals.ts'
import { deliveryRoutes, publicStatusRoutes } from '../../deliveries/routes.ts'
import type { Deps } from '../../deps.ts'
import { bulkPaymentRoutes } from '../../dues/bulk/routes.ts'
import { cardRoutes } from '../../dues/collect/card-routes.ts'
import { debitRoutes } from '../../dues/collect/debit-routes.ts'
import { ownDuesRoutes } from '../../dues/own-routes.ts'
import { duesRoutes } from '../../dues/routes.ts'
import { statementRoutes } from '../../dues/statements/routes.ts'
import { publicEnrolmentRoutes } from '../../enrolment/public-routes.ts'
import { enrolmentRoutes } from '../../enrolment/routes.ts'
import { memberHistoryRoutes } from '../../history/routes.ts'
import { listAuthors, namesOfActors } from '../../identity/store.ts'
import { memberByHandRoutes } from '../../imports/by-hand/routes.ts'
import { memberExportRoutes } from '../../imports/export/routes.ts'
import { importRoutes } from '../../imports/routes.ts'
import { memberUploadRoutes } from '../../imports/uploads/routes.ts'
import { memberNoteRoutes } from '../../members/notes/routes.ts'
import { publicNumberRoutes } from '../../members/numbers/public-routes.ts'
import { numberRoutes } from '../../members/numbers/routes.ts'
import { paperRoutes } from '../../members/papers/routes.ts'
import { memberRoutes } from '../../members/routes.ts'
import { memberViewRoutes } from '../../members/views/routes.ts'
import { serviceMessageRoutes } from '../../messages/routes.ts'
import { onCallRoutes } from '../../on-call/routes.ts'
import type { App } from '../../platform/http/http.ts'
import { ownAlertRoutes } from '../../portal/alerts/routes.ts'
import { portalRoutes } from '../../portal/routes.ts'
import { ownShopRoutes } from '../../portal/shop/routes.ts'
import { personFileRoutes } from '../../privacy/file/routes.ts'
import { privacyPaperRoutes } from '../../privacy/papers/routes.ts'
import { dataRequestRoutes } from '../../privacy/requests/routes.ts'
import { publicPrivacyRoutes, retentionRoutes } from '../../privacy/retention/routes.ts'
import { relayRoutes } from '../../relays/routes.ts'
import { ownReportRoutes } from '../../reports/own/routes.ts'
import { reportRoutes } from '../../reports/routes.ts'
import { seriesRoutes } from '../../reports/series/routes.ts'
import { agencyRoutes } from '../../schemes/agencies/routes.ts'
import { categoryRoutes } from '../../schemes/categories/routes.ts'
import { schemeRoutes } from '../../schemes/routes.ts'
import { sectorRoutes } from '../../schemes/sectors/routes.ts'
import { territorySettingRoutes } from '../../schemes/territory/routes.ts'
import { tradeRoutes } from '../../schemes/trade-settings/routes.ts'
import { publicFigureRoutes, statisticsRoutes } from '../../statistics/routes.ts'
import { territoryRoutes } from '../../territory/routes.ts'
import { todayRoutes } from '../../today/routes.ts'
import { mailRoutes } from '../mail/mail.ts'
import { operationRoutes } from '../operation/operation.ts'
import { settingChangeRoutes } from '../setting-changes/routes.ts'

/** Registers the endpoints of every domain in order. */
export function domainRoutes(app: App, deps: Deps): void {
  territoryRoutes(app, deps)
  schemeRoutes(app, deps)
  sectorRoutes(app, deps)
  territorySettingRoutes(app, deps)
  tradeRoutes(app, deps)
  agencyRoutes(app, deps)
  categoryRoutes(app, deps)
  settingChangeRoutes(app, deps)
  memberRoutes(app, deps)
  importRoutes(app, deps)
  memberNoteRoutes(app, deps)
  memberViewRoutes(app, deps)
  memberChangeRoutes(app, deps)
  memberTagRoutes(app, deps)
  memberByHandRoutes(app, deps)
  memberUploadRoutes(app, deps)
  memberExportRoutes(app, deps)
  numberRoutes(app, deps)
  mergeRoutes(app, deps)
  publicNumberRoutes(app, deps)
  paperRoutes(app, deps)
  duesRoutes(app, deps)
  ownDuesRoutes(app, deps)
  debitRoutes(app, deps)
  statementRoutes(app, deps)
  bulkPaymentRoutes(app, deps)
  cardRoutes(app, deps)
  enrolmentRoutes(app, deps)
  publicEnrolmentRoutes(app, deps)
  portalRoutes(app, deps)
  ownShopRoutes(app, deps)
  reportRoutes(app, deps)
  seriesRoutes(app, deps)
  deliveryRoutes(app, deps)
  publicStatusRoutes(app, deps)
  onCallRoutes(app, deps)
  serviceMessageRoutes(app, deps)
  alertRoutes(app, deps)
  wallRoutes(app, deps)
  relayRoutes(app, deps)
  traceRoutes(app, deps)
  publicAlertRoutes(app, deps)
  statisticsRoutes(app, deps)
  todayRoutes(app, deps)
  retentionRoutes(app, deps)
  publicPrivacyRoutes(app, deps)
  dataRequestRoutes(app, deps)
  personFileRoutes(app, deps)
  privacyPaperRoutes(app, deps)
  auditRoutes(app, { ...deps, seals: SEALS, authors: { namesOfActors, listAuthors } })
  publicFigureRoutes(app, deps)
  ownReportRoutes(app, deps)
  ownAlertRoutes(app, deps)
  memberHistoryRoutes(app, deps)
  operationRoutes(app, deps)
  mailRoutes(app, deps)
}
