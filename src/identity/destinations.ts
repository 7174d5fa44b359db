import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** Blocks that ARCEP reserves for fiction: no operator serves them, so the numbering plan does not list them. */
export const FICTION_MOBILE = /^\+3363998\d{4}$/

interface Ranges {
  readonly home: ReadonlySet<CountryCode>
  readonly neighbours: ReadonlySet<CountryCode>
}

/**
 * The ranges of every scheme: their territories are made of French communes, so their country is France.
 *
 * At home is the numbering plan of ARCEP (decision 2018-0881): the mainland and +262, +508, +590, +594 and +596. New
 * Caledonia, French Polynesia and Wallis and Futuna have plans of their own, and an SMS to them costs as much as one
 * abroad: they count with the countries that France borders on, overseas included.
 */
const RANGES: Ranges = {
  home: new Set<CountryCode>(['FR', 'GP', 'MF', 'BL', 'MQ', 'GF', 'RE', 'YT', 'PM']),
  neighbours: new Set<CountryCode>([
    ...(['BE', 'LU', 'DE', 'CH', 'IT', 'MC', 'ES', 'AD'] as const),
    ...(['BR', 'SR', 'SX', 'NC', 'PF', 'WF'] as const),
  ]),
}

/**
 * Where an SMS to a number goes.
 * - `home`: a mobile of the scheme's country. Only these get an SMS because a stranger typed them.
 * - `neighbour`: a mobile across the border, which the chamber may enter for a member.
 * - `elsewhere`: a mobile of another country, which nobody may enter.
 * - `none`: a landline, a satellite phone, a premium or special number, or one whose type is unknown. It never gets any.
 */
export type Destination = 'home' | 'neighbour' | 'elsewhere' | 'none'

/** @param e164 a number with its plus sign */
export function destinationOf(e164: string): Destination {
  if (FICTION_MOBILE.test(e164)) return 'home'
  const number = parsePhoneNumberFromString(e164)
  // Satellite and other numbers of no country have a type, MOBILE too, and no country.
  if (number?.country === undefined || number.number !== e164) return 'none'
  if (number.getType() !== 'MOBILE') return 'none'
  if (RANGES.home.has(number.country)) return 'home'
  return RANGES.neighbours.has(number.country) ? 'neighbour' : 'elsewhere'
}
