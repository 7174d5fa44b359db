/** The named periods; without one, twelve months. */
export const periods = ['mois', 'trimestre', 'annee', 'annee_passee', 'libre'] as const
export type Period = (typeof periods)[number]

export interface StatisticsSearch {
  periode?: Period
  /** First and last day of a custom period, 2026-03-12. */
  du?: string
  au?: string
  secteur?: string
  metier?: string
  categorie?: string
}

/** Returns the days of a period, both included; undefined where the server decides. */
export function daysOf(
  { periode, du, au }: Pick<StatisticsSearch, 'periode' | 'du' | 'au'>,
  today: string,
): { from?: string | undefined; to?: string | undefined } {
  const [year = 0, month = 0] = today.split('-').map(Number)
  const firstOf = (monthsAgo: number) =>
    new Date(Date.UTC(year, month - 1 - monthsAgo, 1)).toISOString().slice(0, 10)
  switch (periode) {
    case 'mois':
      return { from: firstOf(0), to: today }
    case 'trimestre':
      return { from: firstOf(2), to: today }
    case 'annee':
      return { from: `${year}-01-01`, to: today }
    case 'annee_passee':
      return { from: `${year - 1}-01-01`, to: `${year - 1}-12-31` }
    case 'libre':
      return { from: du, to: au }
    default:
      return {}
  }
}
