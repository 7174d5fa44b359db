import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { actorOf, idleGateway, noteJobs, program, testDeps } from '../../../test/support/deps.ts'
import { agencyId, idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { recordAccountAct } from '../../../test/support/two-persons.ts'
import { startWorld } from '../../../test/support/world.ts'
import { registerDeliveryJobs } from '../../deliveries/handlers.ts'
import { sendDirectMessage } from '../../deliveries/plan/direct.ts'
import type { Deps } from '../../deps.ts'
import { createKeptMailer } from '../../gateways/mail/kept.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import {
  addOnCallAbsence,
  addOnCallPerson,
  changeOnCallPerson,
  getOnCallRota,
  removeOnCallAbsence,
  removeOnCallPerson,
} from '../../on-call/actions.ts'
import { advanceCallOuts, callNextPerson, listCallOuts, openCall } from '../../on-call/call-outs.ts'
import type { CallOutView, NewOnCallPerson } from '../../on-call/contract.ts'
import { registerOnCallJobs } from '../../on-call/handlers.ts'
import { sendMail } from '../../outbox/mails.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import { createAlert, discardAlert, updateAlert } from '../compose/draft.ts'
import type { AlertView } from '../contract.ts'
import { getAlert } from '../live/read.ts'
import { approveAlert, broadcastAlert, overrideAlert, sendUnanswered } from '../order/broadcast.ts'
import {
  authoriseMessage,
  getReturnedVersion,
  rejectMessage,
  returnMessage,
  reviewMessage,
  submitAlert,
} from './actions.ts'
import { askAuthorisation, declineAuthorisation } from './ask.ts'
import { firstMessageOf } from './messages.ts'

const named = (actor: Extract<Actor, { kind: 'user' }>, userId: string, name: string): Actor => ({
  ...actor,
  userId,
  name,
})
const operator = actorOf('operator', 'ac63', { agencyId })
const chief = named(actorOf('chief', 'ac63', { agencyId }), 'chief-1', 'Marc Vidal')
const otherChief = named(actorOf('chief', 'ac63', { agencyId }), 'chief-2', 'Anne Morel')
const magistrate = named(actorOf('magistrate', 'ac63'), 'magistrate-1', 'Hélène Roche')
const chamber = actorOf('chamber', 'ac63')

const ALWAYS = { days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '00:00' }
const person = (name: string, last: number, rank: number | null, over: Partial<NewOnCallPerson> = {}) => ({
  role: 'approver' as const,
  name,
  service: '',
  userId: null,
  agencyId: null,
  phone: phoneOf(last),
  mail: '',
  hours: rank === null ? [] : [{ ...ALWAYS, rank }],
  ...over,
})
const DRAFT = {
  text: 'Vol à main armée à Issoire à 17h30. Ne pas intervenir.',
  area: { kind: 'epci', code: '200070407' },
  trades: [],
  doctrine: { offence: true, arrested: false, level: 'established' },
} as const satisfies Record<string, unknown>
const PRECISE = {
  text: 'Vol à Issoire à 17h30, Clio grise AB-123-CD vers Clermont. Ne pas intervenir.',
  doctrine: { ...DRAFT.doctrine, level: 'precise' },
} as const
const DOCTRINE = {
  approval: [
    { categories: 'all', severities: ['vital'] },
    { categories: 'all', severities: 'all', level: 'precise' },
  ],
  nextCallSeconds: 90,
}

