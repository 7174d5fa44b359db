import type { PasskeyList } from '../../../src/identity/passkeys/webauthn-contract.ts'
import type { PortalSession } from '../../../src/portal/contract.ts'
import { callApi } from '../../api/client.ts'
import { answerWithPasskey, createPasskey } from '../../ui/account/passkeys.ts'

/**
 * Creates a passkey on this device, and registers it with the server.
 * @throws ApiError; the browser's error when the user cancels
 */
export async function makePasskey(name: string): Promise<PasskeyList> {
  const response = await createPasskey(await callApi('startPasskeyCreation'))
  return callApi('addPasskey', { body: { name, response } })
}

/**
 * Signs in with a passkey of this device, or of a phone nearby.
 * @throws as `makePasskey`
 */
export async function enterByPasskey(): Promise<PortalSession> {
  return callApi('signInByPasskey', { body: await answerWithPasskey(await callApi('startPasskeySignIn')) })
}
