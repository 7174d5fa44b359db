import { Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Navigate, useRouter, useSearch } from '@tanstack/react-router'
import { Suspense, useEffect } from 'react'
import { aboutQuery, breakGlassQuery, endedQuery, sessionQuery } from '../api/queries.ts'
import { homeOf } from '../console/shell/rail/homes.ts'
import { useText } from '../ui/format/text.ts'
import { lazyPart } from '../ui/loading/lazyPart.ts'
import { Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import { DemoDoors } from './DemoDoors.tsx'
import { Frame } from './Frame.tsx'
import { SignIn } from './SignIn.tsx'
import classes from './StartPage.module.css'

// Once for each account.
const FirstPassword = lazyPart(() => import('./FirstPassword.tsx').then((module) => module.FirstPassword))

/** The start page: the roles of the demo, or the sign-in form of a production installation. */
export function StartPage() {
  const { t } = useText()
  usePageTitle('')
  const { vers } = useSearch({ from: '/' })
  const about = useQuery(aboutQuery)
  const session = useQuery(sessionQuery)
  const open = useQuery({ ...breakGlassQuery, enabled: session.data?.schemes.length === 0 })
  const ended = useQuery(endedQuery).data && session.data === null
  const notice = ended && (
    <p role="alert" className={classes.ended}>
      {t('start.ended')}
    </p>
  )

  if (about.isPending || session.isPending) {
    return (
      <Frame demo={false}>
        <Waiting />
      </Frame>
    )
  }
  if (about.isLoadingError) {
    return (
      <Frame demo={false}>
        <Failure error={about.error} retry={() => void about.refetch()} />
      </Frame>
    )
  }
  if (session.data?.passwordDue) {
    return (
      <Frame demo={about.data.demo}>
        <Suspense fallback={<Waiting />}>
          <FirstPassword name={session.data.user.name} />
        </Suspense>
      </Frame>
    )
  }
  if (about.data.demo) {
    return (
      <Frame demo>
        {notice}
        <DemoDoors session={session.data ?? null} />
      </Frame>
    )
  }
  const scheme = session.data?.schemes[0]
  // An exercise of the break-glass account has no role.
  if (open.data?.opening?.own === true) return <Navigate to="/secours" replace />
  if (scheme !== undefined)
    return vers === undefined ? <Navigate to={homeOf(scheme)} replace /> : <GoOn href={vers} />
  return (
    <Frame demo={false}>
      {notice}
      <SignIn withoutScheme={session.data?.user.name ?? null} />
    </Frame>
  )
}

function Waiting() {
  const { t } = useText()
  return (
    <div role="status" aria-label={t('shell.loading')}>
      <Loader />
    </div>
  )
}

/** Redirects to the screen requested before signing in. */
function GoOn(props: { href: string }) {
  const { history } = useRouter()
  useEffect(() => history.replace(props.href), [history, props.href])
  return null
}
