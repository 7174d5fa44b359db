import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'

/** The last recorded authorisation by the prosecutor of an alert or of a follow-up. */
export const AuthorisationView = z.object({
  magistrate: z.string(),
  service: z.string(),
  givenAt: z.iso.datetime(),
  scope: z.string(),
  recordedAt: z.iso.datetime(),
  recordedBy: z.string(),
  /** False if the authorised content has changed since, or the magistrate denied it. */
  valid: z.boolean(),
  /** The magistrate's answer to an authorisation that another person recorded; null: the magistrate was not asked. */
  confirmation: z.enum(['pending', 'confirmed', 'denied']).nullable(),
  answeredAt: z.iso.datetime().nullable(),
})
export type AuthorisationView = z.infer<typeof AuthorisationView>

/** The approval of an alert or of a follow-up by a second person. */
export const ApprovalView = z.object({
  /** Whether a second person is required. */
  needed: z.boolean(),
  /** Ids of the users who wrote any part: none of them may approve it. */
  authors: z.array(z.string()),
  submittedAt: z.iso.datetime().nullable(),
  submittedBy: z.string().nullable(),
  /** The last decision, or the override. */
  decision: z.enum(['returned', 'rejected', 'approved', 'overridden']).nullable(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  /** Id of the deciding user, who may not sign the review of their own override. */
  decidedById: z.string().nullable(),
  reason: z.string().nullable(),
  /** Whether a chief ordered it without the second person. */
  overridden: z.boolean(),
  /** Review of an override: open until another chief or a magistrate signs. */
  review: z.enum(['open', 'justified', 'not_justified']).nullable(),
  reviewedAt: z.iso.datetime().nullable(),
  reviewedBy: z.string().nullable(),
  reviewNote: z.string().nullable(),
})
export type ApprovalView = z.infer<typeof ApprovalView>

/** The last return of a message by a second person, with its text as it was then. */
export const ReturnedText = z.object({
  at: z.iso.datetime(),
  by: z.string(),
  reason: z.string(),
  text: z.string(),
  level: z.string(),
})
export type ReturnedText = z.infer<typeof ReturnedText>

/** The last return of an alert, with its content as it was then. */
export const ReturnedVersion = ReturnedText.extend({
  areaLabel: z.string(),
  trades: z.array(z.string()),
  /** Members that it would have reached when it was submitted; null: not known. */
  members: z.number().nullable(),
})
export type ReturnedVersion = z.infer<typeof ReturnedVersion>

/** Null: it was never returned. */
export const ReturnedAnswer = z.object({ returned: ReturnedVersion.nullable() })

/** A magistrate's authorisation. */
export const GivenAuthorisation = z.object({
  /** The magistrate, from the scheme's list; ignored when a magistrate is signed in, who gives their own. */
  magistrateId: z.string().max(64).optional(),
  /** Now when absent. */
  givenAt: z.iso.datetime({ offset: true }).optional(),
  /** The elements that it covers. */
  scope: z.string().trim().min(1).max(500),
})
export type GivenAuthorisation = z.infer<typeof GivenAuthorisation>

nameSchemas({
  ApprovalView,
  AuthorisationView,
  GivenAuthorisation,
  ReturnedAnswer,
  ReturnedText,
  ReturnedVersion,
})
