const euros = {
  fr: new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' }),
  en: new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' }),
}

/** Formats an amount as people read it: in French "1 250,00 €", with no-break spaces, in English "€1,250.00". */
export const formatEuros = (cents: number, lang: 'fr' | 'en' = 'fr'): string =>
  euros[lang].format(cents / 100)

/** Formats an amount for a file that programs read, without a currency: "1250,00". */
export const decimalEuros = (cents: number, mark: ',' | '.' = ','): string =>
  (cents / 100).toFixed(2).replace('.', mark)
