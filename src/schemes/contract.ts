import { z } from 'zod'
import { changesTo } from '../platform/bodies.ts'
import { Area } from '../territory/contract.ts'
import { CategoryArea, CategoryLevel, DoctrineSettings, SeverityName } from './doctrine.ts'
import { WARNING_DAYS } from './dues.ts'

/** A scheme (dispositif): "Alerte Commerces 63". */
export const SchemeCode = z.string().regex(/^[a-z][a-z0-9-]{1,30}$/)

export const CategoryView = z.object({
  code: z.string(),
  labelFr: z.string(),
  labelEn: z.string(),
  severity: SeverityName,
  /** Text to start from, with the variables of compose.ts: "Faux billets {lieu}. {conseil}". */
  template: z.string(),
  /** At what level its alerts begin, and for what kind of area; null: the commune. */
  level: CategoryLevel,
  area: CategoryArea.nullable(),
  /** From 1; the first nine answer to the keys 1 to 9. */
  position: z.number(),
})
export type CategoryView = z.infer<typeof CategoryView>

export const AgencyView = z.object({
  id: z.uuid(),
  code: z.string(),
  name: z.string(),
  kind: z.enum(['police', 'gendarmerie', 'chamber', 'prosecutor', 'observer']),
  /** Where it acts; null: the whole territory. */
  zone: Area.nullable(),
})

export const TradeView = z.object({ code: z.string(), nameFr: z.string(), nameEn: z.string() })

/** What the console needs of a scheme. GET /api/schemes/:scheme */
export const SchemeView = z.object({
  id: SchemeCode,
  name: z.string(),
  territory: Area,
  /** The hours of its messages are those of this time zone (IANA): that of its territory. */
  timeZone: z.string(),
  /** The trades it admits, in the order to show them. */
  trades: z.array(TradeView),
  /** Those in use, by position. */
  categories: z.array(CategoryView),
  /** Ends every message: "Ne pas intervenir, ne pas transférer SMS." */
  closingAdvice: z.string(),
  /** The name that phones show as the sender. */
  sender: z.string(),
  agencies: z.array(AgencyView),
  sectors: z.array(z.object({ id: z.uuid(), name: z.string(), communeCodes: z.array(z.string()) })),
  /** First digits of its alert references: 63 in 63-26-0142. */
  referencePrefix: z.string(),
  /** Price of one SMS part, in thousandths of a cent. */
  smsPriceMillicents: z.number(),
  /** Hours after which an alert expires when nothing else is said. */
  alertLifetimeHours: z.number(),
  /** What it asks before an alert may leave. */
  doctrine: DoctrineSettings,
})
export type SchemeView = z.infer<typeof SchemeView>

/** The doctrine as it stands. GET /api/schemes/:scheme/doctrine */
export const DoctrineView = z.object({
  doctrine: DoctrineSettings,
  /** Counts up with every change. */
  version: z.number(),
  /** Null, both: as it was loaded. */
  setAt: z.iso.datetime().nullable(),
  setBy: z.string().nullable(),
})
export type DoctrineView = z.infer<typeof DoctrineView>

/** PUT /api/schemes/:scheme/doctrine */
export const DoctrineChange = changesTo(
  DoctrineSettings.extend({
    /** Of the doctrine that was read: refused when it was changed since. Absent: whatever stands now. */
    version: z.int32().optional(),
  }),
)

/** How one joins a scheme. */
export const EnrolmentSettings = z.object({
  /**
   * `never`: the chamber decides on every request. `verified`: one whose business the State's register knows as open in
   * the same commune, and that looks like no member nor other request, is approved at once.
   */
  autoApprove: z.enum(['never', 'verified']).default('never'),
})
export type EnrolmentSettings = z.infer<typeof EnrolmentSettings>

/** What a scheme does about the numbers of its members. */
export const NumberSettings = z.object({
  /** Asks once a year by SMS whether a number is still that of its business. */
  reconfirm: z.boolean().default(false),
  /** Messages a day at most, on working days. */
  perDay: z.number().int().min(1).max(500).default(20),
})
export type NumberSettings = z.infer<typeof NumberSettings>

/** Who gets the money of dues, as receipts and forms of payment name it. */
export const DuesCreditor = z.object({
  /** Empty: the name of the chamber. */
  name: z.string().trim().max(70).default(''),
  address: z.string().trim().max(200).default(''),
  siret: z
    .string()
    .trim()
    .regex(/^(\d{14})?$/)
    .default(''),
  /** Of the account that transfers go to; empty: none are offered. Checked by the action. */
  iban: z.string().trim().max(42).default(''),
  bic: z.string().trim().max(11).default(''),
  /** SEPA creditor identifier (ICS), as FR72ZZZ123456; empty: nothing is collected by direct debit. */
  sepaId: z.string().trim().max(35).default(''),
  /** Cheques are made out to it; empty: none are offered. */
  chequeOrder: z.string().trim().max(70).default(''),
  /** A line at the foot of receipts: what the law asks of this chamber. */
  receiptNote: z.string().trim().max(300).default(''),
})
export type DuesCreditor = z.infer<typeof DuesCreditor>

const AccountNumber = z
  .string()
  .trim()
  .regex(/^\d{3,10}$/)

/** Numbers of accounts in the accounting export; those of the French plan of associations by default. */
export const DuesAccounts = z.object({
  receivable: AccountNumber.default('411000'),
  income: AccountNumber.default('756000'),
  bank: AccountNumber.default('512000'),
  cheques: AccountNumber.default('511200'),
  cash: AccountNumber.default('530000'),
  cards: AccountNumber.default('511500'),
})
export type DuesAccounts = z.infer<typeof DuesAccounts>

/** What a scheme does about the dues of its members. */
export const DuesSettings = z.object({
  /** Reminders go out so many days after a due date; none: nobody is reminded. */
  remindAfterDays: z.array(z.number().int().min(1).max(365)).max(5).default([15, 45]),
  /** Reminders and warnings by SMS too, behind all other messages. */
  sms: z.boolean().default(true),
  /** What comes of those who do not pay: nothing, a warning, or a warning and then their suspension. */
  rule: z.enum(['none', 'warn', 'suspend']).default('none'),
  /** The rule counts so many days after a due date; the warning of a suspension goes out WARNING_DAYS before. */
  ruleAfterDays: z.number().int().min(WARNING_DAYS).max(365).default(90),
  creditor: DuesCreditor.prefault({}),
  accounts: DuesAccounts.prefault({}),
})
export type DuesSettings = z.infer<typeof DuesSettings>

/** What a scheme asks of messages to groups of its members. */
export const MessageSettings = z.object({
  /** Above so many recipients, another than whoever wrote a message orders it; 0: every message. */
  aloneMax: z.number().int().min(0).max(10_000).default(500),
})
export type MessageSettings = z.infer<typeof MessageSettings>

export const SchemeSummary = z.object({ id: SchemeCode, name: z.string(), members: z.number() })
export type SchemeSummary = z.infer<typeof SchemeSummary>
