import { Button, Drawer, SegmentedControl, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Handset, HandsetState } from '../../src/demo/contract.ts'
import { readablePhone } from '../../src/message/phone.ts'
import { callApi } from '../api/client.ts'
import { useAction } from '../api/useAction.ts'
import { momentOf } from '../ui/format/format.ts'
import { useMinute } from '../ui/format/now.ts'
import { useText } from '../ui/format/text.ts'
import { Empty, Failure } from '../ui/Notice.tsx'
import classes from './Phones.module.css'

const states: readonly HandsetState[] = ['on', 'off', 'memoryFull']

/** One simulated phone: read, reply, switch off, fill its memory. */
export function HandsetDrawer(props: { handset: Handset | null; onClose: () => void }) {
  const { t } = useText()
  const { handset } = props
  return (
    <Drawer
      opened={handset !== null}
      onClose={props.onClose}
      position="right"
      size={420}
      title={handset === null ? '' : (handset.owner ?? t('phones.nobody'))}
      classNames={{ title: classes.drawerTitle ?? '' }}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {handset !== null && <InHand key={handset.phone} handset={handset} />}
    </Drawer>
  )
}

function InHand(props: { handset: Handset }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { handset } = props
  const [text, setText] = useState('')
  const setState = useAction(
    (state: HandsetState) =>
      callApi('setHandsetState', { params: { phone: handset.phone }, body: { state } }),
    {
      refresh: [['handsets']],
    },
  )
  const reply = useAction(
    () => callApi('replyFromHandset', { params: { phone: handset.phone }, body: { text: text.trim() } }),
    {
      success: t('handset.replied'),
      onSuccess: () => setText(''),
    },
  )
  return (
    <div className={classes.inHand}>
      <p className={classes.number}>{readablePhone(handset.phone)}</p>
      <SegmentedControl
        fullWidth
        aria-label={t('handset.state')}
        value={handset.state}
        onChange={(value) => setState.mutate(value as HandsetState)}
        data={states.map((state) => ({ value: state, label: t(`handset.${state}`) }))}
      />
      <p className={classes.hint}>{t(`handset.${handset.state}.what`)}</p>
      <Failure error={setState.failure} />
      {handset.messages.length === 0 ? (
        <Empty small title={t('phones.noMessage')}>
          {t('phones.noMessage.hint')}
        </Empty>
      ) : (
        <ol className={classes.messages} aria-label={t('handset.messages')}>
          {handset.messages.map((message) => (
            <li key={message.id}>
              <p className={classes.from}>
                <b>{message.from}</b> {momentOf(lang, message.receivedAt, now)}
                {message.parts > 1 && ` · ${t('alert.parts.count', { parts: message.parts })}`}
              </p>
              <p className={classes.bubble}>{message.text}</p>
            </li>
          ))}
        </ol>
      )}
      <form
        className={classes.reply}
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') reply.mutate()
        }}
      >
        <Textarea
          label={t('handset.reply')}
          description={handset.state === 'off' ? t('handset.reply.off') : t('handset.reply.what')}
          disabled={handset.state === 'off'}
          autosize
          minRows={2}
          maxRows={5}
          maxLength={480}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Failure error={reply.failure} />
        <Button
          type="submit"
          disabled={handset.state === 'off' || text.trim() === ''}
          loading={reply.isPending}
        >
          {t('handset.send')}
        </Button>
      </form>
    </div>
  )
}
