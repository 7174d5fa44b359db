import type { Lang } from './text.ts'

/** Returns the name of something that the data names in both languages. */
export function nameIn(lang: Lang, thing: { readonly nameFr: string; readonly nameEn: string }): string {
  return lang === 'fr' ? thing.nameFr : thing.nameEn
}

/** Returns the name of the trade with this code; a trade that no longer exists is shown by its code. */
export function tradeNameOf(
  lang: Lang,
  trades: readonly { readonly code: string; readonly nameFr: string; readonly nameEn: string }[],
  code: string,
): string {
  const trade = trades.find((one) => one.code === code)
  return trade === undefined ? code : nameIn(lang, trade)
}
