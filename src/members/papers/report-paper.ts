import { breakAtSpaces, COLOURS, drawBell, mm, type Page } from './pdf.ts'

const [A4_WIDTH, A4_HEIGHT] = [mm(210), mm(297)]
export const A4 = [A4_WIDTH, A4_HEIGHT] as const
const LEFT = mm(20)
const WIDTH = A4_WIDTH - 2 * LEFT
/** Letters of tables, and the space between their columns. */
const TABLE_SIZE = 8.5
const GAP = mm(2)
const BOTTOM = A4_HEIGHT - mm(22)
const TILES_PER_ROW = 3

type Structure = ReturnType<Page['struct']>

/** The texts that the paper adds by itself. */
interface PaperWords {
  readonly footer: (page: number) => string
  /** Stands in place of a table or of bars without a value. */
  readonly nothing: string
  readonly count: (value: number) => string
}

/** Draws one thing below the other on A4 pages, with the structure that screen readers need. */
export class ReportPaper {
  readonly #page: Page
  readonly #words: PaperWords
  readonly #root: Structure
  #pages = 1
  #y = 0

  constructor(page: Page, words: PaperWords) {
    this.#page = page
    this.#words = words
    this.#root = page.struct('Document')
    page.addStructure(this.#root)
  }

  /** Draws the band with the scheme and its chamber, the title, and a line below it. */
  drawHead(head: { scheme: string; chamber: string; title: string; subtitle: string }): void {
    const page = this.#page
    const inside = { width: WIDTH - mm(18) }
    page.font('Helvetica-Bold').fontSize(17)
    const scheme = breakAtSpaces(page, head.scheme, inside.width)
    const nameHeight = page.heightOfString(scheme, inside)
    page.font('Helvetica').fontSize(10)
    // Both are white: what is below the band cannot be read.
    const band = Math.max(mm(34), mm(11) + nameHeight + page.heightOfString(head.chamber, inside) + mm(6))
    markArtifact(page, () => {
      page.rect(0, 0, A4_WIDTH, band).fill(COLOURS.accent)
      drawBell(page, LEFT - mm(2), mm(9), mm(16), COLOURS.paper)
    })
    this.#add('P', () => {
      page.font('Helvetica-Bold').fontSize(17).fillColor(COLOURS.paper)
      page.text(scheme, LEFT + mm(18), mm(11), inside)
      page.font('Helvetica').fontSize(10)
      page.text(head.chamber, inside)
    })
    this.#add('H1', () => {
      page.font('Helvetica-Bold').fontSize(22).fillColor(COLOURS.ink)
      page.text(head.title, LEFT, band + mm(10), { width: WIDTH })
    })
    this.#add('P', () => {
      page.font('Helvetica').fontSize(11.5).fillColor(COLOURS.ink)
      page.text(head.subtitle, { width: WIDTH, lineGap: 3 })
    })
    this.#y = page.y + mm(6)
  }

  /** Draws key figures, each below its label. */
  drawTiles(tiles: readonly (readonly [label: string, value: string])[]): void {
    const page = this.#page
    const width = WIDTH / TILES_PER_ROW
    const inside = { width: width - mm(4) }
    for (let first = 0; first < tiles.length; first += TILES_PER_ROW) {
      const row = tiles.slice(first, first + TILES_PER_ROW)
      page.font('Helvetica').fontSize(9.5)
      const y = this.#y
      // A label may wrap to two lines: the figures of a row are drawn below the longest label.
      const figures = y + mm(1) + Math.max(...row.map(([label]) => page.heightOfString(label, inside)))
      row.forEach(([label, value], column) => {
        const x = LEFT + column * width
        this.#add('P', () => {
          page.font('Helvetica').fontSize(9.5).fillColor(COLOURS.mute)
          page.text(label, x, y, inside)
          page.font('Helvetica-Bold').fontSize(18).fillColor(COLOURS.ink)
          page.text(value, x, figures, inside)
        })
      })
      this.#y = figures + mm(14)
    }
    this.#y += mm(4)
  }

  /** Draws a heading, which stays with what follows it. @param level 2 or 3, below the title */
  drawHeading(text: string, level: 2 | 3): void {
    this.#ensureHeight(mm(34))
    this.#drawHeading(text, level)
  }

  drawParagraph(text: string): void {
    this.#page.font('Helvetica').fontSize(10)
    this.#ensureHeight(this.#page.heightOfString(text, { width: WIDTH, lineGap: 2 }))
    this.#add('P', () => {
      this.#page.font('Helvetica').fontSize(10).fillColor(COLOURS.ink)
      this.#page.text(text, LEFT, this.#y, { width: WIDTH, lineGap: 2 })
    })
    this.#y = this.#page.y + mm(3)
  }

  /** Draws a list of sentences, each after a dash. */
  drawList(items: readonly string[]): void {
    const page = this.#page
    const inside = { width: WIDTH - mm(5), lineGap: 2 }
    const list = page.struct('L')
    this.#root.add(list)
    for (const item of items) {
      page.font('Helvetica').fontSize(10)
      this.#ensureHeight(page.heightOfString(item, inside))
      const y = this.#y
      markArtifact(page, () => {
        page.font('Helvetica').fontSize(10).fillColor(COLOURS.mute).text('–', LEFT, y, { lineBreak: false })
      })
      list.add(
        page.struct('LI', {}, () => {
          page.font('Helvetica').fontSize(10).fillColor(COLOURS.ink)
          page.text(item, LEFT + mm(5), y, inside)
        }),
      )
      this.#y = page.y + mm(1.2)
    }
    list.end()
    this.#y += mm(2)
  }

  /** Draws a table below a heading. @param columns name and relative width */
  drawTable(
    heading: string,
    columns: readonly (readonly [string, number])[],
    rows: readonly (readonly string[])[],
  ): void {
    this.#ensureHeight(mm(34))
    this.#drawHeading(heading, 2)
    if (rows.length === 0) this.#drawNothing()
    else this.#drawRows(columns, rows, 'right')
  }

  /** Draws a table of texts without a heading. @param columns name and relative width */
  drawTexts(columns: readonly (readonly [string, number])[], rows: readonly (readonly string[])[]): void {
    this.#drawRows(columns, rows, 'left')
  }

  /** @param align of all columns but the first, which names the row */
  #drawRows(
    columns: readonly (readonly [string, number])[],
    rows: readonly (readonly string[])[],
    align: 'left' | 'right',
  ): void {
    const page = this.#page
    page.fontSize(TABLE_SIZE)
    const longest = (text: string, font: string) => {
      page.font(font)
      return Math.max(...text.split(/[ \n]/).map((word) => page.widthOfString(word)))
    }
    const needs = columns.map(
      ([name], no) =>
        rows.reduce(
          (most, row) => Math.max(most, longest(row[no] ?? '', 'Helvetica')),
          longest(name, 'Helvetica-Bold'),
        ) + GAP,
    )
    const widths = shareWidths(
      columns.map(([, share]) => share),
      needs,
      WIDTH,
    )
    const table = this.#page.struct('Table')
    this.#root.add(table)
    const names = columns.map(([name]) => name)
    this.#drawRow(table, names, { widths, align, tag: 'TH' })
    for (const row of rows) this.#drawRow(table, row, { widths, align, tag: 'TD' })
    table.end()
    this.#y += mm(7)
  }

  #drawRow(
    table: Structure,
    cells: readonly string[],
    look: {
      readonly widths: readonly number[]
      readonly align: 'left' | 'right'
      readonly tag: 'TH' | 'TD'
    },
  ): void {
    const { widths, align, tag } = look
    const page = this.#page
    const font = () => page.font(tag === 'TH' ? 'Helvetica-Bold' : 'Helvetica').fontSize(TABLE_SIZE)
    font()
    const texts = cells.map((cell, no) =>
      cell
        .split('\n')
        .map((line) => breakAtSpaces(page, line, widths[no]! - GAP))
        .join('\n'),
    )
    const heights = texts.map((text, no) => page.heightOfString(text, { width: widths[no]! - GAP }))
    this.#ensureHeight(Math.max(...heights) + mm(1.6))
    // A new page begins with the footer of the last one, in another font.
    font()
    const y = this.#y
    const row = page.struct('TR')
    table.add(row)
    let x = LEFT
    texts.forEach((text, no) => {
      const [at, width] = [x, widths[no]!]
      row.add(
        page.struct(no === 0 ? 'TH' : tag, {}, () => {
          page.fillColor(tag === 'TH' ? COLOURS.mute : COLOURS.ink)
          page.text(text, at, y, { width: width - GAP, align: no === 0 ? 'left' : align })
        }),
      )
      x += width
    })
    row.end()
    this.#y += Math.max(...heights) + mm(1.6)
    const line = this.#y - mm(0.8)
    markArtifact(page, () => {
      page
        .moveTo(LEFT, line)
        .lineTo(LEFT + WIDTH, line)
        .lineWidth(0.4)
        .stroke(COLOURS.line)
    })
  }

  /** Draws each value with a bar proportional to the largest value. */
  drawBars(heading: string, bars: readonly (readonly [string, number])[]): void {
    this.#ensureHeight(Math.min(bars.length, 8) * mm(5.4) + mm(14))
    this.#drawHeading(heading, 2)
    if (bars.every(([, value]) => value === 0)) {
      this.#drawNothing()
      return
    }
    const page = this.#page
    const most = Math.max(...bars.map(([, value]) => value))
    const from = LEFT + mm(58)
    const longest = WIDTH - mm(58) - mm(18)
    const list = page.struct('L')
    this.#root.add(list)
    for (const [label, value] of bars) {
      this.#ensureHeight(mm(7))
      const top = this.#y
      const length = (value / most) * longest
      list.add(
        page.struct('LI', {}, () => {
          page.font('Helvetica').fontSize(9).fillColor(COLOURS.ink)
          page.text(label, LEFT, top, { width: mm(55), height: mm(5), ellipsis: true, lineBreak: false })
          page.text(this.#words.count(value), from + length + mm(2), top, { lineBreak: false })
        }),
      )
      markArtifact(page, () => page.rect(from, top, Math.max(0.4, length), mm(3)).fill(COLOURS.accent))
      this.#y = top + mm(5.4)
    }
    list.end()
    this.#y += mm(6)
  }

  /** Ends the paper, with a note below everything. */
  end(note?: string): void {
    if (note !== undefined) this.#drawNote(note)
    this.#drawFooter()
    this.#root.end()
  }

  #drawNote(note: string): void {
    this.#ensureHeight(mm(30))
    this.#add('P', () => {
      this.#page.font('Helvetica').fontSize(9).fillColor(COLOURS.mute)
      this.#page.text(note, LEFT, this.#y + mm(4), { width: WIDTH, lineGap: 2 })
    })
  }

  #add(tag: string, draw: () => void): void {
    this.#root.add(this.#page.struct(tag, {}, draw))
  }

  /** Begins a new page when less than this height is left. */
  #ensureHeight(height: number): void {
    if (this.#y + height <= BOTTOM) return
    this.#drawFooter()
    this.#page.addPage()
    this.#pages += 1
    this.#y = mm(20)
  }

  #drawHeading(text: string, level: 2 | 3): void {
    const page = this.#page
    this.#add(`H${level}`, () => {
      page
        .font('Helvetica-Bold')
        .fontSize(level === 2 ? 13 : 11)
        .fillColor(COLOURS.ink)
        .text(text, LEFT, this.#y, { width: WIDTH })
    })
    this.#y = page.y + mm(2.5)
  }

  #drawNothing(): void {
    const page = this.#page
    this.#add('P', () => {
      page.font('Helvetica').fontSize(10).fillColor(COLOURS.mute).text(this.#words.nothing, LEFT, this.#y)
    })
    this.#y = page.y + mm(7)
  }

  #drawFooter(): void {
    const page = this.#page
    markArtifact(page, () => {
      page.font('Helvetica').fontSize(8.5).fillColor(COLOURS.mute)
      const words = this.#words.footer(this.#pages)
      page.text(words, LEFT, A4_HEIGHT - mm(14), { width: WIDTH, lineBreak: false })
    })
  }
}

/** Marks decoration that screen readers must skip. */
function markArtifact(page: Page, draw: () => void): void {
  page.markContent('Artifact', { type: 'Layout' })
  draw()
  page.endMarkedContent()
}

/**
 * Shares a width among columns, so that no word of a column is wider than it; where not all words fit, by the shares alone.
 * @param needs the width of the longest word of each
 */
export function shareWidths(shares: readonly number[], needs: readonly number[], width: number): number[] {
  const byShares = (left: number, free: readonly boolean[]) => {
    const whole = shares.reduce((sum, share, no) => sum + (free[no] ? share : 0), 0)
    return shares.map((share, no) => (free[no] ? (share / whole) * left : needs[no]!))
  }
  const free = shares.map(() => true)
  if (needs.reduce((sum, need) => sum + need, 0) > width) return byShares(width, free)
  for (;;) {
    const taken = needs.reduce((sum, need, no) => sum + (free[no] ? 0 : need), 0)
    const widths = byShares(width - taken, free)
    const narrow = widths.findIndex((one, no) => free[no] && one < needs[no]!)
    if (narrow === -1) return widths
    free[narrow] = false
  }
}
