import { Button, Group, Skeleton } from '@mantine/core'
import IconArrowLeft from '@tabler/icons-react/icons/IconArrowLeft'
import IconBellOff from '@tabler/icons-react/icons/IconBellOff'
import IconPrinter from '@tabler/icons-react/icons/IconPrinter'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { AlertPage as AlertPageView, AlertView } from '../../../../src/alerts/contract.ts'
import { isInProgress } from '../../../../src/alerts/states.ts'
import { ApiError, urlOf } from '../../../api/client.ts'
import { alertQuery, communesOfAreaQuery, schemeQuery } from '../../../api/queries.ts'
import { ExerciseBanner } from '../../../ui/alert/Exercise.tsx'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { eventOf } from '../../../ui/format/event.ts'
import { countOf, timeOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { TerritoryMap } from '../../../ui/map/TerritoryMap.tsx'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { usePageTitle } from '../../../ui/Page.tsx'
import { usePrinting } from '../../../ui/printing.ts'
import { ApprovalPanel } from '../../approval/ApprovalPanel.tsx'
import { FollowUpCard } from '../../approval/cards/FollowUpCard.tsx'
import { Reach } from '../../approval/facts/Reach.tsx'
import { AlertCalls } from '../../on-call/AlertCalls.tsx'
import { AlertRelays } from '../../relays/AlertRelays.tsx'
import { textAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import { AlertStateTag } from '../state.tsx'
import { AlertActions } from './AlertActions.tsx'
import classes from './AlertPage.module.css'
import { Curve } from './figures/Curve.tsx'
import { LiveFigures } from './figures/LiveFigures.tsx'
import { Messages } from './figures/Messages.tsx'
import { HeldBack } from './recipients/HeldBack.tsx'
import { Recipients } from './recipients/Recipients.tsx'
import { Trace } from './recipients/Trace.tsx'
import { Sheet } from './Sheet.tsx'
import { Timeline } from './Timeline.tsx'

/** States of an alert that has not been sent and still could be. */
const unsent: ReadonlySet<AlertView['state']> = new Set(['draft', 'submitted', 'returned', 'approved'])

/** Shows one alert live: its progress, its recipients and its timeline. */
export function AlertPage() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alertId } = useParams({ from: '/shell/alertes/$alertId' })
  const page = useQuery(alertQuery(scheme.id, alertId))
  const alert = page.data?.alert
  usePageTitle(alert === undefined ? t('nav.alerts') : `${alert.reference} ${labelOf(lang, alert.category)}`)
  const printing = usePrinting()

  return (
    <div className={classes.page}>
      <Link to="/alertes" className={classes.back}>
        <IconArrowLeft size={16} aria-hidden />
        {t('nav.alerts')}
      </Link>
      {page.isError && (
        <>
          <h1>{t('nav.alerts')}</h1>
          {page.error instanceof ApiError && [404, 422].includes(page.error.status) ? (
            <Empty icon={<IconBellOff size={36} stroke={1.4} aria-hidden />} title={t('alert.none')}>
              {t('alert.none.hint')}
              <p>
                <Button component={Link} to="/alertes" mt={12}>
                  {t('alert.none.list')}
                </Button>
              </p>
            </Empty>
          ) : (
            <Failure error={page.error} retry={() => void page.refetch()} />
          )}
        </>
      )}
      {page.isPending && (
        <div role="status" aria-label={t('shell.loading')} className={classes.loading}>
          <Skeleton height={64} radius="lg" />
          <Skeleton height={180} radius="lg" />
          <Skeleton height={320} radius="lg" />
        </div>
      )}
      {page.data !== undefined && (
        <>
          {page.data.alert.exercise && <ExerciseBanner />}
          <Headline alert={page.data.alert} />
          <div className={classes.grid}>
            <Course page={page.data} />
            <Surroundings page={page.data} />
          </div>
          {printing && <Sheet page={page.data} />}
        </>
      )}
    </div>
  )
}

