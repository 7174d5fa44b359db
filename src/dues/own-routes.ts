import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { SignMandate } from './collect/debit-contract.ts'
import { revokeOwnMandate, signMandate } from './collect/mandates.ts'
import { OwnDues, ReceiptParams } from './contract.ts'
import type { MoneyDeps } from './ledger/payments.ts'
import { getOwnDues, getOwnReceipt } from './own.ts'
import { sendReceipt } from './routes.ts'

const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
const prefix = '/api/portal/shops/:scheme/:member'
const BODY_BYTES = 4 * 1024
/** Slows down attempts to try account numbers. */
const SIGN_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'own-mandate' }
const idOf = ({ scheme, member }: z.infer<typeof InShop>) => ({ schemeId: scheme, memberId: member })

/** Endpoints of a shop's dues, for its contacts. */
export function ownDuesRoutes(app: App, deps: MoneyDeps & Pick<Deps, 'cards'>): void {
  app.get(
    `${prefix}/dues`,
    {
      config: { permission: 'own.read' },
      schema: {
        tags: ['portal'],
        summary: 'What a shop owes and paid, and how it can pay',
        params: InShop,
        response: { 200: OwnDues },
      },
    },
    ({ actor, params }) => {
      return getOwnDues(deps, actor, idOf(params))
    },
  )

  app.get(
    `${prefix}/receipts/:year/:no`,
    {
      config: { permission: 'own.read' },
      schema: {
        tags: ['portal'],
        summary: 'A receipt of a shop, as PDF',
        params: InShop.extend(ReceiptParams.shape),
      },
    },
    async ({ actor, params }, reply) =>
      sendReceipt(reply, params, await getOwnReceipt(deps, actor, idOf(params), params)),
  )

  app.post(
    `${prefix}/mandate`,
    {
      config: { permission: 'own.pay', rateLimit: SIGN_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Sign a mandate for the dues of a shop',
        params: InShop,
        body: SignMandate,
        response: { 200: OwnDues },
      },
    },
    ({ actor, params, body }) => {
      return signMandate(deps, actor, idOf(params), body)
    },
  )

  app.delete(
    `${prefix}/mandate`,
    {
      config: { permission: 'own.pay' },
      schema: {
        tags: ['portal'],
        summary: 'Revoke the mandate of a shop',
        params: InShop,
        response: { 200: OwnDues },
      },
    },
    ({ actor, params }) => {
      return revokeOwnMandate(deps, actor, idOf(params))
    },
  )
}
