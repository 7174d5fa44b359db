import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { CardPage } from '../contract.ts'
import {
  DebitFileView,
  DebitsQuery,
  DebitsView,
  DropDebit,
  HandedDebitFile,
  NewDebitFile,
  ReturnDebit,
} from './debit-contract.ts'

const BEGIN_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'own-card' }
const InScheme = z.object({ scheme: SchemeCode })
const OneFile = InScheme.extend({ file: z.uuid() })

export const cardEndpoints = declareEndpoints('portal', {
  beginCardPayment: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/card',
    permission: 'own.pay',
    summary: 'Start a card payment of what a shop owes',
    params: z.object({ scheme: SchemeCode, member: z.uuid() }),
    answer: CardPage,
    rateLimit: BEGIN_LIMIT,
  },
})

export const debitEndpoints = declareEndpoints('dues', {
  getDebits: {
    method: 'GET',
    path: '/api/schemes/:scheme/debits',
    permission: 'dues.manage',
    summary: 'List files of direct debits, and preview the next one',
    params: InScheme,
    query: DebitsQuery,
    answer: DebitsView,
  },
  createDebitFile: {
    method: 'POST',
    path: '/api/schemes/:scheme/debits',
    permission: 'dues.manage',
    needsFactor: true,
    summary: 'Create a file of direct debits for the bank',
    params: InScheme,
    body: NewDebitFile,
    answer: DebitFileView,
  },
  getDebitFile: {
    method: 'GET',
    path: '/api/schemes/:scheme/debits/:file',
    permission: 'dues.manage',
    summary: 'Get a file of direct debits with its debits',
    params: OneFile,
    answer: DebitFileView,
  },
  downloadDebitFile: {
    method: 'GET',
    path: '/api/schemes/:scheme/debits/:file/pain.008.xml',
    permission: 'dues.manage',
    needsFactor: true,
    summary: 'Download a file of direct debits, for the bank',
    params: OneFile,
    produces: 'application/xml',
  },
  settleDebitFile: {
    method: 'POST',
    path: '/api/schemes/:scheme/debits/:file/collected',
    permission: 'dues.manage',
    needsFactor: true,
    summary: 'Record that the bank collected a file of direct debits',
    params: OneFile,
    answer: DebitFileView,
  },
  dropDebitFile: {
    method: 'POST',
    path: '/api/schemes/:scheme/debits/:file/drop',
    permission: 'dues.manage',
    needsFactor: true,
    summary: 'Discard a file of direct debits that was not handed to the bank',
    params: OneFile,
    answer: DebitFileView,
  },
  setDebitFileHanded: {
    method: 'POST',
    path: '/api/schemes/:scheme/debits/:file/handed',
    permission: 'dues.manage',
    summary: 'Record whether the bank has a file of direct debits',
    params: OneFile,
    body: HandedDebitFile,
    answer: DebitFileView,
  },
  dropDebit: {
    method: 'POST',
    path: '/api/schemes/:scheme/debits/:file/debits/:debit/drop',
    permission: 'dues.manage',
    summary: 'Remove a debit from a file that was not handed to the bank',
    params: OneFile.extend({ debit: z.uuid() }),
    body: DropDebit,
    answer: DebitFileView,
  },
  returnDebit: {
    method: 'POST',
    path: '/api/schemes/:scheme/debits/:file/debits/:debit/return',
    permission: 'dues.manage',
    summary: 'Record that the bank returned a debit',
    params: OneFile.extend({ debit: z.uuid() }),
    body: ReturnDebit,
    answer: DebitFileView,
  },
})
