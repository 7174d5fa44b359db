import { z } from 'zod'
import { CodeTurn } from '../../identity/contract.ts'
import { MemberStatusName } from '../../members/contract.ts'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { CareSettings, QuietHours } from '../../schemes/settings/care.ts'
import { CommuneCode } from '../../territory/contract.ts'

/** Maximum number of people per shop. */
export const MAX_PEOPLE = 10

export const OwnPerson = z.object({
  id: z.uuid(),
  /** Empty when the contact has no name. */
  person: z.string(),
  /** E.164. */
  phone: z.string().nullable(),
  mail: z.string().nullable(),
  /** Whether the phone can receive SMS. */
  mobile: z.boolean(),
  /** Whether it receives alerts by SMS. */
  sms: z.boolean(),
  /** Whether this is the signed-in contact. */
  me: z.boolean(),
})
export type OwnPerson = z.infer<typeof OwnPerson>

const TradeName = z.object({ code: z.string(), nameFr: z.string(), nameEn: z.string() })

/** GET /api/portal/shops/:scheme/:member: the data of the shop, for its contacts. */
export const OwnShopView = z.object({
  business: z.object({
    name: z.string(),
    /** The correction that the shop requested: it waits for the chamber, or the chamber declined it; null if there is none. */
    correction: z
      .object({
        name: z.string().nullable(),
        siret: z.string().nullable(),
        trade: TradeName.nullable(),
        commune: z.object({ code: CommuneCode, name: z.string() }).nullable(),
        /** Requested together with another commune. */
        address: z.string().nullable(),
        postalCode: z.string().nullable(),
        state: z.enum(['waiting', 'declined']),
        /** Reason for which it was declined. */
        reason: z.string().nullable(),
      })
      .nullable(),
    siret: z.string().nullable(),
    trade: TradeName,
    /** The commune with its postal codes: of several, the address needs one. */
    commune: z.object({ code: CommuneCode, name: z.string(), postalCodes: z.array(z.string()) }),
    address: z.string().nullable(),
    postalCode: z.string().nullable(),
    status: MemberStatusName,
    memberSince: z.iso.date(),
  }),
  /** The chamber that manages the list of members and changes what the shop cannot. */
  chamber: z.string(),
  /** The sender name of its SMS. */
  sender: z.string(),
  people: z.array(OwnPerson),
  /** The shop's own quiet hours; null means those of the scheme. */
  quiet: QuietHours.nullable(),
  /** The scheme's settings that apply to it. */
  care: CareSettings.pick({ quiet: true, quietOverriddenBy: true }),
})
export type OwnShopView = z.infer<typeof OwnShopView>

/**
 * PUT …/business: changes the address of the shop, and asks the chamber for another name, SIRET, trade or commune. With another
 * commune, the address is asked, too. What is absent stays, also in a request that waits; a value as stored withdraws what was asked.
 */
export const OwnBusiness = z.object({
  name: z.string().max(200).optional(),
  address: z.string().max(200).optional(),
  postalCode: z.string().max(10).optional(),
  siret: z.string().max(40).optional(),
  trade: z.string().max(60).optional(),
  /** INSEE code. */
  commune: CommuneCode.optional(),
  /** The place in force that the user saw; needed to change the address. */
  was: z
    .object({
      commune: CommuneCode,
      address: z.string().max(200).nullable(),
      postalCode: z.string().max(10).nullable(),
    })
    .optional(),
})
export type OwnBusiness = z.infer<typeof OwnBusiness>

/** PUT …/people/:contact: changes a person's name and mail address. */
export const PersonNames = z.object({
  person: z.string().max(200),
  /** Empty if none. */
  mail: z.string().max(254),
})
export type PersonNames = z.infer<typeof PersonNames>

/** PUT …/people/:contact/sms: turns alerts by SMS on or off. */
export const OwnSmsChoice = z.object({
  sms: z.boolean(),
  /** Confirms that no contact of the shop will receive alerts. */
  evenLast: z.boolean().default(false),
})
export type OwnSmsChoice = z.infer<typeof OwnSmsChoice>

/** DELETE …/people/:contact */
export const RemovePerson = z.object({
  /** As in OwnSmsChoice. */
  evenLast: z.stringbool().default(false),
})
export type RemovePerson = z.infer<typeof RemovePerson>

/** POST …/phone (the contact's own, at all its shops) and …/people (a new person): sends a code to the number. */
export const NewPhone = z.object({ phone: z.string().max(40).default('') })
export type NewPhone = z.infer<typeof NewPhone>
export const NewPerson = NewPhone.extend({ person: z.string().max(200).default('') })
export type NewPerson = z.infer<typeof NewPerson>

/** The response is the same whether or not a contact has the number. */
export const PhoneAttempt = z.object({
  attempt: z.uuid(),
  /** The number as parsed, in E.164. */
  phone: z.string(),
  turn: CodeTurn,
})
export type PhoneAttempt = z.infer<typeof PhoneAttempt>

/** POST …/phone/confirm, …/people/confirm */
export const ConfirmPhone = PhoneAttempt.omit({ turn: true }).extend({
  code: z.string().max(20).default(''),
})
export type ConfirmPhone = z.infer<typeof ConfirmPhone>
export const ConfirmPerson = ConfirmPhone.extend({
  /** Id of the new contact, chosen by the client so that a request whose answer was lost can be sent again (ADR 22). */
  id: ClientId.optional(),
  person: z.string().max(200).default(''),
})
export type ConfirmPerson = z.infer<typeof ConfirmPerson>

/** GET …/charter; POST signs it (CharterStep). */
export const OwnCharterView = z.object({
  /** The version in force. */
  version: z.number(),
  text: z.string(),
  /** Digest of the text in UTF-8. */
  sha256: z.string(),
  /** The latest version signed for the shop; null if none is on record. */
  signed: z.object({ version: z.number(), name: z.string(), at: z.iso.datetime() }).nullable(),
})
export type OwnCharterView = z.infer<typeof OwnCharterView>

/** POST …/leave: removes the shop from the scheme. */
export const LeaveScheme = z.object({ confirmed: z.boolean().default(false) })
export type LeaveScheme = z.infer<typeof LeaveScheme>

nameSchemas({
  ConfirmPerson,
  ConfirmPhone,
  LeaveScheme,
  NewPerson,
  NewPhone,
  OwnBusiness,
  OwnCharterView,
  OwnPerson,
  OwnShopView,
  OwnSmsChoice,
  PersonNames,
  PhoneAttempt,
})
