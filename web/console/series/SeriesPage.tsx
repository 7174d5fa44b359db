import { Skeleton } from '@mantine/core'
import IconTimeline from '@tabler/icons-react/icons/IconTimeline'
import { useQuery } from '@tanstack/react-query'
import type { SeriesPage as SeriesPageView } from '../../../src/reports/series/contract.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { IncomingRelay } from '../relays/IncomingRelay.tsx'
import { relaysQuery } from '../relays/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import { Apart } from './Apart.tsx'
import { Proposal } from './Proposal.tsx'
import { seriesQuery } from './queries.ts'
import classes from './Series.module.css'
import { Series } from './Series.tsx'

/** Sends a change of series; the response is the updated page. */
export type SeriesAct = () => Promise<SeriesPageView>

/** Shows relays from other schemes, incidents that look alike, and linked series. */
export function SeriesPage() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  useRowKeys()
  const query = seriesQuery(scheme.id)
  const page = useQuery(query)
  const incoming = useQuery(relaysQuery(scheme.id, { direction: 'in', state: 'proposed' }))
  const act = useAction((send: SeriesAct) => send(), {
    stores: query.queryKey,
    refreshAfterFailure: [query.queryKey],
  })
  const run = (one: SeriesAct) => act.mutateAsync(one).then(() => {})
  const busy = act.isPending
  const { data } = page
  return (
    <Page title={t('nav.series')} lead={t('series.lead')}>
      {(incoming.data?.length ?? 0) > 0 && (
        <section className={classes.part} aria-labelledby="relais-recus">
          <h2 id="relais-recus">{t('series.relays')}</h2>
          {incoming.data?.map((relay) => (
            <IncomingRelay key={relay.id} relay={relay} />
          ))}
        </section>
      )}
      <Failure error={act.failure} />
      {page.isError && <Failure error={page.error} retry={() => void page.refetch()} />}
      {page.isPending && [0, 1].map((row) => <Skeleton key={row} height={160} radius="lg" />)}
      {data !== undefined && data.proposals.length + data.series.length === 0 && (
        <Empty
          icon={<IconTimeline size={36} stroke={1.4} aria-hidden />}
          title={t(data.apart.length > 0 ? 'series.none.apart' : 'series.none')}
        >
          {t('series.none.hint')}
        </Empty>
      )}
      {data !== undefined && data.proposals.length > 0 && (
        <section className={classes.part} aria-labelledby="propositions">
          <h2 id="propositions">{t('series.proposals')}</h2>
          {data.proposals.map((proposal) => (
            <Proposal
              key={`${proposal.seriesId} ${proposal.reports.map(({ id }) => id).join(' ')}`}
              proposal={proposal}
              series={data.series.find(({ id }) => id === proposal.seriesId)}
              busy={busy}
              act={may('series.link') ? run : null}
            />
          ))}
        </section>
      )}
      {data !== undefined && data.series.length > 0 && (
        <section className={classes.part} aria-labelledby="series">
          <h2 id="series">{t('series.known')}</h2>
          {data.series.map((series, index) => (
            <Series
              key={series.id}
              series={series}
              busy={busy}
              isFirst={index === 0}
              act={may('series.link') ? run : null}
            />
          ))}
        </section>
      )}
      {data !== undefined && data.apart.length > 0 && (
        <Apart apart={data.apart} busy={busy} act={may('series.link') ? run : null} />
      )}
    </Page>
  )
}
