import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { OwnDues, ReceiptParams } from './contract.ts'
import { getOwnDues, getOwnReceipt } from './own.ts'
import { sendReceipt } from './routes.ts'

const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
const prefix = '/api/portal/shops/:scheme/:member'
const idOf = ({ scheme, member }: z.infer<typeof InShop>) => ({ schemeId: scheme, memberId: member })

/** The dues of a shop, for its people. */
export function ownDuesRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
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
    ({ actor, params }, reply) => {
      reply.header('cache-control', 'no-store')
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
}
