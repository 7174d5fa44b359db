import { lazy, Suspense, useEffect, useState } from 'react'
import { callApi, patternOf } from '../../api/client.ts'
import { answerFactorRequests } from '../../api/factor.ts'

// Rare: a sign-in counts for five minutes.
const GiveFactor = lazy(() => import('./GiveFactor.tsx').then((module) => ({ default: module.GiveFactor })))

/** Files that the server gives to users only who proved who they are a moment ago. */
const FILES = [
  patternOf('downloadDebitFile'),
  patternOf('exportAccounting'),
  patternOf('exportAudit'),
  patternOf('exportDeliveries'),
  patternOf('exportInstallationAudit'),
  patternOf('exportJournal'),
  patternOf('exportMembersCsv'),
  patternOf('exportMembersXlsx'),
].map((path) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`))

/** Opens the dialog that asks for a factor when a request needs one, also before a link to a file. */
export function FactorRequests() {
  const [end, setEnd] = useState<((given: boolean) => void) | null>(null)
  useEffect(() => answerFactorRequests(() => new Promise((resolve) => setEnd(() => resolve))), [])
  useEffect(() => {
    document.addEventListener('click', askBeforeFile, true)
    return () => document.removeEventListener('click', askBeforeFile, true)
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

const passed = new WeakSet<Element>()

/** Checks the factor before the browser follows a link to a file: a refusal would be saved in its place. */
function askBeforeFile(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || !FILES.some((file) => file.test(link.pathname)) || passed.delete(link)) return
  event.preventDefault()
  event.stopPropagation()
  callApi('checkFactor').then(
    () => {
      passed.add(link)
      link.click()
    },
    () => {},
  )
}
