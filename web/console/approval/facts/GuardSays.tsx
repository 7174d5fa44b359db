import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { Remarks } from '../../room/text/Remarks.tsx'
import { usePassingOf } from '../../room/text/usePassing.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { remarksQuery } from '../queries.ts'

interface Judged {
  readonly alert: AlertView
  /** Absent: the alert itself is decided on. */
  readonly followUp?: FollowUpView | undefined
}

function useRemarks({ alert, followUp }: Judged) {
  const { scheme, may } = useCurrent()
  return useQuery({
    ...remarksQuery(scheme.id, alert, followUp ?? null),
    enabled: may('alert.approve'),
  })
}

/**
 * Shows the content guard's remarks on an alert or a follow-up, as its author saw them. The deciding user weighs them and
 * cannot change the text; a chief may let the name of a member stand that is made of ordinary words.
 */
export function GuardSays(props: Judged) {
  const { scheme } = useCurrent()
  const { alert, followUp } = props
  const remarks = useRemarks(props)
  const passing = usePassingOf(scheme.id, alert.id, followUp?.text)
  if (remarks.isError) return <Failure error={remarks.error} retry={() => void remarks.refetch()} />
  if (remarks.data === undefined) return null
  return (
    <Remarks
      text={(followUp ?? alert).text}
      remarks={remarks.data.map((one) => ({ ...one, fix: null }))}
      passing={passing}
    />
  )
}

/** Returns the words that a chief has to let stand before the message may leave; null: there are none. */
export function useUnpassed(judged: Judged): string | null {
  const { alert, followUp } = judged
  const { text } = followUp ?? alert
  const words = useRemarks(judged)
    .data?.filter(({ pass }) => pass === 'possible')
    .map(({ start, end }) => text.slice(start, end))
  return words === undefined || words.length === 0 ? null : [...new Set(words)].join(', ')
}

/** Says which words a chief has to let stand before the message may leave; renders nothing if there are none. */
export function Unpassed(props: Judged) {
  const { t } = useText()
  const { may } = useCurrent()
  const words = useUnpassed(props)
  if (words === null) return null
  return (
    <p className={`${classes.warn} ${classes.says}`}>
      {t(may('guard.pass') ? 'approvals.unpassed' : 'approvals.unpassed.chief', { words })}
    </p>
  )
}
