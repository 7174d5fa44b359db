import { frenchDay } from '../../i18n/day.ts'
import { formatMessage } from '../../i18n/format.ts'
import { COLOURS, drawPdf, mm, type Page, printable } from '../../members/papers/pdf.ts'
import { formatEuros } from '../../platform/money.ts'
import type { ChequeToDeposit } from './contract.ts'

const LEFT = mm(18)
const WIDTH = mm(210 - 36)
const ROW = mm(7)
const BOTTOM = mm(272)

interface Slip {
  readonly number: string
  readonly depositedOn: string
  readonly iban: string
  readonly holder: string
  readonly cheques: number
  readonly amountCents: number
  readonly createdAt: Date
  /** The line of a scheme whose settings one person decided alone. */
  readonly alone: string | undefined
}

/** Columns: the left edge and the width in mm, and whether the text is at the right. */
const COLUMNS = [
  ['deposit.no', 0, 8, true],
  ['deposit.number', 11, 30, false],
  ['deposit.bank', 43, 38, false],
  ['deposit.drawer', 83, 60, false],
  ['deposit.amount', 145, 29, true],
] as const

/** Draws a deposit slip: the account, each cheque on a line, count and sum. It continues on as many pages as it needs. */
export function drawDepositSlip(slip: Slip, cheques: readonly ChequeToDeposit[]): Promise<Buffer> {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    printable(formatMessage('fr', key, values))
  const title = t('deposit.title', { number: slip.number })
  const sum = printable(formatEuros(slip.amountCents))
  return drawPdf({ title, size: [mm(210), mm(297)], at: slip.createdAt, note: slip.alone }, (page) => {
    const root = page.struct('Document')
    page.addStructure(root)
    const add = (tag: string, draw: () => void) => root.add(page.struct(tag, {}, draw))
    add('H1', () => {
      page.font('Helvetica-Bold').fontSize(18).fillColor(COLOURS.ink)
      page.text(title, LEFT, mm(20), { width: WIDTH })
    })
    const facts: readonly (readonly [string, string])[] = [
      [t('deposit.holder'), printable(slip.holder)],
      ['IBAN', slip.iban.replace(/(.{4})(?=.)/g, '$1 ')],
      [t('deposit.day'), frenchDay(slip.depositedOn)],
      [t('deposit.count'), String(slip.cheques)],
      [t('deposit.sum'), sum],
    ]
    let y = mm(34)
    for (const [label, value] of facts) {
      add('P', () => {
        page
          .font('Helvetica')
          .fontSize(10)
          .fillColor(COLOURS.mute)
          .text(label, LEFT, y, { width: mm(50) })
        page.font('Helvetica-Bold').fontSize(11).fillColor(COLOURS.ink)
        page.text(value, LEFT + mm(52), y, { width: WIDTH - mm(52) })
      })
      y = page.y + mm(2)
    }
    y += mm(6)
    const row = (cells: readonly string[], font: string) => {
      add('P', () => {
        for (const [i, [, left, width, isRight]] of COLUMNS.entries()) {
          page.font(font).fontSize(9.5).fillColor(COLOURS.ink)
          page.text(fitted(page, cells[i] ?? '', mm(width)), LEFT + mm(left), y, {
            ...{ width: mm(width), align: isRight ? 'right' : 'left', lineBreak: false },
          })
        }
      })
      rule(page, y + mm(5))
      y += ROW
    }
    const head = () =>
      row(
        COLUMNS.map(([key]) => t(key)),
        'Helvetica-Bold',
      )
    head()
    for (const [i, { number, bank, drawer, member, amountCents }] of cheques.entries()) {
      if (y > BOTTOM - ROW) {
        page.addPage()
        y = mm(20)
        head()
      }
      const who = drawer === '' ? member.name : `${drawer} (${member.name})`
      row([String(i + 1), number, bank, who, formatEuros(amountCents)].map(printable), 'Helvetica')
    }
    add('P', () => {
      page.font('Helvetica-Bold').fontSize(12).fillColor(COLOURS.ink)
      const total = t('deposit.total', { count: slip.cheques, sum })
      page.text(total, LEFT, y + mm(4), { width: WIDTH, align: 'right' })
    })
    root.end()
  })
}

/** Cuts a text that is wider than its column. */
function fitted(page: Page, text: string, width: number): string {
  let cut = text
  while (cut.length > 1 && page.widthOfString(cut) > width) cut = cut.slice(0, -1)
  return cut
}

function rule(page: Page, y: number): void {
  page.markContent('Artifact', { type: 'Layout' })
  page
    .moveTo(LEFT, y)
    .lineTo(LEFT + WIDTH, y)
    .lineWidth(0.4)
    .stroke(COLOURS.line)
  page.endMarkedContent()
}
