import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, noteJobs, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  established,
  idOf,
  MAGISTRATE,
  phoneOf,
  seedMagistrate,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { listOwn } from '../../../test/support/own.ts'
import { runsOf } from '../../../test/support/random.ts'
import { verifyAudit } from '../../audit/verify.ts'
import { explainDelivery } from '../../deliveries/status/explain.ts'
import { listBroadcasts } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import { createAlert } from '../compose/draft.ts'
import type { AlertView } from '../contract.ts'
import { exportDeliveries, getAlert, listAlerts, listDeliveries } from '../live/read.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { activateAlert, activateSentAlerts, endAlert, stopAlert } from '../order/close.ts'
import { expireAlerts } from '../order/expire.ts'
import { recordOutcome } from '../order/outcome.ts'
import { exportCap } from '../proof/export-cap.ts'
import { orderFollowUp, previewFollowUp } from './actions.ts'
import type { FollowUpKind, NewFollowUp } from './contract.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const chief = actorOf('chief', 'ac63', { agencyId })
const magistrate = actorOf('magistrate', 'ac63')
const chamber = actorOf('chamber', 'ac63')
const tobacconist = contactOf('ac63', idOf(1))
const engine: Actor = { kind: 'system', name: 'engine' }
const NOON = new Date('2026-03-12T12:00:00Z')
const MEMBERS = 12

