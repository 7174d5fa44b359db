import { z } from 'zod'
import { CommuneCode } from '../../territory/contract.ts'
import { MemberStatusName, NumberFacet, NumberHealth } from '../contract.ts'

/** GET /api/schemes/:scheme/numbers */
export const NumberQuery = z.object({
  facet: NumberFacet.default('dead'),
  /** As in MemberQuery. */
  q: z.string().trim().max(100).optional(),
  trade: z.string().max(60).optional(),
  /** `next` of the page before. */
  after: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type NumberQuery = z.infer<typeof NumberQuery>

/** One number of a member. */
export const NumberView = z.object({
  contactId: z.uuid(),
  /** Empty when nobody is named. */
  person: z.string(),
  /** E.164; null: a contact by mail only. */
  phone: z.string().nullable(),
  kind: z.enum(['mobile', 'landline', 'none']),
  /** Gets alerts by SMS. */
  sms: z.boolean(),
  health: NumberHealth.nullable(),
  /**
   * What came of its yearly question where the chamber has to know: the holder said that it is not the business's any more
   * (`gone`), or three messages got no answer (`silent`; since the last of them).
   */
  said: z.object({ what: z.enum(['gone', 'silent']), at: z.iso.datetime() }).nullable(),
  /** Other members of the scheme that get SMS on the same number, by name; those whom the reader may see. */
  sharedWith: z.array(z.object({ id: z.uuid(), name: z.string() })),
})
export type NumberView = z.infer<typeof NumberView>

/** A member whose numbers need a look. */
export const NumberMember = z.object({
  id: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: z.object({ code: CommuneCode, name: z.string() }),
  status: MemberStatusName,
  numbers: z.array(NumberView),
})
export type NumberMember = z.infer<typeof NumberMember>

/** Members by name, a page at a time; those who left are not among them. */
export const NumberPage = z.object({
  members: z.array(NumberMember),
  /** Members in each facet, over what the other filters keep; on the first page only. */
  counts: z.record(NumberFacet, z.number()).nullable(),
  next: z.string().nullable(),
})
export type NumberPage = z.infer<typeof NumberPage>

/**
 * The consequences of a new number of a contact that the user has to confirm. `last_mobile`: the member gets no alert any more;
 * `of_member`: the number is that of another member; `foreign`: it is of another country.
 */
export const NumberConsequence = z.enum(['number.last_mobile', 'number.of_member', 'number.foreign'])
export type NumberConsequence = z.infer<typeof NumberConsequence>

/** PUT /api/schemes/:scheme/members/:id/contacts/:contact/phone */
export const NumberCorrection = z.object({
  /** As people write it. */
  phone: z.string().trim().max(40),
  /** The consequences that were read: a correction that has others is refused with `number_confirm`, which names all of them. */
  confirm: z.array(NumberConsequence).max(NumberConsequence.options.length).default([]),
})
export type NumberCorrection = z.infer<typeof NumberCorrection>

/** GET /api/public/numbers/:token */
export const NumberQuestion = z.object({
  /** Null for every link that asks nothing (any more). */
  question: z
    .object({
      /** The name of the business. */
      business: z.string(),
      /** Last two digits of the number. */
      end: z.string(),
      scheme: z.string(),
      chamber: z.string(),
    })
    .nullable(),
})
export type NumberQuestion = z.infer<typeof NumberQuestion>

/** POST /api/public/numbers/:token: still my number and my business, or not my business any more. */
export const NumberAnswer = z.object({ answer: z.enum(['mine', 'gone']) })
export type NumberAnswer = z.infer<typeof NumberAnswer>

export const NumberTaken = z.object({
  /** False: the link asks nothing any more. */
  taken: z.boolean(),
})
export type NumberTaken = z.infer<typeof NumberTaken>
