import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { ReportView } from '../../../../src/reports/contract.ts'
import { waitingQuery } from '../../../api/queries.ts'
import { useAtTime } from '../../../ui/format/now.ts'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { badgeTitle } from '../../../ui/Page.tsx'
import type { Current } from '../current.tsx'
import { announceNotice } from './announce.ts'
import { useAttention } from './attention.ts'

/** Notifies the user of a new report on any screen of the console: sound, desktop notification, title of the tab. */
export function NewReports(props: { current: Current }) {
  const { t, lang } = useText()
  const router = useRouter()
  const { user, scheme } = props.current
  const { muted } = useAttention()
  const waiting = useQuery(waitingQuery(scheme.id)).data
  const seen = useRef<{ schemeId: string; ids: ReadonlySet<string> } | null>(null)
  const myName = scheme.agency === null ? user.name : `${user.name} (${scheme.agency.name})`

  useEffect(() => {
    if (waiting === undefined) return
    const before = seen.current?.schemeId === scheme.id ? seen.current.ids : null
    seen.current = { schemeId: scheme.id, ids: new Set(waiting.map((one) => one.id)) }
    // Reports present at the start are on the screen already, and users know the ones they enter themselves.
    const fresh =
      before === null ? [] : waiting.filter((one) => !before.has(one.id) && one.createdBy !== myName)
    const [first] = fresh
    if (first === undefined) return
    announceNotice({
      title: t('attention.title', { count: fresh.length }),
      body: [labelOf(lang, first.category), first.commune.name].join(' · '),
      tag: first.id,
      onOpen: () => void router.navigate({ to: '/salle' }),
    })
  }, [waiting, scheme.id, myName, t, lang, router])

  const alone = useAtTime((now) => waiting?.filter((one) => isAlone(one, now)).length ?? 0)
  useEffect(() => badgeTitle('reports', muted ? 0 : alone), [muted, alone])
  useEffect(() => () => badgeTitle('reports', 0), [])
  return null
}

/** Returns whether a report waits and nobody has claimed it. */
function isAlone(report: ReportView, now: number): boolean {
  return report.claim === null || Date.parse(report.claim.until) <= now
}
