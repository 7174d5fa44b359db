import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeBlocks, readPage } from '../support/pages.ts'
import { ROOT, runInProcess } from '../support/program.ts'
import { PRODUCTION } from '../support/server.ts'

const FOLDER = 'docs/providers'
const CARDS = readdirSync(join(ROOT, FOLDER)).filter((name) => name !== 'README.md')
const {
  TOCSIN_SMPP_HOST: _host,
  TOCSIN_SMPP_SYSTEM_ID: _id,
  TOCSIN_SMPP_PASSWORD: _password,
  ...SERVICE
} = PRODUCTION

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-providers-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

test.each(CARDS)('the settings on the card %s are those of an installation in service', async (card) => {
  const text = readPage(`${FOLDER}/${card}`)
  const [settings = '', ...more] = codeBlocks(text, 'ini')
  expect(more).toEqual([])
  const [gateways] = codeBlocks(text, 'json')
  if (gateways !== undefined) writeFileSync(join(directory, 'gateways.json'), gateways)
  expect(settings.includes('TOCSIN_GATEWAYS=')).toBe(gateways !== undefined)
  const file = join(directory, `${card}.env`)
  writeFileSync(file, settings.replaceAll('/etc/tocsin', directory))
  const checked = await runInProcess(['config', 'check', '--config', file], { TOCSIN_LANG: 'en', ...SERVICE })
  expect(checked.stderr).toBe('')
  expect(checked.code).toBe(0)
})

test('every card says the same things, and is in the list', () => {
  const list = readPage(`${FOLDER}/README.md`)
  const headings = (card: string) =>
    [...readPage(`${FOLDER}/${card}`).matchAll(/^## (.+)$/gm)].map(([, title]) => title)
  const [first = '', ...others] = CARDS
  for (const card of others) expect(headings(card), card).toEqual(headings(first))
  for (const card of CARDS) expect(list).toContain(`](${card})`)
})
