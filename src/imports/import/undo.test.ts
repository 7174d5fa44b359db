import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import { listMemberChanges } from '../../changes/actions.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { getMember } from '../../members/actions.ts'
import { listMemberNotes, saveMemberNote } from '../../members/notes/actions.ts'
import { setQuietHours } from '../../members/quiet-hours.ts'
import type { Database } from '../../platform/db.ts'
import { importMembers } from './import.ts'

const chamber = actorOf('chamber', 'ac63')
const tobacconists = {
  ...actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }),
  userId: 'buralistes',
}

describe.each(usualKinds)('undoing an import on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())
  beforeEach(() => forget())

  const forget = async () => {
    await sql`delete from member_change_rows`.execute(database.db)
    await sql`delete from member_changes`.execute(database.db)
    await sql`delete from members`.execute(database.db)
  }
  const load = (lines: readonly string[], actor = chamber, skipBad = true) =>
    importMembers(
      deps,
      actor,
      'ac63',
      new TextEncoder().encode(
        ['Enseigne;SIRET;Métier;Code INSEE;Adresse;Contact;Mobile;Mobile 2;Mail;Code NAF', ...lines].join(
          '\n',
        ),
      ),
      { skipBad, fileName: 'liste.csv' },
    )
  /** Reads members and contacts without timestamps; `own` also leaves out what depends on other members. */
  const facts = async (own = false) => {
    const derived = own ? sql`- 'sms_contacts'` : sql``
    const shared = own ? sql`- 'shared'` : sql``
    const { rows } = await sql<{ id: string; facts: unknown }>`
      select m.id, jsonb_build_array(to_jsonb(m) - 'updated_at' ${derived}, (select jsonb_agg(to_jsonb(c) ${shared} order by c.id)
        from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id)) as facts
      from members m order by m.id`.execute(database.db)
    return new Map(rows.map((row) => [row.id, row.facts]))
  }
  const latest = async () => (await listMemberChanges(deps, chamber, 'ac63'))[0]

  const shop = fc.record({
    name: fc.constantFrom('Tabac de la Halle', 'Boulangerie Roux', 'Bijouterie Or', 'Le Narval', 'Presse 63'),
    siret: fc.constantFrom('', '', '73282932000074', '55210055400013'),
    trade: fc.constantFrom('Tabac', 'Boulangerie'),
    commune: fc.constantFrom('63178', '63113'),
    address: fc.constantFrom('', '1 rue Neuve', '2 rue Vieille'),
    person: fc.constantFrom('', 'Dominique', 'Claude'),
    phone: fc.nat(5),
    second: fc.option(fc.nat(5)),
    mail: fc.constantFrom('', 'a@exemple.fr'),
    naf: fc.constantFrom('', '47.26Z', '47.26Y', '10.71H'),
  })
  const list = fc.array(shop, { minLength: 1, maxLength: 8 }).map((shops) =>
    shops.map((one) => {
      const second = one.second === null ? '' : phoneOf(one.second)
      return [
        one.name,
        one.siret,
        one.trade,
        one.commune,
        one.address,
        one.person,
        phoneOf(one.phone),
        second,
        one.mail,
        one.naf,
      ].join(';')
    }),
  )

  test('importing a list again never duplicates; its undo restores everything except what was modified since', async () => {
    await fc.assert(
      fc.asyncProperty(list, list, fc.array(fc.nat(10), { maxLength: 2 }), async (first, second, edits) => {
        await forget()
        await load(first)
        const edited = new Set<string>()
        const before = await facts()
        const beforeOwn = await facts(true)
        const report = await load(second)
        const after = await facts()
        // The same list again creates no member.
        const again = await load(second)
        // A row skipped because another member has its number may fit once that one has a new number.
        expect(again.created).toBeLessThanOrEqual(report.skipped)
        expect((await facts()).size).toBe(after.size + again.created)
        if (again.created + again.updated > 0)
          await undoChange(deps, chamber, 'ac63', (await latest())?.id ?? '')
        expect(await facts()).toEqual(after)

        const change = (await listMemberChanges(deps, chamber, 'ac63')).find(
          ({ undone, created, updated }) =>
            undone === null && created + updated > 0 && report.created + report.updated > 0,
        )
        if (report.created + report.updated === 0 || change === undefined) return
        const ids = [...after.keys()]
        for (const n of edits) if (n < ids.length) edited.add(ids[n]!)
        for (const id of edited) await setQuietHours(deps, chamber, 'ac63', id, { quiet: { from: 1, to: 2 } })
        const changed = await facts(true)
        const { kept } = await undoChange(deps, chamber, 'ac63', change.id)
        if (edited.size === 0) expect(await facts()).toEqual(before)
        const now = await facts(true)
        for (const id of new Set([...beforeOwn.keys(), ...changed.keys()])) {
          const [member, contacts] = (beforeOwn.get(id) ?? []) as [object?, unknown?]
          // One that the import created stays as a whole; of others, only what was changed since.
          const kept =
            member === undefined ? changed.get(id) : [{ ...member, quiet_from: 1, quiet_to: 2 }, contacts]
          expect(now.get(id)).toEqual(edited.has(id) ? kept : beforeOwn.get(id))
        }
        for (const { id } of kept) expect(edited).toContain(id)
      }),
      { numRuns: runsOf(kind === 'postgres' ? 60 : 30) },
    )
  })

  test('a member created by the import and referred to since stays, and is listed', async () => {
    await load([
      `Le Narval;;Tabac;63178;;Claude;${phoneOf(1)};;`,
      `Presse 63;;Tabac;63178;;Claude;${phoneOf(2)};;`,
    ])
    const [first] = (await sql<{ id: string }>`select id from members order by name`.execute(database.db))
      .rows
    await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, at)
      values ('ac63', gen_random_uuid(), ${first?.id}, gen_random_uuid(), ${phoneOf(9)}, true, 'portal', 'x', now())`.execute(
      database.db,
    )
    const { kept, change } = await undoChange(deps, chamber, 'ac63', (await latest())?.id ?? '')
    expect(kept).toEqual([{ id: first?.id, name: 'Le Narval', why: 'history', fields: [] }])
    expect(change.undone).toMatchObject({ restored: 1, kept: 1 })
    expect((await facts()).size).toBe(1)
  })

  test('what a list adds beside a business goes with its undo, and later notes stay', async () => {
    const header = 'Enseigne;Métier;Code INSEE;Mobile;Charte signée le;Étiquettes;Notes'
    const list = (...lines: string[]) =>
      importMembers(deps, chamber, 'ac63', new TextEncoder().encode([header, ...lines].join('\n')), {})
    await list(`Le Narval;Tabac;63178;${phoneOf(1)};;Ancien;`)
    const before = await facts()
    const line = `Le Narval;Tabac;63178;${phoneOf(1)};01/02/2019;Salon;Fermé le lundi`
    expect(await list(line, `Presse 63;Tabac;63178;${phoneOf(2)};;Salon;À rappeler`)).toMatchObject({
      created: 1,
      updated: 1,
    })
    expect(await list(line)).toMatchObject({ created: 0, updated: 0, unchanged: 1 })
    const [id = ''] = [...before.keys()]
    const note = { text: 'Vu le 3' }
    await saveMemberNote(deps, chamber, 'ac63', { member: id, note: idOf(77) }, note)
    await undoChange(deps, chamber, 'ac63', (await latest())?.id ?? '')
    expect(await facts()).toEqual(before)
    expect((await listMemberNotes(deps, chamber, 'ac63', id)).notes).toMatchObject([note])
    const tags = await sql<{ name: string }>`select name from member_tags order by name`.execute(database.db)
    expect(tags.rows.map(({ name }) => name)).toEqual(['Ancien', 'Salon'])
  })

  test('a shop that a list moves is located by its commune, until an undo or another point', async () => {
    const list = (...lines: string[]) =>
      importMembers(deps, chamber, 'ac63', new TextEncoder().encode(lines.join('\n')), {})
    const siret = '73282932000074'
    const head = 'Enseigne;SIRET;Métier;Code INSEE;Adresse;Mobile'
    const at = (commune: string, address: string) =>
      `Le Narval;${siret};Tabac;${commune};${address};${phoneOf(1)}`
    const pointed = `${at('63178', '1 rue de l’Église')};45,54;3,25`
    const point = async () => {
      const { rows } = await sql`select latitude, longitude from members`.execute(database.db)
      return rows
    }
    const own = [{ latitude: 45.54, longitude: 3.25 }]
    const none = [{ latitude: null, longitude: null }]
    await list(`${head};Latitude;Longitude`, pointed)
    // The same place: the list names no address, or spells it otherwise.
    await list(head, at('63178', ''))
    await list(head, at('63178', "1, RUE DE L'EGLISE"))
    expect(await point()).toEqual(own)
    for (const moved of [at('63178', '2 rue Neuve'), at('63113', '1 rue de l’Église'), at('63113', '')]) {
      await list(head, moved)
      expect(await point(), moved).toEqual(none)
      await undoChange(deps, chamber, 'ac63', (await latest())?.id ?? '')
      expect(await point(), moved).toEqual(own)
    }
    await list(`${head};Latitude;Longitude`, `${at('63178', '2 rue Neuve')};45,55;3,26`)
    expect(await point()).toEqual([{ latitude: 45.55, longitude: 3.26 }])
  })

  test('an access to its data alone does not keep a created member', async () => {
    await load([`Le Narval;;Tabac;63178;;Claude;${phoneOf(1)};;`])
    const [first] = [...(await facts()).keys()]
    await getMember(deps, chamber, 'ac63', first ?? '')
    await undoChange(deps, chamber, 'ac63', (await latest())?.id ?? '')
    expect((await facts()).size).toBe(0)
  })

  test('a trade chamber imports its own trades, and changes and names no member of another', async () => {
    await load([`Boulangerie Roux;;Boulangerie;63178;;Claude;${phoneOf(1)};;`])
    const before = await facts()
    const report = await load(
      [
        `Le Narval;;Tabac;63178;;Claude;${phoneOf(2)};;`,
        `Autre Boulangerie;;Boulangerie;63178;;Claude;${phoneOf(3)};;`,
        `Tabac Roux;;Tabac;63178;;Claude;${phoneOf(1)};;`,
      ],
      tobacconists,
    )
    expect([report.created, report.updated, report.skipped]).toEqual([1, 0, 2])
    expect(report.problems.map(({ line, code }) => [line, code])).toEqual([
      [3, 'trade.not_yours'],
      [4, 'import.of_another'],
    ])
    expect(JSON.stringify([report.problems, report.warnings])).not.toContain('Boulangerie Roux')
    for (const [id, fact] of before) expect((await facts()).get(id)).toEqual(fact)
  })
})
