import { METROPOLITAN_ZONE } from '../message/clock.ts'

/** Départements, and territories with a code like one, that have another hour than metropolitan France. */
const OVERSEAS: Readonly<Record<string, string>> = {
  971: 'America/Guadeloupe',
  972: 'America/Martinique',
  973: 'America/Cayenne',
  974: 'Indian/Reunion',
  975: 'America/Miquelon',
  976: 'Indian/Mayotte',
  977: 'America/St_Barthelemy',
  978: 'America/Marigot',
  986: 'Pacific/Wallis',
  987: 'Pacific/Tahiti',
  988: 'Pacific/Noumea',
}

/** The time zone of a commune, by its INSEE code; a département, by its own. */
export function timeZoneOfCode(code: string): string {
  return OVERSEAS[code.slice(0, 3)] ?? METROPOLITAN_ZONE
}