async function fill(database: Database, deps: Deps): Promise<void> {
  await seedSchemes(database)
  await seedMembers(database.db, 'ac63', [{ id: idOf(1), name: 'Tabac Chez Momo', phones: [phoneOf(1)] }])
  await sql`update schemes set doctrine = ${JSON.stringify(DOCTRINE)}::jsonb where id = 'ac63'`.execute(
    database.db,
  )
  for (const [id, name, role] of [
    ['chief-1', 'Marc Vidal', 'chief'],
    ['chief-2', 'Anne Morel', 'chief'],
    ['magistrate-1', 'Hélène Roche', 'magistrate'],
  ]) {
    await sql`insert into "user" (id, name, email, email_verified, created_at, updated_at)
      values (${id}, ${name}, ${`${id}@demo.invalid`}, true, now(), now())`.execute(database.db)
    await sql`insert into grants (user_id, scheme_id, role) values (${id}, 'ac63', ${role})`.execute(
      database.db,
    )
  }
  const people: NewOnCallPerson[] = [
    person('Morel', 11, 1, { userId: 'chief-2', mail: 'morel@example.fr' }),
    person('Vidal', 12, 2, { userId: 'chief-1' }),
    person('Garnier', 13, null),
    person('Roche', 14, 1, { role: 'magistrate', userId: 'magistrate-1', service: 'Parquet' }),
  ]
  for (const one of people) await addOnCallPerson(deps, program, 'ac63', one)
}

