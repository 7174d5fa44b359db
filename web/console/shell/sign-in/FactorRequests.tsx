import { lazy, Suspense, useEffect, useState } from 'react'
import { answerFactorRequests } from '../../../api/factor.ts'
import { afterShown } from '../../../ui/loading/afterShown.ts'

// Rare: a sign-in counts for five minutes.
const GiveFactor = lazy(() => import('./GiveFactor.tsx').then((module) => ({ default: module.GiveFactor })))

/** Opens the dialog that asks for a factor when a request needs one, also before a link to a file. */
export function FactorRequests() {
  const [end, setEnd] = useState<((given: boolean) => void) | null>(null)
  useEffect(() => answerFactorRequests(() => new Promise((resolve) => setEnd(() => resolve))), [])
  useEffect(() => {
    // No screen has such a link first.
    const watching = afterShown(() => import('./fileLinks.ts')).then(
      ({ watchFileLinks }) => watchFileLinks(),
      () => undefined,
    )
    return () => void watching.then((stop) => stop?.())
  }, [])
  if (end === null) return null
  const finish = (given: boolean) => {
    setEnd(null)
    end(given)
  }
  return (
    <Suspense>
      <GiveFactor onEnd={finish} />
    </Suspense>
  )
}
