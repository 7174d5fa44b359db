import { say } from './text.ts'

type Shown = typeof import('@mantine/notifications')

let library: Promise<Shown> | undefined
const waiting = new Set<(shown: Shown) => void>()

/** Says something in passing. What shows it is fetched the first time there is something to say. */
export async function toast(message: string): Promise<void> {
  library ??= import('@mantine/notifications')
  const shown = await library
  for (const tell of waiting) tell(shown)
  waiting.clear()
  shown.notifications.show({ message, closeButtonProps: { 'aria-label': say('action.close') } })
}

/** Calls back once, when there is something to say for the first time. */
export function onFirstToast(tell: (shown: Shown) => void): () => void {
  waiting.add(tell)
  return () => waiting.delete(tell)
}
