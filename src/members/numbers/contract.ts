import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { CommuneCode } from '../../territory/contract.ts'
import { MemberStatusName, NumberFacet, NumberHealth } from '../contract.ts'

/** GET /api/schemes/:scheme/numbers */
export const NumberQuery = z.object({
  facet: NumberFacet.default('dead'),
  /** Searches members as `q` of MemberQuery does. */
  q: z.string().trim().max(100).optional(),
  trade: z.string().max(60).optional(),
  /** The `next` of the previous page. */
  after: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type NumberQuery = z.infer<typeof NumberQuery>

/** One number of a member. */
export const NumberView = z.object({
  contactId: z.uuid(),
  /** Empty when the contact has no name. */
  person: z.string(),
  /** E.164; null for a contact with a mail address only. */
  phone: z.string().nullable(),
  kind: z.enum(['mobile', 'landline', 'none']),
  /** Whether the number receives alerts by SMS. */
  sms: z.boolean(),
  health: NumberHealth.nullable(),
  /**
   * The result of the yearly question, if the chamber must act on it: the holder said that the number no longer belongs to
   * the business (`gone`), or three messages got no answer (`silent`, dated by the last of them).
   */
  said: z.object({ what: z.enum(['gone', 'silent']), at: z.iso.datetime() }).nullable(),
  /** Other members of the scheme that receive SMS on the same number, by name; only those that the reader may see. */
  sharedWith: z.array(z.object({ id: z.uuid(), name: z.string() })),
})
export type NumberView = z.infer<typeof NumberView>

/** A member whose numbers need review. */
export const NumberMember = z.object({
  id: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: z.object({ code: CommuneCode, name: z.string() }),
  status: MemberStatusName,
  numbers: z.array(NumberView),
})
export type NumberMember = z.infer<typeof NumberMember>

/** One page of members, sorted by name; members who left are not listed. */
export const NumberPage = z.object({
  members: z.array(NumberMember),
  /** Number of members in each facet, over those that match the other filters; on the first page only. */
  counts: z.record(NumberFacet, z.number()).nullable(),
  next: z.string().nullable(),
})
export type NumberPage = z.infer<typeof NumberPage>

/**
 * A consequence of a contact's new number that the user has to confirm. `last_mobile`: the member receives no alert any more;
 * `of_member`: the number belongs to another member; `foreign`: it belongs to another country.
 */
export const NumberConsequence = z.enum(['number.last_mobile', 'number.of_member', 'number.foreign'])
export type NumberConsequence = z.infer<typeof NumberConsequence>

/** PUT /api/schemes/:scheme/members/:id/contacts/:contact/phone */
export const NumberCorrection = z.object({
  /** As people write it. */
  phone: z.string().trim().max(40),
  /**
   * The consequences that the user has read. If the correction has others, it is refused with `number_confirm`, which lists
   * all of them.
   */
  confirm: z.array(NumberConsequence).max(NumberConsequence.options.length).default([]),
})
export type NumberCorrection = z.infer<typeof NumberCorrection>

/** GET /api/public/numbers/:token */
export const NumberQuestion = z.object({
  /** Null if the link is unknown, expired or already answered. */
  question: z
    .object({
      /** Name of the business. */
      business: z.string(),
      /** Last two digits of the number. */
      end: z.string(),
      /** Id and name of the scheme. */
      schemeId: z.string(),
      scheme: z.string(),
      chamber: z.string(),
      /** Whether the holder answered `gone` less than 24 hours ago, which `undo` takes back; otherwise it waits for an answer. */
      gone: z.boolean(),
    })
    .nullable(),
})
export type NumberQuestion = z.infer<typeof NumberQuestion>

/**
 * POST /api/public/numbers/:token: `mine`, still my number and my business; `gone`, no longer my business; `undo`, within 24 hours
 * of `gone`, it is my business after all.
 */
export const NumberAnswer = z.object({ answer: z.enum(['mine', 'gone', 'undo']) })
export type NumberAnswer = z.infer<typeof NumberAnswer>

export const NumberAnswerStored = z.object({
  /** Whether the answer was stored; false if the link asks nothing any more. */
  stored: z.boolean(),
})
export type NumberAnswerStored = z.infer<typeof NumberAnswerStored>

nameSchemas({
  NumberAnswer,
  NumberConsequence,
  NumberCorrection,
  NumberMember,
  NumberPage,
  NumberQuestion,
  NumberAnswerStored,
  NumberView,
})
