import { Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AudienceQuery, AudienceView } from '../../../../src/alerts/contract.ts'
import { secondsToSend } from '../../../../src/alerts/order/pace.ts'
import { audienceQuery, communesOfAreaQuery, recentAlertsQuery } from '../../../api/queries.ts'
import { countOf, moneyOf, spanOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { type FormatMessage, labelOf, useText } from '../../../ui/format/text.ts'
import { TerritoryMap } from '../../../ui/map/TerritoryMap.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { RecentAlerts } from '../desk/lists/RecentAlerts.tsx'
import { recentPlaces } from '../desk/lists/recent.ts'
import type { EnteredCall } from '../useEnteredCall.ts'
import classes from './Consequences.module.css'
import { baseOf, drawnCodes } from './drawn.ts'
import { useMapChoice } from './useMapChoice.ts'
import { WouldHoldBack } from './WouldHoldBack.tsx'

/** Seconds until the provider has accepted all messages; null without a route. */
export function secondsOf(audience: AudienceView, parts: number): number | null {
  return audience.pace === null
    ? null
    : secondsToSend(audience.channels.sms * Math.max(1, parts), audience.pace)
}

/** Returns the sending time as text: unknown without a route. */
export function finishOf(t: FormatMessage, lang: 'fr' | 'en', seconds: number | null): string {
  return seconds === null
    ? t('figure.unknown')
    : seconds < 1
      ? t('figure.instant')
      : spanOf(lang, Math.ceil(seconds) * 1000)
}

/** Returns the members notified in each commune of the area, and the members of the other communes. */
export function useMembers(
  schemeId: string,
  query: AudienceQuery | null,
  figures: AudienceView | undefined,
): ReadonlyMap<string, number> {
  const everywhere = useQuery(audienceQuery(schemeId, query && { ...query, area: { kind: 'scheme' } })).data
  return useMemo(
    () =>
      new Map(
        [...(everywhere?.byCommune ?? []), ...(figures?.byCommune ?? [])].map((one) => [
          one.code,
          one.members,
        ]),
      ),
    [everywhere, figures],
  )
}

/** The parts of the call that the map of the alert room can change. */
type Choosing = Pick<EnteredCall, 'draft' | 'current' | 'change'> & {
  readonly place: Pick<EnteredCall['place'], 'areas' | 'changeCommune' | 'showArea'>
}

/** Shows the consequences of the audience: how many, cost, time, and where; the map also chooses the place and the area. */
export function Consequences(props: {
  schemeId: string
  call: Choosing
  audience: UseQueryResult<AudienceView>
  parts: number
  /** The audience that was counted. */
  query: AudienceQuery | null
}) {
  const { t } = useText()
  const { call, audience, parts } = props
  const { draft } = call
  const { area } = draft
  // A drawn outline is known here already, so only the named area is requested.
  const base = area === null ? null : baseOf(area.area)
  const named = useQuery(communesOfAreaQuery(props.schemeId, base))
  const figures = area === null ? undefined : audience.data

  const communes = base === null ? undefined : named.data?.communes
  const paint = useMemo(
    () =>
      new Map(
        [...(communes ?? []).map(({ code }) => code), ...(area === null ? [] : drawnCodes(area.area))].map(
          (code) => [code, 1] as const,
        ),
      ),
    [area, communes],
  )
  const choice = useMapChoice({
    schemeId: props.schemeId,
    draft,
    current: call.current,
    change: call.change,
    pickCommune: call.place.changeCommune,
    chooseArea: call.place.showArea,
    choices: call.place.areas ?? [],
    // While another area is asked for, the map still shows the one before.
    lit: base !== null && named.isPlaceholderData ? null : paint,
  })
  const members = useMembers(props.schemeId, props.query, figures)
  const counts = useMemo(() => new Map(figures?.byCommune.map((one) => [one.code, one.sms])), [figures])

  const { places, rings } = useRecentPlaces(props.schemeId)

  return (
    <section className={classes.panel} aria-label={t('room.consequences')}>
      <Figures
        audience={figures}
        parts={parts}
        hasArea={area !== null}
        isCounting={area !== null && audience.isFetching}
      />
      {area !== null && audience.isError && (
        <Failure error={audience.error} retry={() => void audience.refetch()} />
      )}
      <div className={classes.map}>
        <TerritoryMap
          schemeId={props.schemeId}
          tint="accent"
          paint={paint}
          rings={rings}
          legend="map.legend.area"
          counts={members}
          place={draft.commune?.code}
          follow={!choice.isFromMap}
          meaning="place-and-area"
          // The facts of a recorded report no longer change.
          {...(draft.report === null && { onPick: choice.pickPlace })}
          onStroke={choice.drawOver}
          onUndo={choice.undo}
          label={t('map.area', { area: area?.name ?? t('map.none'), communes: paint.size })}
          describe={(code, name) =>
            t('map.commune', { name, sms: counts.get(code) ?? 0, in: paint.has(code) ? 'yes' : 'no' })
          }
        />
      </div>
      <RecentAlerts places={places} />
      {figures !== undefined && <Remarks schemeId={props.schemeId} audience={figures} query={props.query} />}
    </section>
  )
}

/** Returns the communes with recent alerts, and the rings that mark them on the map. */
function useRecentPlaces(schemeId: string) {
  const { t, lang } = useText()
  const recent = useQuery(recentAlertsQuery(schemeId)).data
  const now = useMinute()
  const places = useMemo(() => recentPlaces(recent ?? [], now), [recent, now])
  const rings = useMemo(
    () =>
      places.map(({ code, name, age, alerts }) => ({
        code,
        age,
        label: t('recent.ring', {
          commune: name,
          count: alerts.length,
          category: alerts[0] === undefined ? '' : labelOf(lang, alerts[0].category),
          age: t(`recent.age.${age}`),
        }),
      })),
    [places, lang, t],
  )
  return { places, rings }
}

/** Shows how many members and SMS, the cost and the time of an audience; undefined: it is not counted yet, or there is no area. */
function Figures(props: {
  audience: AudienceView | undefined
  parts: number
  hasArea: boolean
  isCounting: boolean
}) {
  const { t, lang } = useText()
  const { audience, hasArea } = props
  const parts = Math.max(1, props.parts)
  const values = audience && {
    members: countOf(lang, audience.members),
    sms: countOf(lang, audience.channels.sms * parts),
    cost: moneyOf(lang, audience.costCents * parts),
    finish: audience.members === 0 ? '–' : finishOf(t, lang, secondsOf(audience, parts)),
  }
  return (
    <dl className={classes.figures} aria-live="polite" aria-atomic="true" aria-busy={props.isCounting}>
      {(['members', 'sms', 'cost', 'finish'] as const).map((name) => (
        <Figure key={name} name={t(`figure.${name}`)} value={values?.[name]} waiting={hasArea} />
      ))}
    </dl>
  )
}

/** Shows who is not reached, and the SMS of each commune. */
function Remarks(props: { schemeId: string; audience: AudienceView; query: AudienceQuery | null }) {
  const { t, lang } = useText()
  const { audience } = props
  const { unreachable, withoutPoint, byCommune, communes } = audience
  return (
    <div className={classes.remarks}>
      <WouldHoldBack schemeId={props.schemeId} audience={audience} query={props.query} />
      {unreachable > 0 && <p>{t('audience.unreachable', { count: unreachable })}</p>}
      {withoutPoint.length > 0 && (
        <p className={classes.warn}>
          {t('audience.withoutPoint', { count: withoutPoint.length })}{' '}
          {withoutPoint
            .slice(0, 4)
            .map((one) => one.name)
            .join(', ')}
          {withoutPoint.length > 4 && '…'}
        </p>
      )}
      <details className={classes.list}>
        <summary>{t('audience.communes', { reached: byCommune.length, communes })}</summary>
        <ul>
          {byCommune
            .toSorted((a, b) => b.sms - a.sms || a.name.localeCompare(b.name))
            .map((one) => (
              <li key={one.code}>
                <span>{one.name}</span>
                <span>{countOf(lang, one.sms)}</span>
              </li>
            ))}
        </ul>
      </details>
    </div>
  )
}

function Figure(props: { name: string; value: string | undefined; waiting: boolean }) {
  return (
    <div className={classes.figure}>
      <dt>{props.name}</dt>
      <dd>{props.value ?? (props.waiting ? <Skeleton height={22} width={64} my={3} /> : '–')}</dd>
    </div>
  )
}
