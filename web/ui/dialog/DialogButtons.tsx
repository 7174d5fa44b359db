import { Button, type ButtonProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { useText } from '../format/text.ts'
import classes from './DialogButtons.module.css'

/**
 * The buttons at the foot of a dialog, in the one order of all of them: on the left what leaves it as it was, last and
 * filled what it is for, which Ctrl+Enter presses too (dialogKey.ts).
 */
export function DialogButtons(
  props: Pick<ButtonProps, 'disabled' | 'size'> & {
    onBack: () => void
    /** Text of the button that leaves; default: “Back”. */
    back?: ReactNode
    /** Whether the focus starts on the button that leaves, because the other one has consequences. */
    startsOnBack?: boolean
    /** Rarer acts, before the button that leaves. */
    lead?: ReactNode
    /** The button of what the dialog is for. */
    children: ReactNode
  },
) {
  const { t } = useText()
  const { onBack, back = t('confirm.back'), startsOnBack, lead, children, ...rest } = props
  return (
    <div className={classes.buttons} data-dialog-buttons>
      {lead}
      <Button variant="default" {...(startsOnBack && { 'data-autofocus': true })} {...rest} onClick={onBack}>
        {back}
      </Button>
      {children}
    </div>
  )
}
