import { formatMessage, type Lang } from '../../i18n/format.ts'
import { breakAtSpaces, COLOURS, drawBell, drawPdf, drawQr, LOCALES, mm, printable } from './pdf.ts'

export interface StickerFacts {
  readonly scheme: string
  readonly chamber: string
  /** Address of the scheme's public page. */
  readonly link: string
  /** Address of the portal of members, which SMS about dues refer to. */
  readonly space: string
  readonly at: Date
  /** French when absent. */
  readonly lang?: Lang
}

const WIDTH = mm(105)
const INNER = mm(85)
const LEFT = mm(10)

/** Draws the door sticker of a member: 105 × 148 mm (A6), to print on adhesive paper. It names the scheme, not the shop. */
export function drawSticker({
  scheme,
  chamber,
  link,
  space,
  at,
  lang = 'fr',
}: StickerFacts): Promise<Buffer> {
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    printable(formatMessage(lang, key, values))
  return drawPdf(
    { title: t('sticker.title', { scheme }), size: [WIDTH, mm(148)], at, lang: LOCALES[lang] },
    (page) => {
      const root = page.struct('Document')
      page.addStructure(root)
      const add = (tag: string, draw: () => void) => root.add(page.struct(tag, {}, draw))
      const centred = { width: INNER, align: 'center' } as const
      page.markContent('Artifact', { type: 'Layout' })
      page.rect(0, 0, WIDTH, mm(148)).fill(COLOURS.accent)
      drawBell(page, WIDTH / 2 - mm(11), mm(7), mm(22), COLOURS.paper)
      page.endMarkedContent()
      add('P', () => {
        page.font('Helvetica-Bold').fontSize(13).fillColor(COLOURS.paper)
        page.text(t('sticker.member'), LEFT, mm(31), { ...centred, characterSpacing: 1 })
      })
      add('H1', () => {
        page
          .font('Helvetica-Bold')
          .fontSize(scheme.length > 24 ? 19 : 23)
          .fillColor(COLOURS.paper)
        page.text(breakAtSpaces(page, printable(scheme), INNER), LEFT, mm(39), centred)
      })
      add('P', () => {
        page.font('Helvetica').fontSize(11.5).fillColor(COLOURS.paper)
        page.text(t('sticker.text'), LEFT, Math.max(page.y + mm(3), mm(60)), { ...centred, lineGap: 2 })
      })
      const size = mm(42)
      page.markContent('Artifact', { type: 'Layout' })
      page
        .roundedRect(WIDTH / 2 - size / 2 - mm(1), mm(82), size + mm(2), size + mm(2), mm(3))
        .fill(COLOURS.paper)
      page.endMarkedContent()
      root.add(
        page.struct('Figure', { alt: t('sticker.qr.alt', { link }) }, () =>
          drawQr(page, link, WIDTH / 2 - size / 2, mm(83), size),
        ),
      )
      add('P', () => {
        page.font('Helvetica-Bold').fontSize(12).fillColor(COLOURS.paper)
        page.text(t('sticker.call'), LEFT, mm(128.5), centred)
      })
      add('P', () => {
        page.font('Helvetica').fontSize(8.5).fillColor(COLOURS.paper)
        page.text(printable(chamber), LEFT, mm(134.5), centred)
      })
      add('P', () => {
        const address = printable(space.replace(/^https?:\/\//, ''))
        page.font('Helvetica').fontSize(8).fillColor(COLOURS.paper)
        page.text(t('sticker.space', { address }), LEFT, mm(142), { ...centred, lineBreak: false })
      })
      root.end()
    },
  )
}
