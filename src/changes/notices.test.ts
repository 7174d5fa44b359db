import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, type NotedJobs, noteJobs, testDeps } from '../../test/support/deps.ts'
import { emptyTables } from '../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { takeWaitingSms, waitingMails, waitingSms } from '../../test/support/outbox.ts'
import { runsOf } from '../../test/support/random.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import { recordReachedSms, sendDirectMessage } from '../deliveries/plan/direct.ts'
import type { Deps } from '../deps.ts'
import { createKeptMailer } from '../gateways/mail/kept.ts'
import { listHistory } from '../history/actions.ts'
import { HistoryQuery } from '../history/contract.ts'
import { importMembers } from '../imports/import/import.ts'
import { listMembers } from '../members/actions.ts'
import { MemberQuery } from '../members/contract.ts'
import { MINUTE_MS } from '../message/clock.ts'
import { sendMail } from '../outbox/mails.ts'
import type { Database } from '../platform/db.ts'
import { changeMembers, listMemberChanges, previewChange } from './actions.ts'
import type { BulkChange } from './contract.ts'
import { mergeMembers, undoMerge } from './merge/actions.ts'
import { sendDueNotices } from './notices.ts'
import { undoChange } from './undo.ts'

const chamber = actorOf('chamber', 'ac63')
/** A Tuesday at noon in France. */
const NOON = Date.parse('2026-03-10T11:00:00Z')
const suspend = { kind: 'suspend', reason: 'charte non respectée.' } as const

