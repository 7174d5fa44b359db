import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Remarks } from '../room/Remarks.tsx'
import { useCurrent } from '../shell/current.tsx'
import { remarksQuery } from './queries.ts'

/** What the content guard says of the text, as its author saw it: to be weighed by whoever decides, not changed here. */
export function GuardSays(props: { alert: AlertView }) {
  const { scheme, may } = useCurrent()
  const { alert } = props
  const remarks = useQuery({ ...remarksQuery(scheme.id, alert), enabled: may('alert.approve') })
  if (remarks.isError) return <Failure error={remarks.error} retry={() => void remarks.refetch()} />
  if (remarks.data === undefined) return null
  return <Remarks text={alert.text} remarks={remarks.data.map((one) => ({ ...one, fix: null }))} />
}
