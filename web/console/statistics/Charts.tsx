import IconDownload from '@tabler/icons-react/icons/IconDownload'
import type { ReactElement } from 'react'
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import type { Statistics, StatisticsTable } from '../../../src/statistics/contract.ts'
import { countOf, monthOf, percentOf, spanOf } from '../../ui/format.ts'
import { labelOf, useText } from '../../ui/text.ts'
import classes from './StatisticsPage.module.css'
import { spanTicks } from './ticks.ts'

/** Maximum width of a label beside a bar. */
const LABEL_WIDTH = 150
const BAR_HEIGHT = 30
const FATIGUE = ['none', 'one', 'two', 'three', 'more'] as const

/** Shows a chart for each subject, with its figures as a table and as a file. */
export function Charts(props: { statistics: Statistics; csvOf: (table: StatisticsTable) => string }) {
  const { t, lang } = useText()
  const { statistics, csvOf } = props
  const count = (value: number | null) => (value === null ? '–' : countOf(lang, value))
  const span = (ms: number | null) => (ms === null ? '–' : spanOf(lang, ms))
  const months = statistics.months.map((one) => ({
    ...one,
    name: shortMonth(lang, one.month),
    median: one.times.median,
    p90: one.times.p90,
  }))
  const timeTicks = spanTicks(Math.max(0, ...months.flatMap(({ median, p90 }) => [median ?? 0, p90 ?? 0])))
  const places = [
    ...statistics.places.list.map((one) => ({ name: one.name, alerts: one.alerts })),
    ...(statistics.places.elsewhere === 0
      ? []
      : [{ name: t('figures.elsewhere'), alerts: statistics.places.elsewhere }]),
  ]
  const categories = statistics.categories.map((one) => ({ name: labelOf(lang, one), alerts: one.alerts }))
  const hours = statistics.hours.map((alerts, hour) => ({ name: t('figures.hour', { hour }), alerts }))
  const routes = statistics.routes.map((one) => ({
    ...one,
    name: one.gateway === '' ? t('figures.noRoute') : one.gateway,
  }))
  const fatigue = FATIGUE.map((name, index) => ({
    name: name === 'more' ? t('figures.fourOrMore') : t('figures.alertsInWeek', { count: index }),
    numbers: statistics.fatigue[name],
  }))
  const perMonth = (cells: (month: (typeof months)[number]) => readonly string[]) =>
    months.toReversed().map((month) => [monthOf(lang, month.month), ...cells(month)])

  return (
    <div className={classes.charts}>
      <Figure
        title={t('figures.times')}
        hint={t('figures.times.hint')}
        csv={csvOf('months')}
        columns={[t('statistics.month'), t('figures.median.short'), t('figures.ninety.short')]}
        rows={perMonth(({ median, p90 }) => [span(median), span(p90)])}
        isEmpty={months.every(({ median, p90 }) => median === null && p90 === null)}
        height={240}
      >
        <LineChart data={months} margin={MARGIN} accessibilityLayer={false}>
          {GRID}
          <XAxis dataKey="name" {...AXIS} interval="equidistantPreserveStart" />
          <YAxis
            {...AXIS}
            width={72}
            ticks={timeTicks}
            domain={[0, timeTicks.at(-1) ?? 0]}
            tickFormatter={(ms: number) => (ms === 0 ? '0' : spanOf(lang, ms))}
          />
          {tooltip(span)}
          {LEGEND}
          <Line name={t('figures.median.short')} dataKey="median" stroke="var(--accent)" {...LINE} />
          <Line
            name={t('figures.ninety.short')}
            dataKey="p90"
            stroke="var(--amber)"
            strokeDasharray="5 4"
            {...LINE}
          />
        </LineChart>
      </Figure>
      <Figure
        title={t('figures.volumes')}
        csv={csvOf('months')}
        columns={[
          t('statistics.month'),
          ...(statistics.calls === null ? [] : [t('figures.calls')]),
          t('figures.alerts'),
          t('figures.delivered'),
        ]}
        rows={perMonth((month) => [
          ...(statistics.calls === null ? [] : [count(month.calls)]),
          count(month.alerts),
          count(month.reach.delivered),
        ])}
        isEmpty={months.every(({ calls, alerts }) => (calls ?? 0) === 0 && alerts === 0)}
        height={240}
      >
        <BarChart data={months} margin={MARGIN} accessibilityLayer={false}>
          {GRID}
          <XAxis dataKey="name" {...AXIS} interval="equidistantPreserveStart" />
          <YAxis {...AXIS} width={40} allowDecimals={false} />
          {tooltip(count)}
          {LEGEND}
          {statistics.calls !== null && (
            <Bar name={t('figures.calls')} dataKey="calls" fill="var(--accent-mid)" {...BARS} />
          )}
          <Bar name={t('figures.alerts')} dataKey="alerts" fill="var(--accent)" {...BARS} />
        </BarChart>
      </Figure>
      <Lying
        title={t('figures.byCategory')}
        csv={csvOf('categories')}
        column={t('journal.category')}
        rows={categories}
      />
      <Lying
        title={t(`figures.by.${statistics.places.kind}`)}
        csv={csvOf('places')}
        column={t(`figures.${statistics.places.kind}`)}
        rows={places}
      />
      <Figure
        title={t('figures.byHour')}
        csv={csvOf('hours')}
        columns={[t('figures.hour.column'), t('figures.alerts')]}
        rows={hours.map((one) => [one.name, count(one.alerts)])}
        isEmpty={hours.every(({ alerts }) => alerts === 0)}
        height={220}
      >
        <BarChart data={hours} margin={MARGIN} accessibilityLayer={false}>
          {GRID}
          <XAxis dataKey="name" {...AXIS} interval={2} />
          <YAxis {...AXIS} width={40} allowDecimals={false} />
          {tooltip(count)}
          <Bar name={t('figures.alerts')} dataKey="alerts" fill="var(--accent)" {...BARS} />
        </BarChart>
      </Figure>
      <Figure
        title={t('figures.byRoute')}
        hint={t('figures.byRoute.hint')}
        csv={csvOf('routes')}
        columns={[
          t('figures.gateway'),
          t('figures.planned'),
          t('figures.delivered'),
          t('figures.share'),
          t('figures.failed'),
          t('figures.expired'),
          t('figures.withdrawn'),
        ]}
        rows={routes.map((one) => [
          one.name,
          count(one.planned),
          count(one.delivered),
          one.planned === one.withdrawn
            ? '–'
            : percentOf(lang, one.delivered / (one.planned - one.withdrawn)),
          count(one.failed),
          count(one.expired),
          count(one.withdrawn),
        ])}
        height={Math.max(1, routes.length) * (BAR_HEIGHT + 14) + 60}
      >
        <BarChart data={routes} layout="vertical" margin={MARGIN} accessibilityLayer={false}>
          <XAxis type="number" {...AXIS} allowDecimals={false} />
          <YAxis type="category" dataKey="name" {...AXIS} width={LABEL_WIDTH} />
          {tooltip(count)}
          {LEGEND}
          <Bar
            name={t('figures.delivered')}
            dataKey="delivered"
            stackId="all"
            fill="var(--green)"
            {...STACKED}
          />
          <Bar name={t('figures.failed')} dataKey="failed" stackId="all" fill="var(--red)" {...STACKED} />
          <Bar name={t('figures.expired')} dataKey="expired" stackId="all" fill="var(--amber)" {...STACKED} />
          <Bar
            name={t('figures.withdrawn')}
            dataKey="withdrawn"
            stackId="all"
            fill="var(--control)"
            {...STACKED}
          />
        </BarChart>
      </Figure>
      <Figure
        title={t('figures.members')}
        csv={csvOf('months')}
        columns={[t('statistics.month'), t('figures.members.column'), t('figures.perWeek')]}
        rows={perMonth(({ members, perMemberAndWeek }) => [
          count(members),
          perMemberAndWeek === null ? '–' : countOf(lang, Math.round(perMemberAndWeek * 100) / 100),
        ])}
        isEmpty={months.every(({ members }) => members === null)}
        height={220}
      >
        <LineChart data={months} margin={MARGIN} accessibilityLayer={false}>
          {GRID}
          <XAxis dataKey="name" {...AXIS} />
          <YAxis {...AXIS} width={48} allowDecimals={false} />
          {tooltip(count)}
          <Line name={t('figures.members.column')} dataKey="members" stroke="var(--accent)" {...LINE} />
        </LineChart>
      </Figure>
      <Figure
        title={t('figures.fatigue')}
        hint={t('figures.fatigue.hint')}
        csv={csvOf('fatigue')}
        columns={[t('figures.alerts.received'), t('figures.numbers')]}
        rows={fatigue.map((one) => [one.name, count(one.numbers)])}
        isEmpty={fatigue.every(({ numbers }) => numbers === 0)}
        height={220}
      >
        <BarChart data={fatigue} margin={MARGIN} accessibilityLayer={false}>
          {GRID}
          <XAxis dataKey="name" {...AXIS} />
          <YAxis {...AXIS} width={48} allowDecimals={false} />
          {tooltip(count)}
          <Bar name={t('figures.numbers')} dataKey="numbers" fill="var(--accent)" {...BARS} />
        </BarChart>
      </Figure>
    </div>
  )
}