describe.each(usualKinds)('the people on call, on %s', (kind) => {
  let database: Database
  let deps: Deps & { jobs: ReturnType<typeof noteJobs>; mailer: ReturnType<typeof createKeptMailer> }
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 6 })
    await fill(database, testDeps(database, { now: () => clock }))
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    // Calls of other tests that nobody answered.
    await sql`update call_outs set ended_at = ${clock}, ended_why = 'discarded', due_at = null where ended_at is null`.execute(
      database.db,
    )
    clock = new Date(clock.getTime() + 48 * 3_600_000)
    const now = () => clock
    deps = {
      ...testDeps(database, { now }),
      jobs: noteJobs(),
      mailer: createKeptMailer(now),
    }
  })

  const later = (seconds: number) => {
    clock = new Date(clock.getTime() + seconds * 1000)
  }
  const write = async (over: object = {}, exercise = false): Promise<AlertView> => {
    const { id: reportId } = await createReport(deps, operator, 'ac63', {
      categoryCode: 'robbery',
      communeCode: '63178',
      exercise,
    })
    return createAlert(deps, operator, 'ac63', { ...DRAFT, trades: [], ...over, reportId })
  }
  const submit = ({ id, version }: AlertView, by: Actor = operator) =>
    submitAlert(deps, by, 'ac63', id, { version })
  const approve = ({ id, version }: AlertView, by: Actor = chief) =>
    approveAlert(deps, by, 'ac63', id, { version })
  const callOuts = async ({ id }: AlertView, by: Actor = operator): Promise<CallOutView[]> =>
    (await listCallOuts(deps, by, 'ac63', { alert: id })).callOuts
  const names = (callOut: CallOutView | undefined) => callOut?.calls.map(({ name }) => name)
  /** Plans what waits in the outbox, as the job would, and settles each SMS in the given state. */
  const send = async (state: 'delivered' | 'failed' | 'accepted' = 'delivered') => {
    const sms = deps.jobs.noted.filter(({ name }) => name === 'direct.send')
    const mails = deps.jobs.noted.filter(({ name }) => name === 'mail.send')
    deps.jobs.noted.splice(0)
    for (const { payload } of sms) {
      const { messageId } = payload as { messageId: string }
      await sendDirectMessage(deps, 'ac63', messageId)
      await sql`update deliveries d set state = ${state}, settled_at = ${state === 'accepted' ? null : clock},
        accepted_at = ${clock} from broadcasts b
        where b.scheme_id = d.scheme_id and b.id = d.broadcast_id and b.order_key = ${messageId}`.execute(
        database.db,
      )
    }
    for (const { payload } of mails) await sendMail(deps, 'ac63', (payload as { mailId: string }).mailId)
  }
  /** Lists the SMS planned for the people on call about an alert. */
  const planned = async ({ id }: AlertView) => {
    const { rows } = await sql<{ phone: string; text: string; lane: string; simulated: boolean }>`
      select d.phone, b.text, b.lane, b.simulated from call_outs o
      join call_out_calls c on c.scheme_id = o.scheme_id and c.call_out_id = o.id
      join broadcasts b on b.scheme_id = o.scheme_id and b.order_key = c.sms_id
      join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      where o.alert_id = ${id} order by c.no`.execute(database.db)
    return rows
  }

  test('calls the first at once, the next when nobody answers, then everyone, and says who was called twice', async () => {
    const alert = await submit(await write())
    expect(await advanceCallOuts(deps)).not.toBeNull()
    await send()
    let [callOut] = await callOuts(alert)
    expect(callOut).toMatchObject({
      subject: 'approval',
      calls: [{ name: 'Morel', why: 'first', sms: 'delivered', mail: true, unreached: false, again: false }],
      next: { name: 'Vidal', everyone: false },
    })
    expect(Date.parse(callOut?.next?.at ?? '') - clock.getTime()).toBe(90_000)
    expect(deps.mailer.list()[0]).toMatchObject({ to: 'morel@example.fr' })
    const [first] = await planned(alert)
    expect(first).toMatchObject({ phone: phoneOf(11), lane: 'vital', simulated: true })
    expect(first?.text).toContain(`/valider/ac63/${alert.id}`)
    expect(first?.text).not.toContain('main armée à Issoire')

    later(89)
    await advanceCallOuts(deps)
    expect(names((await callOuts(alert))[0])).toEqual(['Morel'])
    later(1)
    await advanceCallOuts(deps)
    await send()
    expect(names((await callOuts(alert))[0])).toEqual(['Morel', 'Vidal'])
    later(90)
    await advanceCallOuts(deps)
    await send()
    ;[callOut] = await callOuts(alert)
    expect(names(callOut)).toEqual(['Morel', 'Vidal', 'Morel', 'Vidal', 'Garnier'])
    expect(callOut?.calls.map(({ again }) => again)).toEqual([false, false, true, true, false])
    expect((await planned(alert)).map(({ text }) => text.startsWith('RAPPEL '))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
    later(600)
    expect(await advanceCallOuts(deps)).toBeNull()
    expect(names((await callOuts(alert))[0])).toHaveLength(5)
  })

  test.each(['failed', 'accepted'] as const)('an SMS that is %s counts as unreached', async (state) => {
    const alert = await submit(await write())
    await advanceCallOuts(deps)
    await send(state)
    later(state === 'failed' ? 2 : 30)
    await advanceCallOuts(deps)
    const [callOut] = await callOuts(alert)
    expect(callOut?.calls).toMatchObject([
      { name: 'Morel', unreached: true },
      { name: 'Vidal', why: 'unreached' },
    ])
  })

  test('writes to a person on call in the language of their account', async () => {
    await sql`update "user" set lang = 'en' where id = 'chief-2'`.execute(database.db)
    const [callOut] = await callOuts(await submit(await write()))
    await advanceCallOuts(deps)
    later(91)
    await advanceCallOuts(deps)
    await sql`update "user" set lang = null where id = 'chief-2'`.execute(database.db)
    const { rows } = await sql<{ channel: string; lang: string | null }>`
      select channel, lang from outbox where cause = ${`call_out:${callOut?.id}`} order by id`.execute(
      database.db,
    )
    expect(rows.map(({ channel, lang }) => `${channel} ${lang}`).sort()).toEqual([
      'mail en',
      'sms en',
      'sms null',
    ])
  })

  test('a person called who opens the page is given the time, and the screen says so', async () => {
    const alert = await submit(await write())
    await advanceCallOuts(deps)
    await send('accepted')
    later(20)
    await openCall(deps, otherChief, 'ac63', alert.id)
    later(80)
    await advanceCallOuts(deps)
    const [callOut] = await callOuts(alert)
    expect(callOut?.calls).toMatchObject([{ name: 'Morel', unreached: false }])
    expect(callOut?.calls[0]?.openedAt).not.toBeNull()
    later(10)
    await advanceCallOuts(deps)
    expect(names((await callOuts(alert))[0])).toEqual(['Morel', 'Vidal'])
  })

  test('the operator calls the next now, once for each press', async () => {
    const alert = await submit(await write())
    await advanceCallOuts(deps)
    const [callOut] = await callOuts(alert)
    const next = () => callNextPerson(deps, operator, 'ac63', callOut?.id ?? '', { after: 1 })
    await Promise.all([next(), next()])
    const { callOuts: after } = await next()
    expect(after[0]?.calls).toMatchObject([{ name: 'Morel' }, { name: 'Vidal', why: 'asked' }])
    await expect(
      callNextPerson(deps, magistrate, 'ac63', callOut?.id ?? '', { after: 2 }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test.each<[string, (alert: AlertView) => Promise<unknown>, string]>([
    ['approved', (alert) => approve(alert), 'approved'],
    [
      'returned',
      ({ id, version }) =>
        returnMessage(deps, chief, 'ac63', firstMessageOf(id), { version, reason: 'Où ?' }),
      'returned',
    ],
    [
      'rejected',
      ({ id, version }) => rejectMessage(deps, chief, 'ac63', firstMessageOf(id), { version, reason: 'Non' }),
      'rejected',
    ],
    [
      'changed',
      ({ id, version }) =>
        updateAlert(deps, operator, 'ac63', id, {
          text: 'Vol à Issoire à 17h31. Ne pas intervenir.',
          area: DRAFT.area,
          trades: [],
          doctrine: DRAFT.doctrine,
          version,
        }),
      'changed',
    ],
    ['discarded', ({ id }) => discardAlert(deps, operator, 'ac63', id), 'discarded'],
  ])('nobody is called any more once it is %s', async (_, decide, why) => {
    const alert = await submit(await write())
    await advanceCallOuts(deps)
    await decide(alert)
    later(300)
    await advanceCallOuts(deps)
    const [callOut] = await callOuts(alert)
    expect(names(callOut)).toEqual(['Morel'])
    expect(callOut).toMatchObject({ endedWhy: why, next: null })
    const { rows } = await sql<{ withdrawn: boolean }>`
      select withdrawn_at is not null as withdrawn from outbox where cause = ${`call_out:${callOut?.id}`}`.execute(
      database.db,
    )
    expect(rows.every(({ withdrawn }) => withdrawn)).toBe(true)
  })

  test('a missing authorisation calls the magistrate too, until it is recorded', async () => {
    const alert = await submit(await write(PRECISE))
    await advanceCallOuts(deps)
    expect((await callOuts(alert)).map(({ subject, calls }) => [subject, calls[0]?.name])).toEqual(
      expect.arrayContaining([
        ['approval', 'Morel'],
        ['authorisation', 'Roche'],
      ]),
    )
    const { id, version } = alert
    await authoriseMessage(deps, magistrate, 'ac63', firstMessageOf(id), {
      version,
      scope: 'Plaque',
    })
    const open = (await callOuts(alert)).filter(({ endedAt }) => endedAt === null)
    expect(open.map(({ subject }) => subject)).toEqual(['approval'])
  })

  test('an authorisation asked by itself calls the magistrates until one answers or the text changes', async () => {
    const alert = await write(PRECISE)
    const { id, version } = alert
    const of = firstMessageOf(id)
    const ask = (by: Actor = operator) => askAuthorisation(deps, by, 'ac63', of, { version, scope: 'Plaque' })
    await expect(ask(magistrate)).rejects.toMatchObject({ code: 'forbidden' })
    await ask()
    await advanceCallOuts(deps)
    await send()
    const [asked] = await callOuts(alert)
    expect(asked).toMatchObject({
      subject: 'authorisation',
      scope: 'Plaque',
      askedBy: expect.stringContaining('Camille Roche'),
      calls: [{ name: 'Roche', sms: 'delivered' }],
    })
    expect((await planned(alert))[0]?.text).toContain(`/valider/ac63/${id}`)
    // Submitting it calls nobody a second time for the same.
    await submit(alert)
    await advanceCallOuts(deps)
    const authorisations = (await callOuts(alert)).filter(({ subject }) => subject === 'authorisation')
    expect(authorisations.map((one) => [one.id, names(one)])).toEqual([[asked?.id, ['Roche']]])

    const decline = (by: Actor) => declineAuthorisation(deps, by, 'ac63', of, { version, reason: 'Trop tôt' })
    await expect(decline(chief)).rejects.toMatchObject({ code: 'forbidden' })
    await decline(magistrate)
    await expect(decline(magistrate)).rejects.toMatchObject({ code: 'wrong_state' })
    const [declined] = await callOuts(alert)
    expect(declined).toMatchObject({ endedWhy: 'declined', endedBy: 'Hélène Roche', endedNote: 'Trop tôt' })
    await expect(approve(alert)).rejects.toMatchObject({
      problems: [{ code: 'doctrine.authorisation_missing' }],
    })

    // Two of the same instant have no order.
    later(1)
    await ask()
    await authoriseMessage(deps, magistrate, 'ac63', of, { version, scope: 'Plaque' })
    expect((await callOuts(alert)).filter(({ subject }) => subject === 'authorisation')).toMatchObject([
      { endedWhy: 'declined' },
      { endedWhy: 'authorised', endedBy: 'Hélène Roche' },
    ])
    await expect(ask()).rejects.toMatchObject({ problems: [{ code: 'doctrine.authorised_already' }] })
    const { events } = await getAlert(deps, operator, 'ac63', id)
    expect(
      events
        .filter(({ kind }) => kind.startsWith('authorisation_'))
        .map(({ kind, reason }) => [kind, reason]),
    ).toEqual([
      ['authorisation_asked', 'Plaque'],
      ['authorisation_declined', 'Trop tôt'],
      ['authorisation_asked', 'Plaque'],
    ])

    later(48 * 3600)
    const other = await write(PRECISE)
    const about = firstMessageOf(other.id)
    await askAuthorisation(deps, operator, 'ac63', about, { version: other.version, scope: 'Plaque' })
    const { area, doctrine } = other
    const text = `${PRECISE.text} Fermez.`
    const change = { area, doctrine, trades: [], text, version: other.version }
    const changed = await updateAlert(deps, operator, 'ac63', other.id, change)
    expect(await callOuts(other)).toMatchObject([{ endedWhy: 'changed' }])
    const plain = await updateAlert(deps, operator, 'ac63', other.id, {
      ...change,
      doctrine: DRAFT.doctrine,
      text: DRAFT.text,
      version: changed.version,
    })
    await expect(
      askAuthorisation(deps, operator, 'ac63', about, { version: plain.version, scope: 'Plaque' }),
    ).rejects.toMatchObject({ problems: [{ code: 'doctrine.authorisation_needless' }] })
  })

  test('an open review calls another person than the one who ordered the alert', async () => {
    const { id, version } = await submit(await write())
    const sent = await overrideAlert(deps, otherChief, 'ac63', id, { version, reason: 'Personne ne répond' })
    await advanceCallOuts(deps)
    const [approval, review] = await callOuts(sent)
    expect(approval).toMatchObject({ subject: 'approval', endedWhy: 'overridden' })
    expect(review).toMatchObject({ subject: 'review', calls: [{ name: 'Vidal' }], endedAt: null })
    await reviewMessage(deps, magistrate, 'ac63', firstMessageOf(id), { verdict: 'justified', note: 'Vu' })
    expect((await callOuts(sent)).map(({ endedWhy }) => endedWhy).toSorted()).toEqual([
      'overridden',
      'reviewed',
    ])
  })

  test('after the limit of the scheme the author sends it without an answer, and a review is open', async () => {
    const { id, version, text } = await submit(await write())
    const order = { version, reason: 'Astreinte sans réponse' }
    const send = () => sendUnanswered(deps, operator, 'ac63', id, order)
    await expect(send()).rejects.toMatchObject({ problems: [{ code: 'doctrine.unanswered_off' }] })
    const allowed = { ...DOCTRINE, unansweredMinutes: { vital: 5, alert: null, notice: null } }
    const set = (doctrine: object) =>
      sql`update schemes set doctrine = ${JSON.stringify(doctrine)}::jsonb where id = 'ac63'`.execute(
        database.db,
      )
    await set(allowed)
    try {
      later(299)
      await expect(send()).rejects.toMatchObject({
        problems: [{ code: 'doctrine.unanswered_early', values: { minutes: 1 } }],
      })
      later(1)
      const sent = await send()
      expect(sent).toMatchObject({
        state: 'broadcasting',
        text,
        approval: { decision: 'overridden', review: 'open', reason: 'Astreinte sans réponse' },
      })
      const [approval, review] = await callOuts(sent)
      expect(approval).toMatchObject({ subject: 'approval', endedWhy: 'overridden' })
      expect(review).toMatchObject({ subject: 'review' })
      await expect(
        reviewMessage(deps, operator, 'ac63', firstMessageOf(id), { verdict: 'justified', note: 'Moi' }),
      ).rejects.toMatchObject({ code: 'forbidden' })
      const { rows } =
        await sql`select action from audit_entries where subject = ${`alert:${id}`} order by seq`.execute(
          database.db,
        )
      expect(rows).toContainEqual({ action: 'alert.unanswered' })
    } finally {
      await set(DOCTRINE)
    }
  })

  test('keeps why an alert was returned, with the content as it was', async () => {
    const { id, version, text } = await submit(await write())
    expect(await getReturnedVersion(deps, chief, 'ac63', id)).toEqual({ returned: null })
    await returnMessage(deps, chief, 'ac63', firstMessageOf(id), { version, reason: 'Dites où' })
    const changed = await updateAlert(deps, operator, 'ac63', id, {
      text: 'Vol place de la Halle à Issoire à 17h30. Ne pas intervenir.',
      area: DRAFT.area,
      trades: [],
      doctrine: DRAFT.doctrine,
      version,
    })
    await submit(changed)
    const { returned } = await getReturnedVersion(deps, chief, 'ac63', id)
    expect(returned).toMatchObject({ reason: 'Dites où', text, level: 'established', members: 1 })
    await expect(getReturnedVersion(deps, chamber, 'ac63', id)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('the agency of the zone is notified as its list says, once, and not by an exercise', async () => {
    const zone = '00000000-0000-4000-8000-00000000a009'
    await sql`insert into agencies (scheme_id, id, code, name, kind, zone) values ('ac63', ${zone}, 'ambert',
      'Gendarmerie d’Ambert', 'gendarmerie', '{"kind":"communes","codes":["63003"]}'::jsonb)`.execute(
      database.db,
    )
    await sql`update agencies set zone = '{"kind":"communes","codes":["63178"]}'::jsonb where id = ${agencyId}`.execute(
      database.db,
    )
    await addOnCallPerson(deps, program, 'ac63', {
      ...person('Poste', 17, null, { mail: 'ambert@example.fr' }),
      role: 'agency',
      agencyId: zone,
    })
    await sql`update schemes set doctrine = '{}'::jsonb where id = 'ac63'`.execute(database.db)
    try {
      const { id: reportId } = await createReport(deps, operator, 'ac63', {
        categoryCode: 'robbery',
        communeCode: '63003',
      })
      const text = 'Vol à Ambert à 17h30. Ne pas intervenir.'
      const outside = { outsideZoneReason: 'Service fermé la nuit' }
      const draft = { ...DRAFT, trades: [], text, ...outside, reportId }
      const { id, version } = await createAlert(deps, operator, 'ac63', draft)
      await broadcastAlert(deps, operator, 'ac63', id, { version })
      await send()
      const { rows } = await sql<{ phone: string; text: string }>`
        select d.phone, b.text from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
        where b.ordered_by = 'system:zone'`.execute(database.db)
      expect(rows).toMatchObject([{ phone: phoneOf(17) }])
      expect(rows[0]?.text).toContain(`/alertes/${id}`)
      expect(deps.mailer.list().map(({ to }) => to)).toEqual(['ambert@example.fr'])
      const { events } = await getAlert(deps, operator, 'ac63', id)
      expect(events.find(({ kind }) => kind === 'zone_told')).toMatchObject({
        values: { agency: 'Gendarmerie d’Ambert (SMS, courriel)' },
      })
    } finally {
      await sql`update schemes set doctrine = ${JSON.stringify(DOCTRINE)}::jsonb where id = 'ac63'`.execute(
        database.db,
      )
    }
  })

  test('a person who let the author in is not called to decide, nor to review', async () => {
    await recordAccountAct(database, clock, { by: 'chief-2', to: operator.userId })
    const { id, version } = await submit(await write())
    await advanceCallOuts(deps)
    later(90)
    await advanceCallOuts(deps)
    const sent = await overrideAlert(deps, chief, 'ac63', id, { version, reason: 'Personne ne répond' })
    await advanceCallOuts(deps)
    const called = (await callOuts(sent)).map((callOut) => [callOut.subject, ...(names(callOut) ?? [])])
    expect(called).toEqual([
      ['approval', 'Vidal', 'Vidal', 'Garnier'],
      ['review', 'Garnier'],
    ])
  })

  test('an author is not called about their own alert', async () => {
    const alert = await submit(await write(), otherChief)
    await advanceCallOuts(deps)
    expect(names((await callOuts(alert))[0])).toEqual(['Vidal'])
  })

  test('an exercise calls by simulated routes only, and by no mail', async () => {
    const real = {
      ...(deps.config.gateways[0] as Deps['config']['gateways'][number]),
      name: 'real',
      simulated: false,
    }
    deps = {
      ...deps,
      config: { ...deps.config, demo: false, gateways: [...deps.config.gateways, real] },
      gateways: [...deps.gateways, idleGateway(false)],
    }
    const alert = await submit(
      await write({ text: 'EXERCICE Vol à Issoire à 17h30. Ne pas intervenir.' }, true),
    )
    await advanceCallOuts(deps)
    await send()
    expect(await planned(alert)).toMatchObject([{ simulated: true }])
    expect((await planned(alert))[0]?.text).toMatch(/^EXERCICE /)
    expect(deps.mailer.list()).toEqual([])
    const serious = await submit(await write())
    await advanceCallOuts(deps)
    await send()
    expect(await planned(serious)).toMatchObject([{ simulated: false }])
  })

  test('without a simulated route an exercise calls on the screen alone', async () => {
    const real = {
      ...(deps.config.gateways[0] as Deps['config']['gateways'][number]),
      name: 'real',
      simulated: false,
    }
    const alert = await submit(
      await write({ text: 'EXERCICE Vol à Issoire à 17h30. Ne pas intervenir.' }, true),
    )
    deps = { ...deps, config: { ...deps.config, demo: false, gateways: [real] } }
    await advanceCallOuts(deps)
    expect((await callOuts(alert))[0]?.calls).toMatchObject([{ name: 'Morel', sms: null, mail: false }])
    expect(deps.jobs.noted.filter(({ name }) => name !== 'on_call.advance')).toEqual([])
  })

  test('two processes that find the same call due make it once', async () => {
    const alert = await submit(await write())
    await Promise.all([advanceCallOuts(deps), advanceCallOuts(deps), advanceCallOuts(deps)])
    expect(names((await callOuts(alert))[0])).toEqual(['Morel'])
  })

  test('a person who was removed is passed over, and their number is gone', async () => {
    const added = { ...person('Abel', 15, 1), id: deps.newId() }
    await addOnCallPerson(deps, chief, 'ac63', added)
    // A request whose answer was lost is sent again: nobody is listed twice.
    const rota = await addOnCallPerson(deps, chief, 'ac63', added)
    expect(rota.people.filter(({ name }) => name === 'Abel')).toHaveLength(1)
    const absence = {
      id: deps.newId(),
      personId: added.id,
      substituteId: null,
      from: '2026-12-01T00:00:00Z',
      until: '2099-12-02T00:00:00Z',
    }
    await addOnCallAbsence(deps, chief, 'ac63', absence)
    const { absences } = await addOnCallAbsence(deps, chief, 'ac63', absence)
    expect(absences.filter(({ personId }) => personId === added.id)).toHaveLength(1)
    await removeOnCallAbsence(deps, chief, 'ac63', absence.id)
    const abel = rota.people.find(({ name }) => name === 'Abel')
    const alert = await submit(await write())
    await removeOnCallPerson(deps, chief, 'ac63', abel?.id ?? '')
    await advanceCallOuts(deps)
    await advanceCallOuts(deps)
    expect(names((await callOuts(alert))[0])).toEqual(['Morel'])
    const { rows } = await sql`select phone from on_call_people where id = ${abel?.id}`.execute(database.db)
    expect(rows).toEqual([{ phone: null }])
    // The request that added the person is sent again: they stay removed.
    const repeated = await addOnCallPerson(deps, chief, 'ac63', added)
    expect(repeated.people.map(({ id }) => id)).not.toContain(added.id)
    await expect(addOnCallPerson(deps, chief, 'ac63', { ...added, name: 'Brun' })).rejects.toMatchObject({
      code: 'id_taken',
    })
  })

  test('refuses what cannot be called, every problem at once', async () => {
    const wrong = person('X', 16, 1, { phone: '04 73 00 00 00', mail: 'x', userId: 'nobody', role: 'agency' })
    await expect(addOnCallPerson(deps, chamber, 'ac63', wrong)).rejects.toMatchObject({
      problems: [
        { code: 'on_call.landline' },
        { code: 'mail.invalid' },
        { code: 'on_call.account' },
        { code: 'input.required', path: 'agencyId' },
      ],
    })
    const judge = {
      ...person('Y', 17, 1),
      role: 'magistrate' as const,
      service: 'Parquet',
      reason: 'Arrivée.',
    }
    await expect(
      addOnCallPerson(deps, chamber, 'ac63', { ...judge, userId: 'chief-1' }),
    ).rejects.toMatchObject({
      problems: [{ code: 'on_call.not_magistrate', path: 'userId' }],
    })
    await expect(addOnCallPerson(deps, operator, 'ac63', person('X', 16, 1))).rejects.toMatchObject({
      code: 'forbidden',
    })
    const { people } = await getOnCallRota(deps, chief, 'ac63')
    const [one] = people
    if (one === undefined) throw new Error('nobody is on call')
    const { id, ...same } = one
    const change = { ...same, service: same.service ?? '', phone: same.phone ?? '', mail: same.mail ?? '' }
    await changeOnCallPerson(deps, chief, 'ac63', id, change)
    await expect(changeOnCallPerson(deps, chief, 'ac63', id, change)).rejects.toMatchObject({
      code: 'settings_changed',
    })
  })

  test('no other scheme sees the rota or the calls', async () => {
    const counts = await inScheme(database.db, 'ac39', async (tx) => {
      const { rows } = await sql<{ people: number; outs: number; calls: number }>`
        select (select count(*)::int from on_call_people) as people, (select count(*)::int from call_outs) as outs,
          (select count(*)::int from call_out_calls) as calls`.execute(tx)
      return rows
    })
    expect(counts).toEqual([{ people: 0, outs: 0, calls: 0 }])
  })
})

describe('against the simulator', () => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ seed: 7, faults: { failingPrefixes: [phoneOf(11).slice(1)] } })
    world = await startWorld({ database: await testDatabaseSettings('postgres'), smscPort: smsc.port })
    await fill(world.deps.database, world.deps)
    await registerDeliveryJobs(world.deps)
    await registerOnCallJobs(world.deps)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })

  test('a refused SMS makes the next phone ring, within seconds', async () => {
    const { deps } = world
    const { id: reportId } = await createReport(deps, operator, 'ac63', {
      categoryCode: 'robbery',
      communeCode: '63178',
    })
    const alert = await createAlert(deps, operator, 'ac63', { ...DRAFT, trades: [], reportId })
    await submitAlert(deps, operator, 'ac63', alert.id, { version: alert.version })
    await expect
      .poll(() => smsc.handset(phoneOf(12).slice(1))?.messages.length ?? 0, { interval: 50 })
      .toBe(1)
    const { callOuts } = await listCallOuts(deps, operator, 'ac63', { alert: alert.id })
    expect(callOuts[0]?.calls).toMatchObject([
      { name: 'Morel', sms: 'failed', unreached: true },
      { name: 'Vidal', why: 'unreached' },
    ])
    expect(smsc.handset(phoneOf(11).slice(1))?.messages ?? []).toEqual([])
    expect(smsc.handset(phoneOf(13).slice(1))?.messages ?? []).toEqual([])
  })
})
