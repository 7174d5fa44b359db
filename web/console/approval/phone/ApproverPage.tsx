import { Button, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { callApi } from '../../../api/client.ts'
import { useLive } from '../../../api/live.ts'
import { aboutQuery, alertQuery, breakGlassQuery, sessionQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { ExerciseBanner } from '../../../ui/alert/Exercise.tsx'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { DemoBanner } from '../../../ui/frame/DemoBanner.tsx'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { usePageTitle } from '../../../ui/Page.tsx'
import { useAsked } from '../../on-call/Asked.tsx'
import { CurrentProvider, useCurrent, useMaybeCurrent } from '../../shell/current.tsx'
import { useIdleLimit, useIsLocked } from '../../shell/lock/idle.ts'
import { FactorRequests } from '../../shell/sign-in/FactorRequests.tsx'
import { ToSignIn } from '../../shell/sign-in/ToSignIn.tsx'
import classes from './ApproverPage.module.css'
import { Submitted } from './Submitted.tsx'
import { WhatBecame } from './WhatBecame.tsx'

// Rare on this page.
const BreakGlassBar = lazy(() =>
  import('../../shell/BreakGlassBar.tsx').then((module) => ({ default: module.BreakGlassBar })),
)
const LockScreen = lazy(() =>
  import('../../shell/lock/LockScreen.tsx').then((module) => ({ default: module.LockScreen })),
)
const FollowUpCard = lazy(() =>
  import('../cards/FollowUpCard.tsx').then((module) => ({ default: module.FollowUpCard })),
)
const SubmittedFollowUp = lazy(() =>
  import('./SubmittedFollowUp.tsx').then((module) => ({ default: module.SubmittedFollowUp })),
)
const ReviewCard = lazy(() =>
  import('../cards/ReviewCard.tsx').then((module) => ({ default: module.ReviewCard })),
)

/**
 * The page that the SMS to a person on call opens: one alert and the decision on it, at the reach of a thumb, and nothing else of
 * the console.
 */
export function ApproverPage() {
  const { scheme } = useParams({ from: '/valider/$scheme/$alertId' })
  const about = useQuery(aboutQuery)
  const session = useQuery(sessionQuery)
  const isLocked = useIsLocked()
  useIdleLimit()
  if (isLocked && session.data === undefined) {
    return (
      <Suspense>
        <LockScreen />
      </Suspense>
    )
  }
  if (session.isError || about.isError) {
    return (
      <main className={classes.alone}>
        <Failure
          error={session.error ?? about.error}
          retry={() => {
            void session.refetch()
            void about.refetch()
          }}
        />
      </main>
    )
  }
  if (session.isPending || about.isPending) return <Waiting />
  if (session.data === null) return <ToSignIn />
  // The start page asks for a new password first.
  if (session.data.passwordDue) return <Navigate to="/" replace reloadDocument />
  return (
    <CurrentProvider schemeId={scheme}>
      <FactorRequests />
      {isLocked && (
        <Suspense>
          <LockScreen />
        </Suspense>
      )}
      <div className={classes.page} data-locked={isLocked || undefined}>
        <header>
          <Head />
          {about.data.demo && <DemoBanner />}
          <OpenBreakGlass />
        </header>
        <main id="contenu" tabIndex={-1} className={classes.main}>
          <ForMember>
            <Alert />
          </ForMember>
        </main>
      </div>
    </CurrentProvider>
  )
}

/** Says here too that the break-glass account is open. */
function OpenBreakGlass() {
  const opening = useQuery(breakGlassQuery).data?.opening ?? null
  if (opening === null) return null
  return (
    <Suspense>
      <BreakGlassBar />
    </Suspense>
  )
}

function Waiting() {
  const { t } = useText()
  return (
    <div className={classes.waiting} role="status" aria-label={t('shell.loading')}>
      <Loader />
    </div>
  )
}

/** The scheme and the agency of the user, who they are; nothing leads elsewhere. */
function Head() {
  const current = useMaybeCurrent()
  const initials = current?.user.name
    .split(' ')
    .map((word) => word[0])
    .slice(0, 2)
    .join('')
  return (
    <div className={classes.head}>
      <img src="/tocsin.svg" alt="" width={32} height={32} />
      <p className={classes.headName}>
        <b>{current?.scheme.name ?? 'Tocsin'}</b>
        <span>{current?.scheme.agency?.name}</span>
      </p>
      {current !== null && (
        <span className={classes.who} title={current.user.name} aria-hidden>
          {initials}
        </span>
      )}
    </div>
  )
}

/** Says so to a user without the right to decide in this scheme. */
function ForMember(props: { children: ReactNode }) {
  const { t } = useText()
  const current = useMaybeCurrent()
  if (current?.may('alert.approve')) return props.children
  return (
    <div className={classes.scroll}>
      <h1>{t('forbidden.title')}</h1>
      <Empty title={t('forbidden.why')}>
        <Button component={Link} to="/" mt={8}>
          {t('action.home')}
        </Button>
      </Empty>
    </div>
  )
}

function Alert() {
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
  if (page.isError) {
    return (
      <div className={classes.scroll}>
        <h1>{t('approver.page')}</h1>
        <Failure error={page.error} retry={() => void page.refetch()} />
      </div>
    )
  }
  if (alert === undefined) return <Waiting />
  const followUp = alert.followUps.find(({ id }) => id === suite)
  // A magistrate may be asked before it is submitted.
  const isUnsent = alert.state === 'draft' || alert.state === 'returned'
  return (
    <>
      {link === 'lost' && (
        <p className={classes.lost} role="status">
          {t('shell.lost')}
        </p>
      )}
      {alert.exercise && <ExerciseBanner />}
      {suite !== undefined && followUp?.state === 'submitted' ? (
        <Suspense fallback={<Waiting />}>
          <SubmittedFollowUp alert={alert} followUp={followUp} />
        </Suspense>
      ) : suite !== undefined ? (
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
      ) : alert.state === 'submitted' || (isUnsent && asked?.endedAt === null) ? (
        <Submitted alert={alert} />
      ) : (
        <div className={classes.scroll}>
          <WhatBecame alert={alert} asked={isUnsent ? asked : undefined} />
          {alert.approval.review === 'open' && (
            <Suspense fallback={<Waiting />}>
              <ReviewCard alert={alert} />
            </Suspense>
          )}
        </div>
      )}
    </>
  )
}
