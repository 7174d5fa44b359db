import { foldToGsm7, type Replacement } from './fold.ts'
import { countSeptets, isGsm7 } from './gsm0338.ts'

/** A text as it is sent by SMS, with its encoding and length. */
export interface Segmentation {
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** The text as sent, cut into parts whose concatenation is the whole text. Never empty. */
  readonly parts: string[]
  /** Cost of the whole text: septets in GSM-7 (2 for `€ [ ] { } ^ ~ | \`), UTF-16 code units in UCS-2. */
  readonly units: number
  /** Units still free in the last part. */
  readonly unitsLeft: number
  /** Replacements made by folding, in the order of first occurrence; `to` is empty for a removed character. */
  readonly replaced: Replacement[]
}

export interface SegmentOptions {
  /**
   * Whether to replace each character missing from GSM-7 by its closest form (ê → e, ’ → ', œ → oe, « → "), if that makes the
   * whole text GSM-7. False by default: the text stays as it is.
   */
  readonly fold?: boolean
}

/** Units in a message of one part, and in each part of a longer one after its header (3GPP TS 23.040 section 9.2.3.24.1). */
export const PART_UNITS = {
  'GSM-7': { single: 160, multi: 153 },
  'UCS-2': { single: 70, multi: 67 },
} as const

function countUnits(character: string, encoding: Segmentation['encoding']): number {
  return encoding === 'GSM-7' ? countSeptets(character) : character.length
}

/** Cuts greedily, which gives the fewest parts, and between code points, so that no escape or surrogate pair is split. */
function cutIntoParts(text: string, encoding: Segmentation['encoding']) {
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
 * Determines how a text will be sent: alphabet, parts, cost. GSM-7 is used when it has every character (3GPP TS 23.038), else
 * UCS-2. The text is first put into NFC, so that a decomposed `é` is found as `é`; a lone surrogate becomes U+FFFD. Never
 * throws.
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
  return { encoding, ...cutIntoParts(sent, encoding), replaced: folded?.replaced ?? [] }
}
