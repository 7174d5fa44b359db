import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testTerritory } from '../../test/support/database.ts'
import type { CommandIo } from '../commands/command.ts'
import { schemesCommand } from '../commands/schemes/schemes.ts'
import type { Deps } from '../deps.ts'
import { isSiret } from '../members/rules.ts'
import type { Actor } from '../permissions.ts'
import type { Database } from '../platform/db.ts'
import { createIds } from '../platform/ids.ts'
import { getScheme, listSchemes, loadScheme } from '../schemes/actions.ts'
import { SchemeView } from '../schemes/contract.ts'
import { readyMade } from '../schemes/ready-made.ts'
import {
  type DemoScheme,
  demoMembers,
  findTobacconistOfIssoire,
  generateMembers,
  seedDemoMembers,
  seedGeneratedMembers,
} from './members.ts'

const system: Actor = { kind: 'system', name: 'test' }
const schemes = Object.keys(demoMembers) as DemoScheme[]
let database: Database
const now = () => new Date('2026-03-02T10:00:00Z')
const deps = () => ({ db: database.db, now, newId: createIds(now, (bytes) => crypto.getRandomValues(bytes)) })

async function rows<T>(query: ReturnType<typeof sql<T>>): Promise<T[]> {
  return (await query.execute(database.db)).rows
}

beforeAll(async () => {
  database = await testTerritory()
  for (const { id } of readyMade) await loadScheme(deps(), system, id)
  for (const id of schemes) await seedDemoMembers(deps(), id)
})
afterAll(() => database.close())

test('loads the schemes that the console needs, with stable ids', async () => {
  for (const { id } of readyMade) {
    const before = SchemeView.parse(await getScheme(deps(), system, id))
    expect(before.categories.map((category) => category.position)).toEqual(
      before.categories.map((_, i) => i + 1),
    )
    expect(await loadScheme(deps(), system, id)).toMatchObject({ id, created: false })
    expect(await getScheme(deps(), system, id)).toEqual(before)
  }
})

test('splits the territory between police and gendarmerie without overlap or gap', async () => {
  for (const { id } of readyMade) {
    const { agencies, territory } = await getScheme(deps(), system, id)
    const zones = agencies.filter((agency) => agency.kind === 'police' || agency.kind === 'gendarmerie')
    if (zones.some((agency) => agency.zone === null)) continue
    const codes = zones.flatMap(({ zone }) => (zone?.kind === 'communes' ? zone.codes : []))
    const departement = territory.kind === 'departement' ? territory.code : ''
    const all = await rows(
      sql<{ code: string }>`select code from communes where departement_code = ${departement}`,
    )
    expect(codes.sort()).toEqual(all.map((one) => one.code).sort())
  }
})

