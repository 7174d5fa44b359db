import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'

/** An authenticator's response is some kilobytes. */
export const MAX_ANSWER_BYTES = 32 * 1024

/** The passkeys of the signed-in contact or account. */
export const PasskeyList = z.object({
  /** Latest first. */
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
 * The browser's response as the library defines it (RegistrationResponseJSON, AuthenticationResponseJSON); the library
 * validates it. Browsers add keys of their own, so unknown keys are accepted.
 */
const Answer = z.looseObject({
  id: z.string().min(1).max(1400),
  rawId: Text,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['cross-platform', 'platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
})

/** Stores the passkey that the browser just created. */
export const NewPasskey = z.object({
  /** The name that its owner gives it. */
  name: z.string().max(200).default(''),
  response: Answer.extend({
    response: z.looseObject({
      clientDataJSON: Text,
      attestationObject: Text,
      transports: z.array(z.string().max(40)).max(10).optional(),
    }),
  }),
})

/** Answers with a passkey: signs in, or proves the user once more. */
export const PasskeyAnswer = Answer.extend({
  response: z.looseObject({
    clientDataJSON: Text,
    authenticatorData: Text,
    signature: Text,
    userHandle: Text.optional(),
  }),
})

/** The options that the browser needs to create a passkey, or to sign in with one, as the library defines them. */
const options = { type: 'object', description: 'Options of WebAuthn, as JSON' } as const
export const PasskeyCreation = z.custom<PublicKeyCredentialCreationOptionsJSON>().meta(options)
export const PasskeyRequest = z.custom<PublicKeyCredentialRequestOptionsJSON>().meta(options)

nameSchemas({ NewPasskey, PasskeyAnswer, PasskeyCreation, PasskeyList, PasskeyRequest })
