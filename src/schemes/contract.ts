import { z } from 'zod'
import {
  MAIL_BODY_LENGTH,
  MAIL_SUBJECT_LENGTH,
  type MailRules,
  MEMBER_MAILS,
  type MemberMail,
} from '../i18n/member-mails.ts'
import { REGIONS } from '../identity/codes/regions.ts'
import { changesTo } from '../platform/http/bodies.ts'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { ChangeReason } from '../settings/contract.ts'
import { Area } from '../territory/contract.ts'
import { CategoryArea, CategoryLevel, DoctrineSettings, SeverityName } from './doctrine.ts'
import { WARNING_DAYS } from './settings/dues.ts'

/** Id of a scheme (dispositif), such as `ac63` of "Alerte Commerces 63". */
export const SchemeCode = z.string().regex(/^[a-z][a-z0-9-]{1,30}$/)

export const CategoryView = z.object({
  code: z.string(),
  labelFr: z.string(),
  labelEn: z.string(),
  severity: SeverityName,
  /** Initial text with the variables of compose.ts: "Faux billets {lieu}. {conseil}". */
  template: z.string(),
  /** Initial level and kind of area of its alerts; a null area means the commune. */
  level: CategoryLevel,
  area: CategoryArea.nullable(),
  /** Counted from 1; the first nine have the keys 1 to 9. */
  position: z.number(),
})
export type CategoryView = z.infer<typeof CategoryView>

export const AgencyView = z.object({
  id: z.uuid(),
  code: z.string(),
  name: z.string(),
  kind: z.enum(['police', 'gendarmerie', 'chamber', 'prosecutor', 'observer']),
  /** The area in which it acts; null: the whole territory. */
  zone: Area.nullable(),
})

export const TradeView = z.object({ code: z.string(), nameFr: z.string(), nameEn: z.string() })

/** The languages in which a scheme may write its own names. French is one of every scheme. */
export const LANGUAGES = ['fr', 'en'] as const

/** The facts about a scheme that the console needs. GET /api/schemes/:scheme */
export const SchemeView = z.object({
  id: SchemeCode,
  name: z.string(),
  territory: Area,
  /** IANA time zone of the territory, in which its messages give the hour. */
  timeZone: z.string(),
  /** Languages in which it writes its own names, French among them. */
  languages: z.array(z.enum(LANGUAGES)),
  /** The trades that may join, in display order. */
  trades: z.array(TradeView),
  /** The active categories, by position. */
  categories: z.array(CategoryView),
  /** Last sentence of every message: "Ne pas intervenir, ne pas transférer SMS." */
  closingAdvice: z.string(),
  /** The sender name that phones show. */
  sender: z.string(),
  agencies: z.array(AgencyView),
  sectors: z.array(z.object({ id: z.uuid(), name: z.string(), communeCodes: z.array(z.string()) })),
  /** First characters of its alert references: 63 in 63-26-0142. */
  referencePrefix: z.string(),
  /** Price of one SMS part, in thousandths of a cent. */
  smsPriceMillicents: z.number(),
  /** Hours after which an alert expires unless the order says otherwise. */
  alertLifetimeHours: z.number(),
  /** The conditions that an alert must meet before it is sent. */
  doctrine: DoctrineSettings,
})
export type SchemeView = z.infer<typeof SchemeView>

/** The name of a scheme, its signature and its other general settings. The console reads them from SchemeView. */
export const SchemeGeneral = z.object({
  name: z.string().trim().min(1).max(80),
  sender: z.string().trim().max(40),
  closingAdvice: z.string().trim().min(1).max(120),
  timeZone: z.string().trim().min(1).max(60),
  /** Languages of its names, French among them. English is added once each category in use has a name in it. */
  languages: z.array(z.enum(LANGUAGES)).min(1).max(LANGUAGES.length),
  alertLifetimeHours: z.int().min(1).max(72),
  smsPriceMillicents: z.int().min(0).max(100_000),
  /** First characters of the references of alerts to come; those of earlier alerts stay. */
  referencePrefix: z.string().regex(/^[0-9A-Z]{1,4}$/),
  /** The name of the chamber in messages; null, and not to be set, in a scheme without one. */
  chamber: z.string().trim().min(1).max(120).nullable(),
  /** Made of communes, EPCI, arrondissements, départements or regions. */
  territory: Area,
})
export type SchemeGeneral = z.infer<typeof SchemeGeneral>

