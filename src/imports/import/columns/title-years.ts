const FROM_TO = /\b(20\d\d)\s*(?:[-–/à]|au)\s*(20\d\d|\d\d)\b/iu
const YEARS = /(?<!\d)20\d\d(?!\d)/g
/** The most years that a title may name from one to another. */
const MAX_YEARS = 10

/** Returns the years that the title of a column names: "Cotisation 2026", "Cotisations 2024-2026", "Saison 2025/26". */
export function yearsOfTitle(title: string): number[] {
  const [, from, to] = FROM_TO.exec(title) ?? []
  if (from !== undefined && to !== undefined) {
    const [first, last] = [Number(from), Number(to.length === 2 ? `20${to}` : to)]
    if (last > first && last - first < MAX_YEARS)
      return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  }
  return [...new Set([...title.matchAll(YEARS)].map(([year]) => Number(year)))].sort()
}

/** Tells whether two columns of dues may stand in one list: each names its own years. */
export function haveOwnYears(title: string, other: string): boolean {
  const [years, others] = [yearsOfTitle(title), yearsOfTitle(other)]
  return years.length > 0 && others.length > 0 && !years.some((year) => others.includes(year))
}
