import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, type NotedJobs, noteJobs, program, testDeps } from '../../test/support/deps.ts'
import { emptyTables } from '../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { waitingMails, waitingSms } from '../../test/support/outbox.ts'
import { sendDirectMessage } from '../deliveries/plan/direct.ts'
import type { Deps } from '../deps.ts'
import { setSchemeContact } from '../enrolment/contact.ts'
import type { AppError } from '../errors.ts'
import { createKeptMailer } from '../gateways/mail/kept.ts'
import { createMember } from '../imports/by-hand/actions.ts'
import { NewMember } from '../imports/by-hand/contract.ts'
import { type ImportOptions, importMembers } from '../imports/import/import.ts'
import { optOutNumber } from '../members/opt-out/opt-out.ts'
import { type Database, inScheme } from '../platform/db.ts'
import type { MailTexts } from '../schemes/contract.ts'
import { getServiceTexts, setServiceTexts } from '../schemes/texts/texts.ts'
import { changeMembers, listMemberChanges } from './actions.ts'
import { sendDueNotices } from './notices.ts'
import { undoChange } from './undo.ts'
import { previewWelcome, welcomeMembers } from './welcome.ts'

const chamber = actorOf('chamber', 'ac63')
/** A Tuesday at noon in France. */
const NOON = Date.parse('2026-03-10T11:00:00Z')

