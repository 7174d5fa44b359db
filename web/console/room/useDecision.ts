import { useState } from 'react'
import type { RefusalCode } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { focusOn } from './focus.ts'
import { ORDERS_ID } from './order/orders.ts'
import { type Missing, missingForReport } from './text/message.ts'
import type { EnteredCall } from './useEnteredCall.ts'
import type { RoomDialog } from './useRoomDialog.ts'

export type Decision = ReturnType<typeof useDecision>

/** Decides on the entered call, unless something is missing: then that is shown and gets the focus. */
export function useDecision(room: {
  scheme: SchemeView
  call: Pick<EnteredCall, 'draft' | 'doctrine' | 'missing'>
  /** Records the report without an alert. */
  saveReport: () => Promise<void>
  openDialog: (dialog: RoomDialog) => void
  focusSend: () => void
}) {
  const { scheme, saveReport, openDialog, focusSend } = room
  const { draft, doctrine, missing } = room.call
  const [shown, setShown] = useState<readonly Missing[]>([])
  const [saving, setSaving] = useState<'no' | 'busy' | { error: unknown }>('no')

  const isComplete = (lacking: readonly Missing[]) => {
    setShown(lacking)
    const [first] = lacking
    if (first !== undefined) focusOn(first)
    return first === undefined
  }

  /** Opens the sheet that sends the alert, or submits it to a second person. */
  const send = () => {
    // The server is already being asked whether it was sent.
    if (draft.order !== null) return document.getElementById(ORDERS_ID)?.focus()
    if (!isComplete(missing)) return
    // A quick second Enter must not reach the field that had the focus.
    focusSend()
    openDialog(doctrine.needsApproval ? 'submit' : 'confirm')
  }
  /** Leads to the first input that is missing, else to the button that sends. */
  const goOn = () => {
    const [first] = missing
    if (first === undefined) focusSend()
    else focusOn(first)
  }
  /** Opens the refusal of the report. */
  const refuse = (reason: RefusalCode | null) => {
    if (isComplete(missingForReport(draft, scheme))) openDialog({ refuse: reason })
  }

  return {
    /** The inputs that were missing at the last try and still are. */
    shownMissing: shown.filter((one) => missing.includes(one)),
    forgetMissing: () => setShown([]),
    send,
    goOn,
    refuse,
    /** Opens a dialog that could not be loaded, if nothing is missing since. */
    reopen: (dialog: RoomDialog) => {
      if (dialog === 'confirm' || dialog === 'submit') send()
      else if ('refuse' in dialog) refuse(dialog.refuse)
      else openDialog(dialog)
    },
    save: async () => {
      if (!isComplete(missingForReport(draft, scheme)) || saving === 'busy') return
      setSaving('busy')
      try {
        await saveReport()
        setSaving('no')
      } catch (error) {
        setSaving({ error })
      }
    },
    isSaving: saving === 'busy',
    /** Null if the last save did not fail. */
    saveFailure: typeof saving === 'object' ? saving : null,
  }
}
