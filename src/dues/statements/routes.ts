import { type App, addEndpoint } from '../../platform/http/http.ts'
import type { MoneyDeps } from '../ledger/payments.ts'
import {
  addStatement,
  applyStatement,
  decideStatementLine,
  decideStatementLines,
  getStatement,
  listStatements,
  undoStatement,
} from './actions.ts'
import { STATEMENT_BYTES, STATEMENT_TYPES } from './contract.ts'
import { statementEndpoints } from './endpoints.ts'

/** Endpoints of bank statements, for the chamber. */
export function statementRoutes(app: App, deps: MoneyDeps): void {
  addEndpoint(app, statementEndpoints.listStatements, ({ actor, params }) =>
    listStatements(deps, actor, params.scheme),
  )

  // In a scope of its own: other endpoints keep refusing file bodies.
  app.register(async (scope: App) => {
    scope.addContentTypeParser(
      [...STATEMENT_TYPES],
      // One byte more than is accepted, so that the reader refuses the file with its own error.
      { parseAs: 'buffer', bodyLimit: STATEMENT_BYTES + 1 },
      (_request, body, done) => done(null, body),
    )
    addEndpoint(scope, statementEndpoints.addStatement, ({ actor, params, query, body }) =>
      addStatement(deps, actor, params.scheme, query, body),
    )
  })

  addEndpoint(app, statementEndpoints.getStatement, ({ actor, params }) =>
    getStatement(deps, actor, params.scheme, params.statement),
  )

  addEndpoint(app, statementEndpoints.applyStatement, ({ actor, params, body }) =>
    applyStatement(deps, actor, params.scheme, params.statement, body),
  )

  addEndpoint(app, statementEndpoints.decideStatementLine, ({ actor, params, body }) =>
    decideStatementLine(deps, actor, params.scheme, params, body),
  )

  addEndpoint(app, statementEndpoints.decideStatementLines, ({ actor, params, body }) =>
    decideStatementLines(deps, actor, params.scheme, params.statement, body),
  )

  addEndpoint(app, statementEndpoints.undoStatement, ({ actor, params }) =>
    undoStatement(deps, actor, params.scheme, params.statement),
  )
}
