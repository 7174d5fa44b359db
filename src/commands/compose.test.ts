import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testTerritory } from '../../test/support/database.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import { loadScheme } from '../schemes/actions.ts'
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

test('refuses a malformed call and an unknown scheme', async () => {
  for (const args of [
    [],
    ['--scheme', 'ac63'],
    ['--scheme', 'ac63', '--line', ' '],
    ['--scheme', 'ac63', '--line', 'vma', '--at', 'demain'],
    ['--scheme', 'ac63', '--line', 'vma', '--at', '2026-13-40T02:10'],
    ['--scheme', 'ac63', '--line', 'vma', 'more'],
  ])
    expect(() => composeCommand.files(args, 'fr')).toThrow(/usage/)
  await expect(run('--scheme', 'zz99', '--line', 'vma billom')).rejects.toMatchObject({
    code: 'unknown_scheme',
  })
})
