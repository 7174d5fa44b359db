import { setImmediate } from 'node:timers/promises'
import { frenchDay } from '../../i18n/day.ts'
import { formatMessage } from '../../i18n/format.ts'
import {
  breakAtSpaces,
  COLOURS,
  drawPdf,
  drawQr,
  mm,
  type Page,
  replaceUnprintable,
} from '../../members/papers/pdf.ts'
import { formatEuros } from '../../message/money.ts'
import { readableIban } from '../../message/written.ts'
import type { Letter, LetterHead } from './letters.ts'
import { drawAddress } from './window.ts'

const LEFT = mm(22)
const WIDTH = mm(210 - 44)
/** Letters drawn before other requests get their turn. */
const AT_ONCE = 20

const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
  formatMessage('fr', key, values).split('\n').map(replaceUnprintable).join('\n')

/** Draws payment requests, a page of A4 each, to be folded in three. */
export function drawCalls(head: LetterHead, letters: readonly Letter[]): Promise<Buffer> {
  const title = t('call.title', { scheme: head.scheme })
  return drawPdf({ title, size: [mm(210), mm(297)], at: head.at, note: head.alone }, async (page) => {
    for (const [i, letter] of letters.entries()) {
      if (i > 0) page.addPage()
      const root = page.struct('Document')
      page.addStructure(root)
      drawCall(page, head, letter, (tag, draw) => root.add(page.struct(tag, {}, draw)))
      root.end()
      if (i % AT_ONCE === AT_ONCE - 1) await setImmediate()
    }
  })
}

type Add = (tag: string, draw: () => void) => void

function drawCall(page: Page, head: LetterHead, letter: Letter, add: Add): void {
  const { creditor } = head
  const { years } = letter
  add('P', () => {
    page.font('Helvetica-Bold').fontSize(12).fillColor(COLOURS.ink)
    page.text(breakAtSpaces(page, replaceUnprintable(creditor.name), mm(80)), LEFT, mm(16), { width: mm(80) })
    page.font('Helvetica').fontSize(9.5)
    page.text(replaceUnprintable(creditor.address), { width: mm(80) })
  })
  add('P', () => {
    page.fillColor(COLOURS.ink)
    drawAddress(page, letter)
  })
  add('P', () => {
    page.font('Helvetica').fontSize(10).fillColor(COLOURS.ink)
    page.text(t('call.day', { day: frenchDay(head.day) }), LEFT, mm(90), { width: WIDTH, align: 'right' })
  })
  const late = years.filter(({ dueOn }) => dueOn < head.day)
  const names = years.map(({ year }) => year).join(', ')
  add('H1', () => {
    page.font('Helvetica-Bold').fontSize(15)
    page.text(t(late.length > 0 ? 'call.reminder' : 'call.subject', { years: names }), LEFT, mm(102), {
      width: WIDTH,
    })
  })
  add('P', () => {
    page.font('Helvetica').fontSize(11)
    const amount = replaceUnprintable(formatEuros(letter.owedCents))
    page.text(t('call.text', { scheme: head.scheme, name: letter.name, amount }), LEFT, mm(114), {
      ...{ width: WIDTH, lineGap: 3 },
    })
    if (letter.suspended)
      page.moveDown(0.4).font('Helvetica-Bold').text(t('call.suspended'), { width: WIDTH, lineGap: 3 })
  })
  let y = page.y + mm(4)
  for (const { year, cents, dueOn } of years) {
    const when = t(dueOn < head.day ? 'call.was_due' : 'call.due', { day: frenchDay(dueOn) })
    y = drawLine(
      page,
      y,
      [t('call.year', { year: String(year) }), when, replaceUnprintable(formatEuros(cents))],
      'Helvetica',
      add,
    )
  }
  y = drawLine(
    page,
    y,
    [t('call.total'), '', replaceUnprintable(formatEuros(letter.owedCents))],
    'Helvetica-Bold',
    add,
  )
  drawWays(page, y + mm(5), head, letter, add)
}

/** @returns the vertical position of the next line */
function drawLine(
  page: Page,
  y: number,
  cells: readonly [string, string, string],
  font: string,
  add: Add,
): number {
  add('P', () => {
    page.font(font).fontSize(11).fillColor(COLOURS.ink)
    page.text(cells[0], LEFT, y, { width: mm(60), lineBreak: false })
    page.text(cells[1], LEFT + mm(62), y, { width: mm(68), lineBreak: false })
    page.text(cells[2], LEFT + mm(130), y, { width: WIDTH - mm(130), align: 'right', lineBreak: false })
  })
  page.markContent('Artifact', { type: 'Layout' })
  page
    .moveTo(LEFT, y + mm(5.6))
    .lineTo(LEFT + WIDTH, y + mm(5.6))
    .lineWidth(0.5)
    .stroke(COLOURS.line)
  page.endMarkedContent()
  return y + mm(7.5)
}

/** Draws how to pay, and the reference for the eye and for a scanner. */
function drawWays(page: Page, top: number, head: LetterHead, letter: Letter, add: Add): void {
  const text = (label: string, body: string) =>
    add('P', () => {
      page
        .font('Helvetica-Bold')
        .fontSize(10.5)
        .fillColor(COLOURS.ink)
        .text(label, LEFT, page.y + mm(2), { width: mm(118) })
      page.font('Helvetica').text(body, { width: mm(118), lineGap: 1.5 })
    })
  add('H2', () => {
    page.font('Helvetica-Bold').fontSize(12).fillColor(COLOURS.ink)
    page.text(t('call.how'), LEFT, top, { width: WIDTH })
  })
  const { iban, bic, chequeOrder, cardPage, creditor } = head
  const { reference } = letter
  if (iban !== '') {
    const account = [`IBAN\u00A0${readableIban(iban)}`, ...(bic === '' ? [] : [`BIC\u00A0${bic}`])].join(
      ' · ',
    )
    text(
      t('call.transfer'),
      `${replaceUnprintable(creditor.name)}\n${account}\n${t('call.transfer.reference', { reference })}`,
    )
  }
  if (chequeOrder !== '') {
    const to = [creditor.name, creditor.address].filter((part) => part !== '').join(', ')
    text(t('call.cheque'), t('call.cheque.to', { order: chequeOrder, to, reference }))
  }
  if (cardPage !== undefined) text(t('call.card'), t('call.card.where', { page: cardPage }))
  if (iban === '' && chequeOrder === '' && cardPage === undefined) text(creditor.name, t('call.ask'))
  add('P', () => {
    const side = mm(30)
    const left = LEFT + WIDTH - side
    page.markContent('Artifact', { type: 'Layout' })
    drawQr(page, reference, left, top, side)
    page.endMarkedContent()
    page.font('Helvetica').fontSize(9).fillColor(COLOURS.mute)
    page.text(t('call.reference'), left - mm(5), top + side + mm(1), {
      width: side + mm(10),
      align: 'center',
    })
    page.font('Helvetica-Bold').fontSize(11).fillColor(COLOURS.ink)
    page.text(reference, { width: side + mm(10), align: 'center' })
  })
}
