import { Button, Radio, Stack, Switch, Textarea } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { UseQueryResult } from '@tanstack/react-query'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpPreview, NewOutcome } from '../../../../src/alerts/follow-up/contract.ts'
import type { Segmentation } from '../../../../src/message/segment.ts'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { timeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { Cost, Recipients } from './FormParts.tsx'
import classes from './Forms.module.css'

const OUTCOMES = ['arrest', 'nothing', 'unknown'] as const

export interface OutcomeValues {
  readonly outcome: NewOutcome['outcome'] | null
  readonly note: string
  /** Whether the recipients are thanked. */
  readonly thank: boolean
}

/** The fields of an outcome: what came of the alert, a note, and thanks to the recipients as their phones show them. */
export function OutcomeFields(props: {
  alert: AlertView
  form: UseFormReturnType<OutcomeValues>
  preview: UseQueryResult<FollowUpPreview>
  /** The text of the thanks; null: no outcome is chosen. */
  segments: Segmentation | null
  isThanked: boolean
  /** Whether submitting leads to the thanks. */
  isThanking: boolean
  hidden: boolean
  record: { readonly failure: Error | null; readonly isPending: boolean }
  onSubmit: () => void
  onBack: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert, form, preview, segments, isThanked, isThanking, record } = props
  const { outcome, thank } = form.values
  return (
    <form
      hidden={props.hidden}
      onSubmit={(event) => {
        event.preventDefault()
        props.onSubmit()
      }}
    >
      <Radio.Group label={t('outcome.what')} {...form.getInputProps('outcome')} required>
        <Stack gap={10} mt={8} mb={16}>
          {OUTCOMES.map((one, index) => (
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
        {...form.getInputProps('note')}
      />
      <Switch
        mt={20}
        label={t('outcome.thank')}
        description={isThanked ? t('outcome.thank.already') : t('outcome.thank.why')}
        {...form.getInputProps('thank', { type: 'checkbox' })}
        checked={isThanking}
        disabled={isThanked || preview.data?.recipients === 0}
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
      <DialogButtons onBack={props.onBack}>
        <Button type="submit" disabled={outcome === null} loading={record.isPending}>
          {isThanking ? t('outcome.recordAndThank') : t('outcome.record')}
        </Button>
      </DialogButtons>
    </form>
  )
}
