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
import { recordAccountAct } from '../../../test/support/two-persons.ts'
import { verifyAudit } from '../../audit/verify.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import {
  authoriseMessage,
  rejectMessage,
  returnMessage,
  reviewMessage,
  submitAlert,
} from '../approval/actions.ts'
import { createAlert } from '../compose/draft.ts'
import { listFollowUpRemarks } from '../compose/remarks.ts'
import type { AlertView } from '../contract.ts'
import { getAlert, listCurrentAlerts } from '../live/read.ts'
import { approveAlert } from '../order/broadcast.ts'
import { activateAlert, endAlert, stopAlert } from '../order/close.ts'
import { expireAlerts } from '../order/expire.ts'
import {
  approveFollowUp,
  discardFollowUp,
  orderFollowUp,
  overrideFollowUp,
  sendUnansweredFollowUp,
  submitFollowUp,
} from './actions.ts'
import type { FollowUpView, NewFollowUp } from './contract.ts'
import { followUpText } from './texts.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const chief = actorOf('chief', 'ac63', { agencyId })
const magistrate = actorOf('magistrate', 'ac63')
const chamber = actorOf('chamber', 'ac63')
const tobacconist = contactOf('ac63', idOf(1))
const engine: Actor = { kind: 'system', name: 'engine' }
const NOON = new Date('2026-03-12T12:00:00Z')
const MEMBERS = 3
const HOSTAGES = "Rectificatif : prise d'otages à la gare, fermez tous vos commerces."
const PLATE = 'Mise à jour : Clio AB-123-CD vue à Perrier.'
const word = { magistrateId: MAGISTRATE.id, scope: 'La plaque.' }

