/** The button of a dialog that does what the dialog is for: the only one that is filled. */
const MAIN_BUTTON = 'button.mantine-Button-root:is(:not([data-variant]), [data-variant="filled"])'

/**
 * Lets Ctrl+Enter press the main button of the dialog that is open, whichever it is and wherever the focus is in it. A button
 * that has to be held counts it as one of its two presses of Enter.
 */
export function listenForDialogKey(): void {
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    if (event.repeat || event.isComposing || event.defaultPrevented) return
    const dialog = [...document.querySelectorAll('[role="dialog"][aria-modal="true"]')].at(-1)
    const buttons = [...(dialog?.querySelectorAll<HTMLButtonElement>(MAIN_BUTTON) ?? [])]
    const main = buttons.findLast((button) => !button.disabled && button.checkVisibility())
    if (main === undefined) return
    event.preventDefault()
    main.click()
  })
}
