import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { importEndpoints } from './endpoints.ts'
import { importMembers } from './import/import.ts'
import { summarizeCheck } from './import/summary.ts'
import { LIST_TYPES, MAX_BYTES } from './list-files.ts'

/** Endpoint for programs to import a member list in one request. */
export function importRoutes(app: App, deps: Deps): void {
  // In a scope of its own: other endpoints keep refusing file bodies.
  app.register(async (scope: App) => {
    scope.addContentTypeParser(
      [...LIST_TYPES],
      // One byte more than the import accepts, so that the import itself refuses the file with its own error.
      { parseAs: 'buffer', bodyLimit: MAX_BYTES + 1 },
      (_request, body, done) => done(null, body),
    )
    addEndpoint(scope, importEndpoints.importMembers, async (request) => {
      const { name, payments, paidOn, ...options } = request.query
      const report = await importMembers(deps, request.actor, request.params.scheme, request.body, {
        ...options,
        ...(name !== undefined && { fileName: name }),
        ...(payments !== undefined && { payments: { way: payments, receivedOn: paidOn } }),
      })
      return options.dryRun ? summarizeCheck(report) : report
    })
  })
}
