import { Button } from '@mantine/core'
import type { RefObject } from 'react'
import { countOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './AlertRoom.module.css'
import type { Missing } from './text/message.ts'

/** The bottom bar of the form: what is still missing, and the actions on the call. */
export function RoomBar(props: {
  missing: readonly Missing[]
  /** The reach, once nothing is missing. */
  ready: number | null
  needsApproval: boolean
  exercise: boolean
  refuseButton: RefObject<HTMLButtonElement | null>
  sendButton: RefObject<HTMLButtonElement | null>
  onRefuse: () => void
  /** Null if the report is already recorded. */
  onSave: (() => void) | null
  saving: boolean
  onSend: () => void
}) {
  const { t, lang } = useText()
  const { missing, ready, exercise } = props
  return (
    <div className={classes.bar}>
      <p className={classes.missing} role="status">
        {missing.length > 0 &&
          t('room.missing', { what: missing.map((one) => t(`missing.${one}`)).join(', ') })}
      </p>
      <div className={classes.actions}>
        <Button
          variant="default"
          ref={props.refuseButton}
          onClick={props.onRefuse}
          className={classes.second ?? ''}
        >
          {t('room.refuse')}
        </Button>
        {props.onSave !== null && (
          <Button
            variant="default"
            onClick={props.onSave}
            loading={props.saving}
            className={classes.second ?? ''}
            aria-label={t('room.save')}
          >
            {t('room.save.short')}
          </Button>
        )}
        <Button
          ref={props.sendButton}
          onClick={props.onSend}
          size="md"
          className={classes.main ?? ''}
          aria-keyshortcuts="Control+Enter"
        >
          {props.needsApproval
            ? t(exercise ? 'room.submit.exercise' : 'room.submit')
            : ready !== null
              ? t(exercise ? 'room.send.exercise' : 'room.send', {
                  count: ready,
                  shown: countOf(lang, ready),
                })
              : t(exercise ? 'room.send.plain.exercise' : 'room.send.plain')}
          <kbd className={classes.key}>{t('key.ctrlEnter')}</kbd>
        </Button>
      </div>
    </div>
  )
}
