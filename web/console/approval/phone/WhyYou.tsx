import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { callOutsQuery } from '../../on-call/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from './ApproverPage.module.css'

/** Says why this person is asked: who else was called about the message, and when. */
export function WhyYou(props: {
  alert: AlertView
  /** Null: the first message. */
  followUpId?: string | null
  subject?: 'approval' | 'authorisation'
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const callOuts = useQuery(callOutsQuery(scheme.id, props.alert.id)).data ?? []
  const open = callOuts.find(
    ({ endedAt, subject, followUpId }) =>
      endedAt === null &&
      subject === (props.subject ?? 'approval') &&
      followUpId === (props.followUpId ?? null),
  )
  if (open === undefined || open.calls.length === 0) return null
  return (
    <p className={classes.why}>
      {t(open.subject === 'authorisation' ? 'approver.why.authorisation' : 'approver.why', {
        calls: open.calls.map(({ name, at }) => `${name} ${timeOf(lang, at)}`).join(', '),
      })}
    </p>
  )
}
