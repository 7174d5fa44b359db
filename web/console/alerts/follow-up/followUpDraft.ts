import type { FollowUpKind } from '../../../../src/alerts/follow-up/contract.ts'
import type { AuthorisationEntry } from '../../approval/authorisation/AuthorisationFields.tsx'

/** A follow-up that is being written. */
export interface FollowUpDraft {
  readonly text: string
  readonly isPrecise: boolean
  readonly word: Partial<AuthorisationEntry>
  /** The follow-up that was opened to be changed, with its version; null for a new one. */
  readonly from: string | null
  /** The order without a response yet, whose result is being asked for; absent: none. */
  readonly order?: FollowUpOrder | undefined
}

/** An order or a submission of a follow-up, with the key that identifies it. */
export interface FollowUpOrder {
  readonly how: 'order' | 'override' | 'submit'
  readonly kind: FollowUpKind
  readonly text: string
  /** The message it follows; at most one message may follow each. */
  readonly after: string
}

const keyOf = (schemeId: string, alertId: string, kind: FollowUpKind) =>
  `tocsin.followUp.${schemeId}.${alertId}.${kind}`

/** Reads the unsent follow-up kept in this tab; null if there is none, or it was started from another state. */
export function keptDraft(
  schemeId: string,
  alertId: string,
  kind: FollowUpKind,
  from: string | null,
): FollowUpDraft | null {
  try {
    const kept = sessionStorage.getItem(keyOf(schemeId, alertId, kind))
    const draft = kept === null ? null : (JSON.parse(kept) as FollowUpDraft)
    return draft?.from === from ? draft : null
  } catch {
    // The storage is unreadable or denied: start afresh.
    return null
  }
}

/** Stores the draft in this tab, so that closing the form or reloading the page loses nothing; null removes it. */
export function keepDraft(
  schemeId: string,
  alertId: string,
  kind: FollowUpKind,
  draft: FollowUpDraft | null,
): void {
  const key = keyOf(schemeId, alertId, kind)
  try {
    if (draft === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // The storage is full or denied: the form works without it.
  }
}

/** Characters typed before their field has loaded. */
export interface TypeAhead {
  /** Returns the characters typed so far and stops listening. */
  readonly take: () => string
}

/** Listens until the characters are taken, and keeps them from the rest of the page. */
export function typeAhead(): TypeAhead {
  let typed = ''
  const listen = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement) return
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (event.key === 'Backspace') typed = typed.slice(0, -1)
    // Enter and Space that opened the form may still repeat.
    else if (event.key.length === 1 && !(event.repeat && event.key === ' ')) typed += event.key
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  addEventListener('keydown', listen, { capture: true })
  return {
    take() {
      removeEventListener('keydown', listen, { capture: true })
      const all = typed
      typed = ''
      return all
    },
  }
}
