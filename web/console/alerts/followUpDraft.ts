import type { FollowUpKind } from '../../../src/alerts/follow-up/contract.ts'
import type { AuthorisationEntry } from '../approval/AuthorisationFields.tsx'

/** A follow-up as it is being written. */
export interface FollowUpDraft {
  readonly text: string
  readonly isPrecise: boolean
  readonly word: Partial<AuthorisationEntry>
  /** The follow-up that was taken up to be changed, in its version; null: written from the beginning. */
  readonly from: string | null
  /** Its order, given and not answered yet: what became of it is asked. Absent: there is none. */
  readonly order?: FollowUpOrder | undefined
}

/** An order of a follow-up, or its submission: by what it is known again. */
export interface FollowUpOrder {
  readonly how: 'order' | 'override' | 'submit'
  readonly kind: FollowUpKind
  readonly text: string
  /** The message it answers: one message follows it at most. */
  readonly after: string
}

const keyOf = (schemeId: string, alertId: string, kind: FollowUpKind) =>
  `tocsin.followUp.${schemeId}.${alertId}.${kind}`

/** What this tab keeps of one that was not sent; null: nothing, or of another beginning. */
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
    // Unreadable or refused storage: begin afresh.
    return null
  }
}

/** Keeps it in this tab, so that closing the form or reloading the page loses nothing; null: it is done with. */
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
    // A full or refused storage keeps nothing; the form goes on.
  }
}

/** Letters typed before the field that they are for is there. */
export interface TypeAhead {
  /** What was typed so far; it listens no longer. */
  readonly take: () => string
}

/** Listens until it is asked: what is typed meanwhile is for nothing else on the page. */
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
