import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { audienceQuery, communesOfAreaQuery, schemeQuery } from '../../../api/queries.ts'
import { countOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { TerritoryMap } from '../../../ui/map/TerritoryMap.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { finishOf, secondsOf, useMembers } from '../../room/audience/Consequences.tsx'
import { WouldHoldBack } from '../../room/audience/WouldHoldBack.tsx'
import { partsAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { audienceOf } from '../queries.ts'

/** Shows the recipients of an alert sent now, in exact figures and on the map. */
export function Reach(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alert } = props
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const audience = useQuery(audienceQuery(scheme.id, audienceOf(alert)))
  const communes = useQuery(communesOfAreaQuery(scheme.id, alert.area)).data?.communes
  const parts = partsAsSent(alert).parts.length
  const figures = audience.data
  const counts = useMemo(() => new Map(figures?.byCommune.map((one) => [one.code, one.sms])), [figures])
  const paint = useMemo(() => new Map(communes?.map(({ code }) => [code, 1] as const)), [communes])
  const members = useMembers(scheme.id, audienceOf(alert), figures)
  const names = alert.trades.map((code) => tradeNameOf(lang, trades, code))
  const seconds = figures === undefined ? null : secondsOf(figures, parts)
  return (
    <div className={`${classes.column} ${classes.reach}`}>
      <dl className={classes.figures}>
        <div>
          <dt>{t('figure.members')}</dt>
          <dd>{figures === undefined ? '…' : countOf(lang, figures.members)}</dd>
        </div>
        <div>
          <dt>{t('figure.sms')}</dt>
          <dd>{figures === undefined ? '…' : countOf(lang, figures.channels.sms * parts)}</dd>
        </div>
        <div>
          <dt>{t('figure.cost')}</dt>
          <dd>{figures === undefined ? '…' : moneyOf(lang, figures.costCents * parts)}</dd>
        </div>
        <div>
          <dt>{t('figure.finish')}</dt>
          <dd>{figures === undefined ? '…' : finishOf(t, lang, seconds)}</dd>
        </div>
      </dl>
      {audience.isError && <Failure error={audience.error} retry={() => void audience.refetch()} />}
      <p className={classes.area}>
        <b>{alert.areaLabel}</b>
        <span>{names.length === 0 ? t('room.trades.all') : names.join(', ')}</span>
      </p>
      {figures !== undefined && (
        <WouldHoldBack schemeId={scheme.id} audience={figures} query={audienceOf(alert)} />
      )}
      <div className={classes.map}>
        <TerritoryMap
          schemeId={scheme.id}
          tint="accent"
          paint={paint}
          legend="map.legend.area"
          counts={members}
          place={alert.commune.code}
          follow
          label={t('map.area', { area: alert.areaLabel, communes: communes?.length ?? 0 })}
          describe={(code, name) =>
            t('map.commune', { name, sms: counts.get(code) ?? 0, in: paint.has(code) ? 'yes' : 'no' })
          }
        />
      </div>
    </div>
  )
}
