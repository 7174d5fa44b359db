import { useEffect, useRef } from 'react'

/** The next element to use; while it is disabled, the dialog itself has the focus. */
const MARKED = '[data-autofocus]'

/** Elements of a dialog without a marked one that can take the focus, preferred ones first. */
const PLACES = ['textarea', 'input:not([type=hidden])', 'button']

/** Dropdowns of a dialog's fields are rendered at the end of the page. */
const DROPDOWN = '.mantine-Popover-dropdown, .mantine-Combobox-dropdown'

/**
 * Keeps the focus in the dialog that contains it. Otherwise, when the focused button disappears or is disabled, or the
 * page behind takes the focus, the next keys would go to a field out of sight.
 */
export function KeepFocus() {
  const mark = useRef<HTMLSpanElement>(null)
  /** No element could take the focus: the dialog itself has it until one can. */
  const isWaiting = useRef(false)

  const bringBack = () => {
    const dialog = mark.current?.closest<HTMLElement>('[role=dialog]')
    const active = document.activeElement
    if (dialog == null) return
    if (isUsable(dialog, active) && !(active === dialog && isWaiting.current)) return
    const listOf = (selector: string) => [...dialog.querySelectorAll<HTMLElement>(selector)]
    // Another button would be the one to close, pressed by an Enter meant for the marked one.
    const marked = listOf(MARKED)
    const places = marked.length > 0 ? marked : PLACES.flatMap(listOf)
    const place = places.find((one) => isUsable(dialog, one))
    isWaiting.current = place === undefined
    ;(place ?? dialog).focus()
  }

  // Each change of the dialog may have removed the focused element.
  useEffect(bringBack)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads nothing but refs
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    // Runs after the focus has moved.
    const soon = () => {
      clearTimeout(timer)
      timer = setTimeout(bringBack)
    }
    document.addEventListener('focusin', soon)
    document.addEventListener('focusout', soon)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('focusin', soon)
      document.removeEventListener('focusout', soon)
    }
  }, [])
  return <span ref={mark} hidden />
}

/**
 * Returns whether an element may have the focus while a dialog is open: it is inside, or inside something opened over
 * it.
 */
function isUsable(dialog: HTMLElement, place: Element | null): boolean {
  if (place === null || place === document.body) return false
  if (!dialog.contains(place)) return place.closest('#root') === null || place.closest(DROPDOWN) !== null
  return !place.matches(':disabled') && place.checkVisibility({ visibilityProperty: true })
}
