import codesNaf from '@socialgouv/codes-naf'
import { plainOf } from '../../cipher/plain.ts'
import { listNaf, type Nomenclature, titleOfNaf } from './naf.ts'

/** A level of a classification: a subclass such as 47.24Z, or a class, group or division, which begins the codes of several. */
export interface NafLevel {
  readonly code: string
  readonly nomenclature: Nomenclature
  /** Null: no official title is known, as for the levels of NAF 2025 above its subclasses. */
  readonly title: string | null
  /** The title of its first subclass, if it has no title itself. */
  readonly example: string | null
  /** Subclasses that it contains. */
  readonly subclasses: number
}

const titlesRev2 = new Map(codesNaf.map(({ id, label }) => [id, label]))
const subclassesOf: Readonly<Record<Nomenclature, Map<string, readonly string[]>>> = {
  rev2: levelsOf('rev2'),
  '2025': levelsOf('2025'),
}

/** Returns the subclasses of each level by its code. */
function levelsOf(nomenclature: Nomenclature): Map<string, readonly string[]> {
  const levels = new Map<string, string[]>()
  for (const code of listNaf(nomenclature))
    for (const length of [2, 4, 5, 6]) {
      const level = code.slice(0, length)
      levels.set(level, [...(levels.get(level) ?? []), code])
    }
  return levels
}

/** Returns a level by its code; undefined if the classification does not have it. */
export function findNafLevel(nomenclature: Nomenclature, code: string): NafLevel | undefined {
  const subclasses = subclassesOf[nomenclature].get(code)
  if (subclasses === undefined) return undefined
  const [first = ''] = subclasses
  const ofFirst = titleOfNaf(first) ?? null
  const own = nomenclature === 'rev2' ? titlesRev2.get(code) : undefined
  const title = own ?? (subclasses.length === 1 ? ofFirst : null)
  return {
    code,
    nomenclature,
    title,
    example: title === null ? ofFirst : null,
    subclasses: subclasses.length,
  }
}

/** Returns the same key for codes of one classification that contain the same subclasses: 47.24 and 47.24Z. */
export function nafKey(nomenclature: Nomenclature, code: string): string {
  return (subclassesOf[nomenclature].get(code) ?? [code]).join(' ')
}

const searchable: readonly { readonly level: NafLevel; readonly plain: string }[] = (
  ['rev2', '2025'] as const
).flatMap((nomenclature) =>
  listNaf(nomenclature).flatMap((code) => {
    const level = findNafLevel(nomenclature, code)
    return level === undefined ? [] : [{ level, plain: plainTitle(level.title ?? '') }]
  }),
)

function plainTitle(text: string): string {
  return ` ${plainOf(text).replace(/[^a-z0-9]+/g, ' ')}`
}

/**
 * Finds activities of both classifications: by the beginning of a code ("47.2", "4724Z"), which itself comes first, or by the
 * beginnings of words of the title, those of NAF rev. 2 first.
 */
export function searchNaf(text: string, limit: number): NafLevel[] {
  const digits = /^\s*(\d{2})[\s.]*(\d{0,2})[\s.]*([a-z]?)\s*$/i.exec(text)
  if (digits !== null) {
    const [, division = '', rank = '', letter = ''] = digits
    const code = `${division}${rank === '' ? '' : '.'}${rank}${letter.toUpperCase()}`
    const itself = (['rev2', '2025'] as const).flatMap(
      (nomenclature) => findNafLevel(nomenclature, code) ?? [],
    )
    const within = searchable.map(({ level }) => level).filter((level) => level.code.startsWith(code))
    return [...itself, ...within.filter((level) => level.code !== code)].slice(0, limit)
  }
  const words = plainTitle(text)
    .trim()
    .split(' ')
    .filter((word) => word.length > 1)
  if (words.length === 0) return []
  return searchable
    .filter(({ plain }) => words.every((word) => plain.includes(` ${word.replace(/s$/, '')}`)))
    .map(({ level }) => level)
    .slice(0, limit)
}
