import type { Area, AreaChoice, TerritoryMap } from '../../../../src/territory/contract.ts'
import { communesWords, joinNames, unionWords } from '../../../../src/territory/places/naming.ts'
import type { FormatMessage, Lang } from '../../../ui/format/text.ts'
import type { Draft } from '../text/draft.ts'
import { keyOf } from './areas.ts'

/** Returns the codes of the communes that were added to an area on the map, or of which the whole area was made there. */
export function drawnCodes(area: Area): readonly string[] {
  if (area.kind === 'communes') return area.codes
  const last = area.kind === 'union' ? area.areas.at(-1) : undefined
  return last?.kind === 'communes' ? last.codes : []
}

/** Returns the area to which communes were added on the map; null for one made there altogether. */
export function baseOf(area: Area): Area | null {
  if (area.kind === 'communes') return null
  if (area.kind !== 'union' || drawnCodes(area).length === 0) return area
  const [first, ...others] = area.areas.slice(0, -1)
  if (first === undefined) return null
  return others.length === 0 ? first : { kind: 'union', areas: [first, ...others] }
}

/** The data needed to name communes. */
interface Naming {
  readonly communes: TerritoryMap['communes']
  readonly t: FormatMessage
  readonly lang: Lang
}

/** Returns the area of these communes, the largest first. */
function areaOf(codes: Iterable<string>, { communes, t, lang }: Naming): AreaChoice | null {
  const wanted = new Set(codes)
  const chosen = communes
    .filter(({ code }) => wanted.has(code))
    .toSorted((a, b) => b.population - a.population || a.name.localeCompare(b.name))
  if (chosen.length === 0) return null
  const names = chosen.map(({ name }) => name)
  return {
    area: { kind: 'communes', codes: chosen.map(({ code }) => code) },
    name: joinNames(names, (count) => t('area.drawn.more', { count }), lang),
    words: communesWords(names),
    communes: chosen.length,
    withoutPoint: chosen.filter(({ point }) => point === null).map(({ code, name }) => ({ code, name })),
  }
}

/** An area of a single commune becomes a list with the first addition: "Billom et Lezoux". */
const isList = ({ kind }: Area) => kind === 'communes' || kind === 'commune'
/** Maximum number of areas in a union. */
const MAX_AREAS = 50

/**
 * Returns an area after one drag over the map: with the communes it crossed, or without them. What is added to a named
 * area stays apart from it, so that the area keeps its name.
 * @param lit the communes of the area now
 * @param choices the areas proposed around the place, in which a named one is found again
 * @returns null when no commune is left; the same area when nothing changes
 */
export function drawArea({
  area,
  lit,
  codes,
  on,
  choices,
  ...naming
}: Naming & {
  readonly area: AreaChoice | null
  readonly lit: ReadonlyMap<string, unknown>
  readonly codes: readonly string[]
  readonly on: boolean
  readonly choices: readonly AreaChoice[]
}): AreaChoice | null {
  const changed = codes.filter((code) => lit.has(code) !== on)
  if (changed.length === 0) return area
  if (area === null) return on ? areaOf(changed, naming) : null
  const drawn = drawnCodes(area.area)
  const base = baseOf(area.area)
  if (!on) {
    const isOnlyDrawn = base !== null && changed.every((code) => drawn.includes(code))
    const named = isOnlyDrawn ? choices.find((one) => keyOf(one.area) === keyOf(base)) : undefined
    const left = [...lit.keys()].filter((code) => !changed.includes(code))
    if (named === undefined) return areaOf(left, naming)
    return withDrawn(
      named,
      drawn.filter((code) => !changed.includes(code)),
      naming,
    )
  }
  const named =
    base === null
      ? undefined
      : keyOf(base) === keyOf(area.area)
        ? area
        : choices.find((one) => keyOf(one.area) === keyOf(base))
  if (named === undefined || isList(named.area)) return areaOf([...lit.keys(), ...changed], naming)
  return withDrawn(named, [...drawn, ...changed], naming)
}

/** Adds communes to a named area. */
function withDrawn(named: AreaChoice, codes: readonly string[], naming: Naming): AreaChoice {
  const more = areaOf(codes, naming)
  if (more === null) return named
  const { area } = named
  const parts = area.kind === 'union' ? area.areas : [area]
  const [part] = [more.area].filter((one) => one.kind === 'communes')
  if (part === undefined || parts.length >= MAX_AREAS) return named
  return {
    area: { kind: 'union', areas: [...parts, part] },
    name: unionWords([named.name, more.name]),
    words: unionWords([named.words, more.words]),
    communes: named.communes + more.communes,
    withoutPoint: [...named.withoutPoint, ...more.withoutPoint],
  }
}

/**
 * Returns whether the area stays when the place changes: one that was drawn, or chosen before any place was known. The
 * others are around the place, and move with it.
 */
export function staysWithPlace({ area, commune }: Pick<Draft, 'area' | 'commune'>): boolean {
  return area !== null && (commune === null || area.area.kind === 'communes')
}
