import { z } from 'zod'
import { MemberStatusName } from '../members/contract.ts'
import { CommuneCode } from '../territory/contract.ts'

/** A day of no time zone, 2026-03-12. */
export const Day = z.iso.date()
/** Euro cents. */
const Cents = z.number().int().min(0).max(10_000_000)
const Year = z.coerce.number().int().min(2000).max(2100)

/** `exempt`: its fee is 0. `late`: not paid whole, and its day is over. */
export const DuesState = z.enum(['exempt', 'paid', 'due', 'late'])
export type DuesState = z.infer<typeof DuesState>

/**
 * A look at the members of a year: by state, those whom the rule suspended, and those whom its warning did not reach: they
 * are not suspended before the chamber tells them.
 */
export const DuesFacet = z.enum([...DuesState.options, 'suspended', 'untold'])
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
/** How the chamber tells a member in person. */
export const ToldWay = z.enum(['phone', 'letter', 'visit'])

export const PaymentWayName = z.enum(['transfer', 'cheque', 'cash', 'card', 'debit'])
/** By hand: what the chamber finds on its account, in its mail or on its desk. */
export const HandWay = PaymentWayName.extract(['transfer', 'cheque', 'cash'])

/** What a campaign asks. POST /api/schemes/:scheme/dues/campaigns */
export const NewCampaign = z.object({
  year: Year,
  /** Of every member whose trade has no other fee; 0: exempt. */
  feeCents: Cents,
  /** By trade code. */
  tradeFees: z.record(z.string().max(60), Cents).default({}),
  /** Whoever joins in the year pays for the months that are left, its month included. */
  proRata: z.boolean().default(false),
  /** A day of that year. */
  dueOn: Day,
})
export type NewCampaign = z.infer<typeof NewCampaign>

/** What it would call, before it is opened. POST …/campaigns/preview */
export const CampaignPreview = z.object({
  members: z.number(),
  /** With a fee of 0. */
  exempt: z.number(),
  /** Who pay for a part of the year. */
  proRata: z.number(),
  calledCents: z.number(),
})
export type CampaignPreview = z.infer<typeof CampaignPreview>

export const CampaignView = NewCampaign.extend({
  openedAt: z.iso.datetime(),
  /** When members are first told of it: nobody is before. */
  callsFrom: z.iso.datetime(),
  /** Nobody paid, was let off or is being collected from, or it is of today: it can be withdrawn. */
  withdrawable: z.boolean(),
})
export type CampaignView = z.infer<typeof CampaignView>

/** POST …/campaigns/:year/withdraw: a wrong fee, say. The reason goes on the audit record. */
export const WithdrawCampaign = z.object({ reason: z.string().trim().max(200).default('') })
export type WithdrawCampaign = z.infer<typeof WithdrawCampaign>

export const CampaignWithdrawn = z.object({
  /** Whose fee was taken back. */
  members: z.number(),
  /** Of them, who were told of it: they are told that it was withdrawn. */
  told: z.number(),
  /** Members that it had suspended: they get alerts again at once, and are notified of that. */
  restored: z.number(),
})
export type CampaignWithdrawn = z.infer<typeof CampaignWithdrawn>

export const CampaignParams = z.object({ year: Year })