/** PUT /api/schemes/:scheme/general */
export const SchemeGeneralChange = changesTo(
  SchemeGeneral.partial().extend({ reason: ChangeReason.optional() }),
)

/** The current doctrine. GET /api/schemes/:scheme/doctrine */
export const DoctrineView = z.object({
  doctrine: DoctrineSettings,
  /** Incremented with every change. */
  version: z.number(),
  /** Both null when it was never changed since the scheme was loaded. */
  setAt: z.iso.datetime().nullable(),
  setBy: z.string().nullable(),
})
export type DoctrineView = z.infer<typeof DoctrineView>

/** PUT /api/schemes/:scheme/doctrine */
export const DoctrineChange = changesTo(
  DoctrineSettings.extend({
    /**
     * Version of the doctrine that was read; the change is refused if it has another one by now. Absent: any version is
     * overwritten.
     */
    version: z.int32().optional(),
    reason: ChangeReason.optional(),
  }),
)

/** Settings of enrolment: approval of requests, budgets for codes, and the territories to which codes may go. */
export const EnrolmentSettings = z.object({
  /**
   * `never`: the chamber decides on every request. `verified`: a request is approved at once if the register of the State
   * lists its business as open in the same commune, and if it resembles no member and no other request.
   */
  autoApprove: z.enum(['never', 'verified']).default('never'),
  /**
   * The daily limits in cents for SMS with codes: codes to join, and codes to sign in beyond those that each number of a member
   * gets in any case.
   */
  codeBudgets: z
    .object({
      joinCents: z.number().int().min(100).max(100_000).default(2000),
      signInCents: z.number().int().min(100).max(100_000).default(2000),
    })
    .prefault({}),
  /**
   * Territories whose mobiles may get a code, to join, to sign in or to become the number of a member. Null: those of
   * `defaultRegions`. It does not concern alerts: a number that a member has keeps getting them.
   */
  destinations: z.array(z.enum(REGIONS)).min(1).max(REGIONS.length).nullable().default(null),
})
export type EnrolmentSettings = z.infer<typeof EnrolmentSettings>

/** Settings of the checks of members' numbers. */
export const NumberSettings = z.object({
  /** Whether each number is asked by SMS once a year if it still belongs to its business. */
  reconfirm: z.boolean().default(false),
  /** Maximum number of these messages a day, on working days. */
  perDay: z.number().int().min(1).max(500).default(20),
})
export type NumberSettings = z.infer<typeof NumberSettings>

/** The creditor of the dues, as named on receipts and forms of payment. */
export const DuesCreditor = z.object({
  /** Empty: the name of the chamber is used. */
  name: z.string().trim().max(70).default(''),
  address: z.string().trim().max(200).default(''),
  siret: z
    .string()
    .trim()
    .regex(/^(\d{14})?$/)
    .default(''),
  /** The account for transfers; empty: transfers are not offered. Checked by the action. */
  iban: z.string().trim().max(42).default(''),
  bic: z.string().trim().max(11).default(''),
  /** SEPA creditor identifier (ICS), such as FR72ZZZ123456; empty: no direct debits. */
  sepaId: z.string().trim().max(35).default(''),
  /** The payee of cheques; empty: cheques are not offered. */
  chequeOrder: z.string().trim().max(70).default(''),
  /** A line at the foot of receipts, for what the law requires of this chamber. */
  receiptNote: z.string().trim().max(300).default(''),
  /** Reason for which invoices have no VAT; empty: no invoices are issued. */
  vat: z.enum(['', 'outside', 'franchise', 'nonprofit']).default(''),
  /** The number of the creditor for VAT, such as FR12345678901; empty: it has none. */
  vatNumber: z.string().trim().max(20).default(''),
  /** The sentence on invoices that says why they have no VAT; empty: the usual one. */
  vatReason: z.string().trim().max(200).default(''),
})
export type DuesCreditor = z.infer<typeof DuesCreditor>

const AccountNumber = z
  .string()
  .trim()
  .regex(/^\d{3,10}$/)

