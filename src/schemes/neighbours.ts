import { sql } from 'kysely'
import { acrossSchemes, type Db } from '../platform/db.ts'
import type { Area, SimpleArea } from '../territory/contract.ts'
import { distanceKm, KM_PER_DEGREE } from '../territory/distance.ts'

/** A scheme is near a place when a commune of its territory is within this distance, from point to point. */
export const NEAR_KM = 30
/** Beyond this distance, the distance is not given. */
const FAR_KM = 80

export interface Neighbour {
  readonly id: string
  readonly name: string
  /** Distance from the nearest of the places; null: more than 80 km, or unknown because no place has a point. */
  readonly kilometres: number | null
}

interface CommuneRow {
  readonly code: string
  readonly epciCode: string | null
  readonly arrondissementCode: string | null
  readonly departementCode: string
  readonly regionCode: string
  readonly latitude: number
  readonly longitude: number
}

/**
 * Lists the other schemes of the installation, nearest to the places first. It reads only public facts about them, their name
 * and territory, but runs across schemes because it spans all schemes.
 */
export async function listNeighbours(
  db: Db,
  schemeId: string,
  communeCodes: readonly string[],
): Promise<Neighbour[]> {
  return acrossSchemes(db, async (tx) => {
    const schemes = await tx
      .selectFrom('schemes')
      .select(['id', 'name', 'territory'])
      .where('id', '<>', schemeId)
      .execute()
    const degrees = FAR_KM / KM_PER_DEGREE
    // A square wider than the circle; communes outside it are farther away than FAR_KM.
    const { rows } = await sql<CommuneRow & { own: boolean }>`
      with own as (select latitude, longitude from communes where code = any (${[...communeCodes]}::text[])),
        square as (select min(latitude) as south, max(latitude) as north, min(longitude) as west, max(longitude) as east from own)
      select c.code, c.epci_code, c.arrondissement_code, c.departement_code, c.region_code, c.latitude, c.longitude,
        c.code = any (${[...communeCodes]}::text[]) as own
      from square s join communes c
        on c.latitude between s.south - ${degrees}::float8 and s.north + ${degrees}::float8
        and c.longitude between s.west - ${degrees * 1.6}::float8 and s.east + ${degrees * 1.6}::float8`.execute(
      tx,
    )
    const places = rows.filter(({ own }) => own)
    const distances = rows
      .map((row) => ({ row, kilometres: Math.min(...places.map((place) => distanceKm(place, row))) }))
      .filter(({ kilometres }) => kilometres <= FAR_KM)
      .sort((a, b) => a.kilometres - b.kilometres)
    return schemes
      .map(({ id, name, territory }) => {
        const nearest = distances.find(({ row }) => isInTerritory(territory, row))
        return { id, name, kilometres: nearest === undefined ? null : Math.round(nearest.kilometres) }
      })
      .sort(
        (a, b) =>
          (a.kilometres ?? Number.POSITIVE_INFINITY) - (b.kilometres ?? Number.POSITIVE_INFINITY) ||
          a.name.localeCompare(b.name, 'fr'),
      )
  })
}

/** Returns whether a commune is in a territory, which is a named area (see isNamedArea). */
function isInTerritory(territory: Area, commune: CommuneRow): boolean {
  const parts: readonly SimpleArea[] = territory.kind === 'union' ? territory.areas : [territory]
  return parts.some((part) => {
    switch (part.kind) {
      case 'commune':
        return part.code === commune.code
      case 'communes':
        return part.codes.includes(commune.code)
      case 'epci':
        return part.code === commune.epciCode
      case 'arrondissement':
        return part.code === commune.arrondissementCode
      case 'departement':
        return part.code === commune.departementCode
      case 'region':
        return part.code === commune.regionCode
      default:
        return false
    }
  })
}
