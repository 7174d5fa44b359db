import { createElement } from 'react'
import { say } from './text.ts'
import { Undoable } from './Undoable.tsx'

type Shown = typeof import('@mantine/notifications')

let library: Promise<Shown> | undefined
const waiting = new Set<(shown: Shown) => void>()

/** Milliseconds that one stays which offers to take something back. */
const LONGER_MS = 12_000

/**
 * Says something in passing. What shows it is fetched the first time there is something to say.
 * @param undo takes back what is said to be done; there is another way to it, for whoever does not see this in time
 */
export async function toast(message: string, undo?: () => void): Promise<void> {
  library ??= import('@mantine/notifications')
  const shown = await library
  for (const tell of waiting) tell(shown)
  waiting.clear()
  const closeButtonProps = { 'aria-label': say('action.close') }
  if (undo === undefined) {
    shown.notifications.show({ message, closeButtonProps })
    return
  }
  const id = shown.notifications.show({
    closeButtonProps,
    autoClose: LONGER_MS,
    message: createElement(Undoable, {
      message,
      label: say('action.undo'),
      onUndo: () => {
        shown.notifications.hide(id)
        undo()
      },
    }),
  })
}

/** Calls back once, when there is something to say for the first time. */
export function onFirstToast(tell: (shown: Shown) => void): () => void {
  waiting.add(tell)
  return () => waiting.delete(tell)
}
