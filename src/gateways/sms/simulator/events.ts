import type { SmscFaults } from './faults.ts'
import type { HandsetState } from './handsets.ts'

export type SmscEvent =
  | {
      readonly type: 'message'
      readonly number: string
      readonly from: string
      readonly text: string
      readonly id: string
    }
  | { readonly type: 'handset'; readonly number: string; readonly state: HandsetState }
  | { readonly type: 'faults'; readonly faults: SmscFaults }
  | { readonly type: 'session'; readonly systemId: string; readonly role: string; readonly isBound: boolean }

/** Passes events to listeners. */
export class SmscEvents {
  readonly #listeners = new Set<(event: SmscEvent) => void>()

  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  emit(event: SmscEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** Subscribes to events; returns the function that unsubscribes. */
  subscribe(listener: (event: SmscEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
