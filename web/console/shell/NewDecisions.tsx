import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { type TextKey, useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { isAuthor, mayDecide, maySign } from '../approval/mine.ts'
import { returnedQuery, reviewsQuery, submittedQuery } from '../approval/queries.ts'
import { attention, chime } from './attention.ts'
import type { Current } from './current.tsx'

/** Says it when an alert begins to wait for this person: to decide, to sign, or to correct. */
export function NewDecisions(props: { current: Current }) {
  const { current } = props
  const { id } = current.scheme
  const decides = current.may('alert.approve')
  const submitted = useQuery({ ...submittedQuery(id), enabled: decides }).data
  const reviews = useQuery({ ...reviewsQuery(id), enabled: current.may('alert.review') }).data
  const returned = useQuery({ ...returnedQuery(id), enabled: current.may('alert.submit') }).data
  useNews(
    id,
    submitted?.filter((alert) => mayDecide(current, alert)),
    'news.submitted',
  )
  useNews(
    id,
    reviews?.filter((alert) => maySign(current, alert)),
    'news.review',
  )
  useNews(
    id,
    returned?.filter((alert) => isAuthor(current, alert)),
    'news.returned',
  )
  return null
}

function useNews(schemeId: string, alerts: readonly AlertView[] | undefined, text: TextKey): void {
  const { t } = useText()
  const seen = useRef<{ schemeId: string; ids: ReadonlySet<string> } | null>(null)
  const ids = alerts?.map(({ id }) => id).join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids tell what there is
  useEffect(() => {
    if (alerts === undefined) return
    const before = seen.current?.schemeId === schemeId ? seen.current.ids : null
    seen.current = { schemeId, ids: new Set(alerts.map(({ id }) => id)) }
    // What was there on arrival is counted in the navigation, not new.
    const fresh = before === null ? [] : alerts.filter(({ id }) => !before.has(id))
    for (const { reference } of fresh) void toast(t(text, { reference }))
    if (fresh.length > 0 && !attention().muted && attention().sound) chime()
  }, [schemeId, ids])
}
