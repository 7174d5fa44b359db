import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { audienceQuery } from '../../../api/queries.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { mayDecide } from '../mine/mine.ts'
import { audienceOf } from '../queries.ts'

/** Shows how the audience of a pending alert differs from the submitted one; renders nothing if it does not. */
export function Submission(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const current = useCurrent()
  const { alert } = props
  const now = useQuery(audienceQuery(current.scheme.id, audienceOf(alert))).data?.members
  const { submission } = alert
  if (submission === null) return null
  const before = submission.members
  if (submission.changed) {
    return <ChangedSubmission before={before} now={now} decides={mayDecide(current, alert)} />
  }
  if (before === null || now === undefined || before === now) return null
  return (
    <p className={`${classes.mute} ${classes.says}`}>
      {t('submission.count', { before: countOf(lang, before), after: countOf(lang, now) })}
    </p>
  )
}

/** Says that the alert is no longer what was submitted: the second person can return it, its author can change it. */
export function ChangedSubmission(props: {
  before: number | null
  now: number | undefined
  decides: boolean
}) {
  const { t, lang } = useText()
  const { before, now } = props
  return (
    <p className={`${classes.warn} ${classes.says}`} role="alert">
      {before !== null && now !== undefined && before !== now && (
        <>{t('submission.audience', { before: countOf(lang, before), after: countOf(lang, now) })} </>
      )}
      {t('submission.changed')} {t(props.decides ? 'submission.return' : 'submission.takeBack')}
    </p>
  )
}
