import { z } from 'zod'
import { RoleName } from '../identity/contract.ts'
import { ClientId, nameSchemas } from '../platform/http/endpoints.ts'
import { Proposed } from '../settings/contract.ts'

/** A role of a person in the scheme. */
export const PersonRole = z.object({
  role: RoleName,
  /** Code of the agency; null: none. */
  agency: z.string().nullable(),
  /** Trade chambers only: the trades whose members it sees. */
  trades: z.array(z.string()).nullable(),
  /** Whether the signed-in account may change or remove this role. */
  mayChange: z.boolean(),
})
export type PersonRole = z.infer<typeof PersonRole>

/**
 * Reasons for which the signed-in account may not act on the account of a person. `machine`: there is no mail server, and the
 * link of a role above operator is only shown on the machine.
 */
export const PersonRefusal = z.enum(['self', 'service', 'role', 'elsewhere', 'machine'])

/** An account with a role in the scheme; its roles in other schemes are not shown. */
export const PersonView = z.object({
  id: z.string(),
  name: z.string(),
  mail: z.string(),
  /** `invited`: never opened; `recovering`: waits for the link by which its holder sets a new password. */
  state: z.enum(['invited', 'recovering', 'active', 'disabled']),
  /** When the last unused link expires or expired; null without one. */
  linkUntil: z.iso.datetime().nullable(),
  roles: z.array(PersonRole),
  lastSignInAt: z.iso.datetime().nullable(),
  openSessions: z.int().nonnegative(),
  /** Acts that the signed-in account may do to this account; why it may not is in `refusal`. */
  mayDisable: z.boolean(),
  mayEndSessions: z.boolean(),
  /** Whether it may send a link, for a new password or again. */
  mayRecover: z.boolean(),
  /** Whether it may withdraw an invitation that was not used. */
  mayWithdraw: z.boolean(),
  refusal: PersonRefusal.nullable(),
})
export type PersonView = z.infer<typeof PersonView>

/** Everybody with a role in the scheme. GET /api/schemes/:scheme/people. */
export const PeopleView = z.object({
  people: z.array(PersonView),
  /** The roles that the signed-in account may give, each with the agency to which that is limited, or null. */
  given: z.array(z.object({ role: RoleName, agency: z.string().nullable() })),
  /**
   * Whether links are sent by mail; otherwise they are shown once to the person who asks for them, above operator only on the
   * machine.
   */
  mails: z.boolean(),
})
export type PeopleView = z.infer<typeof PeopleView>

const Mail = z.string().max(254)
const Code = z.string().max(64)
/** Reason for giving a role above operator, or for closing the account of the last active holder of a role. */
const Reason = z.string().trim().max(500)

/** A role as typed or chosen; it is checked with the rest, so that all problems are reported at once. */
export const GivenRole = z.object({
  role: z.string().max(40),
  /** Code of the agency; absent or null: none. */
  agency: Code.nullable().optional(),
  trades: z.array(Code).max(200).nullable().optional(),
})
export type GivenRole = z.infer<typeof GivenRole>

export const InvitePerson = GivenRole.extend({
  /** Chosen by the client: the same request again, after a lost answer, gives and proposes nothing twice. */
  id: ClientId.optional(),
  mail: Mail,
  name: z.string().max(120),
  reason: Reason.optional(),
})
export type InvitePerson = z.infer<typeof InvitePerson>

export const ChangeRole = z.object({
  /** Chosen by the client, as for an invitation. */
  id: ClientId.optional(),
  from: RoleName,
  to: GivenRole,
  reason: Reason.optional(),
})
export type ChangeRole = z.infer<typeof ChangeRole>

export const RemoveRole = z.object({ role: RoleName, reason: Reason.optional() })
export type RemoveRole = z.infer<typeof RemoveRole>

export const ClosePerson = z.object({ reason: Reason.optional() })
export type ClosePerson = z.infer<typeof ClosePerson>

/** Whether the role was replaced, or waits for another account. */
export const RoleSaved = z.object({ proposed: Proposed })
export type RoleSaved = z.infer<typeof RoleSaved>

/** A link that was asked for. */
export const LinkView = z.object({
  /** Null: there is no account yet, because the invitation waits for a second person. */
  userId: z.string().nullable(),
  /**
   * `added`: the address had an account, which got the role and needs no link; `proposed`: the role is given, and the link sent, once
   * another account puts it in force.
   */
  outcome: z.enum(['invited', 'added', 'proposed']),
  proposed: Proposed,
  /** The link, shown this once; null when it is sent by mail, only shown on the machine, or when none is needed. */
  link: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable(),
})
export type LinkView = z.infer<typeof LinkView>

export const InvitationToken = z.object({ token: z.string().min(1).max(100) })

/** The invitation behind a link. POST /api/auth/invitation/read, public. */
export const InvitationView = z.object({
  purpose: z.enum(['invite', 'recover']),
  state: z.enum(['open', 'expired', 'used', 'withdrawn']),
  expiresAt: z.iso.datetime(),
  /** Name of the person who invited; null: the administrator, on the machine. */
  by: z.string().nullable(),
  /** Only while the link can be used. */
  account: z
    .object({
      name: z.string(),
      mail: z.string(),
      roles: z.array(z.object({ scheme: z.string(), role: RoleName, agency: z.string().nullable() })),
    })
    .nullable(),
})
export type InvitationView = z.infer<typeof InvitationView>

/** The length is checked with the other rules, so that all problems are reported at once. */
export const AcceptInvitation = InvitationToken.extend({ password: z.string().max(200) })
export type AcceptInvitation = z.infer<typeof AcceptInvitation>

nameSchemas({
  AcceptInvitation,
  ChangeRole,
  ClosePerson,
  GivenRole,
  InvitationToken,
  InvitationView,
  InvitePerson,
  LinkView,
  PeopleView,
  PersonRefusal,
  PersonRole,
  PersonView,
  RemoveRole,
  RoleSaved,
})
