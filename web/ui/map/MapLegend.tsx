import { useNarrow } from '../account/device.ts'
import { type TextKey, useText } from '../format/text.ts'
import classes from './MapLegend.module.css'
import type { MapPaint } from './TerritoryMap.tsx'

/** Explains what the map shows; on a phone it opens over a map that is only read, which needs the space. */
export function MapLegend(props: MapPaint & { area: TextKey }) {
  const { t } = useText()
  const isNarrow = useNarrow()
  const { counts, paint, place, tint } = props
  // The tools of a map that is drawn on are where it would open.
  const isRead = props.onPick === undefined && props.onStroke === undefined
  const counted = counts === undefined ? [] : [...counts].filter(([, count]) => count > 0)
  const entries: [className: string | undefined, text: string][] = [
    [tint === 'green' ? classes.share : classes.area, t(props.area)],
  ]
  if (counted.some(([code]) => paint.has(code)))
    entries.push([tint === 'green' ? classes.edged : classes.inside, t('map.legend.inside')])
  if (counted.some(([code]) => !paint.has(code))) entries.push([classes.outside, t('map.legend.outside')])
  if (place !== undefined) entries.push([classes.place, t('map.legend.place')])
  const list = (
    <ul className={classes.legend} aria-label={t('map.legend')}>
      {entries.map(([className, text]) => (
        <li key={text}>
          <span className={className} aria-hidden />
          {text}
        </li>
      ))}
    </ul>
  )
  if (!isNarrow || !isRead) return list
  return (
    <details className={classes.folded}>
      <summary>
        <span>{t('map.legend.short')}</span>
      </summary>
      {list}
    </details>
  )
}
