import { z } from 'zod'
import { MemberView } from '../../members/contract.ts'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { MERGE_CHOICES } from './rules.ts'

/** GET /api/schemes/:scheme/doubles */
export const DoubleQuery = z.object({
  /** Number of pairs to skip. */
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
})
export type DoubleQuery = z.infer<typeof DoubleQuery>

/**
 * Reasons for which two members look like duplicates: the same company (SIREN) in one commune, the same mobile, the same name in
 * one commune.
 */
export const DoubleReason = z.enum(['company', 'phone', 'place'])
export type DoubleReason = z.infer<typeof DoubleReason>

/** A recent merge. */
export const MergeView = z.object({
  id: z.uuid(),
  kept: z.object({ id: z.uuid(), name: z.string() }),
  merged: z.object({ id: z.uuid(), name: z.string() }),
  at: z.iso.datetime(),
  /** Until when it can be undone; null if it is too late, or a later merge must be undone first. */
  undoUntil: z.iso.datetime().nullable(),
})
export type MergeView = z.infer<typeof MergeView>

/** The dues of a member: the billed years and the balance. */
export const DoubleDues = z.object({
  /** Negative if paid in advance. */
  balanceCents: z.number(),
  /** Whether a debit is under way. */
  collecting: z.boolean(),
  /** Latest first. */
  years: z.array(z.object({ year: z.number(), amountCents: z.number(), remainingCents: z.number() })),
})
export type DoubleDues = z.infer<typeof DoubleDues>

export const DoublePage = z.object({
  /** Most certain first; in each pair the older member comes first. */
  pairs: z.array(
    z.object({
      first: MemberView,
      second: MemberView,
      by: z.array(DoubleReason),
      /** Null if neither was ever billed. */
      dues: z.object({ first: DoubleDues, second: DoubleDues }).nullable(),
    }),
  ),
  total: z.number(),
  /** Merges of the last day, latest first. */
  merges: z.array(MergeView),
})
export type DoublePage = z.infer<typeof DoublePage>

/** PUT /api/schemes/:scheme/doubles: marks two members as different, or removes the mark. */
export const ApartChoice = z.object({
  members: z.tuple([z.uuid(), z.uuid()]),
  apart: z.boolean(),
})
export type ApartChoice = z.infer<typeof ApartChoice>

const From = z.enum(['kept', 'merged'])

/** POST /api/schemes/:scheme/merges */
export const MergeMembers = z.object({
  /** Id of the merge that undo names. The same request sent again is answered as the first one. */
  id: ClientId.optional(),
  /** The member that is kept, and the one that becomes a pointer to it. */
  kept: z.uuid(),
  merged: z.uuid(),
  /** The member from which each field is taken; by default the kept one, unless it has no value. */
  take: z.partialRecord(z.enum(MERGE_CHOICES), From).default({}),
  /**
   * Whether the kept one's fee of a year that both were billed for is waived as far as the other has paid it (merge/dues.ts);
   * true if absent.
   */
  letOff: z.boolean().optional(),
})
export type MergeMembers = z.infer<typeof MergeMembers>

nameSchemas({ ApartChoice, DoubleDues, DoublePage, DoubleReason, MergeMembers, MergeView })
