import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useLive } from '../../../api/live.ts'
import { alertQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { ExerciseBanner } from '../../../ui/alert/Exercise.tsx'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { usePageTitle } from '../../../ui/Page.tsx'
import { useAsked } from '../../on-call/Asked.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from './ApproverPage.module.css'
import { Submitted } from './Submitted.tsx'
import { Waiting } from './Waiting.tsx'
import { WhatBecame } from './WhatBecame.tsx'

// Rare on this page.
const FollowUpCard = lazy(() =>
  import('../cards/FollowUpCard.tsx').then((module) => ({ default: module.FollowUpCard })),
)
const SubmittedFollowUp = lazy(() =>
  import('./SubmittedFollowUp.tsx').then((module) => ({ default: module.SubmittedFollowUp })),
)
const ReviewCard = lazy(() =>
  import('../cards/ReviewCard.tsx').then((module) => ({ default: module.ReviewCard })),
)

/** The call that the link names, marked as opened, and the decision on it. */
export function OpenedCall() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alertId } = useParams({ from: '/valider/$scheme/$alertId' })
  const { suite } = useSearch({ from: '/valider/$scheme/$alertId' })
  const link = useLive(scheme.id)
  const page = useQuery(alertQuery(scheme.id, alertId))
  const opened = useAction(() => callApi('openCall', { params: { scheme: scheme.id, id: alertId } }))
  const open = opened.mutate
  const asked = useAsked(alertId)
  useEffect(() => open(), [open])
  const alert = page.data?.alert
  usePageTitle(alert === undefined ? t('approver.page') : labelOf(lang, alert.category))
  if (page.isLoadingError) {
    return (
      <div className={classes.scroll}>
        <h1>{t('approver.page')}</h1>
        <Failure error={page.error} retry={() => void page.refetch()} />
      </div>
    )
  }
  if (alert === undefined) return <Waiting />
  return (
    <>
      {link === 'lost' && (
        <p className={classes.lost} role="status">
          {t('shell.lost')}
        </p>
      )}
      {alert.exercise && <ExerciseBanner />}
      {suite === undefined ? (
        <AskedAlert alert={alert} asked={asked} />
      ) : (
        <AskedFollowUp alert={alert} id={suite} />
      )}
    </>
  )
}

/** Shows the alert with its decision while one is asked for, and afterwards what became of it. */
function AskedAlert(props: { alert: AlertView; asked: ReturnType<typeof useAsked> }) {
  const { alert, asked } = props
  // A magistrate may be asked before it is submitted.
  const isUnsent = alert.state === 'draft' || alert.state === 'returned'
  if (alert.state === 'submitted' || (isUnsent && asked?.endedAt === null)) return <Submitted alert={alert} />
  return (
    <div className={classes.scroll}>
      <WhatBecame alert={alert} asked={isUnsent ? asked : undefined} />
      {alert.approval.review === 'open' && (
        <Suspense fallback={<Waiting />}>
          <ReviewCard alert={alert} />
        </Suspense>
      )}
    </div>
  )
}

/** Shows a follow-up of the alert with its decision, or as it is once nothing is left to decide. */
function AskedFollowUp(props: { alert: AlertView; id: string }) {
  const { t, lang } = useText()
  const { alert } = props
  const followUp = alert.followUps.find(({ id }) => id === props.id)
  if (followUp?.state === 'submitted') {
    return (
      <Suspense fallback={<Waiting />}>
        <SubmittedFollowUp alert={alert} followUp={followUp} />
      </Suspense>
    )
  }
  return (
    <div className={classes.scroll}>
      <h1>{labelOf(lang, alert.category)}</h1>
      <Suspense fallback={<Waiting />}>
        {followUp === undefined ? (
          <Empty title={t('approver.gone')} />
        ) : (
          <FollowUpCard alert={alert} followUp={followUp} />
        )}
      </Suspense>
    </div>
  )
}
