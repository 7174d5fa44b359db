import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { REGIONS, type Region } from './regions.ts'

/** Numbers that ARCEP reserves for fiction: no operator serves them, so the numbering plan does not list them. */
export const FICTION_MOBILE = /^\+3363998\d{4}$/

interface Ranges {
  readonly home: ReadonlySet<CountryCode>
  readonly neighbours: ReadonlySet<CountryCode>
}

/**
 * The same ranges serve every scheme: territories are made of French communes, so the home country is France. Where codes go is set
 * by each scheme, in terms of `Region`.
 *
 * `home` is the numbering plan of ARCEP (decision 2018-0881): the mainland and +262, +508, +590, +594 and +596. New
 * Caledonia, French Polynesia and Wallis and Futuna have plans of their own, and an SMS to them costs as much as one abroad:
 * they count with the countries that border on France, overseas included.
 */
const RANGES: Ranges = {
  home: new Set<CountryCode>(['FR', 'GP', 'MF', 'BL', 'MQ', 'GF', 'RE', 'YT', 'PM']),
  neighbours: new Set<CountryCode>([
    ...(['BE', 'LU', 'DE', 'CH', 'IT', 'MC', 'ES', 'AD'] as const),
    ...(['BR', 'SR', 'SX', 'NC', 'PF', 'WF'] as const),
  ]),
}

/**
 * The kind of place to which an SMS to a number goes.
 * - `home`: a mobile of the French numbering plan.
 * - `neighbour`: a mobile of a bordering country, which the chamber may enter for a member.
 * - `elsewhere`: a mobile of another country, which no one may enter.
 * - `none`: a landline, a satellite phone, a premium or special number, or one of unknown type. It never gets an SMS.
 */
export type Destination = 'home' | 'neighbour' | 'elsewhere' | 'none'

/**
 * Returns the kind of destination of a number.
 * @param e164 a number with its plus sign
 */
export function destinationOf(e164: string): Destination {
  if (FICTION_MOBILE.test(e164)) return 'home'
  const number = parsePhoneNumberFromString(e164)
  // Satellite and other numbers outside any country have a type, sometimes MOBILE, but no country.
  if (number?.country === undefined || number.number !== e164) return 'none'
  if (number.getType() !== 'MOBILE') return 'none'
  if (RANGES.home.has(number.country)) return 'home'
  return RANGES.neighbours.has(number.country) ? 'neighbour' : 'elsewhere'
}

/** Returns the French territory to which a mobile number belongs; undefined for any other number. @param e164 as `destinationOf` */
export function regionOf(e164: string): Region | undefined {
  const destination = destinationOf(e164)
  if (destination === 'none' || destination === 'elsewhere') return undefined
  const country = FICTION_MOBILE.test(e164) ? 'FR' : parsePhoneNumberFromString(e164)?.country
  if (country === 'MF' || country === 'BL') return 'GP'
  return REGIONS.find((region) => region === country)
}
