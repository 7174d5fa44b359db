import { expect, test } from 'vitest'
import {
  type GuardLevel,
  guardText,
  type Remark,
  type RemarkCode,
  remarkKinds,
} from '../../src/guard/guard.ts'
import corpus from './corpus.json' with { type: 'json' }

/** Minimum number of examples from which the recall of a kind is measured. */
const ENOUGH = 10
const PRECISION = 0.9
const RECALL = 0.95

interface Example {
  readonly set: string
  readonly level: string
  readonly text: string
  /** By code, the words of the text that must be remarked. */
  readonly words?: Readonly<Partial<Record<RemarkCode, readonly string[]>>>
  /** Codes of remarks on the text as a whole, whatever their range. */
  readonly whole?: readonly string[]
}

const messages = corpus.messages as readonly Example[]

interface Score {
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

function measure(examples: readonly Example[]) {
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
    const { memberNames, places } = corpus
    return compare(example, guardText({ text, level: level as GuardLevel, memberNames, places }), scoreOf)
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

const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`

test('the corpus is large, without duplicate messages, and each label occurs in its text', () => {
  expect(messages.length).toBeGreaterThan(350)
  expect(new Set(messages.map(({ level, text }) => `${level} ${text}`)).size).toBe(messages.length)
  for (const { text, words } of messages) {
    for (const all of Object.values(words ?? {})) for (const one of all) expect(text).toContain(one)
  }
  const harmless = messages.filter(({ words, whole }) => words === undefined && whole === undefined)
  expect(harmless.length).toBeGreaterThan(100)
})

test('finds what it should, with few false remarks', () => {
  const { rows, notes } = measure(messages)
  const table = rows.map(
    ({ code, examples, found, missed, wrong, precision, recall }) =>
      `| ${code} | ${examples} | ${found} | ${missed} | ${wrong} | ${percent(precision)} | ${percent(recall)} |`,
  )
  console.log(
    ['| code | exemples | trouvés | manqués | à tort | précision | rappel |', '|---|---|---|---|---|---|---|']
      .concat(table)
      .join('\n'),
  )
  console.log(notes.join('\n'))
  const weak = rows.filter(
    ({ examples, precision, recall }) => examples >= ENOUGH && (precision < PRECISION || recall < RECALL),
  )
  expect(weak).toEqual([])
  // Too few examples for a measure, but at least one must be found.
  expect(rows.filter(({ examples, found }) => examples > 0 && found === 0)).toEqual([])
})
