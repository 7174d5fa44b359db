import { z } from 'zod'
import { CodeTurn } from '../identity/contract.ts'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { ChamberContact, DpoContact } from '../schemes/contract.ts'
import { CommuneCode } from '../territory/contract.ts'

/** POST /api/portal/code: requests a sign-in code by SMS. */
export const SignInPhone = z.object({ phone: z.string().max(40).default('') })
export type SignInPhone = z.infer<typeof SignInPhone>

/** The response is the same whether or not a contact has the number. */
export const SignInAttempt = z.object({
  /** To be sent back with the code. */
  attempt: z.uuid(),
  /** The number as parsed, in E.164. */
  phone: z.string(),
  turn: CodeTurn,
})
export type SignInAttempt = z.infer<typeof SignInAttempt>

/** POST /api/portal/session: signs in with the code. */
export const SignInCode = z.object({
  attempt: z.uuid(),
  phone: z.string().max(40),
  /** As typed. */
  code: z.string().max(20).default(''),
})
export type SignInCode = z.infer<typeof SignInCode>

/** POST /api/portal/mail-code: requests a sign-in code by mail. */
export const SignInMail = z.object({ mail: z.string().max(254).default('') })
export type SignInMail = z.infer<typeof SignInMail>

/** The response is the same whether or not a contact has the address. */
export const MailAttempt = z.object({
  /** To be sent back with the code. */
  attempt: z.uuid(),
  /** The address as parsed. */
  mail: z.string(),
  turn: CodeTurn,
})
export type MailAttempt = z.infer<typeof MailAttempt>

/** POST /api/portal/mail-session: signs in with the code from the mail. */
export const SignInMailCode = z.object({
  attempt: z.uuid(),
  mail: z.string().max(254),
  /** As typed. */
  code: z.string().max(20).default(''),
})
export type SignInMailCode = z.infer<typeof SignInMailCode>

/** One shop of the signed-in contact. */
export const ShopView = z.object({
  /** The scheme of the shop. Hours and days are shown in its time zone. */
  scheme: z.object({
    id: z.string(),
    name: z.string(),
    timeZone: z.string(),
    /** The chamber that manages the list of members, and whom to ask there; empty values are unknown. */
    chamber: ChamberContact.extend({ name: z.string() }),
    /** Contact for questions about personal data; empty values are unknown. */
    dpo: DpoContact,
  }),
  member: z.object({
    id: z.uuid(),
    name: z.string(),
    commune: z.object({ code: CommuneCode, name: z.string() }),
    status: z.enum(['pending', 'active', 'suspended']),
  }),
  contact: z.object({
    id: z.uuid(),
    /** Empty when the contact has no name. */
    person: z.string(),
  }),
  /** The charter version in force, if the shop signed an older one; null if nothing must be signed. */
  charterToSign: z.number().nullable(),
  /** Permissions of the contact for the shop, as names of the permissions table. */
  permissions: z.array(z.string()),
})
export type ShopView = z.infer<typeof ShopView>

/** GET /api/portal/session; 401 `not_signed_in` without a session. */
export const PortalSession = z.object({
  /** The number used to sign in, E.164; null if it was a mail address. */
  phone: z.string().nullable(),
  mail: z.string().nullable(),
  /** Sorted by name. */
  shops: z.array(ShopView),
})
export type PortalSession = z.infer<typeof PortalSession>

nameSchemas({
  MailAttempt,
  PortalSession,
  ShopView,
  SignInAttempt,
  SignInCode,
  SignInMail,
  SignInMailCode,
  SignInPhone,
})
