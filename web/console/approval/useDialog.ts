import { useRef, useState } from 'react'

/** Which dialog of a card is open, if any. Closed without a decision, the focus goes back to the button that opened it. */
export function useDialog<Name extends string>() {
  const [dialog, setDialog] = useState<Name | null>(null)
  const opener = useRef<HTMLButtonElement | null>(null)
  return {
    dialog,
    open: (name: Name) => (event: { currentTarget: HTMLButtonElement }) => {
      opener.current = event.currentTarget
      setDialog(name)
    },
    /** From one dialog to the next: the focus goes back to what opened the first. */
    swap: setDialog,
    close: () => {
      setDialog(null)
      setTimeout(() => opener.current?.focus())
    },
    /** Closed by a decision: the button is gone once the page is fresh, so the focus goes to the page. */
    leave: async (refresh: () => Promise<void>) => {
      setDialog(null)
      await refresh()
      document.getElementById('contenu')?.focus({ preventScroll: true })
    },
  }
}
