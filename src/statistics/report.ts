import { formatMessage, type Lang } from '../i18n/format.ts'
import { drawPdf, printable } from '../members/papers/pdf.ts'
import { A4, ReportPaper } from '../members/papers/report-paper.ts'
import type { Statistics } from './contract.ts'
import { routeName } from './route-name.ts'

export interface StatisticsReport {
  readonly scheme: string
  readonly chamber: string
  /** Names of the sector, trade and category that the figures are limited to. */
  readonly limits: readonly string[]
  readonly statistics: Statistics
  readonly at: Date
  /** The line of a scheme whose settings one person decided alone. */
  readonly alone: string | undefined
}

const LOCALES: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' }

/**
 * Draws the report for the committee of the prefecture as A4 pages: key figures, then one table with bars per
 * subject.
 */
export function drawStatisticsReport(facts: StatisticsReport, lang: Lang): Promise<Buffer> {
  const words = wordsIn(lang)
  const { t } = words
  const { statistics, at } = facts
  const title = t('statistics.report')
  return drawPdf({ title, size: A4, at, lang: LOCALES[lang], note: facts.alone }, (page) => {
    const day = words.dayOf(at)
    const paper = new ReportPaper(page, {
      footer: (page) => t('statistics.report.footer', { scheme: facts.scheme, day, page }),
      nothing: t('statistics.nothing'),
      count: words.count,
    })
    const period = { from: words.dayOf(statistics.from), to: words.dayOf(statistics.to) }
    paper.drawHead({
      scheme: printable(facts.scheme),
      chamber: printable(facts.chamber),
      title,
      subtitle: [t('statistics.report.period', period), ...facts.limits.map(printable)].join(' · '),
    })
    drawKeyFigures(paper, statistics, words)
    drawMonths(paper, statistics, words)
    drawAlertCounts(paper, statistics, words)
    drawRoutes(paper, statistics, words)
    drawFatigue(paper, statistics, words)
    paper.end(t('statistics.report.method'))
  })
}

type Words = ReturnType<typeof wordsIn>

/** Returns the functions that write texts, figures and dates of the report in a language. */
function wordsIn(lang: Lang) {
  const number = new Intl.NumberFormat(LOCALES[lang])
  const percent = new Intl.NumberFormat(LOCALES[lang], { style: 'percent', maximumFractionDigits: 1 })
  const decimal = new Intl.NumberFormat(LOCALES[lang], { maximumFractionDigits: 2 })
  const longDay = new Intl.DateTimeFormat(LOCALES[lang], { dateStyle: 'long', timeZone: 'UTC' })
  const month = new Intl.DateTimeFormat(LOCALES[lang], { month: 'long', year: 'numeric', timeZone: 'UTC' })
  return {
    lang,
    t: (key: string, values?: Readonly<Record<string, string | number>>) =>
      printable(formatMessage(lang, key, values)),
    count: (value: number | null) => (value === null ? '–' : printable(number.format(value))),
    decimal: (value: number | null) => (value === null ? '–' : decimal.format(value)),
    share: (part: number, whole: number) => (whole === 0 ? '–' : printable(percent.format(part / whole))),
    span: (ms: number | null) => (ms === null ? '–' : formatDuration(ms)),
    dayOf: (day: string | Date) =>
      longDay.format(new Date(day)).replace(/^1 (?=\p{L})/u, lang === 'fr' ? '1er ' : '1 '),
    monthOf: (one: string) => printable(month.format(new Date(`${one}-01`))),
  }
}

function drawKeyFigures(paper: ReportPaper, statistics: Statistics, { t, count, span, share }: Words): void {
  const { reach, times, calls, alerts } = statistics
  paper.drawTiles([
    [t('statistics.alerts'), count(alerts)],
    ...(calls === null ? [] : [[t('statistics.calls'), count(calls)] as const]),
    [t('statistics.median'), span(times.median)],
    [t('statistics.p90'), span(times.p90)],
    [t('statistics.delivered'), count(reach.delivered)],
    [t('statistics.share'), share(reach.delivered, reach.planned - reach.withdrawn)],
  ])
}

function drawMonths(paper: ReportPaper, { calls, months }: Statistics, words: Words): void {
  const { t, count, span, decimal, monthOf } = words
  paper.drawTable(
    t('statistics.byMonth'),
    [
      [t('statistics.column.month'), 30],
      ...(calls === null ? [] : [[t('statistics.column.calls'), 17] as const]),
      [t('statistics.column.alerts'), 17],
      [t('statistics.column.median'), 24],
      [t('statistics.column.p90'), 24],
      [t('statistics.column.delivered'), 22],
      [t('statistics.column.members'), 22],
      [t('statistics.column.perMemberAndWeek'), 26],
    ],
    months.map((one) => [
      monthOf(one.month),
      ...(calls === null ? [] : [count(one.calls)]),
      count(one.alerts),
      span(one.times.median),
      span(one.times.p90),
      count(one.reach.delivered),
      count(one.members),
      decimal(one.perMemberAndWeek),
    ]),
  )
}

/** Draws the alerts by month, category, place and hour. */
function drawAlertCounts(paper: ReportPaper, statistics: Statistics, { lang, t, monthOf }: Words): void {
  const { months, categories, places, hours } = statistics
  paper.drawBars(
    t('statistics.alertsByMonth'),
    months.map((one) => [monthOf(one.month), one.alerts]),
  )
  paper.drawBars(
    t('statistics.byCategory'),
    categories.map((one) => [printable(lang === 'fr' ? one.labelFr : one.labelEn), one.alerts]),
  )
  paper.drawBars(t(`statistics.by.${places.kind}`), [
    ...places.list.map((one) => [printable(one.name), one.alerts] as const),
    ...(places.elsewhere === 0 ? [] : [[t('statistics.elsewhere'), places.elsewhere] as const]),
  ])
  paper.drawBars(
    t('statistics.byHour'),
    hours.map((alerts, hour) => [t('statistics.hour', { hour }), alerts]),
  )
}

function drawRoutes(paper: ReportPaper, { routes }: Statistics, { lang, t, count }: Words): void {
  const columns = ['planned', 'delivered', 'failed', 'expired', 'withdrawn'] as const
  paper.drawTable(
    t('statistics.byRoute'),
    [
      [t('statistics.column.gateway'), 50],
      ...columns.map((name) => [t(`statistics.column.${name}`), 24] as const),
    ],
    routes.map((one) => [
      printable(routeName(one.gateway, lang)),
      ...columns.map((name) => count(one[name])),
    ]),
  )
}

/** Draws how many numbers received no, one or several alerts in a week. */
function drawFatigue(paper: ReportPaper, { fatigue }: Statistics, { t }: Words): void {
  const names = ['none', 'one', 'two', 'three', 'more'] as const
  paper.drawBars(
    t('statistics.fatigue'),
    names.map((name, index) => [
      t('statistics.alertsInWeek', { count: index, more: name === 'more' ? 'yes' : 'no' }),
      fatigue[name],
    ]),
  )
}

/** Formats a duration as < 1 s, 38 s, 4 min 05 or 1 h 12. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return '<\u00a01\u00a0s'
  const seconds = Math.round(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  if (seconds < 60) return `${seconds}\u00a0s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}\u00a0min\u00a0${two(seconds % 60)}`
  return `${Math.floor(seconds / 3600)}\u00a0h\u00a0${two(Math.floor((seconds % 3600) / 60))}`
}
