import { z } from 'zod'
import { MemberFilter, MemberView } from '../members/contract.ts'
import { ClientId, nameSchemas } from '../platform/http/endpoints.ts'

/** Maximum number of members listed by name that an undo left unchanged. */
export const MAX_KEPT_NAMED = 200

/** The fields of a member that a change can set. */
export const ChangeFieldName = z.enum([
  'name',
  'siret',
  'naf',
  'trade',
  'place',
  'joinedOn',
  'charterOn',
  'status',
  'quiet',
  'tags',
  'contacts',
])

/** Members that the list of changes names at once. */
export const MAX_NAMED = 3

export const ChangeKind = z.enum(['import', 'create', 'edit', 'suspend', 'resume', 'leave', 'trade', 'tags'])
export type ChangeKind = z.infer<typeof ChangeKind>

/** POST /api/schemes/:scheme/member-changes */
export const BulkChange = z.object({
  /** Id of the change that undo names. The same request sent again is answered as the first one, with the change that it made. */
  id: ClientId.optional(),
  /**
   * The action. `resume` reactivates suspended members; others are skipped. `reopen` of it: also those that the chamber removed,
   * but not those that left by themselves. `notify` of `leave`: whether the members are notified, which is the default.
   */
  action: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('suspend'), reason: z.string().trim().max(200).default('') }),
    z.object({ kind: z.literal('resume'), reopen: z.boolean().optional() }),
    z.object({
      kind: z.literal('leave'),
      reason: z.string().trim().max(200).default(''),
      notify: z.boolean().optional(),
    }),
    z.object({ kind: z.literal('trade'), trade: z.string().max(60) }),
    z.object({
      kind: z.literal('tags'),
      add: z.array(z.uuid()).max(100).default([]),
      remove: z.array(z.uuid()).max(100).default([]),
    }),
  ]),
  /** The members: listed ones, or all that match the filters, whose number must be the one that was shown. */
  members: z.union([
    z.object({ ids: z.array(z.uuid()).min(1).max(1000) }),
    z.object({ filter: MemberFilter, count: z.int32().min(1) }),
  ]),
})
export type BulkChange = z.infer<typeof BulkChange>

/** POST /api/schemes/:scheme/member-changes/preview */
export const PreviewedChange = BulkChange.omit({ id: true })
export type PreviewedChange = z.infer<typeof PreviewedChange>

/** A bulk change of the member list. */
export const ChangeView = z.object({
  id: z.uuid(),
  kind: ChangeKind,
  /** Name of the user; `contact:portal` for the business itself, in its portal. */
  by: z.string(),
  at: z.iso.datetime(),
  /** The reason, the trade code, the tags, the file name, or the name of the member created or edited. */
  note: z.string().nullable(),
  created: z.number(),
  updated: z.number(),
  /** Names of the first members that it touched; `listChangeMembers` names all. */
  names: z.array(z.string()),
  /** In the list of changes: what an edit of one member set; empty if this is no longer known, and for other kinds. */
  fields: z.array(ChangeFieldName),
  /** Until when it can be undone; null if it is too late, or it is undone or being undone. */
  undoableUntil: z.iso.datetime().nullable(),
  undone: z
    .object({
      at: z.iso.datetime(),
      /** Members restored, and members left unchanged because they were modified since. */
      restored: z.number(),
      kept: z.number(),
      /** Number of restored members that kept a value that was changed after this change. */
      partly: z.number(),
    })
    .nullable(),
  /** Progress while the change is being undone. */
  undoing: z.object({ done: z.number(), total: z.number() }).nullable(),
  /**
   * Number of members notified by SMS or mail, waiting to be, unreachable, or not notified because it was undone first; null
   * if the change is not notified.
   */
  notified: z
    .object({ notified: z.number(), waiting: z.number(), unnotified: z.number(), withdrawn: z.number() })
    .nullable(),
})
export type ChangeView = z.infer<typeof ChangeView>

