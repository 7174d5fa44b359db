import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { aboutQuery, breakGlassQuery, sessionQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { DemoBanner } from '../../../ui/frame/DemoBanner.tsx'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { CurrentProvider, useMaybeCurrent } from '../../shell/current.tsx'
import { useIdleLimit, useIsLocked } from '../../shell/lock/idle.ts'
import { FactorRequests } from '../../shell/sign-in/FactorRequests.tsx'
import { ToSignIn } from '../../shell/sign-in/ToSignIn.tsx'
import classes from './ApproverPage.module.css'
import { OpenedCall } from './OpenedCall.tsx'
import { Waiting } from './Waiting.tsx'

// Rare on this page.
const BreakGlassBar = lazy(() =>
  import('../../shell/BreakGlassBar.tsx').then((module) => ({ default: module.BreakGlassBar })),
)
const LockScreen = lazy(() =>
  import('../../shell/lock/LockScreen.tsx').then((module) => ({ default: module.LockScreen })),
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
  if (session.isLoadingError || about.isLoadingError) {
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
            <OpenedCall />
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
