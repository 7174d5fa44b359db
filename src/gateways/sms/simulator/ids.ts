/** `hex`: capitals padded to eight digits; `lowerHex`: no leading zeros; `decimal`: padded to ten digits. */
export type IdFormat = 'hex' | 'lowerHex' | 'decimal'

export function formatId(format: IdFormat, id: number): string {
  if (format === 'decimal') return id.toString().padStart(10, '0')
  const digits = id.toString(16)
  return format === 'hex' ? digits.toUpperCase().padStart(8, '0') : digits
}
