import { z } from 'zod'
import { Area } from '../territory/contract.ts'
import { CategoryArea, CategoryLevel, DoctrineSettings, SeverityName } from './doctrine.ts'

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
  /** Yearly, a member. */
  feeCents: z.number(),
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
export const DoctrineChange = DoctrineSettings.extend({
  /** Of the doctrine that was read: refused when it was changed since. Absent: whatever stands now. */
  version: z.number().int().optional(),
})

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

export const SchemeSummary = z.object({ id: SchemeCode, name: z.string(), members: z.number() })
export type SchemeSummary = z.infer<typeof SchemeSummary>
