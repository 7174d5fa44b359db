import { Button, Skeleton, VisuallyHidden } from '@mantine/core'
import IconBellCheck from '@tabler/icons-react/icons/IconBellCheck'
import IconCheck from '@tabler/icons-react/icons/IconCheck'
import { useInfiniteQuery } from '@tanstack/react-query'
import { MINUTE_MS } from '../../../src/message/clock.ts'
import type { OwnAlertView } from '../../../src/portal/alerts/contract.ts'
import { callApi } from '../../api/client.ts'
import { ownAlertsQuery, paramsOfShop } from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { placeBesides } from '../../ui/format/event.ts'
import { agoOf, whenOf } from '../../ui/format/format.ts'
import { useMinute, useNow } from '../../ui/format/now.ts'
import { CategoryName } from '../../ui/format/severity.tsx'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'

/** A member's home page: the alerts sent to the shop, current ones first. */
export function AlertsPage() {
  const { t } = useText()
  const { shop } = useShop()
  usePageTitle(t('portal.nav.alerts'))
  const alerts = useInfiniteQuery(ownAlertsQuery(shop))
  const all = alerts.data?.pages.flatMap((page) => page.alerts) ?? []
  const now = useMinute()
  const open = all.filter((alert) => stateOf(alert, now) === 'open')
  const past = all.filter((alert) => stateOf(alert, now) !== 'open')
  return (
    <>
      <h1 className={classes.title}>{t('portal.nav.alerts')}</h1>
      {alerts.isError && all.length === 0 && (
        <Failure error={alerts.error} retry={() => void alerts.refetch()} />
      )}
      {alerts.isPending && <Skeleton height={140} radius="lg" />}
      {alerts.data !== undefined && (
        <section aria-labelledby="en-cours" className={classes.section}>
          <h2 id="en-cours">{t('portal.alerts.open')}</h2>
          {open.length === 0 ? (
            <Empty
              icon={<IconBellCheck size={36} stroke={1.4} aria-hidden />}
              title={t('portal.alerts.none')}
            >
              {t('portal.alerts.none.hint')}
            </Empty>
          ) : (
            <List alerts={open} />
          )}
        </section>
      )}
      {past.length > 0 && (
        <section aria-labelledby="passees" className={classes.section}>
          <h2 id="passees">{t('portal.alerts.past')}</h2>
          <p className={classes.hint}>{t('portal.alerts.past.what')}</p>
          <List alerts={past} />
        </section>
      )}
      {alerts.hasNextPage && (
        <Button
          variant="default"
          size="md"
          loading={alerts.isFetchingNextPage}
          onClick={() => void alerts.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </>
  )
}

/** Returns the state of an alert as it is now: without a network, the one that was received may be hours old. */
function stateOf({ state, expiresAt }: OwnAlertView, now: number): OwnAlertView['state'] {
  return state === 'open' && Date.parse(expiresAt) <= now ? 'over' : state
}

const tones: Record<OwnAlertView['state'], Tone> = { open: 'open', over: 'neutral', cancelled: 'warn' }

function List(props: { alerts: readonly OwnAlertView[] }) {
  const { t } = useText()
  const now = useMinute()
  const alerts = props.alerts.map((alert) => ({ ...alert, state: stateOf(alert, now) }))
  return (
    <ul className={classes.list}>
      {alerts.map((alert) => (
        <li key={alert.id}>
          <article className={classes.alert} data-state={alert.state} aria-label={alert.reference}>
            <p className={classes.alertHead}>
              <CategoryName category={{ ...alert.category, severity: alert.severity }} />
              <StateTag tone={tones[alert.state]}>{t(`portal.alert.state.${alert.state}`)}</StateTag>
            </p>
            <p className={classes.text} lang="fr">
              <Calls17 text={alert.text} />
            </p>
            <Updates alert={alert} />
            <Meta alert={alert} />
            <Read alert={alert} />
          </article>
        </li>
      ))}
    </ul>
  )
}

function Updates(props: { alert: OwnAlertView }) {
  const { t, lang } = useText()
  const now = useNow()
  const { updates } = props.alert
  if (updates.length === 0) return null
  return (
    <ol className={classes.updates} aria-label={t('portal.alerts.updates')}>
      {updates.map(({ id, kind, text, at }) => (
        <li key={id} data-kind={kind}>
          <p className={classes.kind}>
            {t(`message.${kind}`)} <time dateTime={at}>{whenOf(lang, at, now)}</time>
          </p>
          <p lang="fr">
            <Calls17 text={text} />
          </p>
        </li>
      ))}
    </ol>
  )
}

function Meta(props: { alert: OwnAlertView }) {
  const { t, lang } = useText()
  const now = useNow()
  const { sentAt, closedAt, state, areaLabel, reference } = props.alert
  const place = placeBesides(props.alert)
  const age = now - Date.parse(sentAt)
  const when =
    state !== 'open' ? whenOf(lang, sentAt, now) : age < MINUTE_MS ? t('portal.alerts.now') : agoOf(lang, age)
  return (
    <p className={classes.meta}>
      {t('portal.alerts.sent', { when })}
      {closedAt !== null &&
        ` · ${t(state === 'cancelled' ? 'portal.alerts.stopped' : 'portal.alerts.closed', { when: whenOf(lang, closedAt, now) })}`}
      {' · '}
      {place !== null && `${t('portal.alerts.where', { place })} · `}
      {`${place === null ? areaLabel : t('portal.alerts.warned', { area: areaLabel })} · `}
      <span className={classes.ref}>{reference}</span>
    </p>
  )
}

/** A button to confirm that the alert was read; afterwards the confirmation is shown. An ended alert asks for none. */
function Read(props: { alert: OwnAlertView }) {
  const { t, lang } = useText()
  const now = useNow()
  const { shop, may } = useShop()
  const { id, reference, readAt, state } = props.alert
  const confirm = useAction(() => callApi('confirmRead', { params: { ...paramsOfShop(shop), id } }), {
    session: 'portal',
    refresh: [ownAlertsQuery(shop).queryKey],
  })
  if (readAt !== null)
    return (
      <p className={classes.read}>
        <IconCheck size={18} stroke={2} aria-hidden />
        {t('portal.read.done', { when: whenOf(lang, readAt, now) })}
      </p>
    )
  if (state !== 'open' || !may('own.confirm')) return null
  return (
    <>
      <Failure error={confirm.failure} />
      <Button
        size="md"
        variant="light"
        leftSection={<IconCheck size={18} stroke={2} aria-hidden />}
        loading={confirm.isPending || confirm.isSuccess}
        onClick={() => confirm.mutate()}
      >
        {t('portal.read')}
        <VisuallyHidden> ({reference})</VisuallyHidden>
      </Button>
    </>
  )
}
