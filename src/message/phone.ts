/**
 * Writes a number for reading, with spaces that do not break lines: 06 39 98 00 42 for a French one. Others (foreign, short, masked)
 * keep their form.
 */
export function readablePhone(phone: string): string {
  const national = phone.replace(/^\+33(?=\d{9}$)/, '0')
  const read = /^0\d{9}$/.test(national) ? national.replace(/(\d{2})(?=\d)/g, '$1 ') : national
  return read.replaceAll(' ', '\u00A0')
}
