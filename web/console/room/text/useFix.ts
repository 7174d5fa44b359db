import { useState } from 'react'
import type { Draft } from './draft.ts'
import { MESSAGE_ID } from './MessageField.tsx'
import type { Message } from './message.ts'

/** Replaces the text by the fix of a remark, which can be undone until the text is changed. */
export function useFix(draft: Draft, message: Message, change: (patch: Partial<Draft>) => void) {
  /** The text before the last fix, and after it. */
  const [fixed, setFixed] = useState<{ before: string | null; text: string } | null>(null)
  const undoFix = () => {
    if (fixed !== null) change({ text: fixed.before })
    document.getElementById(MESSAGE_ID)?.focus()
  }
  return {
    applyFix: (text: string) => {
      setFixed({ before: draft.text, text })
      change({ text })
    },
    /** Null once the text is not the fixed one. */
    undoFix: fixed?.text === message.text ? undoFix : null,
  }
}