/** GET /api/schemes/:scheme/dues */
export const DuesQuery = z.object({
  /** Absent: the latest campaign, but for one of a year to come where there is another. */
  year: Year.optional(),
  facet: DuesFacet.optional(),
  /** As in MemberQuery. */
  q: z.string().trim().max(100).optional(),
  trade: z.string().max(60).optional(),
  /** `next` of the page before. */
  after: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type DuesQuery = z.infer<typeof DuesQuery>

/** What one member owes for a year. */
export const DuesLine = z.object({
  id: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: z.object({ code: CommuneCode, name: z.string() }),
  status: MemberStatusName,
  amountCents: Cents,
  /** Of this year: what was paid settles the oldest year first. */
  remainingCents: Cents,
  dueOn: Day,
  state: DuesState,
  /** By the rule. */
  suspended: z.boolean(),
  /** The warning of its suspension reached nobody. */
  untold: z.boolean(),
})
export type DuesLine = z.infer<typeof DuesLine>

/** Over all members of the year whom the reader may see. */
export const DuesFigures = z.object({
  calledCents: z.number(),
  /** Paid or waived. */
  settledCents: z.number(),
  remainingCents: z.number(),
  members: z.record(DuesFacet, z.number()),
})
export type DuesFigures = z.infer<typeof DuesFigures>

/** Members by name, a page at a time. */
export const DuesPage = z.object({
  /** Of all campaigns, latest first. */
  years: z.array(z.number()),
  /** Null: there is none for the year. */
  campaign: CampaignView.nullable(),
  /** On the first page only; null without a campaign too. */
  figures: DuesFigures.nullable(),
  members: z.array(DuesLine),
  next: z.string().nullable(),
})
export type DuesPage = z.infer<typeof DuesPage>

/** A receipt, or what takes one back. */
export const ReceiptName = z.object({
  year: z.number(),
  no: z.number(),
  /** As it is printed: AC63-2026-00042. */
  number: z.string(),
})
export type ReceiptName = z.infer<typeof ReceiptName>

export const PaymentView = z.object({
  id: z.uuid(),
  way: PaymentWayName,
  amountCents: Cents,
  receivedOn: Day,
  reference: z.string(),
  receipt: ReceiptName,
  /** Null: it counts. */
  cancelled: z.object({ at: z.iso.datetime(), reason: z.string(), receipt: ReceiptName }).nullable(),
})
export type PaymentView = z.infer<typeof PaymentView>

/** How money goes back. */
export const RefundWay = PaymentWayName.exclude(['debit'])

/** Money that went back to a member. */
export const RefundView = z.object({
  id: z.uuid(),
  way: RefundWay,
  amountCents: Cents,
  paidOn: Day,
  reference: z.string(),
  reason: z.string(),
  /** Of the payment that it is a part of; null: of what was paid in advance. */
  paymentId: z.uuid().nullable(),
  receipt: ReceiptName,
  /** Null: it counts. */
  cancelled: z.object({ at: z.iso.datetime(), reason: z.string(), receipt: ReceiptName }).nullable(),
})
export type RefundView = z.infer<typeof RefundView>

/** What a member was told. */
export const NoticeView = z.object({
  kind: NoticeKindName,
  at: z.iso.datetime(),
  /** Contacts that an SMS went to, and mails. */
  sms: z.number(),
  mails: z.number(),
  /** By the chamber in person; null: by the program. */
  told: ToldWay.nullable(),
  note: z.string(),
  /**
   * A warning: whether its mail was handed over or its SMS delivered; null while that may still come. Others, as far as is
   * known: what went to a number that is no good any more reached nobody.
   */
  reached: z.boolean().nullable(),
})
export type NoticeView = z.infer<typeof NoticeView>

/** The account of one member. GET /api/schemes/:scheme/members/:id/dues */
export const MemberDues = z.object({
  /** What is owed over all years; below 0: paid in advance. */
  balanceCents: z.number(),
  /** Latest first. */
  years: z.array(
    DuesLine.pick({ amountCents: true, remainingCents: true, dueOn: true, state: true }).extend({
      year: z.number(),
    }),
  ),
  /** Latest first, at most 100. */
  payments: z.array(PaymentView),
  /** Latest first, at most 100. */
  refunds: z.array(RefundView),
  /** What was let off, latest first. */
  waivers: z.array(z.object({ on: Day, amountCents: Cents, reason: z.string() })),
  /** Since when the rule suspends it; null: it does not. */
  suspendedAt: z.iso.datetime().nullable(),
  /** As in DuesLine, of any year. */
  untold: z.boolean(),
  /** What its transfers say. */
  reference: z.string(),
  /** What its bank is being asked for; null: nothing. */
  collecting: z
    .object({
      amountCents: Cents,
      on: Day,
      debit: z.uuid(),
      file: z.object({ id: z.uuid(), no: z.number() }),
      /** The bank has the file, or should: it cannot be taken out any more. */
      gone: z.boolean(),
      /** Since when its mandate is revoked: it is to be called back at the bank; null: it stands. */
      revokedAt: z.iso.datetime().nullable(),
    })
    .nullable(),
  /** Latest first, at most 100. */
  notices: z.array(NoticeView),
})
export type MemberDues = z.infer<typeof MemberDues>

/** What a shop owes, for its people. GET /api/portal/shops/:scheme/:member/dues */
export const OwnDues = MemberDues.pick({
  balanceCents: true,
  years: true,
  payments: true,
  refunds: true,
}).extend({
  /** Who is asked, and who helps. */
  chamber: z.string(),
  /** It gets no alerts, because it did not pay. */
  suspended: z.boolean(),
  /** What its bank is being asked for: of what is owed, it alone need not be paid otherwise. */
  collecting: z.object({ amountCents: Cents, on: Day }).nullable(),
  /** How it can pay; null: this way is not offered. */
  ways: z.object({
    transfer: z
      .object({
        name: z.string(),
        iban: z.string(),
        /** Empty: not asked for within the SEPA. */
        bic: z.string(),
        /** To be written with it. */
        reference: z.string(),
      })
      .nullable(),
    cheque: z.object({ order: z.string(), address: z.string() }).nullable(),
    card: z.boolean(),
    debit: z
      .object({
        /** What is signed, in French. */
        text: z.string(),
        /** The mandate that stands; null: none was signed. */
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
  /** Of the provider: where the payer goes. */
  url: z.url(),
})
export type CardPage = z.infer<typeof CardPage>

export const ReceiptParams = z.object({
  year: Year,
  no: z.coerce.number().int().min(1).max(2_000_000_000),
})

/** GET /api/schemes/:scheme/dues/accounting.csv */
export const AccountingQuery = z.object({ year: Year })

/** A payment by hand. POST /api/schemes/:scheme/members/:id/payments */
export const NewPayment = z.object({
  way: HandWay,
  amountCents: z.number().int().min(1).max(10_000_000),
  /** When it came: no day to come, and no more than a year ago. */
  receivedOn: Day,
  reference: z.string().trim().max(80).default(''),
  /** That it is more than what is owed was read: the rest is an advance on the next year. */
  inAdvance: z.boolean().default(false),
  /** That its bank is being asked for it was read: it comes twice, or the debit is taken out. */
  besideDebit: z.boolean().optional(),
  /** That a cheque of the same number is recorded was read: two banks give the same one. */
  sameCheque: z.boolean().optional(),
})
export type NewPayment = z.infer<typeof NewPayment>

/** Money that goes back. POST /api/schemes/:scheme/members/:id/refunds */
export const NewRefund = z.object({
  /** A part of this payment, at most what is left of it; null: of what was paid in advance. */
  paymentId: z.uuid().nullable().default(null),
  way: RefundWay,
  amountCents: z.number().int().min(1).max(10_000_000),
  /** When it went: no day to come, and no more than a year ago. */
  paidOn: Day,
  reference: z.string().trim().max(80).default(''),
  reason: z.string().trim().max(200).default(''),
})
export type NewRefund = z.infer<typeof NewRefund>

/**
 * Why a payment or a refund is taken back (POST …/payments/:payment/cancel: a cheque that bounced, an entry by mistake;
 * …/refunds/:refund/cancel).
 */
export const DuesReason = z.object({ reason: z.string().trim().max(200).default('') })
export type DuesReason = z.infer<typeof DuesReason>

/** Why a member is let off what it still owes. POST /api/schemes/:scheme/members/:id/waiver */
export const Waiver = DuesReason.extend({
  /** That its bank is being asked for it was read: what comes is an advance, or the debit is taken out. */
  besideDebit: z.boolean().optional(),
})
export type Waiver = z.infer<typeof Waiver>

/** The chamber told a member in person that it may be suspended. POST /api/schemes/:scheme/members/:id/dues-notices */
export const ToldInPerson = z.object({
  how: ToldWay,
  /** With whom, say. */
  note: z.string().trim().max(200).default(''),
})
export type ToldInPerson = z.infer<typeof ToldInPerson>

/** What a receipt says, as it was when it was issued. */
export interface ReceiptFacts {
  readonly scheme: string
  readonly creditor: {
    readonly name: string
    readonly address: string
    readonly siret: string
    readonly note: string
  }
  /** Null once its time is over: the receipt is drawn no more. */
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
  /** Years that it settled, wholly or in part; empty: an advance. */
  readonly years: readonly number[]
  /** Of the receipt that this one takes back. */
  readonly cancels: { readonly number: string; readonly reason: string } | null
  /** Of the paper of a refund: why, and the receipt of the payment that it is a part of; absent: of a payment. */
  readonly refund?: { readonly reason: string; readonly receipt: string | null }
}
