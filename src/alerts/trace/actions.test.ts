import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, authors, testDeps } from '../../../test/support/deps.ts'
import { agencyId, idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { listOwn } from '../../../test/support/own.ts'
import { listAudit } from '../../audit/actions.ts'
import { AuditQuery } from '../../audit/contract.ts'
import { markOf } from '../../deliveries/marks.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import { createAlert } from '../compose/draft.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { verifyMessage } from '../proof/verify.ts'
import { traceMark } from './actions.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const chief = actorOf('chief', 'ac63', { agencyId })
const TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."
const REASON = 'Capture d’écran vue sur un réseau social'

describe.each(usualKinds)('leak tracing on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 4 })
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Tabac des Halles', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Tabac de la Gare', phones: [phoneOf(3)] },
    ])
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())

  async function sent(tracing: boolean) {
    clock = new Date(clock.getTime() + 8 * 86_400_000)
    await sql`update schemes set doctrine = ${JSON.stringify({ leakTracing: tracing })}::jsonb where id = 'ac63'`.execute(
      database.db,
    )
    const report = await createReport(deps, operator, 'ac63', {
      categoryCode: 'counterfeit',
      communeCode: '63178',
    })
    const alert = await createAlert(deps, operator, 'ac63', {
      text: TEXT,
      area: { kind: 'scheme' },
      trades: [],
      reportId: report.id,
      doctrine: { offence: true, arrested: false, level: 'established' },
    })
    return broadcastAlert(deps, operator, 'ac63', alert.id, { version: alert.version })
  }
  async function marksOf(alertId: string) {
    const { rows } = await sql<{ no: number; memberId: string; markKey: string }>`
      select d.no, d.member_id, b.mark_key::text from deliveries d join broadcasts b on b.id = d.broadcast_id
      where b.alert_id = ${alertId} order by d.no`.execute(database.db)
    return rows.map(({ no, memberId, markKey }) => ({ memberId, mark: markOf(BigInt(markKey), no) }))
  }

  test('finds the copy with a mark for a chief who gives a reason, and audits the search', async () => {
    const alert = await sent(true)
    expect(alert).toMatchObject({ traced: true, sentText: `${TEXT} Réf. ${alert.reference}-?????` })
    const marks = await marksOf(alert.id)
    expect(new Set(marks.map(({ mark }) => mark)).size).toBe(3)
    for (const { memberId, mark } of marks) {
      const found = await traceMark(deps, chief, 'ac63', alert.id, {
        mark: `Réf. ${alert.reference}-${mark}`,
        reason: REASON,
      })
      const names = {
        [idOf(1)]: 'Tabac du Centre',
        [idOf(2)]: 'Tabac des Halles',
        [idOf(3)]: 'Tabac de la Gare',
      }
      expect(found).toMatchObject({
        mark,
        forgotten: false,
        matches: [{ kind: 'first', name: names[memberId] }],
      })
      expect(found.matches[0]?.phone).not.toContain(phoneOf(1).slice(-6))
    }
    const { rows } = await sql<{ details: unknown; actor: string }>`
      select details, actor from audit_entries where action = 'delivery.trace' order by seq desc limit 1`.execute(
      database.db,
    )
    expect(rows[0]).toEqual({
      actor: `user:${chief.userId}`,
      details: { mark: marks[2]?.mark, matches: 1 },
    })
    // The reason is read with the audit entry, but is not part of the chain that is never erased.
    const { entries } = await listAudit(
      { ...deps, authors },
      chief,
      'ac63',
      AuditQuery.parse({ action: 'delivery.trace' }),
    )
    expect(entries[0]?.details).toEqual({ mark: marks[2]?.mark, matches: 1, reason: REASON })
  })

  test('finds no copy for an invented mark, and audits the search', async () => {
    const alert = await sent(true)
    const taken = new Set((await marksOf(alert.id)).map(({ mark }) => mark))
    const mark = ['AAAAA', 'BBBBB', 'CCCCC', 'DDDDD'].find((one) => !taken.has(one))!
    expect(await traceMark(deps, chief, 'ac63', alert.id, { mark, reason: REASON })).toEqual({
      mark,
      matches: [],
      forgotten: false,
    })
    await expect(
      traceMark(deps, chief, 'ac63', alert.id, { mark: 'l0l', reason: REASON }),
    ).rejects.toMatchObject({ problems: [{ code: 'trace.mark_invalid', path: 'mark' }] })
  })

  test('is allowed to a chief only, on a traced alert, while its deliveries are kept', async () => {
    const plain = await sent(false)
    expect(plain).toMatchObject({ traced: false, sentText: `${TEXT} Réf. ${plain.reference}` })
    await expect(
      traceMark(deps, chief, 'ac63', plain.id, { mark: 'AAAAA', reason: REASON }),
    ).rejects.toMatchObject({ problems: [{ code: 'trace.not_traced' }] })
    const alert = await sent(true)
    await expect(
      traceMark(deps, operator, 'ac63', alert.id, { mark: 'AAAAA', reason: REASON }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    const [first] = await marksOf(alert.id)
    await sql`delete from deliveries where broadcast_id in (select id from broadcasts where alert_id = ${alert.id})`.execute(
      database.db,
    )
    expect(
      await traceMark(deps, chief, 'ac63', alert.id, { mark: first!.mark, reason: REASON }),
    ).toMatchObject({ matches: [], forgotten: true })
  })

  test('confirms a copy by its text and its mark together, never one of them, and members do not see the mark', async () => {
    const alert = await sent(true)
    const [first] = await marksOf(alert.id)
    const copy = (end: string) => `${TEXT} Réf. ${alert.reference}${end}`
    const ask = (text: string, reference = '') => verifyMessage(deps, { reference, text }, '192.0.2.1')
    const genuine = await ask(copy(`-${first!.mark}`))
    expect(genuine).toMatchObject({ genuine: true })
    expect(await ask(copy(` - ${first!.mark.toLowerCase()}`))).toEqual(genuine)
    expect(await ask(TEXT, `${alert.reference}-${first!.mark}`)).toEqual(genuine)
    const wrong = await ask('Vol à main armée', `${alert.reference}-${first!.mark}`)
    expect(wrong).toMatchObject({ genuine: false, scheme: null, sentAt: null })
    for (const end of ['', '-ZZZZZ', `-${first!.mark.slice(0, 3)}`, `-${first!.mark}A`, '-?????']) {
      expect(await ask(copy(end)), end).toEqual(wrong)
    }
    const mine = (await listOwn(deps, 'ac63', idOf(1))).find(({ id }) => id === alert.id)
    expect(mine?.text).toContain(alert.reference)
    expect(mine?.text).not.toContain('?????')
  })
})
