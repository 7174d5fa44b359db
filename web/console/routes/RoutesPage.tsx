import { Skeleton } from '@mantine/core'
import IconRouteOff from '@tabler/icons-react/icons/IconRouteOff'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { RoutesView, WorkerView } from '../../../src/deliveries/contract.ts'
import { routesQuery } from '../../api/queries.ts'
import { preciseTimeOf, sinceOf, spanOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { BesideSettings } from '../settings/SettingsList.tsx'
import { useCurrent } from '../shell/current.tsx'
import { RouteCard } from './RouteCard.tsx'
import classes from './Routes.module.css'
import { addSample, type History } from './rates.ts'

const READ_EVERY_MS = 1000

/** Shows the SMS gateways of the installation, refreshed every second, and the processes that send by them. */
export function RoutesPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const routes = useQuery({
    ...routesQuery(scheme.id),
    // A failed first read is shown until the next try.
    refetchInterval: (query) => (query.state.data === undefined ? false : READ_EVERY_MS),
    staleTime: 0,
  })
  const view = routes.data
  const isStale = routes.isError || routes.failureCount > 0 || routes.isPaused
  const history = useHistory(view)
  return (
    <BesideSettings shown="/routes">
      <Page title={t('nav.routes')} lead={t('routes.lead')}>
        {routes.isError && <Failure error={routes.error} retry={() => void routes.refetch()} />}
        {view !== undefined && isStale && <Stale at={view.at} />}
        {routes.isPending && [0, 1].map((card) => <Skeleton key={card} height={260} radius="lg" />)}
        {view !== undefined && (
          <>
            {view.routes.length === 0 && <NoRoute workers={view.workers ?? []} />}
            {view.routes.map(
              (route) =>
                route.details !== null && (
                  <RouteCard
                    key={route.name}
                    route={route}
                    details={route.details}
                    readings={history.get(route.name) ?? []}
                  />
                ),
            )}
            {view.workers !== null && view.workers.length > 0 && <Workers workers={view.workers} />}
          </>
        )}
      </Page>
    </BesideSettings>
  )
}

function useHistory(view: RoutesView | undefined): History {
  const [history, setHistory] = useState<History>(new Map())
  useEffect(() => {
    if (view !== undefined) setHistory((before) => addSample(before, view))
  }, [view])
  return history
}

/** The figures below are out of date. */
function Stale(props: { at: string }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <p className={classes.stale} role="status">
      {t('routes.stale', { time: preciseTimeOf(lang, props.at, now) })}
    </p>
  )
}

function NoRoute(props: { workers: readonly WorkerView[] }) {
  const { t } = useText()
  const isAlive = props.workers.some((worker) => worker.isAlive)
  return (
    <div className={classes.card}>
      <Empty
        icon={<IconRouteOff size={36} stroke={1.4} aria-hidden />}
        title={isAlive ? t('routes.noGateway') : t('routes.noWorker')}
      >
        <p>{isAlive ? t('routes.noGateway.hint') : t('routes.noWorker.hint')}</p>
        <p>
          <code className={classes.command}>{isAlive ? 'tocsin config' : 'tocsin serve --role worker'}</code>
        </p>
      </Empty>
    </div>
  )
}

function Workers(props: { workers: readonly WorkerView[] }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <section className={classes.card} aria-labelledby="processus">
      <h2 id="processus">{t('routes.workers')}</h2>
      <ul className={classes.workers}>
        {props.workers.map((worker) => (
          <li key={worker.id}>
            <b>{worker.name}</b>
            <span className={classes.mute}>
              {worker.isAlive
                ? t('routes.worker.since', { when: sinceOf(lang, worker.startedAt, now) })
                : t('routes.worker.silent', { span: spanOf(lang, worker.beatMs) })}
            </span>
            <StateTag tone={worker.isAlive ? 'open' : 'bad'}>
              {t(worker.isAlive ? 'routes.worker.alive' : 'routes.worker.dead')}
            </StateTag>
          </li>
        ))}
      </ul>
    </section>
  )
}
