import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { importMembers } from '../import/import.ts'
import { exportCsv, exportXlsx } from './actions.ts'

const chamber = actorOf('chamber', 'ac63')
const LANDLINE = '+33473000001'

describe.each(usualKinds)('an export on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await sql`delete from members`.execute(database.db)
  })

  const csv = async (actor = chamber, filter = {}) => {
    let text = ''
    for await (const piece of await exportCsv(deps, actor, 'ac63', filter)) text += piece
    return text
  }
  const again = (bytes: Uint8Array) => importMembers(deps, chamber, 'ac63', bytes, { dryRun: true })

  test('has the format that the import reads, and importing it changes nothing', async () => {
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: '=Formule; "et fils"', phones: [phoneOf(1), { mobile: LANDLINE, sms: false }] },
      {
        id: idOf(2),
        name: '-Tiret',
        trade: 'bakeries',
        status: 'suspended',
        phones: [phoneOf(2), '+32470123456'],
      },
      {
        id: idOf(3),
        name: 'Parti',
        status: 'left',
        phones: [phoneOf(3)],
        point: { latitude: 45.54, longitude: 3.25 },
      },
      { id: idOf(4), name: 'Attend', status: 'pending', phones: [phoneOf(4)] },
    ])
    await sql`update members set siret = '73282932000074', naf = '47.26Z', naf2025 = '47.92H', address = '1 rue « Neuve »' where id = ${idOf(1)}`.execute(
      database.db,
    )
    await sql`update members set search_name = 'formule et fils' where id = ${idOf(1)}`.execute(database.db)
    await sql`update members set search_name = 'tiret' where id = ${idOf(2)}`.execute(database.db)
    await sql`insert into member_tags (scheme_id, id, name, created_at) values ('ac63', ${idOf(21)}, 'Salon 2026', now())`.execute(
      database.db,
    )
    await sql`update members set tags = ${[idOf(21)]}::uuid[], charter_on = '2019-03-12' where id = ${idOf(2)}`.execute(
      database.db,
    )
    await sql`insert into member_notes (scheme_id, member_id, id, text, written_at, author, author_name)
      select 'ac63', ${idOf(2)}, gen_random_uuid(), t, now(), 'x', 'x' from unnest(array[E'Ligne 1\n\nLigne 2', '=2 + 2']) t`.execute(
      database.db,
    )
    const text = await csv()
    expect(text).toContain(';2019-03-12;Salon 2026;')
    expect(text.split('\r\n')[0]).toContain('Enseigne;SIRET;Code NAF;Code NAF 2025;Métier')
    expect(text).toContain(';47.26Z;47.92H;')
    expect(text).toContain(`"'=Formule; ""et fils"""`)
    const figures = { rows: 4, created: 0, updated: 0, unchanged: 4, problems: [] }
    expect(await again(new TextEncoder().encode(text))).toMatchObject(figures)
    expect(await again(await exportXlsx(deps, chamber, 'ac63', {}))).toMatchObject(figures)
  })

  test("contains what the filters match, is audited, and is limited to the user's trades", async () => {
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Alpha', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Bravo', trade: 'bakeries', phones: [phoneOf(2)] },
    ])
    await seedMembers(database.db, 'ac39', [{ id: idOf(9), name: 'Zoulou', communeCode: '39300' }])
    expect(await csv(chamber, { trade: 'bakeries' })).not.toContain('Alpha')
    const own = await csv(actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }))
    expect([own.includes('Alpha'), own.includes('Bravo'), own.includes('Zoulou')]).toEqual([
      true,
      false,
      false,
    ])
    const { rows } = await sql<{ details: unknown }>`
      select details from audit_entries where scheme_id = 'ac63' and action = 'member.export' order by seq desc limit 1`.execute(
      database.db,
    )
    expect(rows[0]?.details).toEqual({ format: 'csv', members: 1, filtered: [] })
    for (const actor of [actorOf('operator', 'ac63'), actorOf('chief', 'ac63'), contactOf('ac63', idOf(1))]) {
      await expect(exportCsv(deps, actor, 'ac63', {})).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  test('without members is its header only', async () => {
    expect((await csv()).trim().split('\r\n')).toHaveLength(1)
  })

  test('for any names of members, importing the exported list changes none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { minLength: 1, maxLength: 5 }),
        async (names) => {
          await sql`delete from members`.execute(database.db)
          const quoted = names.map((name, n) => `"${name.replaceAll('"', '""')}";Tabac;63178;${phoneOf(n)}`)
          const text = ['Enseigne;Métier;Code INSEE;Mobile', ...quoted].join('\n')
          const { created } = await importMembers(deps, chamber, 'ac63', new TextEncoder().encode(text), {
            skipBad: true,
          })
          expect(await again(new TextEncoder().encode(await csv()))).toMatchObject({
            unchanged: created,
            skipped: 0,
          })
        },
      ),
      { numRuns: runsOf(30) },
    )
  })
})
