import { callApi } from '../../api/client.ts'
import { isRefusal } from '../../api/problems.ts'

/** Set while this phone has signed out and the server does not know yet. */
const ENDED = 'tocsin.portal.ended'
/**
 * Keys under which the portal stores data of a person in this browser, and the name of the service worker's cache (worker.js).
 */
const OWN = ['tocsin.shop', 'tocsin.portal.heard']
const DATA = 'tocsin-portal-data'

/** Tells whether this phone has signed out; its session may still be open on the server, whose cookie no script can remove. */
export function hasSignedOut(): boolean {
  return localStorage.getItem(ENDED) !== null
}

/** Erases what this phone holds of the person, with or without a network. */
export async function signOutHere(): Promise<void> {
  localStorage.setItem(ENDED, '1')
  for (const key of OWN) localStorage.removeItem(key)
  if ('caches' in window) await caches.delete(DATA)
}

/** Ends the session of a phone that has signed out, as soon as the server answers. */
export async function finishSignOut(): Promise<void> {
  if (!hasSignedOut()) return
  try {
    await callApi('endContactSession')
  } catch (error) {
    if (!isRefusal(error, 'not_signed_in')) return
  }
  localStorage.removeItem(ENDED)
}
