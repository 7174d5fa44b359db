import { longDay } from '../../i18n/day.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { dayIn } from '../../message/clock.ts'
import { readableSiret } from '../../message/written.ts'
import {
  breakAtSpaces,
  COLOURS,
  drawBell,
  drawPdf,
  drawQr,
  LOCALES,
  mm,
  type Page,
  replaceUnprintable,
} from './pdf.ts'

export interface CertificateFacts {
  readonly scheme: string
  readonly chamber: string
  readonly sender: string
  readonly name: string
  readonly siret: string | null
  readonly address: string | null
  readonly commune: string
  /** YYYY-MM-DD. */
  readonly memberSince: string
  /** Null if the chamber entered the member without an online enrolment. */
  readonly charter: {
    readonly version: number
    readonly sha256: string
    readonly signedName: string
    readonly signedAt: Date
  } | null
  /** Address of the scheme's public page. */
  readonly link: string
  readonly at: Date
  /** The time zone of the scheme, in which its days are written. */
  readonly timeZone: string
  /** French when absent. */
  readonly lang?: Lang
  /** The line of a scheme whose settings one person decided alone. */
  readonly alone?: string | undefined
}

const LEFT = mm(22)
const WIDTH = mm(210 - 44)
/** The width of the names in the head, right of the bell. */
const HEAD = WIDTH - mm(18)

/** Draws the certificate of membership: one A4 page to show to an insurer or to display. */
export function drawCertificate(facts: CertificateFacts): Promise<Buffer> {
  const { lang = 'fr' } = facts
  const dayOf = (date: Date) => longDay(dayIn(facts.timeZone, date), lang)
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    replaceUnprintable(formatMessage(lang, key, values))
  const title = t('certificate.title')
  const rows: readonly (readonly [string, string])[] = [
    [t('certificate.member'), replaceUnprintable(facts.name)],
    ...(facts.siret === null
      ? []
      : [[t('certificate.siret'), replaceUnprintable(readableSiret(facts.siret))] as const]),
    [
      t('certificate.address'),
      replaceUnprintable([facts.address, facts.commune].filter((part) => part !== null).join(', ')),
    ],
    [t('certificate.since'), replaceUnprintable(longDay(facts.memberSince, lang))],
    [t('certificate.sender'), replaceUnprintable(facts.sender)],
    ...(facts.charter === null
      ? []
      : [
          [
            t('certificate.charter'),
            t('certificate.charter.signed', {
              version: facts.charter.version,
              day: dayOf(facts.charter.signedAt),
              name: facts.charter.signedName,
            }),
          ] as const,
        ]),
  ]

  const about = {
    title,
    size: [mm(210), mm(297)],
    at: facts.at,
    lang: LOCALES[lang],
    note: facts.alone,
  } as const
  return drawPdf(about, (page) => {
    const root = page.struct('Document')
    page.addStructure(root)
    const add: AddToStructure = (tag, draw) => root.add(page.struct(tag, {}, draw))
    const { scheme, chamber, height } = measureHead(page, facts)
    page.markContent('Artifact', { type: 'Layout' })
    page.rect(0, 0, mm(210), height).fill(COLOURS.accent)
    drawBell(page, LEFT - mm(2), mm(11), mm(16), COLOURS.paper)
    page.endMarkedContent()
    for (const { font, size, text, y } of [scheme, chamber]) {
      add('P', () => {
        page.font(font).fontSize(size).fillColor(COLOURS.paper)
        page.text(text, LEFT + mm(18), y, { width: HEAD })
      })
    }
    add('H1', () => {
      page.font('Helvetica-Bold').fontSize(26).fillColor(COLOURS.ink)
      page.text(title, LEFT, height + mm(18), { width: WIDTH })
    })
    add('P', () => {
      page.font('Helvetica').fontSize(12).fillColor(COLOURS.ink)
      const text = t('certificate.text', { chamber: facts.chamber, name: facts.name, scheme: facts.scheme })
      page.text(text, LEFT, page.y + mm(5), { width: WIDTH, lineGap: 4 })
    })
    let y = page.y + mm(9)
    for (const [label, value] of rows) {
      y = drawRow(page, y, label, value, add)
    }
    const qr = mm(34)
    const below = Math.max(y + mm(4), mm(196))
    root.add(
      page.struct('Figure', { alt: t('certificate.qr.alt', { link: facts.link }) }, () =>
        drawQr(page, facts.link, LEFT - mm(3.5), below, qr),
      ),
    )
    add('P', () => {
      page.font('Helvetica').fontSize(10.5).fillColor(COLOURS.ink)
      page.text(t('certificate.qr'), LEFT + qr + mm(4), below + mm(6), {
        width: WIDTH - qr - mm(4),
        lineGap: 3,
      })
      page
        .fillColor(COLOURS.accent)
        .text(replaceUnprintable(facts.link), { width: WIDTH - qr - mm(4), link: facts.link })
    })
    add('P', () => {
      page.font('Helvetica-Bold').fontSize(10.5).fillColor(COLOURS.ink)
      page.text(t('certificate.rule'), LEFT, Math.max(mm(250), below + qr + mm(3)), {
        width: WIDTH,
        lineGap: 3,
      })
    })
    add('P', () => {
      page.font('Helvetica').fontSize(8.5).fillColor(COLOURS.mute)
      const made = t('certificate.made', { day: dayOf(facts.at) })
      const proof =
        facts.charter === null ? '' : ` ${t('certificate.proof', { sha256: facts.charter.sha256 })}`
      page.text(`${made}${proof}`, LEFT, Math.max(mm(272), page.y + mm(2)), { width: WIDTH, lineGap: 2 })
    })
    root.end()
  })
}

/** Places the names in the head: the chamber below the lines of the scheme, and the head around both. */
function measureHead(page: Page, facts: Pick<CertificateFacts, 'scheme' | 'chamber'>) {
  const measure = (font: string, size: number, name: string, y: number) => {
    page.font(font).fontSize(size)
    const text = breakAtSpaces(page, replaceUnprintable(name), HEAD)
    return { font, size, text, y, end: y + page.heightOfString(text, { width: HEAD }) }
  }
  const scheme = measure('Helvetica-Bold', 18, facts.scheme, mm(13.5))
  const chamber = measure('Helvetica', 10.5, facts.chamber, scheme.end + mm(1.2))
  return { scheme, chamber, height: Math.max(mm(38), chamber.end + mm(6)) }
}

/** Draws something as an element of the document's structure. */
type AddToStructure = (tag: string, draw: () => void) => void

/** @returns the vertical position of the next row */
function drawRow(page: Page, y: number, label: string, value: string, add: AddToStructure): number {
  const valueX = LEFT + mm(48)
  add('P', () => {
    page.font('Helvetica').fontSize(10.5).fillColor(COLOURS.mute)
    page.text(label, LEFT, y, { width: mm(46) })
    page.font('Helvetica-Bold').fontSize(11.5).fillColor(COLOURS.ink)
    page.text(value, valueX, y - 0.5, { width: WIDTH - mm(48), lineGap: 2 })
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