test('lets users list the schemes of their roles, and load none', async () => {
  const operator: Actor = {
    kind: 'user',
    userId: 'u',
    name: 'U',
    grants: [{ schemeId: 'ac63', role: 'operator', agencyId: null }],
  }
  await expect(loadScheme(deps(), operator, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(getScheme(deps(), operator, 'ac39')).rejects.toMatchObject({ code: 'unknown_scheme' })
  expect(await listSchemes(deps(), operator)).toEqual([
    { id: 'ac63', name: 'Alerte Commerces 63', members: 1100 },
  ])
  await expect(loadScheme(deps(), system, 'zz99')).rejects.toMatchObject({ code: 'unknown_scheme' })
})

test('tocsin schemes list and load work', async () => {
  let out = ''
  const io: CommandIo = { lang: 'fr', stdout: (text) => (out += text), stderr: () => {}, progress: () => {} }
  const run = (...args: string[]) => schemesCommand.run(deps() as unknown as Deps, args, new Map(), io)
  expect(await run('list')).toBe(0)
  expect(out).toMatch(/ac63 +Alerte Commerces 63 +1\s100 adhérents/)
  out = ''
  expect(await run('load', 'all')).toBe(0)
  expect(out.split('\n')).toHaveLength(readyMade.length + 1)
  await expect(run('load')).rejects.toMatchObject({ code: 'usage' })
})

test('creates the declared number of active members, each with SMS, within the territory and trades', async () => {
  const counts = await rows(sql<{ schemeId: string; members: number; tobacconists: number; reached: number }>`
    select scheme_id, count(*)::int as members, (count(*) filter (where trade = 'tobacco-press'))::int as tobacconists,
      (count(*) filter (where exists (select from contacts c
        where c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms)))::int as reached
    from members m where status = 'active' group by scheme_id order by scheme_id`)
  expect(counts).toEqual([
    { schemeId: 'aa63', members: 400, tobacconists: 0, reached: 400 },
    { schemeId: 'ab03', members: 300, tobacconists: 300, reached: 300 },
    { schemeId: 'ac39', members: 340, tobacconists: 0, reached: 340 },
    { schemeId: 'ac63', members: 1100, tobacconists: 300, reached: 1100 },
    { schemeId: 'ae43', members: 250, tobacconists: 0, reached: 250 },
  ])
  const strays = await rows(sql`
    select m.name from members m join schemes s on s.id = m.scheme_id join communes c on c.code = m.commune_code
    where c.departement_code <> s.territory ->> 'code' or m.trade <> all (s.trades)`)
  expect(strays).toEqual([])
  const sirets = await rows(sql<{ siret: string }>`select siret from members`)
  expect(sirets.filter(({ siret }) => !isSiret(siret) || !siret.startsWith('000'))).toEqual([])
})

test('uses mobiles reserved for fiction, each in one scheme only', async () => {
  const numbers = await rows(sql<{ mobile: string; sms: boolean }>`
    select mobile, sms from contacts where sms or mobile is not null`)
  expect(
    numbers.filter(({ mobile, sms }) => !(sms ? /^\+3363998\d{4}$/ : /^\+3346571\d{4}$/).test(mobile)),
  ).toEqual([])
  expect(
    await rows(sql`select mobile from contacts group by mobile having count(distinct scheme_id) > 1`),
  ).toEqual([])
  const shared = await rows(sql<{ owners: number }>`
    select count(distinct mobile)::int as owners from contacts where shared and scheme_id = 'ac63'`)
  expect(shared[0]!.owners).toBeGreaterThan(3)
})

test('creates members in the agglomeration of Issoire, including the Tabac de la Halle', async () => {
  const [issoire] = await rows(sql<{ members: number }>`
    select count(*)::int as members from members m join communes c on c.code = m.commune_code
    where scheme_id = 'ac63' and epci_code = '200070407'`)
  expect(issoire!.members).toBeGreaterThan(80)
  expect(await findTobacconistOfIssoire(deps())).toMatch(/^[0-9a-f-]{36}$/)
  const names = await rows(sql<{ name: string }>`
    select name from members where scheme_id = 'ac63' and commune_code = '63178' and name = 'Tabac de la Halle'`)
  expect(names).toHaveLength(1)
})

test('writes nothing when seeded again, and generates the same members', async () => {
  for (const id of schemes) expect(await seedDemoMembers(deps(), id)).toBe(0)
  const options = {
    schemeId: 'x',
    communes: [
      { code: '63178', population: 15_115, postalCodes: ['63500'], latitude: 45.5, longitude: 3.2 },
      { code: '63002', population: 100, postalCodes: [], latitude: null, longitude: null },
    ],
    kind: 'shops',
    count: 300,
    seed: 7,
    firstRank: 0,
    firstSiret: 0,
    mobile: (n: number) => `+33${600_000_000 + n}`,
  } as const
  const members = [...generateMembers(options)]
  expect([...generateMembers(options)]).toEqual(members)
  expect(new Set(members.map((member) => member.name)).size).toBe(300)
})

test('generates any number of members for a bench', async () => {
  await sql`insert into schemes select 'bench', 'Bench', '{"kind":"region","code":"84"}', 'B', trades, sender,
    closing_advice, sms_price_millicents, alert_lifetime_hours, now() from schemes where id = 'ac63'`.execute(
    database.db,
  )
  expect(await seedGeneratedMembers(deps(), 'bench', 3000)).toBe(3000)
  expect(await seedGeneratedMembers(deps(), 'bench', 3000)).toBe(0)
  const [counted] = await rows(sql<{ sirets: number; numbers: number }>`
    select count(distinct siret)::int as sirets, (select count(distinct mobile)::int from contacts where scheme_id = 'bench' and sms) as numbers
    from members where scheme_id = 'bench'`)
  expect(counted!.sirets).toBe(3000)
  expect(counted!.numbers).toBeGreaterThan(3200)
})
