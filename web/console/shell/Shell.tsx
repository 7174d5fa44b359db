import { Button, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, Outlet, useLocation } from '@tanstack/react-router'
import { type CSSProperties, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { useLive, useSessionStream } from '../../api/live.ts'
import { aboutQuery, breakGlassQuery, sessionQuery } from '../../api/queries.ts'
import { useText } from '../../ui/format/text.ts'
import { DemoBanner } from '../../ui/frame/DemoBanner.tsx'
import { afterShown } from '../../ui/loading/afterShown.ts'
import { restPart } from '../../ui/mantine/rest.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { CurrentProvider, type Right, useEndedSession, useMaybeCurrent } from './current.tsx'
import { Header } from './header/Header.tsx'
import { useIdleLimit, useIsLocked } from './lock/idle.ts'
import { homeOf } from './rail/homes.ts'
import { Rail } from './rail/Rail.tsx'
import { FactorRequests } from './sign-in/FactorRequests.tsx'
import '../../ui/mantine/mantine-room.ts'
import classes from './Shell.module.css'
import { ToSignIn } from './sign-in/ToSignIn.tsx'

// For users who decide on reports, after the screen has loaded.
const NewReports = lazy(() =>
  afterShown(() => import('./attention/NewReports.tsx')).then((module) => ({ default: module.NewReports })),
)
const NewDecisions = lazy(() =>
  afterShown(() => import('./attention/NewDecisions.tsx')).then((module) => ({
    default: module.NewDecisions,
  })),
)

// Rare: it is open for an hour at most.
const BreakGlassBar = lazy(async () => {
  const [module] = await Promise.all([import('./BreakGlassBar.tsx'), restPart.load()])
  return { default: module.BreakGlassBar }
})

const loadLockScreen = () => import('./lock/LockScreen.tsx')
const LockScreen = lazy(() => loadLockScreen().then((module) => ({ default: module.LockScreen })))

const NeedsSignIn = lazy(() =>
  import('./sign-in/NeedsSignIn.tsx').then((module) => ({ default: module.NeedsSignIn })),
)

const SignInAgain = lazy(() =>
  import('./sign-in/SignInAgain.tsx').then((module) => ({ default: module.SignInAgain })),
)

/** Runs after dialogs have restored what they hold. */
const FOCUS_AFTER_MS = 60

/** The layout of every screen of the console. */
export function Shell() {
  const { t } = useText()
  const about = useQuery(aboutQuery)
  const session = useQuery(sessionQuery)
  const held = useEndedSession()
  const isLocked = useIsLocked()
  useIdleLimit()
  if (about.isPending || session.isPending) return <Waiting />
  // A page that was opened while the session is locked has no screen to keep.
  if (isLocked && session.data === undefined) {
    return (
      <Suspense>
        <LockScreen />
      </Suspense>
    )
  }
  if (about.isLoadingError || session.isLoadingError) {
    return (
      <main className={classes.alone}>
        <h1 className={classes.brand}>Tocsin</h1>
        <Failure
          error={about.error ?? session.error}
          retry={() => {
            void about.refetch()
            void session.refetch()
          }}
        />
      </main>
    )
  }
  // Nobody signs in again to the break-glass account.
  if (held?.schemes[0]?.role === 'break_glass')
    return <Navigate to="/secours" search={{ fin: 'oui' }} replace reloadDocument />
  // The start page asks for a new password first. The page is loaded anew, since the room starts with only some of the
  // texts.
  if (session.data?.passwordDue) return <Navigate to="/" replace reloadDocument />
  return (
    <CurrentProvider held={held}>
      <a className={classes.skip} href="#contenu">
        {t('shell.skip')}
      </a>
      <Frame demo={about.data.demo} ended={held !== null || isLocked} />
      <FactorRequests />
      {isLocked && held === null && (
        <Suspense>
          <LockScreen />
        </Suspense>
      )}
      {held !== null && (
        <Suspense>
          <SignInAgain held={held} demo={about.data.demo} />
        </Suspense>
      )}
    </CurrentProvider>
  )
}

function Frame(props: { demo: boolean; ended: boolean }) {
  const { t } = useText()
  const current = useMaybeCurrent()
  // The stream is about alerts, so roles that may not read them have none.
  const link = useLive(current?.may('alert.read') === true ? current.scheme.id : null)
  useSessionStream(current?.may('alert.read') === false && !props.ended)
  const path = useLocation({ select: (location) => location.pathname })
  const needs = current?.scheme.needs ?? null
  const isSignedIn = current !== null && !props.ended
  const breakGlass = useQuery({ ...breakGlassQuery, enabled: isSignedIn }).data?.opening ?? null
  const [barPixels, setBarPixels] = useState(0)
  const main = useRef<HTMLElement>(null)
  // A screen is also locked without a network, which could not load what hides it.
  useEffect(() => void afterShown(loadLockScreen).catch(() => {}), [])
  // The element with the focus disappeared with the previous screen: keyboard and screen readers continue from the new
  // content.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is the reason to look
  useEffect(() => {
    const timer = setTimeout(() => {
      if (document.activeElement === document.body) main.current?.focus({ preventScroll: true })
    }, FOCUS_AFTER_MS)
    return () => clearTimeout(timer)
  }, [path])
  return (
    <div
      className={classes.frame}
      data-demo={props.demo || undefined}
      data-ended={props.ended || undefined}
      data-lost={link === 'lost' || undefined}
      style={{ '--bar': `${barPixels}px` } as CSSProperties}
    >
      <header className={classes.head}>
        <Header />
        {props.demo && (
          <DemoBanner>
            <DemoScreens />
          </DemoBanner>
        )}
        {breakGlass !== null && (
          <Suspense>
            <BreakGlassBar onHeight={setBarPixels} />
          </Suspense>
        )}
        <div role="status" aria-live="polite">
          {link === 'lost' && <p className={classes.lost}>{t('shell.lost')}</p>}
        </div>
      </header>
      {current?.may('report.decide') === true && (
        <Suspense>
          <NewReports current={current} />
        </Suspense>
      )}
      {current?.may('report.read') === true && (
        <Suspense>
          <NewDecisions current={current} />
        </Suspense>
      )}
      <div className={classes.body}>
        {current !== null && needs === null && <Rail current={current} />}
        <main ref={main} id="contenu" tabIndex={-1} className={classes.main}>
          <Suspense fallback={<Waiting />}>
            {needs !== null && path !== '/compte' && current !== null ? (
              <NeedsSignIn current={current} needs={needs} />
            ) : (
              <Outlet />
            )}
          </Suspense>
        </main>
      </div>
    </div>
  )
}

/** Links to the messages that the simulated members received. */
function DemoScreens() {
  const { t } = useText()
  return (
    <>
      <Link to="/telephones">{t('nav.phones')}</Link>
      <Link to="/courriels">{t('nav.mails')}</Link>
    </>
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

/** Shows a screen to users with the permission, or any of several; without one, to every signed-in user. Redirects others. */
export function Guard(props: { right: Right | readonly Right[]; children: ReactNode }) {
  const { t } = useText()
  const current = useMaybeCurrent()
  if (current === null) return <ToSignIn />
  const rights = typeof props.right === 'string' ? [props.right] : props.right
  if (rights.length === 0 || rights.some((right) => current.may(right))) return props.children
  return (
    <Page title={t('forbidden.title')}>
      <Empty title={t('forbidden.why')}>
        <Button component={Link} to={homeOf(current.scheme)} mt={8}>
          {t('action.home')}
        </Button>
      </Empty>
    </Page>
  )
}