/** Account numbers in the accounting export; by default those of the French plan for associations. */
export const DuesAccounts = z.object({
  receivable: AccountNumber.default('411000'),
  income: AccountNumber.default('756000'),
  bank: AccountNumber.default('512000'),
  cheques: AccountNumber.default('511200'),
  cash: AccountNumber.default('530000'),
  cards: AccountNumber.default('511500'),
})
export type DuesAccounts = z.infer<typeof DuesAccounts>

const Cents = z.number().int().min(0).max(10_000_000)

/** The fees that the form of the next campaign starts with; members owe what a campaign is opened with. */
export const DuesFees = z.object({
  /** The fee of members whose trade has none of its own; 0: exempt. */
  feeCents: Cents,
  /** Keyed by trade code. */
  tradeFees: z.record(z.string().max(60), Cents),
  /** Whether members who join during the year pay only for the remaining months. */
  proRata: z.boolean(),
})
export type DuesFees = z.infer<typeof DuesFees>

/** Settings of the dues of a scheme: reminders, the consequence of unpaid dues, creditor, accounts and fees. */
export const DuesSettings = z.object({
  /** Days after a due date at which reminders are sent; empty: no reminders. */
  remindAfterDays: z.array(z.number().int().min(1).max(365)).max(5).default([15, 45]),
  /** Whether reminders and warnings are also sent by SMS, after all other messages. */
  sms: z.boolean().default(true),
  /** The consequence of unpaid dues: none, a warning, or a warning followed by suspension. */
  rule: z.enum(['none', 'warn', 'suspend']).default('none'),
  /** Days after a due date at which the rule applies; the warning of a suspension is sent WARNING_DAYS earlier. */
  ruleAfterDays: z.number().int().min(WARNING_DAYS).max(365).default(90),
  creditor: DuesCreditor.prefault({}),
  accounts: DuesAccounts.prefault({}),
  /** Null: none was ever set. Opening a campaign stores its fees here. */
  fees: DuesFees.extend({
    tradeFees: DuesFees.shape.tradeFees.default({}),
    proRata: DuesFees.shape.proRata.default(false),
  })
    .nullable()
    .default(null),
})
export type DuesSettings = z.infer<typeof DuesSettings>

/** Conditions of a scheme for messages to groups of its members. */
export const MessageSettings = z.object({
  /** Above this number of recipients, a message must be ordered by someone other than its author; 0: always. */
  aloneMax: z.number().int().min(0).max(10_000).default(500),
})
export type MessageSettings = z.infer<typeof MessageSettings>

/** The words of a mail in one language; an empty one is the standard text. */
const MailWords = z.object({
  subject: z.string().trim().max(MAIL_SUBJECT_LENGTH).default(''),
  body: z.string().trim().max(MAIL_BODY_LENGTH).default(''),
})

/** The words of a mail in each language: its recipient reads theirs. */
export const MailTexts = z.object({ fr: MailWords.prefault({}), en: MailWords.prefault({}) })
export type MailTexts = z.infer<typeof MailTexts>

const mailTexts = (mail: MemberMail) => {
  const { variables, required }: MailRules = MEMBER_MAILS[mail]
  const named = (names: readonly string[]) => names.map((name) => `{${name}}`).join(', ')
  return MailTexts.prefault({}).describe(
    `\`fr\` and \`en\`, each with \`subject\` (${MAIL_SUBJECT_LENGTH} characters) and \`body\` (${MAIL_BODY_LENGTH}); variables ${named(Object.keys(variables))}; the body has ${named(required)}`,
  )
}

/** The mails that a scheme may word, with the variables of i18n/member-mails.ts. */
const MemberMailTexts = z.object({
  welcomeMail: mailTexts('welcomeMail'),
  requestMail: mailTexts('requestMail'),
  approvedMail: mailTexts('approvedMail'),
  joinedMail: mailTexts('joinedMail'),
  refusedMail: mailTexts('refusedMail'),
  correctedMail: mailTexts('correctedMail'),
  declinedMail: mailTexts('declinedMail'),
  uncorrectedMail: mailTexts('uncorrectedMail'),
  deadNumberMail: mailTexts('deadNumberMail'),
  resumedMail: mailTexts('resumedMail'),
  duesCallMail: mailTexts('duesCallMail'),
  duesReminderMail: mailTexts('duesReminderMail'),
  duesRestoredMail: mailTexts('duesRestoredMail'),
} satisfies Record<MemberMail, unknown>)

