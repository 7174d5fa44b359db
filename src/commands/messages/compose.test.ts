import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testTerritory } from '../../../test/support/database.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../platform/db.ts'
import { loadScheme } from '../../schemes/actions.ts'
import { describeError } from '../errors.ts'
import { composeCommand } from './compose.ts'

let database: Database
let deps: Deps

beforeAll(async () => {
  database = await testTerritory()
  deps = {
    db: database.db,
    now: () => new Date('2026-11-28T01:10:00Z'),
    newId: randomUUID,
  } as unknown as Deps
  await loadScheme(deps, { kind: 'system', name: 'test' }, 'ac63')
})
afterAll(() => database.close())

async function run(...args: string[]) {
  let out = ''
  const status = await composeCommand.run(deps, args, new Map(), {
    lang: 'fr',
    stdout: (part) => {
      out += part
    },
    stderr: () => {},
    progress: () => {},
  })
  return { status, out }
}

async function composed(line: string, ...args: string[]) {
  const { status, out } = await run('--scheme', 'ac63', '--line', line, '--json', ...args)
  expect(status).toBe(0)
  return JSON.parse(out)
}

test('prints what is understood of a line, and the alert that the room would propose', async () => {
  expect(
    await composed(
      'vma billom il y a 5 min tabac deux hommes scooter vers lezoux',
      '--at',
      '2026-11-28T02:10',
    ),
  ).toEqual({
    category: 'armed-robbery',
    communeCode: '63040',
    place: 'tabac',
    occurredAt: '2026-11-28T02:05:00+01:00',
    facts: 'deux hommes en scooter, direction Lezoux',
    level: 'established',
    needs: ['offence', 'second_person'],
    area: { kind: 'commune', words: 'commune de Billom' },
    text: 'Vol à main armée à Billom, dans un tabac, vers 2h05 : deux hommes en scooter, direction Lezoux. Ne pas intervenir, ne pas transférer SMS.',
    parts: 1,
    unknown: [],
  })
})

test('proposes the usual area of a category, and an hour of the day before with its date', async () => {
  expect(await composed('faux billets issoire hier 22h place de la halle')).toMatchObject({
    category: 'counterfeit-notes',
    communeCode: '63178',
    place: 'place de la halle',
    occurredAt: '2026-11-27T22:00:00+01:00',
    area: { kind: 'epci', words: "agglomération d'Issoire" },
    needs: ['late_reason', 'offence'],
  })
})

test('names what is missing, and lists the words that it does not know', async () => {
  expect(await composed('xyzzy ce matin')).toMatchObject({
    category: null,
    communeCode: null,
    area: null,
    needs: ['category', 'commune', 'hour', 'offence'],
    facts: 'xyzzy, ce matin',
    unknown: ['xyzzy'],
    text: '',
    parts: 0,
  })
  expect(await composed('vma billom clio noire AB-123-CD')).toMatchObject({
    level: 'precise',
    needs: ['offence', 'prosecutor', 'second_person'],
  })
  expect(await composed('prevention faux démarcheurs riom')).toMatchObject({ level: 'prevention', needs: [] })
})

test('reads the time of the call with an offset, or as the local time of the scheme', async () => {
  const at = async (time: string) => (await composed('vma billom', '--at', time)).occurredAt
  expect(await at('2026-07-14T23:10')).toBe('2026-07-14T23:10:00+02:00')
  expect(await at('2026-07-14T21:10:00Z')).toBe('2026-07-14T23:10:00+02:00')
  expect(await at('2026-07-15T01:10+04:00')).toBe('2026-07-14T23:10:00+02:00')
  expect((await composed('vma billom')).occurredAt).toBe('2026-11-28T02:10:00+01:00')
})

test('prints the same for people', async () => {
  const { out } = await run('--scheme', 'ac63', '--line', 'vma mezel tabac xyzzy')
  expect(out).toContain('Commune         : Mezel (63226)\n')
  expect(out).toContain('Non compris     : xyzzy\n')
  expect(out).toContain('À régler        : l’infraction, et si les auteurs sont interpellés, la validation')
  expect(out).toContain('Message         : Vol à main armée à Mezel, dans un tabac, vers 2h10 : xyzzy.')
})

test('reads an hour of a change of clocks, and refuses one that the clock skips', async () => {
  const at = async (time: string) => (await composed('vma billom', '--at', time)).occurredAt
  expect(await at('2026-10-25T02:30')).toBe('2026-10-25T02:30:00+01:00')
  expect(await at('2026-10-25T02:30+02:00')).toBe('2026-10-25T02:30:00+02:00')
  await expect(at('2026-03-29T02:30')).rejects.toMatchObject({
    code: 'invalid_input',
    problems: [{ code: 'input.format', path: 'at' }],
  })
})

test('says every problem of the values at once, in both languages', () => {
  const problemsOf = (line: string, at?: string) => {
    try {
      composeCommand.files(['--scheme', 'ac63', '--line', line, ...(at ? ['--at', at] : [])], 'fr')
      return []
    } catch (error) {
      return (error as AppError).problems.map(({ code, path }) => `${path} ${code}`)
    }
  }
  expect(problemsOf(' ', 'demain')).toEqual(['line input.required', 'at input.format'])
  expect(problemsOf('vma '.repeat(2500))).toEqual(['line input.too_long'])
  for (const at of [
    '2026-13-40T02:10',
    '2026-02-30T02:10',
    '2026-11-28',
    '2026-11-28T25:00',
    '28/11/2026 2h10',
  ])
    expect(problemsOf('vma', at), at).toEqual(['at input.format'])
  const wrong = new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'line' }] })
  expect(describeError('fr', wrong)).toContain('line : Ce champ est obligatoire.')
  expect(describeError('en', wrong)).toContain('line: ')
})

test('prints the keys of its contract and nothing else, and no control character of a line', async () => {
  const out = await composed('vma billom\u001b[31m deux\u0007 hommes\u202e\r\n\ttabac')
  expect(Object.keys(out)).toEqual(
    'category communeCode place occurredAt facts level needs area text parts unknown'.split(' '),
  )
  expect(Object.keys(out.area)).toEqual(['kind', 'words'])
  expect(out).toMatchObject({ category: 'armed-robbery', communeCode: '63040', place: 'tabac' })
  expect(JSON.stringify(out)).not.toMatch(/\\u00|\\[rnt]|\u202e/)
})

test('refuses a malformed call and an unknown scheme', async () => {
  for (const args of [[], ['--scheme', 'ac63'], ['--scheme', 'ac63', '--line', 'vma', 'more']])
    expect(() => composeCommand.files(args, 'fr')).toThrow(/usage/)
  await expect(run('--scheme', 'zz99', '--line', 'vma billom')).rejects.toMatchObject({
    code: 'unknown_scheme',
  })
})
