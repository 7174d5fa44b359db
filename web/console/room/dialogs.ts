// Dialogs of the alert room, in one file that is loaded once a call begins.

export { RefuseModal } from './desk/RefuseModal.tsx'
export { TakeOverModal } from './desk/TakeOver.tsx'
export { ConfirmSheet } from './order/ConfirmSheet.tsx'
export { SubmitSheet } from './order/SubmitSheet.tsx'
