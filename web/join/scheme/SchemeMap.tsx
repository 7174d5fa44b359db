import { useElementSize } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { PublicMap } from '../../../src/territory/contract.ts'
import { useText } from '../../ui/format/text.ts'
import { WEIGHTS, widthOf } from '../../ui/map/labels/labelWidth.ts'
import { LABEL_PX, layOutMap } from '../../ui/map/labels/mapLayout.ts'
import { publicMapQuery } from '../queries.ts'
import classes from './SchemeMap.module.css'

/** Largest height of a drawing, in pixels. */
const HIGHEST = 420
/** Radius of the dot of a town, in pixels. */
const DOT = 2.5
/** Number of towns that the description of a drawing names. */
const DESCRIBED = 6

/** The territory of a scheme and its towns; left out while it is loading, and where nothing can be drawn. */
export function SchemeMap(props: { schemeId: string }) {
  const { t } = useText()
  const map = useQuery(publicMapQuery(props.schemeId))
  const parts = map.data?.parts.filter(({ outline }) => outline !== '') ?? []
  if (map.isPending) return <div className={classes.waiting} role="img" aria-label={t('map.loading')} />
  if (parts.length === 0) return null
  const sources = map.data?.sources.length ? map.data.sources : [t('map.source.shipped')]
  return (
    <section aria-labelledby="territoire">
      <h2 id="territoire">{t('join.map')}</h2>
      <figure className={classes.map}>
        {parts.map((part) => (
          <Drawing key={part.outline} part={part} />
        ))}
        <figcaption>{t('map.source', { sources: sources.join(', ') })}</figcaption>
      </figure>
    </section>
  )
}

function Drawing(props: { part: PublicMap['parts'][number] }) {
  const { t, lang } = useText()
  const { part } = props
  const { ref, width: room } = useElementSize()
  const scale = Math.min(room / part.width, HIGHEST / part.height)
  const [width, height] = [part.width * scale, part.height * scale]
  const towns = useMemo(() => {
    const spots = part.towns.map(({ name, population, x, y }) => ({
      code: name,
      name,
      population,
      x: x * scale,
      y: y * scale,
      count: 0,
      inside: true,
    }))
    const kilometresPerPixel = part.kilometresPerUnit / scale
    // A name may stand beside the territory.
    const aside = (room - width) / 2
    const { labels } = layOutMap(
      spots.map((spot) => ({ ...spot, x: spot.x + aside })),
      { width: room, height, kilometresPerPixel, widthOf, dot: DOT },
    )
    const named = new Set(labels.map(({ code }) => code))
    return { aside, labels, dots: spots.filter(({ code }) => named.has(code)) }
  }, [part, scale, room, width, height])
  const names = new Intl.ListFormat(lang).format(part.towns.slice(0, DESCRIBED).map(({ name }) => name))
  return (
    <div ref={ref} style={{ aspectRatio: `${part.width} / ${part.height}`, maxHeight: HIGHEST }}>
      {room > 0 && (
        <svg width={room} height={height} role="img" aria-label={t('join.map.what', { names })}>
          <g transform={`translate(${towns.aside} 0)`}>
            <path className={classes.land} d={part.outline} transform={`scale(${scale})`} />
            {towns.dots.map(({ code, x, y }) => (
              <circle key={code} className={classes.town} cx={x} cy={y} r={DOT} />
            ))}
          </g>
          {towns.labels.map(({ code, text, x, y, size }) => (
            <text
              key={code}
              className={classes.name}
              x={x}
              y={y}
              fontSize={LABEL_PX[size]}
              fontWeight={WEIGHTS[size]}
            >
              {text}
            </text>
          ))}
        </svg>
      )}
    </div>
  )
}
