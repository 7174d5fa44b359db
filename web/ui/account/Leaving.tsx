import { Button, Modal } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { DialogButtons } from '../dialog/DialogButtons.tsx'
import { useText } from '../format/text.ts'

/**
 * Asks before leaving unsaved changes.
 * @param props `keepsSearch`: another search of the same path does not leave the page
 */
export function Leaving(props: { isDirty: boolean; keepsSearch?: boolean }) {
  const { t } = useText()
  const { isDirty, keepsSearch = false } = props
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && !(keepsSearch && current.pathname === next.pathname),
    enableBeforeUnload: isDirty,
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={blocker.reset}
      size={440}
      title={t('settings.leave')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <p>{t('settings.leave.what')}</p>
      <DialogButtons onBack={blocker.proceed} back={t('settings.leave.go')}>
        <Button data-autofocus onClick={blocker.reset}>
          {t('settings.leave.stay')}
        </Button>
      </DialogButtons>
    </Modal>
  )
}
