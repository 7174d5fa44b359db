import { z } from 'zod'
import { nameSchemas } from '../../platform/endpoints.ts'

/** Everything that leaves by its time, in the order to show it; `deliveries` by the setting of the installation. */
const Kind = z.enum([
  'reports',
  'deliveries',
  'messages',
  'member',
  'look',
  'request',
  'mandate',
  'dues',
  'notice',
  'reason',
])
export const RETENTION_KINDS = Kind.options
export type RetentionKind = z.infer<typeof Kind>

/** GET /api/schemes/:scheme/retention */
export const RetentionView = z.object({
  /** How long each kind of data is kept, in days. */
  kinds: z.array(z.object({ kind: Kind, days: z.number() })),
  /** What left, by the audit record: the latest first, a hundred at most. */
  purges: z.array(
    z.object({
      at: z.iso.datetime(),
      kind: Kind,
      removed: z.number(),
      /** What was older than this. */
      before: z.iso.datetime(),
      /** Its number on the audit record. */
      seq: z.number(),
    }),
  ),
})
export type RetentionView = z.infer<typeof RetentionView>

/** GET /api/public/schemes/:scheme/privacy: what the privacy notice is written from. */
export const PrivacyFacts = z.object({
  name: z.string(),
  /** Who is responsible for the list of members. */
  chamber: z.string(),
  /** Police and gendarmerie who alert. */
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
    notice: z.number(),
    reason: z.number(),
  }),
  /** Ways to pay by which data goes to somebody else: a bank gets the account, the provider of payments the card. */
  debit: z.boolean(),
  card: z.boolean(),
  /** Whether mails are sent. */
  mail: z.boolean(),
  /** Whether members pay, are asked about their number once a year, and can be told apart by their copies. */
  dues: z.boolean(),
  reconfirmation: z.boolean(),
  leakTracing: z.boolean(),
})
export type PrivacyFacts = z.infer<typeof PrivacyFacts>

nameSchemas({ PrivacyFacts, RetentionView })