describe.each(usualKinds)('approval of follow-ups on %s', (kind) => {
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
    await doctrine({})
  })
  afterAll(() => database.close())
  beforeEach(() => {
    deps = testDeps(database, { now: () => clock, jobs: noteJobs() })
  })

  /** Sets a doctrine that requires a second person for armed robbery. */
  function doctrine(over: object) {
    const approval = [
      { categories: ['robbery'], severities: 'all' },
      { categories: 'all', severities: 'all', level: 'precise' },
    ]
    return sql`update schemes set doctrine = ${JSON.stringify({ approval, ...over })}::jsonb where id = 'ac63'`.execute(
      database.db,
    )
  }

  /** Sends an armed robbery alert written by the operator and approved by the chief; each is 40 days after the last. */
  async function robbery(over: { exercise?: boolean } = {}): Promise<AlertView> {
    minutes += 1
    clock = new Date(NOON.getTime() + minutes * 40 * 24 * 3_600_000)
    const report = await createReport(deps, operator, 'ac63', {
      categoryCode: 'robbery',
      communeCode: '63178',
      ...over,
    })
    const { id, version } = await createAlert(deps, operator, 'ac63', {
      text: 'Vol à main armée à Issoire à 13h. Ne pas intervenir.',
      area: { kind: 'commune', code: '63178' },
      trades: [],
      doctrine: established,
      reportId: report.id,
    })
    await submitAlert(deps, operator, 'ac63', id, { version })
    await approveAlert(deps, chief, 'ac63', id, { version })
    await sql`update deliveries d set state = 'delivered', accepted_at = ${clock}, settled_at = ${clock}
      from broadcasts b where b.scheme_id = d.scheme_id and b.id = d.broadcast_id and b.alert_id = ${id}`.execute(
      database.db,
    )
    await sql`update broadcasts set state = 'done', done_at = ${clock}, delivered = planned where alert_id = ${id}`.execute(
      database.db,
    )
    await activateAlert(deps, engine, 'ac63', id)
    return read(id)
  }
  /** Ids of the alerts with a follow-up that awaits a decision or a review. */
  const waitingIds = async () =>
    (await listCurrentAlerts(deps, chief, 'ac63')).alerts
      .filter(({ followUps }) =>
        followUps.some(
          ({ state, approval }) =>
            state === 'submitted' || state === 'returned' || approval.review === 'open',
        ),
      )
      .map(({ id }) => id)
  const read = async (id: string, as: Actor = operator) => (await getAlert(deps, as, 'ac63', id)).alert

  const correction = (alert: AlertView, over: Partial<NewFollowUp> = {}): NewFollowUp => ({
    kind: 'correction',
    text: HOSTAGES,
    level: 'established',
    after: alert.broadcasts.at(-1)?.id ?? idOf(0),
    key: deps.newId(),
    ...over,
  })
  const submit = async (alert: AlertView, over: Partial<NewFollowUp> = {}, by: Actor = operator) => {
    // Each one a second later: two at the same instant would have no order.
    clock = new Date(clock.getTime() + 1000)
    return lastOf(await submitFollowUp(deps, by, 'ac63', alert.id, correction(alert, over)))
  }
  const lastOf = (alert: AlertView): FollowUpView => {
    const last = alert.followUps.at(-1)
    if (last === undefined) throw new Error('no follow-up')
    return last
  }
  const of = (alert: AlertView, { id }: FollowUpView) => ({ alertId: alert.id, followUpId: id })
  const approve = (alert: AlertView, one: FollowUpView, by: Actor = chief) =>
    approveFollowUp(deps, by, 'ac63', of(alert, one), { version: one.version })
  const giveBack = (alert: AlertView, one: FollowUpView, event: 'return' | 'reject' = 'return') =>
    (event === 'return' ? returnMessage : rejectMessage)(deps, chief, 'ac63', of(alert, one), {
      version: one.version,
      reason: 'Non confirmé.',
    })
  const kindsOf = ({ broadcasts }: AlertView) => broadcasts.map((one) => one.kind).join(' ')
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) =>
        error instanceof AppError
          ? [error.code, ...error.problems.map((problem) => problem.code)].join(' ')
          : Promise.reject(error),
    )

  test('refuses an order by one user, and sends what was submitted once a second user approves it', async () => {
    const alert = await robbery()
    for (const by of [operator, chief]) {
      expect(await codeOf(orderFollowUp(deps, by, 'ac63', alert.id, correction(alert)))).toBe(
        'doctrine_refused doctrine.approval_needed',
      )
    }
    const waiting = await submit(alert)
    expect(waiting).toMatchObject({
      kind: 'correction',
      state: 'submitted',
      text: HOSTAGES,
      version: 1,
      broadcastId: null,
      approval: { needed: true, submittedBy: 'Camille Roche (CIC Clermont-Ferrand)', decision: null },
    })
    expect(kindsOf(await read(alert.id))).toBe('first')
    expect(await waitingIds()).toEqual([alert.id])
    // The chamber and members cannot read a text that is not approved.
    expect(lastOf(await read(alert.id, chamber)).text).toBe('')
    expect(JSON.stringify(await listOwn(deps, 'ac63', idOf(1)))).not.toContain('otages')
    for (const by of [operator, chamber, tobacconist]) {
      expect(await codeOf(approve(alert, waiting, by))).toBe('forbidden')
    }
    clock = new Date(clock.getTime() + 60_000)
    const sent = await approve(alert, waiting)
    expect(sent).toMatchObject({ state: 'updated' })
    expect(kindsOf(sent)).toBe('first correction')
    const last = sent.broadcasts.at(-1)
    expect(last?.text).toBe(`${HOSTAGES} Réf. ${alert.reference}`)
    expect(lastOf(sent)).toMatchObject({
      state: 'ordered',
      broadcastId: last?.id,
      approval: { decision: 'approved', decidedAt: clock.toISOString(), review: null },
    })
    const { rows } = await sql<{ hash: string }>`
      select content_hash as hash from broadcasts where id = ${last?.id}`.execute(database.db)
    expect(rows).toEqual([{ hash: waiting.contentHash }])
    expect(await waitingIds()).toEqual([])
    expect(await codeOf(approve(alert, waiting))).toBe('wrong_state')
    const { events } = await getAlert(deps, operator, 'ac63', alert.id)
    expect(
      events
        .filter((event) => /^follow_up|^corrected/.test(event.kind))
        .map((event) => [event.kind, event.values]),
    ).toEqual([
      ['follow_up_submitted', { kind: 'correction' }],
      ['follow_up_approved', { kind: 'correction' }],
      ['corrected', { planned: MEMBERS }],
    ])
  })

  test('refuses the approval of any of its authors and of who let one in, except in an exercise', async () => {
    const alert = await robbery()
    const own = await submit(alert, {}, chief)
    expect(await codeOf(approve(alert, own))).toBe('doctrine_refused doctrine.own_alert')
    expect(await codeOf(giveBack(alert, own))).toBe('doctrine_refused doctrine.own_alert')
    const rewritten = await submit(alert, {
      text: "Rectificatif : prise d'otages, deux blessés.",
      replaces: { id: own.id, version: own.version },
    })
    expect(rewritten).toMatchObject({ id: own.id, version: 2 })
    expect(await codeOf(approve(alert, rewritten))).toBe('doctrine_refused doctrine.own_alert')
    expect(await codeOf(approve(alert, { ...rewritten, version: 1 }, magistrate))).toBe('alert_changed')
    await recordAccountAct(database, clock, { by: 'operator-1', to: 'magistrate-1' })
    expect(await codeOf(approve(alert, rewritten, magistrate))).toBe('doctrine_refused doctrine.access_given')
    clock = new Date(clock.getTime() + 24 * 3_600_000)
    expect(kindsOf(await approve(alert, rewritten, magistrate))).toBe('first correction')

    const drill = await robbery({ exercise: true })
    const mine = await submit(drill, {}, chief)
    const sent = await approve(drill, mine)
    expect(sent.broadcasts.at(-1)?.text).toBe(`EXERCICE ${HOSTAGES} Réf. ${drill.reference}`)
  })

  test('shows the deciding user the same remarks as the author', async () => {
    const alert = await robbery()
    const remarksOf = async (one: FollowUpView, by: Actor = chief) =>
      (await listFollowUpRemarks(deps, by, 'ac63', of(alert, one))).remarks.map(({ code }) => code)
    // A follow-up need not repeat the hour, the place or the advice, and may mention a later hour.
    const one = await submit(alert, { kind: 'update', text: 'Mise à jour : UN HOMME EN FUITE vu à 19h.' })
    expect(await remarksOf(one, magistrate)).toEqual(['capitals'])
    const precise = await submit(alert, {
      kind: 'update',
      text: PLATE,
      level: 'precise',
      replaces: { id: one.id, version: 1 },
    })
    expect(await remarksOf(precise)).toEqual([])
    for (const other of [operator, chamber, tobacconist]) {
      await expect(remarksOf(precise, other)).rejects.toMatchObject({ code: 'forbidden' })
    }
    await discardFollowUp(deps, operator, 'ac63', of(alert, precise), { version: 2 })
    const elsewhere = await robbery()
    await expect(listFollowUpRemarks(deps, chief, 'ac63', of(elsewhere, precise))).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('allows one pending follow-up at a time, which can be returned, corrected and submitted again', async () => {
    const alert = await robbery()
    const waiting = await submit(alert)
    expect(await codeOf(submit(alert, { kind: 'update', text: 'Mise à jour : rien.' }))).toBe(
      'follow_up_waiting',
    )
    const returned = lastOf(await giveBack(alert, waiting))
    expect(returned).toMatchObject({
      state: 'returned',
      approval: { decision: 'returned', reason: 'Non confirmé.', submittedAt: null },
    })
    expect(lastOf(await read(alert.id, chamber)).approval.reason).toBeNull()
    expect(await codeOf(approve(alert, returned))).toBe('wrong_state')
    const again = await submit(alert, {
      text: 'Rectificatif : vol sans arme.',
      replaces: { id: waiting.id, version: 1 },
    })
    expect(again).toMatchObject({
      id: waiting.id,
      version: 2,
      state: 'submitted',
      approval: { decision: null },
      // The approver now reads why it was returned, and the text that it had then.
      returned: {
        reason: 'Non confirmé.',
        by: returned.approval.decidedBy,
        text: HOSTAGES,
        kind: 'correction',
        level: 'established',
      },
    })
    expect(lastOf(await read(alert.id, chamber)).returned).toBeNull()
    expect(await codeOf(submit(alert, { replaces: { id: waiting.id, version: 1 } }))).toBe('alert_changed')
    const rejected = lastOf(await giveBack(alert, again, 'reject'))
    expect(rejected.state).toBe('rejected')
    // A rejected follow-up does not prevent another one.
    const other = await submit(alert, { text: 'Rectificatif : à Perrier.' })
    expect(other.id).not.toBe(waiting.id)
    const dropped = await discardFollowUp(deps, operator, 'ac63', of(alert, other), { version: 1 })
    expect(dropped.followUps.map(({ state }) => state)).toEqual(['rejected'])
    expect(kindsOf(dropped)).toBe('first')
  })

  test('allows its author to send it unanswered after the limit of the severity, with a review open', async () => {
    const alert = await robbery()
    const waiting = await submit(alert)
    const send = (over: { version?: number } = {}, by: Actor = operator) =>
      sendUnansweredFollowUp(deps, by, 'ac63', of(alert, waiting), {
        version: waiting.version,
        reason: 'Astreinte sans réponse',
        ...over,
      })
    expect(await codeOf(send())).toBe('doctrine_refused doctrine.unanswered_off')
    await doctrine({ unansweredMinutes: { vital: 5, alert: null, notice: null } })
    try {
      clock = new Date(clock.getTime() + 299_000)
      expect(await codeOf(send())).toBe('doctrine_refused doctrine.unanswered_early')
      clock = new Date(clock.getTime() + 1000)
      expect(await codeOf(send({}, chamber))).toBe('forbidden')
      expect(await codeOf(send({ version: 9 }))).toBe('alert_changed')
      const sent = await send()
      expect(kindsOf(sent)).toBe('first correction')
      expect(lastOf(sent).approval).toMatchObject({
        decision: 'overridden',
        reason: 'Astreinte sans réponse',
        review: 'open',
      })
      const { rows } = await sql<{
        mandate: string
      }>`select details ->> 'mandate' as mandate from audit_entries
        where action = 'alert.correction' and subject = ${`alert:${alert.id}`}`.execute(database.db)
      expect(rows).toEqual([{ mandate: 'unanswered' }])
      await reviewMessage(deps, chief, 'ac63', of(alert, lastOf(sent)), { verdict: 'justified', note: 'Vu.' })
    } finally {
      await doctrine({})
    }
  })

  test('allows a chief to override in an emergency; another user signs the review', async () => {
    const alert = await robbery()
    const alone = (by: Actor, over: Partial<NewFollowUp> = {}) =>
      overrideFollowUp(deps, by, 'ac63', alert.id, { ...correction(alert, over), reason: 'Vies en danger.' })
    expect(await codeOf(alone(operator))).toBe('forbidden')
    expect(await codeOf(alone(magistrate))).toBe('forbidden')
    // The prosecutor's authorisation is not waived.
    expect(await codeOf(alone(chief, { text: PLATE, level: 'precise' }))).toBe(
      'doctrine_refused doctrine.authorisation_missing',
    )
    expect(await codeOf(alone(chief, { kind: 'all_clear', text: followUpText('all_clear', alert) }))).toBe(
      'doctrine_refused doctrine.approval_not_needed',
    )
    await doctrine({ emergencyOverride: false })
    expect(await codeOf(alone(chief))).toBe('doctrine_refused doctrine.override_off')
    await doctrine({})
    const sent = await alone(chief)
    expect(kindsOf(sent)).toBe('first correction')
    const one = lastOf(sent)
    expect(one.approval).toMatchObject({
      decision: 'overridden',
      overridden: true,
      reason: 'Vies en danger.',
      review: 'open',
    })
    expect(await waitingIds()).toEqual([alert.id])
    const sign = (by: Actor) =>
      reviewMessage(deps, by, 'ac63', of(alert, one), { verdict: 'justified', note: 'Vu.' })
    expect(await codeOf(sign(operator))).toBe('forbidden')
    expect(await codeOf(sign(chief))).toBe('doctrine_refused doctrine.own_override')
    expect(lastOf(await sign(magistrate)).approval).toMatchObject({ review: 'justified', reviewNote: 'Vu.' })
    expect(await codeOf(sign(magistrate))).toBe('wrong_state')
    expect(await waitingIds()).toEqual([])
  })

  test("records the prosecutor's authorisation with its time, for one text and its recipients", async () => {
    const alert = await robbery()
    const waiting = await submit(alert, { kind: 'update', text: PLATE, level: 'precise' })
    expect(waiting).toMatchObject({ state: 'submitted', authorisation: null })
    expect(await codeOf(approve(alert, waiting))).toBe('doctrine_refused doctrine.authorisation_missing')
    const givenAt = new Date(clock.getTime() - 600_000).toISOString()
    const authorise = (version: number, by: Actor = operator) =>
      authoriseMessage(deps, by, 'ac63', of(alert, waiting), { ...word, givenAt, version })
    expect(await codeOf(authorise(2))).toBe('alert_changed')
    expect(await codeOf(authorise(1, chamber))).toBe('forbidden')
    expect(lastOf(await authorise(1)).authorisation).toEqual({
      magistrate: MAGISTRATE.name,
      service: MAGISTRATE.service,
      scope: word.scope,
      confirmation: 'pending',
      answeredAt: null,
      givenAt,
      recordedAt: clock.toISOString(),
      recordedBy: 'Camille Roche (CIC Clermont-Ferrand)',
      valid: true,
    })
    // It belongs to the follow-up, not to the alert.
    expect((await read(alert.id)).authorisation).toBeNull()
    const stored = async () =>
      (
        await sql`select magistrate, service, given_at as at, scope, content_hash as hash, follow_up_id as of, void_why as why
          from authorisations where alert_id = ${alert.id} order by void_at, recorded_at`.execute(database.db)
      ).rows
    expect(await stored()).toEqual([
      {
        magistrate: MAGISTRATE.name,
        service: MAGISTRATE.service,
        at: new Date(givenAt),
        scope: word.scope,
        hash: waiting.contentHash,
        of: waiting.id,
        why: null,
      },
    ])
    // Changing the text makes the authorisation void permanently.
    const other = await submit(alert, {
      kind: 'update',
      text: 'Mise à jour : Clio AB-123-CE vue à Perrier.',
      level: 'precise',
      replaces: { id: waiting.id, version: 1 },
    })
    expect(other.authorisation?.valid).toBe(false)
    const { events } = await getAlert(deps, operator, 'ac63', alert.id)
    expect(events.map((event) => event.kind)).toContain('authorisation_void')
    expect(await codeOf(approve(alert, other))).toBe('doctrine_refused doctrine.authorisation_void')
    const back = await submit(alert, {
      kind: 'update',
      text: PLATE,
      level: 'precise',
      replaces: { id: waiting.id, version: 2 },
    })
    expect(back.contentHash).toBe(waiting.contentHash)
    expect(back.authorisation?.valid).toBe(false)
    // A magistrate who is signed in is recorded by their own name, and may be the second person.
    const given = await authoriseMessage(deps, magistrate, 'ac63', of(alert, waiting), {
      version: 3,
      scope: 'La plaque.',
    })
    expect(lastOf(given).authorisation).toMatchObject({ valid: true, confirmation: null })
    const sent = await approve(alert, back, magistrate)
    expect(sent.broadcasts.at(-1)?.text).toContain('AB-123-CD')
    expect(lastOf(await read(alert.id, chamber)).text).toBe('')
    expect((await stored()).map((row) => (row as { why: unknown }).why)).toEqual(['changed', null])
  })

  test('records an authorisation that comes with the submission at once', async () => {
    const alert = await robbery()
    const one = await submit(alert, { kind: 'update', text: PLATE, level: 'precise', authorisation: word })
    expect(one.authorisation).toMatchObject({
      magistrate: MAGISTRATE.name,
      scope: word.scope,
      givenAt: clock.toISOString(),
      valid: true,
    })
    expect(kindsOf(await approve(alert, one))).toBe('first update')
  })

  test("sends the proposed all-clear by one user's order, and drops the pending follow-up", async () => {
    const alert = await robbery()
    await submit(alert)
    const text = followUpText('all_clear', alert)
    expect(
      await codeOf(
        orderFollowUp(
          deps,
          operator,
          'ac63',
          alert.id,
          correction(alert, { kind: 'all_clear', text: `${text} Restez fermés.` }),
        ),
      ),
    ).toBe('doctrine_refused doctrine.approval_needed')
    const ended = await orderFollowUp(
      deps,
      operator,
      'ac63',
      alert.id,
      correction(alert, { kind: 'all_clear', text }),
    )
    expect(ended).toMatchObject({ state: 'ended' })
    expect(kindsOf(ended)).toBe('first all_clear')
    expect(ended.followUps.map((one) => [one.kind, one.state])).toEqual([['all_clear', 'ordered']])
  })

  test('drops the pending follow-up of an ended alert, keeps that of a stopped one, and refuses it after a later message', async () => {
    const ended = await robbery()
    await submit(ended)
    expect((await endAlert(deps, operator, 'ac63', ended.id)).followUps).toEqual([])

    const stopped = await robbery()
    await sql`update alerts set state = 'broadcasting' where id = ${stopped.id}`.execute(database.db)
    const kept = await submit(stopped)
    const cancelled = await stopAlert(deps, operator, 'ac63', stopped.id)
    expect(lastOf(cancelled).state).toBe('submitted')
    expect(kindsOf(await approve(stopped, kept))).toBe('first correction')

    const overtaken = await robbery()
    const late = await submit(overtaken)
    await overrideFollowUp(deps, chief, 'ac63', overtaken.id, {
      ...correction(overtaken, { kind: 'update', text: 'Mise à jour : à Perrier.' }),
      reason: 'Urgent.',
    })
    expect(await codeOf(approve(overtaken, late, magistrate))).toBe('alert_changed')
  })

  describe('a pending follow-up holds the expiry', () => {
    const MINUTE_MS = 60_000
    const at = (alert: AlertView, minutesAfter: number) => {
      clock = new Date(Date.parse(alert.expiresAt) + minutesAfter * MINUTE_MS)
    }
    const expireNow = () => expireAlerts(deps, engine)
    const validUntil = async (alert: AlertView, kindOf: string) => {
      const { rows } = await sql<{ until: Date }>`
        select valid_until as until from broadcasts where alert_id = ${alert.id} and kind = ${kindOf}`.execute(
        database.db,
      )
      return rows[0]?.until.toISOString()
    }
    beforeAll(() => doctrine({ closingMessage: true }))
    // Each test counts the alerts that expire, so those of earlier tests are ended.
    beforeEach(() =>
      sql`update alerts set state = 'ended' where state in ('broadcasting', 'active', 'updated')`.execute(
        database.db,
      ),
    )
    afterAll(() => doctrine({}))

    test('allows approval of a correction after the expiry, and closes the alert an hour later', async () => {
      const alert = await robbery()
      const waiting = await submit(alert)
      at(alert, 90)
      expect(await expireNow()).toBe(0)
      const held = await read(alert.id)
      expect(held).toMatchObject({ state: 'active', closedAt: null })
      expect(lastOf(held).state).toBe('submitted')
      const approved = await approve(alert, waiting)
      expect(kindsOf(approved)).toBe('first correction')
      const hourLater = new Date(clock.getTime() + 60 * MINUTE_MS).toISOString()
      expect(await validUntil(alert, 'correction')).toBe(hourLater)
      expect(approved.expiresAt).toBe(hourLater)
      at(alert, 149)
      expect(await expireNow()).toBe(0)
      at(alert, 150)
      expect(await expireNow()).toBe(1)
      const closed = await read(alert.id)
      expect(closed.state).toBe('expired')
      expect(kindsOf(closed)).toBe('first correction closing')
      expect(closed.broadcasts.at(-1)?.text).toMatch(/^Fin de validité de l'alerte/)
    })

    test('also while its author has to correct it', async () => {
      const alert = await robbery()
      const waiting = await submit(alert)
      at(alert, -1)
      await giveBack(alert, waiting)
      at(alert, 1)
      expect(await expireNow()).toBe(0)
      const again = await submit(alert, { replaces: { id: waiting.id, version: waiting.version } })
      at(alert, 5)
      expect(await expireNow()).toBe(0)
      expect(kindsOf(await approve(alert, again))).toBe('first correction')
    })

    test('until it is rejected or discarded: the closing message is then sent', async () => {
      for (const decide of [
        (alert: AlertView, one: FollowUpView) => giveBack(alert, one, 'reject'),
        (alert: AlertView, { id, version }: FollowUpView) =>
          discardFollowUp(deps, operator, 'ac63', { alertId: alert.id, followUpId: id }, { version }),
      ]) {
        const alert = await robbery()
        const waiting = await submit(alert)
        at(alert, 10)
        expect(await expireNow()).toBe(0)
        await decide(alert, waiting)
        expect(await expireNow()).toBe(1)
        expect(kindsOf(await read(alert.id))).toBe('first closing')
      }
    })

    test('of its own alert only, and an expiry at the same instant drops nothing', async () => {
      const [held, other] = [await robbery(), await robbery()]
      at(held, 0)
      const waiting = await submit(held)
      at(other, 0)
      expect(await expireNow()).toBe(1)
      expect((await read(other.id)).state).toBe('expired')
      expect(kindsOf(await approve(held, waiting))).toBe('first correction')

      const raced = await robbery()
      at(raced, 0)
      const [, submitted] = await Promise.allSettled([expireNow(), submit(raced)])
      const { state, followUps } = await read(raced.id)
      // Either the submission came first and holds the expiry, or the alert was closed first and refuses it.
      expect([state, followUps.map((one) => one.state)]).toEqual(
        submitted.status === 'fulfilled' ? ['active', ['submitted']] : ['expired', []],
      )
      if (submitted.status === 'rejected') expect(submitted.reason).toMatchObject({ code: 'wrong_state' })
    })

    test('and is refused once the alert has expired', async () => {
      const alert = await robbery()
      at(alert, 0)
      expect(await expireNow()).toBe(1)
      expect(await codeOf(submit(alert))).toBe('wrong_state')
    })
  })

  test('sends once when several users approve concurrently, and stores a repeated submission once', async () => {
    const alert = await robbery()
    const one = await submit(alert)
    const answers = await Promise.all(
      [chief, magistrate, chief, magistrate].map((by) => codeOf(approve(alert, one, by))),
    )
    expect(answers.toSorted()).toEqual(['done', 'wrong_state', 'wrong_state', 'wrong_state'])
    const order = correction(await read(alert.id), { kind: 'update', text: 'Mise à jour : rien.' })
    const views = await Promise.all(
      Array.from({ length: 3 }, () => submitFollowUp(deps, operator, 'ac63', alert.id, order)),
    )
    for (const view of views)
      expect(view.followUps.filter(({ state }) => state === 'submitted')).toHaveLength(1)
  })

  test.runIf(kind === 'postgres')('every action in every state has the expected result', async () => {
    const reach = {
      submitted: async () => undefined,
      returned: (alert: AlertView, one: FollowUpView) => giveBack(alert, one),
      rejected: (alert: AlertView, one: FollowUpView) => giveBack(alert, one, 'reject'),
      ordered: (alert: AlertView, one: FollowUpView) => approve(alert, one),
      discarded: (alert: AlertView, one: FollowUpView) =>
        discardFollowUp(deps, operator, 'ac63', of(alert, one), { version: 1 }),
    }
    const acts = {
      approve: (alert: AlertView, one: FollowUpView) => approve(alert, one),
      return: (alert: AlertView, one: FollowUpView) => giveBack(alert, one),
      reject: (alert: AlertView, one: FollowUpView) => giveBack(alert, one, 'reject'),
      discard: (alert: AlertView, one: FollowUpView) =>
        discardFollowUp(deps, operator, 'ac63', of(alert, one), { version: 1 }),
      authorise: (alert: AlertView, one: FollowUpView) =>
        authoriseMessage(deps, operator, 'ac63', of(alert, one), { ...word, version: 1 }),
      replace: async (alert: AlertView, one: FollowUpView) =>
        submit(await read(alert.id), { replaces: { id: one.id, version: 1 } }),
      review: (alert: AlertView, one: FollowUpView) =>
        reviewMessage(deps, chief, 'ac63', of(alert, one), { verdict: 'justified', note: 'Vu.' }),
    }
    const table: Record<string, string> = {}
    for (const [state, to] of Object.entries(reach)) {
      const row: string[] = []
      for (const act of Object.values(acts)) {
        const alert = await robbery()
        const one = await submit(alert, { text: PLATE, level: 'precise', authorisation: word })
        await to(alert, one)
        row.push(await codeOf(act(alert, one)))
      }
      table[state] = row.join(' ')
    }
    expect(Object.keys(acts).join(' ')).toBe('approve return reject discard authorise replace review')
    expect(table).toEqual({
      submitted: 'done done done done done done wrong_state',
      returned: 'wrong_state wrong_state wrong_state done done done wrong_state',
      rejected: 'wrong_state wrong_state wrong_state wrong_state wrong_state alert_changed wrong_state',
      ordered: 'wrong_state wrong_state wrong_state wrong_state wrong_state alert_changed wrong_state',
      discarded: 'not_found not_found not_found not_found not_found alert_changed not_found',
    })
  })

  test('is not found through another scheme or another alert', async () => {
    const alert = await robbery()
    const one = await submit(alert)
    const other = await robbery()
    expect(await codeOf(approve(other, one))).toBe('not_found')
    const elsewhere = actorOf('chief', 'ac39')
    expect(await codeOf(approveFollowUp(deps, elsewhere, 'ac39', of(alert, one), { version: 1 }))).toBe(
      'not_found',
    )
    await approve(alert, one)
  })

  test('records each step in the audit log with its hash and no names', async () => {
    const rows = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('schemeId', '=', 'ac63')
      .execute()
    const actions = new Set(rows.map(({ action }) => action))
    for (const step of ['submit', 'return', 'reject', 'discard', 'review']) {
      expect(actions).toContain(`follow_up.${step}`)
    }
    expect(rows.findLast(({ action }) => action === 'alert.correction')?.details).toMatchObject({
      mandate: 'approved',
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(JSON.stringify(rows)).not.toMatch(/\+33|otages|AB-123|Camille|Anne Roy|confirmé/)
    const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
    expect(chain?.broken).toBeUndefined()
  })
})
