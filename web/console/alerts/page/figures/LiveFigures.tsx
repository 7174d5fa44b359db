import { useEffect, useState } from 'react'
import type { AlertView } from '../../../../../src/alerts/contract.ts'
import type { Progress } from '../../../../../src/deliveries/contract.ts'
import { DeliveryBar } from '../../../../ui/alert/DeliveryBar.tsx'
import { clockOf, countOf, percentOf, spanOf } from '../../../../ui/format/format.ts'
import { useNow } from '../../../../ui/format/now.ts'
import { useText } from '../../../../ui/format/text.ts'
import classes from './LiveFigures.module.css'

const ANNOUNCE_EVERY_MS = 4000

/** Shows the delivery bar with live figures, and the times since the call. */
export function LiveFigures(props: { alert: AlertView; progress: Progress }) {
  const { t, lang } = useText()
  const { alert, progress } = props
  const states = [
    { key: 'delivered', count: progress.delivered, always: true },
    { key: 'accepted', count: progress.accepted, always: true },
    { key: 'waiting', count: progress.waiting, always: progress.state === 'running' },
    { key: 'inDoubt', count: progress.inDoubt, always: true },
    { key: 'failed', count: progress.failed, always: true },
    { key: 'expired', count: progress.expired, always: false },
    { key: 'withdrawn', count: progress.withdrawn, always: false },
  ] as const
  return (
    <div className={classes.live}>
      <p className={classes.big}>
        <b>{countOf(lang, progress.delivered)}</b>{' '}
        {t('live.of', { planned: countOf(lang, progress.planned) })}
        <span className={classes.percent}>
          {percentOf(lang, progress.planned === 0 ? 0 : progress.delivered / progress.planned)}
        </span>
      </p>
      <DeliveryBar tall progress={progress} label={t('progress.label', { reference: alert.reference })} />
      <dl className={classes.figures}>
        <div data-state="planned">
          <dt>{t('live.planned')}</dt>
          <dd>{countOf(lang, progress.planned)}</dd>
        </div>
        {states
          .filter((one) => one.always || one.count > 0)
          .map((one) => (
            <div key={one.key} data-state={one.key} data-some={one.count > 0 || undefined}>
              <dt>{t(`live.${one.key}`)}</dt>
              <dd>{countOf(lang, one.count)}</dd>
            </div>
          ))}
      </dl>
      {progress.accepted > 0 && progress.allAcceptedMs !== null && (
        <p className={classes.note}>{t('live.awaiting', { count: progress.accepted })}</p>
      )}
      {progress.possibleDuplicates > 0 && (
        <p className={classes.warn}>{t('live.duplicates', { count: progress.possibleDuplicates })}</p>
      )}
      {progress.resent > 0 && <p className={classes.note}>{t('live.resent', { count: progress.resent })}</p>}
      {progress.state === 'stopped' && <p className={classes.warn}>{t('live.stopped')}</p>}
      <Times alert={alert} progress={progress} />
      <Spoken progress={progress} />
    </div>
  )
}

/** Shows call → order → first SMS → all accepted: the times by which the product is measured. */
function Times(props: { alert: AlertView; progress: Progress }) {
  const { t, lang } = useText()
  const now = useNow()
  const { alert, progress } = props
  const ordered = Date.parse(progress.orderedAt)
  const toOrder = ordered - Date.parse(alert.calledAt)
  const pending = (milliseconds: number | null) =>
    milliseconds === null
      ? progress.state === 'running'
        ? clockOf(lang, now - ordered)
        : '–'
      : spanOf(lang, milliseconds)
  return (
    <ol className={classes.times}>
      <li>
        <span>{t('times.toOrder')}</span>
        <b>{spanOf(lang, Math.max(0, toOrder))}</b>
      </li>
      <li>
        <span>{t('times.first')}</span>
        <b>{pending(progress.firstSubmitMs)}</b>
      </li>
      <li>
        <span>{t('times.all')}</span>
        {/* Withdrawn messages were never accepted. */}
        <b>{progress.withdrawn > 0 ? '–' : pending(progress.allAcceptedMs)}</b>
      </li>
      <li>
        <span>{t('times.done')}</span>
        <b>{pending(progress.doneMs)}</b>
      </li>
    </ol>
  )
}

/** Announces the progress to screen readers: not too often, and once more at the end. */
function Spoken(props: { progress: Progress }) {
  const { t } = useText()
  const { progress } = props
  const words =
    progress.state === 'done'
      ? t('live.spokenDone', { delivered: progress.delivered, planned: progress.planned })
      : t('progress.words', {
          delivered: progress.delivered,
          accepted: progress.accepted,
          waiting: progress.waiting,
          inDoubt: progress.inDoubt,
          failed: progress.failed,
          planned: progress.planned,
        }) + (progress.state === 'stopped' ? `. ${t('live.stopped')}` : '')
  const [spoken, setSpoken] = useState(words)
  useEffect(() => {
    if (progress.state !== 'running') return setSpoken(words)
    const timer = setTimeout(() => setSpoken(words), ANNOUNCE_EVERY_MS)
    return () => clearTimeout(timer)
  }, [words, progress.state])
  return (
    <p className={classes.hidden} role="status" aria-live="polite">
      {spoken}
    </p>
  )
}
