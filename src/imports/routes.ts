import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { ImportQuery, ImportReport } from '../members/contract.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { importMembers } from './import/import.ts'
import { LIST_TYPES, MAX_BYTES } from './import/read.ts'

const InScheme = z.object({ scheme: SchemeCode })

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
    scope.post(
      '/api/schemes/:scheme/members/import',
      {
        config: { permission: 'member.import' },
        bodyLimit: MAX_BYTES + 1,
        schema: {
          params: InScheme,
          querystring: ImportQuery,
          body: z.instanceof(Uint8Array),
          response: { 200: ImportReport },
        },
      },
      (request) => importMembers(deps, request.actor, request.params.scheme, request.body, request.query),
    )
  })
}
