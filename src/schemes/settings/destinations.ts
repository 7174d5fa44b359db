import { destinationOf, regionOf } from '../../identity/codes/destinations.ts'
import { defaultRegions, type Region } from '../../identity/codes/regions.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import type { Tx } from '../../platform/db.ts'
import { EnrolmentSettings } from '../contract.ts'

/** The columns of a scheme that say where its codes may go. */
export interface DestinationColumns {
  readonly enrolment: unknown
  /** Null: that of mainland France. */
  readonly timeZone: string | null
}

/**
 * Returns the territories whose mobiles get codes of a scheme. Alerts and other messages do not depend on it: whatever the list,
 * a number that a member has keeps getting alerts.
 */
export function destinationsOf({ enrolment, timeZone }: DestinationColumns): readonly Region[] {
  return EnrolmentSettings.parse(enrolment).destinations ?? defaultRegions(timeZone ?? METROPOLITAN_ZONE)
}

/** Reads the territories whose mobiles get codes of a scheme; none for an unknown scheme. */
export async function findDestinations(tx: Tx, schemeId: string): Promise<readonly Region[]> {
  const scheme = await tx
    .selectFrom('schemes')
    .select(['enrolment', 'timeZone'])
    .where('id', '=', schemeId)
    .executeTakeFirst()
  return scheme === undefined ? [] : destinationsOf(scheme)
}

/**
 * Tells whether a number may be that of a person whom a scheme calls, or sends copies to: a mobile of the French numbering plan, or of a
 * territory to which it sends codes.
 */
export function isOwnMobile(destinations: readonly Region[], e164: string): boolean {
  const region = regionOf(e164)
  return destinationOf(e164) === 'home' || (region !== undefined && destinations.includes(region))
}
