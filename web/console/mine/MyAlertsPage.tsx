import { Button, Skeleton } from '@mantine/core'
import IconBellCheck from '@tabler/icons-react/icons/IconBellCheck'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { aboutQuery, alertsQuery } from '../../api/queries.ts'
import { agoOf, momentOf } from '../../ui/format.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { useNow } from '../../ui/now.ts'
import { Page } from '../../ui/Page.tsx'
import { CategoryName } from '../../ui/severity.tsx'
import { useText } from '../../ui/text.ts'
import { AlertStateTag } from '../alerts/state.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Mine.module.css'

const isOpen = (alert: AlertView) => ['broadcasting', 'active', 'updated'].includes(alert.state)

/** A merchant's home: the alerts that concern the shop, those under way first. */
export function MyAlertsPage() {
  const { t } = useText()
  const { scheme, user } = useCurrent()
  const demo = useQuery(aboutQuery).data?.demo === true
  const alerts = useInfiniteQuery(alertsQuery(scheme.id, {}))
  const all =
    alerts.data?.pages.flatMap((page) => page.alerts).filter((alert) => alert.orderedAt !== null) ?? []
  const open = all.filter(isOpen)
  const past = all.filter((alert) => !isOpen(alert))
  return (
    <div className={classes.page}>
      <Page
        title={t('nav.mine')}
        lead={`${user.name} · ${scheme.name}`}
        aside={
          demo && (
            <Button component={Link} to="/telephones" variant="default">
              {t('nav.phones')}
            </Button>
          )
        }
      >
        <a className={classes.emergency} href="tel:17">
          {t('mine.emergency')}
        </a>
        {alerts.isError && <Failure error={alerts.error} retry={() => void alerts.refetch()} />}
        {alerts.isPending && <Skeleton height={140} radius="lg" />}
        {alerts.isSuccess && (
          <section aria-labelledby="en-cours">
            <h2 id="en-cours" className={classes.head}>
              {t('mine.open')}
            </h2>
            {open.length === 0 ? (
              <Empty icon={<IconBellCheck size={36} stroke={1.4} aria-hidden />} title={t('mine.none')}>
                {t('mine.none.hint')}
              </Empty>
            ) : (
              <List alerts={open} />
            )}
          </section>
        )}
        {past.length > 0 && (
          <section aria-labelledby="passees">
            <h2 id="passees" className={classes.head}>
              {t('mine.past')}
            </h2>
            <List alerts={past} />
          </section>
        )}
        {alerts.hasNextPage && (
          <Button
            variant="default"
            loading={alerts.isFetchingNextPage}
            onClick={() => void alerts.fetchNextPage()}
          >
            {t('action.more')}
          </Button>
        )}
      </Page>
    </div>
  )
}

function List(props: { alerts: readonly AlertView[] }) {
  const { t, lang } = useText()
  const now = useNow()
  return (
    <ul className={classes.list}>
      {props.alerts.map((alert) => (
        <li key={alert.id} className={classes.alert} data-open={isOpen(alert) || undefined}>
          <p className={classes.title}>
            <CategoryName category={alert.category} />
            <AlertStateTag state={alert.state} />
          </p>
          <p className={classes.text}>{alert.sentText ?? alert.text}</p>
          {alert.broadcasts.length > 1 && (
            <ol className={classes.updates} aria-label={t('mine.updates')}>
              {alert.broadcasts.slice(1).map((one) => (
                <li key={one.id} data-kind={one.kind}>
                  <time dateTime={one.orderedAt}>{momentOf(lang, one.orderedAt, now)}</time>
                  <span>{one.text}</span>
                </li>
              ))}
            </ol>
          )}
          <p className={classes.meta}>
            {isOpen(alert)
              ? agoOf(lang, now - Date.parse(alert.orderedAt ?? alert.createdAt))
              : momentOf(lang, alert.orderedAt ?? alert.createdAt, now)}
            {' · '}
            {alert.areaLabel} · <span className={classes.ref}>{alert.reference}</span>
          </p>
        </li>
      ))}
    </ul>
  )
}
