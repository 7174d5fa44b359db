import type { AudienceQuery } from '../../../../src/alerts/contract.ts'
import type { Area, AreaChoice } from '../../../../src/territory/contract.ts'
import type { FormatMessage } from '../../../ui/format/text.ts'
import type { Draft } from '../text/draft.ts'

/** Returns a stable name for an area, used to compare areas and as a key. */
export function keyOf(area: Area): string {
  switch (area.kind) {
    case 'commune':
    case 'neighbours':
    case 'epci':
    case 'arrondissement':
    case 'departement':
    case 'region':
      return `${area.kind}-${area.code}`
    case 'radius':
      return `radius-${area.kilometres}-${'commune' in area.centre ? area.centre.commune : `${area.centre.latitude},${area.centre.longitude}`}`
    case 'sector':
      return `sector-${area.id}`
    case 'scheme':
      return 'scheme'
    case 'communes':
      return `communes-${area.codes.toSorted().join('-')}`
    case 'union':
      return area.areas.map(keyOf).join('+')
  }
}

/** Returns the audience of a draft, to be counted; null without an area. */
export function audienceQueryOf(
  { area, trades, exercise }: Pick<Draft, 'area' | 'trades' | 'exercise'>,
  severity: AudienceQuery['severity'],
): AudienceQuery | null {
  return area === null ? null : { area: area.area, trades, exercise, ...(severity && { severity }) }
}

/** A département that is the whole scheme is proposed only once. */
export function worthShowing(choices: AreaChoice[]): AreaChoice[] {
  const whole = choices.find((choice) => choice.area.kind === 'scheme')
  return choices.filter(({ area, communes }) => area.kind !== 'departement' || communes !== whole?.communes)
}

const HOTKEYS: Partial<Record<Area['kind'], string>> = {
  commune: 'C',
  neighbours: 'V',
  epci: 'A',
  arrondissement: 'B',
  departement: 'D',
  scheme: 'T',
}
/** L leads to the line of the call. */
const RADIUS_HOTKEYS = ['J', 'K', 'G']

/** Returns the letter that selects each area, by its key; the first area of a kind has it. */
export function hotkeysOf(choices: readonly AreaChoice[]): Map<string, string> {
  const letters = new Map<string, string>()
  const taken = new Set<string>()
  let radius = 0
  for (const { area } of choices) {
    const letter = area.kind === 'radius' ? RADIUS_HOTKEYS[radius++] : HOTKEYS[area.kind]
    if (letter === undefined || taken.has(letter)) continue
    taken.add(letter)
    letters.set(keyOf(area), letter)
  }
  return letters
}

/** Returns a name short enough for a chip. */
export function shortNameOf(t: FormatMessage, choice: AreaChoice): string {
  const { area } = choice
  if (area.kind === 'neighbours') return t('area.neighbours')
  if (area.kind === 'radius') return t('area.radius', { km: area.kilometres })
  if (area.kind === 'scheme') return t('area.scheme')
  if (area.kind === 'epci')
    return choice.name.replace(
      /^(CA|CC|CU|Métropole|SIVOM|METLYON|MET69)\s+(du |de la |de l['’]|de |des )?/u,
      '',
    )
  return choice.name
}

const AFTER_DE: readonly (readonly [RegExp, string])[] = [
  [/^(agglomération|arrondissement)/, 'de l’'],
  [/^(commune|communauté|métropole|région)/, 'de la '],
  [/^(secteur|département)/i, 'du '],
  [/^rayon/, 'd’un '],
  [/^[aeiouyéèêàâîôûœ]/i, 'd’'],
]

/**
 * Returns the words of an area after "les commerçants": "de l’agglomération d’Issoire", "du secteur d’Ambert". French
 * only.
 */
export function ofArea(words: string): string {
  const [, link = 'de '] = AFTER_DE.find(([beginning]) => beginning.test(words)) ?? []
  return `${link}${words}`.replaceAll("'", '’')
}
