import { setImmediate } from 'node:timers/promises'
import { breakAtSpaces, mm, type Page, replaceUnprintable } from '../../members/papers/pdf.ts'
import type { Letter } from './letters.ts'

/**
 * The area of the page that shows through the right window of a DL envelope (110 × 220 mm; window of 45 × 100 mm, 20 mm from the
 * right and the bottom), however a page folded to 99 mm slides in it. NF Z 10-011 and the postal service ask for six lines of 38
 * characters at most.
 */
const WINDOW = { left: mm(110), top: mm(50), width: mm(75), height: mm(28), lines: 6 }
const FONT = 'Helvetica'
/** Sizes of the letters in points, the first that fits. */
const SIZES = [10.5, 9, 8] as const
/** The smallest size of a line that cannot be broken, such as a long name of a commune. */
const LEAST_SIZE = 6
/** Addresses measured before other requests get their turn. */
const AT_ONCE = 50

const HOUSE_NUMBER = /^\d{1,4}(?: ?(?:bis|ter|quater|[a-d]))?$/i
const STREET_AFTER = /^(\d{1,4}(?: ?(?:bis|ter|quater|[a-d]))?,?) (?=\S)/i

type Address = Pick<Letter, 'name' | 'address' | 'town'>

/** The lines of an address as they are drawn. */
interface AddressLines {
  readonly lines: readonly { readonly text: string; readonly size: number }[]
  /** Some of the address did not fit and is left out. */
  readonly isCut: boolean
}

/** Draws the address of the recipient in the window: the town last, in capitals. */
export function drawAddress(page: Page, address: Address): void {
  for (const [i, { text, size }] of fitAddress(page, address).lines.entries()) {
    page.font(FONT).fontSize(size)
    page.text(text, WINDOW.left, WINDOW.top + (i * WINDOW.height) / WINDOW.lines, {
      width: WINDOW.width,
      lineBreak: false,
    })
  }
}

/** Lists the letters whose address does not fit in the window. */
export async function listCutAddresses<Recipient extends Address>(
  letters: readonly Recipient[],
): Promise<Recipient[]> {
  const { default: Document } = await import('pdfkit')
  const page = new Document({ autoFirstPage: false })
  const cut: Recipient[] = []
  for (const [i, letter] of letters.entries()) {
    if (fitAddress(page, letter).isCut) cut.push(letter)
    if (i % AT_ONCE === AT_ONCE - 1) await setImmediate()
  }
  return cut
}

/** Breaks an address into at most six lines: at spaces, then in smaller letters, then with parts that share lines. */
function fitAddress(page: Page, { name, address, town }: Address): AddressLines {
  const parts = splitAddress(address ?? '').map(replaceUnprintable)
  const [first, last] = [replaceUnprintable(name), replaceUnprintable(town.toUpperCase())]
  const joined = parts.join(', ')
  for (const middle of [parts, [joined]])
    for (const size of SIZES) {
      page.font(FONT).fontSize(size)
      // The town stays on one line, which sorting machines read.
      const lines = [
        ...[first, ...middle].flatMap((part) => breakAtSpaces(page, part, WINDOW.width).split('\n')),
        last,
      ]
      if (lines.length <= WINDOW.lines) return fitLines(page, lines, size)
    }
  page.font(FONT).fontSize(SIZES.at(-1)!)
  const lines = [first, joined].flatMap((part) => breakAtSpaces(page, part, WINDOW.width).split('\n'))
  return {
    ...fitLines(page, [...lines.slice(0, WINDOW.lines - 1), last], SIZES.at(-1)!),
    isCut: true,
  }
}

/** Draws a line that is still too wide in smaller letters, and cuts it only below the smallest size. */
function fitLines(page: Page, lines: readonly string[], size: number): AddressLines {
  let isCut = false
  const fitted = lines.map((line) => {
    page.font(FONT).fontSize(size)
    const width = page.widthOfString(line)
    if (width <= WINDOW.width) return { text: line, size }
    const smaller = Math.floor((size * WINDOW.width * 10) / width) / 10
    if (smaller >= LEAST_SIZE) return { text: line, size: smaller }
    isCut = true
    page.fontSize(LEAST_SIZE)
    let text = line
    while (page.widthOfString(text) > WINDOW.width) text = text.slice(0, -1)
    return { text, size: LEAST_SIZE }
  })
  return { lines: fitted, isCut }
}

/** Splits an address at commas and line ends, but not between a house number and its street. */
function splitAddress(address: string): string[] {
  const parts: string[] = []
  for (const part of address.split(/\s*[\n,]\s*/).filter((one) => one !== '')) {
    const before = parts.at(-1)
    if (before !== undefined && HOUSE_NUMBER.test(before)) parts[parts.length - 1] = `${before}, ${part}`
    else parts.push(part)
  }
  return parts.map((part) => part.replace(STREET_AFTER, '$1\u00a0'))
}
