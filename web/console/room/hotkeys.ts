import { useEffect } from 'react'

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true
  return (
    target instanceof HTMLInputElement && !['radio', 'checkbox', 'button', 'submit'].includes(target.type)
  )
}

/** The digit of a key by where it is: on a French keyboard the row of digits writes "&é"'(" without Shift. */
function digitOf(event: KeyboardEvent): number | null {
  const match = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)
  return match === null ? null : Number(match[1])
}

/**
 * Keys of the room: digits and letters when no text field has the focus, Alt with a digit or F always, Control (or
 * Command) with Enter always. Silent while a dialog is open.
 */
export function useRoomKeys(on: {
  digit: (digit: number) => void
  letter: (letter: string) => boolean
  submit: () => void
  /** Alt and F, with Shift for all of them. */
  fix: (all: boolean) => void
  silent: boolean
}): void {
  useEffect(() => {
    if (on.silent) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat) return
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        on.submit()
        return
      }
      if (event.ctrlKey || event.metaKey) return
      if (event.altKey && event.code === 'KeyF') {
        event.preventDefault()
        on.fix(event.shiftKey)
        return
      }
      const typing = isTyping(event.target)
      const digit = digitOf(event)
      if (digit !== null && (event.altKey || (!typing && !event.shiftKey))) {
        event.preventDefault()
        on.digit(digit)
      } else if (
        !typing &&
        !event.altKey &&
        /^[a-z]$/i.test(event.key) &&
        on.letter(event.key.toUpperCase())
      ) {
        event.preventDefault()
      }
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  })
}
