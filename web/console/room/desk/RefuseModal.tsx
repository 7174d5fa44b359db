import { Button, Modal, Radio, Stack, Switch, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { segmentMessage } from '../../../../src/message/segment.ts'
import type { RefusalCode, RefuseReport } from '../../../../src/reports/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { useAction } from '../../../api/useAction.ts'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { timeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { MAX_ANSWER_PARTS } from '../text/limits.ts'
import classes from './RefuseModal.module.css'

const reasons: readonly RefusalCode[] = [
  'no_offence',
  'doubt',
  'arrested',
  'too_late',
  'out_of_zone',
  'duplicate',
  'other',
]

interface Values {
  reason: RefusalCode | null
  note: string
  /** Whether the caller gets a reply. */
  answers: boolean
  /** The text written by hand; null: the text of the reason. */
  written: string | null
}

/**
 * Refuses a report. Not warning anyone is a decision too: it has a reason, is listed in the journal, and the caller may
 * get a reply.
 */
export function RefuseModal(props: {
  scheme: Pick<SchemeView, 'sender' | 'doctrine'>
  /** Whether the caller seems to have a known mobile number; the server decides. */
  answerable: boolean
  /** The reason selected initially; null: none. */
  reason: RefusalCode | null
  refuse: (decision: RefuseReport) => Promise<void>
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme, answerable } = props
  const form = useForm<Values>({
    initialValues: { reason: props.reason, note: '', answers: answerable, written: null },
  })
  const { reason, note, answers, written } = form.values
  const decide = useAction(props.refuse)
  const proposed = reason === null ? '' : scheme.doctrine.care.answers[reason]
  const answer = written ?? proposed
  const parts = segmentMessage(answer.trim(), { fold: true }).parts.length
  const noteMissing = reason === 'other' && note.trim() === ''
  const badAnswer = answers && (answer.trim() === '' || parts > MAX_ANSWER_PARTS)
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t('refuse.title')}
      size={520}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null || noteMissing || badAnswer || decide.isPending) return
          decide.mutate({
            reason,
            ...(note.trim() !== '' && { note: note.trim() }),
            ...(answers && { answer: answer.trim() }),
          })
        }}
      >
        <Radio.Group label={t('refuse.reason')} {...form.getInputProps('reason')} required>
          <Stack gap={10} mt={8} mb={16}>
            {reasons.map((one, index) => (
              <Radio
                key={one}
                value={one}
                label={t(`refusal.${one}`)}
                data-autofocus={(props.reason === null ? index === 0 : one === props.reason) || undefined}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={reason === 'other' ? t('refuse.note.needed') : t('refuse.note')}
          description={t('refuse.note.why')}
          required={reason === 'other'}
          maxLength={1000}
          autosize
          minRows={2}
          maxRows={6}
          {...form.getInputProps('note')}
        />
        <Switch
          mt={20}
          label={t('refuse.answer')}
          description={answerable ? t('refuse.answer.why') : t('refuse.answer.none')}
          {...form.getInputProps('answers', { type: 'checkbox' })}
          disabled={!answerable}
        />
        {answers && reason !== null && (
          <div className={classes.answer}>
            <div>
              <Textarea
                label={t('refuse.answer.text')}
                maxLength={500}
                autosize
                minRows={4}
                maxRows={8}
                value={answer}
                error={
                  parts > MAX_ANSWER_PARTS ? t('refuse.answer.tooLong', { max: MAX_ANSWER_PARTS }) : false
                }
                onChange={(event) => form.setFieldValue('written', event.currentTarget.value)}
              />
              {written !== null && written !== proposed && (
                <Button variant="subtle" size="xs" mt={4} onClick={() => form.setFieldValue('written', null)}>
                  {t('refuse.answer.reset')}
                </Button>
              )}
            </div>
            <Preview sender={scheme.sender} text={answer} />
          </div>
        )}
        <Failure error={decide.failure} />
        <DialogButtons onBack={props.onClose} size="md">
          <Button
            type="submit"
            size="md"
            disabled={reason === null || noteMissing || badAnswer}
            loading={decide.isPending}
          >
            {t('refuse.confirm')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}

function Preview(props: { sender: string; text: string }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <PhonePreview
      label={t('room.preview')}
      sender={props.sender}
      time={timeOf(lang, now)}
      text={segmentMessage(props.text.trim(), { fold: true }).parts.join('')}
      empty={t('refuse.answer.text')}
    />
  )
}
