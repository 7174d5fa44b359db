import { Bar, BarChart, CartesianGrid, Legend, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts'
import type { Statistics, StatisticsTable } from '../../../src/statistics/contract.ts'
import { SIMULATOR } from '../../../src/statistics/rules.ts'
import { countOf, monthOf, percentOf, spanOf } from '../../ui/format/format.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import { Figure } from './Figure.tsx'
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
  const { places, categories } = statistics
  const months = statistics.months.map((month) => ({
    ...month,
    isPartial: !isWhole(month.month, statistics),
  }))
  const partial = months.filter(({ isPartial }) => isPartial)
  const rates = places.list.flatMap(({ name, alerts, members }) =>
    members === 0 ? [] : [{ name, alerts: rateOf(alerts, members) ?? 0 }],
  )
  const elsewhere = places.elsewhere === 0 ? [] : [{ name: t('figures.elsewhere'), alerts: places.elsewhere }]
  return (
    <div className={classes.charts}>
      {partial.length > 0 && (
        <p className={classes.partial}>
          {t('figures.partial.note', {
            count: partial.length,
            months: new Intl.ListFormat(lang).format(partial.map(({ month }) => monthOf(lang, month))),
          })}
        </p>
      )}
      <TimesFigure csv={csvOf('months')} months={months} />
      <VolumesFigure csv={csvOf('months')} months={months} hasCalls={statistics.calls !== null} />
      <HorizontalBars
        title={t('figures.byCategory')}
        csv={csvOf('categories')}
        column={t('journal.category')}
        rows={categories.map((one) => ({ name: labelOf(lang, one), alerts: one.alerts }))}
      />
      <HorizontalBars
        title={t(`figures.by.${places.kind}`)}
        csv={csvOf('places')}
        column={t(`figures.${places.kind}`)}
        rows={[...places.list.map(({ name, alerts }) => ({ name, alerts })), ...elsewhere]}
      />
      {rates.length > 0 && (
        <HorizontalBars
          title={t(`figures.rate.by.${places.kind}`)}
          hint={t('figures.rate.hint')}
          csv={csvOf('places')}
          column={t(`figures.${places.kind}`)}
          value={t('figures.rate')}
          rows={rates.toSorted((a, b) => b.alerts - a.alerts)}
        />
      )}
      <HoursFigure csv={csvOf('hours')} hours={statistics.hours} />
      <RoutesFigure csv={csvOf('routes')} routes={statistics.routes} />
      <MembersFigure csv={csvOf('months')} months={months} />
      <FatigueFigure csv={csvOf('fatigue')} fatigue={statistics.fatigue} />
    </div>
  )
}

type Month = Statistics['months'][number] & {
  /** Whether the period covers only a part of it. */
  readonly isPartial: boolean
}

/** Tells whether a period covers a month, as in 2026-03, from its first to its last day. */
function isWhole(month: string, { from, to }: Pick<Statistics, 'from' | 'to'>): boolean {
  const [year = 0, number = 0] = month.split('-').map(Number)
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate()
  return from <= `${month}-01` && to >= `${month}-${last}`
}

/** Alerts per 100 members, to one decimal; null without members. */
function rateOf(alerts: number, members: number | null): number | null {
  return members === null || members === 0 ? null : Math.round((1000 * alerts) / members) / 10
}

/** Returns the functions that write the cells of a table. */
function useCells() {
  const { t, lang } = useText()
  return {
    t,
    lang,
    count: (value: number | null) => (value === null ? '–' : countOf(lang, value)),
    span: (ms: number | null) => (ms === null ? '–' : spanOf(lang, ms)),
    /** Makes a row of each month, the latest first. */
    perMonth: <One extends Month>(months: readonly One[], cells: (month: One) => readonly string[]) =>
      months
        .toReversed()
        .map((month) => [
          month.isPartial
            ? t('figures.partial', { month: monthOf(lang, month.month) })
            : monthOf(lang, month.month),
          ...cells(month),
        ]),
    /** Gives each month the name that its axis shows. */
    named: <One extends Month>(months: readonly One[]) =>
      months.map((month) => ({
        ...month,
        name: `${shortMonth(lang, month.month)}${month.isPartial ? ' *' : ''}`,
      })),
  }
}

