import { type App, addEndpoint } from '../../platform/http/http.ts'
import type { MoneyDeps } from '../ledger/payments.ts'
import {
  createDebitFile,
  downloadDebitFile,
  dropDebit,
  dropDebitFile,
  getDebitFile,
  getDebits,
  returnDebit,
  setFileHanded,
  settleDebitFile,
} from './debits.ts'
import { debitEndpoints } from './endpoints.ts'

/** Endpoints of direct debits, for the chamber. */
export function debitRoutes(app: App, deps: MoneyDeps): void {
  addEndpoint(app, debitEndpoints.getDebits, ({ actor, params, query }) =>
    getDebits(deps, actor, params.scheme, query),
  )

  addEndpoint(app, debitEndpoints.createDebitFile, ({ actor, params, body }) =>
    createDebitFile(deps, actor, params.scheme, body),
  )

  addEndpoint(app, debitEndpoints.getDebitFile, ({ actor, params }) =>
    getDebitFile(deps, actor, params.scheme, params.file),
  )

  addEndpoint(app, debitEndpoints.downloadDebitFile, async ({ actor, params }, reply) => {
    const { no, xml } = await downloadDebitFile(deps, actor, params.scheme, params.file)
    return reply
      .type('application/xml; charset=utf-8')
      .headers({
        'content-disposition': `attachment; filename="prelevements-${params.scheme}-${no}.xml"`,
        'cache-control': 'no-store',
      })
      .send(xml)
  })

  addEndpoint(app, debitEndpoints.settleDebitFile, ({ actor, params }) =>
    settleDebitFile(deps, actor, params.scheme, params.file),
  )

  addEndpoint(app, debitEndpoints.dropDebitFile, ({ actor, params }) =>
    dropDebitFile(deps, actor, params.scheme, params.file),
  )

  addEndpoint(app, debitEndpoints.setDebitFileHanded, ({ actor, params, body }) =>
    setFileHanded(deps, actor, params.scheme, params.file, body),
  )

  addEndpoint(app, debitEndpoints.dropDebit, ({ actor, params, body }) =>
    dropDebit(deps, actor, params.scheme, { file: params.file, debit: params.debit }, body),
  )

  addEndpoint(app, debitEndpoints.returnDebit, ({ actor, params, body }) =>
    returnDebit(deps, actor, params.scheme, { file: params.file, debit: params.debit }, body),
  )
}
