import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { changesTo } from '../platform/bodies.ts'
import { type App, langOfRequest } from '../platform/http.ts'
import { DuesSettings, SchemeCode } from '../schemes/contract.ts'
import { getMemberDues, listDuesPage } from './actions.ts'
import {
  AccountingQuery,
  CampaignParams,
  CampaignPreview,
  CampaignView,
  CampaignWithdrawn,
  DuesPage,
  DuesQuery,
  DuesReason,
  MemberDues,
  NewCampaign,
  NewPayment,
  NewRefund,
  ReceiptParams,
  ToldInPerson,
  Waiver,
  WithdrawCampaign,
} from './contract.ts'
import { exportAccounting } from './ledger/accounting.ts'
import {
  cancelPayment,
  type MoneyDeps,
  recordPayment,
  recordWarningInPerson,
  waiveDues,
} from './ledger/payments.ts'
import { cancelRefund, recordRefund } from './ledger/refunds.ts'
import { getReceipt, type ReceiptId } from './papers/receipts.ts'
import {
  getDuesSettings,
  openCampaign,
  previewCampaign,
  setDuesSettings,
  withdrawCampaign,
} from './reminders/campaign.ts'

const InScheme = z.object({ scheme: SchemeCode })
const OneMember = InScheme.extend({ id: z.uuid() })
const tags = ['dues']

