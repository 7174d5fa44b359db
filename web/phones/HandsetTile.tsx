import { UnstyledButton } from '@mantine/core'
import IconDeviceMobileOff from '@tabler/icons-react/icons/IconDeviceMobileOff'
import IconInbox from '@tabler/icons-react/icons/IconInbox'
import type { Handset } from '../../src/demo/contract.ts'
import { readablePhone } from '../../src/message/phone.ts'
import { momentOf } from '../ui/format/format.ts'
import { useMinute } from '../ui/format/now.ts'
import { useText } from '../ui/format/text.ts'
import classes from './Phones.module.css'

/** One phone of the wall, with its last message. */
export function HandsetTile(props: { handset: Handset; ringing: boolean; onOpen: () => void }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { handset } = props
  const last = handset.messages[0]
  const owner = handset.owner ?? t('phones.nobody')
  return (
    <UnstyledButton
      className={classes.phone}
      data-state={handset.state}
      data-ringing={props.ringing || undefined}
      onClick={props.onOpen}
    >
      <span className={classes.ear} aria-hidden />
      <span className={classes.owner} title={owner}>
        {owner}
      </span>
      <span className={classes.number}>{readablePhone(handset.phone)}</span>
      <span className={classes.screen}>
        {handset.state !== 'on' && (
          <span className={classes.badge}>
            {handset.state === 'off' ? (
              <IconDeviceMobileOff size={14} aria-hidden />
            ) : (
              <IconInbox size={14} aria-hidden />
            )}
            {t(`handset.${handset.state}`)}
          </span>
        )}
        {last === undefined ? (
          handset.state === 'on' && <span className={classes.silent}>{t('phones.noMessage')}</span>
        ) : (
          <>
            <span className={classes.from}>
              <b>{last.from}</b> {momentOf(lang, last.receivedAt, now)}
            </span>
            <span className={classes.bubble}>{last.text}</span>
          </>
        )}
      </span>
    </UnstyledButton>
  )
}
