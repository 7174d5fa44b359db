import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runInProcess } from '../../test/support/program.ts'
import { PRODUCTION } from '../../test/support/server.ts'

let directory: string
let file: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-config-'))
  file = join(directory, 'tocsin.env')
  const lines = Object.entries(PRODUCTION).map(([name, value]) => `${name}="${value}"`)
  writeFileSync(file, `# Settings of the installation\nTOCSIN_LANG=en\n${lines.join('\n')}\n`)
})
afterAll(() => rmSync(directory, { recursive: true }))

const LANG = { TOCSIN_LANG: 'en' }

test('accepts the settings of a file, named by the option or the variable', async () => {
  const fine = {
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^The settings are complete: in service, /),
  }
  expect(await runInProcess(['--config', file, 'config', 'check'], LANG)).toEqual(fine)
  expect(await runInProcess(['config', 'check', `--config=${file}`], LANG)).toEqual(fine)
  expect(await runInProcess(['config', 'check'], { ...LANG, TOCSIN_CONFIG: file })).toEqual(fine)
})

test('reports every problem of file and environment at once, and names that are no settings', async () => {
  const { code, stderr } = await runInProcess(['config', 'check'], {
    ...LANG,
    TOCSIN_CONFIG: file,
    PORT: 'x',
    TOCSIN_BASE_URL: '',
    TOCSIN_TRUSTED_PROXYS: '10.0.0.1',
  })
  expect(code).toBe(1)
  expect(stderr.split('\n')).toEqual([
    'Invalid settings:',
    expect.stringMatching(/^ {2}- PORT: invalid value/),
    expect.stringMatching(/^ {2}- TOCSIN_BASE_URL is required/),
    expect.stringMatching(/^ {2}- TOCSIN_TRUSTED_PROXYS is not a setting/),
    '',
  ])
})

test('the variables of the file of gateways are no unknown settings', async () => {
  const gateways = join(directory, 'gateways.json')
  const gateway = {
    kind: 'smpp',
    name: 'provider',
    host: 'smsc.invalid',
    systemId: 'x',
    windowPerLink: 10,
    password: { env: 'TOCSIN_PROVIDER_WORD' },
  }
  writeFileSync(gateways, JSON.stringify({ gateways: [gateway] }))
  const env = {
    ...LANG,
    TOCSIN_CONFIG: file,
    TOCSIN_GATEWAYS: gateways,
    TOCSIN_SMPP_HOST: '',
    TOCSIN_SMPP_SYSTEM_ID: '',
    TOCSIN_SMPP_PASSWORD: '',
    TOCSIN_PROVIDER_WORD: 'word',
  }
  expect(await runInProcess(['config', 'check'], env)).toMatchObject({ code: 0, stderr: '' })
})

test('reports every name in the file that is no setting', async () => {
  const misspelt = join(directory, 'misspelt.env')
  writeFileSync(misspelt, `${readFileSync(file, 'utf8')}DATABASE_ULR=postgres://x\nNODE_OPTIONS=\nTZ=UTC\n`)
  const { code, stderr } = await runInProcess(['--config', misspelt, 'config', 'check'], LANG)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^Invalid settings:\n {2}- DATABASE_ULR is not a setting.*\n$/)
})

test('refuses values that are cut at a #, and lines that are no setting', async () => {
  const cut = join(directory, 'cut.env')
  const lines = [
    '  # TOCSIN_SECRET=#',
    'TOCSIN_SMPP_PASSWORD=pa#ss',
    'TOCSIN_SMTP_URL="smtp://user:pa#ss@host" # in quotes',
    "TOCSIN_SECRET='one",
    "two#'",
    'PORT=80 # as in a shell',
    'TOCSIN_SMPP_RATE 5',
    '',
  ]
  writeFileSync(cut, lines.join('\r\n'))
  const { code, stderr } = await runInProcess(['--config', cut, 'config', 'check'], LANG)
  expect(code).toBe(1)
  expect(stderr.split('\n')).toEqual([
    'Invalid settings:',
    expect.stringMatching(/^ {2}- TOCSIN_SMPP_PASSWORD \(line 2 /),
    expect.stringMatching(/^ {2}- PORT \(line 6 /),
    expect.stringMatching(/^ {2}- Line 7 /),
    '',
  ])
})

test('refuses a file that cannot be read', async () => {
  const { code, stderr } = await runInProcess(['--config', join(directory, 'none'), 'config', 'check'], LANG)
  expect(code).toBe(1)
  expect(stderr).toContain('ENOENT')
  expect((await runInProcess(['config', 'check', '--config'], LANG)).code).toBe(2)
})