/** Texts of service that a scheme writes in place of the standard ones; an empty one is the standard text. */
export const ServiceTexts = z.object({
  /** SMS to members that an import added, with the variables of service-texts.ts. */
  welcome: z.string().trim().max(500).default(''),
  /** SMS that asks for the dues of a year, to members without a mail address. */
  duesCall: z.string().trim().max(500).default(''),
  /** SMS that reminds of dues. */
  duesReminder: z.string().trim().max(500).default(''),
  /** SMS that asks once a year whether the number still belongs to the business. */
  yearlyQuestion: z.string().trim().max(300).default(''),
  /** SMS to a member that left by itself. */
  left: z.string().trim().max(300).default(''),
  ...MemberMailTexts.shape,
})
export type ServiceTexts = z.infer<typeof ServiceTexts>

const MailPreview = z.object({
  values: z.record(z.string(), z.string()),
  actions: z.record(z.string(), z.string()),
  signature: z.string(),
})

/** GET /api/schemes/:scheme/texts */
export const ServiceTextsView = z.object({
  texts: ServiceTexts,
  /** The standard texts, with the same variables. */
  standard: ServiceTexts.required(),
  /** Values of the variables for an example; an empty phone: the chamber has given none. */
  example: z.object({ dispositif: z.string(), chambre: z.string(), telephone: z.string() }),
  /**
   * Data for the preview of a mail, in each language: sample values, the label of the link of each mail that has one, the
   * signature.
   */
  mails: z.object({ fr: MailPreview, en: MailPreview }),
})
export type ServiceTextsView = z.infer<typeof ServiceTextsView>

/**
 * The contact data of the chamber for members; an empty value is not shown. Phones are in E.164, or in digits if only France
 * calls them.
 */
export const ChamberContact = z.object({
  phone: z.string().trim().max(30).default(''),
  mail: z.string().trim().max(254).default(''),
  address: z.string().trim().max(300).default(''),
  /** When the phone is answered, in words. */
  hours: z.string().trim().max(120).default(''),
})
export type ChamberContact = z.infer<typeof ChamberContact>

/** The data protection officer (GDPR art. 37 to 39); an empty value is not shown. Phones are as in ChamberContact. */
export const DpoContact = z.object({
  name: z.string().trim().max(120).default(''),
  phone: z.string().trim().max(30).default(''),
  mail: z.string().trim().max(254).default(''),
})
export type DpoContact = z.infer<typeof DpoContact>

/** The contact data of a scheme for members and the public. */
export const SchemeContact = z.object({
  chamber: ChamberContact.prefault({}),
  dpo: DpoContact.prefault({}),
})
export type SchemeContact = z.infer<typeof SchemeContact>

const SignInNeed = z.enum(['any', 'second_factor', 'provider'])

/** The sign-in that a scheme requires, and the organisations whose agents may sign in by the identity provider. */
export const AccessSettings = z.object({
  /** Sign-in required of each role: any, one with a second factor (passkey, code, or reported by the provider), or one by the identity provider. */
  signIn: z
    .object({
      operator: SignInNeed.default('any'),
      chief: SignInNeed.default('any'),
      magistrate: SignInNeed.default('any'),
      chamber: SignInNeed.default('any'),
      trade_chamber: SignInNeed.default('any'),
      admin: SignInNeed.default('any'),
    })
    .prefault({}),
  /** SIRET numbers of the agencies; an agency may have several. */
  organisations: z
    .array(z.object({ agency: z.string().min(1).max(64), siret: z.string().regex(/^\d{14}$/) }))
    .max(200)
    .default([]),
})
export type AccessSettings = z.infer<typeof AccessSettings>

export const SchemeSummary = z.object({ id: SchemeCode, name: z.string(), members: z.number() })
export type SchemeSummary = z.infer<typeof SchemeSummary>

nameSchemas({
  AccessSettings,
  AgencyView,
  CategoryView,
  ChamberContact,
  DoctrineChange,
  DoctrineView,
  DpoContact,
  DuesAccounts,
  DuesCreditor,
  DuesFees,
  DuesSettings,
  EnrolmentSettings,
  MessageSettings,
  NumberSettings,
  SchemeContact,
  SchemeGeneral,
  SchemeGeneralChange,
  SchemeView,
  MailTexts,
  ServiceTexts,
  ServiceTextsView,
  TradeView,
})
