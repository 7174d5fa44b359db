import { frenchDay } from '../../i18n/day.ts'
import { formatMessage } from '../../i18n/format.ts'
import {
  breakAtSpaces,
  COLOURS,
  drawBell,
  drawPdf,
  mm,
  type Page,
  replaceUnprintable,
} from '../../members/papers/pdf.ts'
import { formatEuros } from '../../message/money.ts'
import { readableSiret } from '../../message/written.ts'
import type { ReceiptFacts } from '../contract.ts'

const LEFT = mm(22)
const WIDTH = mm(210 - 44)

/**
 * Draws a receipt, a credit note, or a cancellation: one A4 page with its number.
 * @param paper `day`: when it was issued, in France; `alone`: the line of a scheme whose settings one person decided alone
 */
export function drawReceipt(
  facts: ReceiptFacts & { readonly member: NonNullable<ReceiptFacts['member']> },
  paper: {
    readonly number: string
    readonly day: string
    readonly at: Date
    readonly alone?: string | undefined
  },
): Promise<Buffer> {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    replaceUnprintable(formatMessage('fr', key, values))
  const { creditor, member, cancels } = facts
  const { refund } = facts
  const key = cancels !== null ? 'receipt.cancel' : refund !== undefined ? 'receipt.refund' : 'receipt'
  const title = t(`${key}.title`, { number: paper.number })
  const years = facts.years.join(', ')
  const rows: readonly (readonly [string, string])[] = [
    [t('receipt.member'), replaceUnprintable(member.name)],
    ...(member.siret === null
      ? []
      : [[t('certificate.siret'), replaceUnprintable(readableSiret(member.siret))] as const]),
    [
      t('certificate.address'),
      replaceUnprintable([member.address, member.commune].filter((part) => part !== null).join(', ')),
    ],
    [
      t('receipt.for'),
      refund !== undefined
        ? refund.receipt === null
          ? t('receipt.refund.advance')
          : t('receipt.refund.of', { number: refund.receipt })
        : facts.years.length === 0
          ? t('receipt.advance')
          : t('receipt.years', { count: facts.years.length, years }),
    ],
    ...coveredYears(facts).map(([label, cents]) => [label, replaceUnprintable(formatEuros(cents))] as const),
    [t('receipt.way'), t(`receipt.way.${facts.way}`)],
    [t(refund === undefined ? 'receipt.received' : 'receipt.refund.on'), frenchDay(facts.receivedOn)],
    ...(facts.reference === ''
      ? []
      : [[t('receipt.reference'), replaceUnprintable(facts.reference)] as const]),
    ...(refund === undefined
      ? []
      : [[t('receipt.refund.reason'), replaceUnprintable(refund.reason)] as const]),
    ...(cancels === null ? [] : [[t('receipt.cancel.reason'), replaceUnprintable(cancels.reason)] as const]),
  ]
  const amount = replaceUnprintable(formatEuros((cancels === null ? 1 : -1) * facts.amountCents))

  return drawPdf({ title, size: [mm(210), mm(297)], at: paper.at, note: paper.alone }, (page) => {
    const root = page.struct('Document')
    page.addStructure(root)
    const add = (tag: string, draw: () => void) => root.add(page.struct(tag, {}, draw))
    page.markContent('Artifact', { type: 'Layout' })
    page.rect(0, 0, mm(210), mm(38)).fill(COLOURS.accent)
    drawBell(page, LEFT - mm(2), mm(11), mm(16), COLOURS.paper)
    page.endMarkedContent()
    add('P', () => {
      page.font('Helvetica-Bold').fontSize(16).fillColor(COLOURS.paper)
      page.text(
        breakAtSpaces(page, replaceUnprintable(creditor.name), WIDTH - mm(18)),
        LEFT + mm(18),
        mm(9),
        {
          width: WIDTH - mm(18),
        },
      )
      page.font('Helvetica').fontSize(9.5)
      const below = [
        creditor.address,
        creditor.siret === '' ? '' : `SIRET\u00A0${readableSiret(creditor.siret)}`,
      ]
      page.text(replaceUnprintable(below.filter((part) => part !== '').join(' · ') || facts.scheme), {
        width: WIDTH - mm(18),
      })
    })
    add('H1', () => {
      page.font('Helvetica-Bold').fontSize(22).fillColor(COLOURS.ink)
      page.text(title, LEFT, mm(56), { width: WIDTH })
    })
    add('P', () => {
      page.font('Helvetica').fontSize(12).fillColor(COLOURS.ink)
      const text =
        cancels === null
          ? t(`${key}.text`, { creditor: creditor.name, scheme: facts.scheme })
          : t(refund === undefined ? 'receipt.cancel.text' : 'receipt.cancel.refund', {
              number: cancels.number,
            })
      page.text(text, LEFT, page.y + mm(5), { width: WIDTH, lineGap: 4 })
    })
    let y = page.y + mm(9)
    for (const [label, value] of rows) y = drawRow(page, y, label, value, add)
    add('P', () => {
      page.font('Helvetica-Bold').fontSize(20).fillColor(COLOURS.ink)
      page.text(`${t('receipt.amount')} : ${amount}`, LEFT, y + mm(6), { width: WIDTH, align: 'right' })
    })
    add('P', () => {
      page.font('Helvetica').fontSize(9.5).fillColor(COLOURS.mute)
      const made = t('receipt.made', { day: frenchDay(paper.day) })
      page.text(
        [made, replaceUnprintable(creditor.note)].filter((part) => part !== '').join('\n'),
        LEFT,
        mm(262),
        {
          width: WIDTH,
          lineGap: 2,
        },
      )
    })
    root.end()
  })
}

/** Lists how much of each year it settled, and what is paid in advance, when it is more than one sum. */
function coveredYears({ amounts = [], amountCents, cancels }: ReceiptFacts): (readonly [string, number])[] {
  const advance = amountCents - amounts.reduce((sum, { cents }) => sum + cents, 0)
  const sums = amounts.map(
    ({ year, cents }) =>
      [replaceUnprintable(formatMessage('fr', 'receipt.year', { year: String(year) })), cents] as const,
  )
  if (advance > 0) sums.push([replaceUnprintable(formatMessage('fr', 'receipt.advance.part')), advance])
  const sign = cancels === null ? 1 : -1
  return amounts.length > 0 && sums.length > 1 ? sums.map(([label, cents]) => [label, sign * cents]) : []
}

/** @returns the vertical position of the next row */
function drawRow(
  page: Page,
  y: number,
  label: string,
  value: string,
  add: (tag: string, draw: () => void) => void,
): number {
  add('P', () => {
    page.font('Helvetica').fontSize(10.5).fillColor(COLOURS.mute)
    page.text(label, LEFT, y, { width: mm(46) })
    page.font('Helvetica-Bold').fontSize(11.5).fillColor(COLOURS.ink)
    page.text(value, LEFT + mm(48), y - 0.5, { width: WIDTH - mm(48), lineGap: 2 })
  })
  const end = page.y + mm(2.6)
  page.markContent('Artifact', { type: 'Layout' })
  page
    .moveTo(LEFT, end)
    .lineTo(LEFT + WIDTH, end)
    .lineWidth(0.5)
    .stroke(COLOURS.line)
  page.endMarkedContent()
  return end + mm(3)
}
