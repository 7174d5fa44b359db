import { z } from 'zod'
import { CodeTurn } from '../identity/contract.ts'
import { MemberStatusName } from '../members/contract.ts'
import { CareSettings, QuietHours } from '../schemes/care.ts'
import { CommuneCode } from '../territory/contract.ts'

/** People of one shop at most. */
export const MAX_PEOPLE = 10

export const OwnPerson = z.object({
  id: z.uuid(),
  /** Empty when nobody is named. */
  person: z.string(),
  /** E.164. */
  phone: z.string().nullable(),
  mail: z.string().nullable(),
  /** Its phone can receive SMS. */
  mobile: z.boolean(),
  /** Receives alerts by SMS. */
  sms: z.boolean(),
  /** The one who is signed in. */
  me: z.boolean(),
})
export type OwnPerson = z.infer<typeof OwnPerson>

/** GET /api/portal/shops/:scheme/:member: what is kept of the shop, for its people. */
export const OwnShopView = z.object({
  business: z.object({
    name: z.string(),
    siret: z.string().nullable(),
    trade: z.object({ nameFr: z.string(), nameEn: z.string() }),
    commune: z.object({ code: CommuneCode, name: z.string() }),
    address: z.string().nullable(),
    status: MemberStatusName,
    memberSince: z.iso.datetime(),
  }),
  /** Who keeps the list, and changes what the shop cannot. */
  chamber: z.string(),
  people: z.array(OwnPerson),
  /** When it wants to be left in peace; null: the hours of the scheme. */
  quiet: QuietHours.nullable(),
  /** What the scheme has of it. */
  care: CareSettings.pick({ quiet: true, quietOverriddenBy: true }),
})
export type OwnShopView = z.infer<typeof OwnShopView>

/** PUT …/business: corrects what the shop may correct itself. */
export const OwnBusiness = z.object({
  name: z.string().max(200),
  address: z.string().max(200),
})
export type OwnBusiness = z.infer<typeof OwnBusiness>

/** PUT …/people/:contact: corrects who it is. */
export const PersonNames = z.object({
  person: z.string().max(200),
  /** Empty: none. */
  mail: z.string().max(254),
})
export type PersonNames = z.infer<typeof PersonNames>

/** PUT …/people/:contact/sms: takes alerts by SMS, or no more. */
export const OwnSmsChoice = z.object({
  sms: z.boolean(),
  /** That nobody of the shop gets alerts then was read. */
  evenLast: z.boolean().default(false),
})
export type OwnSmsChoice = z.infer<typeof OwnSmsChoice>

/** DELETE …/people/:contact */
export const RemovePerson = z.object({
  /** As in OwnSmsChoice. */
  evenLast: z.stringbool().default(false),
})
export type RemovePerson = z.infer<typeof RemovePerson>

/** POST …/phone (mine, at all my shops) and …/people (of somebody else): a code goes to the number. */
export const NewPhone = z.object({ phone: z.string().max(40).default('') })
export type NewPhone = z.infer<typeof NewPhone>
export const NewPerson = NewPhone.extend({ person: z.string().max(200).default('') })
export type NewPerson = z.infer<typeof NewPerson>

/** The same whoever has the number. */
export const PhoneAttempt = z.object({
  attempt: z.uuid(),
  /** As it was understood, E.164. */
  phone: z.string(),
  turn: CodeTurn,
})
export type PhoneAttempt = z.infer<typeof PhoneAttempt>

/** POST …/phone/confirm, …/people/confirm */
export const ConfirmPhone = PhoneAttempt.omit({ turn: true }).extend({
  code: z.string().max(20).default(''),
})
export type ConfirmPhone = z.infer<typeof ConfirmPhone>
export const ConfirmPerson = ConfirmPhone.extend({ person: z.string().max(200).default('') })
export type ConfirmPerson = z.infer<typeof ConfirmPerson>

/** GET …/charter; POST signs it (CharterStep). */
export const OwnCharterView = z.object({
  /** In force. */
  version: z.number(),
  text: z.string(),
  /** Of the text in UTF-8. */
  sha256: z.string(),
  /** The last version that was signed for the shop; null: none is known. */
  signed: z.object({ version: z.number(), name: z.string(), at: z.iso.datetime() }).nullable(),
})
export type OwnCharterView = z.infer<typeof OwnCharterView>

/** POST …/leave: the shop leaves the scheme. */
export const LeaveScheme = z.object({ confirmed: z.boolean().default(false) })
export type LeaveScheme = z.infer<typeof LeaveScheme>
