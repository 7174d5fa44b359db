import { Textarea } from '@mantine/core'
import { segmentMessage } from '../../../../src/message/segment.ts'
import { useText } from '../../../ui/format/text.ts'
import { Setting, Value } from '../Setting.tsx'
import classes from '../Settings.module.css'
import { DoctrineForm } from './DoctrineForm.tsx'
import type { DoctrineDraft } from './useDoctrineDraft.ts'

const REASONS = ['no_offence', 'doubt', 'arrested', 'too_late', 'out_of_zone', 'duplicate', 'other'] as const

/** The replies to callers of refused reports, by reason. */
export function AnswersSection(props: { draft: DoctrineDraft }) {
  const { t } = useText()
  const { draft } = props
  return (
    <DoctrineForm draft={draft} fields={REASONS.map((reason) => `care.answers.${reason}`)}>
      {REASONS.map((reason) => {
        const path = `care.answers.${reason}` as const
        const text = draft.value(path)
        const { parts, units } = segmentMessage(text.trim(), { fold: true })
        const count = t('settings.answers.count', { units, parts: parts.length })
        return (
          <Setting key={reason} shape="text" name={t(`refusal.${reason}`)} what={count}>
            {(described) =>
              draft.mayChange ? (
                <Textarea
                  {...described}
                  autosize
                  minRows={1}
                  maxRows={6}
                  maxLength={300}
                  value={text}
                  error={draft.problem(path) ?? (parts.length > 1 ? t('settings.answers.long') : false)}
                  onChange={(event) => draft.change(path, event.currentTarget.value)}
                />
              ) : (
                <Value>{text}</Value>
              )
            }
          </Setting>
        )
      })}
      <p className={classes.foot}>{t('settings.answers.foot')}</p>
    </DoctrineForm>
  )
}
