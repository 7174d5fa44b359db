import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runInProcess } from '../../test/support/program.ts'
import { formatMessage } from '../i18n/format.ts'
import { dataCommands, loadDataCommand } from './data-commands.ts'
import { findUsage } from './usage.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-usage-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test.each([
  ['members', []],
  ['members', ['import', 'a.csv']],
  ['members', ['import', '--scheme', 'ac63']],
  ['schemes', []],
  ['schemes', ['list', 'ac63']],
  ['schemes', ['load']],
  ['schemes', ['any-sign-in']],
  ['schemes', ['any-sign-in', 'ac63', '--as']],
  ['schemes', ['any-sign-in', 'ac63', 'ac39']],
  ['schemes', ['load', '--all']],
  ['territory', ['import']],
  ['territory', ['import', '63', '39']],
  ['users', ['add', '--mail', 'x']],
  ['users', ['remove']],
  ['break-glass', []],
  ['break-glass', ['open']],
  ['break-glass', ['status', '--as', 'x']],
  ['audit', []],
  ['audit', ['verify', 'ac63']],
])('%s %j is refused with the usage line', async (name, args) => {
  const command = await loadDataCommand(name)
  const files = () => command?.files(args, 'en')
  expect(files).toThrow(
    expect.objectContaining({
      code: 'usage',
      values: { usage: expect.stringContaining(`Usage: tocsin ${name} `) },
    }),
  )
})

test.each(Object.keys(dataCommands).map((name) => [name]))(
  'the help of %s is its own usage',
  async (name) => {
    const help = findUsage(name, 'fr')
    const command = await loadDataCommand(name)
    const own = () => command?.files(['--no-such-option'], 'fr')
    if (help === undefined) expect(['message', 'schemes', 'doctor', 'keys', 'backup']).toContain(name)
    else expect(own).toThrow(expect.objectContaining({ code: 'usage', values: { usage: help } }))
  },
)

test('accepts several schemes in one call', async () => {
  const schemes = await loadDataCommand('schemes')
  expect(schemes?.files(['load', 'ac63', 'ac39'], 'fr')).toEqual([])
})

test('does not open the database for help or a malformed call', async () => {
  const env = { TOCSIN_DATA_DIR: join(root, 'data'), TOCSIN_LANG: 'fr' }
  const [help, wrong, story, unknown] = await Promise.all([
    runInProcess(['members', '--help'], env),
    runInProcess(['schemes', 'load'], env),
    runInProcess(['story', '-h'], env),
    runInProcess(['constructor', '--help'], env),
  ])
  expect(help).toEqual({
    code: 0,
    stdout:
      'Utilisation : tocsin members import FICHIER.csv --scheme CODE [--dry-run [--json]] [--skip-bad | --all-or-nothing] [--same-phone same|other] [--leaving N] [--welcome sms|mail] [--charter-on JOUR|joined] [--dues-year ANNÉE] [--payments transfer|cheque|cash [--paid-on JOUR]]\n',
    stderr: '',
  })
  expect(wrong).toMatchObject({ code: 2, stdout: '' })
  expect(wrong.stderr).toMatch(
    /^Commande incorrecte. Utilisation : tocsin schemes list \| tocsin schemes load ac63/,
  )
  expect(story).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Utilisation : tocsin story /) })
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('« constructor » n’existe pas') })
  expect(existsSync(env.TOCSIN_DATA_DIR)).toBe(false)
})

test.each(['en', 'fr'] as const)(
  'the help in %s names the verbs that the usages name, and no other',
  (lang) => {
    const lines = formatMessage(lang, 'cli.help').matchAll(
      /^ {2}([a-z-]+) ([a-z-]+(?: \| [a-z-]+)*)(?= {2}| -)/gm,
    )
    const named = new Map<string, string[]>()
    for (const [, name = '', verbs = ''] of lines)
      named.set(name, [...(named.get(name) ?? []), ...verbs.split(' | ')])
    const inUsage = ['users', 'schemes', 'audit', 'keys', 'break-glass'].map((name) => {
      const usage = formatMessage(lang, `cli.${name.replace('-', '_')}.usage` as 'cli.users.usage', {
        codes: '',
      })
      const verbs = usage
        .split(' | ')
        .flatMap(
          (call) => /^(?:tocsin [a-z-]+ )?([a-z][a-z-]*(?:\|[a-z-]+)*)/.exec(call)?.[1]?.split('|') ?? [],
        )
      return [name, [...new Set(verbs)].sort()]
    })
    expect(inUsage).toEqual(inUsage.map(([name]) => [name, [...(named.get(String(name)) ?? [])].sort()]))
  },
)
