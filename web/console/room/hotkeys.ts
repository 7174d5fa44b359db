import { useEffect } from 'react'
import { isTyping } from '../../ui/typing.ts'

/** Returns the digit of a key by its position: the digit row of a French keyboard types "&é"'(" without Shift. */
export function digitOf(event: KeyboardEvent): number | null {
  const match = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)
  return match === null ? null : Number(match[1])
}

/**
 * Returns the letter of a shortcut. With Alt, a Mac types another character, so the key is identified by its position.
 */
function letterOf(event: KeyboardEvent, typing: boolean): string | null {
  if (/^[a-z]$/i.test(event.key)) return event.key.toUpperCase()
  // In a text field the other character is intended.
  return typing ? null : (/^Key([A-Z])$/.exec(event.code)?.[1] ?? null)
}

/** A dialog over the room has keys of its own. */
const OVER_THE_ROOM = '[role=dialog], [role=menu], [role=listbox]'

interface RoomKeys {
  digit: (digit: number, withAlt: boolean) => void
  /** @returns whether the letter selects something */
  letter: (letter: string) => boolean
  /** Moves the focus to the line of the call: by Alt and L, or for the letter being typed, which starts a word there. */
  line: (startsWord: boolean) => void
  submit: () => void
  /** Alt and R removes what may not be sent: the first of it, or with Shift all of it. */
  fix: (all: boolean) => void
  /** Alt and F notes the prosecutor's authorisation. */
  authorise: () => void
  silent: boolean
}

/** Returns the act of a key that the browser must not handle too; null for other keys. */
function actOf(event: KeyboardEvent, on: RoomKeys): (() => void) | null {
  const { altKey, shiftKey, code } = event
  if (event.ctrlKey || event.metaKey) return event.key === 'Enter' ? on.submit : null
  if (altKey && code === 'KeyR') return () => on.fix(shiftKey)
  if (altKey && code === 'KeyF') return on.authorise
  if (altKey && code === 'KeyL') return () => on.line(false)
  const digit = digitOf(event)
  if (digit === null || (!altKey && (isTyping(event.target) || shiftKey))) return null
  return () => on.digit(digit, altKey)
}

/** Handles a letter: with Alt it selects something, alone it begins a word in the line of the call. */
function handleLetter(event: KeyboardEvent, on: RoomKeys): void {
  const typing = isTyping(event.target)
  const letter = event.altKey ? letterOf(event, typing) : null
  if (letter !== null && on.letter(letter)) event.preventDefault()
  else if (!event.altKey && !typing && /^\p{L}$/u.test(event.key)) on.line(true)
}

/**
 * Shortcuts of the room: digits when no text field has the focus, Alt with a digit or a letter always, Control (or
 * Command) with Enter always. Other characters go to the line of the call. Disabled while a dialog is open.
 */
export function useRoomKeys(on: RoomKeys): void {
  useEffect(() => {
    if (on.silent) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat) return
      if (event.target instanceof Element && event.target.closest(OVER_THE_ROOM) !== null) return
      const act = actOf(event, on)
      if (act !== null) {
        event.preventDefault()
        act()
      } else if (!event.ctrlKey && !event.metaKey) handleLetter(event, on)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  })
}
