import type { Deps } from '../deps.ts'
import type { Lang } from '../i18n/format.ts'
import { type Actor, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { Area, AreaChoice, Place, PlaceName } from './contract.ts'
import { areaName, areaWords } from './places/rules.ts'
import {
  type AreaContext,
  countAreas,
  countShared,
  describeArea,
  getAreaContext,
  isInside,
  listSectorsWith,
  type ResolvedArea,
  resolveArea,
} from './store/areas.ts'
import { findPlaces, getPlace, selectNames } from './store/places.ts'

type Facts = Pick<Deps, 'db'>

const SCHEME: Area = { kind: 'scheme' }

/** Searches the communes of the scheme's territory, best match first. */
export function searchPlaces(
  deps: Facts,
  actor: Actor,
  input: { readonly schemeId: string; readonly text: string; readonly limit: number },
): Promise<Place[]> {
  authorize(actor, 'territory.read', input.schemeId)
  return inScheme(deps.db, input.schemeId, async (tx) => {
    const context = await getAreaContext(tx, input.schemeId)
    return findPlaces(tx, input.text, { within: { area: SCHEME, context }, limit: input.limit })
  })
}

/** Lists every name of the territory's communes, those of communes merged into them included. */
export function listPlaceNames(
  deps: Facts,
  actor: Actor,
  input: { readonly schemeId: string },
): Promise<PlaceName[]> {
  authorize(actor, 'territory.read', input.schemeId)
  return inScheme(deps.db, input.schemeId, async (tx) =>
    selectNames(tx, { area: SCHEME, context: await getAreaContext(tx, input.schemeId) }),
  )
}

/** Radii proposed around a commune, in kilometres. */
const RADII_KM = [5, 10, 20]

/** Radii proposed around a commune of another scheme, whose alert was relayed. */
const RADII_OUTSIDE_KM = [30, 60, 100]

/** Returns areas around a commune outside the territory: no area with a name there can contain a member. */
function areasAroundOutsider({ code, point }: Place): Area[] {
  const circles = point === null ? [] : RADII_OUTSIDE_KM
  return [
    ...circles.map((kilometres): Area => ({ kind: 'radius', centre: { commune: code }, kilometres })),
    SCHEME,
  ]
}

/** Returns the areas that contain a commune of the scheme. */
async function reachingOnly(tx: Tx, context: AreaContext, areas: readonly Area[]): Promise<Area[]> {
  const shared = await countShared(
    tx,
    context,
    areas.map((area) => [area, SCHEME]),
  )
  return areas.filter(({ kind }, no) => kind === 'scheme' || (shared[no] ?? 0) > 0)
}

/**
 * Lists the areas to propose around a commune, from small to large: the commune, its neighbours, circles (when its point is
 * known), its sectors, EPCI, arrondissement, département and the whole scheme. For a commune outside the territory: the
 * wider circles that reach it, and the whole scheme.
 * @throws AppError `unknown_commune`
 */
export function listAreaChoices(
  deps: Facts,
  actor: Actor,
  input: { readonly schemeId: string; readonly communeCode: string; readonly lang: Lang },
): Promise<AreaChoice[]> {
  const { schemeId, communeCode: code, lang } = input
  authorize(actor, 'territory.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const context = await getAreaContext(tx, schemeId)
    const place = await getPlace(tx, code)
    const sectors = await listSectorsWith(tx, schemeId, code)
    const inside = await isInside(tx, context, code)
    const named: Area[] = [
      { kind: 'commune', code },
      { kind: 'neighbours', code },
      ...(place.point
        ? RADII_KM.map((kilometres): Area => ({ kind: 'radius', centre: { commune: code }, kilometres }))
        : []),
      ...sectors.map(({ id }): Area => ({ kind: 'sector', id })),
      ...(place.epci ? [{ kind: 'epci', code: place.epci.code } satisfies Area] : []),
      ...(place.arrondissement
        ? [{ kind: 'arrondissement', code: place.arrondissement.code } satisfies Area]
        : []),
      { kind: 'departement', code: place.departementCode },
      SCHEME,
    ]
    const areas = inside ? named : await reachingOnly(tx, context, areasAroundOutsider(place))
    const counts = await countAreas(tx, context, areas)
    const choices: AreaChoice[] = []
    for (const [no, area] of areas.entries()) {
      const { communes = 0, withoutPoint = [] } = counts[no] ?? {}
      choices.push({
        area,
        ...(await nameArea(tx, context, area, lang)),
        communes,
        withoutPoint: [...withoutPoint],
      })
    }
    return choices
  })
}

/**
 * Names an area in the caller's transaction: `name` for screens, `words` for the text of a message ("agglomération
 * d'Issoire").
 */
export async function nameArea(
  tx: Tx,
  context: AreaContext,
  area: Area,
  lang: Lang,
): Promise<{ name: string; words: string }> {
  const facts = await describeArea(tx, context, area)
  return { name: areaName(facts, lang), words: areaWords(facts) }
}

/**
 * Lists the communes of an area.
 * @throws AppError like `checkArea`: `unknown_commune`, `unknown_area`, `invalid_input`
 */
export function listAreaCommunes(
  deps: Facts,
  actor: Actor,
  input: { readonly schemeId: string; readonly area: Area },
): Promise<ResolvedArea> {
  authorize(actor, 'territory.read', input.schemeId)
  return inScheme(deps.db, input.schemeId, async (tx) =>
    resolveArea(tx, await getAreaContext(tx, input.schemeId), input.area),
  )
}
