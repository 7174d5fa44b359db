import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plainCommands } from '../../src/cli/commands.ts'
import { loadDataCommand } from '../../src/commands/data-commands.ts'
import { AppError, type Problem } from '../../src/errors.ts'
import { readGatewaysFile } from '../../src/gateways/settings.ts'
import { codeBlocks, listPages, readPage, shellWords } from '../support/pages.ts'
import { ROOT, runInProcess } from '../support/program.ts'

/** Records of a past state, whose commands were true on their day. */
const RECORDS = /^(CHANGELOG\.md|docs\/adr\/)/
/** Text that may precede a command: settings, another user, npx. */
const BEFORE =
  /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:runuser -u \S+ -- |sudo -u \S+ |docker compose (?:run|exec) (?:-\S+ )*\S+ )?(?:npx )?/

interface Call {
  readonly page: string
  readonly line: string
  /** False for code in a sentence, which may leave out what a whole call needs. */
  readonly whole: boolean
}

/** Returns the lines of code blocks and the code in sentences that call `tocsin` or a script of npm. */
function callsOf(page: string): Call[] {
  const text = readPage(page)
  const lines = codeBlocks(text).flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
  const inline = [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)]
  return [
    ...lines.map((line) => ({ page, line, whole: true })),
    ...inline.map(([, line = '']) => ({ page, line, whole: false })),
  ]
    .map((call) => ({ ...call, line: call.line.trim().replace(BEFORE, '') }))
    .filter(({ line }) => /^(tocsin|npm run) /.test(line))
    .map((call) => ({ ...call, line: call.line.replace(/ +(#|>|\||&&|;|2>).*/, '').trim() }))
}

const calls = listPages()
  .filter((page) => !RECORDS.test(page))
  .flatMap(callsOf)

/** Returns the usage of a command, as its parser prints it. */
async function usageOf(words: readonly string[]): Promise<string> {
  const [name = '', ...rest] = words
  if (Object.hasOwn(plainCommands, words.join(' ')))
    return (await runInProcess([...words, '--help'], { TOCSIN_LANG: 'en' })).stdout
  return (await faultOfData(name, [...rest, '--no-such-option'])) ?? ''
}

/** Has the parser of a command on the data read its arguments. @returns its usage when it refuses them */
async function faultOfData(name: string, args: readonly string[]): Promise<string | undefined> {
  const command = await loadDataCommand(name)
  if (command === undefined) return `no command ${name}`
  try {
    command.files(args, 'en')
    return undefined
  } catch (error) {
    if (error instanceof AppError && error.code === 'usage') return String(error.values.usage)
    throw error
  }
}

const usages = new Map<string, Promise<string>>()

/** @returns what is wrong with a call of `tocsin`; undefined: nothing */
async function faultOf({ line, whole }: Call): Promise<string | undefined> {
  const args = shellWords(line).slice(1)
  const [name = ''] = args
  if (name === '…' || name.startsWith('-')) return undefined
  const plain = [2, 1]
    .map((count) => args.slice(0, count))
    .find((words) => Object.hasOwn(plainCommands, words.join(' ')))
  if (plain === undefined && (await loadDataCommand(name)) === undefined) return 'no such command'
  const onData = plain === undefined || (name === 'message' && args.includes('--scheme'))
  if (onData && whole) return faultOfData(name, args.slice(1))
  const words = plain ?? [name]
  const key = words.join(' ')
  const usage = await (usages.get(key) ?? usages.set(key, usageOf(words)).get(key))
  if (usage === undefined || usage === '') return `no usage of ${key}`
  const named = args.slice(words.length).filter((word, at) => word.startsWith('--') || (onData && at === 0))
  const unknown = named.filter(
    (word) => word !== '…' && word !== '--help' && !usage.includes(word.split('=')[0] ?? ''),
  )
  return unknown.length > 0 ? `${unknown.join(', ')}: ${usage}` : undefined
}

test('every call of tocsin in the pages is one that its parser accepts', async () => {
  const ours = calls.filter(({ line }) => line.startsWith('tocsin '))
  expect(ours.length).toBeGreaterThan(150)
  const faults: string[] = []
  for (const call of ours) {
    const fault = await faultOf(call)
    if (fault !== undefined) faults.push(`${call.page}: ${call.line} (${fault})`)
  }
  expect(faults).toEqual([])
})

test('a call that the parser refuses is found', async () => {
  for (const line of [
    'tocsin nothing',
    'tocsin backup --into F',
    'tocsin users invent --mail x',
    'tocsin schemes lode ac63',
  ])
    for (const whole of [true, false]) expect(await faultOf({ page: '', line, whole }), line).toBeDefined()
})

test('every script of npm in the pages exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const faults = calls.filter(({ line }) => {
    const [, name = ''] = /^npm run (?:-s )?([\w:-]+)/.exec(line) ?? []
    return line.startsWith('npm run ') && !line.startsWith('npm run …') && !Object.hasOwn(scripts, name)
  })
  expect(faults).toEqual([])
})

test('a drill that runs a test sets what the test would be skipped without', () => {
  const drills = calls
    .filter(({ page }) => page.startsWith('docs/runbook/'))
    .flatMap(({ page }) =>
      [...readPage(page).matchAll(/`([^`\n]*)npm test -- (test\/\S+\.test\.ts)`/g)].map(
        ([, before = '', file = '']) => ({
          page,
          before,
          file,
        }),
      ),
    )
  expect(drills.length).toBeGreaterThan(0)
  const faults = drills.flatMap(({ page, before, file }) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/process\.env\.(TOCSIN_\w+)/g)]
      .filter(([, name]) => !before.includes(`${name}=1 `))
      .map(([, name]) => `${page}: ${file} without ${name}`),
  )
  expect(faults).toEqual([])
})

/** In service the file has a gateway that reaches phones too. */
const REAL =
  '{ "kind": "smpp", "name": "real", "host": "smpp.example", "systemId": "a", "password": { "env": "REAL_PASSWORD" }, "windowPerLink": 10 }'

test.each(['en', 'fr'])('the gateway of the drill of a provider (%s) is accepted', (lang) => {
  const page = readPage(lang === 'fr' ? 'docs/runbook/accidents.fr.md' : 'docs/runbook/accidents.md')
  const [, gateway = ''] = /`(\{ "kind": "smpp".*?"simulated": true \})`/.exec(page) ?? []
  const problems: Problem[] = []
  const sources = {
    env: { EXERCISE_PASSWORD: 'exercise', REAL_PASSWORD: 'real' },
    readFile: () => `{ "gateways": [${REAL}, ${gateway}] }`,
  }
  readGatewaysFile('gateways.json', sources, { demo: false, baseUrl: undefined }, problems)
  expect(problems).toEqual([])
})
