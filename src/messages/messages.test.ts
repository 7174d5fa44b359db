import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, contactOf, program, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, sectorId, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { waitingMails } from '../../test/support/outbox.ts'
import { recordAccountAct } from '../../test/support/two-persons.ts'
import type { Deps } from '../deps.ts'
import { listHistory } from '../history/actions.ts'
import { HistoryQuery } from '../history/contract.ts'
import { changeGroup, deleteView, saveView } from '../members/views/actions.ts'
import { sendMail } from '../outbox/mails.ts'
import { type Database, inScheme } from '../platform/db.ts'
import { exportOwnData, ownDataCsv } from '../portal/alerts/export.ts'
import {
  decideServiceMessage,
  listServiceMessages,
  previewServiceMessage,
  stopServiceMessage,
  writeServiceMessage,
} from './actions.ts'
import type { NewServiceMessage } from './contract.ts'
import { listReceivedMessages } from './received.ts'
import { writeSomeMails } from './sending.ts'
import { getMessageSettings, setMessageSettings } from './settings.ts'

const chamber = actorOf('chamber', 'ac63')
const chief = actorOf('chief', 'ac63')
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
/** A Tuesday at noon in France. */
const NOW = new Date('2026-03-10T11:00:00Z')

describe.each(usualKinds)('service messages on %s', (kind) => {
  let database: Database
  let deps: Deps
  const mailer = { name: 'test', send: () => Promise.resolve(), close: () => {} }
  const enqueued: string[] = []
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac', trade: 'tobacco-press', phones: [phoneOf(1)] },
      {
        id: idOf(2),
        name: 'Boulangerie',
        trade: 'bakery',
        communeCode: '63113',
        phones: [phoneOf(2), phoneOf(1)],
      },
      { id: idOf(3), name: 'Sans numéro', trade: 'bakery', phones: [] },
      { id: idOf(4), name: 'Partie', trade: 'bakery', status: 'left', phones: [phoneOf(4)] },
    ])
    await sql`update contacts set mail = ${'tabac@example.fr'} where member_id = ${idOf(1)}::uuid`.execute(
      database.db,
    )
    deps = testDeps(database, { now: () => NOW })
    const jobs = {
      ...deps.jobs,
      enqueue: async (_tx: unknown, name: string) => void enqueued.push(name),
    } as Deps['jobs']
    deps = { ...deps, mailer, jobs }
  })
  afterAll(() => database.close())

  const sms = (message: Partial<NewServiceMessage> = {}): NewServiceMessage & { id: string } => ({
    channel: 'sms',
    subject: '',
    text: 'Réunion mardi à 19 h à la CCI.',
    filter: {},
    ...message,
    id: message.id ?? randomUUID(),
  })

  test('goes to a view or a group chosen by hand, as it is when it is sent; its name is for who sees as much', async () => {
    const [view, group] = [idOf(91), idOf(92)]
    const save = (id: string, name: string, memberIds?: string[]) =>
      saveView(deps, chamber, 'ac63', id, {
        name,
        filter: { trade: 'tobacco-press' },
        shared: false,
        ...(memberIds && { memberIds }),
      })
    await save(view, 'Buralistes')
    await save(group, 'Bureau', [idOf(2), idOf(4)])
    const of = (viewId: string, more = {}) => sms({ filter: { viewId, ...more } })
    const count = async (message: NewServiceMessage, actor = chamber) =>
      (await previewServiceMessage(deps, actor, 'ac63', message)).recipients
    expect([await count(of(view)), await count(of(group))]).toEqual([1, 2])
    expect(await count(of(group, { trade: 'tobacco-press' }))).toBe(0)
    // A trade chamber may not write to a view whose owner sees more; nor anybody to one that does not exist.
    await expect(count(of(group), tobacconists)).rejects.toMatchObject({ code: 'not_found' })
    await expect(count(of(idOf(99)))).rejects.toMatchObject({ code: 'not_found' })
    // Nor a colleague to one that is not shared, or to a view by a group that is not.
    const colleague = { ...chamber, userId: 'colleague' }
    await expect(count(of(group), colleague)).rejects.toMatchObject({ code: 'not_found' })
    const byGroup = { name: 'Du bureau', filter: { list: group }, shared: true }
    await saveView(deps, chamber, 'ac63', idOf(93), byGroup)
    await expect(count(of(idOf(93)), colleague)).rejects.toMatchObject({ code: 'group_missing' })
    expect(await count(of(idOf(93)))).toBe(2)
    await database.db
      .updateTable('schemes')
      .set({ messages: JSON.stringify({ aloneMax: 1 }) })
      .where('id', '=', 'ac63')
      .execute()
    const waiting = await writeServiceMessage(deps, chamber, 'ac63', of(group))
    expect(waiting).toMatchObject({
      state: 'waiting',
      recipients: 2,
      viewName: 'Bureau',
      ofView: true,
      filter: { viewId: group },
    })
    const seenBy = async (actor: typeof chamber) =>
      (await listServiceMessages(deps, actor, 'ac63')).messages.find(({ id }) => id === waiting.id)
    expect(await seenBy(chief)).toMatchObject({ viewName: null, ofView: true })
    expect((await seenBy(chief))?.filter).toEqual({})
    await changeGroup(deps, chamber, 'ac63', group, { add: [], remove: [idOf(2)] })
    expect(await seenBy(chamber)).toMatchObject({ recipients: 0 })
    const decide = () =>
      decideServiceMessage(deps, { ...chamber, userId: 'second' }, 'ac63', waiting.id, {
        outcome: 'send',
        reason: '',
      })
    await expect(decide()).rejects.toMatchObject({ code: 'audience_changed' })
    await changeGroup(deps, chamber, 'ac63', group, { add: [idOf(2)], remove: [] })
    await deleteView(deps, chamber, 'ac63', group)
    // The group is gone: nobody is written to.
    await expect(decide()).rejects.toMatchObject({ code: 'audience_changed' })
    expect(await seenBy(chamber)).toMatchObject({ viewName: null, recipients: 0 })
    await database.db.deleteFrom('serviceMessages').execute()
    await database.db.updateTable('schemes').set({ messages: '{}' }).where('id', '=', 'ac63').execute()
  })

  test('counts each number once, members without an address and the price; reports every problem at once', async () => {
    expect(await previewServiceMessage(deps, chamber, 'ac63', sms())).toMatchObject({
      recipients: 2,
      without: 1,
      sms: { parts: 1, costCents: 9 },
      needsSecond: false,
      leavesAt: NOW.toISOString(),
    })
    expect(
      await previewServiceMessage(deps, chamber, 'ac63', sms({ filter: { trade: 'bakery' } })),
    ).toMatchObject({ recipients: 2 })
    expect(await previewServiceMessage(deps, chamber, 'ac63', sms({ filter: { sectorId } }))).toMatchObject({
      recipients: 1,
    })
    expect(
      await previewServiceMessage(deps, chamber, 'ac63', sms({ filter: { unpaid: true } })),
    ).toMatchObject({ recipients: 0 })
    expect(await previewServiceMessage(deps, tobacconists, 'ac63', sms())).toMatchObject({ recipients: 1 })
    await expect(
      previewServiceMessage(deps, chamber, 'ac63', sms({ filter: { sectorId: idOf(9) } })),
    ).rejects.toMatchObject({ code: 'not_found' })
    await expect(
      previewServiceMessage(
        { ...deps, mailer: undefined },
        chamber,
        'ac63',
        sms({ channel: 'mail', text: '' }),
      ),
    ).rejects.toMatchObject({
      problems: [{ code: 'message.empty' }, { code: 'message.noSubject' }, { code: 'message.noMailServer' }],
    })
    await expect(
      previewServiceMessage(deps, chamber, 'ac63', sms({ text: 'a'.repeat(500) })),
    ).rejects.toMatchObject({
      problems: [{ code: 'message.tooLong', path: 'text' }],
    })
    // Members are taught that no SMS contains a link; a mail may contain one.
    for (const text of ['Voir https://cci.example/a.', 'Infos : www.cci63.fr', 'Réglez sur cci63.fr/payer']) {
      for (const act of [previewServiceMessage, writeServiceMessage]) {
        await expect(act(deps, chamber, 'ac63', sms({ text }))).rejects.toMatchObject({
          problems: [{ code: 'message.link', path: 'text' }],
        })
      }
      expect(
        await previewServiceMessage(deps, chamber, 'ac63', sms({ channel: 'mail', subject: 'Infos', text })),
      ).toMatchObject({ sms: null })
    }
    await expect(
      writeServiceMessage(deps, chamber, 'ac63', sms({ filter: { unpaid: true } })),
    ).rejects.toMatchObject({
      problems: [{ code: 'message.nobody' }],
    })
    await expect(writeServiceMessage(deps, actorOf('operator', 'ac63'), 'ac63', sms())).rejects.toMatchObject(
      { code: 'forbidden' },
    )
  })

  test('plans an SMS in the lane behind all alerts, once per number', async () => {
    const sent = await writeServiceMessage(deps, chamber, 'ac63', sms())
    expect(sent).toMatchObject({ state: 'sent', recipients: 2, own: true, delivered: 0, waiting: null })
    const { rows } = await sql<{ kind: string; lane: string; alertId: string | null; phones: string[] }>`
      select b.kind, b.lane, b.alert_id, array_agg(d.phone) as phones
      from broadcasts b join deliveries d on d.broadcast_id = b.id where b.kind = 'group' group by b.scheme_id, b.id, b.kind, b.lane, b.alert_id`.execute(
      database.db,
    )
    expect(rows.map(({ phones, ...row }) => ({ ...row, phones: phones.toSorted() }))).toEqual([
      { kind: 'group', lane: 'service', alertId: null, phones: [phoneOf(1), phoneOf(2)] },
    ])
    expect((await listServiceMessages(deps, tobacconists, 'ac63')).messages).toEqual([])
    expect((await listServiceMessages(deps, actorOf('chamber', 'ac39'), 'ac39')).messages).toEqual([])
  })

  test('writes mails in batches, once per address', async () => {
    const sent = await writeServiceMessage(
      deps,
      chamber,
      'ac63',
      sms({ channel: 'mail', subject: 'Réunion <b>' }),
    )
    expect(sent).toMatchObject({ recipients: 1, waiting: 1, delivered: null })
    expect(enqueued).toContain('message.mails')
    while (await writeSomeMails(deps, 'ac63', sent.id));
    const mails = await waitingMails(database.db)
    expect(mails).toHaveLength(1)
    expect(mails[0]).toMatchObject({ address: 'tabac@example.fr', subject: 'Réunion <b>' })
    expect(mails[0]?.html).not.toContain('<b>Réunion')
    expect(await writeSomeMails(deps, 'ac63', sent.id)).toBe(false)
    const { messages } = await listServiceMessages(deps, chamber, 'ac63')
    expect(messages.find(({ id }) => id === sent.id)).toMatchObject({ waiting: 1 })
    for (const mailId of await mailsOf('Réunion <b>')) await sendMail(deps, 'ac63', mailId)
    const { messages: after } = await listServiceMessages(deps, chamber, 'ac63')
    expect(after.find(({ id }) => id === sent.id)).toMatchObject({ waiting: 0 })
  })

  test('lists the messages of each addressed member with their delivery state', async () => {
    const receivedBy = (id: string) =>
      inScheme(database.db, 'ac63', async (tx) =>
        (await listReceivedMessages(tx, 'ac63', id, { limit: 10 }))
          .map(({ channel, subject, text, writer, state }) => [channel, subject || text, writer, state])
          .sort(),
      )
    const mail = ['mail', 'Réunion <b>', 'Camille Roche', 'sent']
    const text = ['sms', 'Réunion mardi à 19 h à la CCI.', 'Camille Roche']
    // The second member shares a number of the first, which got one SMS for both.
    expect(await receivedBy(idOf(1))).toEqual([mail, [...text, 'going']])
    expect(await receivedBy(idOf(2))).toEqual([[...text, 'going']])
    expect([await receivedBy(idOf(3)), await receivedBy(idOf(4)), await receivedBy(idOf(9))]).toEqual([
      [],
      [],
      [],
    ])
    await sql`update deliveries set state = case when phone = ${phoneOf(1)} then 'delivered' else 'failed' end
      where broadcast_id in (select id from broadcasts where kind = 'group')`.execute(database.db)
    expect(await receivedBy(idOf(1))).toEqual([mail, [...text, 'delivered']])
    await sql`update deliveries set state = 'failed' where broadcast_id in (select id from broadcasts where kind = 'group')`.execute(
      database.db,
    )
    expect(await receivedBy(idOf(2))).toEqual([[...text, 'failed']])
    // Deliveries are purged before the messages are.
    await sql`delete from deliveries where broadcast_id in (select id from broadcasts where kind = 'group')`.execute(
      database.db,
    )
    expect(await receivedBy(idOf(2))).toEqual([[...text, 'sent']])
    const page = await inScheme(database.db, 'ac63', (tx) =>
      listReceivedMessages(tx, 'ac63', idOf(1), { limit: 1 }),
    )
    const rest = await inScheme(database.db, 'ac63', (tx) =>
      listReceivedMessages(tx, 'ac63', idOf(1), { before: page[0], limit: 1 }),
    )
    expect([...page, ...rest].map(({ channel }) => channel).sort()).toEqual(['mail', 'sms'])
    const history = await listHistory(deps, chamber, 'ac63', idOf(1), HistoryQuery.parse({}))
    expect(history.entries).toContainEqual({
      id: page[0]?.id,
      at: NOW.toISOString(),
      by: 'Camille Roche',
      kind: 'message',
      channel: page[0]?.channel,
      words: page[0]?.subject || page[0]?.text,
      state: 'sent',
    })
    const words = async (actor: typeof chamber) =>
      (await listHistory(deps, actor, 'ac63', idOf(1), HistoryQuery.parse({}))).entries.flatMap((entry) =>
        entry.kind === 'message' ? [entry.words] : [],
      )
    const all = history.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.words] : []))
    expect(await words(chief)).toEqual(all)
    // Roles without access to messages do not see their text here either; a trade chamber sees those of its
    // trades.
    expect(await words(actorOf('operator', 'ac63'))).toEqual([null, null])
    expect(await words(tobacconists)).toEqual([null, null])
    await sql`update service_messages set trades = '{tobacco-press}' where channel = 'mail'`.execute(
      database.db,
    )
    expect(await words(tobacconists)).toEqual(all.map((one) => (one === 'Réunion <b>' ? one : null)))
    await sql`update service_messages set trades = null where channel = 'mail'`.execute(database.db)
    const data = await exportOwnData(deps, contactOf('ac63', idOf(1)), {
      schemeId: 'ac63',
      memberId: idOf(1),
    })
    expect(data.messages.map(({ channel, state }) => [channel, state]).sort()).toEqual([
      ['mail', 'sent'],
      ['sms', 'sent'],
    ])
    expect(ownDataCsv(data, 'fr')).toContain(
      'Message de la chambre;2026-03-10 12:00:00;SMS, envoyé;Réunion mardi à 19 h à la CCI.',
    )
  })

  test('sends a message submitted twice, even concurrently, once; refuses its id for another message', async () => {
    const message = sms({ text: 'Une fois.' })
    const both = await Promise.all([
      writeServiceMessage(deps, chamber, 'ac63', message),
      writeServiceMessage(deps, chamber, 'ac63', message),
    ])
    expect(both.map(({ id }) => id)).toEqual([message.id, message.id])
    const planned = await database.db
      .selectFrom('broadcasts')
      .select('planned')
      .where('text', '=', 'Une fois.')
      .execute()
    expect(planned).toEqual([{ planned: 2 }])
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('action')
      .where('subject', '=', `message:${message.id}`)
      .execute()
    expect(entries).toEqual([{ action: 'message.send' }])
    const { id: _, ...unnamed } = message
    expect((await writeServiceMessage(deps, chamber, 'ac63', unnamed)).id).not.toBe(message.id)
    for (const other of [
      { ...message, text: 'Autre.' },
      { ...message, filter: { trade: 'bakery' } },
      { ...message, channel: 'mail' as const, subject: 'Une fois' },
      message,
    ])
      await expect(
        writeServiceMessage(deps, other === message ? tobacconists : chamber, 'ac63', other),
      ).rejects.toMatchObject({ code: 'id_taken' })
  })

  test('treats the same text under another subject as another message', async () => {
    const message = sms({ channel: 'mail', subject: 'Un sujet' })
    await writeServiceMessage(deps, chamber, 'ac63', message)
    expect(await writeServiceMessage(deps, chamber, 'ac63', message)).toMatchObject({ id: message.id })
    await expect(
      writeServiceMessage(deps, chamber, 'ac63', { ...message, subject: 'Un autre' }),
    ).rejects.toMatchObject({ code: 'id_taken' })
  })

  test('stops unsubmitted deliveries, for those who may write the message, once', async () => {
    const text = sms({ text: 'Par erreur.' })
    await writeServiceMessage(deps, chamber, 'ac63', text)
    const stop = (actor: typeof chamber, id: string) => stopServiceMessage(deps, actor, 'ac63', id)
    await expect(stop(tobacconists, text.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(stop(chief, text.id)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await stop(chamber, text.id)).toMatchObject({
      failed: 0,
      withdrawn: 2,
      stopped: { at: NOW.toISOString() },
    })
    const received = await inScheme(database.db, 'ac63', (tx) =>
      listReceivedMessages(tx, 'ac63', idOf(1), { limit: 10 }),
    )
    expect(received.find((one) => one.text === 'Par erreur.')?.state).toBe('withdrawn')
    await expect(stop(chamber, text.id)).rejects.toMatchObject({ code: 'wrong_state' })
    const states = await database.db
      .selectFrom('deliveries as d')
      .innerJoin('broadcasts as b', 'b.id', 'd.broadcastId')
      .select('d.state')
      .where('b.text', '=', 'Par erreur.')
      .execute()
    expect(states).toEqual([{ state: 'withdrawn' }, { state: 'withdrawn' }])

    const mail = sms({ channel: 'mail', subject: 'Par erreur' })
    await writeServiceMessage(deps, chamber, 'ac63', mail)
    expect(await stop(chamber, mail.id)).toMatchObject({ waiting: 0 })
    expect(await writeSomeMails(deps, 'ac63', mail.id)).toBe(false)
    // Entirely submitted.
    const gone = sms({ channel: 'mail', subject: 'Parti' })
    await writeServiceMessage(deps, chamber, 'ac63', gone)
    while (await writeSomeMails(deps, 'ac63', gone.id));
    for (const mailId of await mailsOf('Parti')) await sendMail(deps, 'ac63', mailId)
    await expect(stop(chamber, gone.id)).rejects.toMatchObject({ code: 'wrong_state' })
  })

  const mailsOf = async (subject: string) =>
    (await waitingMails(database.db))
      .filter((mail) => mail.subject === subject)
      .toSorted((a, b) => (a.address < b.address ? -1 : 1))
      .map(({ id }) => id)

  test('stops mails not yet handed to the mail server; not those that it has or is receiving', async () => {
    const shops = [31, 32, 33, 34].map((n) => ({ n, id: idOf(n), mail: `commerce${n}@example.fr` }))
    await seedMembers(
      database.db,
      'ac63',
      shops.map(({ id, n }) => ({ id, name: `Commerce ${n}`, trade: 'jewellers', phones: [phoneOf(n)] })),
    )
    for (const { id, mail } of shops)
      await sql`update contacts set mail = ${mail} where member_id = ${id}::uuid`.execute(database.db)
    const message = sms({ channel: 'mail', subject: 'Erreur', filter: { trade: 'jewellers' } })
    await writeServiceMessage(deps, chamber, 'ac63', message)
    while (await writeSomeMails(deps, 'ac63', message.id));
    const [first = '', second = '', third = ''] = await mailsOf('Erreur')
    await sendMail(deps, 'ac63', first)
    // The server is unreachable for the third; the message is stopped while the second is being handed over.
    const away = { ...mailer, send: () => Promise.reject(new Error('away')) }
    await expect(sendMail({ ...deps, mailer: away }, 'ac63', third)).rejects.toMatchObject({
      code: 'source_unreachable',
    })
    const handed: string[] = []
    const stopping = {
      ...mailer,
      async send({ to }: { to: string }) {
        const stopped = await stopServiceMessage(deps, chamber, 'ac63', message.id)
        expect(stopped).toMatchObject({
          waiting: 1,
          failed: null,
          withdrawn: 2,
          stopped: { at: NOW.toISOString() },
        })
        handed.push(to)
      },
    }
    await sendMail({ ...deps, mailer: stopping }, 'ac63', second)
    expect(handed).toEqual(['commerce32@example.fr'])
    expect(await mailsOf('Erreur')).toEqual([])
    // The job runs afterwards: there is nothing to send.
    await sendMail({ ...deps, mailer: away }, 'ac63', third)
    expect(await writeSomeMails(deps, 'ac63', message.id)).toBe(false)
    const { messages } = await listServiceMessages(deps, chamber, 'ac63')
    expect(messages.find(({ id }) => id === message.id)).toMatchObject({
      waiting: 0,
      withdrawn: 2,
    })
    const states = await inScheme(database.db, 'ac63', async (tx) => {
      const all: (string | undefined)[] = []
      for (const { id } of shops)
        all.push((await listReceivedMessages(tx, 'ac63', id, { limit: 1 }))[0]?.state)
      return all
    })
    expect(states).toEqual(['sent', 'sent', 'withdrawn', 'withdrawn'])
    await sql`update members set status = 'left' where trade = 'jewellers'`.execute(database.db)
  })

  test('keeps mails waiting when no mail server is configured', async () => {
    const message = sms({ channel: 'mail', subject: 'Attend' })
    await writeServiceMessage(deps, chamber, 'ac63', message)
    await expect(writeSomeMails({ ...deps, mailer: undefined }, 'ac63', message.id)).rejects.toMatchObject({
      code: 'source_unreachable',
    })
    const { messages } = await listServiceMessages(deps, chamber, 'ac63')
    expect(messages.find(({ id }) => id === message.id)?.waiting).toBeGreaterThan(0)
  })

  test('requires a second person above the limit of the scheme at the time of writing', async () => {
    expect(await getMessageSettings(deps, chamber, 'ac63')).toEqual({ aloneMax: 500 })
    await setMessageSettings(deps, program, 'ac63', { aloneMax: 1 })
    expect(await previewServiceMessage(deps, chamber, 'ac63', sms())).toMatchObject({
      recipients: 2,
      needsSecond: true,
      aloneMax: 1,
    })
    expect(await writeServiceMessage(deps, chamber, 'ac63', sms())).toMatchObject({ state: 'waiting' })
    // The limit itself is still allowed.
    await setMessageSettings(deps, program, 'ac63', { aloneMax: 2 })
    expect(await previewServiceMessage(deps, chamber, 'ac63', sms())).toMatchObject({ needsSecond: false })
    await setMessageSettings(deps, program, 'ac63', { aloneMax: 0 })
    expect(await previewServiceMessage(deps, tobacconists, 'ac63', sms())).toMatchObject({
      recipients: 1,
      needsSecond: true,
    })
    for (const actor of [tobacconists, chief])
      await expect(setMessageSettings(deps, actor, 'ac63', { aloneMax: 9 })).rejects.toMatchObject({
        code: 'forbidden',
      })
    const { rows } = await sql<{ details: unknown }>`
      select details from audit_entries where action = 'message.settings' order by seq limit 1`.execute(
      database.db,
    )
    expect(rows[0]?.details).toEqual({ before: { aloneMax: 500 }, after: { aloneMax: 1 } })
    await setMessageSettings(deps, program, 'ac63', { aloneMax: 500 })
  })

  test('requires another person to approve a message to many, for the recipients shown to them', async () => {
    await seedMembers(
      database.db,
      'ac63',
      Array.from({ length: 500 }, (_, i) => ({
        id: idOf(1000 + i),
        name: `Commerce ${i}`,
        trade: 'pharmacy',
        phones: [`+33612${String(i).padStart(6, '0')}`],
      })),
    )
    const waiting = await writeServiceMessage(deps, chamber, 'ac63', sms())
    expect(waiting).toMatchObject({ state: 'waiting', recipients: 502, delivered: null })
    const send = (actor: typeof chamber, recipients: number) =>
      decideServiceMessage(deps, actor, 'ac63', waiting.id, { outcome: 'send', reason: '', recipients })
    await expect(send(chamber, 502)).rejects.toMatchObject({ code: 'own_message' })
    await sql`update members set status = 'left' where id = ${idOf(1000)}::uuid`.execute(database.db)
    const other = { ...chief, userId: 'somebody-else' } as typeof chief
    await expect(send(other, 502)).rejects.toMatchObject({
      code: 'audience_changed',
      values: { before: 502, after: 501 },
    })
    expect((await listServiceMessages(deps, other, 'ac63')).messages[0]).toMatchObject({
      recipients: 501,
      own: false,
    })
    await recordAccountAct(database, NOW, { by: chamber.userId, to: 'invited' })
    const invited = { ...chief, userId: 'invited' } as typeof chief
    await expect(send(invited, 501)).rejects.toMatchObject({ code: 'access_given' })
    expect(await send(other, 501)).toMatchObject({ state: 'sent', recipients: 501 })
    await expect(send(other, 501)).rejects.toMatchObject({ code: 'wrong_state' })
    const refused = await writeServiceMessage(deps, chamber, 'ac63', sms())
    await expect(
      decideServiceMessage(deps, other, 'ac63', refused.id, { outcome: 'refuse', reason: '' }),
    ).rejects.toMatchObject({ problems: [{ code: 'message.why' }] })
    expect(
      await decideServiceMessage(deps, other, 'ac63', refused.id, {
        outcome: 'refuse',
        reason: 'Trop long.',
      }),
    ).toMatchObject({ state: 'refused', reason: 'Trop long.' })
  })
})
