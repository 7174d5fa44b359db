import { Button, Select, Skeleton } from '@mantine/core'
import IconBellOff from '@tabler/icons-react/icons/IconBellOff'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { SearchField } from '../../ui/fields/SearchField.tsx'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { useCurrent } from '../shell/current.tsx'
import { AlertCard } from './AlertCard.tsx'
import classes from './Alerts.module.css'
import { type AlertFilter, alertsQuery } from './queries.ts'
import { type AlertStage, type AlertsSearch, alertStages, sentStages, unsentStages } from './search.ts'

/** Every ordered alert, unless a filter selects those still in preparation. */
function filterOf({ etat, q }: AlertsSearch): AlertFilter {
  const unsent = unsentStages.some((stage) => stage === etat)
  return { state: etat, ordered: !unsent, q }
}

/** Lists all alerts of the scheme, latest first. */
export function AlertsPage() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const search = useSearch({ from: '/shell/alertes' })
  const { etat, q } = search
  useRowKeys()
  const navigate = useNavigate()
  const alerts = useInfiniteQuery(alertsQuery(scheme.id, filterOf(search)))
  const all = alerts.data?.pages.flatMap((page) => page.alerts) ?? []
  const filtered = etat !== undefined || q !== undefined
  const go = (change: { etat?: AlertStage | undefined; q?: string | undefined }) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    void navigate({ to: '/alertes', search: Object.fromEntries(next) as AlertsSearch, replace: true })
  }
  const choices = (stages: readonly AlertStage[]) =>
    stages.map((value) => ({ value: value as string, label: t(`alerts.filter.${value}`) }))
  return (
    <Page title={t('nav.alerts')} lead={t('alerts.lead')}>
      <div className={classes.filters}>
        <Select
          aria-label={t('alerts.filter')}
          className={classes.stages ?? ''}
          value={etat ?? 'all'}
          allowDeselect={false}
          onChange={(value) => go({ etat: alertStages.find((stage) => stage === value) })}
          data={[
            {
              group: t('alerts.filter.sent'),
              items: [{ value: 'all', label: t('alerts.filter.all') }, ...choices(sentStages)],
            },
            // Alerts not yet approved are not visible to everybody.
            ...(may('alert.read_precise')
              ? [{ group: t('alerts.filter.unsent'), items: choices(unsentStages) }]
              : []),
          ]}
        />
        <SearchField
          label={t('alerts.search')}
          value={q ?? ''}
          onSearch={(words) => go({ q: words })}
          className={classes.search ?? ''}
        />
      </div>
      {alerts.isError && <Failure error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.isPending && [0, 1, 2].map((row) => <Skeleton key={row} height={96} radius="lg" />)}
      {alerts.isSuccess && all.length === 0 && (
        <Empty
          icon={<IconBellOff size={36} stroke={1.4} aria-hidden />}
          title={filtered ? t('filter.none') : t('alerts.none')}
        >
          {filtered ? (
            <Button variant="default" onClick={() => go({ etat: undefined, q: undefined })}>
              {t('filter.reset')}
            </Button>
          ) : (
            t('alerts.none.hint')
          )}
          {may('alert.compose') && !filtered && (
            <p>
              <Button component={Link} to="/salle" mt={12}>
                {t('action.toRoom')}
              </Button>
            </p>
          )}
        </Empty>
      )}
      <ul className={classes.cards} aria-busy={alerts.isPlaceholderData}>
        {all.map((alert) => (
          <li key={alert.id}>
            <AlertCard alert={alert} />
          </li>
        ))}
      </ul>
      {alerts.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={alerts.isFetchingNextPage}
          onClick={() => void alerts.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </Page>
  )
}
