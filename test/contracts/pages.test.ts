import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { DOCTOR_PAGES, doctorCodes, doctorPage } from '../../scripts/doctor-pages.ts'
import { settings } from '../../src/config.ts'
import fr from '../../src/i18n/fr.json' with { type: 'json' }
import { codeBlocks, listPages, readPage } from '../support/pages.ts'
import { ROOT } from '../support/program.ts'

const twins = listPages()
  .filter((page) => page.endsWith('.fr.md'))
  .map((french) => [french, french.replace('.fr.md', '.md')] as const)

test('every page of installation and operation is in French and English', () => {
  const pages = listPages().filter((page) => page.startsWith('docs/runbook/') && !page.endsWith('.fr.md'))
  expect(pages.length).toBeGreaterThan(15)
  expect(twins.map(([, english]) => english)).toEqual(expect.arrayContaining(pages))
})

test('a French page leads to the French twin of a page', () => {
  const english = new Set(twins.map(([, page]) => page))
  const pages = listPages().filter(
    (page) => page.endsWith('.fr.md') || /^docs\/(guides|providers)\//.test(page),
  )
  const wrong = pages.flatMap((page) =>
    [...readPage(page).matchAll(/\]\(([^)#\s]+\.md)[^)]*\)/g)]
      .map(([, target = '']) => join(dirname(page), target))
      .filter((target) => english.has(target) && target !== page.replace('.fr.md', '.md'))
      .map((target) => `${page}: ${target}`),
  )
  expect(wrong).toEqual([])
})

test('French messages and settings lead to the French twin of a page', () => {
  const english = new Set(twins.map(([, page]) => page))
  const texts = [...Object.values(fr), ...Object.values(settings).map(({ meaningFr }) => meaningFr)]
  const named = texts.flatMap((text) => text.match(/docs\/[\w/-]+(?:\.fr)?\.md/g) ?? [])
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((page) => english.has(page))).toEqual([])
  expect(listPages()).toEqual(expect.arrayContaining(named))
})

/** The commands of a page: its blocks without comments, placeholders and words between quotes, which are of a language. */
const commandsOf = (page: string) =>
  codeBlocks(readPage(page)).map((block) =>
    block
      .replaceAll(/(^|\s)#.*$/gm, '')
      .replaceAll(/"[^"]*"|'[^']*'/g, '""')
      .replaceAll(/[A-ZÀ-Ý]{2,}(?:-[A-ZÀ-Ý]+)*(?![_=\w])/g, 'X')
      .replaceAll(/[\w-]+(?=\.age\b)/g, 'x')
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  )

test.each(twins)('%s has the commands and settings of %s', (french, english) => {
  expect(commandsOf(french)).toEqual(commandsOf(english))
})

test.each(twins)('%s has as many sections as %s', (french, english) => {
  const sections = (page: string) => [...readPage(page).matchAll(/^## /gm)].length
  expect(sections(french)).toBe(sections(english))
})

test.each(['fr', 'en'] as const)(
  'the page of the doctor (%s) says each finding as the program does',
  (lang) => {
    const page = readPage(DOCTOR_PAGES[lang])
    expect(page, 'npm run docs writes it').toBe(doctorPage(lang))
    for (const code of doctorCodes()) expect(page).toContain(`| \`${code}\` | `)
  },
)

test('every fault that the doctor adds has its words in the list', () => {
  const sources = ['src/cli/doctor', 'src/commands/doctor']
    .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  const added = [...sources.matchAll(/\.add\(\s*'(?:error|warning)',\s*'(\w+)'/g)].map(([, code]) => code)
  expect(added.length).toBeGreaterThan(15)
  expect(doctorCodes()).toEqual(expect.arrayContaining(added))
})

test('the glossary explains forty words at most, each once', () => {
  const [, glossary = ''] = /\n## Glossary.*?\n(.*?)\n## /s.exec(readPage('ARCHITECTURE.md')) ?? []
  const words = [...glossary.matchAll(/^\| (?!Word \||---)(.+?) \| .+ \| .+ \|$/gm)].map(([, word]) => word)
  expect(words.length).toBeGreaterThan(20)
  expect(words.length).toBeLessThanOrEqual(40)
  expect(new Set(words).size).toBe(words.length)
})
