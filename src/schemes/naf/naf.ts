import codesNaf from '@socialgouv/codes-naf'
import passage from './passage.json' with { type: 'json' }
import titles2025 from './titles-2025.json' with { type: 'json' }

/** The French classification of activities, in its two editions. */
export type Nomenclature = 'rev2' | '2025'

/** When each is in force: the first and the last day (decree 2025-736). Registers may publish the next one before. */
export const nomenclatures: Readonly<
  Record<Nomenclature, { readonly name: string; readonly from: string; readonly until: string | null }>
> = {
  rev2: { name: 'NAF rév. 2', from: '2008-01-01', until: '2026-12-31' },
  '2025': { name: 'NAF 2025', from: '2027-01-01', until: null },
}

/** The codes of a business in both; null if not known. */
export interface NafCodes {
  /** NAF rev. 2, for example 47.26Z. */
  readonly naf: string | null
  /** NAF 2025, for example 47.26Y. */
  readonly naf2025: string | null
}

/** A code of NAF 2025 that takes over content of one of NAF rev. 2. */
export interface Passage {
  readonly code: string
  /**
   * `all`: the whole content, so that the passage is exact. `most`: all but an activity that INSEE names. `some`: a part, or
   * an unknown share. The last two are approximate.
   */
  readonly share: 'all' | 'most' | 'some'
}

const titles: Readonly<Record<Nomenclature, ReadonlyMap<string, string>>> = {
  rev2: new Map(
    codesNaf.filter(({ id }) => /^\d{2}\.\d{2}[A-Z]$/.test(id)).map(({ id, label }) => [id, label]),
  ),
  '2025': new Map(Object.entries(titles2025)),
}
const passages = new Map(Object.entries(passage).map(([code, to]) => [code, to.split(' ').map(toPassage)]))

function toPassage(text: string, _: number, all: readonly string[]): Passage {
  if (text.endsWith('*')) return { code: text.slice(0, -1), share: 'most' }
  return { code: text, share: all.length === 1 ? 'all' : 'some' }
}

/**
 * Reads a code at the beginning of a text, and the text after it: lists write both in one cell ("4726Z - Tabac").
 * @returns the code in its official form, "47.26Z", listed or not; undefined if the text begins otherwise
 */
export function readNaf(text: string): { readonly code: string; readonly rest: string } | undefined {
  const gap = '[\\s.\\u00a0\\u202f-]*'
  const match = new RegExp(`^${gap}(\\d{2})${gap}(\\d{2})${gap}([a-z])(?![\\p{L}\\d])(.*)$`, 'iu').exec(text)
  if (match === null) return undefined
  const [, division, rank, letter = '', after = ''] = match
  return {
    code: `${division}.${rank}${letter.toUpperCase()}`,
    rest: after.replace(/^[^\p{L}\d]+/u, '').trim(),
  }
}

/**
 * Returns a code in its official form, "47.26Z", from typed text ("4726Z", "47.26 z"), listed or not.
 * @returns undefined when it is not four digits and a letter
 */
export function normalizeNaf(text: string): string | undefined {
  const read = readNaf(text)
  return read?.rest === '' ? read.code : undefined
}

/** Returns the classification of a code by its letter: NAF rev. 2 has A to F and Z, NAF 2025 those between. */
export function nomenclatureOf(code: string): Nomenclature {
  return /[A-FZ]$/.test(code) ? 'rev2' : '2025'
}

/** Returns the official title of a code; undefined if its classification does not list it. */
export function titleOfNaf(code: string): string | undefined {
  return titles[nomenclatureOf(code)].get(code)
}

/**
 * Returns the official title of the activity of a business, in the classification that is in force, or else in the other one.
 * @param day as in "2026-12-31"
 * @returns null without a code that its classification lists
 */
export function activityOn({ naf, naf2025 }: NafCodes, day: string): string | null {
  const codes = day < nomenclatures['2025'].from ? [naf, naf2025] : [naf2025, naf]
  return codes.map((code) => (code === null ? undefined : titleOfNaf(code))).find(Boolean) ?? null
}

/** Lists the codes of a classification. */
export function listNaf(nomenclature: Nomenclature): string[] {
  return [...titles[nomenclature].keys()]
}

/** Returns the codes of NAF 2025 that take over the content of one of NAF rev. 2; none if it is not listed. */
export function passagesOf(code: string): readonly Passage[] {
  return passages.get(code) ?? []
}

/**
 * Sorts codes by classification; the last one of each is kept. Text after a code, and text without a code, is ignored.
 */
export function nafCodesOf(...typed: readonly (string | null | undefined)[]): NafCodes {
  let codes: NafCodes = { naf: null, naf2025: null }
  for (const text of typed) {
    const read = readNaf(text ?? '')
    if (read !== undefined) codes = withNaf(codes, read.code)
  }
  return codes
}

/** Adds a code in its official form, in place of a former one of its classification. */
export function withNaf(codes: NafCodes, code: string): NafCodes {
  return nomenclatureOf(code) === 'rev2' ? { ...codes, naf: code } : { ...codes, naf2025: code }
}

/**
 * Replaces the codes of a business by newer ones. A known code of the other classification is kept, unless the two cannot belong to
 * one activity by the table of passage.
 */
export function replaceNaf(known: NafCodes, newer: NafCodes): NafCodes {
  const naf = newer.naf ?? known.naf
  const naf2025 = newer.naf2025 ?? known.naf2025
  if (naf === null || naf2025 === null || canGoTogether(naf, naf2025)) return { naf, naf2025 }
  return newer.naf === null && newer.naf2025 === null ? known : newer
}

/** Tells whether codes of NAF rev. 2 and NAF 2025 can belong to one activity; true if one of them is not listed. */
function canGoTogether(naf: string, naf2025: string): boolean {
  if (titleOfNaf(naf) === undefined || titleOfNaf(naf2025) === undefined) return true
  return passagesOf(naf).some(({ code }) => code === naf2025)
}
