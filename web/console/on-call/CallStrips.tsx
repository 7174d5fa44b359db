import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useCurrent } from '../shell/current.tsx'
import { openCallOutsQuery } from './queries.ts'

// Used so rarely that it is loaded on demand.
const CallStripList = lazy(() =>
  import('./CallStripList.tsx').then((module) => ({ default: module.CallStripList })),
)

/** The last call about each alert that waits for a second person, in one line each. */
export function CallStrips() {
  const { scheme, may } = useCurrent()
  const open = useQuery({ ...openCallOutsQuery(scheme.id), enabled: may('call_out.read') })
  const waiting = (open.data ?? []).filter(({ subject }) => subject !== 'review')
  return <Suspense>{waiting.length > 0 && <CallStripList callOuts={waiting} />}</Suspense>
}
