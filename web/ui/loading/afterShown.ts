/** Longest wait for a first screen that does not come. */
const SHOWN_WITHIN_MS = 15_000

const shown = Promise.withResolvers<void>()
// Other screens wait for nothing.
if (globalThis.location?.pathname === '/salle') setTimeout(shown.resolve, SHOWN_WITHIN_MS)
else shown.resolve()

/** Reports that the alert room can be used: what it does not need for that is loaded now. */
export function markShown(): void {
  // After the frame in which it is painted.
  requestAnimationFrame(() => setTimeout(shown.resolve))
}

/** Loads a part or data once the alert room can be used, so that it does not wait for them; at once on other screens. */
export async function afterShown<T>(load: () => Promise<T>): Promise<T> {
  await shown.promise
  return load()
}
