import { checkServer, partOf } from '../../api/part.ts'
import { restPart } from '../../ui/mantine/rest.ts'

/** The dialogs of the room with their texts and styles, used so rarely that they are loaded on demand. */
export const dialogsPart = partOf(async () => {
  await checkServer()
  const { ConfirmSheet, SubmitSheet, TakeOverModal, RefuseModal } = await import('./dialogs.ts')
  await restPart.load()
  return { ConfirmSheet, SubmitSheet, TakeOverModal, RefuseModal }
})

export type Dialogs = NonNullable<ReturnType<typeof dialogsPart.loaded>>
