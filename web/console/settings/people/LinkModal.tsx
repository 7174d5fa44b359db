import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import type { LinkView } from '../../../../src/people/contract.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { untilOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from './People.module.css'

/** Shows a link once, where no mail can be sent: the person who asked for it hands it over. */
export function LinkModal(props: { name: string; link: LinkView; onClose: () => void }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { name, link, onClose } = props
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link.link ?? '')
      setCopied(true)
    } catch {
      // Without access to the clipboard, the link is selected by a click on it.
      setCopied(false)
    }
  }
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={520}
      title={t('people.link.title', { name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={classes.form}>
        <p>
          {t('people.link.what', {
            name,
            until: link.expiresAt === null ? '' : untilOf(lang, link.expiresAt, now),
          })}
        </p>
        <p className={classes.link}>{link.link}</p>
        <div role="status">{isCopied && t('people.link.copied')}</div>
        <DialogButtons onBack={onClose} back={t('action.close')}>
          <Button data-autofocus onClick={() => void copy()}>
            {t('people.link.copy')}
          </Button>
        </DialogButtons>
      </div>
    </Modal>
  )
}
