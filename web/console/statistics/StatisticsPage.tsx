import { Button, Select, Skeleton, Switch } from '@mantine/core'
import IconChartBar from '@tabler/icons-react/icons/IconChartBar'
import IconFileTypePdf from '@tabler/icons-react/icons/IconFileTypePdf'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import type { Statistics, StatisticsTable } from '../../../src/statistics/contract.ts'
import { urlOf } from '../../api/client.ts'
import { today as schemeToday } from '../../api/clock.ts'
import { schemeQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { DayRange } from '../../ui/fields/days/DayRange.tsx'
import { countOf, dayOf, percentOf, spanOf } from '../../ui/format/format.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { TradeFilter } from '../members/list/TradeFilter.tsx'
import { useCurrent } from '../shell/current.tsx'
import { Charts } from './Charts.tsx'
import { CommitteeTables } from './CommitteeTables.tsx'
import { type Filter, figuresQuery, publish } from './queries.ts'
import classes from './StatisticsPage.module.css'
import { daysOf, periods, type StatisticsSearch } from './search.ts'

const YEAR = 'douze' as const

/** Goes to the same figures with another choice; undefined: without one. */
type Go = (change: { [key in keyof StatisticsSearch]?: StatisticsSearch[key] | undefined }) => void

/** Shows figures of a period: times, volumes, reach, members, alert frequency. */
export function StatisticsPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const search = useSearch({ from: '/shell/statistiques' })
  const navigate = useNavigate()
  const today = schemeToday()
  const { trades = [], categories = [], sectors = [] } = useQuery(schemeQuery(scheme.id)).data ?? {}
  const filter: Filter = {
    ...daysOf(search, today),
    sectorId: search.secteur,
    trade: search.metier,
    categoryCode: search.categorie,
  }
  const figures = useQuery(figuresQuery(scheme.id, filter))
  const go: Go = (change) =>
    void navigate({
      to: '/statistiques',
      search: Object.fromEntries(
        Object.entries({ ...search, ...change }).filter(([, value]) => value),
      ) as StatisticsSearch,
      replace: true,
    })
  const csvOf = (table: StatisticsTable) =>
    urlOf('exportStatistics', { params: { scheme: scheme.id }, query: { ...filter, table } })

  return (
    <Page
      title={t('nav.statistics')}
      lead={t('figures.lead')}
      aside={
        <Button
          component="a"
          variant="default"
          leftSection={<IconFileTypePdf size={16} aria-hidden />}
          href={urlOf('renderStatisticsPdf', { params: { scheme: scheme.id }, query: filter })}
          target="_blank"
          rel="noreferrer"
        >
          {t('figures.report')}
        </Button>
      }
    >
      <Filters
        search={search}
        go={go}
        shown={figures.data}
        categories={categories}
        sectors={sectors}
        trades={trades}
      />
      {figures.isError && <Failure error={figures.error} retry={() => void figures.refetch()} />}
      {figures.isPending && <Skeleton height={480} radius="lg" />}
      {figures.data !== undefined && (
        <>
          <p className={classes.period}>
            {t('figures.between', {
              from: dayOf(lang, figures.data.from),
              to: dayOf(lang, figures.data.to),
            })}
            {figures.data.behindSeconds > 0 &&
              `. ${t('figures.behind', { seconds: figures.data.behindSeconds })}`}
          </p>
          <div className={classes.body} aria-busy={figures.isPlaceholderData}>
            <Tiles statistics={figures.data} />
            {figures.data.alerts === 0 && <NoAlerts search={search} go={go} />}
            <Charts statistics={figures.data} csvOf={csvOf} />
            <CommitteeTables schemeId={scheme.id} filter={filter} />
          </div>
          {may('statistics.publish') && (
            <Publication schemeId={scheme.id} published={figures.data.published} />
          )}
        </>
      )}
    </Page>
  )
}

