import { z } from 'zod'
import { MemberStatusName } from '../members/contract.ts'
import { ClientId, nameSchemas } from '../platform/http/endpoints.ts'
import { CommuneCode } from '../territory/contract.ts'

/** A day without time zone: 2026-03-12. */
export const Day = z.iso.date()
/** Euro cents. */
const Cents = z.number().int().min(0).max(10_000_000)
const Year = z.coerce.number().int().min(2000).max(2100)

/** `exempt`: its fee is 0. `late`: not fully paid after the due day. */
export const DuesState = z.enum(['exempt', 'paid', 'due', 'late'])
export type DuesState = z.infer<typeof DuesState>

/**
 * A filter of a year's members: by state, suspended by the dues rule, or not reached by its warning (`unnotified`): those are not
 * suspended until the chamber notifies them in person.
 */
export const DuesFacet = z.enum([...DuesState.options, 'suspended', 'unnotified'])
export type DuesFacet = z.infer<typeof DuesFacet>

export const NoticeKindName = z.enum([
  'call',
  'reminder',
  'warning',
  'suspended',
  'restored',
  'debit',
  'debit_dropped',
  'withdrawn',
])
/** Ways in which the chamber may notify a member in person. */
export const InPersonWay = z.enum(['phone', 'letter', 'visit'])

export const PaymentWayName = z.enum(['transfer', 'cheque', 'cash', 'card', 'debit'])
/** Payments recorded by the chamber: from its bank account, its mail or its desk. */
export const HandWay = PaymentWayName.extract(['transfer', 'cheque', 'cash'])

/** POST /api/schemes/:scheme/dues/campaigns: a campaign and its fees. */
export const NewCampaign = z.object({
  year: Year,
  /** The fee of members whose trade has none of its own; 0: exempt. */
  feeCents: Cents,
  /** Keyed by trade code. */
  tradeFees: z.record(z.string().max(60), Cents).default({}),
  /** Whether members who join during the year pay only for the remaining months, including the current one. */
  proRata: z.boolean().default(false),
  /** A day of that year. */
  dueOn: Day,
})
export type NewCampaign = z.infer<typeof NewCampaign>

/** POST …/campaigns/preview: what the campaign would bill, before it is opened. */
export const CampaignPreview = z.object({
  members: z.number(),
  /** Members with a fee of 0. */
  exempt: z.number(),
  /** Members who pay for part of the year. */
  proRata: z.number(),
  calledCents: z.number(),
})
export type CampaignPreview = z.infer<typeof CampaignPreview>

export const CampaignView = NewCampaign.extend({
  openedAt: z.iso.datetime(),
  /** When members are first notified of it. */
  callsFrom: z.iso.datetime(),
  /** Whether it can be withdrawn: opened today, or no payment, waiver or debit exists yet. */
  withdrawable: z.boolean(),
})
export type CampaignView = z.infer<typeof CampaignView>

/** POST …/campaigns/:year/withdraw, for example for a wrong fee. The reason is recorded in the audit log. */
export const WithdrawCampaign = z.object({ reason: z.string().trim().max(200).default('') })
export type WithdrawCampaign = z.infer<typeof WithdrawCampaign>

export const CampaignWithdrawn = z.object({
  /** Members whose fee was cancelled. */
  members: z.number(),
  /** Members among them that had been notified: they are notified of the withdrawal. */
  notified: z.number(),
  /** Members that it had suspended: their alerts resume at once, and they are notified. */
  restored: z.number(),
  /** Credit notes that were issued for its invoices. */
  credited: z.number(),
})
export type CampaignWithdrawn = z.infer<typeof CampaignWithdrawn>

export const CampaignParams = z.object({ year: Year })

