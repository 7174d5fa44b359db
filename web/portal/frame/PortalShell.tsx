import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense, useEffect, useState } from 'react'
import { portalSessionQuery } from '../../api/portal.ts'
import { useText } from '../../ui/format/text.ts'
import { lazyPart } from '../../ui/loading/lazyPart.ts'
import { ChamberContacts } from '../../ui/membership/ChamberContact.tsx'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import classes from '../Portal.module.css'
import { markEntered } from '../sign-in/entered.ts'
import { finishSignOut } from '../sign-in/leaving.ts'
import { SignIn } from '../sign-in/SignIn.tsx'
import { beInstallable } from './install.ts'
import { PortalFrame, Waiting } from './PortalFrame.tsx'

// The sign-in comes first on most phones: what is behind it is loaded after it.
const Inside = lazyPart(async () => {
  markEntered()
  return (await import('./Inside.tsx')).Inside
})

/** Time between two tries to report a sign-out without a network to the server. */
const FINISH_MS = 5000

/** The layout of the member portal: users who are not signed in see the sign-in form on any page. */
export function PortalShell() {
  const { t } = useText()
  const session = useQuery(portalSessionQuery)
  const [wasIn, setWasIn] = useState(false)
  const isIn = session.data !== null && session.data !== undefined
  const client = useQueryClient()
  // The service worker stores only responses that pass through it: queries sent before it took over are sent again, also those
  // without an answer yet, which invalidating alone would leave as they are.
  useEffect(() => {
    const queryKey = ['portal']
    beInstallable(() => {
      void client.cancelQueries({ queryKey }).then(() => client.invalidateQueries({ queryKey }))
    })
  }, [client])
  useEffect(() => {
    const finish = () => void finishSignOut()
    addEventListener('online', finish)
    const timer = setInterval(finish, FINISH_MS)
    return () => {
      removeEventListener('online', finish)
      clearInterval(timer)
    }
  }, [])
  useEffect(() => {
    if (isIn) setWasIn(true)
  }, [isIn])
  if (isIn && session.data !== null)
    return (
      <Suspense
        fallback={
          <PortalFrame>
            <Waiting />
          </PortalFrame>
        }
      >
        <Inside session={session.data} onEnd={() => setWasIn(false)} />
      </Suspense>
    )
  return (
    <PortalFrame>
      {session.isPending ? (
        <Waiting />
      ) : session.isLoadingError ? (
        <>
          <h1>{t('portal.title')}</h1>
          <Failure error={session.error} retry={() => void session.refetch()} />
          <ChamberContacts />
        </>
      ) : (
        <SignIn ended={wasIn} />
      )}
    </PortalFrame>
  )
}

/** Stands in the layout in place of a page that does not exist. */
export function NotFound() {
  const { t } = useText()
  usePageTitle(t('notFound.title'))
  return (
    <>
      <h1 className={classes.title}>{t('notFound.title')}</h1>
      <Empty title={t('notFound.why')}>
        <Button component={Link} to="/portail" mt={8}>
          {t('notFound.home')}
        </Button>
      </Empty>
    </>
  )
}
