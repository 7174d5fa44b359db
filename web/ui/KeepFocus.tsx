import { useEffect, useRef } from 'react'

/** Places of a dialog where the keyboard can be, the likelier first. */
const PLACES = ['[data-autofocus]', 'textarea', 'input:not([type=hidden])', 'button']

/** What drops down from a field of a dialog is drawn in the page. */
const DROPDOWN = '.mantine-Popover-dropdown, .mantine-Combobox-dropdown'

/**
 * Keeps the keyboard in the dialog that it is placed in: a button that disappears or is disabled under the focus, or a
 * page that takes the focus behind the dialog, would let what is typed next fall into a field that is out of sight.
 */
export function KeepFocus() {
  const mark = useRef<HTMLSpanElement>(null)
  /** No place was free: the dialog itself has the focus until one is. */
  const isWaiting = useRef(false)

  const bringBack = () => {
    const dialog = mark.current?.closest<HTMLElement>('[role=dialog]')
    const active = document.activeElement
    if (dialog == null) return
    if (isUsable(dialog, active) && !(active === dialog && isWaiting.current)) return
    const places = PLACES.flatMap((one) => [...dialog.querySelectorAll<HTMLElement>(one)])
    const place = places.find((one) => isUsable(dialog, one))
    isWaiting.current = place === undefined
    ;(place ?? dialog).focus()
  }

  // Each change of the dialog may have taken away what had the focus.
  useEffect(bringBack)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads nothing but refs
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    // Once the focus is where it goes to.
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

/** Whether something can have the focus while a dialog is open: it is in it, or in something that opened over it. */
function isUsable(dialog: HTMLElement, place: Element | null): boolean {
  if (place === null || place === document.body) return false
  if (!dialog.contains(place)) return place.closest('#root') === null || place.closest(DROPDOWN) !== null
  return !place.matches(':disabled') && place.checkVisibility({ visibilityProperty: true })
}
