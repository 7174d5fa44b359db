/** Something changed in a scheme, for the screens that look at it: they read the facts again, or take the figures. */
export type LiveEvent =
  | {
      readonly type: 'progress'
      readonly schemeId: string
      readonly alertId: string
      readonly broadcastId: string
    }
  | { readonly type: 'report'; readonly schemeId: string; readonly reportId: string }
  | { readonly type: 'alert'; readonly schemeId: string; readonly alertId: string }

export interface Live {
  publish(event: LiveEvent): void
  /** @returns the function that ends the subscription. */
  subscribe(schemeId: string, listener: (event: LiveEvent) => void): () => void
}

export function createLive(): Live {
  const listeners = new Map<string, Set<(event: LiveEvent) => void>>()
  return {
    publish(event) {
      for (const listener of listeners.get(event.schemeId) ?? []) listener(event)
    },
    subscribe(schemeId, listener) {
      const set = listeners.get(schemeId) ?? new Set()
      listeners.set(schemeId, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0) listeners.delete(schemeId)
      }
    },
  }
}
