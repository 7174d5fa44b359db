import { Button, NativeSelect, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { MemberListView } from '../../../src/members/views/contract.ts'
import { segmentMessage } from '../../../src/message/segment.ts'
import type { DraftMessage, MessagePreview } from '../../../src/messages/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { serverNow } from '../../api/clock.ts'
import { newId } from '../../api/ids.ts'
import { useAction } from '../../api/useAction.ts'
import { PhonePreview } from '../../ui/alert/PhonePreview.tsx'
import { countOf, momentOf, moneyOf, timeOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { TradeFilter } from '../members/list/TradeFilter.tsx'
import { viewsQuery } from '../members/queries.ts'
import { describeGroup } from './group.ts'
import classes from './Messages.module.css'
import { previewMessage, writeMessage } from './queries.ts'

interface Values {
  readonly channel: DraftMessage['channel']
  readonly subject: string
  readonly text: string
  readonly trade: string | null
  readonly sectorId: string | null
  readonly viewId: string | null
  readonly unpaid: boolean
}

const EMPTY: Values = {
  channel: 'sms',
  subject: '',
  text: '',
  trade: null,
  sectorId: null,
  viewId: null,
  unpaid: false,
}

/** Returns the group that the fields choose. */
function filterOf({ trade, sectorId, viewId, unpaid }: Values): DraftMessage['filter'] {
  return {
    ...(trade !== null && { trade }),
    ...(sectorId !== null && { sectorId }),
    ...(viewId !== null && { viewId }),
    ...(unpaid && { unpaid }),
  }
}

const FIELDS = ['text', 'subject', 'filter', 'channel']

/** Writes a message to a group: compose it, check its recipients and its price, send it. */
export function WriteForm(props: {
  schemeId: string
  facts: SchemeView
  mail: boolean
  /** The view or group that it begins with; null: none. */
  viewId: string | null
  onClose: () => void
}) {
  const { t, lang } = useText()
  const { facts } = props
  const form = useForm<Values>({
    initialValues: { ...EMPTY, viewId: props.viewId },
    // The checked message is no longer that of the form.
    onValuesChange: () => {
      form.clearFieldError('filter')
      setRead(null)
      send.reset()
    },
  })
  const { channel, subject, text, viewId } = form.values
  const views = useQuery(viewsQuery(props.schemeId)).data ?? []
  const message: DraftMessage = {
    channel,
    subject,
    text,
    filter: filterOf(form.values),
  }
  const [read, setRead] = useState<MessagePreview | null>(null)
  // The id belongs to the checked message, so that pressing twice or resending it after a lost connection sends it
  // once.
  const [id, setId] = useState('')
  const preview = useAction(() => previewMessage(props.schemeId, message), {
    form,
    fields: FIELDS,
    onSuccess: (seen) => {
      setRead(seen)
      setId(newId())
    },
  })
  const send = useAction(() => writeMessage(props.schemeId, { ...message, id }), {
    form,
    fields: FIELDS,
    success: ({ state }) => t(state === 'waiting' ? 'messages.submitted' : 'messages.sent'),
    refresh: [['messages', props.schemeId]],
    onSuccess: () => props.onClose(),
  })
  const { failure } = preview.isError ? preview : send
  const parts = text.trim() === '' ? undefined : segmentMessage(text.trim(), { fold: true })
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (preview.isPending || send.isPending) return
    if (read === null || read.recipients === 0) preview.mutate()
    else send.mutate()
  }
  return (
    <form className={classes.form} noValidate onSubmit={submit} aria-label={t('messages.write')}>
      <div className={classes.fields}>
        <NativeSelect
          label={t('messages.channel')}
          autoFocus
          {...form.getInputProps('channel')}
          data={[
            { value: 'sms', label: t('messages.channel.sms') },
            { value: 'mail', label: t('messages.channel.mail'), disabled: !props.mail },
          ]}
        />
        <GroupFields facts={facts} views={views} form={form} />
        {channel === 'mail' && (
          <TextInput label={t('messages.subject')} maxLength={150} {...form.getInputProps('subject')} />
        )}
        <Textarea
          label={t('messages.text')}
          description={
            channel === 'sms' && parts !== undefined
              ? t('messages.parts', { parts: parts.parts.length })
              : t('messages.text.hint')
          }
          autosize
          minRows={4}
          maxRows={14}
          maxLength={4000}
          {...form.getInputProps('text')}
        />
        <Failure error={failure} />
        {read !== null && (
          <Checked
            preview={read}
            channel={channel}
            group={describeGroup(
              t,
              lang,
              message.filter,
              facts,
              viewId === null ? undefined : (views.find(({ id }) => id === viewId)?.name ?? null),
            )}
          />
        )}
        <div className={classes.acts}>
          <Button type="submit" loading={preview.isPending || send.isPending}>
            {read === null || read.recipients === 0
              ? t('messages.read')
              : t(read.needsSecond ? 'messages.submit' : 'messages.send', {
                  shown: countOf(lang, read.recipients),
                  count: read.recipients,
                })}
          </Button>
          <Button variant="default" disabled={send.isPending} onClick={props.onClose}>
            {t('messages.cancel')}
          </Button>
        </div>
      </div>
      {channel === 'sms' && parts !== undefined && (
        <PhonePreview
          label={t('messages.phone')}
          sender={facts.sender}
          text={parts.parts.join('')}
          time={timeOf(lang, serverNow())}
          empty=""
        />
      )}
    </form>
  )
}

/** The fields that choose the group: by trade, sector, view, or unpaid dues. */
function GroupFields(props: {
  facts: SchemeView
  views: readonly MemberListView[]
  form: UseFormReturnType<Values>
}) {
  const { t, lang } = useText()
  const { facts, views, form } = props
  return (
    <fieldset className={classes.group}>
      <legend>{t('messages.group')}</legend>
      <TradeFilter
        trades={facts.trades}
        value={form.values.trade}
        onPick={(value) => form.setFieldValue('trade', value ?? null)}
      />
      {facts.sectors.length > 0 && (
        <Select
          aria-label={t('messages.sector')}
          placeholder={t('messages.sector')}
          {...form.getInputProps('sectorId')}
          data={facts.sectors.map(({ id, name }) => ({ value: id, label: name }))}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
      )}
      {views.length > 0 && (
        <Select
          aria-label={t('messages.view')}
          placeholder={t('messages.view')}
          {...form.getInputProps('viewId')}
          data={views.map(({ id, name, members }) => ({
            value: id,
            label: members === null ? name : `${name} (${countOf(lang, members)})`,
          }))}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
      )}
      <Switch label={t('messages.unpaid')} {...form.getInputProps('unpaid', { type: 'checkbox' })} />
      {form.errors.filter !== undefined && (
        <p role="alert" className={classes.problem}>
          {form.errors.filter}
        </p>
      )}
    </fieldset>
  )
}

/** Shows what the server says of the message before it is sent: recipients, price, when it leaves, and who decides. */
function Checked(props: { preview: MessagePreview; channel: DraftMessage['channel']; group: string }) {
  const { t, lang } = useText()
  const { recipients, without, sms, leavesAt, needsSecond, aloneMax } = props.preview
  return (
    <div className={classes.read} role="status">
      <p>
        <b>
          {t('messages.recipients', {
            count: recipients,
            shown: countOf(lang, recipients),
            group: props.group,
          })}
        </b>
      </p>
      {without > 0 && <p>{t(`messages.without.${props.channel}`, { count: without })}</p>}
      {sms !== null && <p>{t('messages.cost', { cost: moneyOf(lang, sms.costCents) })}</p>}
      <p>
        {Date.parse(leavesAt) > serverNow() + 60_000
          ? t('messages.leaves.later', { when: momentOf(lang, leavesAt, serverNow()) })
          : t('messages.leaves.now')}
      </p>
      {needsSecond && <p>{t('messages.second', { max: aloneMax, shown: countOf(lang, aloneMax) })}</p>}
    </div>
  )
}
