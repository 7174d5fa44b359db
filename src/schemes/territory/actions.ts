import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { Area } from '../../territory/contract.ts'
import { searchName } from '../../territory/places/spelling.ts'
import { checkArea, getAreaContext } from '../../territory/store/areas.ts'
import { isNamedArea } from '../rules.ts'
import { listSectors, listZones } from '../sectors/store.ts'
import { listNamedCommunes } from '../store.ts'
import type { TerritoryPart, TerritoryPreview } from './contract.ts'
import { compareCommunes, countMembersOutside, findParts, nameParts } from './store.ts'

/** Maximum numbers that a search returns. */
const GROUPS_FOUND = 6
const COMMUNES_FOUND = 6

/** Searches what a territory may be made of, in all of France, the largest kinds first. */
export async function searchTerritoryParts(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  text: string,
): Promise<TerritoryPart[]> {
  authorize(actor, 'doctrine.set', schemeId)
  const code = text.trim().toUpperCase()
  const name = searchName(text)
  if (name === '') return []
  return inScheme(deps.db, schemeId, (tx) =>
    findParts(tx, text, {
      isFound: (group) => group.code === code || ` ${searchName(group.name)}`.includes(` ${name}`),
      groups: GROUPS_FOUND,
      communes: COMMUNES_FOUND,
    }),
  )
}

/**
 * Compares another territory with the one in force.
 * @throws AppError `unknown_scheme`, `unknown_area`, `unknown_commune`; `scheme.area_not_named`
 */
export async function previewTerritory(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  territory: Area,
): Promise<TerritoryPreview> {
  authorize(actor, 'doctrine.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await requireKnown(tx, schemeId, territory)
    const { territory: before } = await getAreaContext(tx, schemeId)
    return {
      parts: await nameParts(tx, territory),
      ...(await compareCommunes(tx, before, territory)),
      membersOutside: await countMembersOutside(tx, schemeId, territory),
      ...(await findCrossed(tx, schemeId, territory)),
    }
  })
}

/**
 * Returns every problem of a territory that a scheme would get: sectors and zones without any commune left.
 * @throws as `previewTerritory`
 */
export async function territoryProblems(tx: Tx, schemeId: string, territory: Area): Promise<Problem[]> {
  await requireKnown(tx, schemeId, territory)
  const { sectors, zones } = await findCrossed(tx, schemeId, territory)
  const lost = (all: TerritoryPreview['sectors']) =>
    all.filter(({ communes, outside }) => communes === outside).map(({ name }) => name)
  const problem = (code: Problem['code'], names: readonly string[]): Problem[] =>
    names.length === 0 ? [] : [{ code, path: 'territory', values: { names: names.join(', ') } }]
  return [
    ...problem('territory.sectors_outside', lost(sectors)),
    ...problem('territory.zones_outside', lost(zones)),
  ]
}

async function requireKnown(tx: Tx, schemeId: string, territory: Area): Promise<void> {
  if (!isNamedArea(territory)) throw refusalOf([{ code: 'scheme.area_not_named', path: 'territory' }])
  await checkArea(tx, await getAreaContext(tx, schemeId), territory, 'territory')
  if ((await listNamedCommunes(tx, territory, territory)).length === 0)
    throw new AppError('unknown_area', { values: { code: JSON.stringify(territory) } })
}

/** Finds the sectors and zones in use of which communes would be outside. */
async function findCrossed(
  tx: Tx,
  schemeId: string,
  territory: Area,
): Promise<Pick<TerritoryPreview, 'sectors' | 'zones'>> {
  const inside = new Set(await listNamedCommunes(tx, territory, territory))
  const crossed = (name: string, codes: readonly string[]) => {
    const outside = codes.filter((code) => !inside.has(code)).length
    return outside === 0 ? [] : [{ name, communes: codes.length, outside }]
  }
  const sectors = await listSectors(tx, schemeId)
  const zones = await listZones(tx, await getAreaContext(tx, schemeId))
  return {
    sectors: sectors.flatMap(({ name, communeCodes }) => crossed(name, communeCodes)),
    zones: zones.flatMap(({ name, communeCodes }) => crossed(name, communeCodes ?? [])),
  }
}
