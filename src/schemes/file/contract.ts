import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { Area } from '../../territory/contract.ts'
import { CategoryFields, MAX_CATEGORIES } from '../categories/contract.ts'
import {
  AccessSettings,
  ChamberContact,
  DpoContact,
  DuesAccounts,
  DuesSettings,
  EnrolmentSettings,
  LANGUAGES,
  MessageSettings,
  NumberSettings,
  SchemeCode,
  SchemeContact,
  SchemeGeneral,
  SchemeSummary,
  ServiceTexts,
} from '../contract.ts'
import { DoctrineSettings } from '../doctrine.ts'
import { TradeActivities, TradeCode, TradeName, TradeWords } from '../trade-settings/contract.ts'

const Code = TradeCode
const Label = TradeName

/** The languages in which a scheme may write its names. French is always one. */

/** A trade that the scheme defines itself, or a built-in one that it renames and extends. */
export const FileTrade = z
  .object({
    code: Code.describe('A built-in code, such as bakeries, or a new one'),
    nameFr: Label.optional().describe('Name in French; required for a new code'),
    nameEn: Label.optional().describe(
      'Name in English; required for a new code if English is one of `languages`',
    ),
    naf: TradeActivities.default([]).describe('Activities of NAF rev. 2, in full or their beginning'),
    naf2025: TradeActivities.default([]).describe('The same in NAF 2025'),
    words: TradeWords.default([]).describe('Other words for it in lists of members, in French'),
    without: z
      .object({
        naf: TradeActivities.default([]),
        naf2025: TradeActivities.default([]),
        words: TradeWords.default([]),
      })
      .optional()
      .describe('With a built-in code: its activities and words that no longer lead to it'),
  })
  .describe('A trade of the scheme; with a built-in code, it adds its activities and words to it')

export const FileCategory = z
  .object({
    code: Code,
    labelFr: CategoryFields.shape.labelFr,
    labelEn: CategoryFields.shape.labelFr
      .optional()
      .describe('Name in English; required if English is one of `languages`'),
    severity: CategoryFields.shape.severity.describe(
      'Colour, priority, and whether it is sent in quiet hours',
    ),
    template: CategoryFields.shape.template.describe(
      'Text with {lieu}, {zone}, {heure}, {date}, {metier}, {faits} and {conseil}',
    ),
    level: CategoryFields.shape.level
      .optional()
      .describe('Initial level of its texts; established when absent'),
    area: CategoryFields.shape.area
      .optional()
      .describe('Initial area of its alerts; the commune when absent'),
  })
  .describe('A kind of offence; the first nine have the keys 1 to 9')

export const FileAgency = z.object({
  code: Code,
  name: z.string().trim().min(1).max(120),
  kind: z.enum(['police', 'gendarmerie', 'chamber', 'prosecutor', 'observer']),
  zone: z
    .union([z.literal('elsewhere'), Area])
    .nullable()
    .optional()
    .describe(
      'Where it acts; absent: the whole territory; "elsewhere": the communes outside the zone of every police service',
    ),
})

/** The settings of dues that a file holds. The accounts that money goes to are entered by the chamber, and confirmed by another. */
const FileDues = DuesSettings.omit({ creditor: true, accounts: true }).extend({
  accounts: DuesAccounts.prefault({}),
  fees: DuesSettings.shape.fees.describe(
    'Fees in cents that the form of its next campaign starts with: feeCents, tradeFees by trade code, proRata; opening a campaign replaces them with its own',
  ),
})

const Phone = z.string().regex(/^(?:\+\d{8,15}|3\d{3}|080\d{7})?$/)
const Mail = z.union([z.literal(''), z.email().max(254)])
const FileContact = SchemeContact.extend({
  chamber: ChamberContact.extend({
    phone: Phone.default('').describe('E.164, such as +33473430000, or a short number of France'),
    mail: Mail.default(''),
  }).prefault({}),
  dpo: DpoContact.extend({ phone: Phone.default(''), mail: Mail.default('') }).prefault({}),
})

/**
 * A scheme as one file. What it leaves out has its default; members, people, the charter, and the accounts that dues go to are not
 * part of it.
 */
