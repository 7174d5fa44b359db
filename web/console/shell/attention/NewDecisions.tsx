import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { useAtTime } from '../../../ui/format/now.ts'
import { labelOf, type TextKey, useText } from '../../../ui/format/text.ts'
import { badgeTitle } from '../../../ui/Page.tsx'
import { toastOf } from '../../../ui/toasts/toast.ts'
import { holdsExpiry } from '../../approval/mine/mine.ts'
import { useSeenZoneAlerts } from '../../approval/mine/seenInZone.ts'
import { useMine } from '../../approval/mine/useMine.ts'
import type { Current } from '../current.tsx'
import { announceNotice } from './announce.ts'
import { useAttention } from './attention.ts'

/**
 * Notifies the user when an alert requires an action of theirs (to decide, authorise, review or correct), when another user
 * decided on theirs, and when another agency sends one in their zone.
 */
export function NewDecisions(props: { current: Current }) {
  const { current } = props
  const { id } = current.scheme
  const mine = useMine(current)
  useNews(id, mine.submitted, 'news.submitted')
  useNews(
    id,
    mine.asked?.map(({ callOut, alert }) => ({
      ...alert,
      news: `asked.${callOut.id}`,
      page: { suite: callOut.followUpId },
    })),
    'news.asked',
  )
  useNews(id, mine.reviews, 'news.review')
  useNews(id, mine.returned, 'news.returned')
  useNews(id, mine.rejected, 'news.rejected')
  useNews(id, mine.sent, 'news.sent')
  useNews(
    id,
    // It is announced again when it is submitted or returned again.
    mine.followUps?.map(({ alert, followUp }) => ({
      ...alert,
      news: `${followUp.id}.${followUp.version}.${followUp.state}`,
    })),
    'news.followUp',
  )
  // Announced to both at the time of expiry.
  const held = useAtTime(
    (now) =>
      mine.waiting
        ?.filter(({ alert, followUp }) => holdsExpiry(alert, followUp, now))
        .map(({ followUp }) => followUp.id)
        .join(' ') ?? '',
  ).split(' ')
  useNews(
    id,
    mine.waiting?.flatMap(({ alert, followUp }) =>
      held.includes(followUp.id) ? [{ ...alert, news: `held.${followUp.id}` }] : [],
    ),
    'news.expiryHeld',
  )
  useNews(
    id,
    mine.denied?.map((alert) => ({ ...alert, news: `denied.${alert.id}` })),
    'news.denied',
  )
  useNews(id, mine.zone, 'news.zone')

  const { muted } = useAttention()
  const seen = useSeenZoneAlerts()
  const waiting =
    (mine.submitted?.length ?? 0) +
    (mine.asked?.length ?? 0) +
    (mine.followUps?.length ?? 0) +
    (mine.zone?.filter((alert) => !seen.includes(alert.id)).length ?? 0)
  useEffect(() => badgeTitle('decisions', muted ? 0 : waiting), [muted, waiting])
  useEffect(() => () => badgeTitle('decisions', 0), [])
  return null
}

type News = AlertView & {
  /** The key that makes it news if its own id does not. */
  readonly news?: string
  /** Set if the page of the decision opens: on the alert itself (null), or on a follow-up. */
  readonly page?: { readonly suite: string | null }
}
const newsOf = ({ id, news }: News) => news ?? id

function useNews(schemeId: string, alerts: readonly News[] | undefined, text: TextKey): void {
  const { t, lang } = useText()
  const router = useRouter()
  const seen = useRef<{ schemeId: string; ids: ReadonlySet<string> } | null>(null)
  const ids = alerts?.map(newsOf).join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids tell what there is
  useEffect(() => {
    if (alerts === undefined) return
    const before = seen.current?.schemeId === schemeId ? seen.current.ids : null
    seen.current = { schemeId, ids: new Set(alerts.map(newsOf)) }
    // Items present at the start are counted in the navigation, not announced.
    const fresh = before === null ? [] : alerts.filter((alert) => !before.has(newsOf(alert)))
    const open = (alert: News) =>
      void (alert.page === undefined
        ? router.navigate({ to: '/alertes/$alertId', params: { alertId: alert.id } })
        : router.navigate({
            to: '/valider/$scheme/$alertId',
            params: { scheme: schemeId, alertId: alert.id },
            search: alert.page.suite === null ? {} : { suite: alert.page.suite },
          }))
    for (const alert of fresh) void toastOf(t(text, { reference: alert.reference }), () => open(alert))
    const [first] = fresh
    if (first === undefined) return
    announceNotice({
      title: t(text, { reference: first.reference }),
      body: [labelOf(lang, first.category), first.commune.name].join(' · '),
      tag: `${text}.${newsOf(first)}`,
      onOpen: () => open(first),
    })
  }, [schemeId, ids])
}
