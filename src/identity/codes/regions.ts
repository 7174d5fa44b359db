/**
 * The mainland and the overseas territories of France by the country of their mobile numbers. Saint-Martin and Saint-Barthélemy
 * share the numbers of Guadeloupe.
 */
export const REGIONS = ['FR', 'GP', 'GF', 'MQ', 'RE', 'YT', 'PM', 'NC', 'PF', 'WF'] as const
export type Region = (typeof REGIONS)[number]

/** Territories with a numbering plan and prices of their own, by time zone. */
const PACIFIC: Readonly<Record<string, Region>> = {
  'Pacific/Noumea': 'NC',
  'Pacific/Tahiti': 'PF',
  'Pacific/Wallis': 'WF',
}

/**
 * Returns where a scheme sends codes unless it sets its own list: the French numbering plan, overseas included, and the Pacific
 * territory in which it lies.
 * @param timeZone IANA time zone of the territory of the scheme
 */
export function defaultRegions(timeZone: string): readonly Region[] {
  const own = PACIFIC[timeZone]
  const pacific = Object.values(PACIFIC)
  return REGIONS.filter((region) => region === own || !pacific.includes(region))
}
