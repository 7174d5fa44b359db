import { METROPOLITAN_ZONE } from '../../message/clock.ts'

/** Time zones of départements, and of territories with similar codes, that differ from metropolitan France. */
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

/** Returns the time zone of a commune by its INSEE code, or of a département by its own code. */
export function timeZoneOfCode(code: string): string {
  return OVERSEAS[code.slice(0, 3)] ?? METROPOLITAN_ZONE
}