/** Shows the median and the 90th percentile of the time from a call to its alert. */
function TimesFigure(props: { csv: string; months: readonly Month[] }) {
  const { t, lang, span, perMonth, named } = useCells()
  const months = named(props.months).map((one) => ({ ...one, median: one.times.median, p90: one.times.p90 }))
  const ticks = spanTicks(Math.max(0, ...months.flatMap(({ median, p90 }) => [median ?? 0, p90 ?? 0])))
  return (
    <Figure
      title={t('figures.times')}
      hint={t('figures.times.hint')}
      csv={props.csv}
      columns={[t('statistics.month'), t('figures.median.short'), t('figures.ninety.short')]}
      rows={perMonth(months, ({ median, p90 }) => [span(median), span(p90)])}
      isEmpty={months.every(({ median, p90 }) => median === null && p90 === null)}
      height={240}
    >
      <LineChart data={months} margin={MARGIN} accessibilityLayer={false}>
        {GRID}
        <XAxis dataKey="name" {...AXIS} interval="equidistantPreserveStart" />
        <YAxis
          {...AXIS}
          width={72}
          ticks={ticks}
          domain={[0, ticks.at(-1) ?? 0]}
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
  )
}

/** Shows how many calls, alerts and delivered messages there were. */
function VolumesFigure(props: { csv: string; months: readonly Month[]; hasCalls: boolean }) {
  const { t, count, perMonth, named } = useCells()
  const { hasCalls } = props
  const months = named(props.months)
  return (
    <Figure
      title={t('figures.volumes')}
      csv={props.csv}
      columns={[
        t('statistics.month'),
        ...(hasCalls ? [t('figures.calls')] : []),
        t('figures.alerts'),
        t('figures.delivered'),
        t('figures.rate'),
      ]}
      rows={perMonth(months, (month) => [
        ...(hasCalls ? [count(month.calls)] : []),
        count(month.alerts),
        count(month.reach.delivered),
        count(rateOf(month.alerts, month.members)),
      ])}
      isEmpty={months.every(({ calls, alerts }) => (calls ?? 0) === 0 && alerts === 0)}
      height={240}
    >
      <BarChart data={months} margin={MARGIN} accessibilityLayer={false}>
        {GRID}
        <XAxis dataKey="name" {...AXIS} interval="equidistantPreserveStart" />
        <YAxis {...AXIS} width={40} allowDecimals={false} tickFormatter={count} />
        {tooltip(count)}
        {LEGEND}
        {hasCalls && <Bar name={t('figures.calls')} dataKey="calls" fill="var(--accent-mid)" {...BARS} />}
        <Bar name={t('figures.alerts')} dataKey="alerts" fill="var(--accent)" {...BARS} />
      </BarChart>
    </Figure>
  )
}

/** Shows at which hours alerts are sent. */
function HoursFigure(props: { csv: string; hours: Statistics['hours'] }) {
  const { t, count } = useCells()
  const hours = props.hours.map((alerts, hour) => ({ name: t('figures.hour', { hour }), alerts }))
  return (
    <Figure
      title={t('figures.byHour')}
      csv={props.csv}
      columns={[t('figures.hour.column'), t('figures.alerts')]}
      rows={hours.map((one) => [one.name, count(one.alerts)])}
      isEmpty={hours.every(({ alerts }) => alerts === 0)}
      height={220}
    >
      <BarChart data={hours} margin={MARGIN} accessibilityLayer={false}>
        {GRID}
        <XAxis dataKey="name" {...AXIS} interval={2} />
        <YAxis {...AXIS} width={40} allowDecimals={false} tickFormatter={count} />
        {tooltip(count)}
        <Bar name={t('figures.alerts')} dataKey="alerts" fill="var(--accent)" {...BARS} />
      </BarChart>
    </Figure>
  )
}

/** Shows what became of the messages of each route. */
function RoutesFigure(props: { csv: string; routes: Statistics['routes'] }) {
  const { t, lang, count } = useCells()
  const routes = props.routes.map((one) => ({
    ...one,
    name:
      one.gateway === ''
        ? t('figures.noRoute')
        : SIMULATOR.test(one.gateway)
          ? t('figures.simulator')
          : one.gateway,
  }))
  return (
    <Figure
      title={t('figures.byRoute')}
      hint={t('figures.byRoute.hint')}
      csv={props.csv}
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
        one.planned === one.withdrawn ? '–' : percentOf(lang, one.delivered / (one.planned - one.withdrawn)),
        count(one.failed),
        count(one.expired),
        count(one.withdrawn),
      ])}
      height={Math.max(1, routes.length) * (BAR_HEIGHT + 14) + 60}
    >
      <BarChart data={routes} layout="vertical" margin={MARGIN} accessibilityLayer={false}>
        <XAxis type="number" {...AXIS} allowDecimals={false} tickFormatter={count} />
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
  )
}

