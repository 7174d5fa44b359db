import type { SessionView } from '../../src/identity/contract.ts'
import { callApi } from '../api/client.ts'
import {
  answerWithPasskey,
  passkeyMessageKey,
  stopSuggesting,
  suggestPasskeys,
} from '../ui/account/passkeys.ts'

/** A challenge expires after five minutes: the page asks for another before. */
const RENEW_MS = 4 * 60_000

/** Signs in with a passkey of this device. @returns null when the user cancelled */
export async function signInByPasskey(): Promise<SessionView | null> {
  try {
    const body = await answerWithPasskey(await callApi('startAccountPasskeySignIn'))
    return await callApi('signInByAccountPasskey', { body })
  } catch (error) {
    if (passkeyMessageKey(error) !== undefined) return null
    throw error
  }
}

/**
 * Lets the browser suggest passkeys in the field of the mail address, and signs in with the chosen one.
 * @param onChosen called with the sign-in in progress
 * @returns ends the suggestions
 */
export function offerPasskeys(onChosen: (signIn: Promise<SessionView>) => void): () => void {
  let isOver = false
  const offer = async () => {
    const body = await suggestPasskeys(() => callApi('startAccountPasskeySignIn'))
    if (body !== undefined && !isOver) onChosen(callApi('signInByAccountPasskey', { body }))
  }
  // Without a network, or where another request of the page took over: the other ways to sign in remain.
  const attempt = () => void offer().catch(() => {})
  attempt()
  const timer = setInterval(attempt, RENEW_MS)
  return () => {
    isOver = true
    clearInterval(timer)
    void stopSuggesting()
  }
}
