/** Digits of a one-time code. */
export const CODE_DIGITS = 6

/** Stands in a text where a one-time code is written when it leaves: as long, and one septet a character like digits. */
export const CODE_PLACE = '*'.repeat(CODE_DIGITS)

/** The text as the one phone gets it. */
export function withCode(text: string, digits: string): string {
  return text.replace(CODE_PLACE, digits)
}
