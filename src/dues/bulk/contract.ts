import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { Day, HandWay } from '../contract.ts'

/** Payments in one act. */
export const MAX_PAYMENTS = 200
/** Cheques on one slip. */
export const MAX_CHEQUES = 500

/** Problems of a row that the user accepts: more than is owed, a debit under way, another cheque of the same number. */
export const Confirmation = z.enum(['advance', 'debit', 'same_cheque'])

const BulkPayment = z.object({
  member: z.uuid(),
  amountCents: z.number().int().min(1).max(10_000_000),
  /** The number of the cheque, the label of the transfer. */
  reference: z.string().trim().max(80).default(''),
  /** Cheques only: the bank, and who signed it if that is not the member. */
  bank: z.string().trim().max(60).default(''),
  drawer: z.string().trim().max(80).default(''),
  confirms: z.array(Confirmation).max(3).default([]),
})

/** POST /api/schemes/:scheme/dues/payments: payments that arrived on one day by one means. */
export const BulkPayments = z.object({
  /** Chosen by the client, so that a request whose answer was lost can be sent again (ADR 22). */
  id: ClientId,
  way: HandWay,
  /** Not in the future, and at most a year ago. */
  receivedOn: Day,
  payments: z.array(BulkPayment).min(1).max(MAX_PAYMENTS),
})
export type BulkPayments = z.infer<typeof BulkPayments>

/** The settings for recording the dues that a list says are paid. */
export const ListedPayments = z.object({
  way: HandWay,
  /** The day of payments of which the list says none: not in the future, and at most a year ago. */
  receivedOn: Day,
  /** The year of dues of which the list names neither a year nor a day; null: these are left out. */
  year: z.number().int().min(2000).max(2100).nullable(),
})
export type ListedPayments = z.infer<typeof ListedPayments>

export const PaymentBatch = z.object({
  id: z.uuid(),
  recordedAt: z.iso.datetime(),
  way: HandWay,
  /** The file name of the list of members that it comes from; null if the payments were typed. */
  list: z.string().nullable(),
  /** Valid payments, of all that were recorded. */
  valid: z.number(),
  count: z.number(),
  amountCents: z.number(),
  /** Until when it can be undone; null if it cannot. */
  undoableUntil: z.iso.datetime().nullable(),
  undone: z.boolean(),
})
export type PaymentBatch = z.infer<typeof PaymentBatch>

/** GET /api/schemes/:scheme/dues/payments: latest first, at most 10. */
export const PaymentBatches = z.array(PaymentBatch)

/** GET /api/schemes/:scheme/dues/payers: by reference, name, commune, SIRET or number; or the given members. */
export const PayersQuery = z.object({
  q: z.string().trim().max(100).optional(),
  /** Ids separated by commas, at most 200. */
  ids: z
    .string()
    .max(MAX_PAYMENTS * 37)
    .regex(/^[0-9a-f,-]*$/i)
    .optional(),
})
export type PayersQuery = z.infer<typeof PayersQuery>

export const Payer = z.object({
  id: z.uuid(),
  name: z.string(),
  commune: z.string(),
  /** The reference that is printed on its calls. */
  reference: z.string(),
  /** Negative if it paid in advance. */
  owedCents: z.number(),
})
export type Payer = z.infer<typeof Payer>

export const PayerList = z.array(Payer)

export const ChequeToDeposit = z.object({
  /** The id of its payment. */
  id: z.uuid(),
  member: z.object({ id: z.uuid(), name: z.string() }),
  amountCents: z.number(),
  receivedOn: Day,
  number: z.string(),
  bank: z.string(),
  drawer: z.string(),
})
export type ChequeToDeposit = z.infer<typeof ChequeToDeposit>

export const DepositSlip = z.object({
  id: z.uuid(),
  /** As printed: 2026-007. */
  number: z.string(),
  depositedOn: Day,
  /** The cheques that were put on it. */
  cheques: z.number(),
  amountCents: z.number(),
  /** Cheques of the slip that are not cancelled. */
  valid: z.number(),
  validCents: z.number(),
  cancelled: z.boolean(),
})
export type DepositSlip = z.infer<typeof DepositSlip>

/** GET /api/schemes/:scheme/dues/deposits */
export const Deposits = z.object({
  /** Valid cheques on no slip, oldest first, at most 500. */
  waiting: z.array(ChequeToDeposit),
  /** Latest first, at most 20. */
  slips: z.array(DepositSlip),
  /** Whether the account of the creditor is known, which a slip names. */
  hasAccount: z.boolean(),
})
export type Deposits = z.infer<typeof Deposits>

/** POST /api/schemes/:scheme/dues/deposits: makes a slip of the given cheques. */
export const NewDeposit = z.object({
  id: ClientId,
  depositedOn: Day,
  /** The ids of their payments. */
  cheques: z.array(z.uuid()).min(1).max(MAX_CHEQUES),
})
export type NewDeposit = z.infer<typeof NewDeposit>

nameSchemas({
  BulkPayments,
  ChequeToDeposit,
  Confirmation,
  Deposits,
  DepositSlip,
  ListedPayments,
  NewDeposit,
  Payer,
  PayerList,
  PaymentBatch,
  PaymentBatches,
})
