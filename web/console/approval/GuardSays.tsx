import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../src/alerts/follow-up/contract.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Remarks } from '../room/text/Remarks.tsx'
import { useCurrent } from '../shell/current.tsx'
import { remarksQuery } from './queries.ts'

/**
 * Shows the content guard's remarks on an alert or a follow-up, as its author saw them. The deciding user weighs them,
 * but cannot change the text.
 */
export function GuardSays(props: { alert: AlertView; followUp?: FollowUpView }) {
  const { scheme, may } = useCurrent()
  const { alert, followUp } = props
  const remarks = useQuery({
    ...remarksQuery(scheme.id, alert, followUp ?? null),
    enabled: may('alert.approve'),
  })
  if (remarks.isError) return <Failure error={remarks.error} retry={() => void remarks.refetch()} />
  if (remarks.data === undefined) return null
  return (
    <Remarks text={(followUp ?? alert).text} remarks={remarks.data.map((one) => ({ ...one, fix: null }))} />
  )
}