/** Shows the number of members, and how many alerts each received a week. */
function MembersFigure(props: { csv: string; months: readonly Month[] }) {
  const { t, lang, count, perMonth, named } = useCells()
  const months = named(props.months)
  return (
    <Figure
      title={t('figures.members')}
      csv={props.csv}
      columns={[t('statistics.month'), t('figures.members.column'), t('figures.perWeek')]}
      rows={perMonth(months, ({ members, perMemberAndWeek }) => [
        count(members),
        perMemberAndWeek === null ? '–' : countOf(lang, Math.round(perMemberAndWeek * 100) / 100),
      ])}
      isEmpty={months.every(({ members }) => members === null)}
      height={220}
    >
      <LineChart data={months} margin={MARGIN} accessibilityLayer={false}>
        {GRID}
        <XAxis dataKey="name" {...AXIS} interval="equidistantPreserveStart" />
        <YAxis {...AXIS} width={48} allowDecimals={false} tickFormatter={count} />
        {tooltip(count)}
        <Line name={t('figures.members.column')} dataKey="members" stroke="var(--accent)" {...LINE} />
      </LineChart>
    </Figure>
  )
}

/** Shows how many numbers received no, one or several alerts in a week. */
function FatigueFigure(props: { csv: string; fatigue: Statistics['fatigue'] }) {
  const { t, count } = useCells()
  const fatigue = FATIGUE.map((name, index) => ({
    name: name === 'more' ? t('figures.fourOrMore') : t('figures.alertsInWeek', { count: index }),
    numbers: props.fatigue[name],
  }))
  return (
    <Figure
      title={t('figures.fatigue')}
      hint={t('figures.fatigue.hint')}
      csv={props.csv}
      columns={[t('figures.alerts.received'), t('figures.numbers')]}
      rows={fatigue.map((one) => [one.name, count(one.numbers)])}
      isEmpty={fatigue.every(({ numbers }) => numbers === 0)}
      height={220}
    >
      <BarChart data={fatigue} margin={MARGIN} accessibilityLayer={false}>
        {GRID}
        <XAxis dataKey="name" {...AXIS} />
        <YAxis {...AXIS} width={48} allowDecimals={false} tickFormatter={count} />
        {tooltip(count)}
        <Bar name={t('figures.numbers')} dataKey="numbers" fill="var(--accent)" {...BARS} />
      </BarChart>
    </Figure>
  )
}

/** Draws horizontal bars, each with its name beside it. */
function HorizontalBars(props: {
  title: string
  hint?: string
  csv: string
  column: string
  /** The unit that the bars count; alerts if absent. */
  value?: string
  rows: readonly { name: string; alerts: number }[]
}) {
  const { t, count } = useCells()
  const { value = t('figures.alerts') } = props
  return (
    <Figure
      title={props.title}
      {...(props.hint !== undefined && { hint: props.hint })}
      csv={props.csv}
      columns={[props.column, value]}
      rows={props.rows.map((one) => [one.name, count(one.alerts)])}
      height={Math.max(1, props.rows.length) * BAR_HEIGHT + 40}
    >
      <BarChart data={[...props.rows]} layout="vertical" margin={MARGIN} accessibilityLayer={false}>
        <XAxis type="number" {...AXIS} allowDecimals={false} tickFormatter={count} />
        <YAxis type="category" dataKey="name" {...AXIS} width={LABEL_WIDTH} />
        {tooltip(count)}
        <Bar name={value} dataKey="alerts" fill="var(--accent)" {...BARS} />
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
const tooltip = (format: (value: number | null) => string) => (
  <Tooltip
    isAnimationActive={false}
    cursor={{ fill: 'var(--sunken)' }}
    contentStyle={{ background: 'var(--raised)', borderColor: 'var(--line)', borderRadius: 8 }}
    labelStyle={{ color: 'var(--ink)', fontWeight: 600 }}
    itemStyle={{ color: 'var(--ink)' }}
    formatter={(value) => format(typeof value === 'number' ? value : null)}
  />
)