/** Shows the messages of the alert: their delivery, text, decision and recipients. */
function Course({ page }: { page: AlertPageView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { alert } = page
  /** The message whose recipients are shown; null: the first. */
  const [chosen, setChosen] = useState<string | null>(null)
  const several = alert.broadcasts.length > 1
  const ledger = alert.broadcasts.find((one) => one.id === chosen)
  return (
    <div className={classes.column}>
      {alert.progress !== null && (
        <section className={classes.card} aria-labelledby="diffusion">
          <h2 id="diffusion">{t('alert.delivery')}</h2>
          <LiveFigures alert={alert} progress={alert.progress} />
          <p className={classes.reads}>{t('alert.reads', { count: page.reads })}</p>
          <Curve points={page.curve} progress={alert.progress} />
          <HeldBack schemeId={scheme.id} alertId={alert.id} heldBack={page.heldBack} copies={page.copies} />
        </section>
      )}
      {several && (
        <Messages
          alert={alert}
          chosen={ledger?.id ?? alert.broadcasts[0]?.id ?? null}
          onChoose={may('delivery.read') ? setChosen : null}
        />
      )}
      {may('report.read') && <FollowUps alert={alert} />}
      <TextCard alert={alert} />
      {may('report.read') && (
        <section className={classes.card} aria-labelledby="decision">
          <h2 id="decision">{t('alert.decision')}</h2>
          <ApprovalPanel alert={alert} />
        </section>
      )}
      {may('delivery.read') && alert.progress !== null && (
        <Recipients
          key={ledger?.id ?? 'first'}
          schemeId={scheme.id}
          alertId={alert.id}
          broadcast={ledger?.id ?? null}
          name={several ? t(`message.${ledger?.kind ?? 'first'}`) : null}
          progress={ledger?.progress ?? alert.progress}
        />
      )}
    </div>
  )
}

/** Shows the area and the timeline, and what else goes with the alert: calls, relays, the trace. */
function Surroundings({ page }: { page: AlertPageView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { alert } = page
  return (
    <div className={classes.column}>
      {may('territory.read') && page.byCommune.length > 0 && <Where schemeId={scheme.id} page={page} />}
      {may('audience.preview') && unsent.has(alert.state) && (
        <section className={classes.card} aria-labelledby="portee">
          <h2 id="portee">{t('room.consequences')}</h2>
          <Reach alert={alert} />
        </section>
      )}
      {may('call_out.read') && <AlertCalls alert={alert} className={classes.card} />}
      {may('relay.read') && <AlertRelays alert={alert} className={classes.card} />}
      {may('delivery.trace') && alert.traced && alert.orderedAt !== null && (
        <Trace schemeId={scheme.id} alertId={alert.id} className={classes.card} />
      )}
      <section className={classes.card} aria-labelledby="chronologie">
        <h2 id="chronologie">{t('alert.timeline')}</h2>
        <Timeline events={page.events} />
      </section>
    </div>
  )
}

function Headline(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert } = props
  return (
    <div className={classes.headline}>
      <div>
        <h1>{eventOf(lang, alert)}</h1>
        <p className={classes.sub}>
          <AlertStateTag state={alert.state} />
          <span className={classes.ref}>{alert.reference}</span>
          {alert.areaLabel !== alert.placeWords && <span>{alert.areaLabel}</span>}
          {alert.orderedAt !== null && (
            <span>{t('alert.ordered', { time: whenOf(lang, alert.orderedAt, now) })}</span>
          )}
          {isInProgress(alert.state) && (
            <span>{t('alert.expires', { time: whenOf(lang, alert.expiresAt, now) })}</span>
          )}
          {alert.simulated && <span className={classes.simulated}>{t('alert.simulated')}</span>}
        </p>
      </div>
      <Group gap={8}>
        <AlertActions alert={alert} />
        <Button variant="subtle" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => print()}>
          {t('sheet.print')}
        </Button>
      </Group>
    </div>
  )
}

