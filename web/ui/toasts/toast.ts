import { createElement } from 'react'
import { formatMessage } from '../format/text.ts'
import { WithButton } from './WithButton.tsx'

type Shown = typeof import('@mantine/notifications')

let library: Promise<Shown> | undefined
const waiting = new Set<(shown: Shown) => void>()

/** Milliseconds for which a message with a button stays. */
const LONGER_MS = 12_000

/**
 * Shows a passing message. The component is loaded for the first message.
 * @param undo undoes what the message reports; there is another way to undo it, for users who miss the message
 */
export function toast(message: string, undo?: () => void): Promise<void> {
  return show(message, undo && { label: formatMessage('action.undo'), act: undo })
}

/** Shows a passing message about something that a button opens; there is another way to it, for users who miss the message. */
export function toastOf(message: string, open: () => void): Promise<void> {
  return show(message, { label: formatMessage('action.open'), act: open })
}

async function show(
  message: string,
  button: { readonly label: string; readonly act: () => void } | undefined,
): Promise<void> {
  library ??= Promise.all([import('@mantine/notifications'), import('../mantine/mantine-rest.ts')]).then(
    ([shown]) => shown,
  )
  const shown = await library
  for (const tell of waiting) tell(shown)
  waiting.clear()
  const closeButtonProps = { 'aria-label': formatMessage('action.close') }
  if (button === undefined) {
    shown.notifications.show({ message, closeButtonProps })
    return
  }
  const { label, act } = button
  const id = shown.notifications.show({
    closeButtonProps,
    autoClose: LONGER_MS,
    message: createElement(WithButton, {
      message,
      label,
      onClick: () => {
        shown.notifications.hide(id)
        act()
      },
    }),
  })
}

/** Calls back once, for the first message. */
export function onFirstToast(tell: (shown: Shown) => void): () => void {
  waiting.add(tell)
  return () => waiting.delete(tell)
}