/** Chooses the period, and the sector, trade or category that the figures are about. */
function Filters(
  props: {
    search: StatisticsSearch
    go: Go
    /** The figures on the screen, whose days a free period begins with. */
    shown: Statistics | undefined
  } & Pick<SchemeView, 'categories' | 'sectors' | 'trades'>,
) {
  const { t, lang } = useText()
  const { search, go, categories, sectors, trades } = props
  const today = schemeToday()
  return (
    <div className={classes.filters}>
      <Select
        className={classes.choice ?? ''}
        aria-label={t('figures.period')}
        value={search.periode ?? YEAR}
        allowDeselect={false}
        onChange={(value) => {
          const periode = periods.find((one) => one === value)
          const { from, to } = props.shown ?? {}
          go({
            periode,
            ...(periode === 'libre' ? { du: from, au: to } : { du: undefined, au: undefined }),
          })
        }}
        data={([YEAR, ...periods] as const).map((one) => ({
          value: one,
          label: t(`figures.period.${one}`, {
            year: today.slice(0, 4),
            last: String(Number(today.slice(0, 4)) - 1),
          }),
        }))}
      />
      {search.periode === 'libre' && (
        <DayRange from={search.du} to={search.au} onChange={({ from, to }) => go({ du: from, au: to })} />
      )}
      {sectors.length > 0 && (
        <Select
          className={classes.choice ?? ''}
          aria-label={t('figures.sector')}
          placeholder={t('figures.sector')}
          value={search.secteur ?? null}
          onChange={(value) => go({ secteur: value ?? undefined })}
          data={sectors.map(({ id, name }) => ({ value: id, label: name }))}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
      )}
      <TradeFilter
        className={classes.choice}
        trades={trades}
        value={search.metier ?? null}
        onPick={(metier) => go({ metier })}
      />
      <Select
        className={classes.choice ?? ''}
        aria-label={t('journal.category')}
        placeholder={t('journal.category')}
        value={search.categorie ?? null}
        onChange={(value) => go({ categorie: value ?? undefined })}
        data={categories.map((category) => ({ value: category.code, label: labelOf(lang, category) }))}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
      />
    </div>
  )
}

/** Stands for figures without alerts: of the choice, which can be dropped, or at all. */
function NoAlerts({ search, go }: { search: StatisticsSearch; go: Go }) {
  const { t } = useText()
  const isLimited = Boolean(search.secteur ?? search.metier ?? search.categorie)
  return (
    <Empty
      icon={<IconChartBar size={36} stroke={1.4} aria-hidden />}
      title={isLimited ? t('filter.none') : t('figures.none')}
    >
      {isLimited ? (
        <Button
          variant="default"
          onClick={() => go({ secteur: undefined, metier: undefined, categorie: undefined })}
        >
          {t('filter.reset')}
        </Button>
      ) : (
        t('figures.none.hint')
      )}
    </Empty>
  )
}

function Tiles({ statistics }: { statistics: Statistics }) {
  const { t, lang } = useText()
  const { times, reach, calls, alerts } = statistics
  const span = (ms: number | null) => (ms === null ? '–' : spanOf(lang, ms))
  const due = reach.planned - reach.withdrawn
  const tiles: [string, string][] = [
    ...(calls === null ? [] : [[t('figures.calls'), countOf(lang, calls)] as [string, string]]),
    [t('figures.alerts'), countOf(lang, alerts)],
    [t('figures.median'), span(times.median)],
    [t('figures.ninety'), span(times.p90)],
    [t('figures.delivered'), countOf(lang, reach.delivered)],
    [t('figures.share'), due === 0 ? '–' : percentOf(lang, reach.delivered / due)],
  ]
  return (
    <dl className={classes.tiles}>
      {tiles.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Sets whether the times and volumes are public on the page of the scheme. */
function Publication(props: { schemeId: string; published: boolean }) {
  const { t } = useText()
  const change = useAction((published: boolean) => publish(props.schemeId, published), {
    success: ({ published }) => t(published ? 'figures.published' : 'figures.unpublished'),
    refresh: [['figures', props.schemeId]],
  })
  return (
    <section className={classes.publication} aria-labelledby="publication">
      <h2 id="publication">{t('figures.publish')}</h2>
      <Switch
        label={t('figures.publish.label')}
        description={t('figures.publish.hint')}
        checked={props.published}
        disabled={change.isPending}
        onChange={(event) => change.mutate(event.currentTarget.checked)}
      />
      {change.isError && <Failure error={change.error} retry={() => change.mutate(!props.published)} />}
    </section>
  )
}
