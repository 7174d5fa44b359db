import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'

/** Returns whether this browser can use passkeys here: over HTTPS, or on this machine. */
export function hasPasskeys(): boolean {
  return isSecureContext && 'PublicKeyCredential' in window
}

/** Returns the key of the message for an error of the device; undefined for other errors. */
export function passkeyMessageKey(error: unknown): 'closed' | 'already' | undefined {
  if (!(error instanceof Error)) return undefined
  // The user cancelled, or the prompt timed out.
  if (['NotAllowedError', 'AbortError'].includes(error.name)) return 'closed'
  // The device already has a passkey of this account.
  return error.name === 'InvalidStateError' ? 'already' : undefined
}

/** Creates a passkey on this device. @throws the browser's error when the user cancels */
export async function createPasskey(optionsJSON: PublicKeyCredentialCreationOptionsJSON) {
  const { startRegistration } = await import('@simplewebauthn/browser')
  const made = await startRegistration({ optionsJSON })
  // Copied, since the contract describes plain objects and browsers add keys.
  return {
    ...made,
    response: { ...made.response },
    clientExtensionResults: { ...made.clientExtensionResults },
  }
}

/** Answers with a passkey of this device, or of a phone nearby. @throws the browser's error when the user cancels */
export async function answerWithPasskey(optionsJSON: PublicKeyCredentialRequestOptionsJSON) {
  const { startAuthentication } = await import('@simplewebauthn/browser')
  return copyAnswer(await startAuthentication({ optionsJSON }))
}

/**
 * Waits until the user chooses a passkey among the suggestions of a field with `autocomplete="… webauthn"`.
 * @returns undefined where the browser has no such suggestions
 */
export async function suggestPasskeys(loadOptions: () => Promise<PublicKeyCredentialRequestOptionsJSON>) {
  const { browserSupportsWebAuthnAutofill, startAuthentication } = await import('@simplewebauthn/browser')
  if (!(await browserSupportsWebAuthnAutofill())) return undefined
  const optionsJSON = await loadOptions()
  return copyAnswer(await startAuthentication({ optionsJSON, useBrowserAutofill: true }))
}

function copyAnswer(answer: AuthenticationResponseJSON) {
  return {
    ...answer,
    response: { ...answer.response },
    clientExtensionResults: { ...answer.clientExtensionResults },
  }
}

/** Ends the suggestions of `suggestPasskeys`. */
export async function stopSuggesting(): Promise<void> {
  const { WebAuthnAbortService } = await import('@simplewebauthn/browser')
  WebAuthnAbortService.cancelCeremony()
}
