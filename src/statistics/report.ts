import { formatMessage, type Lang } from '../i18n/format.ts'
import { COLOURS, drawBell, drawPdf, mm, type Page, printable } from '../members/papers/pdf.ts'
import type { Statistics } from './contract.ts'
import { routeName } from './route-name.ts'

export interface StatisticsReport {
  readonly scheme: string
  readonly chamber: string
  /** Names of the sector, trade and category that the figures are limited to. */
  readonly limits: readonly string[]
  readonly statistics: Statistics
  readonly at: Date
}

const [A4_WIDTH, A4_HEIGHT] = [mm(210), mm(297)]
const LEFT = mm(20)
const WIDTH = A4_WIDTH - 2 * LEFT
const BOTTOM = A4_HEIGHT - mm(22)
const LOCALES: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' }

/**
 * Draws the report for the committee of the prefecture as A4 pages: key figures, then one table with bars per
 * subject.
 */
export function drawStatisticsReport(facts: StatisticsReport, lang: Lang): Promise<Buffer> {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    printable(formatMessage(lang, key, values))
  const number = new Intl.NumberFormat(LOCALES[lang])
  const percent = new Intl.NumberFormat(LOCALES[lang], { style: 'percent', maximumFractionDigits: 1 })
  const decimal = new Intl.NumberFormat(LOCALES[lang], { maximumFractionDigits: 2 })
  const longDay = new Intl.DateTimeFormat(LOCALES[lang], { dateStyle: 'long', timeZone: 'UTC' })
  const monthName = new Intl.DateTimeFormat(LOCALES[lang], {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  const count = (value: number | null) => (value === null ? '–' : printable(number.format(value)))
  const dayOf = (day: string | Date) =>
    longDay.format(new Date(day)).replace(/^1 (?=\p{L})/u, lang === 'fr' ? '1er ' : '1 ')
  const span = (ms: number | null) => (ms === null ? '–' : formatDuration(ms))
  const { statistics } = facts
  const { reach } = statistics
  const title = t('statistics.report')

  return drawPdf({ title, size: [A4_WIDTH, A4_HEIGHT], at: facts.at, lang: LOCALES[lang] }, (page) => {
    const root = page.struct('Document')
    page.addStructure(root)
    const add = (tag: string, draw: () => void) => root.add(page.struct(tag, {}, draw))
    let pages = 1
    let y = 0

    markArtifact(page, () => {
      page.rect(0, 0, A4_WIDTH, mm(34)).fill(COLOURS.accent)
      drawBell(page, LEFT - mm(2), mm(9), mm(16), COLOURS.paper)
    })
    add('P', () => {
      page.font('Helvetica-Bold').fontSize(17).fillColor(COLOURS.paper)
      page.text(printable(facts.scheme), LEFT + mm(18), mm(11), { width: WIDTH - mm(18) })
      page.font('Helvetica').fontSize(10)
      page.text(printable(facts.chamber), { width: WIDTH - mm(18) })
    })
    add('H1', () => {
      page
        .font('Helvetica-Bold')
        .fontSize(22)
        .fillColor(COLOURS.ink)
        .text(title, LEFT, mm(44), { width: WIDTH })
    })
    add('P', () => {
      page.font('Helvetica').fontSize(11.5).fillColor(COLOURS.ink)
      const period = { from: dayOf(statistics.from), to: dayOf(statistics.to) }
      page.text([t('statistics.report.period', period), ...facts.limits.map(printable)].join(' · '), {
        width: WIDTH,
        lineGap: 3,
      })
    })
    y = page.y + mm(6)

    const settled = reach.planned - reach.withdrawn
    drawTiles([
      [t('statistics.alerts'), count(statistics.alerts)],
      ...(statistics.calls === null ? [] : [[t('statistics.calls'), count(statistics.calls)] as const]),
      [t('statistics.median'), span(statistics.times.median)],
      [t('statistics.p90'), span(statistics.times.p90)],
      [t('statistics.delivered'), count(reach.delivered)],
      [t('statistics.share'), settled === 0 ? '–' : printable(percent.format(reach.delivered / settled))],
    ])

    drawTable(
      t('statistics.byMonth'),
      [
        [t('statistics.column.month'), 30],
        ...(statistics.calls === null ? [] : [[t('statistics.column.calls'), 17] as const]),
        [t('statistics.column.alerts'), 17],
        [t('statistics.column.median'), 24],
        [t('statistics.column.p90'), 24],
        [t('statistics.column.delivered'), 22],
        [t('statistics.column.members'), 22],
        [t('statistics.column.perMemberAndWeek'), 26],
      ],
      statistics.months.map((one) => [
        printable(monthName.format(new Date(`${one.month}-01`))),
        ...(statistics.calls === null ? [] : [count(one.calls)]),
        count(one.alerts),
        span(one.times.median),
        span(one.times.p90),
        count(one.reach.delivered),
        count(one.members),
        one.perMemberAndWeek === null ? '–' : decimal.format(one.perMemberAndWeek),
      ]),
    )
    drawBars(
      t('statistics.alertsByMonth'),
      statistics.months.map((one) => [printable(monthName.format(new Date(`${one.month}-01`))), one.alerts]),
    )
    drawBars(
      t('statistics.byCategory'),
      statistics.categories.map((one) => [printable(lang === 'fr' ? one.labelFr : one.labelEn), one.alerts]),
    )
    drawBars(t(`statistics.by.${statistics.places.kind}`), [
      ...statistics.places.list.map((one) => [printable(one.name), one.alerts] as const),
      ...(statistics.places.elsewhere === 0
        ? []
        : [[t('statistics.elsewhere'), statistics.places.elsewhere] as const]),
    ])
    drawBars(
      t('statistics.byHour'),
      statistics.hours.map((alerts, hour) => [t('statistics.hour', { hour }), alerts] as const),
    )
    drawTable(
      t('statistics.byRoute'),
      [
        [t('statistics.column.gateway'), 50],
        ...(['planned', 'delivered', 'failed', 'expired', 'withdrawn'] as const).map(
          (name) => [t(`statistics.column.${name}`), 24] as const,
        ),
      ],
      statistics.routes.map((one) => [
        printable(routeName(one.gateway, lang)),
        count(one.planned),
        count(one.delivered),
        count(one.failed),
        count(one.expired),
        count(one.withdrawn),
      ]),
    )
    drawBars(
      t('statistics.fatigue'),
      (['none', 'one', 'two', 'three', 'more'] as const).map(
        (name, index) =>
          [
            t('statistics.alertsInWeek', { count: index, more: name === 'more' ? 'yes' : 'no' }),
            statistics.fatigue[name],
          ] as const,
      ),
    )
    ensureHeight(mm(30))
    add('P', () => {
      page.font('Helvetica').fontSize(9).fillColor(COLOURS.mute)
      page.text(t('statistics.report.method'), LEFT, y + mm(4), { width: WIDTH, lineGap: 2 })
    })
    drawFooter()
    root.end()

    /** Begins a new page when less than this height is left. */
    function ensureHeight(height: number): void {
      if (y + height <= BOTTOM) return
      drawFooter()
      page.addPage()
      pages += 1
      y = mm(20)
    }

    function drawFooter(): void {
      markArtifact(page, () => {
        page.font('Helvetica').fontSize(8.5).fillColor(COLOURS.mute)
        const words = t('statistics.report.footer', {
          scheme: facts.scheme,
          day: dayOf(facts.at),
          page: pages,
        })
        page.text(words, LEFT, A4_HEIGHT - mm(14), { width: WIDTH, lineBreak: false })
      })
    }

    function drawTiles(tiles: readonly (readonly [string, string])[]): void {
      const columns = 3
      const width = WIDTH / columns
      const inside = { width: width - mm(4) }
      for (let first = 0; first < tiles.length; first += columns) {
        const row = tiles.slice(first, first + columns)
        page.font('Helvetica').fontSize(9.5)
        // A label may wrap to two lines: the figures of a row are drawn below the longest label.
        const figures = y + mm(1) + Math.max(...row.map(([label]) => page.heightOfString(label, inside)))
        row.forEach(([label, value], column) => {
          const x = LEFT + column * width
          add('P', () => {
            page.font('Helvetica').fontSize(9.5).fillColor(COLOURS.mute)
            page.text(label, x, y, inside)
            page.font('Helvetica-Bold').fontSize(18).fillColor(COLOURS.ink)
            page.text(value, x, figures, inside)
          })
        })
        y = figures + mm(14)
      }
      y += mm(4)
    }

    function drawHeading(text: string): void {
      add('H2', () => {
        page.font('Helvetica-Bold').fontSize(13).fillColor(COLOURS.ink).text(text, LEFT, y, { width: WIDTH })
      })
      y = page.y + mm(2.5)
    }

    /** Draws a table. @param columns heading and relative width */
    function drawTable(
      text: string,
      columns: readonly (readonly [string, number])[],
      rows: readonly (readonly string[])[],
    ): void {
      ensureHeight(mm(34))
      drawHeading(text)
      if (rows.length === 0) {
        drawNothing()
        return
      }
      const whole = columns.reduce((sum, [, share]) => sum + share, 0)
      const widths = columns.map(([, share]) => (share / whole) * WIDTH)
      const table = page.struct('Table')
      root.add(table)
      const drawRow = (cells: readonly string[], tag: 'TH' | 'TD') => {
        page.font(tag === 'TH' ? 'Helvetica-Bold' : 'Helvetica').fontSize(8.5)
        const height = Math.max(
          ...cells.map((cell, no) => page.heightOfString(cell, { width: widths[no]! - mm(2) })),
        )
        const row = page.struct('TR')
        table.add(row)
        let x = LEFT
        cells.forEach((cell, no) => {
          const [at, width] = [x, widths[no]!]
          row.add(
            page.struct(no === 0 ? 'TH' : tag, {}, () => {
              page.fillColor(tag === 'TH' ? COLOURS.mute : COLOURS.ink)
              page.text(cell, at, y, { width: width - mm(2), align: no === 0 ? 'left' : 'right' })
            }),
          )
          x += width
        })
        row.end()
        y += height + mm(1.6)
        markArtifact(page, () => {
          page
            .moveTo(LEFT, y - mm(0.8))
            .lineTo(LEFT + WIDTH, y - mm(0.8))
            .lineWidth(0.4)
            .stroke(COLOURS.line)
        })
      }
      drawRow(
        columns.map(([name]) => name),
        'TH',
      )
      for (const row of rows) {
        ensureHeight(mm(8))
        drawRow(row, 'TD')
      }
      table.end()
      y += mm(7)
    }

    /** Draws each value with a bar proportional to the largest value. */
    function drawBars(text: string, bars: readonly (readonly [string, number])[]): void {
      ensureHeight(Math.min(bars.length, 8) * mm(5.4) + mm(14))
      drawHeading(text)
      if (bars.every(([, value]) => value === 0)) {
        drawNothing()
        return
      }
      const most = Math.max(...bars.map(([, value]) => value))
      const from = LEFT + mm(58)
      const longest = WIDTH - mm(58) - mm(18)
      const list = page.struct('L')
      root.add(list)
      for (const [label, value] of bars) {
        ensureHeight(mm(7))
        const top = y
        list.add(
          page.struct('LI', {}, () => {
            page.font('Helvetica').fontSize(9).fillColor(COLOURS.ink)
            page.text(label, LEFT, top, { width: mm(55), height: mm(5), ellipsis: true, lineBreak: false })
            page.text(count(value), from + (value / most) * longest + mm(2), top, { lineBreak: false })
          }),
        )
        markArtifact(page, () =>
          page.rect(from, top, Math.max(0.4, (value / most) * longest), mm(3)).fill(COLOURS.accent),
        )
        y = top + mm(5.4)
      }
      list.end()
      y += mm(6)
    }

    function drawNothing(): void {
      add('P', () => {
        page.font('Helvetica').fontSize(10).fillColor(COLOURS.mute).text(t('statistics.nothing'), LEFT, y)
      })
      y = page.y + mm(7)
    }
  })
}

/** Marks decoration that screen readers must skip. */
function markArtifact(page: Page, draw: () => void): void {
  page.markContent('Artifact', { type: 'Layout' })
  draw()
  page.endMarkedContent()
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
