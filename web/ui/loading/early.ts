const ROOM = '/salle'
/** Longest text that is kept; a longer one was not meant for the line. */
const MAX_LENGTH = 300

/** The characters typed on the page of the room before its fields were there. */
let typed = ''
let isOpen = false

/**
 * Keeps what is typed on the page of the room while it loads and nothing has the focus, so that a call taken at once loses no
 * letter.
 */
export function keepEarlyKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (isOpen) return
    const { activeElement } = document
    const isElsewhere = activeElement !== null && !activeElement.matches('body, main')
    if (location.pathname !== ROOM || isElsewhere) typed = ''
    else if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    else if (event.key === 'Backspace') typed = typed.slice(0, -1)
    else if (event.key.length === 1 && typed.length < MAX_LENGTH) typed += event.key
  })
}

/** The room is open and has its own keys from now on. @returns what was typed before */
export function takeEarlyKeys(): string {
  isOpen = true
  const taken = typed
  typed = ''
  return taken
}

/** The room was left. */
export function forgetEarlyKeys(): void {
  isOpen = false
  typed = ''
}
