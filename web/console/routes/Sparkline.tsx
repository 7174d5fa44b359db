import { countOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './Routes.module.css'
import { type Rate, SHOWN_MS } from './rates.ts'

const WIDTH = 480
const HEIGHT = 56
const MINUTES = SHOWN_MS / 60_000

/** Returns an SVG path for each run of rates without a gap. */
function linesOf(rates: readonly Rate[], end: number, most: number): { line: string; area: string }[] {
  const runs: { x: number; y: number }[][] = [[]]
  for (const { at, perSecond } of rates) {
    if (perSecond === null) {
      if (runs.at(-1)?.length !== 0) runs.push([])
      continue
    }
    const x = Math.max(0, WIDTH * (1 - (end - at) / SHOWN_MS))
    runs.at(-1)?.push({ x, y: HEIGHT - (HEIGHT - 2) * (perSecond / most) })
  }
  return runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const points = run.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`)
      // A single point is drawn as a dot by a line of minimal length.
      const line = `M${points.join('L')}${run.length === 1 ? 'h1' : ''}`
      return { line, area: `${line}V${HEIGHT}H${run[0]?.x.toFixed(1)}Z` }
    })
}

/** Shows how fast a route accepted messages over the last two minutes; now is at the right. */
export function Sparkline(props: { route: string; rates: readonly Rate[] }) {
  const { t, lang } = useText()
  const { route, rates } = props
  const known = rates.flatMap((rate) => rate.perSecond ?? [])
  const most = Math.max(0, ...known)
  const end = rates.at(-1)?.at ?? 0
  const values = {
    route,
    most: countOf(lang, Math.round(most)),
    least: countOf(lang, Math.round(Math.min(...known))),
    now: countOf(lang, Math.round(known.at(-1) ?? 0)),
  }
  return (
    <figure className={classes.spark}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={known.length === 0 ? t('routes.spark.none', { route }) : t('routes.spark', values)}
      >
        <path className={classes.base} d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        {linesOf(rates, end, Math.max(1, most)).map(({ line, area }) => (
          <g key={line}>
            <path className={classes.area} d={area} />
            <path className={classes.line} d={line} />
          </g>
        ))}
      </svg>
      <figcaption>
        <span>{t('routes.spark.past', { minutes: MINUTES })}</span>
        {most > 0 && <span>{t('routes.spark.most', { most: values.most })}</span>}
        <span>{t('routes.spark.now')}</span>
      </figcaption>
    </figure>
  )
}
