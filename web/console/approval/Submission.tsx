import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { audienceQuery } from '../../api/queries.ts'
import { countOf } from '../../ui/format.ts'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Approvals.module.css'
import { mayDecide } from './mine.ts'
import { audienceOf } from './queries.ts'

/** How the audience of an alert that waits differs from the one that was submitted; nothing while it does not. */
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

/** What was submitted is no longer what would leave: who decides sends it back, its author takes it up again. */
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
