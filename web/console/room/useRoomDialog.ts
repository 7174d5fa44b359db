import { useRef, useState } from 'react'
import type { ClaimView, RefusalCode, ReportView } from '../../../src/reports/contract.ts'

export type RoomDialog =
  | 'confirm'
  | 'submit'
  | { readonly refuse: RefusalCode | null }
  | { readonly held: ReportView; readonly by: ClaimView }

/** Tracks which dialog is open over the room. When it closes, the focus returns to the button that opened it. */
export function useRoomDialog() {
  const [dialog, setDialog] = useState<RoomDialog | null>(null)
  const sendButton = useRef<HTMLButtonElement>(null)
  const refuseButton = useRef<HTMLButtonElement>(null)
  return {
    dialog,
    openDialog: setDialog,
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
