import { Button, Loader } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { callApi } from '../api/client.ts'
import { isRefusal } from '../api/problems.ts'
import { aboutQuery, endedQuery, sessionQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import { Frame } from './Frame.tsx'
import { announceReturn, goToProvider, takeVisit } from './provider.ts'
import { SecondFactor } from './SecondFactor.tsx'
import classes from './StartPage.module.css'

/** Leaves for the identity provider, in a window of its own. */
export function ProviderDepartPage() {
  const { pour } = useSearch({ from: '/connexion/depart' })
  const title = useTitle()
  usePageTitle(title)
  const leave = useAction(() => goToProvider(pour, { isWindow: true }))
  const start = useOnce(leave.mutate)
  useEffect(start, [start])
  return (
    <Frame demo={false}>
      <div className={classes.sign}>
        <h1>{title}</h1>
        {leave.failure === null ? (
          <Waiting />
        ) : (
          <Failure error={leave.failure} retry={() => leave.mutate()} />
        )}
      </div>
    </Frame>
  )
}

/** The page to which the identity provider sends the browser back: hands its answer over, and continues. */
export function ProviderReturnPage() {
  const { t } = useText()
  const client = useQueryClient()
  const { history } = useRouter()
  const title = useTitle()
  usePageTitle(title)
  const [answer] = useState(() => location.search)
  const [visit] = useState(takeVisit)
  const [needsCode, setNeedsCode] = useState(false)
  const [isOver, setOver] = useState(false)
  const goOn = () => {
    client.setQueryData(endedQuery.queryKey, false)
    announceReturn()
    if (!visit.isWindow) return history.replace(visit.next ?? '/')
    window.close()
    // Browsers that let nobody but the user close it.
    setOver(true)
  }
  const end = useAction(
    async () => {
      try {
        return await callApi('endProviderVisit', { body: { answer } })
      } catch (error) {
        if (isRefusal(error, 'second_factor_due')) return null
        throw error
      }
    },
    {
      onSuccess: (ended) => {
        if (ended === null) return setNeedsCode(true)
        client.setQueryData(sessionQuery.queryKey, ended.session)
        return goOn()
      },
    },
  )
  const start = useOnce(end.mutate)
  useEffect(() => {
    // The code in the address is of one use; it does not stay in the history either.
    window.history.replaceState(window.history.state, '', location.pathname)
    start()
  }, [start])
  return (
    <Frame demo={false}>
      {needsCode ? (
        <SecondFactor
          done={{ refresh: [sessionQuery.queryKey], onSuccess: goOn }}
          onBack={() => history.replace('/')}
        />
      ) : (
        <div className={classes.sign}>
          <h1>{title}</h1>
          {isOver && <p role="status">{t('provider.over')}</p>}
          {end.failure !== null && (
            <>
              <Failure error={end.failure} />
              {visit.isWindow ? (
                <Button size="md" onClick={() => window.close()}>
                  {t('provider.close')}
                </Button>
              ) : (
                <Button component={Link} to="/" size="md">
                  {t('provider.back')}
                </Button>
              )}
            </>
          )}
          {end.failure === null && !isOver && <Waiting />}
        </div>
      )}
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

/** Returns the title of both pages, with the name of the provider where it is known. */
function useTitle(): string {
  const { t } = useText()
  const provider = useQuery(aboutQuery).data?.provider ?? null
  return provider === null ? t('provider.title.unknown') : t('provider.title', { provider })
}

/** Returns a function that acts the first time only: development mounts a page twice, and an answer is of one use. */
function useOnce(act: () => void): () => void {
  const isDone = useRef(false)
  const [once] = useState(() => () => {
    if (isDone.current) return
    isDone.current = true
    act()
  })
  return once
}
