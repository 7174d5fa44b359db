/** Returns whether keys pressed on an element are its own text or choice, so that no shortcut of one letter applies. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement)
    return !['radio', 'checkbox', 'button', 'submit'].includes(target.type)
  return target.isContentEditable || target.matches('textarea, select')
}
