import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import {
  BulkPayments,
  Deposits,
  NewDeposit,
  PayerList,
  PayersQuery,
  PaymentBatch,
  PaymentBatches,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const OneBatch = InScheme.extend({ batch: z.uuid() })
const OneDeposit = InScheme.extend({ deposit: z.uuid() })
/** 200 payments with every text at its longest. */
const BODY_BYTES = 256 * 1024

export const bulkEndpoints = declareEndpoints('dues', {
  findPayers: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/payers',
    permission: 'dues.read',
    summary: 'Find members by payment reference or name, with what they owe',
    params: InScheme,
    query: PayersQuery,
    answer: PayerList,
  },
  listPaymentBatches: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/payments',
    permission: 'dues.manage',
    summary: 'List payments that were recorded together',
    params: InScheme,
    answer: PaymentBatches,
  },
  recordPayments: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/payments',
    permission: 'dues.manage',
    summary: 'Record many payments of one day in one act',
    params: InScheme,
    body: BulkPayments,
    answer: PaymentBatch,
    bodyLimit: BODY_BYTES,
  },
  undoPayments: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/payments/:batch/undo',
    permission: 'dues.manage',
    summary: 'Cancel payments that were recorded together, within 24 hours',
    params: OneBatch,
    answer: PaymentBatch,
  },
  listDeposits: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/deposits',
    permission: 'dues.manage',
    summary: 'List cheques to deposit and deposit slips',
    params: InScheme,
    answer: Deposits,
  },
  createDeposit: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/deposits',
    permission: 'dues.manage',
    summary: 'Make a deposit slip of cheques',
    params: InScheme,
    body: NewDeposit,
    answer: Deposits,
    bodyLimit: BODY_BYTES,
  },
  cancelDeposit: {
    method: 'POST',
    path: '/api/schemes/:scheme/dues/deposits/:deposit/cancel',
    permission: 'dues.manage',
    summary: 'Cancel a deposit slip: its cheques can be put on another',
    params: OneDeposit,
    answer: Deposits,
  },
  getDepositSlip: {
    method: 'GET',
    path: '/api/schemes/:scheme/dues/deposits/:deposit/slip.pdf',
    permission: 'dues.manage',
    summary: 'Download a deposit slip as PDF',
    params: OneDeposit,
    produces: 'application/pdf',
  },
})
