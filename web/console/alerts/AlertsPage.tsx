import { Button, SegmentedControl, Skeleton } from '@mantine/core'
import IconBellOff from '@tabler/icons-react/icons/IconBellOff'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { alertsQuery } from '../../api/queries.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { AlertCard } from './AlertCard.tsx'
import classes from './Alerts.module.css'

export const alertFilters = ['open', 'ended', 'expired', 'cancelled', 'rejected'] as const
export type AlertFilter = (typeof alertFilters)[number]

/** Every alert of the scheme, latest first. */
export function AlertsPage() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { etat } = useSearch({ from: '/shell/alertes' })
  const navigate = useNavigate()
  // What never left concerns those who decide, and no one else.
  const decides = may('report.read')
  const alerts = useInfiniteQuery(alertsQuery(scheme.id, etat ?? null))
  const all =
    alerts.data?.pages
      .flatMap((page) => page.alerts)
      .filter((alert) => alert.orderedAt !== null || (decides && alert.state === 'rejected')) ?? []
  return (
    <Page title={t('nav.alerts')} lead={t('alerts.lead')}>
      <div className={classes.filters}>
        <SegmentedControl
          aria-label={t('alerts.filter')}
          value={etat ?? 'all'}
          onChange={(value) =>
            void navigate({
              to: '/alertes',
              search: value === 'all' ? {} : { etat: value as AlertFilter },
              replace: true,
            })
          }
          data={[
            { value: 'all', label: t('alerts.filter.all') },
            ...alertFilters
              .filter((value) => decides || value !== 'rejected')
              .map((value) => ({ value, label: t(`alerts.filter.${value}`) })),
          ]}
        />
      </div>
      {alerts.isError && <Failure error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.isPending && [0, 1, 2].map((row) => <Skeleton key={row} height={96} radius="lg" />)}
      {alerts.isSuccess && all.length === 0 && (
        <Empty icon={<IconBellOff size={36} stroke={1.4} aria-hidden />} title={t('alerts.none')}>
          {etat === undefined ? t('alerts.none.hint') : t('filter.none.hint')}
          {may('alert.compose') && etat === undefined && (
            <p>
              <Button component={Link} to="/salle" mt={12}>
                {t('action.toRoom')}
              </Button>
            </p>
          )}
        </Empty>
      )}
      <ul className={classes.cards}>
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
