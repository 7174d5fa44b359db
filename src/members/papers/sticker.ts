import { formatMessage, type Lang } from '../../i18n/format.ts'
import { breakAtSpaces, COLOURS, drawBell, drawPdf, drawQr, LOCALES, mm, replaceUnprintable } from './pdf.ts'

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
/** Top of the name of the scheme, and the height for it and the sentence below it, above the code. */
const NAME_TOP = mm(39)
const NAME_HEIGHT = mm(41)
const NAME_SIZES = [23, 19, 17, 15, 13, 11] as const
/** Height for the name of the chamber, above the address of the portal. */
const CHAMBER_HEIGHT = mm(7)
const CHAMBER_SIZES = [8.5, 7.5, 6.5, 5.5] as const

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
    replaceUnprintable(formatMessage(lang, key, values))
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
        page.font('Helvetica').fontSize(11.5)
        const sentence = page.heightOfString(t('sticker.text'), { ...centred, lineGap: 2 }) + mm(3)
        page.font('Helvetica-Bold').fillColor(COLOURS.paper)
        const nameAt = (size: number) => breakAtSpaces(page.fontSize(size), replaceUnprintable(scheme), INNER)
        const sizes = scheme.length > 24 ? NAME_SIZES.slice(1) : NAME_SIZES
        const size = largestThatFits(sizes, NAME_HEIGHT - sentence, (one) =>
          page.heightOfString(nameAt(one), centred),
        )
        page.text(nameAt(size), LEFT, NAME_TOP, centred)
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
        page.font('Helvetica').fillColor(COLOURS.paper)
        const size = largestThatFits(CHAMBER_SIZES, CHAMBER_HEIGHT, (one) =>
          page.fontSize(one).heightOfString(replaceUnprintable(chamber), centred),
        )
        page.fontSize(size).text(replaceUnprintable(chamber), LEFT, mm(134.5), centred)
      })
      add('P', () => {
        const address = replaceUnprintable(space.replace(/^https?:\/\//, ''))
        page.font('Helvetica').fontSize(8).fillColor(COLOURS.paper)
        page.text(t('sticker.space', { address }), LEFT, mm(142), { ...centred, lineBreak: false })
      })
      root.end()
    },
  )
}

/** Returns the first of these sizes of letters at which a text is no higher than `most`; the last if none is. */
function largestThatFits(sizes: readonly number[], most: number, heightAt: (size: number) => number): number {
  return sizes.find((size) => heightAt(size) <= most) ?? sizes.at(-1)!
}
