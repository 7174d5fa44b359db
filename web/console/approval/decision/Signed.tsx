import type { AlertView } from '../../../../src/alerts/contract.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { StateTag } from '../../../ui/StateTag.tsx'
import classes from '../Approvals.module.css'

/** Shows the signed review of an override. */
export function Signed(props: { approval: AlertView['approval'] }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { approval } = props
  const justified = approval.review === 'justified'
  return (
    <div>
      <p className={classes.wants}>
        <StateTag tone={justified ? 'good' : 'bad'}>
          {t(justified ? 'review.verdict.justified' : 'review.verdict.not_justified')}
        </StateTag>{' '}
        {t('review.signed', {
          who: approval.reviewedBy ?? '',
          when: approval.reviewedAt === null ? '' : whenOf(lang, approval.reviewedAt, now),
        })}
      </p>
      {approval.reviewNote !== null && (
        <blockquote className={classes.quote}>{t('text.quote', { text: approval.reviewNote })}</blockquote>
      )}
    </div>
  )
}
