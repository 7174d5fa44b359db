import { frenchDay } from '../../i18n/day.ts'
import { formatMessage } from '../../i18n/format.ts'
import { COLOURS, drawPdf, mm, type Page, replaceUnprintable } from '../../members/papers/pdf.ts'
import { formatEuros } from '../../message/money.ts'
import { readableIban } from '../../message/written.ts'
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
  /** Number of cheques on the slip when it was made; some may be cancelled since. */
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

type Cheque = ChequeToDeposit & { readonly cancelled: boolean }

/**
 * Draws a deposit slip: the account, each cheque on a line, count and sum. It continues on as many pages as it needs. Cancelled
 * cheques are listed as such, without a number; they are not counted, and a line says what the slip was made of.
 */
export function drawDepositSlip(slip: Slip, cheques: readonly Cheque[]): Promise<Buffer> {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    replaceUnprintable(formatMessage('fr', key, values))
  const title = t('deposit.title', { number: slip.number })
  const valid = cheques.filter(({ cancelled }) => !cancelled)
  const sum = replaceUnprintable(formatEuros(valid.reduce((all, { amountCents }) => all + amountCents, 0)))
  return drawPdf({ title, size: [mm(210), mm(297)], at: slip.createdAt, note: slip.alone }, (page) => {
    const root = page.struct('Document')
    page.addStructure(root)
    const add = (tag: string, draw: () => void) => root.add(page.struct(tag, {}, draw))
    add('H1', () => {
      page.font('Helvetica-Bold').fontSize(18).fillColor(COLOURS.ink)
      page.text(title, LEFT, mm(20), { width: WIDTH })
    })
    const facts: readonly (readonly [string, string])[] = [
      [t('deposit.holder'), replaceUnprintable(slip.holder)],
      ['IBAN', readableIban(slip.iban)],
      [t('deposit.day'), frenchDay(slip.depositedOn)],
      [t('deposit.count'), String(valid.length)],
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
    let no = 0
    for (const { number, bank, drawer, member, amountCents, cancelled } of cheques) {
      if (y > BOTTOM - ROW) {
        page.addPage()
        y = mm(20)
        head()
      }
      const who = drawer === '' ? member.name : `${drawer} (${member.name})`
      const [first, last] = cancelled
        ? ['', t('deposit.cancelled')]
        : [String(++no), formatEuros(amountCents)]
      row([first, number, bank, who, last].map(replaceUnprintable), 'Helvetica')
    }
    add('P', () => {
      page.font('Helvetica-Bold').fontSize(12).fillColor(COLOURS.ink)
      const total = t('deposit.total', { count: valid.length, sum })
      page.text(total, LEFT, y + mm(4), { width: WIDTH, align: 'right' })
    })
    if (valid.length < slip.cheques)
      add('P', () => {
        const made = { count: slip.cheques, sum: replaceUnprintable(formatEuros(slip.amountCents)) }
        page.font('Helvetica').fontSize(10)
        page.text(t('deposit.differs', { ...made, left: slip.cheques - valid.length }), LEFT, y + mm(11), {
          ...{ width: WIDTH, align: 'right' },
        })
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
