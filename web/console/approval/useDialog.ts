import { useRef, useState } from 'react'

/**
 * Tracks which dialog of a card is open. When it is closed without a decision, the focus returns to the button that
 * opened it.
 */
export function useDialog<Name extends string>() {
  const [dialog, setDialog] = useState<Name | null>(null)
  const opener = useRef<HTMLButtonElement | null>(null)
  return {
    dialog,
    open: (name: Name) => (event: { currentTarget: HTMLButtonElement }) => {
      opener.current = event.currentTarget
      setDialog(name)
    },
    /** Switches to another dialog; on closing, the focus returns to the button that opened the first. */
    swap: setDialog,
    close: () => {
      setDialog(null)
      setTimeout(() => opener.current?.focus())
    },
    /** Closes the dialog after a decision. Its button disappears with the next data, so the focus goes to the page. */
    leave: async (refresh: () => Promise<void>) => {
      setDialog(null)
      await refresh()
      document.getElementById('contenu')?.focus({ preventScroll: true })
    },
  }
}
