import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { established, idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { createAlert } from '../../alerts/compose/draft.ts'
import { getAlert } from '../../alerts/live/read.ts'
import { broadcastAlert } from '../../alerts/order/broadcast.ts'
import { activateAlert, endAlert, stopAlert } from '../../alerts/order/close.ts'
import { listReceivers } from '../../alerts/store.ts'
import { mergeMembers, undoMerge } from '../../changes/merge/actions.ts'
import type { Deps } from '../../deps.ts'
import { getMember } from '../../members/actions.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../message/clock.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme, inShop } from '../../platform/db.ts'
import type { LiveEvent } from '../../platform/http/live.ts'
import { answerDataRequest, enterDataRequest } from '../../privacy/requests/actions.ts'
import { createReport } from '../../reports/actions.ts'
import { confirmRead, getOwnAlert, listOwnAlerts } from './actions.ts'
import { OwnAlertQuery } from './contract.ts'
import { exportOwnData, ownDataCsv } from './export.ts'

const operators: Record<string, Actor> = {
  ac63: actorOf('operator', 'ac63'),
  ac39: actorOf('operator', 'ac39'),
}
/** One phone in two shops of the scheme, one in both schemes. */
const SHARED = phoneOf(2)
const BOTH = phoneOf(5)
const members = [
  { schemeId: 'ac63', id: idOf(1), phones: [phoneOf(1), phoneOf(11)], communeCode: '63178' },
  { schemeId: 'ac63', id: idOf(2), phones: [SHARED], communeCode: '63178', trade: 'jewellers' },
  { schemeId: 'ac63', id: idOf(3), phones: [SHARED], communeCode: '63113', trade: 'bakeries' },
  { schemeId: 'ac63', id: idOf(4), phones: [phoneOf(4)], communeCode: '63003' },
  { schemeId: 'ac63', id: idOf(5), phones: [BOTH], communeCode: '63113' },
  { schemeId: 'ac39', id: idOf(105), phones: [BOTH], communeCode: '39300' },
  { schemeId: 'ac39', id: idOf(106), phones: [phoneOf(6)], communeCode: '39300' },
] as const

describe.each(usualKinds)('alerts as contacts see them, on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock: Date
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    for (const { schemeId, ...member } of members) await seedMembers(database.db, schemeId, [member])
    clock = new Date('2026-03-12T17:30:00Z')
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())

  async function order(
    schemeId: 'ac63' | 'ac39',
    communeCode: string,
    trades: string[] = [],
    exercise = false,
  ) {
    // No earlier alert is near.
    clock = new Date(clock.getTime() + 24 * 3_600_000)
    const operator = operators[schemeId]!
    const report = await createReport(deps, operator, schemeId, {
      categoryCode: 'counterfeit',
      communeCode,
      exercise,
    })
    const alert = await createAlert(deps, operator, schemeId, {
      reportId: report.id,
      text: `Faux billets ${communeCode}. Ne pas intervenir.`,
      area: { kind: 'commune', code: communeCode },
      trades,
      doctrine: established,
    })
    return broadcastAlert(deps, operator, schemeId, alert.id, { version: 1 })
  }
  const own = async (schemeId: string, memberId: string, query: object = {}) =>
    listOwnAlerts(deps, contactOf(schemeId, memberId), { schemeId, memberId }, OwnAlertQuery.parse(query))

  test('each page continues where the previous one ended; an alert stopped before sending is not shown', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift((await order('ac63', '63178')).id)
    const first = await own('ac63', idOf(1), { limit: '3' })
    expect(first.alerts.map(({ id }) => id)).toEqual(ids.slice(0, 3))
    const second = await own('ac63', idOf(1), { limit: '3', after: first.next })
    expect(second.alerts.map(({ id }) => id)).toEqual(ids.slice(3))
    expect(second.next).toBeNull()
    const stopped = await order('ac63', '63178')
    await stopAlert(deps, operators.ac63!, 'ac63', stopped.id)
    expect((await own('ac63', idOf(1))).alerts.map(({ id }) => id)).not.toContain(stopped.id)
  })

  test('a closed alert is shown as such, with its time', async () => {
    const alert = await order('ac63', '63178')
    await sql`update deliveries set state = 'delivered' where broadcast_id in (
      select id from broadcasts where alert_id = ${alert.id})`.execute(database.db)
    expect((await own('ac63', idOf(1))).alerts[0]).toMatchObject({
      id: alert.id,
      state: 'open',
      closedAt: null,
    })
    await activateAlert(deps, { kind: 'system', name: 'engine' }, 'ac63', alert.id)
    await endAlert(deps, operators.ac63!, 'ac63', alert.id)
    expect((await own('ac63', idOf(1))).alerts[0]).toMatchObject({
      id: alert.id,
      state: 'over',
      closedAt: clock.toISOString(),
      text: `Faux billets 63178. Ne pas intervenir. Réf. ${alert.reference}`,
      category: { labelFr: 'Faux billets' },
    })
  })

  test('a read confirmation counts once per contact, and operators are notified and see it', async () => {
    const alert = await order('ac63', '63178')
    const told = vi.fn<(event: LiveEvent) => void>()
    const leave = deps.live.subscribe('ac63', told)
    const actor = contactOf('ac63', idOf(1))
    const shop = { schemeId: 'ac63', memberId: idOf(1) }
    for (let i = 0; i < 3; i++) await confirmRead(deps, actor, shop, alert.id)
    leave()
    expect(told.mock.calls.map(([event]) => event.type)).toEqual(['progress'])
    const reads = async () => (await getAlert(deps, operators.ac63!, 'ac63', alert.id)).reads
    expect(await reads()).toBe(1)
    // The other person of the same shop, and another shop.
    const second: Actor = {
      ...actor,
      shops: [{ ...actor.shops[0]!, contactId: `00000001${idOf(1).slice(8)}` }],
    }
    expect((await listOwnAlerts(deps, second, shop, { limit: 1 })).alerts[0]?.readAt).toBeNull()
    await confirmRead(deps, second, shop, alert.id)
    await confirmRead(deps, contactOf('ac63', idOf(2)), { schemeId: 'ac63', memberId: idOf(2) }, alert.id)
    expect(await reads()).toBe(3)
    expect((await own('ac63', idOf(1))).alerts[0]?.readAt).toBe(clock.toISOString())
    // Nothing is shown of an alert that was not sent to it.
    await expect(
      confirmRead(deps, contactOf('ac63', idOf(4)), { schemeId: 'ac63', memberId: idOf(4) }, alert.id),
    ).rejects.toMatchObject({ code: 'not_found' })
    expect(await reads()).toBe(3)
  })

  test('alerts of a merged member are shown, read or not, at the kept one; after an undo, at each again', async () => {
    const alert = await order('ac63', '63003')
    const [got, other] = [idOf(4), idOf(5)]
    await confirmRead(deps, contactOf('ac63', got), { schemeId: 'ac63', memberId: got }, alert.id)
    const chamber = actorOf('chamber', 'ac63')
    const { id } = await mergeMembers(deps, chamber, 'ac63', { kept: other, merged: got, take: {} })
    const contact: Actor = {
      ...contactOf('ac63', other),
      shops: [{ ...contactOf('ac63', other).shops[0]!, contactId: got }],
    }
    const page = await listOwnAlerts(deps, contact, { schemeId: 'ac63', memberId: other }, { limit: 1 })
    expect(page.alerts[0]).toMatchObject({ id: alert.id, readAt: clock.toISOString() })
    expect((await own('ac63', idOf(1))).alerts.map((one) => one.id)).not.toContain(alert.id)
    await undoMerge(deps, chamber, 'ac63', id)
    expect((await own('ac63', other)).alerts.map((one) => one.id)).not.toContain(alert.id)
    expect((await own('ac63', got)).alerts[0]).toMatchObject({ id: alert.id, readAt: clock.toISOString() })
  })

  test("an export contains the shop's own data and no other's, as JSON and as CSV", async () => {
    const alert = await order('ac63', '63178', ['tobacco-press'])
    await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, reason, gateway, at)
      select 'ac63', ('00000000-0000-4000-8000-00000000c00' || n)::uuid, ('00000000-0000-4000-8000-00000000000' || n)::uuid,
        ('00000000-0000-4000-8000-00000000000' || n)::uuid, '+3363998000' || n, false, 'portal', 'x', null, null, now()
      from generate_series(1, 2) n`.execute(database.db)
    // Numbers that said STOP before a contact had them.
    await sql`insert into opt_outs (scheme_id, id, phone, takes, how, by, gateway, at)
      select 'ac63', ('00000000-0000-4000-8000-00000000e00' || n)::uuid, p, false, 'inbound', 'x', 'g', now() + interval '1 second'
      from unnest(array[${phoneOf(11)}, ${phoneOf(12)}]) with ordinality as t (p, n)`.execute(database.db)
    // Records for this shop and another one: accesses, requests, notices about dues.
    const chamber = actorOf('chamber', 'ac63')
    for (const n of [1, 2]) {
      await getMember(deps, chamber, 'ac63', idOf(n))
      const request = await enterDataRequest(deps, chamber, 'ac63', {
        kind: 'access',
        memberId: idOf(n),
        person: `Personne ${n}`,
        via: 'mail',
        receivedOn: dayIn(METROPOLITAN_ZONE, clock),
      })
      await answerDataRequest(deps, chamber, 'ac63', request.id, { outcome: 'done', answer: `Réponse ${n}` })
    }
    await sql`insert into dues_campaigns (scheme_id, year, fee_cents, pro_rata, due_on, opened_at, opened_by)
      values ('ac63', 2026, 1000, false, '2026-03-31', now(), 'x')`.execute(database.db)
    await sql`insert into dues (scheme_id, year, member_id, amount_cents, due_on, assessed_at)
      select 'ac63', 2026, ('00000000-0000-4000-8000-00000000000' || n)::uuid, 1000, '2026-03-31', now() from generate_series(1, 2) n`.execute(
      database.db,
    )
    await sql`insert into dues_notices (scheme_id, id, year, member_id, kind, at, by, in_person, note)
      select 'ac63', ('00000000-0000-4000-8000-00000000d00' || n)::uuid, 2026, ('00000000-0000-4000-8000-00000000000' || n)::uuid,
        'warning', ${clock}, 'x', case n when 2 then 'visit' end, '' from generate_series(1, 2) n`.execute(
      database.db,
    )
    const held = {
      naf: '47.26Z',
      naf2025: '47.26Y',
      postalCode: '63500',
      joinedOn: '2024-01-02',
      charterOn: '2024-03-12',
    }
    await database.db.updateTable('members').set(held).where('id', '=', idOf(1)).execute()
    const data = await exportOwnData(deps, contactOf('ac63', idOf(1)), {
      schemeId: 'ac63',
      memberId: idOf(1),
    })
    expect(data.accesses).toEqual([{ at: clock.toISOString(), role: 'chamber', what: 'file' }])
    expect(data.notices).toEqual([{ at: clock.toISOString(), year: 2026, kind: 'warning', inPerson: null }])
    expect(data.requests).toMatchObject([{ kind: 'access', person: 'Personne 1', answer: 'Réponse 1' }])
    expect(data).toMatchObject({
      scheme: 'Alerte Commerces 63',
      shop: { people: [{ phone: phoneOf(1) }, { phone: phoneOf(11) }] },
      smsChoices: [
        { phone: phoneOf(1), takes: false, how: 'portal' },
        { phone: phoneOf(11), takes: false, how: 'inbound' },
      ],
      charter: [],
      held,
    })
    expect(data.alerts[0]?.id).toBe(alert.id)
    const json = JSON.stringify(data)
    for (const n of [2, 4, 5, 6]) expect(json).not.toContain(phoneOf(n).slice(1))
    const csv = ownDataCsv(data, 'fr')
    expect(csv.startsWith('\ufeffRubrique;Date;Quoi;Contenu\r\n')).toBe(true)
    expect(csv).toContain(`${alert.reference} Faux billets;Faux billets 63178.`)
    for (const line of [
      ';portail;',
      ';fiche;chambre',
      'Commerce;;NAF;47.26Z, 47.26Y',
      'Commerce;;Commune;63500 ',
      ';Adhésion;',
      'Commerce;2024-03-12 13:00:00;Charte signée sur papier;',
      ';2026;avertissement',
      ';accès;Personne 1 | faite | Réponse 1',
    ])
      expect(csv).toContain(line)
    expect(csv).not.toMatch(/Personne 2|Réponse 2/)
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('actor')
      .where('action', '=', 'member.export')
      .execute()
    expect(entries).toEqual([{ actor: `contact:${idOf(1)}` }])
    await expect(
      exportOwnData(deps, contactOf('ac63', idOf(1)), { schemeId: 'ac63', memberId: idOf(2) }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('whatever was sent, no path shows a contact an alert of another member or scheme', async () => {
    const communes = { ac63: ['63178', '63113', '63003'], ac39: ['39300'] } as const
    const sent: { id: string; schemeId: string; exercise: boolean }[] = []
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          schemeId: fc.constantFrom('ac63' as const, 'ac39' as const),
          place: fc.nat(2),
          trades: fc.subarray(['tobacco-press', 'jewellers', 'bakeries']),
          chance: fc.integer({ min: 0, max: 9 }),
          me: fc.constantFrom(...members),
          other: fc.constantFrom(...members),
        }),
        async ({ schemeId, place, trades, chance, me, other }) => {
          const commune = communes[schemeId][place % communes[schemeId].length] ?? ''
          const exercise = chance === 0
          const alert = await order(schemeId, commune, trades, exercise).catch(() => undefined)
          if (alert !== undefined) sent.push({ id: alert.id, schemeId, exercise })
          // The recipients according to the ledger.
          const { rows } = await sql<{ id: string }>`
            select a.id from alerts a where a.scheme_id = ${me.schemeId} and not a.exercise and exists (
              select from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
              where b.scheme_id = a.scheme_id and b.alert_id = a.id and d.state <> 'withdrawn'
                and d.phone = any (${[...me.phones]}::text[]))`.execute(database.db)
          const mine = await own(me.schemeId, me.id, { limit: '50' })
          expect(mine.alerts.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort())
          // The same holds for the live feed.
          const last = sent.at(-1)
          if (last?.schemeId === me.schemeId) {
            const receivers = await inScheme(database.db, me.schemeId, (tx) =>
              listReceivers(tx, me.schemeId, last.id, [me.id]),
            )
            expect(receivers.length === 1).toBe(rows.some(({ id }) => id === last.id))
          }
          for (const { id } of sent.slice(-5)) {
            const asked = getOwnAlert(
              deps,
              contactOf(me.schemeId, me.id),
              { schemeId: me.schemeId, memberId: me.id },
              id,
            )
            const found = await asked.catch((error: { code: string }) => error.code)
            if (rows.some((row) => row.id === id)) expect(found).toMatchObject({ id })
            else expect(found).toBe('not_found')
          }
          // Another member's shop is not found, in its scheme or in another.
          if (other.id === me.id) return
          for (const schemeIdAsked of ['ac63', 'ac39']) {
            const of = { schemeId: schemeIdAsked, memberId: other.id }
            await expect(
              listOwnAlerts(deps, contactOf(me.schemeId, me.id), of, { limit: 5 }),
            ).rejects.toMatchObject({ code: 'not_found' })
            if (last !== undefined) {
              await expect(
                confirmRead(deps, contactOf(me.schemeId, me.id), of, last.id),
              ).rejects.toMatchObject({ code: 'not_found' })
            }
          }
          // The database alone enforces it, whatever the query.
          const seen = await inShop(database.db, { schemeId: me.schemeId, memberId: me.id }, async (tx) => ({
            alerts: await tx.selectFrom('alerts').select(['id', 'schemeId']).execute(),
            texts: await tx.selectFrom('broadcasts').select(['schemeId', 'alertId']).execute(),
            members: await tx.selectFrom('members').select('id').execute(),
            phones: await tx.selectFrom('contacts').select('mobile').execute(),
            reads: await tx.selectFrom('alertReads').select('memberId').execute(),
          }))
          expect(seen.alerts.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort())
          expect(seen.texts.every(({ alertId }) => rows.some(({ id }) => id === alertId))).toBe(true)
          expect(seen.members).toEqual([{ id: me.id }])
          expect(seen.phones.map(({ mobile }) => mobile).sort()).toEqual([...me.phones].sort())
          expect(seen.reads.every(({ memberId }) => memberId === me.id)).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
    expect(sent.length).toBeGreaterThan(10)
  })
})
