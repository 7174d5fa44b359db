import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle'
import { useId } from 'react'
import type { Circuit, RouteDetails, RouteView } from '../../../src/deliveries/contract.ts'
import { hasManyUnknown } from '../../../src/deliveries/status/route-health.ts'
import { countOf, percentOf, sinceOf, spanOf, whenOf } from '../../ui/format/format.ts'
import { useAtTime, useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { kinds } from './kinds.ts'
import classes from './Routes.module.css'
import { meanAnswerOf, type Reading, ratesOf } from './rates.ts'
import { Sparkline } from './Sparkline.tsx'

const stateTones: Record<RouteView['state'], Tone> = {
  bound: 'open',
  connecting: 'warn',
  down: 'bad',
  stopped: 'neutral',
}
const circuitTones: Record<Circuit, Tone> = { closed: 'neutral', half_open: 'warn', open: 'bad' }

/** Below this rate, the provider is merely slow. */
const SILENT_MS = 2000
/** A rate older than this is no longer current. */
const FRESH_MS = 5000

/** Shows one SMS gateway: whether it is used, what it is doing, and its errors. */
export function RouteCard(props: { route: RouteView; details: RouteDetails; readings: readonly Reading[] }) {
  const { t, lang } = useText()
  const title = useId()
  const { route, details } = props
  const { totals } = details
  const marks = [
    kinds[details.kind],
    route.simulated ? t('routes.simulated') : null,
    t('routes.workersOf', { count: details.workers }),
  ]
  return (
    <section className={classes.card} aria-labelledby={title}>
      <header className={classes.cardHead}>
        <div>
          <h2 id={title}>{route.name}</h2>
          <p className={classes.mute}>{marks.filter((mark) => mark !== null).join(' · ')}</p>
        </div>
        <div className={classes.tags}>
          <StateTag tone={stateTones[route.state]}>{t(`route.state.${route.state}`)}</StateTag>
          <StateTag tone={circuitTones[route.circuit]}>{t(`route.circuit.${route.circuit}`)}</StateTag>
        </div>
      </header>
      <Remarks route={route} details={details} />
      <div className={classes.now}>
        <Rate route={route} details={details} readings={props.readings} />
        <Window details={details} />
        <Answer details={details} readings={props.readings} />
      </div>
      <dl className={classes.figures}>
        {(
          ['submitted', 'accepted', 'refused', 'throttled', 'unanswered', 'receipts', 'linksLost'] as const
        ).map((name) => (
          <div key={name} data-count={name} data-some={totals[name] > 0 || undefined}>
            <dt>{t(`routes.total.${name}`)}</dt>
            <dd>
              {countOf(lang, totals[name])}
              {name === 'receipts' && <UnknownShare totals={totals} />}
            </dd>
          </div>
        ))}
      </dl>
      {details.refusals.length > 0 && (
        <div className={classes.refusals}>
          <h3>{t('routes.refusals')}</h3>
          <ul>
            {details.refusals.map(({ code, count, meaning }) => (
              <li key={code}>
                <b>{countOf(lang, count)}</b>
                <span>
                  {meaning} <code>{`0x${code.toString(16).toUpperCase().padStart(2, '0')}`}</code>
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}

/** Shows the share of receipts since the start that match no message. */
function UnknownShare({ totals }: { totals: RouteDetails['totals'] }) {
  const { t, lang } = useText()
  const unknown = Math.max(0, totals.unknownReceipts - totals.foundReceipts)
  if (totals.receipts === 0) return null
  const share = Math.min(1, unknown / totals.receipts)
  return <small data-unknown={unknown}>{t('routes.unknownShare', { share: percentOf(lang, share) })}</small>
}

/** Lists what is out of order, and what recovers by itself. */
function Remarks(props: { route: RouteView; details: RouteDetails }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { route, details } = props
  const { lastError: error, errorSince, stateSince } = details
  const lines: string[] = []
  if (route.state !== 'bound') {
    lines.push(
      stateSince === null
        ? t(`routes.advice.${route.state}`)
        : `${t(`routes.advice.${route.state}`)} ${t('routes.since', { when: sinceOf(lang, stateSince, now) })}`,
    )
  }
  // A route that is down is excluded for that reason.
  if (route.circuit !== 'closed' && (route.state === 'bound' || route.circuit === 'half_open'))
    lines.push(t(`routes.advice.${route.circuit}`))
  const { received, unknown } = details.recentReceipts
  if (hasManyUnknown(details.recentReceipts))
    lines.push(t('routes.unknownReceipts', { share: percentOf(lang, Math.min(1, unknown / received)) }))
  if (details.silentMs >= SILENT_MS) lines.push(t('routes.silent', { span: spanOf(lang, details.silentMs) }))
  const past =
    error === null
      ? null
      : errorSince === null
        ? t('routes.lastError', { error })
        : t('routes.lastErrorAt', { error, when: whenOf(lang, errorSince, now) })
  if (lines.length === 0) return past === null ? null : <p className={classes.mute}>{past}</p>
  return (
    <div className={classes.remarks}>
      <IconAlertTriangle size={18} stroke={1.8} aria-hidden />
      <div>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {past !== null && <p>{past}</p>}
      </div>
    </div>
  )
}

function Rate(props: { route: RouteView; details: RouteDetails; readings: readonly Reading[] }) {
  const { t, lang } = useText()
  const rates = ratesOf(props.readings)
  const last = rates.at(-1)
  const isFresh = useAtTime((now) => last !== undefined && now - last.at < FRESH_MS)
  const rate = isFresh && last !== undefined ? last.perSecond : null
  const { partsPerSecond: limit } = props.details
  return (
    <div className={classes.rate}>
      <p className={classes.label}>{t('routes.rate')}</p>
      <p className={classes.big}>
        <b>{rate === null ? '–' : countOf(lang, Math.round(rate))}</b>
        <span>
          {limit === null
            ? t('routes.unit')
            : t('routes.unitOf', { limit: countOf(lang, Math.round(limit)) })}
        </span>
      </p>
      <Sparkline route={props.route.name} rates={rates} />
    </div>
  )
}

function Window(props: { details: RouteDetails }) {
  const { t, lang } = useText()
  const { inFlight, window } = props.details
  return (
    <div>
      <p className={classes.label}>{t('routes.window')}</p>
      <p className={classes.big}>
        <b>{countOf(lang, inFlight)}</b>
        <span>{t('routes.windowOf', { window: countOf(lang, window) })}</span>
      </p>
      <div className={classes.meter} aria-hidden>
        <span style={{ width: `${window === 0 ? 0 : Math.min(100, (100 * inFlight) / window)}%` }} />
      </div>
    </div>
  )
}

function Answer(props: { details: RouteDetails; readings: readonly Reading[] }) {
  const { t, lang } = useText()
  const { totals } = props.details
  const recent = meanAnswerOf(props.readings)
  const answered = totals.accepted + totals.refused + totals.throttled
  const ever = answered > 0 ? totals.answerMs / answered : null
  const mean = recent ?? ever
  return (
    <div>
      <p className={classes.label}>{t('routes.answer')}</p>
      <p className={classes.big}>
        <b>{mean === null ? '–' : spanOf(lang, mean)}</b>
        <span>
          {mean === null
            ? t('routes.answer.none')
            : t(recent === null ? 'routes.answer.ever' : 'routes.answer.recent')}
        </span>
      </p>
    </div>
  )
}