const MARGIN = { top: 8, right: 12, bottom: 0, left: 0 }
const AXIS = {
  stroke: 'var(--control)',
  tick: { fill: 'var(--mute)', fontSize: 12 },
  tickLine: false,
} as const
const LINE = {
  type: 'linear',
  strokeWidth: 2,
  dot: { r: 3 },
  connectNulls: true,
  isAnimationActive: false,
} as const
const BARS = { isAnimationActive: false, radius: 3, maxBarSize: 36 } as const
const STACKED = { isAnimationActive: false, maxBarSize: 28 } as const
const GRID = <CartesianGrid vertical={false} stroke="var(--line)" />
const LEGEND = (
  <Legend
    itemSorter={null}
    wrapperStyle={{ fontSize: 12.5 }}
    formatter={(name) => <span className={classes.legend}>{name}</span>}
  />
)
const tooltip = (say: (value: number | null) => string) => (
  <Tooltip
    isAnimationActive={false}
    cursor={{ fill: 'var(--sunken)' }}
    contentStyle={{ background: 'var(--raised)', borderColor: 'var(--line)', borderRadius: 8 }}
    labelStyle={{ color: 'var(--ink)', fontWeight: 600 }}
    itemStyle={{ color: 'var(--ink)' }}
    formatter={(value) => say(typeof value === 'number' ? value : null)}
  />
)

