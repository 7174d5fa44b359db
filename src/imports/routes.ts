import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { ImportQuery, ImportReport } from '../members/contract.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { importMembers } from './import/import.ts'
import { LIST_TYPES, MAX_BYTES } from './import/read.ts'

const InScheme = z.object({ scheme: SchemeCode })

/** A list of members laid down at once, by a program. */
export function importRoutes(app: App, deps: Deps): void {
  // In a scope of its own: elsewhere the body of a file stays refused.
  app.register(async (scope: App) => {
    scope.addContentTypeParser(
      [...LIST_TYPES],
      // One byte more than the import takes, so that it is the import that refuses, in its own words.
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