describe.each(usualKinds)("notices of the chamber's changes on %s", (kind) => {
  let database: Database
  let deps: Deps
  let jobs: NotedJobs
  let now = NOON
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = NOON
    jobs = noteJobs()
    deps = testDeps(database, {
      now: () => new Date(now),
      jobs,
      mailer: createKeptMailer(() => new Date(now)),
    })
    await emptyTables(database, [
      ...['member_notices', 'member_changes', 'member_change_rows', 'dues_suspensions', 'outbox'],
      ...['broadcasts', 'deliveries'],
    ])
    await sql`delete from contacts`.execute(database.db)
    await sql`delete from members`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1), phoneOf(11)] },
      { id: idOf(2), name: 'Bravo', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Muet' },
      { id: idOf(4), name: 'Pas encore', status: 'pending', phones: [phoneOf(4)] },
    ])
    await sql`update contacts set mail = ${'Tabac@example.fr'} where id = ${idOf(1)}::uuid`.execute(
      database.db,
    )
  })

  const change = async (action: BulkChange['action'], ...ns: number[]) =>
    (await changeMembers(deps, chamber, 'ac63', { action, members: { ids: ns.map(idOf) } })).change
  const tell = async (afterMinutes = 5) => {
    now += afterMinutes * MINUTE_MS
    await sendDueNotices(deps)
  }
  const texts = async () =>
    (await waitingSms(database.db)).map(({ phone, text, lane }) => ({ phone, text, lane }))
  const mails = () => waitingMails(database.db)
  /** The mail server and the engine take all waiting messages. */
  const leave = async () => {
    for (const { payload } of jobs.noted.splice(0)) {
      if ('mailId' in payload) await sendMail(deps, payload.schemeId, payload.mailId)
      else if ('messageId' in payload) await sendDirectMessage(deps, payload.schemeId, payload.messageId)
    }
  }
  const countsOf = async (id: string | undefined) =>
    (await listMemberChanges(deps, chamber, 'ac63')).find((one) => one.id === id)?.notified
  const unnotified = async () =>
    (await listMembers(deps, chamber, 'ac63', MemberQuery.parse({ status: 'unnotified' }))).members.map(
      ({ name }) => name,
    )

  test('an import that suspends, removes or reactivates members notifies them, and its undo notifies the opposite', async () => {
    await sql`update members set status = 'suspended' where id = ${idOf(2)}::uuid`.execute(database.db)
    await seedMembers(database.db, 'ac63', [{ id: idOf(5), name: 'Cinq', phones: [phoneOf(5)] }])
    const list = (leaving: number, ...lines: string[]) =>
      importMembers(
        deps,
        chamber,
        'ac63',
        new TextEncoder().encode(['Enseigne;Métier;Code INSEE;Mobile;Statut', ...lines].join('\n')),
        { leaving },
      )
    const report = await list(
      2,
      `Tabac du Centre;Tabac;63178;${phoneOf(1)};Suspendu`,
      `Bravo;Tabac;63178;${phoneOf(2)};Actif`,
      `Cinq;Tabac;63178;${phoneOf(5)};Parti`,
      `Nouveau;Tabac;63178;${phoneOf(6)};Suspendu`,
      `Pas encore;Tabac;63178;${phoneOf(4)};Parti`,
    )
    expect(report).toMatchObject({ outcome: 'applied', leaving: 2, problems: [] })
    const done = (await listMemberChanges(deps, chamber, 'ac63'))[0]
    expect(done?.notified).toEqual({ notified: 0, waiting: 3, unnotified: 0, withdrawn: 0 })
    await tell()
    const told = new Map((await texts()).map(({ phone, text }) => [phone, text]))
    // A member that never received alerts is not notified.
    expect([...told.keys()].sort()).toEqual([phoneOf(1), phoneOf(11), phoneOf(2), phoneOf(5)].sort())
    expect(told.get(phoneOf(1))).toMatch(/n’aura plus aucune alerte/)
    expect(told.get(phoneOf(1))).not.toContain('Motif')
    await leave()

    await takeWaitingSms(database.db)
    await undoChange(deps, chamber, 'ac63', done?.id ?? '')
    await tell()
    const back = new Map((await texts()).map(({ phone, text }) => [phone, text]))
    expect([...back.keys()].sort()).toEqual([phoneOf(1), phoneOf(11), phoneOf(2), phoneOf(5)].sort())
    expect(back.get(phoneOf(2))).toMatch(/n’aura plus aucune alerte/)
    expect(back.get(phoneOf(1))).toMatch(/les alertes reprennent/)

    // If undone before sending, nothing is sent.
    await takeWaitingSms(database.db)
    await list(1, `Tabac du Centre;Tabac;63178;${phoneOf(1)};Suspendu`)
    const second = (await listMemberChanges(deps, chamber, 'ac63'))[0]
    await undoChange(deps, chamber, 'ac63', second?.id ?? '')
    await tell()
    expect(await texts()).toEqual([])
  })

  test('a suspension is notified after five minutes by SMS and mail, with the reason and a remedy; unreachable members are shown', async () => {
    const done = await change(suspend, 1, 2, 3)
    expect(done?.notified).toEqual({ notified: 0, waiting: 3, unnotified: 0, withdrawn: 0 })
    await tell(4)
    expect(await texts()).toEqual([])
    await tell(1)
    const sms = await texts()
    expect(sms.map(({ phone, lane }) => `${phone} ${lane}`).sort()).toEqual(
      [phoneOf(1), phoneOf(2), phoneOf(11)].map((phone) => `${phone} reminder`).sort(),
    )
    expect(sms.find(({ phone }) => phone === phoneOf(1))?.text).toMatch(
      /Tabac du Centre n’aura plus aucune alerte, grave ou non\. Motif\s: charte non respectée\. Pour revenir\s: appelez votre chambre\. Urgence\s: 17$/,
    )
    const [mail, ...others] = await mails()
    expect(others).toEqual([])
    expect(mail).toMatchObject({ address: 'tabac@example.fr' })
    expect(mail?.text).toMatch(/Motif\s: charte non respectée\.\n[\s\S]*Pour les recevoir à nouveau/)
    await tell(1)
    expect(await texts()).toHaveLength(3)
    expect(await countsOf(done?.id)).toEqual({ notified: 2, waiting: 0, unnotified: 1, withdrawn: 0 })

    // Notified once the mail server accepted the mail or the SMS arrived.
    await leave()
    await sql`update deliveries set state = 'delivered', settled_at = ${new Date(now)} where phone = ${phoneOf(2)}`.execute(
      database.db,
    )
    await recordReachedSms(deps)
    await tell(1)
    expect(await unnotified()).toEqual(['Muet'])
    const told = async (n: number) => {
      const { entries } = await listHistory(deps, chamber, 'ac63', idOf(n), HistoryQuery.parse({}))
      return entries.flatMap((entry) =>
        entry.kind === 'change' ? entry.notified.map(({ channel, state }) => `${channel} ${state}`) : [],
      )
    }
    expect([await told(1), await told(2), await told(3)]).toEqual([
      ['mail reached', 'sms sent'],
      ['mail none', 'sms reached'],
      ['mail none', 'sms none'],
    ])
    // If nothing arrived for days, the member counts as not notified.
    await sql`update member_notices set reached_at = null where member_id = ${idOf(2)}::uuid`.execute(
      database.db,
    )
    await sql`delete from deliveries`.execute(database.db)
    now += 4 * 24 * 60 * MINUTE_MS
    expect(await countsOf(done?.id)).toEqual({ notified: 1, waiting: 0, unnotified: 2, withdrawn: 0 })
    expect(await unnotified()).toEqual(['Bravo', 'Muet'])
  })

  test('an undo before sending sends nothing; afterwards it notifies that alerts resume', async () => {
    const first = await change(suspend, 1, 2)
    now += MINUTE_MS
    await undoChange(deps, chamber, 'ac63', first?.id ?? '')
    await tell(60)
    expect([await texts(), await mails()]).toEqual([[], []])
    expect(await countsOf(first?.id)).toEqual({ notified: 0, waiting: 0, unnotified: 0, withdrawn: 2 })

    const second = await change(suspend, 1, 2)
    await tell()
    await leave()
    await undoChange(deps, chamber, 'ac63', second?.id ?? '')
    await tell()
    expect(
      (await texts()).map(({ phone, text }) => `${phone} ${/les alertes reprennent pour/.test(text)}`).sort(),
    ).toEqual([phoneOf(1), phoneOf(2), phoneOf(11)].map((phone) => `${phone} true`).sort())
    expect((await mails()).map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/vous recevez à nouveau les alertes/),
    ])
    await leave()

    // Written but not yet taken: neither SMS nor mail is sent.
    const third = await change(suspend, 1, 2)
    await tell()
    expect([(await texts()).length, (await mails()).length]).toEqual([3, 1])
    await undoChange(deps, chamber, 'ac63', third?.id ?? '')
    expect([await texts(), await mails()]).toEqual([[], []])
    await tell()
    expect([await texts(), await mails()]).toEqual([[], []])
    expect(await countsOf(third?.id)).toEqual({ notified: 0, waiting: 0, unnotified: 0, withdrawn: 2 })
  })

  test('an undo while the mail is being handed over notifies the opposite, and drops the SMS that was not taken', async () => {
    const done = await change(suspend, 1)
    await tell()
    await sql`update outbox set handing_at = ${new Date(now)} where channel = 'mail'`.execute(database.db)
    await undoChange(deps, chamber, 'ac63', done?.id ?? '')
    await tell()
    expect(await texts()).toEqual([])
    expect((await mails()).map(({ subject }) => /à nouveau/.test(subject))).toEqual([false, true])
  })

  const merge = (kept: number, merged: number) =>
    mergeMembers(deps, chamber, 'ac63', { kept: idOf(kept), merged: idOf(merged), take: {} })

  test("a suspension lifted by a merge is notified to no contact; undoing the merge notifies the member's own contacts", async () => {
    // In the evening SMS wait.
    now = Date.parse('2026-03-10T20:00:00Z')
    const done = await change(suspend, 2)
    const { id } = await merge(2, 1)
    now = Date.parse('2026-03-11T08:00:00Z')
    await tell(0)
    expect([await texts(), await mails()]).toEqual([[], []])
    expect(await countsOf(done?.id)).toEqual({ notified: 0, waiting: 0, unnotified: 0, withdrawn: 1 })
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await countsOf(done?.id)).toMatchObject({ waiting: 1 })
    await tell()
    expect((await texts()).map(({ phone }) => phone)).toEqual([phoneOf(2)])
  })

  test('a merge before sending withdraws the written notices of both members', async () => {
    for (const [kept, merged] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const done = await change(suspend, 1)
      await tell()
      expect([(await texts()).length, (await mails()).length]).toEqual([2, 1])
      const { id } = await merge(kept, merged)
      expect([await texts(), await mails()]).toEqual([[], []])
      await tell()
      expect([await texts(), await mails()]).toEqual([[], []])
      expect(await countsOf(done?.id)).toMatchObject({ withdrawn: 1 })
      await undoMerge(deps, chamber, 'ac63', id)
      await undoChange(deps, chamber, 'ac63', done?.id ?? '')
    }
    await tell()
    expect([await texts(), await mails()]).toEqual([[], []])
  })

  /** Lists which waiting SMS and mails say that alerts end, or resume, by number and address. */
  const heard = async () =>
    [
      ...(await texts()).map(
        ({ phone, text }) => `${phone} ${/alertes reprennent/.test(text) ? 'again' : 'ends'}`,
      ),
      ...(await mails()).map(
        ({ address, subject }) => `${address} ${/à nouveau/.test(subject) ? 'again' : 'ends'}`,
      ),
    ].sort()

  test.each([
    ['the kept member', 1, 2],
    ['the merged member', 2, 1],
  ] as const)(
    'a merge after the suspension of %s notifies its contacts that alerts resume, and not the contacts of the other',
    async (_, kept, merged) => {
      await change(suspend, 1)
      await tell()
      await leave()
      // In the evening mails are sent and SMS wait for the morning.
      now = Date.parse('2026-03-10T20:00:00Z')
      const first = await merge(kept, merged)
      await tell(4)
      expect(await heard()).toEqual([])
      await tell(1)
      expect(await heard()).toEqual(['tabac@example.fr again'])
      // Undone before sending: the members only know their earlier status.
      await undoMerge(deps, chamber, 'ac63', first.id)
      now = Date.parse('2026-03-11T08:00:00Z')
      await tell(0)
      expect(await heard()).toEqual([])

      const second = await merge(kept, merged)
      await tell()
      const people = [phoneOf(1), phoneOf(11), 'tabac@example.fr'].sort()
      expect(await heard()).toEqual(people.map((one) => `${one} again`))
      expect((await texts())[0]?.text).toMatch(/les alertes reprennent pour Tabac du Centre\.$/)
      await leave()
      await undoMerge(deps, chamber, 'ac63', second.id)
      await tell()
      expect(await heard()).toEqual(people.map((one) => `${one} ends`))
    },
  )

  test('a member suspended by the dues rule is notified when a merge reactivates it; nobody is if both are suspended', async () => {
    await sql`update members set status = 'suspended' where id in (${idOf(1)}, ${idOf(2)})`.execute(
      database.db,
    )
    await sql`insert into dues_suspensions (scheme_id, member_id, suspended_at)
      values ('ac63', ${idOf(1)}::uuid, ${new Date(now)})`.execute(database.db)
    await seedMembers(database.db, 'ac63', [{ id: idOf(5), name: 'Cinq', phones: [phoneOf(5)] }])
    await merge(1, 2)
    await tell()
    expect(await heard()).toEqual([])
    now += MINUTE_MS
    await merge(1, 5)
    await tell()
    expect(await heard()).toEqual(
      [phoneOf(1), phoneOf(11), phoneOf(2), 'tabac@example.fr'].map((one) => `${one} again`).sort(),
    )
  })

  test('a member merged into a suspended one is still notified that its alerts ended', async () => {
    await change(suspend, 1)
    await tell()
    await leave()
    const done = await change(suspend, 2)
    await merge(1, 2)
    await tell()
    expect(await heard()).toEqual([`${phoneOf(2)} ends`])
    expect(await countsOf(done?.id)).toMatchObject({ notified: 1, withdrawn: 0 })
  })

  test('a notice that is no longer true when due is not sent', async () => {
    const done = await change(suspend, 1, 2)
    await sql`update members set status = 'left' where id = ${idOf(1)}::uuid`.execute(database.db)
    await tell()
    expect([(await texts()).map(({ phone }) => phone), await mails()]).toEqual([[phoneOf(2)], []])
    expect(await countsOf(done?.id)).toMatchObject({ notified: 1, waiting: 0, withdrawn: 1 })
  })

  test('a member suspended by the dues rule since then is not notified again', async () => {
    await change(suspend, 3)
    await tell()
    expect(await unnotified()).toEqual(['Muet'])
    await change({ kind: 'resume' }, 3)
    await tell()
    now += 30 * 24 * 60 * MINUTE_MS
    await sql`update members set status = 'suspended' where id = ${idOf(3)}::uuid`.execute(database.db)
    await sql`insert into dues_suspensions (scheme_id, member_id, suspended_at)
      values ('ac63', ${idOf(3)}::uuid, ${new Date(now)})`.execute(database.db)
    expect(await unnotified()).toEqual([])
    await sql`update dues_suspensions set restored_at = ${new Date(now)}`.execute(database.db)
    await sql`update members set status = 'active' where id = ${idOf(3)}::uuid`.execute(database.db)
    await change(suspend, 3)
    await tell()
    expect(await unnotified()).toEqual(['Muet'])
  })

  test.runIf(kind === 'postgres')(
    'a notice is not sent if its change is undone, or lifted by a merge, while it is written',
    async () => {
      for (const lift of [undoChange, () => merge(2, 1)]) {
        const done = await change(suspend, 2)
        now += 5 * MINUTE_MS
        const written = Promise.withResolvers<void>()
        const go = Promise.withResolvers<void>()
        const slow = {
          ...jobs,
          enqueueAll: async (...args: Parameters<typeof jobs.enqueueAll>) => {
            await jobs.enqueueAll(...args)
            if (args[2].length === 0) return
            written.resolve()
            await go.promise
          },
        }
        const leaving = sendDueNotices({ ...deps, jobs: slow })
        await written.promise
        const lifting = lift(deps, chamber, 'ac63', done?.id ?? '')
        const listWaiting = async () => {
          const { rows } = await asTableOwner(database, (tx) =>
            sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
              tx,
            ),
          )
          return rows
        }
        await expect.poll(listWaiting).toHaveLength(1)
        expect(await texts()).toEqual([])
        go.resolve()
        await Promise.all([leaving, lifting])
        await tell()
        expect(await texts()).toEqual([])
        expect(await countsOf(done?.id)).toMatchObject({ notified: 0, waiting: 0, withdrawn: 1 })
      }
    },
  )

  test('reactivation and removal are notified; pending members are not', async () => {
    await change(suspend, 1)
    await tell()
    await leave()
    const back = await change({ kind: 'resume' }, 1)
    await tell()
    expect((await texts()).every(({ text }) => /les alertes reprennent pour .+\.$/.test(text))).toBe(true)
    await leave()
    await undoChange(deps, chamber, 'ac63', back?.id ?? '')
    await tell()
    // Without a reason: that of the suspension is not repeated.
    expect((await texts())[0]?.text).toMatch(/n’aura plus aucune alerte, grave ou non\. Pour revenir/)
    await leave()
    await change({ kind: 'leave', reason: 'fermé' }, 2, 4)
    await tell()
    expect(
      (await texts()).map(({ phone, text }) => [phone, /ne fait plus partie.*Motif\s: fermé\./.test(text)]),
    ).toEqual([[phoneOf(2), true]])
  })

  test('a mail leads a member that left to the public page, and the others to their portal', async () => {
    const linkOf = async () => {
      const [mail] = await mails()
      await leave()
      return /(?:\/portail|\/dispositif\/\S*)$/m.exec(mail?.text ?? '')?.[0]
    }
    await change(suspend, 1)
    await tell()
    expect(await linkOf()).toBe('/portail')
    await change({ kind: 'leave', reason: 'fermé' }, 1)
    await tell()
    // Nobody signs in to the portal for a business that left.
    expect(await linkOf()).toBe('/dispositif/ac63')
  })

  test('at night mails are sent at once and SMS in the morning', async () => {
    now = Date.parse('2026-03-14T20:00:00Z')
    await change(suspend, 1)
    await tell()
    expect([(await texts()).length, (await mails()).length]).toEqual([0, 1])
    now = Date.parse('2026-03-16T07:59:00Z')
    await tell(0)
    expect(await texts()).toEqual([])
    await tell(1)
    expect(await texts()).toHaveLength(2)
  })

  test('the preview shows what would be sent and its price; a reason that does not fit an SMS is refused', async () => {
    const members = { ids: [1, 2, 3].map(idOf) }
    const preview = await previewChange(deps, chamber, 'ac63', { action: suspend, members })
    expect(preview).toMatchObject({
      members: 3,
      skipped: 0,
      notified: {
        sms: { messages: 3, parts: 3, costCents: 14, example: expect.stringMatching(/Tabac du Centre/) },
        mails: 1,
        unnotified: 1,
        mailsAt: '2026-03-10T11:05:00.000Z',
        smsAt: '2026-03-10T11:05:00.000Z',
      },
    })
    await change(suspend, 1, 2, 3)
    await tell()
    const sms = await texts()
    expect(sms).toHaveLength(preview.notified?.sms.messages ?? -1)
    expect(await mails()).toHaveLength(preview.notified?.mails ?? -1)
    for (const act of [changeMembers, previewChange])
      await expect(
        act(deps, chamber, 'ac63', { action: { kind: 'suspend', reason: '漢'.repeat(200) }, members }),
      ).rejects.toMatchObject({
        problems: [{ code: 'message.tooLong', path: 'action.reason' }],
      })
    await expect(
      previewChange(deps, chamber, 'ac63', {
        action: { kind: 'suspend', reason: 'Voir www.cci63.fr/regles' },
        members,
      }),
    ).rejects.toMatchObject({ problems: [{ code: 'message.link', path: 'action.reason' }] })
    expect(
      (await previewChange(deps, chamber, 'ac63', { action: { kind: 'trade', trade: 'bakeries' }, members }))
        .notified,
    ).toBeNull()
  })

  test("for any sequence of changes and undos, the last notice states the member's current status", async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constantFrom('suspend' as const, 'resume' as const, 'leave' as const),
        ns: fc.subarray([1, 2]),
      }),
      fc.record({ do: fc.constant('undo' as const), which: fc.nat(3) }),
      fc.record({ do: fc.constantFrom('wait' as const, 'take' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        // Each run begins at noon: SMS of the evening wait for the morning.
        now = NOON
        await asTableOwner(database, (tx) =>
          sql
            .raw(`truncate member_notices, member_changes, member_change_rows, outbox cascade;
          update members set status = 'active' where name in ('Tabac du Centre', 'Bravo')`)
            .execute(tx),
        )
        const heard = new Map<string, boolean>()
        /** The engine takes all waiting messages. */
        const take = async () => {
          const taken = await takeWaitingSms(database.db)
          for (const { phone, text } of taken) heard.set(phone, /alertes reprennent/.test(text))
        }
        const changes: string[] = []
        for (const one of steps) {
          now += 1000
          if (one.do === 'wait') await tell()
          else if (one.do === 'take') await take()
          else if ('which' in one) {
            const id = changes[one.which % Math.max(1, changes.length)]
            await undoChange(deps, chamber, 'ac63', id ?? idOf(9)).catch((error) => {
              expect(['change_undone', 'not_found']).toContain(error.code)
            })
          } else if ('ns' in one && one.ns.length > 0) {
            const action = one.do === 'resume' ? { kind: one.do } : { kind: one.do, reason: 'x' }
            const made = await change(action, ...one.ns)
            if (made !== null && made !== undefined) changes.push(made.id)
          }
        }
        await take()
        await tell()
        await take()
        const { rows } = await sql<{ phone: string; active: boolean }>`
          select c.mobile as phone, m.status = 'active' as active from contacts c join members m on m.id = c.member_id
          where m.name in ('Tabac du Centre', 'Bravo')`.execute(database.db)
        for (const { phone, active } of rows) expect(heard.get(phone) ?? true).toBe(active)
      }),
      {
        numRuns: runsOf(40),
        // The notice of a suspension that was lifted before it was sent, when the lifting is undone.
        examples: [
          [
            [
              { do: 'suspend', ns: [1] },
              { do: 'resume', ns: [1] },
              { do: 'undo', which: 1 },
            ],
          ],
        ],
      },
    )
  })
})
