import type { UseQueryResult } from '@tanstack/react-query'
import type { FollowUpPreview } from '../../../../src/alerts/follow-up/contract.ts'
import { PART_UNITS, type Segmentation } from '../../../../src/message/segment.ts'
import { countOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { MAX_PARTS } from '../../room/text/limits.ts'
import classes from './Forms.module.css'

/** Shows the cost of a text, and whether it is too long. */
export function Cost(props: { segments: Segmentation }) {
  const { t } = useText()
  const { parts, units, encoding } = props.segments
  const limits = PART_UNITS[encoding]
  const room = parts.length === 1 ? limits.single : limits.multi * parts.length
  const over = parts.length > MAX_PARTS
  return (
    <>
      <span data-over={over || undefined}>
        {t('room.message.count', { units, room, parts: parts.length, encoding })}
      </span>
      {over && <span data-over> {t('room.message.tooLong', { max: MAX_PARTS })}</span>}
    </>
  )
}

/** Shows the recipients of a follow-up, how many have left the scheme since, and its cost. */
export function Recipients(props: { preview: UseQueryResult<FollowUpPreview>; parts: number }) {
  const { t, lang } = useText()
  const { preview } = props
  if (preview.isError) return <Failure error={preview.error} retry={() => void preview.refetch()} />
  const { data } = preview
  return (
    <p className={classes.recipients} role="status">
      {data === undefined ? (
        t('confirm.counting')
      ) : data.recipients === 0 ? (
        <b>{t('followUp.nobody')}</b>
      ) : (
        <>
          <b>{t('followUp.recipients', { count: data.recipients, shown: countOf(lang, data.recipients) })}</b>
          {data.left > 0 && <span>{t('followUp.left', { count: data.left })}</span>}
          <span>{moneyOf(lang, data.costCents * props.parts)}</span>
        </>
      )}
    </p>
  )
}
