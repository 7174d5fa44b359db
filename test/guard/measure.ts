import {
  type GuardInput,
  type GuardLevel,
  guardText,
  type Remark,
  type RemarkCode,
  remarkKinds,
} from '../../src/guard/guard.ts'

export interface Example {
  readonly set: string
  readonly level: string
  readonly text: string
  /** The words of the text that must be remarked, by code. */
  readonly words?: Readonly<Partial<Record<RemarkCode, readonly string[]>>>
  /** Codes of remarks on the text as a whole, whatever their range. */
  readonly whole?: readonly string[]
}

export interface Score {
  found: number
  missed: number
  wrong: number
}

/** A remark is correct if it overlaps words that the corpus labels with its code. */
function compare(example: Example, remarks: readonly Remark[], score: (code: RemarkCode) => Score): string[] {
  const notes: string[] = []
  const expected = Object.entries(example.words ?? {}).flatMap(([code, all]) =>
    all.map((words) => ({ code: code as RemarkCode, words, start: example.text.indexOf(words) })),
  )
  const overlaps = (one: (typeof expected)[number], remark: Remark) =>
    one.code === remark.code && one.start < remark.end && remark.start < one.start + one.words.length
  for (const one of expected) {
    if (remarks.some((remark) => overlaps(one, remark))) score(one.code).found++
    else {
      score(one.code).missed++
      notes.push(`manque ${one.code} « ${one.words} » : ${example.text}`)
    }
  }
  for (const code of (example.whole ?? []) as RemarkCode[]) {
    if (remarks.some((remark) => remark.code === code)) score(code).found++
    else {
      score(code).missed++
      notes.push(`manque ${code} : ${example.text}`)
    }
  }
  for (const remark of remarks) {
    if (example.whole?.includes(remark.code) || expected.some((one) => overlaps(one, remark))) continue
    score(remark.code).wrong++
    notes.push(`à tort ${remark.code} « ${example.text.slice(remark.start, remark.end)} » : ${example.text}`)
  }
  return notes
}

/** Runs the guard on each example and counts its remarks by code. */
export function measure(
  examples: readonly Example[],
  { memberNames, places }: Required<Pick<GuardInput, 'memberNames' | 'places'>>,
  counts: (code: RemarkCode) => boolean = () => true,
) {
  const scores = new Map<RemarkCode, Score>()
  const scoreOf = (code: RemarkCode) => {
    let score = scores.get(code)
    if (score === undefined) {
      score = { found: 0, missed: 0, wrong: 0 }
      scores.set(code, score)
    }
    return score
  }
  const notes = examples.flatMap((example) => {
    const { text, level } = example
    const remarks = guardText({ text, level: level as GuardLevel, memberNames, places })
    return compare(
      example,
      remarks.filter(({ code }) => counts(code)),
      scoreOf,
    )
  })
  const rows = (Object.keys(remarkKinds) as RemarkCode[]).flatMap((code) => {
    const score = scores.get(code)
    if (score === undefined) return []
    const { found, missed, wrong } = score
    const precision = found + wrong === 0 ? 1 : found / (found + wrong)
    const recall = found + missed === 0 ? 1 : found / (found + missed)
    return [{ code, examples: found + missed, ...score, precision, recall }]
  })
  return { rows, notes }
}

export const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`
