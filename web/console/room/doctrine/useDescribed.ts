import { useEffect } from 'react'
import type { Remark } from '../../../../src/guard/guard.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { Draft, useDrafts } from '../text/draft.ts'
import { useGuardOf } from '../text/guard.ts'
import { isPreventionDraft, type Level, MAGISTRATE_ID } from './doctrine.ts'

export interface Described {
  /** The words of the facts that describe a person or a vehicle; null: none, or the message does not contain the facts. */
  readonly words: string | null
  /** Removes them from the facts. */
  readonly remove: () => void
  /** Goes to the form that records the prosecutor's authorisation. */
  readonly authorise: () => void
}

const DESCRIPTIONS: ReadonlySet<string> = new Set(['person_description', 'vehicle_description', 'plate'])

/** True for remarks on words that only the level of identifying details allows. */
function isDescription({ code, allowedFrom }: Remark): boolean {
  return DESCRIPTIONS.has(code) && allowedFrom === 'precise'
}

/** Returns the change of level that a description in the facts requires; null: none. A level chosen since is kept. */
export function raisedBy(
  draft: Pick<Draft, 'doctrine' | 'raisedFor'>,
  words: string | null,
): Pick<Draft, 'doctrine' | 'raisedFor'> | null {
  const { doctrine, raisedFor } = draft
  const at = (level: Level) => ({ ...doctrine, level })
  if (words === raisedFor) return null
  if (words !== null) {
    return { doctrine: doctrine.level === 'established' ? at('precise') : doctrine, raisedFor: words }
  }
  return { doctrine: doctrine.level === 'precise' ? at('established') : doctrine, raisedFor: null }
}

/** Raises the level at once when the facts describe a person or a vehicle, and lowers it again once they no longer do. */
export function useDescribed({
  scheme,
  draft,
  current,
  change,
  settle,
}: Pick<ReturnType<typeof useDrafts>, 'draft' | 'current' | 'change' | 'settle'> & {
  readonly scheme: SchemeView
}): Described {
  const template = scheme.categories.find(({ code }) => code === draft.categoryCode)?.template ?? ''
  // Facts that are not in the message raise nothing. Those of a recorded report no longer change, nor does the level for them.
  const isRecorded = draft.report !== null
  const isSaid = draft.text === null && !isRecorded && template.includes('{faits}')
  const facts = isSaid && !isPreventionDraft(draft, scheme) ? draft.facts : ''
  const guard = useGuardOf(
    scheme.id,
    draft.calledAt !== null,
    (known) => ({ ...known, text: facts, level: 'established' }),
    isDescription,
  )
  const { remarks } = guard
  const found = (remarks ?? []).map(({ start, end }) => facts.slice(start, end))
  const words = found.length === 0 ? null : found.join(', ')
  const isKept = remarks === null || draft.calledAt === null || isRecorded
  const change_ = isKept ? null : raisedBy(draft, words)
  useEffect(() => {
    if (change_ !== null) settle(current, change_)
  })
  return {
    words,
    remove: () => change({ facts: guard.fixAll() }),
    authorise: () => {
      if (draft.doctrine.level !== 'precise') change({ doctrine: { ...draft.doctrine, level: 'precise' } })
      // The form appears with the level, once its code is loaded.
      focusOnceShown(MAGISTRATE_ID)
    },
  }
}

/** Maximum time to wait for an element. */
const SHOWN_WITHIN_MS = 5000

/** Moves the focus to an element as soon as it exists; leaves the focus alone when it does not appear. */
function focusOnceShown(id: string): void {
  const focus = () => {
    const element = document.getElementById(id)
    element?.focus()
    return element !== null
  }
  if (focus()) return
  const observer = new MutationObserver(() => {
    if (focus()) observer.disconnect()
  })
  observer.observe(document.body, { childList: true, subtree: true })
  setTimeout(() => observer.disconnect(), SHOWN_WITHIN_MS)
}
