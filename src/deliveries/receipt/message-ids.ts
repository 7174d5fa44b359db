/**
 * Normalizes case and leading zeros of an id. Two ids of one provider with the same plain form are the same id unless
 * their receipts name other phones. SMPP 3.4 leaves the form of an id to the provider, and some write it differently in
 * the submit answer and in the receipt.
 */
export function plainIdOf(id: string): string {
  const lower = id.toLowerCase()
  if (lower.charCodeAt(0) !== 0x30) return lower
  return lower.replace(/^0+/, '')
}

/** Conversion of the id of a receipt to the id of its submit answer, when a provider writes one number in two bases. */
export type Conversion = 'toHexadecimal' | 'toDecimal'
export const CONVERSIONS: readonly Conversion[] = ['toHexadecimal', 'toDecimal']

/** Returns the plain form of the same number in the other base; undefined: the id is no such number, or looks the same. */
export function convertId(id: string, conversion: Conversion): string | undefined {
  const plain = plainIdOf(id)
  if (conversion === 'toHexadecimal') {
    if (!/^[0-9]{1,20}$/.test(plain)) return undefined
    const hexadecimal = BigInt(plain).toString(16)
    return hexadecimal === plain ? undefined : hexadecimal
  }
  if (!/^[0-9a-f]{1,16}$/.test(plain)) return undefined
  const decimal = BigInt(`0x${plain}`).toString(10)
  return decimal === plain ? undefined : decimal
}

/**
 * Returns the plain forms of the same number in the other base: of a decimal id in hexadecimal, of a hexadecimal id in
 * decimal.
 */
export function otherBasesOf(id: string): string[] {
  return CONVERSIONS.map((conversion) => convertId(id, conversion)).filter((form) => form !== undefined)
}

/** Returns the plain forms under which an id may be known: its own first, then the same number in the other base. */
export function plainFormsOf(id: string): string[] {
  return [plainIdOf(id), ...otherBasesOf(id)]
}

/**
 * Fewest characters of an id, in both bases, that identify a message by themselves when it is read in the other base and no
 * message has it as written.
 */
const TELLING_LENGTH = 5

/** Returns whether a number is long enough for one message with the same number in the other base to be its own. */
export function isTelling(id: string): boolean {
  const forms = otherBasesOf(id)
  return forms.length > 0 && [plainIdOf(id), ...forms].every((form) => form.length >= TELLING_LENGTH)
}

/** Fewest digits of a national number: a shorter one may be a short code. */
export const NATIONAL_DIGITS = 7

/**
 * True when a number as written in a receipt may be a phone of the ledger.
 * @param phone E.164
 * @param written E.164, or the digits of a national number without its leading zeros; a national number of ten digits
 * or more may have been parsed as an international one, so only its end is compared
 */
export function isSamePhone(phone: string, written: string): boolean {
  if (phone === written) return true
  const digits = written.startsWith('+') ? written.slice(1) : written
  return digits.length >= NATIONAL_DIGITS && phone.endsWith(digits)
}