/** GET /api/schemes/:scheme/dues */
export const DuesQuery = z.object({
  /** Defaults to the latest campaign that is not of a future year, if there is one. */
  year: Year.optional(),
  facet: DuesFacet.optional(),
  /** Searches members as `q` of MemberQuery does. */
  q: z.string().trim().max(100).optional(),
  trade: z.string().max(60).optional(),
  /** `age`: who has owed for longest first, then those that are not late; by name if absent. */
  sort: z.enum(['name', 'age']).optional(),
  /** The `next` of the previous page, in the same order. */
  after: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type DuesQuery = z.infer<typeof DuesQuery>

/** The dues of one member for one year. */
export const DuesLine = z.object({
  id: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: z.object({ code: CommuneCode, name: z.string() }),
  status: MemberStatusName,
  amountCents: Cents,
  /** For this year: payments settle the oldest year first. */
  remainingCents: Cents,
  dueOn: Day,
  /** The due day of the oldest year, maybe an earlier one, that is not fully paid after it; null if none is. */
  lateSince: Day.nullable(),
  state: DuesState,
  /** Whether the dues rule suspended it. */
  suspended: z.boolean(),
  /** Whether the warning of its suspension reached no contact. */
  unnotified: z.boolean(),
})
export type DuesLine = z.infer<typeof DuesLine>

/** Totals over all members of the year that the reader may see. */
export const DuesFigures = z.object({
  calledCents: z.number(),
  /** Paid or waived. */
  settledCents: z.number(),
  remainingCents: z.number(),
  members: z.record(DuesFacet, z.number()),
})
export type DuesFigures = z.infer<typeof DuesFigures>

/** One page of members. */
export const DuesPage = z.object({
  /** Years of all campaigns, latest first. */
  years: z.array(z.number()),
  /** Null if the year has no campaign. */
  campaign: CampaignView.nullable(),
  /** On the first page only; null without a campaign. */
  figures: DuesFigures.nullable(),
  /** The years of which members are late, oldest first, this one included; on the first page only. */
  lateYears: z.array(z.object({ year: z.number(), members: z.number() })),
  members: z.array(DuesLine),
  next: z.string().nullable(),
})
export type DuesPage = z.infer<typeof DuesPage>

/** A receipt, or the paper that cancels one. */
export const ReceiptName = z.object({
  year: z.number(),
  no: z.number(),
  /** As printed: AC63-2026-00042. */
  number: z.string(),
})
export type ReceiptName = z.infer<typeof ReceiptName>

/** A credit note: it takes a part, or all, of an invoice off. */
export const CreditNoteView = z.object({
  /** The year of the dues. */
  duesYear: z.number(),
  amountCents: Cents,
  issuedOn: Day,
  reason: z.string(),
  paper: ReceiptName,
  /** The invoice that it corrects. */
  invoice: ReceiptName,
})
export type CreditNoteView = z.infer<typeof CreditNoteView>

export const PaymentView = z.object({
  id: z.uuid(),
  way: PaymentWayName,
  amountCents: Cents,
  receivedOn: Day,
  reference: z.string(),
  receipt: ReceiptName,
  /** Null if it is valid. */
  cancelled: z.object({ at: z.iso.datetime(), reason: z.string(), receipt: ReceiptName }).nullable(),
})
export type PaymentView = z.infer<typeof PaymentView>

/** Means of payment of a refund. */
export const RefundWay = PaymentWayName.exclude(['debit'])

/** A refund to a member. */
export const RefundView = z.object({
  id: z.uuid(),
  way: RefundWay,
  amountCents: Cents,
  paidOn: Day,
  reference: z.string(),
  reason: z.string(),
  /** The payment that it refunds a part of; null if it refunds an advance. */
  paymentId: z.uuid().nullable(),
  receipt: ReceiptName,
  /** Null if it is valid. */
  cancelled: z.object({ at: z.iso.datetime(), reason: z.string(), receipt: ReceiptName }).nullable(),
})
export type RefundView = z.infer<typeof RefundView>

/** A notice to a member. */
export const NoticeView = z.object({
  kind: NoticeKindName,
  at: z.iso.datetime(),
  /** Number of SMS and of mails sent. */
  sms: z.number(),
  mails: z.number(),
  /** The way in which the chamber notified the member in person; null if the program did. */
  inPerson: InPersonWay.nullable(),
  note: z.string(),
  /**
   * For a warning: whether its mail was handed over or its SMS delivered; null while that is pending. For other notices: as
   * far as is known; a number that has turned out invalid counts as not reached.
   */
  reached: z.boolean().nullable(),
})
export type NoticeView = z.infer<typeof NoticeView>

/** GET /api/schemes/:scheme/members/:id/dues: the account of one member. */
export const MemberDues = z.object({
  /** Dues owed over all years; negative if paid in advance. */
  balanceCents: z.number(),
  /** Latest first. */
  years: z.array(
    DuesLine.pick({ amountCents: true, remainingCents: true, dueOn: true, state: true }).extend({
      year: z.number(),
      /** The part that is waived for this year alone. */
      waivedCents: Cents,
      /** The latest valid one; null if none was issued. */
      invoice: ReceiptName.nullable(),
      /** Valid ones before it, which a credit note may have corrected in part. */
      earlierInvoices: z.array(ReceiptName),
      /** Amount that is called and that no valid invoice covers, in cents. A supplementary invoice can be made for it. */
      uninvoicedCents: Cents,
    }),
  ),
  /** Latest first, at most 100. */
  payments: z.array(PaymentView),
  /** Latest first, at most 100. */
  refunds: z.array(RefundView),
  /** Latest first; for the chamber, those of members merged into this one too. */
  creditNotes: z.array(CreditNoteView),
  /** Waivers, latest first. */
  waivers: z.array(z.object({ on: Day, amountCents: Cents, reason: z.string() })),
  /** When the dues rule suspended it; null if it is not suspended by the rule. */
  suspendedAt: z.iso.datetime().nullable(),
  /** As in DuesLine, over all years. */
  unnotified: z.boolean(),
  /** The reference for its bank transfers. */
  reference: z.string(),
  /** The debit under way; null if none. */
  collecting: z
    .object({
      amountCents: Cents,
      on: Day,
      debit: z.uuid(),
      file: z.object({ id: z.uuid(), no: z.number() }),
      /** Whether the bank has the file, or should: the debit cannot be removed any more. */
      gone: z.boolean(),
      /** When its mandate was revoked, so that the debit must be recalled at the bank; null if the mandate is valid. */
      revokedAt: z.iso.datetime().nullable(),
    })
    .nullable(),
  /** Latest first, at most 100. */
  notices: z.array(NoticeView),
})
export type MemberDues = z.infer<typeof MemberDues>

/** GET /api/portal/shops/:scheme/:member/dues: what a shop owes, for its contacts. */
export const OwnDues = MemberDues.pick({
  balanceCents: true,
  years: true,
  payments: true,
  refunds: true,
  creditNotes: true,
}).extend({
  /** The chamber to contact. */
  chamber: z.string(),
  /**
   * The fee that the joining page announces for this shop, for this year or the next open one, and that is not among its years
   * yet; null if there is none. `planned`: no campaign is open for it.
   */
  announced: z.object({ year: Year, amountCents: Cents, planned: z.boolean() }).nullable(),
  /** Whether its alerts are suspended for unpaid dues. */
  suspended: z.boolean(),
  /** Whether the shop can issue its invoices: the settings of the creditor have what an invoice must say. */
  invoices: z.boolean(),
  /** The debit under way: this part need not be paid in another way. */
  collecting: z.object({ amountCents: Cents, on: Day }).nullable(),
  /** Ways to pay; null if a way is not offered. */
  ways: z.object({
    transfer: z
      .object({
        name: z.string(),
        iban: z.string(),
        /** May be empty: not required within the SEPA. */
        bic: z.string(),
        /** The reference to give. */
        reference: z.string(),
      })
      .nullable(),
    cheque: z
      .object({
        order: z.string(),
        address: z.string(),
        /** The reference to write on its back. */
        reference: z.string(),
      })
      .nullable(),
    card: z.boolean(),
    debit: z
      .object({
        /** The text to sign, in French. */
        text: z.string(),
        /** The valid mandate; null if none was signed. */
        mandate: z
          .object({
            reference: z.string(),
            ibanEnd: z.string(),
            holder: z.string(),
            signedAt: z.iso.datetime(),
          })
          .nullable(),
      })
      .nullable(),
  }),
})
export type OwnDues = z.infer<typeof OwnDues>

/** POST /api/portal/shops/:scheme/:member/card */
export const CardPage = z.object({
  /** The provider's page, where the payer goes. */
  url: z.url(),
})
export type CardPage = z.infer<typeof CardPage>

export const ReceiptParams = z.object({
  year: Year,
  no: z.coerce.number().int().min(1).max(2_000_000_000),
})

/** GET /api/schemes/:scheme/dues/accounting.csv */
export const AccountingQuery = z.object({ year: Year })

/** GET /api/schemes/:scheme/dues/accounting */
export const AccountingViewQuery = z.object({ year: Year.optional() })

/** Summary of the entries in the accounting export of a year. */
export const AccountingView = z.object({
  year: z.number(),
  /** The years that have entries, the last one first. */
  years: z.array(z.number()),
  entries: z.number(),
  /** Days of the first and the last entry of the year; null without any. */
  firstOn: Day.nullable(),
  lastOn: Day.nullable(),
  accounts: z.array(
    z.object({
      account: z.enum(['receivable', 'income', 'bank', 'cheques', 'cash', 'cards']),
      /** In the chart of accounts, by the settings. */
      number: z.string(),
      debitCents: z.number(),
      creditCents: z.number(),
    }),
  ),
  /** The last exports of the years with entries, and of this one. */
  exports: z.array(
    z.object({
      at: z.iso.datetime(),
      /** Name of the account; null for the program. */
      by: z.string().nullable(),
      year: z.number(),
      lines: z.number(),
    }),
  ),
})
export type AccountingView = z.infer<typeof AccountingView>

/** POST /api/schemes/:scheme/members/:id/payments: a payment recorded by the chamber. */
export const NewPayment = z.object({
  /** Chosen by the client, so that a request whose answer was lost can be sent again (ADR 22). */
  id: ClientId.optional(),
  way: HandWay,
  amountCents: z.number().int().min(1).max(10_000_000),
  /** When it arrived: not in the future, and at most a year ago. */
  receivedOn: Day,
  reference: z.string().trim().max(80).default(''),
  /** Confirms that it exceeds what is owed: the rest is an advance on the next year. */
  inAdvance: z.boolean().default(false),
  /** Confirms that a debit is under way: the money arrives twice, unless the debit is removed. */
  besideDebit: z.boolean().optional(),
  /** Confirms that a cheque with the same number is recorded: two banks may use the same one. */
  sameCheque: z.boolean().optional(),
})
export type NewPayment = z.infer<typeof NewPayment>

/** POST /api/schemes/:scheme/members/:id/refunds: a refund. */
export const NewRefund = z.object({
  /** As for a payment. */
  id: ClientId.optional(),
  /** The payment of which a part is refunded, at most its remainder; null to refund an advance. */
  paymentId: z.uuid().nullable().default(null),
  way: RefundWay,
  amountCents: z.number().int().min(1).max(10_000_000),
  /** When it was paid out: not in the future, and at most a year ago. */
  paidOn: Day,
  reference: z.string().trim().max(80).default(''),
  reason: z.string().trim().max(200).default(''),
})
export type NewRefund = z.infer<typeof NewRefund>

/**
 * Reason for cancelling a payment or refund (POST …/payments/:payment/cancel: a bounced cheque, an entry by mistake;
 * …/refunds/:refund/cancel).
 */
export const DuesReason = z.object({ reason: z.string().trim().max(200).default('') })
export type DuesReason = z.infer<typeof DuesReason>

/** POST /api/schemes/:scheme/members/:id/waiver: waives what a member still owes, with the reason. */
export const Waiver = DuesReason.extend({
  /** The only year to waive; all that is owed if absent. */
  year: Year.optional(),
  /** Confirms that a debit is under way: it becomes an advance, unless it is removed. */
  besideDebit: z.boolean().optional(),
})
export type Waiver = z.infer<typeof Waiver>

/**
 * POST /api/schemes/:scheme/members/:id/dues-notices: records that the chamber warned a member in person of its suspension.
 */
export const WarningInPerson = z.object({
  /** As for a payment. */
  id: ClientId.optional(),
  how: InPersonWay,
  /** For example, the person who was reached. */
  note: z.string().trim().max(200).default(''),
})
export type WarningInPerson = z.infer<typeof WarningInPerson>

/** The content of a receipt, as it was when issued. */
export interface ReceiptFacts {
  readonly scheme: string
  readonly creditor: {
    readonly name: string
    readonly address: string
    readonly siret: string
    readonly note: string
  }
  /** Null after the retention period: the receipt can no longer be printed. */
  readonly member: {
    readonly name: string
    readonly siret: string | null
    readonly address: string | null
    readonly commune: string
  } | null
  readonly amountCents: number
  readonly way: z.infer<typeof PaymentWayName>
  readonly receivedOn: string
  readonly reference: string
  /** Years that it settled, fully or in part; empty for an advance. */
  readonly years: readonly number[]
  /** The amount that it settled of each of these years; absent on receipts from before 0.5.0. */
  readonly amounts?: readonly { readonly year: number; readonly cents: number }[]
  /** The receipt that this one cancels. */
  readonly cancels: { readonly number: string; readonly reason: string } | null
  /** For a refund: its reason, and the receipt of the payment; absent for a payment. */
  readonly refund?: { readonly reason: string; readonly receipt: string | null }
}

/** The content of an invoice or credit note, as it was when issued. */
export interface InvoiceFacts {
  /** As printed: F-AC63-2026-00042. */
  readonly number: string
  readonly issuedOn: string
  readonly seller: {
    readonly name: string
    readonly address: string
    readonly siret: string
    readonly vat: 'outside' | 'franchise' | 'nonprofit'
    readonly vatNumber: string
    readonly vatReason: string
  }
  /** Null after the retention period: the invoice can no longer be drawn. */
  readonly member: {
    readonly name: string
    readonly siret: string | null
    readonly address: string | null
    /** "63500 Issoire". */
    readonly town: string
  } | null
  /** The year of the dues. */
  readonly year: number
  /** The text of its only line. */
  readonly label: string
  readonly amountCents: number
  /** The part of the total that was paid when the invoice was issued. */
  readonly paidCents: number
  readonly dueOn: string
  /** The reference for a transfer. */
  readonly reference: string
  readonly iban: string
  readonly bic: string
  /** Credit notes only: the invoice that it corrects, and why; `amountCents` is then what is taken off. */
  readonly corrects?: { readonly number: string; readonly issuedOn: string; readonly reason: string }
}

/** POST …/members/:id/invoices: the year of the dues to invoice. */
export const NewInvoice = z.object({ year: z.number().int().min(2000).max(2100) })
export type NewInvoice = z.infer<typeof NewInvoice>

/** GET /api/schemes/:scheme/dues/letters: the letters that would be printed. */
export const LetterCount = z.object({
  letters: z.number(),
  /** Letters whose address has no postal code. */
  withoutPostalCode: z.number(),
  /** The first members to whom they are addressed. */
  members: z.array(z.object({ id: z.uuid(), name: z.string() })),
  /** Letters whose address does not fit whole in the window of the envelope. */
  cut: z.number(),
  /** The first members to whom they are addressed. */
  cutMembers: z.array(z.object({ id: z.uuid(), name: z.string() })),
})
export type LetterCount = z.infer<typeof LetterCount>

nameSchemas({
  AccountingView,
  CampaignPreview,
  CampaignView,
  CampaignWithdrawn,
  CardPage,
  CreditNoteView,
  DuesFacet,
  DuesFigures,
  DuesLine,
  DuesPage,
  DuesReason,
  DuesState,
  HandWay,
  MemberDues,
  NewCampaign,
  NewInvoice,
  NewPayment,
  NewRefund,
  NoticeKindName,
  NoticeView,
  OwnDues,
  PaymentView,
  PaymentWayName,
  ReceiptName,
  RefundView,
  RefundWay,
  WarningInPerson,
  InPersonWay,
  LetterCount,
  Waiver,
  WithdrawCampaign,
})
