/** Writes a SIRET for reading, with spaces that do not break lines: 417 654 321 00018. Other texts keep their form. */
export function readableSiret(siret: string): string {
  return siret.replace(/^(\d{3})(\d{3})(\d{3})(\d{5})$/, '$1\u00A0$2\u00A0$3\u00A0$4')
}

/** Writes the SIREN of a SIRET for reading, with spaces that do not break lines: 417 654 321. */
export function readableSiren(siret: string): string {
  return readableSiret(siret).slice(0, '417 654 321'.length)
}

/** Writes an IBAN for reading, as banks print it, with spaces that do not break lines. */
export function readableIban(iban: string): string {
  return iban.replace(/(.{4})(?=.)/g, '$1\u00A0')
}

/** The format of shares, on screens and on papers. */
const SHARE = { style: 'percent', maximumFractionDigits: 1 } as const
/** Upper limit for a share below the whole, since 100 % means all. */
const MAX_PARTIAL_SHARE = 0.999
const formats = new Map<string, Intl.NumberFormat>()

/** Writes a share in percent, with one decimal at most: 97,5 %. A share below the whole is never written as 100 %. */
export function readableShare(locale: string, share: number): string {
  let format = formats.get(locale)
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, SHARE)
    formats.set(locale, format)
  }
  return format.format(share < 1 ? Math.min(share, MAX_PARTIAL_SHARE) : share)
}
