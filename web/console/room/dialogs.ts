// What opens over the room, in one file that is fetched once a call begins.
export { ConfirmSheet } from './ConfirmSheet.tsx'
export { RefuseModal } from './RefuseModal.tsx'
export { SubmitSheet } from './SubmitSheet.tsx'
export { TakeOverModal } from './TakeOver.tsx'
