import type { Progress } from '../../../src/deliveries/contract.ts'
import { useText } from '../format/text.ts'
import classes from './DeliveryBar.module.css'

type Figures = Omit<Progress, 'state' | 'orderedAt'>

const SEGMENTS = ['delivered', 'accepted', 'inDoubt', 'failed', 'expired', 'withdrawn'] as const

/** Shows the states of a broadcast's messages in one bar. The rest of the bar has not been sent. */
export function DeliveryBar(props: { progress: Figures; label: string; tall?: boolean }) {
  const { t } = useText()
  const { progress } = props
  return (
    <div
      className={classes.bar}
      data-tall={props.tall || undefined}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={progress.planned}
      aria-valuenow={progress.delivered}
      aria-valuetext={t('progress.words', {
        delivered: progress.delivered,
        accepted: progress.accepted,
        waiting: progress.waiting,
        inDoubt: progress.inDoubt,
        failed: progress.failed,
        planned: progress.planned,
      })}
    >
      {SEGMENTS.map((segment) => (
        <span
          key={segment}
          data-segment={segment}
          style={{ width: `${progress.planned === 0 ? 0 : (100 * progress[segment]) / progress.planned}%` }}
        />
      ))}
    </div>
  )
}
