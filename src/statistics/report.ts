import { formatMessage, type Lang } from '../i18n/format.ts'
import { drawPdf, LOCALES, replaceUnprintable } from '../members/papers/pdf.ts'
import { A4, ReportPaper } from '../members/papers/report-paper.ts'
import { readableShare } from '../message/written.ts'
import { findTrade, type Trade } from '../schemes/trades/trades.ts'
import type { CommitteeAccounts, Statistics } from './contract.ts'

export interface StatisticsReport {
  readonly scheme: string
  readonly chamber: string
  /** Names of the sector, trade and category that the figures are limited to. */
  readonly limits: readonly string[]
  readonly statistics: Statistics
  readonly accounts: CommitteeAccounts
  /** Trades of the scheme beside the built-in ones. */
  readonly ownTrades: readonly Trade[]
  readonly at: Date
  /** The line of a scheme whose settings one person decided alone. */
  readonly alone: string | undefined
}

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
      scheme: replaceUnprintable(facts.scheme),
      chamber: replaceUnprintable(facts.chamber),
      title,
      subtitle: [t('statistics.report.period', period), ...facts.limits.map(replaceUnprintable)].join(' · '),
    })
    drawKeyFigures(paper, statistics, words)
    drawAccounts(paper, facts, words)
    drawMonths(paper, statistics, words)
    drawAlertCounts(paper, statistics, words)
    drawFatigue(paper, statistics, words)
    const seconds = Math.max(statistics.behindSeconds, facts.accounts.behindSeconds)
    const behind = seconds > 0 ? ` ${t('statistics.report.behind', { seconds })}` : ''
    paper.end(`${t('statistics.report.method')}${behind}`)
  })
}

type Words = ReturnType<typeof wordsIn>

/** Returns the functions that write texts, figures and dates of the report in a language. */
function wordsIn(lang: Lang) {
  const number = new Intl.NumberFormat(LOCALES[lang])
  const decimal = new Intl.NumberFormat(LOCALES[lang], { maximumFractionDigits: 2 })
  const longDay = new Intl.DateTimeFormat(LOCALES[lang], { dateStyle: 'long', timeZone: 'UTC' })
  const month = new Intl.DateTimeFormat(LOCALES[lang], { month: 'long', year: 'numeric', timeZone: 'UTC' })
  return {
    lang,
    t: (key: string, values?: Readonly<Record<string, string | number>>) =>
      replaceUnprintable(formatMessage(lang, key, values)),
    count: (value: number | null) => (value === null ? '–' : replaceUnprintable(number.format(value))),
    decimal: (value: number | null) => (value === null ? '–' : decimal.format(value)),
    share: (part: number, whole: number) =>
      whole === 0 ? '–' : replaceUnprintable(readableShare(LOCALES[lang], part / whole)),
    span: (ms: number | null) => (ms === null ? '–' : formatDuration(ms)),
    dayOf: (day: string | Date) =>
      longDay.format(new Date(day)).replace(/^1 (?=\p{L})/u, lang === 'fr' ? '1er ' : '1 '),
    monthOf: (one: string) => replaceUnprintable(month.format(new Date(`${one}-01`))),
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

/** Draws the alerts by month, place and hour. */
function drawAlertCounts(paper: ReportPaper, statistics: Statistics, { t, monthOf }: Words): void {
  const { months, places, hours } = statistics
  paper.drawBars(
    t('statistics.alertsByMonth'),
    months.map((one) => [monthOf(one.month), one.alerts]),
  )
  paper.drawBars(t(`statistics.by.${places.kind}`), [
    ...places.list.map((one) => [replaceUnprintable(one.name), one.alerts] as const),
    ...(places.elsewhere === 0 ? [] : [[t('statistics.elsewhere'), places.elsewhere] as const]),
  ])
  paper.drawBars(
    t('statistics.byHour'),
    hours.map((alerts, hour) => [t('statistics.hour', { hour }), alerts]),
  )
}

/** Draws the period beside the same days a year before: figures, refusals, outcomes, categories, members by trade. */
function drawAccounts(paper: ReportPaper, { accounts, ownTrades }: StatisticsReport, words: Words): void {
  const { lang, t, count, span, dayOf } = words
  const { before } = accounts
  const columns = (first: string) =>
    [
      [first, 80],
      [t('statistics.now'), 40],
      [t('statistics.before'), 40],
    ] as const
  const counted = (label: string, one: { now: number | null; before: number | null } | null) =>
    one === null ? [] : [[label, count(one.now), count(one.before)]]
  const timed = (label: string, one: { now: number | null; before: number | null }) => [
    label,
    span(one.now),
    span(one.before),
  ]
  paper.drawTable(t('statistics.compared'), columns(t('statistics.column.figure')), [
    ...counted(t('statistics.calls'), accounts.calls),
    ...counted(t('statistics.refused'), accounts.refused),
    ...counted(t('statistics.waiting'), accounts.waiting),
    ...counted(t('statistics.alerts'), accounts.alerts),
    ...counted(t('statistics.delivered'), accounts.delivered),
    timed(t('statistics.median'), accounts.half),
    timed(t('statistics.p90'), accounts.ninety),
    ...counted(t('statistics.members'), accounts.members),
  ])
  paper.drawParagraph(
    t(before.isComplete ? 'statistics.before.what' : 'statistics.before.partial', {
      from: dayOf(before.from),
      to: dayOf(before.to),
    }),
  )
  const codes = (prefix: string, list: readonly { code: string; now: number; before: number | null }[]) =>
    list.map(({ code, now, before }) => [t(`${prefix}.${code}`), count(now), count(before)])
  if (accounts.refusals !== null)
    paper.drawTable(
      t('statistics.refusals'),
      columns(t('statistics.column.reason')),
      codes('statistics.refusal', accounts.refusals),
    )
  paper.drawTable(
    t('statistics.outcomes'),
    columns(t('statistics.column.outcome')),
    codes('statistics.outcome', accounts.outcomes),
  )
  paper.drawTable(
    t('statistics.categories'),
    columns(t('statistics.column.category')),
    accounts.categories.map((one) => [
      replaceUnprintable(lang === 'fr' ? one.labelFr : one.labelEn),
      count(one.now),
      count(one.before),
    ]),
  )
  paper.drawTable(
    t('statistics.trades'),
    columns(t('statistics.column.trade')),
    accounts.trades.map(({ code, now, before }) => {
      const trade = findTrade(code, ownTrades)
      const name = trade === undefined ? code : lang === 'fr' ? trade.nameFr : trade.nameEn
      return [replaceUnprintable(name), count(now), count(before)]
    }),
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
