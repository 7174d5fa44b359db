import { ApiError } from '../../api/client.ts'
import { checkServer, partOf } from '../../api/part.ts'
import { loadTexts } from '../format/text.ts'
import { afterShown } from '../loading/afterShown.ts'

const AGAIN_AFTER_MS = 5000

/** The texts of the screens other than the alert room, the portal and the public pages, and the styles of dialogs. */
export const restPart = partOf(() => Promise.all([import('./mantine-rest.ts'), loadTexts('room', 'rest')]))

/** Loads them in the background once the alert room can be used and after a delay, and again as long as the server does not respond. */
export function preloadRest(delayMs: number): void {
  void afterShown(async () => loadRestAfter(delayMs))
}

function loadRestAfter(delayMs: number): void {
  setTimeout(() => {
    checkServer()
      .then(restPart.load)
      .catch((error: unknown) => {
        if (error instanceof ApiError) loadRestAfter(AGAIN_AFTER_MS)
      })
  }, delayMs)
}
