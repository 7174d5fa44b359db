import { z } from 'zod'
import { MemberView } from '../../members/contract.ts'
import { MERGE_CHOICES } from './rules.ts'

/** GET /api/schemes/:scheme/doubles */
export const DoubleQuery = z.object({
  /** Pairs to leave out from the beginning. */
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
})
export type DoubleQuery = z.infer<typeof DoubleQuery>

/** Why two members look like one business: one company (SIREN) in one commune, one mobile, one name in one commune. */
export const DoubleReason = z.enum(['company', 'phone', 'place'])

/** A merge that can be taken back still. */
export const MergeView = z.object({
  id: z.uuid(),
  kept: z.object({ id: z.uuid(), name: z.string() }),
  merged: z.object({ id: z.uuid(), name: z.string() }),
  at: z.iso.datetime(),
  /** Until when it can be taken back; null: not any more, or not before a later one. */
  undoUntil: z.iso.datetime().nullable(),
})
export type MergeView = z.infer<typeof MergeView>

/** What a member was asked for and owes. */
export const DoubleDues = z.object({
  /** Below 0: paid in advance. */
  balanceCents: z.number(),
  /** Its bank is being asked. */
  collecting: z.boolean(),
  /** Latest first. */
  years: z.array(z.object({ year: z.number(), amountCents: z.number(), remainingCents: z.number() })),
})
export type DoubleDues = z.infer<typeof DoubleDues>

export const DoublePage = z.object({
  /** The surest first; in each pair, first the one that is a member for longer. */
  pairs: z.array(
    z.object({
      first: MemberView,
      second: MemberView,
      by: z.array(DoubleReason),
      /** Null: neither was ever asked for dues. */
      dues: z.object({ first: DoubleDues, second: DoubleDues }).nullable(),
    }),
  ),
  total: z.number(),
  /** Those of the last day, the latest first. */
  merges: z.array(MergeView),
})
export type DoublePage = z.infer<typeof DoublePage>

/** PUT /api/schemes/:scheme/doubles: two members are not the same, or that is taken back. */
export const ApartChoice = z.object({
  members: z.tuple([z.uuid(), z.uuid()]),
  apart: z.boolean(),
})
export type ApartChoice = z.infer<typeof ApartChoice>

const From = z.enum(['kept', 'merged'])

/** POST /api/schemes/:scheme/merges */
export const MergeMembers = z.object({
  /** The member that stays, and the one that becomes a pointer to it. */
  kept: z.uuid(),
  merged: z.uuid(),
  /** Which of the two says what; what is not chosen: the kept one, unless it says nothing. */
  take: z.partialRecord(z.enum(MERGE_CHOICES), From).default({}),
  /** Of a year that both were asked for, the kept one is let off what the other has settled (dues.ts); absent: it is. */
  letOff: z.boolean().optional(),
})
export type MergeMembers = z.infer<typeof MergeMembers>
