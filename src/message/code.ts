/** Number of digits of a one-time code. */
export const CODE_DIGITS = 6

/** Placeholder of a one-time code in a text: it has the length of the code and, like digits, one septet for each character. */
export const CODE_PLACE = '*'.repeat(CODE_DIGITS)

/** Returns the text with the code inserted, as the phone gets it. */
export function withCode(text: string, digits: string): string {
  return text.replace(CODE_PLACE, digits)
}