describe.each(usualKinds)('follow-ups on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = NOON
  let minutes = 0

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 8 })
    await seedSchemes(database)
    await seedMagistrate(database.db)
    await seedMembers(
      database.db,
      'ac63',
      Array.from({ length: MEMBERS }, (_, i) => ({
        id: idOf(i + 1),
        name: `Commerce ${i + 1}`,
        phones: [phoneOf(i + 1)],
      })),
    )
  })
  afterAll(() => database.close())
  beforeEach(() => {
    clock = NOON
    deps = testDeps(database, { now: () => clock, jobs: noteJobs() })
  })

  /** Sends an alert; each one is 40 days after the last, so that none is near another. */
  async function sent(over: { lifetimeHours?: number } = {}): Promise<AlertView> {
    minutes += 1
    clock = new Date(NOON.getTime() + minutes * 40 * 24 * 3_600_000)
    const report = await createReport(deps, operator, 'ac63', {
      categoryCode: 'counterfeit',
      communeCode: '63178',
    })
    const alert = await createAlert(deps, operator, 'ac63', {
      text: 'Faux billets à Issoire. Ne pas intervenir.',
      area: { kind: 'commune', code: '63178' },
      trades: [],
      doctrine: established,
      reportId: report.id,
      ...over,
    })
    return broadcastAlert(deps, operator, 'ac63', alert.id, { version: alert.version })
  }

  /** Sends an alert and delivers all of it. */
  async function active(over: { lifetimeHours?: number } = {}): Promise<AlertView> {
    const alert = await sent(over)
    await deliver(alert.id)
    await activateAlert(deps, engine, 'ac63', alert.id)
    return (await getAlert(deps, operator, 'ac63', alert.id)).alert
  }

  /** Marks all planned deliveries as delivered, as the engine would. */
  async function deliver(alertId: string): Promise<void> {
    await sql`
      update deliveries d set state = 'delivered', accepted_at = ${clock}, settled_at = ${clock}
      from broadcasts b where b.scheme_id = d.scheme_id and b.id = d.broadcast_id and b.alert_id = ${alertId}
        and d.state = 'planned'`.execute(database.db)
    await sql`update delivery_chunks c set state = 'done' from broadcasts b
      where b.id = c.broadcast_id and b.alert_id = ${alertId}`.execute(database.db)
    await sql`
      update broadcasts b set state = 'done', done_at = ${clock},
        delivered = (select count(*) from deliveries d where d.broadcast_id = b.id and d.state = 'delivered'),
        withdrawn = (select count(*) from deliveries d where d.broadcast_id = b.id and d.state = 'withdrawn'),
        failed = (select count(*) from deliveries d where d.broadcast_id = b.id and d.state = 'failed')
      where b.alert_id = ${alertId}`.execute(database.db)
  }

  const order = (alert: AlertView, over: Partial<NewFollowUp> & { kind: FollowUpKind }): NewFollowUp => ({
    text: 'Véhicule retrouvé.',
    level: 'established',
    after: alert.broadcasts.at(-1)?.id ?? idOf(0),
    key: deps.newId(),
    ...over,
  })
  const follow = (
    alert: AlertView,
    over: Partial<NewFollowUp> & { kind: FollowUpKind },
    by: Actor = operator,
  ) => {
    clock = new Date(clock.getTime() + 60_000)
    return orderFollowUp(deps, by, 'ac63', alert.id, order(alert, over))
  }

  async function phonesOf(broadcastId: string): Promise<string[]> {
    const rows = await database.db
      .selectFrom('deliveries')
      .select('phone')
      .where('broadcastId', '=', broadcastId)
      .orderBy('no')
      .execute()
    return rows.map(({ phone }) => phone)
  }
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) =>
        error instanceof AppError
          ? [error.code, ...error.problems.map((problem) => problem.code)].join(' ')
          : Promise.reject(error),
    )

  test('sends an update, a correction and the all-clear one after the other, each with its figures', async () => {
    const alert = await active()
    expect(alert.broadcasts).toHaveLength(1)
    const updated = await follow(alert, { kind: 'update', text: 'Mise à jour : véhicule à Perrier.' })
    expect(updated).toMatchObject({ state: 'updated', closedAt: null })
    const corrected = await follow(updated, { kind: 'correction', text: 'Rectificatif : à Le Broc.' })
    const cleared = await follow(corrected, { kind: 'all_clear', text: "Fin d'alerte." })
    expect(cleared).toMatchObject({ state: 'ended', closedBy: 'Camille Roche (CIC Clermont-Ferrand)' })
    expect(cleared.broadcasts.map((one) => [one.kind, one.text, one.progress?.planned])).toEqual([
      ['first', `Faux billets à Issoire. Ne pas intervenir. Réf. ${alert.reference}`, MEMBERS],
      ['update', `Mise à jour : véhicule à Perrier. Réf. ${alert.reference}`, MEMBERS],
      ['correction', `Rectificatif : à Le Broc. Réf. ${alert.reference}`, MEMBERS],
      ['all_clear', `Fin d'alerte. Réf. ${alert.reference}`, MEMBERS],
    ])
    // Follow-ups still being sent when the alert ends are withdrawn: the all-clear replaces them.
    expect(cleared.broadcasts.map(({ progress }) => progress?.withdrawn)).toEqual([0, MEMBERS, MEMBERS, 0])
    expect(cleared.progress?.planned).toBe(MEMBERS)
    const { rows } = await sql<{ kind: string; lane: string; after: string | null; sender: string }>`
      select kind, lane, after_broadcast_id as after, sender from broadcasts where alert_id = ${alert.id}`.execute(
      database.db,
    )
    const ids = cleared.broadcasts.map(({ id }) => id)
    const rowOf = (one: string) => rows.find((row) => row.kind === one)
    expect(rowOf('update')).toMatchObject({ lane: 'follow_up', after: ids[0], sender: 'ALERTE63' })
    expect(rowOf('correction')?.after).toBe(ids[1])
    expect(rowOf('all_clear')?.after).toBe(ids[2])
    const { events } = await getAlert(deps, operator, 'ac63', alert.id)
    expect(events.slice(-4).map((event) => [event.kind, event.values.planned])).toEqual([
      ['updated', MEMBERS],
      ['corrected', MEMBERS],
      ['all_clear', MEMBERS],
      ['ended', undefined],
    ])
    const open = await listAlerts(deps, operator, 'ac63', { open: true, limit: 200 })
    expect(open.alerts.map(({ id }) => id)).not.toContain(alert.id)
    expect(await codeOf(follow(cleared, { kind: 'update' }))).toBe('wrong_state')
  })

  test('sends a repeated order once, and refuses a follow-up to a message that already has one', async () => {
    const alert = await active()
    const same = order(alert, { kind: 'update' })
    const views = await Promise.all(
      Array.from({ length: 4 }, () => orderFollowUp(deps, operator, 'ac63', alert.id, same)),
    )
    for (const view of views) expect(view.broadcasts).toHaveLength(2)
    const other = await codeOf(follow(alert, { kind: 'update', text: 'Autre.' }))
    expect(other).toBe('alert_changed')
    const again = await orderFollowUp(deps, operator, 'ac63', alert.id, same)
    expect(again.broadcasts.map(({ kind: what }) => what)).toEqual(['first', 'update'])
  })

  test('continues the first message during an update, and sets the state to updated once all is sent', async () => {
    const alert = await sent()
    expect(await codeOf(follow(alert, { kind: 'all_clear' }))).toBe('wrong_state')
    const updated = await follow(alert, { kind: 'update' })
    expect(updated.state).toBe('broadcasting')
    // The job of the follow-up runs before that of the first message.
    await activateAlert(deps, engine, 'ac63', alert.id)
    expect((await getAlert(deps, operator, 'ac63', alert.id)).alert.state).toBe('broadcasting')
    await deliver(alert.id)
    await activateAlert(deps, engine, 'ac63', alert.id)
    expect((await getAlert(deps, operator, 'ac63', alert.id)).alert.state).toBe('updated')
  })

  test('activates an alert that is sent though its job was interrupted, once', async () => {
    const waiting = await sent()
    const alert = await sent()
    await deliver(alert.id)
    await activateSentAlerts(deps, engine)
    expect((await getAlert(deps, operator, 'ac63', alert.id)).alert.state).toBe('active')
    expect((await getAlert(deps, operator, 'ac63', waiting.id)).alert.state).toBe('broadcasting')
    await activateSentAlerts(deps, engine)
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('action')
      .where('action', '=', 'alert.sent')
      .where('subject', '=', `alert:${alert.id}`)
      .execute()
    expect(entries).toHaveLength(1)
    expect(await codeOf(activateSentAlerts(deps, operator))).toBe('forbidden')
  })

  test('sends follow-ups of a stopped alert to the recipients it had reached', async () => {
    const alert = await sent()
    const first = alert.broadcasts[0]!.id
    await sql`update deliveries set state = 'accepted', accepted_at = ${clock}, settled_at = null
      where broadcast_id = ${first} and no <= 5`.execute(database.db)
    await sql`update broadcasts set accepted = 5 where id = ${first}`.execute(database.db)
    const stopped = await stopAlert(deps, operator, 'ac63', alert.id)
    expect(stopped).toMatchObject({ state: 'cancelled', progress: { withdrawn: MEMBERS - 5 } })
    const corrected = await follow(stopped, { kind: 'correction' })
    expect(corrected).toMatchObject({ state: 'cancelled' })
    expect(corrected.broadcasts[1]?.progress?.planned).toBe(5)
    const cleared = await follow(corrected, { kind: 'all_clear' })
    expect(cleared.state).toBe('cancelled')
    expect(await codeOf(follow(cleared, { kind: 'all_clear' }))).toBe(
      'doctrine_refused doctrine.cleared_already',
    )
    expect(await phonesOf(cleared.broadcasts[2]!.id)).toEqual(await phonesOf(corrected.broadcasts[1]!.id))
  })

  test('refuses without permission, for findings of the guard and for an unknown alert, with every problem at once', async () => {
    const alert = await active()
    expect(await codeOf(follow(alert, { kind: 'update' }, magistrate))).toBe('forbidden')
    expect(await codeOf(follow(alert, { kind: 'update' }, chamber))).toBe('forbidden')
    expect(await codeOf(follow(alert, { kind: 'update' }, tobacconist))).toBe('forbidden')
    expect(await codeOf(follow(alert, { kind: 'update', text: ' ' }))).toBe('text_empty text_empty')
    expect(await codeOf(follow(alert, { kind: 'update', text: 'Voiture AB-123-CD vue à Perrier.' }))).toBe(
      'doctrine_refused guard.blocked',
    )
    const precise = { kind: 'update', level: 'precise', text: 'Clio AB-123-CD vue à Perrier.' } as const
    expect(await codeOf(follow(alert, precise))).toBe(
      'doctrine_refused doctrine.authorisation_missing doctrine.approval_needed',
    )
    const authorisation = { magistrateId: MAGISTRATE.id, scope: 'Plaque.' }
    // Neither the operator nor a chief may order it alone.
    for (const by of [operator, chief]) {
      expect(await codeOf(follow(alert, { ...precise, authorisation }, by))).toBe(
        'doctrine_refused doctrine.approval_needed',
      )
    }
    const later = new Date(clock.getTime() + 600_000).toISOString()
    expect(
      await codeOf(follow(alert, { ...precise, authorisation: { scope: 'Plaque.', givenAt: later } })),
    ).toBe(
      'doctrine_refused doctrine.authorisation_missing doctrine.approval_needed input.required doctrine.authorisation_future',
    )
    expect(await codeOf(follow(alert, { kind: 'update', authorisation }))).toBe(
      'doctrine_refused doctrine.authorisation_needless',
    )
    // A refused follow-up is not stored.
    expect((await getAlert(deps, operator, 'ac63', alert.id)).alert.followUps).toEqual([])
    await sql`update schemes set doctrine = '{"approval": []}' where id = 'ac63'`.execute(database.db)
    const view = await follow(alert, { ...precise, authorisation }, chief)
    await sql`update schemes set doctrine = '{}' where id = 'ac63'`.execute(database.db)
    expect(view.broadcasts).toHaveLength(2)
    // The chamber sees that there was a follow-up, but not its text.
    const masked = (await getAlert(deps, chamber, 'ac63', alert.id)).alert
    expect(masked.broadcasts.map(({ text }) => text === '')).toEqual([false, true])
    expect(view.followUps.map((one) => one.contentHash)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
    expect(masked.followUps.map((one) => [one.text, one.contentHash])).toEqual([['', null]])
    expect(JSON.stringify(masked)).not.toContain(view.followUps[0]?.contentHash)
    const { events } = await getAlert(deps, operator, 'ac63', alert.id)
    expect(events.find((event) => event.kind === 'authorised')).toMatchObject({
      values: { magistrate: 'Anne Roy' },
      reason: 'Plaque.',
    })
    const none = { ...deps, config: { ...deps.config, gateways: [] } }
    expect(
      await codeOf(orderFollowUp(none, operator, 'ac63', alert.id, order(view, { kind: 'update' }))),
    ).toBe('no_route no_route')
    expect(
      await codeOf(orderFollowUp(deps, operator, 'ac63', idOf(77), order(view, { kind: 'update' }))),
    ).toBe('not_found')
  })

  test('notifies the recipients of an expired alert by day, if the scheme enables it', async () => {
    const closing = async (on: boolean, lifetimeHours: number) => {
      await sql`update schemes set doctrine = ${JSON.stringify({ closingMessage: on })}::jsonb where id = 'ac63'`.execute(
        database.db,
      )
      const alert = await active({ lifetimeHours })
      // Expires the alerts of earlier tests.
      await expireAlerts(deps, engine)
      clock = new Date(Date.parse(alert.expiresAt))
      expect(await expireAlerts(deps, engine)).toBe(1)
      expect(await expireAlerts(deps, engine)).toBe(0)
      return (await getAlert(deps, operator, 'ac63', alert.id)).alert
    }
    const notBefore = async (alert: AlertView) => {
      const { rows } = await sql<{ at: Date | null }>`
        select distinct not_before as at from delivery_chunks where broadcast_id = ${alert.broadcasts[1]!.id}`.execute(
        database.db,
      )
      return rows.map(({ at }) => at?.toISOString() ?? null)
    }
    const day = await closing(true, 2)
    expect(day).toMatchObject({ state: 'expired' })
    expect(day.broadcasts[1]).toMatchObject({
      kind: 'closing',
      text: `Fin de validité de l'alerte : faux billets à Issoire. Merci de votre vigilance. Réf. ${day.reference}`,
      progress: { planned: MEMBERS },
    })
    expect(await notBefore(day)).toEqual([null])
    const night = await closing(true, 12)
    const leaves = (await notBefore(night))[0]
    expect(new Date(leaves ?? 0).toLocaleTimeString('fr', { timeZone: 'Europe/Paris' })).toBe('07:00:00')
    expect((await closing(false, 2)).broadcasts).toHaveLength(1)
    // It reached no recipient, so there is no closing message.
    await sql`update schemes set doctrine = '{"closingMessage": true}' where id = 'ac63'`.execute(database.db)
    const unsent = await sent({ lifetimeHours: 1 })
    clock = new Date(Date.parse(unsent.expiresAt))
    expect(await expireAlerts(deps, engine)).toBe(1)
    expect((await getAlert(deps, operator, 'ac63', unsent.id)).alert).toMatchObject({
      state: 'expired',
      broadcasts: [{ kind: 'first', progress: { withdrawn: MEMBERS } }],
    })
    await sql`update schemes set doctrine = '{}' where id = 'ac63'`.execute(database.db)
  })

  test('records and corrects the outcome, and thanks the recipients once', async () => {
    const alert = await active()
    const record = (outcome: 'arrest' | 'nothing', thank: boolean, note?: string) =>
      recordOutcome(deps, operator, 'ac63', alert.id, { outcome, thank, note })
    expect(await codeOf(record('nothing', false))).toBe('wrong_state')
    await endAlert(deps, operator, 'ac63', alert.id)
    const silent = await record('nothing', false)
    expect(silent).toMatchObject({
      state: 'ended',
      outcome: { outcome: 'nothing', note: null, by: 'Camille Roche (CIC Clermont-Ferrand)' },
    })
    expect(silent.broadcasts).toHaveLength(1)
    const thanked = await record('arrest', true, 'Deux personnes.')
    expect(thanked.outcome).toMatchObject({ outcome: 'arrest', note: 'Deux personnes.' })
    expect(thanked.broadcasts[1]).toMatchObject({ kind: 'thanks', progress: { planned: MEMBERS } })
    expect(thanked.broadcasts[1]?.text).toMatch(/^Suite de l'alerte faux billets à Issoire : une interp/)
    expect((await record('arrest', true)).broadcasts).toHaveLength(2)
    expect(
      await codeOf(recordOutcome(deps, chamber, 'ac63', alert.id, { outcome: 'arrest', thank: true })),
    ).toBe('forbidden')
  })

  test('keeps a ledger for each message; members read the messages, without figures or names', async () => {
    const alert = await active()
    await sql`update members set status = 'left' where id = ${idOf(2)}`.execute(database.db)
    expect(await previewFollowUp(deps, operator, 'ac63', alert.id)).toEqual({
      recipients: MEMBERS - 1,
      left: 1,
      costCents: Math.ceil(((MEMBERS - 1) * 4500) / 1000),
    })
    const updated = await follow(alert, { kind: 'update', text: 'Mise à jour : Perrier.' })
    await sql`update members set status = 'active' where id = ${idOf(2)}`.execute(database.db)
    const second = updated.broadcasts[1]!.id
    const list = (broadcast?: string) =>
      listDeliveries(deps, operator, 'ac63', alert.id, {
        query: { broadcast, after: 0, limit: 50 },
        lang: 'fr',
      })
    expect((await list()).total).toBe(MEMBERS)
    expect((await list(second)).total).toBe(MEMBERS - 1)
    expect((await list(second)).deliveries.map(({ no }) => no)).not.toContain(2)
    await expect(list(idOf(66))).rejects.toMatchObject({ code: 'not_found' })
    const labels = { lang: 'fr', tradeName: (code: string) => code } as const
    let lines = 0
    const { pieces } = await exportDeliveries(deps, operator, 'ac63', alert.id, {
      labels,
      broadcastId: second,
    })
    for await (const piece of pieces) lines += piece.split('\r\n').length - 1
    expect(lines).toBe(1 + MEMBERS - 1)

    const mine = (await listOwn(deps, 'ac63', idOf(1))).find(({ id }) => id === alert.id)
    expect(mine?.updates).toEqual([
      {
        id: second,
        kind: 'update',
        text: `Mise à jour : Perrier. Réf. ${alert.reference}`,
        at: expect.any(String),
      },
    ])
    expect(JSON.stringify(mine)).not.toContain('Camille')
  })

  test('sends the all-clear to a number corrected since the first message, and records that in the ledger', async () => {
    const alert = await active()
    const mobile = (n: number, phone: string) =>
      sql`update contacts set mobile = ${phone} where member_id = ${idOf(n)}`.execute(database.db)
    const shared = idOf(900)
    try {
      await mobile(1, phoneOf(501))
      // Two contacts move to one number; a third moves to the number of another recipient.
      await mobile(2, phoneOf(502))
      await mobile(3, phoneOf(502))
      await mobile(4, phoneOf(5))
      // Another contact still uses the old number.
      await seedMembers(database.db, 'ac63', [{ id: shared, phones: [phoneOf(6)] }])
      await mobile(6, phoneOf(506))
      // This contact has a new number but opted out: neither number gets a message.
      await mobile(7, phoneOf(507))
      await sql`update contacts set sms = false where member_id = ${idOf(7)}`.execute(database.db)
      const rest = [8, 9, 10, 11, 12].map(phoneOf)
      const expected = [phoneOf(501), phoneOf(502), phoneOf(5), phoneOf(6), ...rest, phoneOf(506)]
      expect(await previewFollowUp(deps, operator, 'ac63', alert.id)).toMatchObject({
        ...{ recipients: expected.length, left: 1 },
      })
      const updated = await follow(alert, { kind: 'update' })
      await deliver(alert.id)
      const cleared = await follow(updated, { kind: 'all_clear' })
      const broadcastId = cleared.broadcasts.at(-1)!.id
      expect(await phonesOf(updated.broadcasts.at(-1)!.id)).toEqual(expected)
      expect(await phonesOf(broadcastId)).toEqual(expected)

      const stepsOf = async (no: number) =>
        (await explainDelivery(deps, 'ac63', broadcastId, no, 'fr'))?.steps.map(({ text }) => text)
      const corrected = 'Le numéro a été corrigé depuis le premier message : cette suite va au nouveau.'
      expect(await stepsOf(1)).toEqual(['Prévu.', corrected])
      expect(await stepsOf(8)).toEqual(['Prévu.'])
      // The delivery added at the end goes to the contact whose old number another contact uses now.
      expect(await stepsOf(MEMBERS + 6)).toEqual(['Prévu.', corrected])
    } finally {
      await sql`delete from contacts where member_id = ${shared}`.execute(database.db)
      await sql`delete from members where id = ${shared}`.execute(database.db)
      await sql`update contacts set sms = true`.execute(database.db)
      for (let n = 1; n <= 7; n++) await mobile(n, phoneOf(n))
    }
  })

  test('sends to the recipients who may have got the first message and have not left, in its order, each after the last', async () => {
    const states = [
      'planned',
      'accepted',
      'delivered',
      'in_doubt',
      'failed',
      'withdrawn',
      'dropped',
      'silent',
    ]
    const step = fc.record({
      kind: fc.constantFrom<FollowUpKind>('update', 'correction', 'all_clear'),
      leaving: fc.uniqueArray(fc.integer({ min: 1, max: MEMBERS }), { maxLength: 3 }),
      how: fc.constantFrom('left', 'consent', 'number'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...states), { minLength: MEMBERS, maxLength: MEMBERS }),
        fc.array(step, { minLength: 1, maxLength: 4 }),
        async (outcomes, steps) => {
          let alert = await active()
          const first = alert.broadcasts[0]!.id
          const phones = await phonesOf(first)
          // A follow-up may be ordered long after the first message has expired.
          const over = new Date(Date.parse(alert.expiresAt))
          for (const [i, outcome] of outcomes.entries()) {
            const state = ['dropped', 'silent'].includes(outcome) ? 'expired' : outcome
            const settled =
              outcome === 'silent' ? new Date(over.getTime() + 600_000) : outcome === 'dropped' ? over : clock
            await sql`update deliveries set state = ${state}, settled_at = ${settled},
                accepted_at = ${['withdrawn', 'planned'].includes(outcome) ? null : clock}
              where broadcast_id = ${first} and no = ${i + 1}`.execute(database.db)
          }
          const reached = phones.filter((_, i) => !['failed', 'withdrawn', 'dropped'].includes(outcomes[i]!))
          const gone = new Set<string>()
          const moved = new Map<string, string>()
          try {
            for (const { kind: what, leaving, how } of steps) {
              for (const n of leaving) {
                if (how === 'number') moved.set(phoneOf(n), phoneOf(500 + n))
                else gone.add(phoneOf(n))
                if (how === 'left') {
                  await sql`update members set status = 'left' where id = ${idOf(n)}`.execute(database.db)
                } else if (how === 'consent') {
                  await sql`update contacts set sms = false where member_id = ${idOf(n)}`.execute(database.db)
                } else {
                  await sql`update contacts set mobile = ${phoneOf(500 + n)} where member_id = ${idOf(n)}`.execute(
                    database.db,
                  )
                }
              }
              const expected = reached
                .filter((phone) => !gone.has(phone))
                .map((phone) => moved.get(phone) ?? phone)
              const before = alert
              const outcome = await codeOf(
                follow(before, { kind: what }).then((view) => {
                  alert = view
                }),
              )
              if (['ended', 'expired'].includes(before.state)) expect(outcome).toBe('wrong_state')
              else if (expected.length === 0) expect(outcome).toBe('empty_audience')
              else {
                expect(outcome).toBe('done')
                const last = alert.broadcasts.at(-1)!
                expect(last.kind).toBe(what)
                // The same recipients in the order of the first message, at their current numbers.
                expect(await phonesOf(last.id)).toEqual(expected)
                const rows = await inScheme(database.db, 'ac63', (tx) =>
                  listBroadcasts(tx, 'ac63', [alert.id]),
                )
                const chain = rows.get(alert.id) ?? []
                expect(chain.map(({ afterBroadcastId }) => afterBroadcastId)).toEqual([
                  null,
                  ...chain.slice(0, -1).map(({ broadcastId }) => broadcastId),
                ])
              }
            }
          } finally {
            await sql`update members set status = 'active'`.execute(database.db)
            await sql`update contacts set sms = true`.execute(database.db)
            for (let n = 1; n <= MEMBERS; n++)
              await sql`update contacts set mobile = ${phoneOf(n)} where member_id = ${idOf(n)}`.execute(
                database.db,
              )
          }
        },
      ),
      { numRuns: runsOf(12) },
    )
  })

  test('exports the last or a given message in CAP 1.2, only for users who may read it', async () => {
    const alert = await active()
    const updated = await follow(alert, { kind: 'update', text: 'Mise à jour : Perrier & Le Broc.' })
    const { name, xml } = await exportCap(deps, magistrate, 'ac63', alert.id, undefined)
    expect(name).toBe(`${alert.reference}.2`)
    expect(xml).toContain('<msgType>Update</msgType>')
    expect(xml).toContain(`Perrier &amp; Le Broc. Réf. ${alert.reference}</description>`)
    expect(xml).toContain(`,${alert.reference},`)
    const first = await exportCap(deps, operator, 'ac63', alert.id, updated.broadcasts[0]!.id)
    expect(first.xml).toContain('<msgType>Alert</msgType>')
    expect(first.xml).not.toContain('<references>')
    expect(await codeOf(exportCap(deps, chamber, 'ac63', alert.id, undefined))).toBe('forbidden')
    expect(await codeOf(exportCap(deps, operator, 'ac63', alert.id, idOf(66)))).toBe('not_found')
  })

  test('keeps the audit chain intact, with the hash of each message and no names', async () => {
    const rows = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('schemeId', '=', 'ac63')
      .execute()
    const actions = new Set(rows.map(({ action }) => action))
    for (const action of ['update', 'correction', 'all_clear', 'closing', 'thanks', 'outcome']) {
      expect(actions).toContain(`alert.${action}`)
    }
    expect(rows.find(({ action }) => action === 'alert.update')?.details).toMatchObject({
      textSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      planned: expect.any(Number),
    })
    expect(JSON.stringify(rows)).not.toMatch(/\+33|Véhicule|Camille|Anne Roy/)
    const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
    expect(chain?.broken).toBeUndefined()
  })
})
