import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { type App, langOfRequest } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { LIST_TYPES, MAX_BYTES } from '../import/read.ts'
import {
  answerRows,
  applyUpload,
  checkUpload,
  dropUpload,
  fixRow,
  getUpload,
  listUploadRows,
  listUploads,
  openUpload,
  setColumns,
  setHeader,
} from './actions.ts'
import {
  AnswerAll,
  ApplyUpload,
  ColumnChoice,
  HeaderChoice,
  RowFix,
  UploadQuery,
  UploadRow,
  UploadRowPage,
  UploadRowQuery,
  UploadSummary,
  UploadView,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const Own = InScheme.extend({ id: z.uuid() })
const Line = Own.extend({ line: z.coerce.number().int().max(2_147_483_647).min(1) })
const tags = ['members']
const config = { permission: 'member.import' } as const
const prefix = '/api/schemes/:scheme/member-imports'

/** Endpoints of uploaded lists, which are corrected before they are imported. */
export function memberUploadRoutes(app: App, deps: Pick<Deps, 'database' | 'db' | 'now' | 'newId'>): void {
  // In a scope of its own: other endpoints keep refusing file bodies.
  app.register(async (scope: App) => {
    scope.addContentTypeParser(
      [...LIST_TYPES],
      // One byte more than the import accepts, so that the import itself refuses the file with its own error.
      { parseAs: 'buffer', bodyLimit: MAX_BYTES + 1 },
      (_request, body, done) => done(null, body),
    )
    scope.post(
      prefix,
      {
        config,
        bodyLimit: MAX_BYTES + 1,
        schema: {
          tags,
          summary: 'Upload a list of members, CSV or XLSX, to correct and import it',
          params: InScheme,
          querystring: UploadQuery,
          body: z.instanceof(Uint8Array),
          response: { 200: UploadView },
        },
      },
      (request) => openUpload(deps, ownerOf(request), request.body, request.query.name),
    )
  })

  app.get(
    prefix,
    {
      config,
      schema: {
        tags,
        summary: 'List the user’s open uploads',
        params: InScheme,
        response: { 200: z.array(UploadSummary) },
      },
    },
    ({ actor, params }) => listUploads(deps, actor, params.scheme),
  )

  app.get(
    `${prefix}/:id`,
    {
      config,
      schema: { tags, summary: 'One upload', params: Own, response: { 200: UploadView } },
    },
    (request) => getUpload(deps, ownerOf(request), request.params.id),
  )

  app.put(
    `${prefix}/:id/columns`,
    {
      config,
      schema: {
        tags,
        summary: 'Set the field of each column',
        params: Own,
        body: ColumnChoice,
        response: { 200: UploadView },
      },
    },
    (request) => setColumns(deps, ownerOf(request), request.params.id, request.body),
  )

  app.put(
    `${prefix}/:id/header`,
    {
      config,
      schema: {
        tags,
        summary: 'Set which line is the header',
        params: Own,
        body: HeaderChoice,
        response: { 200: UploadView },
      },
    },
    (request) => setHeader(deps, ownerOf(request), request.params.id, request.body),
  )

  app.post(
    `${prefix}/:id/check`,
    { config, schema: { tags, summary: 'Check all rows', params: Own, response: { 200: UploadView } } },
    (request) => checkUpload(deps, ownerOf(request), request.params.id),
  )

  app.get(
    `${prefix}/:id/rows`,
    {
      config,
      schema: {
        tags,
        summary: 'List rows: with problems, dropped, or all',
        params: Own,
        querystring: UploadRowQuery,
        response: { 200: UploadRowPage },
      },
    },
    (request) => listUploadRows(deps, ownerOf(request), request.params.id, request.query),
  )

  app.put(
    `${prefix}/:id/rows/:line`,
    {
      config,
      schema: {
        tags,
        summary: 'Correct or drop a row',
        params: Line,
        body: RowFix,
        response: { 200: UploadRow },
      },
    },
    (request) => fixRow(deps, ownerOf(request), request.params.id, request.params.line, request.body),
  )

  app.put(
    `${prefix}/:id/answers`,
    {
      config,
      schema: {
        tags,
        summary: 'Store one decision for all rows that share a number, and little else, with a member',
        params: Own,
        body: AnswerAll,
        response: { 200: UploadView },
      },
    },
    (request) => answerRows(deps, ownerOf(request), request.params.id, request.body),
  )

  app.post(
    `${prefix}/:id/apply`,
    {
      config,
      schema: {
        tags,
        summary: 'Import an upload',
        params: Own,
        body: ApplyUpload,
        response: { 200: UploadView },
      },
    },
    (request) => applyUpload(deps, ownerOf(request), request.params.id, request.body),
  )

  app.delete(
    `${prefix}/:id`,
    {
      config,
      schema: { tags, summary: 'Delete an upload', params: Own, response: { 204: z.null() } },
    },
    async (request, reply) => {
      await dropUpload(deps, ownerOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}

function ownerOf(request: Parameters<typeof langOfRequest>[0]) {
  const { scheme } = request.params as { scheme: string }
  return { actor: request.actor, schemeId: scheme, lang: langOfRequest(request) }
}