describe.each(usualKinds)('the welcome of imported members on %s', (kind) => {
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
    const mailer = createKeptMailer(() => new Date(now))
    deps = testDeps(database, { now: () => new Date(now), jobs, mailer })
    await emptyTables(database, [
      ...['member_notices', 'member_changes', 'member_change_rows', 'opt_outs', 'outbox', 'broadcasts'],
      'deliveries',
    ])
    await sql`delete from contacts`.execute(database.db)
    await sql`delete from members`.execute(database.db)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), name: 'Ancien', phones: [phoneOf(1)] }])
    await inScheme(database.db, 'ac63', (tx) =>
      optOutNumber(tx, deps, 'ac63', { phone: phoneOf(4), gateway: 'x' }),
    )
  })

  /** One who was there, one with an address too, one with two numbers, one that said STOP, one that is suspended. */
  const load = async (options: ImportOptions = {}) => {
    const lines = [
      `Ancien;Tabac;63178;${phoneOf(1)};;;`,
      `Deux;Tabac;63178;${phoneOf(2)};;deux@example.fr;`,
      `Trois;Tabac;63178;${phoneOf(3)};${phoneOf(13)};;`,
      `Quatre;Tabac;63178;${phoneOf(4)};;quatre@example.fr;`,
      `Cinq;Tabac;63178;${phoneOf(5)};;;Suspendu`,
    ]
    const file = ['Enseigne;Métier;Code INSEE;Mobile;Mobile 2;Mail;Statut', ...lines].join('\n')
    const report = await importMembers(deps, chamber, 'ac63', new TextEncoder().encode(file), options)
    expect(report).toMatchObject({ outcome: 'applied', created: 4 })
    const [change] = await listMemberChanges(deps, chamber, 'ac63')
    return change?.id ?? ''
  }
  const send = async () => {
    now += 5 * 60_000
    await sendDueNotices(deps)
  }
  const phones = async () => (await waitingSms(database.db)).map(({ phone }) => phone).toSorted()
  const addresses = async () => (await waitingMails(database.db)).map(({ address }) => address).toSorted()

  test('is the text of the scheme once another account put it in force, and the standard one without a phone of the chamber', async () => {
    const put = (welcome: string) =>
      setServiceTexts(deps, program, 'ac63', { welcome }).catch((error: AppError) =>
        error.problems.map(({ code, path = '' }) => `${path} ${code}`),
      )
    expect(await put('Bonjour {nom}, {lieu voir www.exemple.fr')).toEqual([
      'welcome service_text.unknown_variable',
      'welcome service_text.missing',
      'welcome service_text.missing',
      'welcome template.braces',
      'welcome service_text.link',
    ])
    expect(await put(`{dispositif} {telephone} {commerce} ${'long '.repeat(90)}`)).toEqual([
      'welcome service_text.long',
    ])
    expect(await put('{dispositif} {telephone} : pour payer, envoyez votre code.')).toEqual([
      'welcome service_text.asks',
      'welcome service_text.asks',
    ])
    const own = '{dispositif} : {commerce} est dans la liste de {chambre}. Pour en sortir : {telephone}.'
    await put(own)
    const id = await load()
    const example = async () => (await previewWelcome(deps, chamber, 'ac63', id)).sms.example
    const standard = await example()
    expect(standard).toContain('votre chambre a inscrit')
    await setSchemeContact(deps, chamber, 'ac63', { chamber: { phone: '04 73 43 43 43' } })
    const name = 'Alerte Commerces 63'
    const end = `est dans la liste de ${name}. Pour en sortir : 04 73 43 43 43.`
    expect([`${name} : Deux ${end}`, `${name} : Trois ${end}`]).toContain(await example())
    await welcomeMembers(deps, chamber, 'ac63', id, { channel: 'sms', members: 3 })
    await send()
    // The engine replaces the no-break spaces of the number.
    const texts = (await waitingSms(database.db)).map(({ text }) => text.replace(/\s/g, ' '))
    expect(texts).toContain(`${name} : Deux ${end}`)
    await setSchemeContact(deps, chamber, 'ac63', { chamber: { phone: '' } })
    // The standard text is stored as none.
    const view = await getServiceTexts(deps, chamber, 'ac63')
    expect(view.texts.welcome).toBe(own)
    expect(await put(view.standard.welcome)).toMatchObject({ welcome: '' })
  })

  test('is by mail too the text of the scheme, beside the SMS of the same members', async () => {
    const put = (fr: Partial<MailTexts['fr']>) =>
      setServiceTexts(deps, program, 'ac63', { welcomeMail: { fr } })
    await expect(put({ body: 'Bonjour {nom}.' })).rejects.toMatchObject({
      problems: [
        { code: 'service_text.unknown_variable', path: 'welcomeMail.fr.body' },
        { code: 'service_text.missing', path: 'welcomeMail.fr.body' },
        { code: 'service_text.missing', path: 'welcomeMail.fr.body' },
      ],
    })
    const before = (await getServiceTexts(deps, chamber, 'ac63')).texts
    await put({ body: 'Bonjour,\n\n{chambre} a inscrit {commerce} à {dispositif}.' })
    const { texts, standard } = await getServiceTexts(deps, chamber, 'ac63')
    // One text is changed without the others.
    expect(texts).toEqual({ ...before, welcomeMail: texts.welcomeMail })
    const preview = await previewWelcome(deps, chamber, 'ac63', await load())
    expect(preview.mail.example).toMatch(/a inscrit (Deux|Trois|Quatre) à Alerte Commerces 63\./)
    expect(await put(standard.welcomeMail.fr)).toMatchObject({ welcomeMail: before.welcomeMail })
  })

  test('is previewed and planned in parts, between which others are served, for each member of a long list once', async () => {
    const count = 1001
    const lines = Array.from(
      { length: count },
      (_, n) => `Commerce ${n};Tabac;63178;${phoneOf(2000 + n)};${n % 2 === 0 ? `c${n}@exemple.fr` : ''}`,
    )
    const file = ['Enseigne;Métier;Code INSEE;Mobile;Mail', ...lines].join('\n')
    await importMembers(deps, chamber, 'ac63', new TextEncoder().encode(file), {})
    const [change] = await listMemberChanges(deps, chamber, 'ac63')
    const id = change?.id ?? ''
    const over: string[] = []
    const mark = async <T>(name: string, work: Promise<T>) => {
      const result = await work
      over.push(name)
      return result
    }
    const others = () => inScheme(database.db, 'ac63', (tx) => sql`select 1`.execute(tx))
    const [preview] = await Promise.all([
      mark('preview', previewWelcome(deps, chamber, 'ac63', id)),
      mark('others', others()),
    ])
    expect(preview).toMatchObject({
      members: count,
      sms: { members: count, messages: count },
      mail: { members: 501, messages: 501 },
    })
    const welcome = () => welcomeMembers(deps, chamber, 'ac63', id, { channel: 'sms', members: count })
    const twice = Promise.allSettled([welcome(), welcome()])
    await Promise.all([mark('plan', twice), mark('others', others())])
    const expected = ['others', 'preview', 'others', 'plan']
    // The connections of PostgreSQL answer in any order.
    if (kind === 'embedded') expect(over).toEqual(expected)
    else expect(over.toSorted()).toEqual(expected.toSorted())
    const { rows } = await sql`select count(*)::int as notices, count(distinct member_id)::int as members
      from member_notices where scheme_id = 'ac63' and change_id = ${id}::uuid`.execute(database.db)
    expect(rows).toEqual([{ notices: count, members: count }])
    expect((await previewWelcome(deps, chamber, 'ac63', id)).members).toBe(0)
  })

  test('goes once to those that the import added, by the way that was chosen, after a preview', async () => {
    const id = await load()
    const preview = await previewWelcome(deps, chamber, 'ac63', id)
    expect(preview).toMatchObject({
      members: 3,
      sms: { members: 2, messages: 3, at: new Date(NOON + 5 * 60_000).toISOString() },
      mail: { members: 2, messages: 2 },
    })
    expect(preview.sms.costCents).toBeGreaterThan(0)
    expect(preview.sms.example).toMatch(
      /votre chambre a inscrit (Deux|Trois) aux alertes par SMS.*vos droits, appelez-la/,
    )
    expect(preview.mail.example).toMatch(/viennent de la liste[\s\S]*vous opposer[\s\S]*STOP/)
    const welcome = { channel: 'sms', members: 3 } as const
    await expect(welcomeMembers(deps, chamber, 'ac63', id, { ...welcome, members: 4 })).rejects.toMatchObject(
      { code: 'list_changed' },
    )
    expect((await welcomeMembers(deps, chamber, 'ac63', id, welcome)).notified).toMatchObject({ waiting: 3 })
    // Nobody gets another one, by SMS or by mail.
    expect(await previewWelcome(deps, chamber, 'ac63', id)).toMatchObject({ members: 0 })
    expect(await phones()).toEqual([])
    await send()
    expect(await phones()).toEqual([phoneOf(2), phoneOf(3), phoneOf(13)].toSorted())
    expect((await waitingSms(database.db))[0]?.text).toMatch(/Urgence\s: 17$/)
    expect(await addresses()).toEqual([])
    await send()
    expect(await phones()).toHaveLength(3)
    // Members that the SMS could not reach can still get a mail.
    expect(await previewWelcome(deps, chamber, 'ac63', id)).toMatchObject({
      members: 1,
      sms: { messages: 0 },
      mail: { messages: 1 },
    })
    const { rows } =
      await sql`select actor, subject, details from audit_entries where action = 'member.welcome'
      order by seq desc limit 1`.execute(database.db)
    expect(rows).toEqual([
      {
        actor: expect.stringMatching(/^user:chamber/),
        subject: `member-change:${id}`,
        details: { channel: 'sms', members: 3 },
      },
    ])
  })

  test('goes by mail, with a link to the notice about the data, as the command line asks too', async () => {
    const id = await load({ welcome: 'mail' })
    await send()
    expect(await phones()).toEqual([])
    expect(await addresses()).toEqual(['deux@example.fr', 'quatre@example.fr'])
    expect((await waitingMails(database.db))[0]?.text).toContain('/dispositif/ac63/donnees')
    expect((await previewWelcome(deps, chamber, 'ac63', id)).members).toBe(1)
  })

  test('a trade chamber neither welcomes nor sees members of its import that are of another trade by now', async () => {
    const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
    const file = ['Deux', 'Trois'].map((name, i) => `${name};Tabac;63178;${phoneOf(i + 2)}`)
    const lines = ['Enseigne;Métier;Code INSEE;Mobile', ...file].join('\n')
    await importMembers(deps, tobacconists, 'ac63', new TextEncoder().encode(lines), {})
    const id = (await listMemberChanges(deps, tobacconists, 'ac63'))[0]?.id ?? ''
    await sql`update members set trade = 'bakeries' where name = 'Trois'`.execute(database.db)
    expect(await previewWelcome(deps, tobacconists, 'ac63', id)).toMatchObject({ members: 1 })
    const welcome = { channel: 'sms', members: 1 } as const
    await welcomeMembers(deps, tobacconists, 'ac63', id, welcome)
    await send()
    expect(await phones()).toEqual([phoneOf(2)])
  })

  test('goes to a member added by hand too, at once or later, and not when the addition was undone', async () => {
    const add = async (n: number, welcome: 'sms' | 'mail' | null) => {
      const contact = { id: idOf(50 + n), person: '', phone: phoneOf(20 + n), mail: `main${n}@example.fr` }
      const typed = { id: idOf(40 + n), name: `Main ${n}`, trade: 'tobacco-press', commune: '63178', welcome }
      const saved = await createMember(
        deps,
        chamber,
        'ac63',
        NewMember.parse({ ...typed, contacts: [contact] }),
      )
      return saved.change
    }
    expect((await add(1, 'sms'))?.notified).toMatchObject({ waiting: 1 })
    const undone = await add(2, 'mail')
    expect(undone?.notified).toMatchObject({ waiting: 1 })
    await undoChange(deps, chamber, 'ac63', undone?.id ?? '')
    const later = await add(3, null)
    expect(later?.notified).toBeNull()
    expect(await previewWelcome(deps, chamber, 'ac63', later?.id ?? '')).toMatchObject({ members: 1 })
    const welcome = { channel: 'mail', members: 1 } as const
    await welcomeMembers(deps, chamber, 'ac63', later?.id ?? '', welcome)
    await send()
    expect(await phones()).toEqual([phoneOf(21)])
    expect(await addresses()).toEqual(['main3@example.fr'])
  })

  test('is withdrawn when the import is undone before it leaves; afterwards the undo keeps those it was sent to', async () => {
    const first = await load({ welcome: 'sms' })
    const { change, kept } = await undoChange(deps, chamber, 'ac63', first)
    expect(kept).toEqual([])
    expect(change).toMatchObject({ undone: { kept: 0 }, notified: { waiting: 0, withdrawn: 3 } })
    await send()
    expect(await phones()).toEqual([])
    await expect(previewWelcome(deps, chamber, 'ac63', first)).rejects.toMatchObject({
      code: 'change_undone',
    })

    const second = await load({ welcome: 'sms' })
    await send()
    for (const { payload } of jobs.noted.splice(0))
      if ('messageId' in payload) await sendDirectMessage(deps, payload.schemeId, payload.messageId)
    const undone = await undoChange(deps, chamber, 'ac63', second)
    expect(undone.kept.map(({ name, why }) => `${name} ${why}`)).toEqual([
      'Deux history',
      'Quatre history',
      'Trois history',
    ])
  })

  test('is not sent to those that are suspended or leave meanwhile', async () => {
    const id = await load({ welcome: 'sms' })
    const { rows } = await sql<{ id: string }>`select id from members where name = 'Trois'`.execute(
      database.db,
    )
    const action = { kind: 'leave', reason: 'x', notify: false } as const
    await changeMembers(deps, chamber, 'ac63', { action, members: { ids: rows.map((row) => row.id) } })
    await send()
    expect(await phones()).toEqual([phoneOf(2)])
    expect((await previewWelcome(deps, chamber, 'ac63', id)).members).toBe(1)
  })

  test('is for imports only, and for a trade chamber for its own', async () => {
    const id = await load()
    const other = { ...actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }), userId: 'buralistes' }
    await expect(previewWelcome(deps, other, 'ac63', id)).rejects.toMatchObject({ code: 'not_found' })
    const welcome = { channel: 'mail', members: 3 } as const
    await expect(welcomeMembers(deps, other, 'ac63', id, welcome)).rejects.toMatchObject({
      code: 'not_found',
    })
    const action = { kind: 'suspend', reason: 'x' } as const
    const { change } = await changeMembers(deps, chamber, 'ac63', { action, members: { ids: [idOf(1)] } })
    await expect(previewWelcome(deps, chamber, 'ac63', change?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    })
    // Two requests at once plan one notice each.
    const both = await Promise.allSettled(
      [1, 2].map(() => welcomeMembers(deps, chamber, 'ac63', id, welcome)),
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})
