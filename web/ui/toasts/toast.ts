import { createElement } from 'react'
import { formatMessage } from '../format/text.ts'
import { Undoable } from './Undoable.tsx'

type Shown = typeof import('@mantine/notifications')

let library: Promise<Shown> | undefined
const waiting = new Set<(shown: Shown) => void>()

/** Milliseconds for which a message with an undo button stays. */
const LONGER_MS = 12_000

/**
 * Shows a passing message. The component is loaded for the first message.
 * @param undo undoes what the message reports; there is another way to undo it, for users who miss the message
 */
export async function toast(message: string, undo?: () => void): Promise<void> {
  library ??= Promise.all([import('@mantine/notifications'), import('../mantine/mantine-rest.ts')]).then(
    ([shown]) => shown,
  )
  const shown = await library
  for (const tell of waiting) tell(shown)
  waiting.clear()
  const closeButtonProps = { 'aria-label': formatMessage('action.close') }
  if (undo === undefined) {
    shown.notifications.show({ message, closeButtonProps })
    return
  }
  const id = shown.notifications.show({
    closeButtonProps,
    autoClose: LONGER_MS,
    message: createElement(Undoable, {
      message,
      label: formatMessage('action.undo'),
      onUndo: () => {
        shown.notifications.hide(id)
        undo()
      },
    }),
  })
}

/** Calls back once, for the first message. */
export function onFirstToast(tell: (shown: Shown) => void): () => void {
  waiting.add(tell)
  return () => waiting.delete(tell)
}
