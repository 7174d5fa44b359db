import type { z } from 'zod'
import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { revokeOwnMandate, signMandate } from './collect/mandates.ts'
import { type InShop, ownDuesEndpoints } from './endpoints.ts'
import type { MoneyDeps } from './ledger/payments.ts'
import { getOwnDues, getOwnReceipt } from './own.ts'
import { getOwnInvoice, issueOwnInvoice } from './papers/invoices.ts'
import { sendInvoice, sendReceipt } from './routes.ts'

const idOf = ({ scheme, member }: z.infer<typeof InShop>) => ({ schemeId: scheme, memberId: member })

/** Endpoints of a shop's dues, for its contacts. */
export function ownDuesRoutes(app: App, deps: MoneyDeps & Pick<Deps, 'cards'>): void {
  addEndpoint(app, ownDuesEndpoints.getOwnDues, ({ actor, params }) => {
    return getOwnDues(deps, actor, idOf(params))
  })

  addEndpoint(app, ownDuesEndpoints.getOwnReceipt, async ({ actor, params }, reply) =>
    sendReceipt(reply, params, await getOwnReceipt(deps, actor, idOf(params), params)),
  )

  addEndpoint(app, ownDuesEndpoints.issueOwnInvoice, ({ actor, params, body }) =>
    issueOwnInvoice(deps, actor, idOf(params), body),
  )

  addEndpoint(app, ownDuesEndpoints.getOwnInvoice, async ({ actor, params }, reply) =>
    sendInvoice(reply, params, await getOwnInvoice(deps, actor, idOf(params), params)),
  )

  addEndpoint(app, ownDuesEndpoints.signMandate, ({ actor, params, body }) => {
    return signMandate(deps, actor, idOf(params), body)
  })

  addEndpoint(app, ownDuesEndpoints.revokeOwnMandate, ({ actor, params }) => {
    return revokeOwnMandate(deps, actor, idOf(params))
  })
}
