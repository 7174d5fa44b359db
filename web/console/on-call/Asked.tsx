import { useQuery } from '@tanstack/react-query'
import type { CallOutView } from '../../../src/on-call/contract.ts'
import { useCurrent } from '../shell/current.tsx'
import { CallOut } from './CallOut.tsx'
import { callOutsQuery } from './queries.ts'

/** Returns the last calls about the authorisation of a message; undefined: it was never asked. */
export function useAsked(alertId: string | null, followUpId: string | null = null): CallOutView | undefined {
  const { scheme, may } = useCurrent()
  const callOuts = useQuery({
    ...callOutsQuery(scheme.id, alertId ?? ''),
    enabled: alertId !== null && may('call_out.read'),
  }).data
  return callOuts?.findLast((one) => one.subject === 'authorisation' && one.followUpId === followUpId)
}

/** Shows each step of an authorisation that is asked: who was called, by what, and the answer. */
export function Asked(props: { callOut: CallOutView | undefined; stepsOnly?: boolean }) {
  const { callOut } = props
  // An authorisation that was given shows its seal.
  if (callOut === undefined || callOut.endedWhy === 'authorised') return null
  return <CallOut callOut={callOut} stepsOnly={props.stepsOnly ?? false} />
}
