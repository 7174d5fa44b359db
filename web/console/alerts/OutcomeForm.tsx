import { Button, Modal, Radio, Stack, Switch, Textarea } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { NewOutcome } from '../../../src/alerts/follow-up-contract.ts'
import { followUpText } from '../../../src/alerts/follow-up-texts.ts'
import { inScheme, post } from '../../api/client.ts'
import { followUpPreviewQuery } from '../../api/queries.ts'
import { timeOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useNow } from '../../ui/now.ts'
import { PhonePreview } from '../../ui/PhonePreview.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { Cost, Recipients } from './FormParts.tsx'
import classes from './Forms.module.css'
import { sentAs } from './followUp.ts'

const outcomes = ['arrest', 'nothing', 'unknown'] as const

/** What came of an alert: silence kills networks, so those who got it are told, and thanked. */
export function OutcomeForm(props: {
  alert: AlertView
  onDone: (said: string) => Promise<void>
  onClose: () => void
}) {
  const { t, lang } = useText()
  const now = useNow()
  const { scheme } = useCurrent()
  const { alert } = props
  const isThanked = alert.broadcasts.some(({ kind }) => kind === 'thanks')
  const [outcome, setOutcome] = useState<NewOutcome['outcome'] | null>(alert.outcome?.outcome ?? null)
  const [note, setNote] = useState(alert.outcome?.note ?? '')
  const [thank, setThank] = useState(!isThanked)
  const preview = useQuery({ ...followUpPreviewQuery(scheme.id, alert.id), enabled: !isThanked })
  const nobody = preview.data?.recipients === 0
  const record = useMutation({
    mutationFn: (input: NewOutcome) =>
      post<AlertView>(inScheme(scheme.id, `/alerts/${alert.id}/outcome`), input),
    onSuccess: (view) => {
      const wasThanked = !isThanked && view.broadcasts.some(({ kind }) => kind === 'thanks')
      return props.onDone(wasThanked ? t('outcome.thanked') : t('outcome.done'))
    },
  })
  const isThanking = thank && !isThanked && !nobody
  const segments = outcome === null ? null : sentAs(alert, followUpText(outcome, alert))
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={720}
      title={t('outcome.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (outcome === null || record.isPending) return
          record.mutate({ outcome, thank: isThanking, ...(note.trim() !== '' && { note: note.trim() }) })
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
        {record.isError && <Failure error={record.error} />}
        <div className={classes.actions}>
          <Button variant="default" onClick={props.onClose}>
            {t('confirm.back')}
          </Button>
          <Button type="submit" disabled={outcome === null} loading={record.isPending}>
            {isThanking ? t('outcome.recordAndThank') : t('outcome.record')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
