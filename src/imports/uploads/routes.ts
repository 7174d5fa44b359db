import { type App, addEndpoint, langOfRequest } from '../../platform/http/http.ts'
import { LIST_TYPES, MAX_BYTES } from '../list-files.ts'
import { dropUpload, getUpload, listUploads } from './actions.ts'
import { applyUpload } from './apply.ts'
import { answerUploadCells, listUploadCells } from './cells.ts'
import { checkUpload } from './check.ts'
import { setColumns, setHeader } from './columns.ts'
import { memberUploadEndpoints } from './endpoints.ts'
import { answerRows, fixRow } from './fix.ts'
import { openUpload } from './open.ts'
import { listUploadRows } from './rows.ts'
import type { UploadDeps } from './upload.ts'

/** Endpoints of uploaded lists, which are corrected before they are imported. */
export function memberUploadRoutes(app: App, deps: UploadDeps): void {
  // In a scope of its own: other endpoints keep refusing file bodies.
  app.register(async (scope: App) => {
    scope.addContentTypeParser(
      [...LIST_TYPES],
      // One byte more than the import accepts, so that the import itself refuses the file with its own error.
      { parseAs: 'buffer', bodyLimit: MAX_BYTES + 1 },
      (_request, body, done) => done(null, body),
    )
    addEndpoint(scope, memberUploadEndpoints.openUpload, (request) =>
      openUpload(deps, ownerOf(request), request.body, request.query.name, request.query.id),
    )
  })

  addEndpoint(app, memberUploadEndpoints.listUploads, (request) => listUploads(deps, ownerOf(request)))

  addEndpoint(app, memberUploadEndpoints.getUpload, (request) =>
    getUpload(deps, ownerOf(request), request.params.id),
  )

  addEndpoint(app, memberUploadEndpoints.setUploadColumns, (request) =>
    setColumns(deps, ownerOf(request), request.params.id, request.body),
  )

  addEndpoint(app, memberUploadEndpoints.setUploadHeader, (request) =>
    setHeader(deps, ownerOf(request), request.params.id, request.body),
  )

  addEndpoint(app, memberUploadEndpoints.checkUpload, (request) =>
    checkUpload(deps, ownerOf(request), request.params.id),
  )

  addEndpoint(app, memberUploadEndpoints.listUploadRows, (request) =>
    listUploadRows(deps, ownerOf(request), request.params.id, request.query),
  )

  addEndpoint(app, memberUploadEndpoints.fixUploadRow, (request) =>
    fixRow(deps, ownerOf(request), request.params.id, request.params.line, request.body),
  )

  addEndpoint(app, memberUploadEndpoints.answerUploadRows, (request) =>
    answerRows(deps, ownerOf(request), request.params.id, request.body),
  )

  addEndpoint(app, memberUploadEndpoints.listUploadCells, (request) =>
    listUploadCells(deps, ownerOf(request), request.params.id),
  )

  addEndpoint(app, memberUploadEndpoints.answerUploadCells, (request) =>
    answerUploadCells(deps, ownerOf(request), request.params.id, request.body),
  )

  addEndpoint(app, memberUploadEndpoints.applyUpload, (request) =>
    applyUpload(deps, ownerOf(request), request.params.id, request.body),
  )

  addEndpoint(app, memberUploadEndpoints.dropUpload, async (request) => {
    await dropUpload(deps, ownerOf(request), request.params.id)
  })
}

function ownerOf(request: Parameters<typeof langOfRequest>[0]) {
  const { scheme } = request.params as { scheme: string }
  return { actor: request.actor, schemeId: scheme, lang: langOfRequest(request) }
}
