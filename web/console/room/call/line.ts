import type { CategoryView, SchemeView } from '../../../../src/schemes/contract.ts'
import type { UnderstoodLine } from '../../../../src/schemes/line/parse.ts'
import { staysWithPlace } from '../audience/drawn.ts'
import { blankDraft, type Draft, type LineField } from '../text/draft.ts'

interface TypedLine {
  readonly scheme: Pick<SchemeView, 'categories'>
  /** Null: nothing is typed, or it cannot be understood yet. */
  readonly understood: UnderstoodLine | null
  readonly line: string
}

/**
 * Returns what a line changes in a draft: the fields that were not changed by hand. A field whose words were removed from the
 * line is emptied again.
 */
export function understoodPatch({
  draft,
  scheme,
  understood,
  line,
}: TypedLine & { readonly draft: Draft }): Partial<Draft> {
  if (understood === null && line.trim() !== '') return {}
  const wanted = wantedFields({ scheme, understood, line })
  const isOpen = (field: LineField) => !draft.byHand.includes(field)
  const isSame = (field: LineField) => JSON.stringify(draft[field]) === JSON.stringify(wanted[field])
  const patch: Partial<Draft> = {}
  const { commune } = wanted
  if (isOpen('commune') && !isSameCommune(draft.commune, commune)) {
    patch.commune = commune && draftCommuneOf(commune)
    if (!staysWithPlace(draft)) patch.area = null
  }
  const isChanged = (field: LineField) => isOpen(field) && !isSame(field)
  if (isChanged('categoryCode')) patch.categoryCode = wanted.categoryCode
  if (isChanged('place')) patch.place = wanted.place
  if (isChanged('when')) patch.when = wanted.when
  if (isChanged('facts')) patch.facts = wanted.facts
  return patch
}

/** Returns the values that the line gives its fields; those without words are empty. */
function wantedFields({ scheme, understood, line }: TypedLine): Pick<Draft, LineField> {
  return {
    categoryCode: categoryOfKey(line, scheme.categories)?.code ?? understood?.categoryCode ?? null,
    commune: understood?.commune ?? null,
    place: understood?.place ?? '',
    when: whenOf(understood) ?? blankDraft().when,
    // A lone digit is a key, not a fact.
    facts: isKey(line) ? '' : (understood?.facts ?? ''),
  }
}

function draftCommuneOf({ code, name, postalCode, formerName = null }: NonNullable<Draft['commune']>) {
  return { code, name, postalCode, formerName }
}

function isSameCommune(a: Draft['commune'], b: Draft['commune']): boolean {
  return a?.code === b?.code && (a?.formerName ?? null) === (b?.formerName ?? null)
}

function whenOf(understood: UnderstoodLine | null): Draft['when'] | null {
  const when = understood?.when ?? null
  if (when === null) return null
  return when.ago === null
    ? { kind: 'at', at: new Date(when.at).toISOString() }
    : { kind: 'ago', minutes: when.ago }
}

/** Tells whether a line is only the key of a category. */
export function isKey(line: string): boolean {
  return /^\s*[1-9]\s*$/.test(line)
}

/** Returns the category whose key is the only thing typed. */
export function categoryOfKey(line: string, categories: readonly CategoryView[]): CategoryView | undefined {
  return isKey(line) ? categories.find(({ position }) => position === Number(line)) : undefined
}

/**
 * Splits a line that starts with the key of a category and the first letters of a place, as the keys of the room allow
 * without a field: "2iss". An hour or minutes ("2h", "5min") are none.
 */
export function keyAndPlace(
  line: string,
): { readonly position: number; readonly letters: string } | undefined {
  const [, digit, letters = ''] = /^([1-9])(\p{L}+)$/u.exec(line) ?? []
  if (digit === undefined) return undefined
  const isTime = /^(?:h|he|heu|heur|heures?|m|mi|min\p{L}*|mn)$/iu.test(letters)
  return isTime ? undefined : { position: Number(digit), letters }
}
