import { Button, Modal, Radio, Stack, Switch, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { NewOutcome } from '../../../src/alerts/follow-up/contract.ts'
import { followUpText } from '../../../src/alerts/follow-up/texts.ts'
import { callApi } from '../../api/client.ts'
import { postOrder, untilKnown } from '../../api/doubt.ts'
import { followUpPreviewQuery, schemeQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { DialogButtons } from '../../ui/fields/DialogButtons.tsx'
import { timeOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { KeepFocus } from '../../ui/KeepFocus.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { PhonePreview } from '../../ui/PhonePreview.tsx'
import sheet from '../room/order/ConfirmSheet.module.css'
import { sendingOf } from '../room/order/sent.ts'
import { useCurrent } from '../shell/current.tsx'
import { Departing, useDeparture } from './Departure.tsx'
import { FollowUpRead } from './FollowUpLook.tsx'
import { Cost, Recipients } from './FormParts.tsx'
import classes from './Forms.module.css'

const outcomes = ['arrest', 'nothing', 'unknown'] as const

/**
 * A form for the outcome of an alert. Recipients who never hear what came of alerts stop reading them, so the outcome
 * is sent to them with thanks.
 */
export function OutcomeForm(props: {
  alert: AlertView
  onDone: (said: string) => Promise<void>
  onClose: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme } = useCurrent()
  const { alert } = props
  const isThanked = alert.broadcasts.some(({ kind }) => kind === 'thanks')
  const [outcome, setOutcome] = useState<NewOutcome['outcome'] | null>(alert.outcome?.outcome ?? null)
  const [note, setNote] = useState(alert.outcome?.note ?? '')
  const [thank, setThank] = useState(!isThanked)
  const preview = useQuery({ ...followUpPreviewQuery(scheme.id, alert.id), enabled: !isThanked })
  const nobody = preview.data?.recipients === 0
  const record = useAction(
    (input: NewOutcome) =>
      callApi('recordOutcome', { params: { scheme: scheme.id, id: alert.id }, body: input }),
    {
      onSuccess: (view) => {
        const wasThanked = !isThanked && view.broadcasts.some(({ kind }) => kind === 'thanks')
        return props.onDone(wasThanked ? t('outcome.thanked') : t('outcome.done'))
      },
    },
  )
  const inputOf = (what: NewOutcome['outcome'], thanks: boolean): NewOutcome => ({
    outcome: what,
    thank: thanks,
    ...(note.trim() !== '' && { note: note.trim() }),
  })
  // Thanks go to all recipients, with the same final check as any other message.
  const [isLooking, setLooking] = useState(false)
  const cancelSeconds = useQuery(schemeQuery(scheme.id)).data?.doctrine.cancelWindowSeconds ?? 0
  const departure = useDeparture(cancelSeconds, async (doubt) => {
    if (outcome === null) return
    await untilKnown(
      () =>
        postOrder((signal) =>
          callApi('recordOutcome', {
            params: { scheme: scheme.id, id: alert.id },
            body: inputOf(outcome, true),
            signal,
          }),
        ),
      {
        ...doubt,
        kind: 'message',
        ask: async (signal) => {
          const page = await callApi('getAlert', { params: { scheme: scheme.id, id: alert.id }, signal })
          return page.alert.broadcasts.some(({ kind }) => kind === 'thanks') ? page.alert : null
        },
      },
    )
    await props.onDone(t('outcome.thanked'))
  })
  const close = () => {
    if (departure.step === 'leaving') departure.cancel()
    else if (departure.step === 'asking') {
      departure.leave()
      props.onClose()
    } else if (departure.step === 'sending') return
    else if (isLooking) setLooking(false)
    else props.onClose()
  }
  const isThanking = thank && !isThanked && !nobody
  const segments = outcome === null ? null : sendingOf({ ...alert, text: followUpText(outcome, alert) })
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={close}
      size={720}
      title={t('outcome.title')}
      closeOnClickOutside={!isLooking}
      closeButtonProps={{
        'aria-label': t('action.close'),
        className: departure.step === 'read' || departure.step === 'asking' ? '' : (sheet.away ?? ''),
      }}
    >
      <KeepFocus />
      {isLooking && segments !== null && (
        <Departing
          departure={departure}
          cancelSeconds={cancelSeconds}
          label={t('followUp.hold')}
          onBack={() => (departure.step === 'asking' ? close() : setLooking(false))}
        >
          <FollowUpRead alert={alert} segments={segments} preview={preview} />
        </Departing>
      )}
      <form
        hidden={isLooking}
        onSubmit={(event) => {
          event.preventDefault()
          if (outcome === null || record.isPending) return
          if (isThanking) setLooking(true)
          else record.mutate(inputOf(outcome, false))
        }}
      >
        <Radio.Group
          label={t('outcome.what')}
          value={outcome}
          onChange={(value) => setOutcome(value as NewOutcome['outcome'])}
          required
        >
          <Stack gap={10} mt={8} mb={16}>
            {outcomes.map((one, index) => (
              <Radio
                key={one}
                value={one}
                label={t(`outcome.${one}`)}
                data-autofocus={index === 0 || undefined}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={t('outcome.note')}
          description={t('outcome.note.why')}
          maxLength={1000}
          autosize
          minRows={2}
          maxRows={6}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Switch
          mt={20}
          label={t('outcome.thank')}
          description={isThanked ? t('outcome.thank.already') : t('outcome.thank.why')}
          checked={isThanking}
          disabled={isThanked || nobody}
          onChange={(event) => setThank(event.currentTarget.checked)}
        />
        {isThanking && segments !== null && (
          <div className={classes.thanks}>
            <PhonePreview
              label={t('room.preview')}
              sender={alert.sender}
              time={timeOf(lang, now)}
              text={segments.parts.join('')}
              empty=""
            />
            <p className={classes.under}>
              <Cost segments={segments} />
            </p>
          </div>
        )}
        {!isThanked && thank && <Recipients preview={preview} parts={segments?.parts.length ?? 1} />}
        <Failure error={record.failure} />
        <DialogButtons onBack={props.onClose}>
          <Button type="submit" disabled={outcome === null} loading={record.isPending}>
            {isThanking ? t('outcome.recordAndThank') : t('outcome.record')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
