import { z } from 'zod'
import { CodeTurn } from '../../identity/contract.ts'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { CommuneCode, TerritoryMap } from '../../territory/contract.ts'

/** A magistrate whose authorisation may be recorded: a person of the scheme's list, or an account that is not in it. */
export const MagistrateView = z.object({
  id: z.string(),
  kind: z.enum(['account', 'contact']),
  name: z.string(),
  /** "Parquet de Clermont-Ferrand". */
  service: z.string(),
  /** Whether they are on call now. */
  onCall: z.boolean(),
})
export type MagistrateView = z.infer<typeof MagistrateView>

export const MagistrateList = z.object({ magistrates: z.array(MagistrateView) })
export type MagistrateList = z.infer<typeof MagistrateList>

/** The channel and the masked recipient of a magistrate's code. */
export const ConfirmCodeSent = z.object({
  channel: z.enum(['sms', 'mail']),
  /** The number or address, masked. */
  to: z.string(),
  turn: CodeTurn,
})
export type ConfirmCodeSent = z.infer<typeof ConfirmCodeSent>

export const ConfirmCode = z.object({ code: z.string().max(20) })
export const ConfirmKey = z.object({ key: z.string().max(300) })

/** The magistrate's answer about one authorisation under their name. */
export const ConfirmAnswer = ConfirmKey.extend({
  authorisationId: z.uuid(),
  answer: z.enum(['confirmed', 'denied']),
  note: z.string().trim().max(500).default(''),
})
export type ConfirmAnswer = z.infer<typeof ConfirmAnswer>

/** One use of a magistrate's name. */
export const AuthorisationUse = z.object({
  id: z.uuid(),
  reference: z.string(),
  category: z.object({ fr: z.string(), en: z.string() }),
  /** Commune of the facts. */
  commune: z.string(),
  occurredAt: z.iso.datetime(),
  /** The authorised text; null: it has changed since, and the authorisation no longer holds. */
  text: z.string().nullable(),
  area: z.string(),
  /**
   * Recipients of the message: the SMS that were planned, or before it leaves the SMS and the members counted now. Null: not
   * counted, because the authorisation no longer holds.
   */
  audience: z.object({ sms: z.number().int(), members: z.number().int().nullable() }).nullable(),
  sentAt: z.iso.datetime().nullable(),
  scope: z.string(),
  givenAt: z.iso.datetime(),
  recordedAt: z.iso.datetime(),
  recordedBy: z.string(),
  /** Null: recorded by the magistrate, or in an exercise. */
  confirmation: z.enum(['pending', 'confirmed', 'denied']).nullable(),
  answeredAt: z.iso.datetime().nullable(),
})
export type AuthorisationUse = z.infer<typeof AuthorisationUse>

/** An authorisation that is being asked of a magistrate, or was. */
export const AuthorisationAsked = z.object({
  /** `over`: answered otherwise, or the content was changed or withdrawn. */
  state: z.enum(['open', 'authorised', 'declined', 'over']),
  reference: z.string(),
  category: z.object({ fr: z.string(), en: z.string() }),
  /** Commune of the facts. */
  commune: z.string(),
  occurredAt: z.iso.datetime(),
  /** Exactly as it would be sent; null once it is answered. */
  text: z.string().nullable(),
  area: z.string(),
  communes: z.number().int(),
  /** Members that an alert would reach now; recipients of a follow-up. Null once it is answered. */
  recipients: z.number().int().nullable(),
  /** SMS that they would get; null once it is answered. */
  sms: z.number().int().nullable(),
  /** The elements that it is to cover; null: not said. */
  scope: z.string().nullable(),
  askedBy: z.string(),
  askedAt: z.iso.datetime(),
  /** The version of the message that is shown. */
  version: z.number().int(),
  endedBy: z.string().nullable(),
  endedAt: z.iso.datetime().nullable(),
})
export type AuthorisationAsked = z.infer<typeof AuthorisationAsked>

/** A magistrate's yes or no to an authorisation that is asked. */
export const AuthorisationDecision = ConfirmKey.extend({
  /** The version that was read. */
  version: z.number().int(),
  answer: z.enum(['authorised', 'declined']),
  /** The elements that the authorisation covers, or the reason why it is declined, which may be empty. */
  words: z.string().trim().max(500).default(''),
})
export type AuthorisationDecision = z.infer<typeof AuthorisationDecision>
/** The uses of the signed-in magistrate's name. */
export const OwnUses = z.object({
  uses: z.array(AuthorisationUse.extend({ alertId: z.uuid() })),
})
export type OwnUses = z.infer<typeof OwnUses>

/** The page of a magistrate, once the one-time code has been accepted. */
export const ConfirmView = z.object({
  /** Opens the same view again, for half an hour. */
  key: z.string(),
  scheme: z.string(),
  timeZone: z.string(),
  magistrate: z.string(),
  service: z.string(),
  /** The authorisation of the link; null: it asks for one. */
  authorisationId: z.uuid().nullable(),
  asked: AuthorisationAsked.nullable(),
  /** Codes of the communes alerted by the message in question, and the map that shows them. */
  communes: z.array(CommuneCode),
  map: TerritoryMap,
  /** Every use of their name in the scheme, latest first. */
  uses: z.array(AuthorisationUse),
})
export type ConfirmView = z.infer<typeof ConfirmView>

nameSchemas({
  AuthorisationAsked,
  AuthorisationDecision,
  AuthorisationUse,
  ConfirmAnswer,
  ConfirmCode,
  ConfirmCodeSent,
  ConfirmKey,
  ConfirmView,
  MagistrateList,
  MagistrateView,
  OwnUses,
})
