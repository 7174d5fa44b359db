import type PDFDocument from 'pdfkit'
import QRCode from 'qrcode'
import type { Lang } from '../../i18n/format.ts'

/** The languages of papers as PDF and other formats name them. */
export const LOCALES: Readonly<Record<Lang, string>> = { fr: 'fr-FR', en: 'en-GB' }

export type Page = InstanceType<typeof PDFDocument>

/** Converts millimetres to points. */
export const mm = (length: number) => (length * 72) / 25.4

export const COLOURS = {
  ink: '#0e1b2c',
  mute: '#526276',
  line: '#c9d3de',
  accent: '#1f4e8c',
  paper: '#ffffff',
}

/** The product's bell as an SVG path, in a square of 32. */
const BELL =
  'M16 6a1.7 1.7 0 0 1 1.7 1.7v.5c3 .8 4.8 3.3 4.8 6.5 0 3.4.8 5 2 6.2.6.6.2 1.6-.7 1.6H8.2c-.9 0-1.3-1-.7-1.6 1.2-1.2 2-2.8 2-6.2 0-3.2 1.8-5.7 4.8-6.5v-.5A1.7 1.7 0 0 1 16 6zm-2.7 18h5.4a2.7 2.7 0 0 1-5.4 0z'

/** Characters beyond Latin-1 that the standard PDF fonts have (Windows-1252). */
const BEYOND = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ')

/** Replaces what the standard fonts cannot draw: letters lose their accents, other signs become "?". */
export function replaceUnprintable(text: string): string {
  return Array.from(text.replaceAll('\u202f', '\u00a0').normalize('NFC'), (character) => {
    if (isPrintable(character)) return character
    const bare = character.normalize('NFD').replace(/\p{M}/gu, '')
    return isPrintable(bare) ? bare : '?'
  }).join('')
}

function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return BEYOND.has(character) || (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xff)
}

/** The parts of a PDF/A-3 besides its pages. */
interface Archive {
  /** Fonts to embed, by the name of the standard font that they replace. */
  readonly fonts: readonly (readonly [name: string, font: Buffer])[]
  /** RDF descriptions to add to its metadata. */
  readonly metadata: string
  /** The content of the pages as data. */
  readonly file: {
    readonly name: string
    readonly type: string
    readonly content: Buffer
    readonly what: string
  }
}

/**
 * Creates a PDF 1.7 document of one page size, with title, language and structure for screen readers. The first page is open.
 * @param about size: width and height in points; lang: French when absent
 */
export async function drawPdf(
  about: {
    readonly title: string
    readonly size: readonly [number, number]
    readonly at: Date
    readonly lang?: string
    /** A line at the bottom of the last page. */
    readonly note?: string | undefined
    /** Makes it a PDF/A-3 with a file in it. */
    readonly archive?: Archive
  },
  draw: (page: Page) => void | Promise<void>,
): Promise<Buffer> {
  // Loaded when a paper is first drawn: with its fonts it takes a tenth of a start.
  const { default: Document } = await import('pdfkit')
  const page = new Document({
    size: [...about.size],
    margin: 0,
    pdfVersion: '1.7',
    tagged: true,
    lang: about.lang ?? 'fr-FR',
    displayTitle: true,
    // Without a default font, since it would be one that is not embedded.
    ...(about.archive !== undefined && { subset: 'PDF/A-3a' as const, font: '' }),
    info: { Title: about.title, Creator: 'Tocsin', Producer: 'Tocsin', CreationDate: about.at },
  })
  if (about.archive !== undefined) addArchive(page, about.archive, about.at)
  const parts: Buffer[] = []
  page.on('data', (part: Buffer) => parts.push(part))
  return new Promise((resolve, reject) => {
    page.on('end', () => resolve(Buffer.concat(parts)))
    page.on('error', reject)
    const finish = () => {
      if (about.note !== undefined) drawNote(page, about.note)
      page.end()
    }
    const drawn = draw(page)
    if (drawn === undefined) finish()
    else drawn.then(finish).catch(reject)
  })
}

function addArchive(page: Page, { fonts, metadata, file }: Archive, at: Date): void {
  for (const [name, font] of fonts) page.registerFont(name, font)
  page.file(file.content, {
    ...{ name: file.name, type: file.type, description: file.what },
    ...{ creationDate: at, modifiedDate: at, relationship: 'Alternative' },
  })
  // Declared by pdfkit, and missing from its types.
  const { appendXML } = page as unknown as { appendXML(xml: string): void }
  appendXML.call(page, metadata)
}

/** Draws a line of small print at the bottom of the open page. */
function drawNote(page: Page, note: string): void {
  const left = mm(20)
  const top = page.page.height - mm(10.5)
  const draw = () => {
    page.font('Helvetica').fontSize(7).fillColor(COLOURS.ink)
    page.text(replaceUnprintable(note), left, top, { width: page.page.width - 2 * left, height: mm(8) })
  }
  page.addStructure(page.struct('Document', {}, [page.struct('P', {}, draw)]))
}

export function drawBell(page: Page, x: number, y: number, size: number, colour: string): void {
  page
    .save()
    .translate(x, y)
    .scale(size / 32)
  page.path(BELL).fill(colour)
  page.restore()
}

/** Draws a QR code (ISO/IEC 18004, level M), with its quiet zone of four modules. */
export function drawQr(page: Page, text: string, x: number, y: number, size: number): void {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
  const step = size / (modules.size + 8)
  page.rect(x, y, size, size).fill(COLOURS.paper)
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column) === 0) continue
      page.rect(x + (column + 4) * step, y + (row + 4) * step, step, step)
    }
  }
  page.fill(COLOURS.ink)
}

/** Breaks a text into lines at spaces only, in the current font: a name like Puy-de-Dôme stays whole. */
export function breakAtSpaces(page: Page, text: string, width: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`
    if (lines.length > 0 && page.widthOfString(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.join('\n')
}
