import { foldToGsm7, type Replacement } from './fold.ts'
import { countSeptets, isGsm7 } from './gsm0338.ts'

/** How a text travels as SMS. */
export interface Segmentation {
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** The text as sent, cut into parts; joined they give the whole text. Never empty. */
  readonly parts: string[]
  /** Cost of the whole text: septets in GSM-7 (2 for `€ [ ] { } ^ ~ | \`), UTF-16 code units in UCS-2. */
  readonly units: number
  /** Units still free in the last part. */
  readonly unitsLeft: number
  /** What folding replaced, in the order of first occurrence; `to` is empty for what it removed. */
  readonly replaced: Replacement[]
}

export interface SegmentOptions {
  /**
   * Replace each character that GSM-7 lacks by its closest form (ê → e, ’ → ', œ → oe, « → "), if that makes
   * the whole text GSM-7. Default false: the text as it is.
   */
  readonly fold?: boolean
}

/** Units in a message of one part, and in each part of a longer one once its header is counted (3GPP TS 23.040 section 9.2.3.24.1). */
export const PART_UNITS = {
  'GSM-7': { single: 160, multi: 153 },
  'UCS-2': { single: 70, multi: 67 },
} as const

function countUnits(character: string, encoding: Segmentation['encoding']): number {
  return encoding === 'GSM-7' ? countSeptets(character) : character.length
}

/** Greedy, which gives the fewest parts; whole code points, so that no escape or surrogate pair is cut. */
function cut(text: string, encoding: Segmentation['encoding']) {
  const { single, multi } = PART_UNITS[encoding]
  let units = 0
  for (const character of text) units += countUnits(character, encoding)
  if (units <= single) return { parts: [text], units, unitsLeft: single - units }

  const parts: string[] = []
  let start = 0
  let end = 0
  let used = 0
  for (const character of text) {
    const cost = countUnits(character, encoding)
    if (used + cost > multi) {
      parts.push(text.slice(start, end))
      start = end
      used = 0
    }
    used += cost
    end += character.length
  }
  parts.push(text.slice(start))
  return { parts, units, unitsLeft: multi - used }
}

/**
 * Says how a text will be sent: alphabet, parts, cost. GSM-7 when every character has a place in it
 * (3GPP TS 23.038), else UCS-2. The text is put in NFC first, so that a decomposed `é` is found as `é`; a lone
 * surrogate becomes U+FFFD. Never throws.
 *
 * @example
 * segmentMessage('Tentative de vol à la pâtisserie', { fold: true })
 * // { encoding: 'GSM-7', parts: ['Tentative de vol à la patisserie'], units: 32, unitsLeft: 128,
 * //   replaced: [{ from: 'â', to: 'a', count: 1 }] }
 */
export function segmentMessage(text: string, options: SegmentOptions = {}): Segmentation {
  const asWritten = text.toWellFormed().normalize('NFC')
  const folded = options.fold === true ? foldToGsm7(asWritten) : undefined
  const sent = folded?.text ?? asWritten
  const encoding = isGsm7(sent) ? 'GSM-7' : 'UCS-2'
  return { encoding, ...cut(sent, encoding), replaced: folded?.replaced ?? [] }
}
