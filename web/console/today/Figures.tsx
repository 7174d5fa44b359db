import type { Today } from '../../../src/today/contract.ts'
import { countOf, monthNameOf, monthOf, percentOf, spanOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './Today.module.css'

type Month = Today['months'][number]

/** The four figures of the month, each with what it is compared with and a bar for each of twelve months. */
export function Figures(props: { today: Today }) {
  const { t, lang } = useText()
  const { months, members, yearMedian } = props.today
  const [sameMonth] = months
  const year = months.slice(1)
  const current = year.at(-1)
  const before = year.at(-2)
  if (current === undefined || sameMonth === undefined) return null
  const month = monthNameOf(lang, current.month)
  const share = ({ planned, delivered }: Month) => (planned === 0 ? null : delivered / planned)
  const now = share(current)
  const counted = year.map((one) => (one === current ? members : one.members))
  const known = before?.members ?? null
  return (
    <section className={classes.figures} aria-label={t('today.figures')}>
      <Figure
        title={t('today.members')}
        value={countOf(lang, members)}
        compared={
          known === null || before === undefined
            ? t('today.members.first')
            : t('today.members.change', {
                way: members > known ? 'more' : members < known ? 'fewer' : 'same',
                shown: countOf(lang, Math.abs(members - known)),
                month: monthNameOf(lang, before.month),
              })
        }
        bars={counted}
      />
      <Figure
        title={t('today.month.alerts', { month })}
        value={countOf(lang, current.alerts)}
        compared={t('today.month.alerts.before', {
          count: sameMonth.alerts,
          month: monthOf(lang, sameMonth.month),
        })}
        bars={year.map(({ alerts }) => alerts)}
      />
      <Figure
        title={t('today.median')}
        value={current.median === null ? null : spanOf(lang, current.median)}
        compared={
          yearMedian === null
            ? t('today.median.none')
            : t('today.median.year', { span: spanOf(lang, yearMedian) })
        }
        bars={year.map(({ median }) => median)}
      />
      <Figure
        title={t('today.delivered')}
        value={now === null ? null : percentOf(lang, now)}
        compared={
          now === null
            ? t('today.delivered.none')
            : t('today.delivered.of', {
                delivered: countOf(lang, current.delivered),
                planned: countOf(lang, current.planned),
              })
        }
        bars={year.map(share)}
      />
    </section>
  )
}

function Figure(props: {
  title: string
  /** Null: nothing to measure this month. */
  value: string | null
  compared: string
  bars: readonly (number | null)[]
}) {
  const { title, value, compared, bars } = props
  const most = Math.max(...bars.map((bar) => bar ?? 0), Number.MIN_VALUE)
  return (
    <div className={classes.figure}>
      <h2>{title}</h2>
      <p className={classes.value}>{value ?? '–'}</p>
      <p className={classes.compared}>{compared}</p>
      <svg className={classes.bars} viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden>
        {bars.map((bar, index) => {
          const height = bar === null ? 0 : Math.max(1, (32 * bar) / most)
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: the place in the year
              key={index}
              x={index * 10 + 1}
              y={32 - height}
              width={8}
              height={height}
              data-now={index === bars.length - 1 || undefined}
            />
          )
        })}
      </svg>
    </div>
  )
}
