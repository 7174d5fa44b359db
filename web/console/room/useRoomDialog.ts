import { useRef, useState } from 'react'
import type { ClaimView, RefusalCode, ReportView } from '../../../src/reports/contract.ts'
import { dialogsPart } from './dialogsPart.ts'

export type RoomDialog =
  | 'confirm'
  | 'submit'
  | { readonly refuse: RefusalCode | null }
  | { readonly held: ReportView; readonly by: ClaimView }

/** Tracks which dialog is open over the room. When it closes, the focus returns to the button that opened it. */
export function useRoomDialog() {
  const [dialog, setDialog] = useState<RoomDialog | null>(null)
  const [components, setComponents] = useState(dialogsPart.loaded)
  const [failure, setFailure] = useState<{ error: unknown; wanted: RoomDialog } | null>(null)
  const sendButton = useRef<HTMLButtonElement>(null)
  const refuseButton = useRef<HTMLButtonElement>(null)
  const openDialog = (wanted: RoomDialog) => {
    setDialog(wanted)
    setFailure(null)
    const loaded = dialogsPart.loaded()
    if (loaded !== null) return setComponents(loaded)
    dialogsPart.load().then(setComponents, (error: unknown) => {
      setDialog(null)
      setFailure({ error, wanted })
    })
  }
  return {
    dialog,
    /** The components of the dialogs; null until they have loaded. */
    components,
    /** Error for which the wanted dialog could not be loaded; null if it could. */
    failure,
    openDialog,
    /** The dialog is removed with its component, so it cannot restore the focus by itself. */
    closeDialog: (opener: 'send' | 'refuse' | null) => {
      setDialog(null)
      const button = { send: sendButton, refuse: refuseButton }
      if (opener !== null) setTimeout(() => button[opener].current?.focus())
    },
    sendButton,
    refuseButton,
  }
}
