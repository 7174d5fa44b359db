const entered = Promise.withResolvers<void>()
let hasEntered = false

/** Reports that a member is signed in: the pages of the portal are loaded from now on. */
export function markEntered(): void {
  hasEntered = true
  entered.resolve()
}

/** Loads a page of the portal and waits for it; before a member is signed in, only arranges that it is loaded then. */
export async function loadOnceEntered(load: () => unknown): Promise<void> {
  if (hasEntered) await load()
  else void entered.promise.then(load)
}