/** The effect of a change, without making it. */
export const BulkPreview = z.object({
  /** Members that it would change, and members that it does not apply to. */
  members: z.number(),
  skipped: z.number(),
  /** The notices that would be sent; null if none. */
  notified: z
    .object({
      sms: z.object({
        messages: z.number(),
        /** SMS parts; each is billed. */
        parts: z.number(),
        costCents: z.number(),
        /** The first SMS as an example; null if there is none. */
        example: z.string().nullable(),
      }),
      mails: z.number(),
      /** Members with neither an SMS number nor a mail address. */
      unnotified: z.number(),
      /** When they are sent; an undo before that sends nothing. */
      mailsAt: z.iso.datetime(),
      smsAt: z.iso.datetime(),
    })
    .nullable(),
})
export type BulkPreview = z.infer<typeof BulkPreview>

export const BulkResult = z.object({
  /** Null if it applied to no member and nothing was written. */
  change: ChangeView.nullable(),
  /** Selected members that it did not apply to: already in that state, or in one that the action does not start from. */
  skipped: z.number(),
})
export type BulkResult = z.infer<typeof BulkResult>

/** GET /api/schemes/:scheme/member-changes/:id/members */
export const ChangeMembersQuery = z.object({
  /** The `next` of the previous page. */
  after: z.string().max(600).optional(),
})

/** One page of the members that a change touched, by name. */
export const ChangeMembers = z.object({
  members: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      /** Whether the change created it. */
      created: z.boolean(),
      /** The fields of the member that the change set; null once this is no longer stored. */
      fields: z.array(ChangeFieldName).nullable(),
      /** After an undo: what happened to it. */
      undone: z.enum(['restored', 'partly', 'kept']).nullable(),
      /** Whether it exists. */
      exists: z.boolean(),
    }),
  ),
  next: z.string().nullable(),
})
export type ChangeMembers = z.infer<typeof ChangeMembers>

/** The answer to an act on one member. */
export const MemberSaved = z.object({
  member: MemberView,
  /** The change that undoes it; null if nothing changed. */
  change: ChangeView.nullable(),
})
export type MemberSaved = z.infer<typeof MemberSaved>

/** POST /api/schemes/:scheme/member-changes/:id/undo */
export const UndoResult = z.object({
  change: ChangeView,
  /** Members left unchanged, or of which some values were, by name; only the first of very many. */
  kept: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      /**
       * `changed`: it was modified since. `history`: the change created it, and other records refer to it since. `gone`: it
       * was deleted since. `fields`: the rest of it was restored.
       */
      why: z.enum(['changed', 'history', 'gone', 'fields']),
      /** The fields that were changed later, which the undo left as they are. */
      fields: z.array(ChangeFieldName),
    }),
  ),
})
export type UndoResult = z.infer<typeof UndoResult>

/** GET /api/schemes/:scheme/member-changes/:id/welcome: what the members that an import or the form added would be sent. */
export const WelcomePreview = z.object({
  /** Members that are active and have no welcome yet. */
  members: z.number(),
  sms: z.object({
    /** Members with a number that receives SMS. */
    members: z.number(),
    messages: z.number(),
    costCents: z.number(),
    /** The first SMS; null if there is none. */
    example: z.string().nullable(),
    at: z.iso.datetime(),
  }),
  mail: z.object({
    /** Members with an address, if mails can be sent. */
    members: z.number(),
    messages: z.number(),
    example: z.string().nullable(),
    at: z.iso.datetime(),
  }),
})
export type WelcomePreview = z.infer<typeof WelcomePreview>

/** POST /api/schemes/:scheme/member-changes/:id/welcome */
export const Welcome = z.object({
  channel: z.enum(['sms', 'mail']),
  /** As many members as were shown. */
  members: z.int32().min(1),
})
export type Welcome = z.infer<typeof Welcome>

nameSchemas({
  BulkChange,
  BulkPreview,
  BulkResult,
  ChangeFieldName,
  ChangeKind,
  ChangeMembers,
  ChangeView,
  MemberSaved,
  PreviewedChange,
  UndoResult,
  Welcome,
  WelcomePreview,
})
