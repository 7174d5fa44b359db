import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DOCTOR_PAGES, doctorCodes, doctorPage } from '../../scripts/doctor-pages.ts'
import { codeBlocks, listPages, readPage } from '../support/pages.ts'
import { ROOT } from '../support/program.ts'

const twins = listPages()
  .filter((page) => page.endsWith('.fr.md'))
  .map((french) => [french, french.replace('.fr.md', '.md')] as const)

/** What an operator needs, in both languages. */
const OPERATION = [
  'accidents',
  'backup',
  'docker',
  'doctor',
  'first-scheme',
  'high-availability',
  'install',
  'monitoring',
  'move',
  'pgbackrest',
  'proxies',
  'releases',
  'routes',
  'secret',
]

test('the pages of installation and operation are in French and English', () => {
  expect(twins.map(([french]) => french)).toEqual(
    expect.arrayContaining(OPERATION.map((name) => `docs/runbook/${name}.fr.md`)),
  )
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
  const sources = ['src/cli/doctor', 'src/commands']
    .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  const added = [...sources.matchAll(/\.add\(\s*'(?:error|warning)',\s*'(\w+)'/g)].map(([, code]) => code)
  expect(added.length).toBeGreaterThan(15)
  expect(doctorCodes()).toEqual(expect.arrayContaining(added))
})
