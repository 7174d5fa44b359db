import { type App, addEndpoint } from '../../platform/http/http.ts'
import { sendPdf } from '../../platform/http/pdf-reply.ts'
import type { MoneyDeps } from '../ledger/payments.ts'
import { findPayers, listPaymentBatches, recordPayments, undoPayments } from './actions.ts'
import { cancelDeposit, createDeposit, getDepositSlip, listDeposits } from './deposits.ts'
import { bulkEndpoints } from './endpoints.ts'

/** Endpoints of payments typed together and of deposit slips, for the chamber. */
export function bulkPaymentRoutes(app: App, deps: MoneyDeps): void {
  addEndpoint(app, bulkEndpoints.findPayers, ({ actor, params, query }) =>
    findPayers(deps, actor, params.scheme, query),
  )

  addEndpoint(app, bulkEndpoints.listPaymentBatches, ({ actor, params }) =>
    listPaymentBatches(deps, actor, params.scheme),
  )

  addEndpoint(app, bulkEndpoints.recordPayments, ({ actor, params, body }) =>
    recordPayments(deps, actor, params.scheme, body),
  )

  addEndpoint(app, bulkEndpoints.undoPayments, ({ actor, params }) =>
    undoPayments(deps, actor, params.scheme, params.batch),
  )

  addEndpoint(app, bulkEndpoints.listDeposits, ({ actor, params }) =>
    listDeposits(deps, actor, params.scheme),
  )

  addEndpoint(app, bulkEndpoints.createDeposit, ({ actor, params, body }) =>
    createDeposit(deps, actor, params.scheme, body),
  )

  addEndpoint(app, bulkEndpoints.cancelDeposit, ({ actor, params }) =>
    cancelDeposit(deps, actor, params.scheme, params.deposit),
  )

  addEndpoint(app, bulkEndpoints.getDepositSlip, async ({ actor, params }, reply) => {
    const { number, pdf } = await getDepositSlip(deps, actor, params.scheme, params.deposit)
    return sendPdf(reply, `remise-cheques-${number}.pdf`, pdf)
  })
}
