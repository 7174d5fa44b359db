import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { AlertPage, AlertView } from '../../../../src/alerts/contract.ts'
import type { Progress } from '../../../../src/deliveries/contract.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { ExerciseBanner } from '../../../ui/alert/Exercise.tsx'
import { authorOf, eventOf } from '../../../ui/format/event.ts'
import { countOf, momentOf, preciseTimeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { type FormatMessage, useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { isPreventionAlert } from '../../room/doctrine/doctrine.ts'
import { textAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import { AlertStateTag } from '../state.tsx'
import classes from './Sheet.module.css'

/** On paper every instant is printed with its day, so the year is compared with one after all of them. */
const LATER = 0

/**
 * The printed facts of an alert: what was sent, who decided, how many it reached, and its timeline. The server leaves
 * out what the user may not see, so it is missing here too.
 */
export function Sheet(props: { page: AlertPage }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme, user, may } = useCurrent()
  const { alert, events } = props.page
  return (
    <article className={classes.sheet}>
      <header>
        <p className={classes.scheme}>{scheme.name}</p>
        <h1>
          {t('sheet.title', { reference: alert.reference })}
          <AlertStateTag state={alert.state} />
        </h1>
        <p className={classes.what}>{eventOf(lang, alert)}</p>
        {alert.exercise && <ExerciseBanner />}
        {alert.simulated && !alert.exercise && <p>{t('alert.simulated')}</p>}
        {alert.doctrine.level === 'precise' && !alert.hidden && (
          <p className={classes.caution}>{t('sheet.precise')}</p>
        )}
      </header>
      <Messages alert={alert} />
      {may('report.read') && <Decision alert={alert} />}
      <Audience page={props.page} />
      <section>
        <h2>{t('alert.timeline')}</h2>
        <ol className={classes.timeline}>
          {events.map((event) => (
            <li key={`${event.kind}${event.at}`}>
              <time dateTime={event.at}>{preciseTimeOf(lang, event.at, LATER)}</time>
              <span>
                {[t(`event.${event.kind}`, event.values), event.by && authorOf(t, event.by)]
                  .filter(Boolean)
                  .join(' · ')}
                {event.reason !== null && <small>{t('text.quote', { text: event.reason })}</small>}
              </span>
            </li>
          ))}
        </ol>
      </section>
      <footer>
        {t('sheet.printed', { when: momentOf(lang, now, LATER), who: user.name, scheme: scheme.name })}
      </footer>
    </article>
  )
}

/** Shows every message as phones received it; for an alert not sent yet, the message to be sent. */
function Messages(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const { alert } = props
  if (alert.broadcasts.length === 0) {
    return (
      <section>
        <h2>{t('sheet.unsent')}</h2>
        <blockquote>{alert.hidden ? t('alert.hidden') : textAsSent(alert)}</blockquote>
      </section>
    )
  }
  return (
    <section>
      <h2>{t('alert.messages', { count: alert.broadcasts.length })}</h2>
      {alert.broadcasts.map((one) => (
        <div key={one.id} className={classes.message}>
          <p>
            <b>{t(`message.${one.kind}`)}</b> · {momentOf(lang, one.orderedAt, LATER)} ·{' '}
            {authorOf(t, one.orderedBy)} · {t('alert.parts.count', { parts: one.parts })}
          </p>
          <blockquote>{one.text === '' ? t('message.hidden') : one.text}</blockquote>
          {one.progress !== null && <p>{countsOf(t, lang, one.progress)}</p>}
        </div>
      ))}
    </section>
  )
}

function countsOf(t: FormatMessage, lang: 'fr' | 'en', progress: Progress): string {
  const states = [
    'planned',
    'delivered',
    'accepted',
    'waiting',
    'inDoubt',
    'failed',
    'expired',
    'withdrawn',
  ] as const
  return states
    .filter((one) => one === 'planned' || one === 'delivered' || progress[one] > 0)
    .map((one) => t('sheet.count', { name: t(`live.${one}`), shown: countOf(lang, progress[one]) }))
    .join(' · ')
}

/** Shows the author, their answers, the decision, and the prosecutor's authorisation. */
function Decision(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const { alert } = props
  const { approval, authorisation, doctrine, zone } = alert
  const when = (at: string | null) => (at === null ? '' : momentOf(lang, at, LATER))
  const { decision } = approval
  return (
    <section>
      <h2>{t('alert.decision')}</h2>
      <dl>
        <Line name={t('sheet.facts')}>{momentOf(lang, alert.occurredAt, LATER)}</Line>
        <Line name={t('sheet.call')}>{momentOf(lang, alert.calledAt, LATER)}</Line>
        <Line name={t('sheet.written')}>
          {[alert.createdBy, momentOf(lang, alert.createdAt, LATER)].join(', ')}
        </Line>
        {approval.submittedBy !== null && (
          <Line name={t('sheet.submitted')}>
            {[approval.submittedBy, when(approval.submittedAt)].join(', ')}
          </Line>
        )}
        {decision !== null && (
          <Line name={t(`sheet.${decision}`)} note={approval.reason}>
            {[approval.decidedBy, when(approval.decidedAt)].filter(Boolean).join(', ')}
          </Line>
        )}
        {approval.review !== null && (
          <Line name={t('sheet.review')} note={approval.reviewNote}>
            {approval.review === 'open'
              ? t('sheet.review.open')
              : [t(`review.verdict.${approval.review}`), approval.reviewedBy, when(approval.reviewedAt)].join(
                  ', ',
                )}
          </Line>
        )}
        {alert.orderedBy !== null && (
          <Line name={t('sheet.ordered')}>{[alert.orderedBy, when(alert.orderedAt)].join(', ')}</Line>
        )}
        <Line name={t('doctrine.level')}>{t(`doctrine.level.${doctrine.level}`)}</Line>
        {!isPreventionAlert(alert) && (
          <Line name={t('answer.title')}>
            {[
              t('answer.offence', { answer: String(doctrine.offence) }),
              t('answer.arrested', { answer: String(doctrine.arrested) }),
            ].join(', ')}
          </Line>
        )}
        {!zone.inside && (
          <Line name={t('sheet.zone')} note={zone.reason}>
            {zone.agency === null ? t('answer.outside') : t('answer.outside.of', { agency: zone.agency })}
          </Line>
        )}
        {authorisation !== null && (
          <Line name={t('authorisation.title')} note={authorisation.scope || null}>
            {[
              authorisation.magistrate,
              authorisation.service,
              when(authorisation.givenAt),
              t(authorisation.valid ? 'sheet.valid' : 'sheet.void'),
            ].join(', ')}
          </Line>
        )}
        {alert.outcome !== null && (
          <Line name={t('outcome.button')} note={alert.outcome.note}>
            {[
              t(`outcome.${alert.outcome.outcome}`),
              alert.outcome.by,
              momentOf(lang, alert.outcome.at, LATER),
            ].join(', ')}
          </Line>
        )}
        {!alert.hidden && (
          <Line name={t('sheet.hash')}>
            <span className={classes.hash}>{alert.contentHash}</span>
          </Line>
        )}
      </dl>
    </section>
  )
}

/** Shows the audience, and how many were reached in each commune. */
function Audience(props: { page: AlertPage }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alert, byCommune, copies, heldBack } = props.page
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const names = alert.trades.map((code) => tradeNameOf(lang, trades, code))
  const { quiet, fatigue } = heldBack
  return (
    <section>
      <h2>{t('sheet.audience')}</h2>
      <dl>
        <Line name={t('confirm.area')}>{alert.areaLabel}</Line>
        <Line name={t('room.trades')}>{names.length === 0 ? t('room.trades.all') : names.join(', ')}</Line>
        {alert.progress !== null && (
          <Line name={t('recipients.title', { total: alert.progress.planned })}>
            {countsOf(t, lang, alert.progress)}
          </Line>
        )}
        {quiet + fatigue > 0 && (
          <Line name={t('sheet.heldBack')}>
            {t('alert.heldBack', { count: quiet + fatigue, quiet, fatigue })}
          </Line>
        )}
        {copies.length > 0 && (
          <Line name={t('alert.copies')}>
            {copies
              .map(({ name, state }) => `${name || t('alert.copies.gone')} (${t(`delivery.state.${state}`)})`)
              .join(', ')}
          </Line>
        )}
      </dl>
      {byCommune.length > 0 && (
        <ul className={classes.communes} aria-label={t('alert.communes', { communes: byCommune.length })}>
          {byCommune.map((one) => (
            <li key={one.code}>
              <span>{one.name}</span> {countOf(lang, one.delivered)} / {countOf(lang, one.planned)}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Line(props: { name: string; note?: string | null; children: ReactNode }) {
  const { t } = useText()
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>
        {props.children}
        {props.note != null && <small>{t('text.quote', { text: props.note })}</small>}
      </dd>
    </div>
  )
}
