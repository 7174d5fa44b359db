import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers } from '../../changes/actions.ts'
import { mergeMembers } from '../../changes/merge/actions.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { purgeOld } from '../retention/purge.ts'
import { answerDataRequest, enterDataRequest, listDataRequests, previewErasure } from './actions.ts'

const chamber = actorOf('chamber', 'ac63')
const NOW = new Date('2026-01-31T12:00:00Z')

describe.each(usualKinds)('requests about data on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = NOW
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac Durand', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', phones: [phoneOf(2)] },
    ])
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())

  test('is due after a month, sorted by deadline, and reports every problem at once', async () => {
    const enterRequest = (input: Partial<Parameters<typeof enterDataRequest>[3]>) =>
      enterDataRequest(deps, chamber, 'ac63', {
        kind: 'access',
        via: 'mail',
        person: 'Mme Petit',
        receivedOn: '2026-01-31',
        ...input,
      })
    const late = await enterRequest({ id: idOf(400) })
    // A request whose answer was lost is sent again.
    expect(await enterRequest({ id: idOf(400) })).toEqual(late)
    await expect(enterRequest({ id: idOf(400), via: 'phone' })).rejects.toMatchObject({ code: 'id_taken' })
    // The last day of a shorter month.
    expect(late).toMatchObject({ dueOn: '2026-02-28', state: 'open', member: null })
    const early = await enterRequest({ receivedOn: '2026-01-02' })
    expect((await listDataRequests(deps, chamber, 'ac63')).requests.map(({ id }) => id)).toEqual([
      early.id,
      late.id,
    ])
    await expect(enterRequest({ person: '', receivedOn: '2026-02-01' })).rejects.toMatchObject({
      problems: [
        { code: 'request.nobody', path: 'person' },
        { code: 'request.tomorrow', path: 'receivedOn' },
      ],
    })
    await expect(enterRequest({ memberId: idOf(99) })).rejects.toMatchObject({ code: 'not_found' })
    await expect(listDataRequests(deps, actorOf('operator', 'ac63'), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await listDataRequests(deps, actorOf('chamber', 'ac39'), 'ac39')).toEqual({
      requests: [],
      total: 0,
    })
    await expect(
      answerDataRequest(deps, chamber, 'ac63', late.id, { outcome: 'refused', answer: '' }),
    ).rejects.toMatchObject({ problems: [{ code: 'request.why' }] })
    const refused = await answerDataRequest(deps, chamber, 'ac63', late.id, {
      outcome: 'refused',
      answer: 'Inconnue.',
    })
    expect(refused).toMatchObject({ state: 'refused', person: 'Mme Petit' })
    await expect(
      answerDataRequest(deps, chamber, 'ac63', late.id, { outcome: 'done', answer: '' }),
    ).rejects.toMatchObject({ code: 'wrong_state' })
  })

  test('erases everything that identifies the member, nothing of others, and records it', async () => {
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      memberId: idOf(1),
      person: 'M. Durand',
      via: 'letter',
      receivedOn: '2026-01-20',
    })
    // None of its contacts has this name: the shop does not go by mistake.
    await expect(
      answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' }),
    ).rejects.toMatchObject({ problems: [{ code: 'request.whom', path: 'contacts' }] })
    expect(await previewErasure(deps, chamber, 'ac63', { id })).toMatchObject({ erase: null, found: {} })
    const done = await answerDataRequest(deps, chamber, 'ac63', id, {
      outcome: 'done',
      answer: '',
      erase: 'member',
    })
    expect(done).toMatchObject({ state: 'done', person: '', member: { name: 'Adhérent effacé' } })
    const members = await database.db
      .selectFrom('members')
      .select(['id', 'name', 'status'])
      .orderBy('id')
      .execute()
    expect(members).toEqual([
      { id: idOf(1), name: 'Adhérent effacé', status: 'left' },
      { id: idOf(2), name: 'Boulangerie', status: 'active' },
    ])
    const contacts = await database.db.selectFrom('contacts').select('memberId').execute()
    expect(contacts).toEqual([{ memberId: idOf(2) }])
    const entry = await database.db
      .selectFrom('auditEntries')
      .select(['subject', 'details'])
      .where('action', '=', 'data.erase')
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({
      subject: `request:${id}`,
      details: { kind: 'erasure', outcome: 'done', member: idOf(1), erased: 1 },
    })
    // The departure withdraws what is being sent to its number.
    const gone = await database.db.selectFrom('departures').select('phone').execute()
    expect(gone).toContainEqual({ phone: phoneOf(1) })
    await expect(
      enterDataRequest(deps, chamber, 'ac63', {
        kind: 'access',
        memberId: idOf(1),
        person: '',
        via: 'mail',
        receivedOn: '2026-01-20',
      }),
    ).rejects.toMatchObject({ code: 'not_found' })
    clock = new Date(NOW.getTime() + 1096 * 86_400_000)
    expect(await purgeOld(deps)).toMatchObject({ request: 2 })
    // An open request is kept until it is answered.
    expect((await listDataRequests(deps, chamber, 'ac63')).requests).toHaveLength(1)
    clock = NOW
  })

  test('answers requests of the same person entered for no member with the erasure or before it', async () => {
    await seedMembers(database.db, 'ac63', [
      { id: idOf(3), name: 'Zébulon Joaillerie', phones: [phoneOf(3)] },
    ])
    await sql`update contacts set person = 'Aglaé Quincampoix', mail = 'aglae@joyaux.example' where member_id = ${idOf(3)}`.execute(
      database.db,
    )
    const enterRequest = (input: Partial<Parameters<typeof enterDataRequest>[3]>) =>
      enterDataRequest(deps, chamber, 'ac63', {
        kind: 'erasure',
        via: 'mail',
        person: 'Mme Quincampoix',
        receivedOn: '2026-01-31',
        ...input,
      })
    const byNumber = await enterRequest({ person: 'Mme X, 06 39 98 00 03' })
    const byMail = await enterRequest({ person: 'Aglae@joyaux.example' })
    const asks = await enterRequest({ kind: 'access', person: 'Une dame au 06.39.98.00.03' })
    const sameName = await enterRequest({ person: 'QUINCAMPOIX Aglaé' })
    const stranger = await enterRequest({ person: 'M. Dupont, 06 39 98 00 99' })
    const { id } = await enterRequest({ memberId: idOf(3) })
    const erase = () =>
      answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '', erase: 'member' })
    const answer = (of: { id: string }) =>
      answerDataRequest(deps, chamber, 'ac63', of.id, { outcome: 'refused', answer: 'Déjà demandé.' })
    const state = async (of: { id: string }) =>
      (await listDataRequests(deps, chamber, 'ac63')).requests.find((one) => one.id === of.id)

    // It waits for its data.
    await expect(erase()).rejects.toMatchObject({ problems: [{ code: 'request.same_person' }] })
    await answer(asks)
    // The name may be a namesake's: the user who has the letters decides.
    await expect(erase()).rejects.toMatchObject({ problems: [{ code: 'request.same_person' }] })
    await answer(sameName)
    expect(await erase()).toMatchObject({ state: 'done', erased: 1 })
    for (const one of [byNumber, byMail])
      expect(await state(one)).toMatchObject({ state: 'done', erased: 1, person: '' })
    for (const one of [asks, sameName])
      expect(await state(one)).toMatchObject({ state: 'refused', person: '', answer: '…' })
    expect(await state(stranger)).toMatchObject({ state: 'open', person: 'M. Dupont, 06 39 98 00 99' })
  })

  test('keeps a former member while a request with its number is open', async () => {
    await seedMembers(database.db, 'ac63', [
      { id: idOf(4), name: 'Partie', status: 'left', phones: [phoneOf(4)] },
    ])
    await sql`update members set updated_at = '2025-06-01' where id = ${idOf(4)}`.execute(database.db)
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'access',
      via: 'phone',
      person: 'une dame au 06 39 98 00 04',
      receivedOn: '2026-01-31',
    })
    expect(await purgeOld(deps)).toMatchObject({ member: 0 })
    await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })
    expect(await purgeOld(deps)).toMatchObject({ member: 1 })
  })

  test('keeps a former member while a request with its SIRET, name or merged members is open, without delaying others', async () => {
    const { db } = database
    const [byName, bySiret, kept, pointer, free] = [idOf(5), idOf(6), idOf(7), idOf(8), idOf(999)]
    // This is more than one batch.
    const many = Array.from({ length: 205 }, (_, n) => idOf(400 + n))
    await seedMembers(db, 'ac63', [
      { id: byName, name: 'Zinc des halles', status: 'left' },
      { id: bySiret, name: 'Autre', status: 'left' },
      { id: kept, name: 'Gardé', status: 'left' },
      { id: pointer, name: 'Réuni', status: 'left' },
      { id: free, name: 'Libre', status: 'left' },
      ...many.map((id) => ({ id, name: 'Attend', status: 'left' as const })),
    ])
    await sql`update members set updated_at = '2025-06-01' where status = 'left'`.execute(db)
    await sql`update members set siret = '35600000000048' where id = ${bySiret}`.execute(db)
    await sql`update members set merged_into = ${kept} where id = ${pointer}`.execute(db)
    const enterRequest = (input: Partial<Parameters<typeof enterDataRequest>[3]>) =>
      enterDataRequest(deps, chamber, 'ac63', {
        kind: 'access',
        via: 'mail',
        person: '',
        receivedOn: '2026-01-31',
        ...input,
      })
    const asked = [
      await enterRequest({ person: 'La patronne du Zinc des Halles' }),
      await enterRequest({ person: 'SIRET 356 000 000 00048' }),
      await enterRequest({ memberId: pointer }),
    ]
    for (const memberId of many) asked.push(await enterRequest({ memberId }))
    expect(await purgeOld(deps)).toMatchObject({ member: 1 })
    const erased = await db.selectFrom('members').select('id').where('erasedAt', 'is not', null).execute()
    expect(erased.map(({ id }) => id)).toContain(free)
    // The list shows 200 answered requests, latest first: these are older than those of the next tests.
    clock = new Date(NOW.getTime() - 3_600_000)
    for (const { id } of asked)
      await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })
    clock = NOW
    expect(await purgeOld(deps)).toMatchObject({ member: 208 })
  })

  test('erases the kept member when the requested one was merged since', async () => {
    const [kept, pointer] = [idOf(10), idOf(11)]
    await seedMembers(database.db, 'ac63', [
      { id: kept, name: 'Épicerie Fine', phones: [phoneOf(10)] },
      { id: pointer, name: 'Épicerie', phones: [phoneOf(11)] },
    ])
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      memberId: pointer,
      person: '',
      via: 'mail',
      receivedOn: '2026-01-31',
    })
    await mergeMembers(deps, chamber, 'ac63', { kept, merged: pointer, take: {} })
    expect(await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })).toMatchObject(
      { state: 'done', erased: 1 },
    )
    const { rows } = await sql<{ name: string }>`
      select name from members where id in (${kept}, ${pointer})
      union all select mobile from contacts where mobile in (${phoneOf(10)}, ${phoneOf(11)})`.execute(
      database.db,
    )
    expect(rows.map(({ name }) => name)).toEqual(['Adhérent effacé', 'Adhérent effacé'])
  })

  test('answers concurrent requests one after the other without a deadlock', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => idOf(20 + n))
    await seedMembers(
      database.db,
      'ac63',
      ids.map((id) => ({ id, name: 'Tabac' })),
    )
    const asked: string[] = []
    for (const memberId of ids) {
      const { id } = await enterDataRequest(deps, chamber, 'ac63', {
        kind: 'erasure',
        memberId,
        person: '',
        via: 'mail',
        receivedOn: '2026-01-31',
      })
      asked.push(id)
    }
    const answered = await Promise.all(
      asked.map((id) => answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })),
    )
    expect(answered.map(({ erased }) => erased)).toEqual(ids.map(() => 1))
  })

  test('keeps the answer to an erasure unless it names the erased member', async () => {
    const [named, other] = [idOf(40), idOf(41)]
    await seedMembers(database.db, 'ac63', [
      { id: named, name: 'Mercerie', phones: [phoneOf(40)] },
      { id: other, name: 'Quincaillerie', phones: [phoneOf(41)] },
    ])
    await sql`update contacts set person = 'Aline Berger' where member_id in (${named}, ${other})`.execute(
      database.db,
    )
    const answers: string[] = []
    for (const [memberId, person, answer] of [
      [named, '', 'Mme Berger prévenue par courrier'],
      [other, '', 'Prévenue par courrier'],
      [undefined, 'M. Inconnu', 'Rien sur M. Inconnu'],
      [undefined, 'M. Inconnu', 'Rien n’était conservé'],
    ] as const) {
      const { id } = await enterDataRequest(deps, chamber, 'ac63', {
        kind: 'erasure',
        ...(memberId === undefined ? {} : { memberId }),
        person,
        via: 'mail',
        receivedOn: '2026-01-31',
      })
      answers.push((await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer })).answer)
    }
    expect(answers).toEqual(['', 'Prévenue par courrier', '', 'Rien n’était conservé'])
  })

  test('erases what the numbers of a person who is no member find, and says what was found and what is kept', async () => {
    const { db } = database
    const phone = phoneOf(50)
    const mail = 'ancien@joyaux.example'
    await sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, verified, person, mobile, mail,
        mobile_confirmed_at, created_at, touched_at, submitted_at, decided_at, reason)
      values ('ac63', ${idOf(701)}, 'refused', 'a', 'Refusée', 'refusee', 'jewellers', '63178', false, 'Mme Ancien', ${phone}, null,
          ${NOW}, ${NOW}, ${NOW}, ${NOW}, ${NOW}, 'other'),
        ('ac63', ${idOf(702)}, 'submitted', 'b', 'Autre', 'autre', 'jewellers', '63178', false, 'M. Autre', ${phoneOf(51)}, null,
          ${NOW}, ${NOW}, ${NOW}, ${NOW}, null, null)`.execute(db)
    await sql`insert into outbox (scheme_id, id, channel, address, template, "values", attachments, valid_until, created_at, created_by)
      values ('ac63', ${idOf(703)}, 'mail', ${mail}, 'mail.opt_out', '{}', '[]', ${NOW}, ${NOW}, 'x')`.execute(
      db,
    )
    await sql`insert into opt_outs (scheme_id, id, phone, takes, how, by, gateway, at)
      values ('ac63', ${idOf(704)}, ${phone}, false, 'inbound', 'x', 'g', ${NOW})`.execute(db)
    const { rows: reports } = await sql<{ id: string }>`
      insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, created_at, created_by,
        caller_name, caller_phone)
      values ('ac63', ${idOf(705)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'waiting', ${NOW}, 'x', 'Mme Ancien', ${phone})
      returning id`.execute(db)
    expect(reports).toHaveLength(1)
    const enterRequest = (person: string) =>
      enterDataRequest(deps, chamber, 'ac63', {
        kind: 'erasure',
        person,
        via: 'letter',
        receivedOn: '2026-01-31',
      })
    const { id } = await enterRequest(`Effacez-moi, Mme Ancien, 06 39 98 00 50, ${mail}`)
    const again = await enterRequest('La dame du 06.39.98.00.50')
    const found = { enrolments: 1, mails: 1, smsChoices: 1 }
    expect(await previewErasure(deps, chamber, 'ac63', { id })).toEqual({
      candidates: [],
      erase: 'people',
      contacts: [],
      keys: [phone, mail],
      found,
    })
    await expect(previewErasure(deps, actorOf('operator', 'ac63'), 'ac63', { id })).rejects.toMatchObject({
      code: 'forbidden',
    })
    const traces = { erased: { enrolments: 1, mails: 1 }, kept: { smsChoices: 1 } }
    expect(
      await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: 'Fait.' }),
    ).toMatchObject({ state: 'done', person: '', erased: 0, traces, answer: 'Fait.' })
    const { rows: enrolments } = await sql<{ id: string }>`select id from enrolments`.execute(db)
    expect(enrolments).toEqual([{ id: idOf(702) }])
    const { rows: callers } = await sql<{ callerPhone: string }>`
      select caller_phone from reports where id = ${idOf(705)}`.execute(db)
    expect(callers).toEqual([{ callerPhone: phone }])
    const listed = (await listDataRequests(deps, chamber, 'ac63')).requests
    expect(listed.find((one) => one.id === again.id)).toMatchObject({ state: 'done', person: '', traces })
    const entry = await db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('subject', '=', `request:${id}`)
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({
      action: 'data.erase',
      details: { kind: 'erasure', outcome: 'done', erased: 0, records: traces.erased },
    })
  })

  test('erases one of several contacts, while the shop, its other contacts and its reports stay', async () => {
    const { db } = database
    const shop = idOf(60)
    await seedMembers(db, 'ac63', [{ id: shop, name: 'Fromagerie', phones: [phoneOf(60), phoneOf(61)] }])
    await sql`update contacts set person = case mobile when ${phoneOf(60)} then 'Paul Salarié' else 'Anne Patronne' end,
      mail = case mobile when ${phoneOf(60)} then 'paul@fromage.example' end where member_id = ${shop}`.execute(
      db,
    )
    const contacts = await db
      .selectFrom('contacts')
      .select(['id', 'person'])
      .where('memberId', '=', shop)
      .orderBy('person')
      .execute()
    const [anne, paul] = contacts
    if (anne === undefined || paul === undefined) throw new Error('two contacts')
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, created_at, created_by,
        caller_member_id, caller_contact_id, exercise)
      values ('ac63', ${idOf(711)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'waiting', ${NOW}, 'x', ${shop}, ${paul.id}, false),
        ('ac63', ${idOf(712)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'waiting', ${NOW}, 'x', ${shop}, ${paul.id}, true)`.execute(
      db,
    )
    await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, reason, at)
      values ('ac63', ${idOf(713)}, ${shop}, ${paul.id}, ${phoneOf(60)}, false, 'chamber', 'x', 'Paul a appelé', ${NOW})`.execute(
      db,
    )
    await sql`insert into member_notes (scheme_id, member_id, id, text, written_at, author, author_name)
      values ('ac63', ${shop}, ${idOf(714)}, 'Voir avec Paul Salarié', ${NOW}, 'x', 'x'),
        ('ac63', ${shop}, ${idOf(715)}, 'Fermé le lundi', ${NOW}, 'x', 'x')`.execute(db)
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'suspend', reason: 'travaux' },
      members: { ids: [shop] },
    })
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      memberId: shop,
      person: 'M. Paul Salarié',
      via: 'desk',
      receivedOn: '2026-01-31',
    })
    expect(await previewErasure(deps, chamber, 'ac63', { id })).toMatchObject({
      erase: 'people',
      contacts: [paul.id],
      candidates: expect.arrayContaining([
        { id: anne.id, person: 'Anne Patronne', member: { id: shop, name: 'Fromagerie' }, isLast: false },
      ]),
      found: { people: 1, smsChoices: 1 },
    })
    for (const choice of [
      { erase: 'people', contacts: [] },
      { erase: 'people', contacts: [idOf(9999)] },
    ] as const)
      await expect(
        answerDataRequest(deps, chamber, 'ac63', id, {
          outcome: 'done',
          answer: '',
          ...choice,
          contacts: [...choice.contacts],
        }),
      ).rejects.toMatchObject({ problems: [{ code: 'request.whom' }] })
    const done = await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })
    expect(done).toMatchObject({
      member: { name: 'Fromagerie' },
      person: '',
      erased: 0,
      traces: { erased: { people: 1 }, kept: { smsChoices: 1 } },
    })
    const member = await db
      .selectFrom('members')
      .select(['name', 'status', 'erasedAt'])
      .where('id', '=', shop)
      .executeTakeFirstOrThrow()
    expect(member).toEqual({ name: 'Fromagerie', status: 'suspended', erasedAt: null })
    const left = await db.selectFrom('contacts').select('person').where('memberId', '=', shop).execute()
    expect(left).toEqual([{ person: 'Anne Patronne' }])
    // A report to the forces keeps its caller; a drill does not.
    const { rows: callers } = await sql<{ callerName: string | null; callerPhone: string | null }>`
      select caller_name, caller_phone from reports where caller_member_id = ${shop} order by exercise`.execute(
      db,
    )
    expect(callers).toEqual([
      { callerName: 'Paul Salarié', callerPhone: phoneOf(60) },
      { callerName: null, callerPhone: null },
    ])
    const { rows: kept } = await sql<{ text: string | null }>`
      select text from member_notes where member_id = ${shop} union all select reason from opt_outs where member_id = ${shop}
      union all select before::text from member_change_rows where member_id = ${shop}`.execute(db)
    expect(kept.map(({ text }) => text)).toEqual(['Fermé le lundi', null, null])
    const gone = await db.selectFrom('departures').select('phone').execute()
    expect(gone).toContainEqual({ phone: phoneOf(60) })
  })

  test('keeps what a number finds while another contact has it, and a contact that the user leaves out', async () => {
    const { db } = database
    const [first, second] = [idOf(65), idOf(66)]
    await seedMembers(db, 'ac63', [
      { id: first, name: 'Papeterie', phones: [phoneOf(65)] },
      { id: second, name: 'Librairie', phones: [phoneOf(65)] },
    ])
    await sql`insert into number_health (scheme_id, phone, since) values ('ac63', ${phoneOf(65)}, ${NOW})`.execute(
      db,
    )
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      person: 'L’ancien vendeur, 06 39 98 00 65',
      via: 'letter',
      receivedOn: '2026-01-31',
    })
    const { candidates, found } = await previewErasure(deps, chamber, 'ac63', { id })
    expect(candidates.map(({ member, isLast }) => [member.name, isLast]).toSorted()).toEqual([
      ['Librairie', true],
      ['Papeterie', true],
    ])
    expect(found).toEqual({ people: 2, numbers: 1 })
    const of = candidates.find(({ member }) => member.id === first)
    expect(
      await answerDataRequest(deps, chamber, 'ac63', id, {
        outcome: 'done',
        answer: '',
        erase: 'people',
        contacts: [of?.id ?? ''],
      }),
    ).toMatchObject({ traces: { erased: { people: 1 }, kept: { numbers: 1 } } })
    const left = await db
      .selectFrom('contacts')
      .select('memberId')
      .where('memberId', 'in', [first, second])
      .execute()
    expect(left).toEqual([{ memberId: second }])
  })

  test('all are listed, 200 in one answer', async () => {
    const of39 = actorOf('chamber', 'ac39')
    await database.db
      .insertInto('dataRequests')
      .values(
        Array.from({ length: 203 }, (_, n) => ({
          ...({
            schemeId: 'ac39',
            id: idOf(1000 + n),
            kind: 'access',
            via: 'mail',
            person: `Mme ${n}`,
          } as const),
          ...{ receivedOn: '2026-01-31', dueOn: '2026-02-28', createdAt: NOW, createdBy: 'test' },
        })),
      )
      .execute()
    const first = await listDataRequests(deps, of39, 'ac39')
    const rest = await listDataRequests(deps, of39, 'ac39', { offset: first.requests.length })
    expect([first.requests.length, rest.requests.length, first.total, rest.total]).toEqual([200, 3, 203, 203])
    expect(new Set([...first.requests, ...rest.requests].map(({ id }) => id)).size).toBe(203)
  })
})
