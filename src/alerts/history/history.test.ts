import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { changeMembers } from '../../members/changes/actions.ts'
import { undoChange } from '../../members/changes/undo.ts'
import { setContactSms } from '../../members/opt-out.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { listHistory } from './actions.ts'
import { HistoryQuery } from './contract.ts'

const chamber = actorOf('chamber', 'ac63')

describe.each(databaseKinds)('the history of a member on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = Date.parse('2026-06-01T08:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    // Each deed a second after the one before.
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
    await message(1, 'established', 'Faux billets à Issoire.')
    await message(2, 'precise', 'Une berline AB-123-CD.')
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

  /** An alert that was sent to Alpha, in May. */
  async function message(n: number, level: string, text: string): Promise<void> {
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

  test('a charter signed on the portal is in it', async () => {
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

  test('latest first: changes, the record, messages, how it began', async () => {
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

  test('messages without their precise elements, but for those who may read them', async () => {
    const texts = async (actor: Actor, id = idOf(1)) =>
      (await history(actor, id)).entries.flatMap((entry) => (entry.kind === 'alert' ? [entry.text] : []))
    expect(await texts(chamber)).toEqual([null, 'Faux billets à Issoire.'])
    expect(await texts(actorOf('operator', 'ac63'))).toEqual([
      'Une berline AB-123-CD.',
      'Faux billets à Issoire.',
    ])
    expect(await texts(actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }))).toEqual([null, null])
  })

  test('a page at a time, whole', async () => {
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

  test('is seen by whoever sees the member', async () => {
    const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    await expect(history(bakers)).rejects.toMatchObject({ code: 'not_found' })
    await expect(history(contactOf('ac63', idOf(1)))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      listHistory(deps, actorOf('chamber', 'ac39'), 'ac39', idOf(1), HistoryQuery.parse({})),
    ).rejects.toMatchObject({ code: 'not_found' })
  })
})
