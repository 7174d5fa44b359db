import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { LIST_TYPES, MAX_BYTES } from '../list-files.ts'
import {
  AnswerAll,
  ApplyUpload,
  CellAnswer,
  ColumnChoice,
  HeaderChoice,
  RowFix,
  UploadCells,
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

export const memberUploadEndpoints = declareEndpoints('members', {
  openUpload: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-imports',
    permission: 'member.import',
    summary: 'Upload a list of members, CSV or XLSX, to correct and import it',
    params: InScheme,
    query: UploadQuery,
    body: z.instanceof(Uint8Array),
    consumes: LIST_TYPES,
    answer: UploadView,
    bodyLimit: MAX_BYTES + 1,
  },
  listUploads: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-imports',
    permission: 'member.import',
    summary: 'List the user’s uploads of the last day',
    params: InScheme,
    answer: z.array(UploadSummary),
  },
  getUpload: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-imports/:id',
    permission: 'member.import',
    summary: 'Get an upload',
    params: Own,
    answer: UploadView,
  },
  setUploadColumns: {
    method: 'PUT',
    path: '/api/schemes/:scheme/member-imports/:id/columns',
    permission: 'member.import',
    summary: 'Set which field each column of an upload fills',
    params: Own,
    body: ColumnChoice,
    answer: UploadView,
  },
  setUploadHeader: {
    method: 'PUT',
    path: '/api/schemes/:scheme/member-imports/:id/header',
    permission: 'member.import',
    summary: 'Set which line of an upload is the header',
    params: Own,
    body: HeaderChoice,
    answer: UploadView,
  },
  checkUpload: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-imports/:id/check',
    permission: 'member.import',
    summary: 'Check all rows of an upload',
    params: Own,
    answer: UploadView,
  },
  listUploadRows: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-imports/:id/rows',
    permission: 'member.import',
    summary: 'List the rows of an upload: with problems, dropped, or all',
    params: Own,
    query: UploadRowQuery,
    answer: UploadRowPage,
  },
  fixUploadRow: {
    method: 'PUT',
    path: '/api/schemes/:scheme/member-imports/:id/rows/:line',
    permission: 'member.import',
    summary: 'Correct or drop a row of an upload',
    params: Line,
    body: RowFix,
    answer: UploadRow,
  },
  answerUploadRows: {
    method: 'PUT',
    path: '/api/schemes/:scheme/member-imports/:id/answers',
    permission: 'member.import',
    summary: 'Decide at once whether rows that share little more than a number with a member are that member',
    params: Own,
    body: AnswerAll,
    answer: UploadView,
  },
  listUploadCells: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-imports/:id/cells',
    permission: 'member.import',
    summary:
      'List the communes and trades of an upload that were not understood, or by an answer, one entry for equal cells',
    params: Own,
    answer: UploadCells,
  },
  answerUploadCells: {
    method: 'PUT',
    path: '/api/schemes/:scheme/member-imports/:id/cells',
    permission: 'member.import',
    summary:
      'Answer for all cells of an upload that are written alike, and for the next lists; null forgets the answer',
    params: Own,
    body: CellAnswer,
    answer: UploadView,
  },
  applyUpload: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-imports/:id/apply',
    permission: 'member.import',
    summary: 'Import an upload; a long one continues in the background and is shown as running',
    params: Own,
    body: ApplyUpload,
    answer: UploadView,
  },
  dropUpload: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/member-imports/:id',
    permission: 'member.import',
    summary: 'Delete an upload',
    params: Own,
  },
})