/** Endpoints of members' dues, for the chamber. */
export function duesRoutes(app: App, deps: MoneyDeps): void {
  app.get(
    '/api/schemes/:scheme/dues',
    {
      config: { permission: 'dues.read' },
      schema: {
        tags,
        summary: 'List what members owe for a year',
        params: InScheme,
        querystring: DuesQuery,
        response: { 200: DuesPage },
      },
    },
    ({ actor, params, query }) => listDuesPage(deps, actor, params.scheme, query),
  )

  app.post(
    '/api/schemes/:scheme/dues/campaigns/preview',
    {
      config: { permission: 'dues.settings' },
      schema: {
        tags,
        summary: 'Preview what a campaign would bill',
        params: InScheme,
        body: NewCampaign,
        response: { 200: CampaignPreview },
      },
    },
    ({ actor, params, body }) => previewCampaign(deps, actor, params.scheme, body),
  )

  app.post(
    '/api/schemes/:scheme/dues/campaigns',
    {
      config: { permission: 'dues.settings' },
      schema: {
        tags,
        summary: 'Open the campaign of a year',
        params: InScheme,
        body: NewCampaign,
        response: { 200: CampaignView },
      },
    },
    ({ actor, params, body }) => openCampaign(deps, actor, params.scheme, body),
  )

  app.post(
    '/api/schemes/:scheme/dues/campaigns/:year/withdraw',
    {
      config: { permission: 'dues.settings' },
      schema: {
        tags,
        summary: 'Withdraw the campaign of a year',
        params: InScheme.extend(CampaignParams.shape),
        body: WithdrawCampaign,
        response: { 200: CampaignWithdrawn },
      },
    },
    ({ actor, params, body }) => withdrawCampaign(deps, actor, params.scheme, params.year, body),
  )

  app.get(
    '/api/schemes/:scheme/dues-settings',
    {
      config: { permission: 'dues.settings' },
      schema: {
        tags,
        summary: 'Settings of reminders, the rule for unpaid dues, and the creditor',
        params: InScheme,
        response: { 200: DuesSettings },
      },
    },
    ({ actor, params }) => getDuesSettings(deps, actor, params.scheme),
  )

  app.put(
    '/api/schemes/:scheme/dues-settings',
    {
      config: { permission: 'dues.settings' },
      schema: {
        tags,
        summary: 'Set reminders, the rule, and the creditor',
        params: InScheme,
        body: changesTo(DuesSettings),
        response: { 200: DuesSettings },
      },
    },
    ({ actor, params, body }) => setDuesSettings(deps, actor, params.scheme, body),
  )

  app.get(
    '/api/schemes/:scheme/members/:id/dues',
    {
      config: { permission: 'dues.read' },
      schema: {
        tags,
        summary: 'The account of a member',
        params: OneMember,
        response: { 200: MemberDues },
      },
    },
    ({ actor, params }) => getMemberDues(deps, actor, params.scheme, params.id),
  )

  app.post(
    '/api/schemes/:scheme/members/:id/payments',
    {
      config: { permission: 'dues.manage' },
      schema: {
        tags,
        summary: 'Record a payment by transfer, cheque or cash',
        params: OneMember,
        body: NewPayment,
        response: { 200: MemberDues },
      },
    },
    ({ actor, params, body }) => recordPayment(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    '/api/schemes/:scheme/members/:id/payments/:payment/cancel',
    {
      config: { permission: 'dues.manage' },
      schema: {
        tags,
        summary: 'Cancel a payment',
        params: OneMember.extend({ payment: z.uuid() }),
        body: DuesReason,
        response: { 200: MemberDues },
      },
    },
    ({ actor, params, body }) =>
      cancelPayment(deps, actor, params.scheme, { member: params.id, payment: params.payment }, body),
  )

  app.post(
    '/api/schemes/:scheme/members/:id/refunds',
    {
      config: { permission: 'dues.manage' },
      schema: {
        tags,
        summary: 'Record a refund to a member',
        params: OneMember,
        body: NewRefund,
        response: { 200: MemberDues },
      },
    },
    ({ actor, params, body }) => recordRefund(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    '/api/schemes/:scheme/members/:id/refunds/:refund/cancel',
    {
      config: { permission: 'dues.manage' },
      schema: {
        tags,
        summary: 'Cancel a refund',
        params: OneMember.extend({ refund: z.uuid() }),
        body: DuesReason,
        response: { 200: MemberDues },
      },
    },
    ({ actor, params, body }) =>
      cancelRefund(deps, actor, params.scheme, { member: params.id, refund: params.refund }, body),
  )

  app.post(
    '/api/schemes/:scheme/members/:id/waiver',
    {
      config: { permission: 'dues.manage' },
      schema: {
        tags,
        summary: 'Waive what a member still owes',
        params: OneMember,
        body: Waiver,
        response: { 200: MemberDues },
      },
    },
    ({ actor, params, body }) => waiveDues(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    '/api/schemes/:scheme/members/:id/dues-notices',
    {
      config: { permission: 'dues.manage' },
      schema: {
        tags,
        summary: 'Record that a member was warned in person of its suspension',
        params: OneMember,
        body: ToldInPerson,
        response: { 200: MemberDues },
      },
    },
    ({ actor, params, body }) => recordWarningInPerson(deps, actor, params.scheme, params.id, body),
  )

  app.get(
    '/api/schemes/:scheme/receipts/:year/:no',
    {
      config: { permission: 'dues.read' },
      schema: {
        tags,
        summary: 'A receipt, as PDF',
        params: InScheme.extend(ReceiptParams.shape),
      },
    },
    async ({ actor, params }, reply) =>
      sendReceipt(reply, params, await getReceipt(deps, actor, params.scheme, params)),
  )

  app.get(
    '/api/schemes/:scheme/dues/accounting.csv',
    {
      config: { permission: 'dues.export' },
      schema: {
        tags,
        summary: 'Accounting entries of a year, with the columns of the FEC',
        params: InScheme,
        querystring: AccountingQuery,
      },
    },
    async (request, reply) => {
      const { scheme } = request.params
      const { year } = request.query
      return reply
        .type('text/csv; charset=utf-8')
        .headers({
          'content-disposition': `attachment; filename="ecritures-${scheme}-${year}.csv"`,
          'cache-control': 'no-store',
        })
        .send(await exportAccounting(deps, request.actor, scheme, year, langOfRequest(request)))
    },
  )
}

/** Sends a receipt to be displayed in the browser. */
export function sendReceipt(reply: FastifyReply, { year, no }: ReceiptId, pdf: Buffer): FastifyReply {
  return reply
    .type('application/pdf')
    .headers({
      'content-disposition': `inline; filename="recu-${year}-${no}.pdf"`,
      'cache-control': 'no-store',
    })
    .send(pdf)
}
