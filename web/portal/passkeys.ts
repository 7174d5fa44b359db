import type { PasskeyList, PortalSession } from '../../src/portal/contract.ts'
import { callApi } from '../api/client.ts'

/** Whether this browser can hold passkeys here: over HTTPS, or on this machine. */
export function hasPasskeys(): boolean {
  return isSecureContext && 'PublicKeyCredential' in window
}

/** What the device answered in place of a passkey; undefined for what is no word of the device. */
export function deviceSaid(error: unknown): 'closed' | 'already' | undefined {
  if (!(error instanceof Error)) return undefined
  // The holder closed the question, or let it pass.
  if (['NotAllowedError', 'AbortError'].includes(error.name)) return 'closed'
  // It holds one of this account.
  return error.name === 'InvalidStateError' ? 'already' : undefined
}

/** Makes a passkey on this device, and gives it to the server. @throws ApiError; what the browser says when it is closed */
export async function makePasskey(name: string): Promise<PasskeyList> {
  const { startRegistration } = await import('@simplewebauthn/browser')
  const optionsJSON = await callApi('startPasskeyCreation')
  const response = await startRegistration({ optionsJSON })
  // Copied: the contract describes plain objects, with keys that browsers add.
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

/** Signs in by a passkey of this device, or of a phone beside it. @throws as `makePasskey` */
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
