import { expect, test } from 'vitest'
import corpus from './corpus.json' with { type: 'json' }
import { type Example, measure, percent } from './measure.ts'

/** Minimum number of examples from which the recall of a kind is measured. */
const ENOUGH = 10
const PRECISION = 0.9
const RECALL = 0.95

const messages = corpus.messages as readonly Example[]

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
  const { rows, notes } = measure(messages, corpus)
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
