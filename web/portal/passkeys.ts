import type { PasskeyList, PortalSession } from '../../src/portal/contract.ts'
import { callApi } from '../api/client.ts'

/** Returns whether this browser can use passkeys here: over HTTPS, or on this machine. */
export function hasPasskeys(): boolean {
  return isSecureContext && 'PublicKeyCredential' in window
}

/** Returns the key of the message for an error of the device; undefined for other errors. */
export function deviceSaid(error: unknown): 'closed' | 'already' | undefined {
  if (!(error instanceof Error)) return undefined
  // The user cancelled, or the prompt timed out.
  if (['NotAllowedError', 'AbortError'].includes(error.name)) return 'closed'
  // The device already has a passkey of this account.
  return error.name === 'InvalidStateError' ? 'already' : undefined
}

/**
 * Creates a passkey on this device, and registers it with the server.
 * @throws ApiError; the browser's error when the user cancels
 */
export async function makePasskey(name: string): Promise<PasskeyList> {
  const { startRegistration } = await import('@simplewebauthn/browser')
  const optionsJSON = await callApi('startPasskeyCreation')
  const response = await startRegistration({ optionsJSON })
  // Copied, since the contract describes plain objects and browsers add keys.
  return callApi('addPasskey', {
    body: {
      name,
      response: {
        ...response,
        response: { ...response.response },
        clientExtensionResults: { ...response.clientExtensionResults },
      },
    },
  })
}

/**
 * Signs in with a passkey of this device, or of a phone nearby.
 * @throws as `makePasskey`
 */
export async function enterByPasskey(): Promise<PortalSession> {
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const optionsJSON = await callApi('startPasskeySignIn')
  const response = await startAuthentication({ optionsJSON })
  return callApi('signInByPasskey', {
    body: {
      ...response,
      response: { ...response.response },
      clientExtensionResults: { ...response.clientExtensionResults },
    },
  })
}
