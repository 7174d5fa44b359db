import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { createIds } from '../../platform/ids.ts'
import { membersCommand } from './members.ts'

let database: Database
const now = () => new Date('2026-03-02T10:00:00Z')

beforeAll(async () => {
  database = await testDatabase('postgres')
  for (const statement of [
    sql`insert into regions values ('84', 'Auvergne-Rhône-Alpes')`,
    sql`insert into departements (code, name, region_code) values ('63', 'Puy-de-Dôme', '84')`,
    sql`insert into communes (code, name, search_name, departement_code, region_code, postal_codes)
      values ('63178', 'Issoire', 'issoire', '63', '84', '{63500}')`,
    sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      values ('ac63', 'A', '{"kind":"departement","code":"63"}', '63', '{bakeries,tobacco-press}', 'ALERTCOM63', 'x', now())`,
  ]) {
    await statement.execute(database.db)
  }
})
afterAll(() => database.close())

async function run(text: string, ...args: string[]) {
  let out = ''
  let err = ''
  const bars: string[] = []
  const deps = {
    database,
    db: database.db,
    now,
    newId: createIds(now, (bytes) => crypto.getRandomValues(bytes)),
  } as unknown as Deps
  const all = ['import', '/tmp/liste.csv', '--scheme', 'ac63', ...args]
  const files = new Map(membersCommand.files(all, 'fr').map((file) => [file, new TextEncoder().encode(text)]))
  const status = await membersCommand.run(deps, all, files, {
    lang: 'fr',
    stdout: (part) => {
      out += part
    },
    stderr: (part) => {
      err += part
    },
    progress: (label, done, total) => {
      if (done === total) bars.push(label)
    },
  })
  return { status, out, err, bars }
}

const GOOD = 'Enseigne;Métier;Commune;Mobile\nTabac de la Halle;Tabac;Issoire;06 39 98 00 01\n'
const BAD = `${GOOD}Fournil;Boulangerie;Isoire;06 39 98\n`

test('refuses a file with wrong rows with --all-or-nothing and explains each of them', async () => {
  const { status, out, err } = await run(BAD, '--all-or-nothing')
  expect(status).toBe(1)
  expect(err).toBe(
    [
      'Ligne 3       Commune          « Isoire » : Commune inconnue.',
      '              → Peut-être, avec son code INSEE : Issoire (63178).',
      'Ligne 3       Mobile           « 06 39 98 » : Ce numéro n’a pas le bon nombre de chiffres.',
      '              → Dix chiffres en France ; un numéro étranger commence par + et son indicatif.',
      '',
    ].join('\n'),
  )
  expect(out).toBe(
    'Rien n’est importé : une ligne sur 2 à corriger. Corrigez le fichier et recommencez, ou sans --all-or-nothing pour importer les autres.\n',
  )
})

test('prints what an import would do with --dry-run; imports what is ready, with exit code 1 for the rest unless --skip-bad', async () => {
  expect(await run(BAD, '--dry-run')).toMatchObject({
    status: 1,
    out: 'Essai, rien n’est écrit. 2 lignes lues : 1 adhérent à créer, 0 à mettre à jour, 0 inchangé, 1 ligne à corriger.\n',
  })
  expect(await run(BAD, '--skip-bad')).toMatchObject({
    status: 0,
    bars: ['Lecture', 'Contrôle', 'Écriture'],
    out: '2 lignes lues : 1 adhérent créé, 0 mis à jour, 0 inchangé, 1 ligne écartée.\n',
  })
  expect(await run(BAD)).toMatchObject({
    status: 1,
    out: '2 lignes lues : 0 adhérent créé, 0 mis à jour, 1 inchangé, 1 ligne écartée.\n',
  })
  expect(await run(GOOD)).toMatchObject({
    status: 0,
    out: 'Une ligne lue : 0 adhérent créé, 0 mis à jour, 1 inchangé, 0 ligne écartée.\n',
  })
})

test('prints what a dry run found as one object, and writes nothing', async () => {
  const { status, out, err } = await run(
    `${GOOD}Fournil;Boulangerie;Isoire;06 39 98 00 02\nBar;Tabac;Issoire;06\nTotal;;;2\n`,
    '--dry-run',
    '--json',
  )
  expect(status).toBe(1)
  expect(err).toBe('')
  expect(JSON.parse(out)).toEqual({
    rows: 3,
    ready: 1,
    toDecide: 1,
    refused: 1,
    problems: [
      { row: 3, code: 'commune.unknown', value: 'Isoire', proposals: ['Issoire'] },
      { row: 4, code: 'phone.short', value: '06', proposals: [] },
    ],
  })
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from audit_entries where action = 'member.import')::int as count`.execute(
    database.db,
  )
  const good = await run(GOOD, '--dry-run', '--json')
  expect(good.status).toBe(0)
  expect(JSON.parse(good.out)).toEqual({
    ...{ rows: 1, ready: 1, toDecide: 0, refused: 0 },
    problems: [],
  })
  const after = await sql<{ count: number }>`
    select (select count(*) from audit_entries where action = 'member.import')::int as count`.execute(
    database.db,
  )
  expect(after.rows).toEqual(rows)
  expect(() => membersCommand.files(['import', 'a.csv', '--scheme', 'ac63', '--json'], 'fr')).toThrow(/usage/)
})

test('dates the charters that a list says are signed by --charter-on, and counts them in a dry run', async () => {
  const list = [
    'Enseigne;Métier;Ville;Mobile;Charte;Adhésion',
    'Un;Tabac;Issoire;06 39 98 01 01;oui;12/03/2024',
    'Deux;Tabac;Issoire;06 39 98 01 02;X;',
    'Trois;Tabac;Issoire;06 39 98 01 03;05/06/2022;',
  ].join('\n')
  const counted = async (...args: string[]) => {
    const { out } = await run(list, '--dry-run', '--json', ...args)
    return (JSON.parse(out) as { charters: unknown }).charters
  }
  expect(await counted()).toEqual({ dated: 0, undated: 2 })
  expect(await counted('--charter-on', 'joined')).toEqual({ dated: 1, undated: 1 })
  expect(await counted('--charter-on', '2024-01-15')).toEqual({ dated: 2, undated: 0 })
  await expect(run(list, '--charter-on', '2999-01-01')).rejects.toMatchObject({ code: 'invalid_input' })
  expect(() =>
    membersCommand.files(['import', 'a.csv', '--scheme', 'ac63', '--charter-on', 'hier'], 'fr'),
  ).toThrow(/usage/)
  const { out } = await run(list, '--charter-on', '2024-01-15')
  expect(out).toContain('Chartes dites signées sans le jour : 2 datées par --charter-on')
  const { rows } = await sql<{ name: string; day: string }>`
    select name, charter_on::text as day from members
    where charter_on is not null order by name`.execute(database.db)
  expect(rows).toEqual([
    { name: 'Deux', day: '2024-01-15' },
    { name: 'Trois', day: '2022-06-05' },
    { name: 'Un', day: '2024-01-15' },
  ])
})

test('counts the rows to decide of a list with more remarks than are listed', async () => {
  const bad = Array.from({ length: 10_001 }, (_, n) => `Fournil ${n};Boulangerie;Isoire;06 39 98 00 02\n`)
  const { out } = await run(`${GOOD}${bad.join('')}`, '--dry-run', '--json')
  const { problems, ...counts } = JSON.parse(out) as { problems: unknown[] }
  expect(counts).toEqual({ rows: 10_002, ready: 1, toDecide: 10_001, refused: 0, more: 1 })
  expect(problems).toHaveLength(10_000)
})

test('refuses a malformed call, an unknown scheme and a file that is not a list', async () => {
  expect(() => membersCommand.files(['import'], 'fr')).toThrow(/usage/)
  expect(() => membersCommand.files(['import', 'a.csv', '--what'], 'fr')).toThrow(/usage/)
  const all = ['import', 'a.csv', '--scheme', 'ac63']
  expect(() => membersCommand.files([...all, '--same-phone', 'perhaps'], 'fr')).toThrow(/usage/)
  expect(() => membersCommand.files([...all, '--leaving', 'all'], 'fr')).toThrow(/usage/)
  expect(() => membersCommand.files([...all, '--dues-year', '26'], 'fr')).toThrow(/usage/)
  expect(membersCommand.files([...all, '--dues-year', '2026'], 'fr')).toEqual(['a.csv'])
  expect(membersCommand.files([...all, '--same-phone', 'other', '--leaving', '3'], 'fr')).toEqual(['a.csv'])
  await expect(run('x')).rejects.toMatchObject({ code: 'invalid_file', values: { file: 'liste.csv' } })
  await expect(run(GOOD, '--scheme', 'zz99')).rejects.toMatchObject({ code: 'unknown_scheme' })
})
