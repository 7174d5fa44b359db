/**
 * The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 sections 6.2.1 and 6.2.1.1), and the two encodings
 * of a text in an SMPP `short_message`. Pure: runs in browsers and on servers.
 */

/** The escape to the extension table, which is never a character of its own. */
const ESCAPE = 0x1b

/** Index = septet. U+001B marks the escape. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅå' +
  'Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ' +
  ' !"#¤%&\'()*+,-./' +
  '0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNO' +
  'PQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmno' +
  'pqrstuvwxyzäöñüà'

/** Characters that follow an escape and therefore cost two septets. U+000C is the standard's page break. */
const EXTENSION: readonly (readonly [number, string])[] = [
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
]

/** Values above 0x7F are in the extension table, with the escape in the high byte. */
const SEPTETS_BY_CHARACTER: ReadonlyMap<string, number> = new Map([
  ...[...BASIC].map((character, septet): [string, number] => [character, septet]),
  ...EXTENSION.map(([septet, character]): [string, number] => [character, (ESCAPE << 8) | septet]),
])

const EXTENSION_BY_SEPTET: ReadonlyMap<number, string> = new Map(EXTENSION)

/**
 * Returns the septets that one character costs in GSM-7: 1, 2 (extension table), or 0 when GSM-7 lacks it.
 * @param character one code point
 */
export function countSeptets(character: string): 0 | 1 | 2 {
  const septets = SEPTETS_BY_CHARACTER.get(character)
  if (septets === undefined || septets === ESCAPE) return 0
  return septets > 0x7f ? 2 : 1
}

/** Returns true when every character of the text is in GSM-7. */
export function isGsm7(text: string): boolean {
  for (const character of text) if (countSeptets(character) === 0) return false
  return true
}

/**
 * Encodes a text as unpacked septets, one per byte, as in SMPP `data_coding` 0.
 * @throws RangeError when a character has no GSM-7 form: an alert must not be sent with letters missing
 */
export function encodeGsm7(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const septets = SEPTETS_BY_CHARACTER.get(character)
    if (septets === undefined || septets === ESCAPE) {
      throw new RangeError(`U+${character.codePointAt(0)?.toString(16)} is not in the GSM-7 alphabet`)
    }
    if (septets > 0x7f) bytes.push(ESCAPE, septets & 0x7f)
    else bytes.push(septets)
  }
  return Uint8Array.from(bytes)
}

/**
 * Decodes unpacked septets. Never throws: an escape before a septet missing from the extension table yields the basic
 * character, an escape before nothing or another escape yields a space (both as TS 23.038 6.2.1.1 requires), and a byte above
 * 0x7F yields U+FFFD.
 */
export function decodeGsm7(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    const septet = bytes[i] as number
    if (septet > 0x7f) text += '\ufffd'
    else if (septet !== ESCAPE) text += BASIC[septet]
    else {
      const next = bytes[i + 1]
      if (next === undefined || next === ESCAPE) text += ' '
      else text += EXTENSION_BY_SEPTET.get(next) ?? BASIC[next] ?? '\ufffd'
      i++
    }
  }
  return text
}

/** Encodes a text as UTF-16 big endian, as in SMPP `data_coding` 8. */
export function encodeUcs2(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    bytes[2 * i] = unit >> 8
    bytes[2 * i + 1] = unit & 0xff
  }
  return bytes
}

/** Decodes UTF-16 big endian. Never throws: a half unit at the end or a lone surrogate yields U+FFFD. */
export function decodeUcs2(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    text += String.fromCharCode(((bytes[i] as number) << 8) | (bytes[i + 1] as number))
  }
  if (bytes.length % 2 === 1) text += '\ufffd'
  return text.toWellFormed()
}
