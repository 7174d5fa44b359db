import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { SchemeContact } from '../../schemes/contract.ts'

/** Kinds of data with a retention period, in display order; that of `deliveries` is set for the installation. */
const Kind = z.enum([
  'reports',
  'deliveries',
  'messages',
  'member',
  'look',
  'request',
  'mandate',
  'statement',
  'dues',
  'notice',
  'reason',
  'network',
  'on_call',
])
export const RETENTION_KINDS = Kind.options
export type RetentionKind = z.infer<typeof Kind>

/** GET /api/schemes/:scheme/retention */
export const RetentionView = z.object({
  /** Retention period of each kind of data, in days. */
  kinds: z.array(z.object({ kind: Kind, days: z.number() })),
  /** Deletions from the audit record, latest first, at most a hundred. */
  purges: z.array(
    z.object({
      at: z.iso.datetime(),
      kind: Kind,
      removed: z.number(),
      /** The cut-off date: older data was removed. */
      before: z.iso.datetime(),
      /** Number of the deletion's entry on the audit record. */
      seq: z.number(),
    }),
  ),
})
export type RetentionView = z.infer<typeof RetentionView>

/** GET /api/public/schemes/:scheme/privacy: what the privacy notice is written from. */
export const PrivacyFacts = z.object({
  name: z.string(),
  /** The controller of the list of members. */
  chamber: z.string(),
  /** Contact at the chamber, and the data protection officer; empty values are unknown. */
  contact: SchemeContact,
  /** Agencies of police and gendarmerie that send alerts. */
  forces: z.array(z.string()),
  sender: z.string(),
  days: z.object({
    reports: z.number(),
    deliveries: z.number(),
    messages: z.number(),
    member: z.number(),
    look: z.number(),
    request: z.number(),
    mandate: z.number(),
    statement: z.number(),
    notice: z.number(),
    reason: z.number(),
    network: z.number(),
    on_call: z.number(),
    /** Requests to join that were refused, and at most a sign-in to the portal. */
    refused: z.number(),
    session: z.number(),
  }),
  /** Payment methods that send data to third parties: a bank gets the account, the payment provider the card. */
  debit: z.boolean(),
  card: z.boolean(),
  /** Whether mails are sent. */
  mail: z.boolean(),
  /** Whether members pay dues, confirm their number once a year, and receive traceable copies. */
  dues: z.boolean(),
  reconfirmation: z.boolean(),
  leakTracing: z.boolean(),
})
export type PrivacyFacts = z.infer<typeof PrivacyFacts>

nameSchemas({ PrivacyFacts, RetentionView })
