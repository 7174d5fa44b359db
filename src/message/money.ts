const formats: Partial<Record<'fr' | 'en', Intl.NumberFormat>> = {}

/** Made for the first amount: pages that show none do not pay for it. */
const formatOf = (lang: 'fr' | 'en'): Intl.NumberFormat => {
  formats[lang] ??= new Intl.NumberFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', {
    style: 'currency',
    currency: 'EUR',
  })
  return formats[lang]
}

/** Converts cents, which the program counts, to the euros of a message (`::currency/EUR`) or a field. */
export const inEuros = (cents: number): number => cents / 100

/** Formats an amount as people read it: in French "1 250,00 €", with no-break spaces, in English "€1,250.00". */
export const formatEuros = (cents: number, lang: 'fr' | 'en' = 'fr'): string =>
  formatOf(lang).format(inEuros(cents))

/** Formats an amount for a file that programs read, without a currency: "1250,00". */
export const decimalEuros = (cents: number, mark: ',' | '.' = ','): string =>
  inEuros(cents).toFixed(2).replace('.', mark)

/** Formats an amount for a field: 10 · 10,50 · 10.50. */
export const writeEuros = (lang: 'fr' | 'en', cents: number): string =>
  cents % 100 === 0 ? String(inEuros(cents)) : decimalEuros(cents, lang === 'fr' ? ',' : '.')

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
