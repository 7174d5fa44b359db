import type { AlertPage } from '../../../../../src/alerts/contract.ts'
import type { Progress } from '../../../../../src/deliveries/contract.ts'
import { spanOf } from '../../../../ui/format/format.ts'
import { useNow } from '../../../../ui/format/now.ts'
import { useText } from '../../../../ui/format/text.ts'
import classes from './Curve.module.css'

type Point = AlertPage['curve'][number]

const WIDTH = 600
const HEIGHT = 120

function lineOf(
  points: readonly Point[],
  value: (point: Point) => number,
  longest: number,
  most: number,
): string {
  return points
    .map((point, index) => {
      const x = ((WIDTH * point.ms) / longest).toFixed(1)
      const y = (HEIGHT - (HEIGHT * value(point)) / most).toFixed(1)
      return `${index === 0 ? 'M' : 'L'}${x} ${y}`
    })
    .join('')
}

/** Draws the messages accepted by the provider and delivered over time, since the order. */
export function Curve(props: { points: readonly Point[]; progress: Progress }) {
  const { t, lang } = useText()
  const now = useNow()
  const { points, progress } = props
  if (points.length === 0 || progress.planned === 0) return null
  // Nothing changes before the first message is sent.
  const still = [0, progress.firstSubmitMs ?? 0].map((ms) => ({ ms, accepted: 0, delivered: 0, failed: 0 }))
  const begun: Point[] = [...still, ...points]
  // The last values are extended to the present, so that a standstill is visible.
  const last = begun.at(-1)
  const sinceOrder = now - Date.parse(progress.orderedAt)
  if (progress.state === 'running' && last !== undefined && sinceOrder > last.ms)
    begun.push({ ...last, ms: sinceOrder })
  const longest = Math.max(1, begun.at(-1)?.ms ?? 1)
  const handed = lineOf(
    begun,
    (point) => Math.min(progress.planned, point.accepted),
    longest,
    progress.planned,
  )
  const delivered = lineOf(begun, (point) => point.delivered, longest, progress.planned)
  return (
    <figure className={classes.curve}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('curve.label', { span: spanOf(lang, longest) })}
      >
        <path
          className={classes.grid}
          d={`M0 ${HEIGHT / 2}H${WIDTH}M0 0.5H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}`}
        />
        <path className={classes.area} d={`${delivered}V${HEIGHT}H0Z`} />
        <path className={classes.handed} d={handed} />
        <path className={classes.delivered} d={delivered} />
      </svg>
      <figcaption>
        <span>0</span>
        <span className={classes.legend}>
          <span data-line="handed">{t('curve.handed')}</span>
          <span data-line="delivered">{t('curve.delivered')}</span>
        </span>
        <span>{spanOf(lang, longest)}</span>
      </figcaption>
    </figure>
  )
}