export const SchemeFile = z.object({
  id: SchemeCode.describe('Short name of the scheme in addresses and commands, such as ac48'),
  name: SchemeGeneral.shape.name.describe('Name that people read, such as Alerte Commerces 48'),
  territory: Area.describe('Made of communes, EPCI, arrondissements, départements or regions'),
  timeZone: z
    .string()
    .max(60)
    .nullable()
    .default(null)
    .describe('IANA name, such as Indian/Reunion; null: that of the territory'),
  languages: SchemeGeneral.shape.languages
    .default([...LANGUAGES])
    .describe(
      'Languages of its names: ["fr"], or both. English screens show the French names of a scheme in French only',
    ),
  referencePrefix: SchemeGeneral.shape.referencePrefix.describe(
    'First characters of its alert references, those of no other scheme: 48 in 48-26-0142',
  ),
  sender: SchemeGeneral.shape.sender.describe('Sender name: 1 to 11 letters and digits, not a generic word'),
  closingAdvice: SchemeGeneral.shape.closingAdvice.describe('Last sentence of every message'),
  smsPriceMillicents: SchemeGeneral.shape.smsPriceMillicents
    .default(4500)
    .describe('Price of one SMS part, in thousandths of a cent'),
  alertLifetimeHours: SchemeGeneral.shape.alertLifetimeHours
    .default(12)
    .describe('Hours after which an alert expires'),
  trades: z
    .array(z.union([Code, FileTrade]))
    .min(1)
    .max(100)
    .describe('Who may join, in the order of display: codes of built-in trades, or trades of its own'),
  categories: z.array(FileCategory).min(1).max(MAX_CATEGORIES),
  agencies: z
    .array(FileAgency)
    .max(60)
    .default([])
    .describe('Police, gendarmerie, chambers, prosecutors, State services'),
  sectors: z
    .array(z.object({ name: z.string().trim().min(1).max(80), area: Area }))
    .max(200)
    .default([]),
  doctrine: DoctrineSettings.prefault({}).describe(
    'What an alert needs before it may be sent; answers to callers',
  ),
  enrolment: EnrolmentSettings.prefault({}).describe('How businesses join'),
  numbers: NumberSettings.prefault({}).describe('The yearly question about numbers'),
  dues: FileDues.prefault({}).describe('Reminders, the rule for late payers, account numbers, fees'),
  messages: MessageSettings.prefault({}).describe('Service messages of the chamber'),
  texts: ServiceTexts.prefault({}).describe(
    'SMS, and mails (`…Mail`) in each language, to members in place of the standard ones, with variables in braces such as {dispositif} and {commerce}',
  ),
  access: AccessSettings.prefault({}).describe(
    'The sign-in that each role needs, and the organisations of agencies',
  ),
  contact: FileContact.prefault({}).describe('Whom members and the public contact'),
})
export type SchemeFile = z.infer<typeof SchemeFile>
/** As written: settings may be absent. */
export type WrittenSchemeFile = z.input<typeof SchemeFile>

/** The result of a scheme file: the scheme that it created or, in a dry run, would create. */
export const SchemeCreation = z.object({
  id: SchemeCode,
  name: z.string(),
  communes: z.number(),
  trades: z.number(),
  categories: z.number(),
  agencies: z.number(),
  sectors: z.number(),
  /** False for a dry run. */
  created: z.boolean(),
})
export type SchemeCreation = z.infer<typeof SchemeCreation>

/** POST /api/installation/schemes */
export const NewScheme = z.object({
  /** Id of the request. The same request sent again is answered as the first one, with the scheme that it created. */
  id: ClientId.optional(),
  /** A scheme, loaded or ready-made, whose copy the file changes; absent: the file says everything. */
  from: SchemeCode.optional(),
  /** As SchemeFile, or the parts of it that differ from the copy; the action reports every problem. */
  file: z.record(z.string().max(60), z.unknown()),
  /** Checks only. */
  dryRun: z.boolean().default(false),
})

/** GET /api/installation/schemes */
export const InstallationSchemes = z.object({
  schemes: z.array(
    SchemeSummary.extend({
      /** Accounts with a role in it. */
      people: z.number(),
    }),
  ),
  readyMade: z.array(z.object({ id: SchemeCode, name: z.string() })),
})
export type InstallationSchemes = z.infer<typeof InstallationSchemes>

nameSchemas({
  InstallationSchemes,
  NewScheme,
  SchemeCreation,
  FileAgency,
  FileCategory,
  FileTrade,
  SchemeFile,
})