/** Horizontal bars, each with its name beside it. */
function Lying(props: {
  title: string
  csv: string
  column: string
  rows: readonly { name: string; alerts: number }[]
}) {
  const { t, lang } = useText()
  const count = (value: number | null) => (value === null ? '–' : countOf(lang, value))
  return (
    <Figure
      title={props.title}
      csv={props.csv}
      columns={[props.column, t('figures.alerts')]}
      rows={props.rows.map((one) => [one.name, count(one.alerts)])}
      height={Math.max(1, props.rows.length) * BAR_HEIGHT + 40}
    >
      <BarChart data={[...props.rows]} layout="vertical" margin={MARGIN} accessibilityLayer={false}>
        <XAxis type="number" {...AXIS} allowDecimals={false} />
        <YAxis type="category" dataKey="name" {...AXIS} width={LABEL_WIDTH} />
        {tooltip(count)}
        <Bar name={t('figures.alerts')} dataKey="alerts" fill="var(--accent)" {...BARS} />
      </BarChart>
    </Figure>
  )
}

/** Formats a month: "mars 26" for 2026-03. */
function shortMonth(lang: 'fr' | 'en', month: string): string {
  const format = new Intl.DateTimeFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', {
    month: 'short',
    year: '2-digit',
    timeZone: 'UTC',
  })
  return format.format(new Date(`${month}-01`))
}

/** Hides a chart from screen readers, since its table has the same content. */
function Figure(props: {
  title: string
  hint?: string
  csv: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  /** Whether there is nothing to draw; when absent, an empty list of rows means so. */
  isEmpty?: boolean
  height: number
  children: ReactElement
}) {
  const { t } = useText()
  const { isEmpty = props.rows.length === 0 } = props
  return (
    <section className={classes.figure} aria-label={props.title}>
      <div className={classes.caption}>
        <h2>{props.title}</h2>
        {!isEmpty && (
          <a
            href={props.csv}
            download
            className={classes.csv}
            aria-label={t('figures.csv', { title: props.title })}
          >
            <IconDownload size={15} aria-hidden /> CSV
          </a>
        )}
      </div>
      {props.hint !== undefined && <p className={classes.hint}>{props.hint}</p>}
      {isEmpty ? (
        <p className={classes.hint}>{t('figures.nothing')}</p>
      ) : (
        <>
          <div aria-hidden className={classes.drawing}>
            <ResponsiveContainer width="100%" height={props.height}>
              {props.children}
            </ResponsiveContainer>
          </div>
          <details className={classes.numbers}>
            <summary>{t('figures.show')}</summary>
            <div className={classes.scroll}>
              <table>
                <thead>
                  <tr>
                    {props.columns.map((column) => (
                      <th key={column} scope="col">
                        {column}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {props.rows.map(([name, ...cells]) => (
                    <tr key={name}>
                      <th scope="row">{name}</th>
                      {cells.map((cell, index) => (
                        <td key={props.columns[index + 1]}>{cell}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  )
}
