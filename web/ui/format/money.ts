/**
 * Parses an amount in euros and returns cents: 10 · 10,5 · 1 250,00 · 10.50 €. Undefined if it is not a number, or has
 * fractions of a cent.
 */
export function parseEuros(text: string): number | undefined {
  const bare = text.replace(/[\s€]/g, '').replace(',', '.')
  if (!/^\d{1,8}(\.\d{1,2})?$/.test(bare)) return undefined
  const [euros = '0', cents = ''] = bare.split('.')
  return Number(euros) * 100 + Number(cents.padEnd(2, '0'))
}

/** Formats an amount for a field: 10 · 10,50 · 10.50. */
export function writeEuros(lang: 'fr' | 'en', cents: number): string {
  const text = cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2)
  return lang === 'fr' ? text.replace('.', ',') : text
}
