import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { SETTING_SUBJECTS } from './rules.ts'

/** A change of settings that one account proposed, without its values, whose schemas are those of other rooms. */
export const SettingChangeFacts = z.object({
  id: z.uuid(),
  subject: z.enum(SETTING_SUBJECTS),
  /** The accounts that the values name (`userId`), by id; one that is closed is absent. */
  accounts: z.record(z.string(), z.string()),
  reason: z.string(),
  /** Whether it was declared that no other account has a role that puts it in force. */
  alone: z.boolean(),
  proposedBy: z.string(),
  proposedAt: z.iso.datetime(),
  /** The end of its cooling time; null: it has none. */
  readyAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime(),
  state: z.enum(['proposed', 'in_force', 'rejected', 'withdrawn', 'overtaken', 'expired']),
  decidedBy: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
  decisionReason: z.string().nullable(),
  /** Accounts that may put it in force; empty once it is decided. */
  waitsFor: z.array(z.string()),
  /** The decisions on the change that are open to the caller. */
  may: z.object({
    putInForce: z.boolean(),
    /** Whether only the cooling time keeps the caller from putting it in force. */
    cooling: z.boolean(),
    reject: z.boolean(),
    withdraw: z.boolean(),
  }),
})
export type SettingChangeFacts = z.infer<typeof SettingChangeFacts>

/** The rule for the caller's changes of a subject: the accounts that would put them in force, and the delay. */
export const SettingRuleView = z.object({
  subject: z.enum(SETTING_SUBJECTS),
  /** Whether the caller may propose. */
  propose: z.boolean(),
  /** The other accounts that may put it in force; empty: the caller is alone and has to declare it. */
  others: z.array(z.string()),
  /**
   * Whether a change made alone waits out the cooling time whatever it changes: others have the role but do not count yet, or accounts
   * were closed, changed or recovered a short while ago.
   */
  cools: z.boolean(),
  /** Whether a role applies at once, without a reason: no chief, chamber or magistrate has opened an account yet. */
  first: z.boolean(),
})
export type SettingRuleView = z.infer<typeof SettingRuleView>

/** POST /api/schemes/:scheme/setting-changes/:id/reject */
export const SettingChangeRejection = z.object({ reason: z.string().trim().max(500) })

/** Reason for proposing a change: required when one of its settings needs a second person. */
export const ChangeReason = z.string().trim().max(500)

/** The change that waits for another account; null: everything is in force. */
export const Proposed = z.uuid().nullable()

nameSchemas({
  Proposed,
  SettingChangeRejection,
  SettingRuleView,
})
