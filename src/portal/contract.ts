import { z } from 'zod'
import { CodeTurn } from '../identity/contract.ts'
import { CommuneCode } from '../territory/contract.ts'

/** POST /api/portal/code: asks for a code by SMS to sign in with. */
export const SignInPhone = z.object({ phone: z.string().max(40).default('') })
export type SignInPhone = z.infer<typeof SignInPhone>

/** The same whether somebody has the number or not. */
export const SignInAttempt = z.object({
  /** To be given back with the code. */
  attempt: z.uuid(),
  /** As it was understood, E.164. */
  phone: z.string(),
  turn: CodeTurn,
})
export type SignInAttempt = z.infer<typeof SignInAttempt>

/** POST /api/portal/session: signs in by the code. */
export const SignInCode = z.object({
  attempt: z.uuid(),
  phone: z.string().max(40),
  /** As typed. */
  code: z.string().max(20).default(''),
})
export type SignInCode = z.infer<typeof SignInCode>

/** POST /api/portal/mail-code: asks for a code by mail. */
export const SignInMail = z.object({ mail: z.string().max(254).default('') })
export type SignInMail = z.infer<typeof SignInMail>

/** The same whether somebody has the address or not. */
export const MailAttempt = z.object({
  /** To be given back with the code. */
  attempt: z.uuid(),
  /** As it was understood. */
  mail: z.string(),
  turn: CodeTurn,
})
export type MailAttempt = z.infer<typeof MailAttempt>

/** POST /api/portal/mail-session: signs in by the code that came by mail. */
export const SignInMailCode = z.object({
  attempt: z.uuid(),
  mail: z.string().max(254),
  /** As typed. */
  code: z.string().max(20).default(''),
})
export type SignInMailCode = z.infer<typeof SignInMailCode>

/** GET /api/portal/passkeys: those of whoever is signed in. */
export const PasskeyList = z.object({
  /** The last one added first. */
  passkeys: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      createdAt: z.iso.datetime(),
      usedAt: z.iso.datetime().nullable(),
    }),
  ),
})
export type PasskeyList = z.infer<typeof PasskeyList>

const Text = z.string().max(8192)
/**
 * What a browser answers, as the library has it (RegistrationResponseJSON, AuthenticationResponseJSON); it is checked
 * there. Browsers add keys of their own, so unknown ones are let through.
 */
const Answer = z.looseObject({
  id: z.string().min(1).max(1400),
  rawId: Text,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['cross-platform', 'platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
})

/** POST /api/portal/passkeys: keeps the one that the browser just made. */
export const NewPasskey = z.object({
  /** How its holder tells it from others. */
  name: z.string().max(200).default(''),
  response: Answer.extend({
    response: z.looseObject({
      clientDataJSON: Text,
      attestationObject: Text,
      transports: z.array(z.string().max(40)).max(10).optional(),
    }),
  }),
})

/** POST /api/portal/passkey-session: signs in by a passkey. */
export const PasskeyAnswer = Answer.extend({
  response: z.looseObject({
    clientDataJSON: Text,
    authenticatorData: Text,
    signature: Text,
    userHandle: Text.optional(),
  }),
})

/** What the browser needs to make a passkey, or to sign with one. */
export const PasskeyOptions = z.looseObject({ challenge: z.string() })

/** One shop of whoever is signed in. */
export const ShopView = z.object({
  scheme: z.object({ id: z.string(), name: z.string() }),
  member: z.object({
    id: z.uuid(),
    name: z.string(),
    commune: z.object({ code: CommuneCode, name: z.string() }),
    status: z.enum(['pending', 'active', 'suspended']),
  }),
  contact: z.object({
    id: z.uuid(),
    /** Empty when nobody is named. */
    person: z.string(),
  }),
  /** The version of the charter in force, where the shop signed an older one; null: nothing is asked. */
  charterToSign: z.number().nullable(),
  /** What may be done there, by its name in the table of permissions. */
  permissions: z.array(z.string()),
})
export type ShopView = z.infer<typeof ShopView>

/** GET /api/portal/session; 401 `not_signed_in` without a session. */
export const PortalSession = z.object({
  /** The number that signed in, E.164; null: it was an address of mail. */
  phone: z.string().nullable(),
  mail: z.string().nullable(),
  /** By name. */
  shops: z.array(ShopView),
})
export type PortalSession = z.infer<typeof PortalSession>
