import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import MarkdownIt from 'markdown-it'
import { lint } from 'markdownlint/promise'
// @ts-expect-error: it has no types.
import relativeLinks from 'markdownlint-rule-relative-links'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { listPages, readPage } from '../support/pages.ts'
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

test('every file and folder that ARCHITECTURE.md names exists', () => {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).split('\0')
  const absent = [...readPage('ARCHITECTURE.md').matchAll(/`([\w./-]+(?:\.(?:ts|tsx|js|json|md|sql)|\/))`/g)]
    .map(([, name = '']) => name)
    .filter((name) =>
      name.endsWith('/')
        ? !files.some((file) => `/${file}`.includes(`/${name}`))
        : !files.some((file) => `/${file}`.endsWith(`/${name}`)),
    )
  expect(absent).toEqual([])
})

/** Pictures of screens, which take 19 MB: a guide shows one. */
const PICTURES = /^docs\/screenshots\/.*\.png$/
/** Files that npm packs besides `files`. */
const ALWAYS = ['README.md', 'LICENSE', 'package.json']

test('a page of the package links to files of the package', () => {
  const isPacked = (path: string) =>
    [...ALWAYS, ...packageJson.files].some((entry) =>
      entry === 'docs/*.md' ? /^docs\/[^/]+\.md$/.test(path) : path === entry || path.startsWith(`${entry}/`),
    )
  const pages = listPages().filter(isPacked)
  expect(pages.length).toBeGreaterThan(100)
  const absent = pages.flatMap((page) =>
    [...readPage(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => join(dirname(page), target))
      .filter((path) => !isPacked(path) && !PICTURES.test(path))
      .map((path) => `${page}: ${path}`),
  )
  expect(absent).toEqual([])
})
