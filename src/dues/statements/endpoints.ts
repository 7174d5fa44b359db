import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import {
  ApplyLines,
  DecideLine,
  DecideLines,
  STATEMENT_BYTES,
  STATEMENT_TYPES,
  StatementList,
  StatementQuery,
  StatementView,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const OneStatement = InScheme.extend({ statement: z.uuid() })

export const statementEndpoints = declareEndpoints('dues', {
  listStatements: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/statements',
    permission: 'dues.manage',
    summary: 'List bank statements',
    params: InScheme,
    answer: StatementList,
  },
  addStatement: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/statements',
    permission: 'dues.manage',
    summary: 'Read a bank statement, CAMT.053, CFONB 120 or CSV, and match its lines with members',
    params: InScheme,
    query: StatementQuery,
    body: z.instanceof(Uint8Array),
    consumes: STATEMENT_TYPES,
    answer: StatementView,
    bodyLimit: STATEMENT_BYTES + 1,
  },
  getStatement: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/statements/:statement',
    permission: 'dues.manage',
    summary: 'Get a bank statement with its lines',
    params: OneStatement,
    answer: StatementView,
  },
  applyStatement: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/statements/:statement/apply',
    permission: 'dues.manage',
    summary: 'Record the sure lines of a bank statement as payments',
    params: OneStatement,
    body: ApplyLines,
    answer: StatementView,
  },
  decideStatementLine: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/statements/:statement/lines/:line',
    permission: 'dues.manage',
    summary: 'Decide what a line of a bank statement is',
    params: OneStatement.extend({ line: z.uuid() }),
    body: DecideLine,
    answer: StatementView,
  },
  decideStatementLines: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/statements/:statement/lines',
    permission: 'dues.manage',
    summary: 'Set unrelated lines of a bank statement aside, or reopen them',
    params: OneStatement,
    body: DecideLines,
    answer: StatementView,
  },
  undoStatement: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/statements/:statement/undo',
    permission: 'dues.manage',
    summary: 'Cancel the payments of a bank statement, within 24 hours',
    params: OneStatement,
    answer: StatementView,
  },
})
