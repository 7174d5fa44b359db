import type { FastifyReply } from 'fastify'
import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { sendPdf } from '../platform/http/pdf-reply.ts'
import { getMemberDues, listDuesPage } from './actions.ts'
import { duesEndpoints } from './endpoints.ts'
import { exportAccounting } from './ledger/accounting.ts'
import { getAccounting } from './ledger/books.ts'
import {
  cancelPayment,
  type MoneyDeps,
  recordPayment,
  recordWarningInPerson,
  waiveDues,
} from './ledger/payments.ts'
import { cancelRefund, recordRefund } from './ledger/refunds.ts'
import { getInvoice, issueInvoice } from './papers/invoices.ts'
import { countLetters, getCall, getCalls } from './papers/letters.ts'
import { getReceipt, type ReceiptId } from './papers/receipts.ts'
import {
  getDuesSettings,
  openCampaign,
  previewCampaign,
  setDuesSettings,
  withdrawCampaign,
} from './reminders/campaign.ts'
import { invoiceNumber } from './rules.ts'

/** Endpoints of members' dues, for the chamber. */
export function duesRoutes(app: App, deps: MoneyDeps & Pick<Deps, 'cards'>): void {
  addEndpoint(app, duesEndpoints.listDues, ({ actor, params, query }) =>
    listDuesPage(deps, actor, params.scheme, query),
  )

  addEndpoint(app, duesEndpoints.previewCampaign, ({ actor, params, body }) =>
    previewCampaign(deps, actor, params.scheme, body),
  )

  addEndpoint(app, duesEndpoints.openCampaign, ({ actor, params, body }) =>
    openCampaign(deps, actor, params.scheme, body),
  )

  addEndpoint(app, duesEndpoints.withdrawCampaign, ({ actor, params, body }) =>
    withdrawCampaign(deps, actor, params.scheme, params.year, body),
  )

  addEndpoint(app, duesEndpoints.getDuesSettings, ({ actor, params }) =>
    getDuesSettings(deps, actor, params.scheme),
  )

  addEndpoint(app, duesEndpoints.setDuesSettings, ({ actor, params, body: { reason, ...settings } }) =>
    setDuesSettings(deps, actor, params.scheme, settings, reason),
  )

  addEndpoint(app, duesEndpoints.getMemberDues, ({ actor, params }) =>
    getMemberDues(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, duesEndpoints.recordPayment, ({ actor, params, body }) =>
    recordPayment(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, duesEndpoints.cancelPayment, ({ actor, params, body }) =>
    cancelPayment(deps, actor, params.scheme, { member: params.id, payment: params.payment }, body),
  )

  addEndpoint(app, duesEndpoints.recordRefund, ({ actor, params, body }) =>
    recordRefund(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, duesEndpoints.cancelRefund, ({ actor, params, body }) =>
    cancelRefund(deps, actor, params.scheme, { member: params.id, refund: params.refund }, body),
  )

  addEndpoint(app, duesEndpoints.waiveDues, ({ actor, params, body }) =>
    waiveDues(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, duesEndpoints.recordWarningInPerson, ({ actor, params, body }) =>
    recordWarningInPerson(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, duesEndpoints.getReceipt, async ({ actor, params }, reply) =>
    sendReceipt(reply, params, await getReceipt(deps, actor, params.scheme, params)),
  )

  addEndpoint(app, duesEndpoints.issueInvoice, ({ actor, params, body }) =>
    issueInvoice(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, duesEndpoints.getInvoice, async ({ actor, params }, reply) =>
    sendInvoice(reply, params, await getInvoice(deps, actor, params.scheme, params)),
  )

  addEndpoint(app, duesEndpoints.countLetters, ({ actor, params, query }) =>
    countLetters(deps, actor, params.scheme, query),
  )

  addEndpoint(app, duesEndpoints.getCall, async ({ actor, params }, reply) =>
    sendPdf(reply, 'appel.pdf', await getCall(deps, actor, params.scheme, params.id)),
  )

  addEndpoint(app, duesEndpoints.getCalls, async ({ actor, params, query }, reply) =>
    sendPdf(reply, `appels-${params.scheme}.pdf`, await getCalls(deps, actor, params.scheme, query)),
  )

  addEndpoint(app, duesEndpoints.getAccounting, ({ actor, params, query }) =>
    getAccounting(deps, actor, params.scheme, query.year),
  )

  addEndpoint(app, duesEndpoints.exportAccounting, async (request, reply) => {
    const { scheme } = request.params
    const { year } = request.query
    return reply
      .type('text/csv; charset=utf-8')
      .headers({
        'content-disposition': `attachment; filename="ecritures-${scheme}-${year}.csv"`,
        'cache-control': 'no-store',
      })
      .send(await exportAccounting(deps, request.actor, scheme, year))
  })
}

/** Sends a receipt to be displayed in the browser. */
export function sendReceipt(reply: FastifyReply, { year, no }: ReceiptId, pdf: Buffer): FastifyReply {
  return sendPdf(reply, `recu-${year}-${no}.pdf`, pdf)
}

/** Sends an invoice or credit note to be displayed in the browser. */
export function sendInvoice(
  reply: FastifyReply,
  { scheme, year, no }: ReceiptId & { readonly scheme: string },
  pdf: Buffer,
): FastifyReply {
  return sendPdf(reply, `${invoiceNumber(scheme, year, no)}.pdf`, pdf)
}