/** Shows the follow-ups that need, or needed, the decision of a second person. */
function FollowUps(props: { alert: AlertView }) {
  const { t } = useText()
  const { alert } = props
  const judged = alert.followUps.filter(
    ({ state, approval }) => state !== 'ordered' || approval.decision !== null,
  )
  if (judged.length === 0) return null
  return (
    <section className={classes.card} aria-labelledby="suites">
      <h2 id="suites">{t('followUp.list')}</h2>
      <ul className={classes.followUps}>
        {judged.map((followUp) => (
          <li key={followUp.id}>
            <FollowUpCard alert={alert} followUp={followUp} heading={false} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function TextCard(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const { alert } = props
  const names = alert.trades.map((code) => tradeNameOf(lang, trades, code))
  return (
    <section className={classes.card} aria-labelledby="texte">
      <h2 id="texte">{t('alert.text')}</h2>
      <div className={classes.textCard}>
        <PhonePreview
          label={t('room.preview')}
          sender={alert.sender}
          time={timeOf(lang, alert.orderedAt ?? alert.createdAt)}
          text={alert.sentText ?? (alert.hidden ? '' : textAsSent(alert))}
          empty={alert.hidden ? t('alert.hidden') : ''}
        />
        <dl className={classes.facts}>
          <div>
            <dt>{t('confirm.area')}</dt>
            <dd>{alert.areaLabel}</dd>
          </div>
          <div>
            <dt>{t('room.trades')}</dt>
            <dd>{names.length === 0 ? t('room.trades.all') : names.join(', ')}</dd>
          </div>
          {alert.parts !== null && (
            <div>
              <dt>{t('alert.parts')}</dt>
              <dd>{t('alert.parts.count', { parts: alert.parts })}</dd>
            </div>
          )}
          {alert.outcome !== null && (
            <div>
              <dt>{t('outcome.button')}</dt>
              <dd>
                {t(`outcome.${alert.outcome.outcome}`)}
                {alert.outcome.note !== null && <small className={classes.under}>{alert.outcome.note}</small>}
              </dd>
            </div>
          )}
          {alert.orderedAt !== null && may('alert.read_precise') && (
            <div>
              <dt>{t('alert.exchange')}</dt>
              <dd>
                <a href={urlOf('exportCap', { params: { scheme: scheme.id, id: alert.id } })} download>
                  {t('alert.exchange.cap')}
                </a>
              </dd>
            </div>
          )}
        </dl>
      </div>
    </section>
  )
}

function Where(props: { schemeId: string; page: AlertPageView }) {
  const { t, lang } = useText()
  const { alert, byCommune } = props.page
  const area = useQuery(communesOfAreaQuery(props.schemeId, alert.area)).data?.communes
  // The whole area is outlined, also where nobody is a member.
  const paint = useMemo(
    () =>
      new Map([
        ...(area ?? []).map(({ code }): [string, number] => [code, 0]),
        ...byCommune.map((one): [string, number] => [
          one.code,
          one.planned === 0 ? 0 : one.delivered / one.planned,
        ]),
      ]),
    [area, byCommune],
  )
  const figures = useMemo(() => new Map(byCommune.map((one) => [one.code, one])), [byCommune])
  const planned = useMemo(() => new Map(byCommune.map((one) => [one.code, one.planned])), [byCommune])
  return (
    <section className={classes.card} aria-labelledby="territoire">
      <h2 id="territoire">{t('alert.where')}</h2>
      <div className={classes.map}>
        <TerritoryMap
          schemeId={props.schemeId}
          tint="green"
          paint={paint}
          legend="map.legend.delivered"
          counts={planned}
          place={alert.commune.code}
          follow
          label={t('map.delivered', { communes: byCommune.length })}
          describe={(code, name) => {
            const one = figures.get(code)
            return one === undefined
              ? name
              : t('map.deliveredIn', { name, delivered: one.delivered, planned: one.planned })
          }}
        />
      </div>
      <details className={classes.communes}>
        <summary>{t('alert.communes', { communes: byCommune.length })}</summary>
        <ul>
          {byCommune
            .toSorted((a, b) => b.planned - a.planned || a.name.localeCompare(b.name))
            .map((one) => (
              <li key={one.code}>
                <span>{one.name}</span>
                <span>
                  {countOf(lang, one.delivered)} / {countOf(lang, one.planned)}
                </span>
              </li>
            ))}
        </ul>
      </details>
    </section>
  )
}
