import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { schemeMessageCommand } from './message-scheme.ts'

let database: Database

beforeAll(async () => {
  database = await testDatabase('postgres')
  for (const statement of [
    sql`insert into regions values ('84', 'Auvergne-Rhône-Alpes')`,
    sql`insert into departements (code, name, region_code) values ('63', 'Puy-de-Dôme', '84')`,
    sql`insert into communes (code, name, search_name, departement_code, region_code, postal_codes)
      values ('63178', 'Issoire', 'issoire', '63', '84', '{63500}')`,
    sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      values ('ac63', 'A', '{"kind":"departement","code":"63"}', '63', '{bakeries}', 'ALERTCOM63', 'Fermez tout.', now()),
        ('ac39', 'B', '{"kind":"departement","code":"63"}', '39', '{bakeries}', 'ALERTCOM39', 'x', now())`,
    sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
      values ('ac63', gen_random_uuid(), 'Boulangerie Vigier', 'boulangerie vigier', 'bakeries', '63178', 'left', now(), now()),
        ('ac39', gen_random_uuid(), 'Boulangerie Faure', 'boulangerie faure', 'bakeries', '63178', 'active', now(), now())`,
  ]) {
    await statement.execute(database.db)
  }
})
afterAll(() => database.close())

async function run(...args: string[]) {
  let out = ''
  const status = await schemeMessageCommand.run({ db: database.db } as unknown as Deps, args, new Map(), {
    lang: 'fr',
    stdout: (part) => {
      out += part
    },
    stderr: () => {},
    progress: () => {},
  })
  return { status, out }
}

test('checks the text with the members, places and advice of this scheme only', async () => {
  const { status, out } = await run('--scheme', 'ac63', '--json', 'Vol chez Vigier et chez Faure à 9h')
  expect(status).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    encoding: 'GSM-7',
    remarks: [
      { code: 'member_name', start: 9, end: 15, allowedFrom: 'precise', fix: { label: 'guard.fix.shop' } },
      { code: 'missing_place', start: 0, end: 0, fix: null },
      { code: 'missing_advice', fix: { text: 'Vol chez Vigier et chez Faure à 9h. Fermez tout.' } },
    ],
  })
  const known = await run('--scheme', 'ac63', '--occurred-at', '2026-03-12T17:30Z', '--json', 'Vol à Issoire')
  expect(JSON.parse(known.out).remarks).toMatchObject([
    { code: 'missing_time', fix: { text: 'Vol à Issoire vers 18h30' } },
    { code: 'missing_advice' },
  ])
  const precise = await run(
    '--scheme',
    'ac63',
    '--level',
    'precise',
    '--json',
    'Vol chez Vigier, Issoire, 9h. Fermez tout.',
  )
  expect(JSON.parse(precise.out).remarks).toEqual([])
})

test('refuses a malformed call and an unknown scheme', async () => {
  expect(() => schemeMessageCommand.files(['a', '--scheme', 'ac63', '--level', 'x'], 'fr')).toThrow(/usage/)
  expect(() => schemeMessageCommand.files(['--scheme', 'ac63'], 'fr')).toThrow(/usage/)
  expect(schemeMessageCommand.files(['a', '--scheme', 'ac63'], 'fr')).toEqual([])
  await expect(run('--scheme', 'zz99', 'a')).rejects.toMatchObject({ code: 'unknown_scheme' })
})
