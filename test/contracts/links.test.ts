import MarkdownIt from 'markdown-it'
import { lint } from 'markdownlint/promise'
// @ts-expect-error: it has no types.
import relativeLinks from 'markdownlint-rule-relative-links'
import { expect, test } from 'vitest'
import { listPages } from '../support/pages.ts'
import { ROOT } from '../support/program.ts'

test('every link between pages leads to a file and a heading that exist', async () => {
  const files = listPages().map((page) => `${ROOT}${page}`)
  expect(files.length).toBeGreaterThan(100)
  const found = await lint({
    files,
    config: { default: false, 'link-fragments': true, 'relative-links': true },
    customRules: [relativeLinks],
    markdownItFactory: () => new MarkdownIt(),
  })
  const problems = Object.entries(found).flatMap(([file, errors]) =>
    errors.map(
      ({ lineNumber, errorDetail, errorContext }) =>
        `${file.slice(ROOT.length)}:${lineNumber} ${errorDetail ?? errorContext}`,
    ),
  )
  expect(problems).toEqual([])
})
