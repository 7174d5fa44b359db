import { glob, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { runsOf } from '../../test/support/random.ts'
import { AUDIT_ACTIONS } from '../audit/list.ts'
import { recordAudit } from '../audit/record.ts'
import { changeMembers, listMemberChanges } from '../changes/actions.ts'
import { correctNumber } from '../changes/numbers.ts'
import { deleteExpiredStates } from '../changes/store.ts'
import { undoChange } from '../changes/undo.ts'
import type { Deps } from '../deps.ts'
import { createMember, editMember } from '../imports/by-hand/actions.ts'
import { MemberEdit, NewMember } from '../imports/by-hand/contract.ts'
import { setContactSms } from '../members/opt-out/opt-out.ts'
import type { Actor } from '../permissions.ts'
import { acrossSchemes, type Database, inScheme } from '../platform/db.ts'
import { correctBusiness } from '../portal/shop/business.ts'
import { listHistory } from './actions.ts'
import { HistoryQuery } from './contract.ts'
import { listAlertMessages } from './store.ts'

const chamber = actorOf('chamber', 'ac63')

describe.each(usualKinds)('the history of a member on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = Date.parse('2026-06-01T08:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    // Each act happens a second after the previous one.
    deps = testDeps(database, {
      now: () => {
        clock += 1000
        return new Date(clock)
      },
    })
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Alpha', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Bravo', trade: 'bakeries', phones: [phoneOf(2)] },
    ])
    await sql`insert into "user" (id, name, email) values ('chamber-1', 'Camille Roche', 'c@exemple.fr')`.execute(
      database.db,
    )
    await insertAlertMessage(1, 'established', 'Faux billets à Issoire.')
    await insertAlertMessage(2, 'precise', 'Une berline AB-123-CD.')
    await setContactSms(
      deps,
      chamber,
      'ac63',
      { member: idOf(1), contact: idOf(1) },
      { sms: false, reason: 'x' },
    )
    const { change } = await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'suspend', reason: 'cotisation' },
      members: { ids: [idOf(1)] },
    })
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
  })
  afterAll(() => database.close())

  /** Inserts an alert that was sent to Alpha in May. */
  async function insertAlertMessage(n: number, level: string, text: string): Promise<void> {
    const [report, alert, broadcast] = [idOf(100 + n), idOf(200 + n), idOf(300 + n)]
    const at = `2026-05-0${n}T10:00:00.123456Z`
    await sql`
      insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
      values ('ac63', ${report}, 'counterfeit', '63178', ${at}, ${at}, 'broadcast', ${at}, ${at}, 'user:x')`.execute(
      database.db,
    )
    await sql`
      insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated,
        state, expires_at, created_at, created_by, ordered_at, ordered_by, doctrine)
      values ('ac63', ${alert}, ${`63-26-000${n}`}, ${report}, 'counterfeit', 'alert', ${text}, '{"kind":"scheme"}', 'Tous', '{}',
        false, 'ended', ${at}, ${at}, 'user:x', ${at}, 'user:x', ${JSON.stringify({ level })}::jsonb)`.execute(
      database.db,
    )
    await sql`
      insert into broadcasts (scheme_id, id, alert_id, kind, lane, text, encoding, parts, sender, state, planned, ordered_at,
        ordered_by, valid_until, simulated)
      values ('ac63', ${broadcast}, ${alert}, 'first', 'alert', ${text}, 'GSM-7', 1, 'ALERTE63', 'done', 1, ${at}, 'user:x', ${at}, false)`.execute(
      database.db,
    )
    await sql`
      insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
      values ('ac63', ${broadcast}, 1, ${idOf(1)}, ${idOf(1)}, ${phoneOf(1)}, '63178', 'tobacco-press', 'delivered')`.execute(
      database.db,
    )
  }

  const history = async (actor: Actor = chamber, id = idOf(1), query = {}) =>
    listHistory(deps, actor, 'ac63', id, HistoryQuery.parse(query))

  test('includes a charter signed on the portal', async () => {
    await sql`insert into charters (scheme_id, version, text, sha256, published_at)
      values ('ac63', 1, 'x', repeat('a', 64), '2026-01-01') on conflict do nothing`.execute(database.db)
    await sql`insert into charter_signatures (scheme_id, version, sha256, signed_name, mobile, signed_at, member_id, contact_id, session_id)
      values ('ac63', 1, repeat('a', 64), 'Mme Petit', ${phoneOf(2)}, '2026-01-02', ${idOf(2)}, ${idOf(2)}, ${idOf(3)})`.execute(
      database.db,
    )
    const { entries } = await history(chamber, idOf(2))
    const signed = entries.find((entry) => entry.kind === 'charter')
    expect(signed).toMatchObject({
      by: 'Mme Petit',
      version: 1,
      id: expect.stringMatching(/^charter-.{36}$/),
    })
    await sql`delete from charter_signatures where member_id = ${idOf(2)}::uuid`.execute(database.db)
  })

  test('lists changes, audit entries, messages and the creation, latest first', async () => {
    const { entries, next } = await history()
    expect(next).toBeNull()
    expect(entries.map((entry) => [entry.kind, entry.by])).toEqual([
      ['change', 'Camille Roche'],
      ['record', 'Camille Roche'],
      ['alert', null],
      ['alert', null],
      ['created', null],
    ])
    expect(entries[0]).toMatchObject({ change: 'suspend', note: 'cotisation', undone: true, made: false })
    expect(entries[1]).toMatchObject({ action: 'contact.opt_out' })
    expect((await history(chamber, idOf(2))).entries.map((entry) => entry.kind)).toEqual(['created'])
  })

  test('hides texts with precise elements from readers without the permission', async () => {
    const texts = async (actor: Actor, id = idOf(1)) =>
      (await history(actor, id)).entries.flatMap((entry) => (entry.kind === 'alert' ? [entry.text] : []))
    expect(await texts(chamber)).toEqual([null, 'Faux billets à Issoire.'])
    expect(await texts(actorOf('operator', 'ac63'))).toEqual([
      'Une berline AB-123-CD.',
      'Faux billets à Issoire.',
    ])
    expect(await texts(actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }))).toEqual([null, null])
  })

  test('lists the same messages as the portal: to the member, to shared numbers and to merged members', async () => {
    const broadcasts = [1, 2].map((n) => idOf(300 + n))
    await sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, merged_into, created_at, updated_at)
      values ('ac63', ${idOf(3)}, 'Charlie', 'charlie', 'bakeries', '63178', 'left', ${idOf(2)}, '2020-01-01', '2020-01-01')`.execute(
      database.db,
    )
    const phones = [phoneOf(1), phoneOf(2), phoneOf(5)]
    await fc.assert(
      fc.asyncProperty(
        // Random contacts and numbers that take SMS or not, creation dates of members, and deliveries.
        fc.array(fc.tuple(fc.nat(1), fc.nat(2), fc.boolean()), { maxLength: 5 }),
        fc.array(fc.constantFrom('2026-01-01', '2026-05-01T12:00:00Z', '2026-06-01'), {
          minLength: 2,
          maxLength: 2,
        }),
        fc.array(fc.tuple(fc.nat(1), fc.nat(2), fc.nat(2), fc.constantFrom('delivered', 'withdrawn')), {
          maxLength: 5,
        }),
        async (contacts, since, deliveries) => {
          await sql`delete from contacts`.execute(database.db)
          await sql`delete from deliveries`.execute(database.db)
          const taken = new Set<string>()
          for (const [n, [member, phone, takes]] of contacts.entries()) {
            if (taken.has(`${member} ${phone}`)) continue
            taken.add(`${member} ${phone}`)
            await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms, position)
              values ('ac63', ${idOf(500 + n)}, ${idOf(member + 1)}, '', ${phones[phone]}, ${takes}, ${n})`.execute(
              database.db,
            )
          }
          for (const [n, at] of since.entries())
            await sql`update members set created_at = ${at} where id = ${idOf(n + 1)}::uuid`.execute(
              database.db,
            )
          for (const [n, [broadcast, member, phone, state]] of deliveries.entries())
            await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
              values ('ac63', ${idOf(301 + broadcast)}, ${n + 1}, ${idOf(1)}, ${idOf(member + 1)}, ${phones[phone]}, '63178', '', ${state})`.execute(
              database.db,
            )
          await inScheme(database.db, 'ac63', async (tx) => {
            for (const member of [idOf(1), idOf(2)]) {
              const { rows } = await sql<{ id: string }>`
                select 'message-' || b.id as id from broadcasts b
                where exists (select from message_receivers(b.id, array[${member}::uuid])) order by 1`.execute(
                tx,
              )
              const found = await listAlertMessages(tx, 'ac63', member, { before: undefined, limit: 10 })
              expect(found.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id))
            }
          })
        },
      ),
      { numRuns: runsOf(40) },
    )
    // Restores the fixtures.
    await sql`delete from contacts`.execute(database.db)
    await sql`delete from deliveries`.execute(database.db)
    await sql`delete from members where id = ${idOf(3)}::uuid`.execute(database.db)
    await sql`update members set created_at = '2026-01-01'`.execute(database.db)
    for (const id of broadcasts)
      await sql`
        insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
        values ('ac63', ${id}, 1, ${idOf(1)}, ${idOf(1)}, ${phoneOf(1)}, '63178', 'tobacco-press', 'delivered')`.execute(
        database.db,
      )
  })

  /** Records acts on a member, and returns the actions that the actor sees in its history. */
  const seen = async (actor: Actor, id: string) =>
    (await history(actor, id, { limit: 100 })).entries.flatMap((entry) =>
      entry.kind === 'record' ? [entry.action] : [],
    )

  test('shows money to readers of dues, and requests about data to those who handle them', async () => {
    await seedMembers(database.db, 'ac63', [{ id: idOf(7), name: 'Golf', trade: 'bakeries' }])
    const money = await listActionsOf('src/dues')
    expect(money).toContain('invoice.issue')
    const requests = AUDIT_ACTIONS.filter((action) => /^(?:data|request)\./.test(action))
    const notes = AUDIT_ACTIONS.filter((action) => action.startsWith('member.note_'))
    const acts = [...money, ...requests, ...notes, 'contact.opt_out'] as const
    for (const action of acts)
      await inScheme(database.db, 'ac63', (tx) =>
        recordAudit(tx, 'ac63', deps.now(), { actor: 'user:x', action, subject: `member:${idOf(7)}` }),
      )
    const all = acts.toReversed()
    expect(await seen(chamber, idOf(7))).toEqual(all)
    for (const role of ['operator', 'chief'] as const) {
      expect(await seen(actorOf(role, 'ac63'), idOf(7))).toEqual(['contact.opt_out'])
      // Hidden entries take no place of a page.
      const { entries, next } = await history(actorOf(role, 'ac63'), idOf(7), { limit: 2 })
      expect([entries.length, next]).toEqual([2, null])
    }
    const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    expect(await seen(bakers, idOf(7))).toEqual(all.filter((action) => !requests.includes(action)))
  })

  /** Lists the actions that the code of a part records. */
  async function listActionsOf(part: string) {
    const written = new Set<string>()
    for await (const file of glob(`${part}/**/!(*.test).ts`))
      for (const [, action = ''] of (await readFile(file, 'utf8')).matchAll(
        /\baction: '([a-z_]+\.[a-z_]+)'/g,
      ))
        written.add(action)
    return AUDIT_ACTIONS.filter((action) => written.has(action))
  }

  test('shows what is added and edited by hand once', async () => {
    const contact = { id: idOf(18), person: '', phone: phoneOf(8), mail: '' }
    const typed = { id: idOf(8), name: 'Hôtel', trade: 'bakeries', commune: '63178' }
    const { member } = await createMember(
      deps,
      chamber,
      'ac63',
      NewMember.parse({ ...typed, contacts: [contact] }),
    )
    const edit = MemberEdit.parse({ version: member.version, name: 'Hôtel du Lac' })
    await editMember(deps, chamber, 'ac63', idOf(8), edit)
    const { entries } = await history(chamber, idOf(8))
    expect(entries.map((entry) => (entry.kind === 'change' ? entry.change : entry.kind))).toEqual([
      'edit',
      'created',
      'create',
    ])
  })

  test('says who changed which fields once, from what to what while that is stored', async () => {
    const contact = { id: idOf(9), person: 'Zoé', phone: phoneOf(9), mail: '' }
    const typed = { id: idOf(9), name: 'Fleurs', trade: 'bakeries', commune: '63178', contacts: [contact] }
    const { member } = await createMember(deps, chamber, 'ac63', NewMember.parse(typed))
    const edit = { name: 'Fleurs du Lac', contacts: [{ ...contact, person: 'Zoé Faure' }] }
    const values = MemberEdit.parse({ ...edit, version: member.version })
    await editMember(deps, chamber, 'ac63', idOf(9), values)
    const shop = { schemeId: 'ac63', memberId: idOf(9) }
    const merchant = contactOf('ac63', idOf(9))
    await correctBusiness(deps, merchant, shop, {
      ...{ name: 'Fleurs du Lac', address: '3 rue X' },
      was: { commune: '63178', address: null, postalCode: member.postalCode },
    })
    const corrected = { phone: phoneOf(10), confirm: [] }
    await correctNumber(deps, chamber, 'ac63', { member: idOf(9), contact: idOf(9) }, corrected)
    const edits = async () =>
      (await history(chamber, idOf(9))).entries.flatMap<unknown>((entry) => {
        if (entry.kind === 'record') return [entry.action]
        return entry.kind === 'change' && entry.change === 'edit' ? [[entry.by, entry.fields]] : []
      })
    const people = { field: 'contacts', before: null, after: null }
    expect(await edits()).toEqual([
      ['Camille Roche', [people]],
      ['contact:portal', [{ field: 'place', before: '63500 Issoire', after: '3 rue X, 63500 Issoire' }]],
      ['Camille Roche', [{ field: 'name', before: 'Fleurs', after: 'Fleurs du Lac' }, people]],
    ])
    expect((await listMemberChanges(deps, chamber, 'ac63')).slice(0, 3).map(({ fields }) => fields)).toEqual([
      ['contacts'],
      ['place'],
      ['name', 'contacts'],
    ])
    await acrossSchemes(database.db, (tx) => deleteExpiredStates(tx, new Date(clock + 48 * 3_600_000)))
    const valueless = (field: string) => ({ field, before: null, after: null })
    expect(await edits()).toEqual([
      ['Camille Roche', [people]],
      ['contact:portal', [valueless('place')]],
      ['Camille Roche', [valueless('name'), people]],
    ])
    expect((await listMemberChanges(deps, chamber, 'ac63')).slice(0, 3).map(({ fields }) => fields)).toEqual([
      ['contacts'],
      ['place'],
      ['name', 'contacts'],
    ])
  })

  test('returns every entry once across pages', async () => {
    const { entries: all } = await history()
    const read = []
    let before: string | undefined
    do {
      const page = await history(chamber, idOf(1), { limit: 1, ...(before && { before }) })
      read.push(...page.entries)
      before = page.next ?? undefined
    } while (before !== undefined)
    expect(read).toEqual(all)
    await expect(history(chamber, idOf(1), { before: 'x' })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('is visible to the users who may see the member', async () => {
    const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    await expect(history(bakers)).rejects.toMatchObject({ code: 'not_found' })
    await expect(history(contactOf('ac63', idOf(1)))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      listHistory(deps, actorOf('chamber', 'ac39'), 'ac39', idOf(1), HistoryQuery.parse({})),
    ).rejects.toMatchObject({ code: 'not_found' })
  })
})
