import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers } from '../../changes/actions.ts'
import type { BulkChange } from '../../changes/contract.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { offlineRegistry } from '../../enrolment/registry.ts'
import { AppError } from '../../errors.ts'
import { getMember, listMembers } from '../../members/actions.ts'
import { MemberQuery } from '../../members/contract.ts'
import { askForCorrection, NOTHING_ASKED } from '../../members/corrections/corrections.ts'
import { optOutNumber, setContactSms } from '../../members/opt-out/opt-out.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { addContact, createMember, editMember } from './actions.ts'
import { checkMember, searchRegister } from './assist.ts'
import { MemberCheck, MemberEdit, NewMember } from './contract.ts'
import { listCorrections } from './corrections.ts'

const chamber = actorOf('chamber', 'ac63')
const colleague = { ...actorOf('chamber', 'ac63'), userId: 'collegue' }
const tobacconists = {
  ...actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }),
  userId: 'buralistes',
}
const KNOWN = '00012345500016'

const registry = offlineRegistry([
  {
    siret: KNOWN,
    name: 'TABAC DU PONT',
    naf: '47.26Z',
    naf2025: '47.26Y',
    communeCode: '63178',
    address: '1 RUE DU PONT',
    postalCode: '63500',
    point: { latitude: 45.55, longitude: 3.25 },
  },
  {
    siret: '00012345500024',
    name: 'TABAC DU JURA',
    naf: '47.26Z',
    naf2025: null,
    communeCode: '39300',
    address: null,
    postalCode: null,
    point: null,
  },
])

describe.each(usualKinds)('members entered by hand on %s', (kind) => {
  let database: Database
  let deps: Deps
  let now = new Date('2026-06-01T08:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => now, companies: registry })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-06-01T08:00:00Z')
    for (const table of ['member_change_rows', 'member_changes', 'opt_outs', 'contacts', 'members'])
      await sql`delete from ${sql.table(table)}`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Alpha', phones: [phoneOf(1), phoneOf(11)] },
      { id: idOf(2), name: 'Bravo', trade: 'bakeries', phones: [phoneOf(2)] },
    ])
  })

  const person = (n: number, over: object = {}) => ({
    id: idOf(n),
    person: `P${n}`,
    phone: phoneOf(n),
    mail: '',
    ...over,
  })
  const shop = (over: object = {}) =>
    NewMember.parse({
      id: idOf(50),
      name: 'Tabac de la Halle',
      trade: 'tobacco-press',
      commune: '63178',
      address: '3, place de la Halle',
      contacts: [person(51)],
      ...over,
    })
  const edit = async (n: number, over: object, by = chamber) => {
    const { version } = await getMember(deps, by, 'ac63', idOf(n))
    return editMember(deps, by, 'ac63', idOf(n), MemberEdit.parse({ version, ...over }))
  }
  const typed = async (n: number) =>
    (await getMember(deps, chamber, 'ac63', idOf(n))).contacts.map(({ id, person, phone, mail }) => ({
      id,
      person,
      phone: phone ?? '',
      mail: mail ?? '',
    }))
  const problemsOf = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof AppError)) throw error ?? new Error('not refused')
    return error.problems.map(({ path, code }) => `${path}: ${code}`)
  }
  const audited = async (action: 'member.create' | 'member.edit') =>
    (
      await database.db
        .selectFrom('auditEntries')
        .select(['actor', 'details'])
        .where('action', '=', action)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
    ).details

  test('adds a member with its people, once however often it is sent, and undoes it', async () => {
    const { member, change } = await createMember(
      deps,
      chamber,
      'ac63',
      shop({ siret: KNOWN, naf: '47.26Z' }),
    )
    expect(member).toMatchObject({
      name: 'Tabac de la Halle',
      siret: KNOWN,
      naf: '47.26Z',
      trade: 'tobacco-press',
      commune: { code: '63178', name: 'Issoire' },
      status: 'active',
      contacts: [{ id: idOf(51), person: 'P51', phone: phoneOf(51), sms: true }],
    })
    expect(change).toMatchObject({ kind: 'create', note: 'Tabac de la Halle', created: 1, updated: 0 })
    const details = await audited('member.create')
    expect(details).toMatchObject({ trade: 'tobacco-press', contacts: 1 })
    expect(JSON.stringify(details)).not.toContain(phoneOf(51).slice(4))

    const again = await createMember(deps, chamber, 'ac63', shop({ siret: KNOWN, naf: '47.26Z' }))
    expect(again.change?.id).toBe(change?.id)
    await expect(createMember(deps, colleague, 'ac63', shop())).rejects.toMatchObject({ code: 'id_taken' })

    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    await expect(getMember(deps, chamber, 'ac63', idOf(50))).rejects.toMatchObject({ code: 'not_found' })
    // A request that was delayed does not bring it back.
    await expect(createMember(deps, chamber, 'ac63', shop())).rejects.toMatchObject({ code: 'id_taken' })
  })

  test('keeps a code of each classification, and none of a former activity', async () => {
    const created = await createMember(deps, chamber, 'ac63', shop({ naf: '4726y', trade: '' }))
    expect(created.member).toMatchObject({ naf: null, naf2025: '47.26Y', trade: 'tobacco-press' })
    const codesAfter = async (fields: object) => {
      const { version } = await getMember(deps, chamber, 'ac63', created.member.id)
      const typed = MemberEdit.parse({ version, ...fields })
      const { member } = await editMember(deps, chamber, 'ac63', created.member.id, typed)
      return [member.naf, member.naf2025]
    }
    expect(await codesAfter({ naf: '47.26Z' })).toEqual(['47.26Z', '47.26Y'])
    expect(await codesAfter({ name: 'Tabac Neuf' })).toEqual(['47.26Z', '47.26Y'])
    expect(await codesAfter({ naf: '56.30Z' })).toEqual(['56.30Z', null])
    expect(await codesAfter({ naf2025: '56.30Y' })).toEqual(['56.30Z', '56.30Y'])
    expect(await codesAfter({ naf: '' })).toEqual([null, '56.30Y'])
  })

  test('lists every problem at once, each at its field', async () => {
    const bad = shop({
      siret: '12345678901234',
      name: ' ',
      trade: '',
      commune: '39300',
      contacts: [person(51, { phone: '06 39', mail: 'x' }), person(52, { phone: '' })],
    })
    expect(await problemsOf(createMember(deps, chamber, 'ac63', bad))).toEqual([
      'name: import.name_missing',
      'siret: siret.check',
      'trade: trade.missing',
      'commune: commune.outside',
      'contacts.0.mail: mail.invalid',
      'contacts.0.phone: phone.short',
      'contacts.1.phone: phone.missing',
    ])
    expect(await problemsOf(createMember(deps, chamber, 'ac63', shop({ contacts: [] })))).toEqual([
      'contacts: phone.missing',
    ])
  })

  test('points out who may be the same, and refuses a SIRET only', async () => {
    await createMember(deps, chamber, 'ac63', shop({ siret: KNOWN }))
    const check = (over: object, by = chamber) => checkMember(deps, by, 'ac63', MemberCheck.parse(over))
    expect(await check({ siret: KNOWN, phones: [phoneOf(1), '06', phoneOf(2)] })).toEqual({
      duplicates: [
        expect.objectContaining({ id: idOf(50), by: ['siret'] }),
        expect.objectContaining({ id: idOf(1), name: 'Alpha', by: ['phone'] }),
        expect.objectContaining({ id: idOf(2), name: 'Bravo', by: ['phone'] }),
      ],
      phones: [
        { kind: 'mobile', optedOut: false },
        { kind: null, optedOut: false },
        { kind: 'mobile', optedOut: false },
      ],
    })
    expect((await check({ name: 'tabac de la HALLE', commune: '63178' })).duplicates).toMatchObject([
      { id: idOf(50), by: ['place'] },
    ])
    // A similar name: in its commune, or anywhere while none is chosen.
    const similar = [expect.objectContaining({ id: idOf(50), by: ['name'] })]
    for (const name of ['SARL Tabac Halle', 'Tabac de la Hallle'])
      for (const commune of ['63178', ''])
        expect((await check({ name, commune })).duplicates).toEqual(similar)
    expect((await check({ name: 'Tabac de la Halle' })).duplicates).toEqual(similar)
    expect((await check({ name: 'Tabac Halle', commune: '63113' })).duplicates).toEqual([])
    expect((await check({ name: 'Tabac Halle' }, tobacconists)).duplicates).toEqual(similar)
    expect((await check({ name: 'Bravo' }, tobacconists)).duplicates).toMatchObject([
      { id: null, name: null, by: ['name'] },
    ])
    expect((await check({ memberId: idOf(50), siret: KNOWN, name: 'Tabac Halle' })).duplicates).toEqual([])
    expect((await check({ phones: [phoneOf(2)] }, tobacconists)).duplicates).toMatchObject([
      { id: null, name: null },
    ])

    const second = shop({ id: idOf(60), siret: KNOWN, contacts: [person(61, { phone: phoneOf(1) })] })
    expect(await problemsOf(createMember(deps, chamber, 'ac63', second))).toEqual([
      'siret: member.siret_known',
    ])
    const { member } = await createMember(deps, chamber, 'ac63', { ...second, siret: '' })
    expect(member.contacts).toMatchObject([{ phone: phoneOf(1), shared: true, sms: true }])
  })

  test('changes only what is given, and undoes it', async () => {
    const before = await getMember(deps, chamber, 'ac63', idOf(1))
    const [first, second] = await typed(1)
    const saved = await edit(1, {
      address: '14, rue des Fours',
      contacts: [{ ...first, phone: '06 39 98 52 07' }, person(70, { mail: 'neuf@example.org' })],
    })
    expect(saved.change).toMatchObject({ kind: 'edit', updated: 1 })
    expect(saved.member).toMatchObject({ name: 'Alpha', trade: before.trade, address: '14, rue des Fours' })
    expect(saved.member.contacts.map(({ id, phone, sms }) => [id, phone, sms])).toEqual([
      [first?.id, '+33639985207', true],
      [idOf(70), phoneOf(70), true],
    ])
    expect(await audited('member.edit')).toMatchObject({
      fields: ['address'],
      contacts: { added: 1, changed: 1, removed: 1, numbers: 1 },
    })
    expect(JSON.stringify(await audited('member.edit'))).not.toContain('39985207')
    await undoChange(deps, chamber, 'ac63', saved.change?.id ?? '')
    const { updatedAt: _, ...back } = await getMember(deps, chamber, 'ac63', idOf(1))
    expect(back).toMatchObject({ address: before.address, version: before.version })
    expect(back.contacts.map(({ id }) => id)).toEqual([first?.id, second?.id])
  })

  test('keeps the day on which the charter was signed on paper, as a list does, audited and undone', async () => {
    const made = await createMember(deps, chamber, 'ac63', shop({ charterOn: '1er février 2019' }))
    expect(made.member.charterOn).toBe('2019-02-01')
    const none = await createMember(
      deps,
      chamber,
      'ac63',
      shop({ id: idOf(54), charterOn: 'non', contacts: [person(53)] }),
    )
    expect(none.member.charterOn).toBeNull()
    const before = await getMember(deps, chamber, 'ac63', idOf(1))
    expect(await problemsOf(edit(1, { charterOn: 'bientôt' }))).toEqual(['charterOn: charter.day'])
    const signed = await edit(1, { charterOn: '03/04/2020' })
    expect(signed.member).toMatchObject({ charterOn: '2020-04-03', name: before.name })
    expect(await audited('member.edit')).toMatchObject({ fields: ['charterOn'] })
    expect((await edit(1, { charterOn: '2020-04-03' })).change).toBeNull()
    const removed = await edit(1, { charterOn: '' })
    expect(removed.member.charterOn).toBeNull()
    await undoChange(deps, chamber, 'ac63', removed.change?.id ?? '')
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).charterOn).toBe('2020-04-03')
    await undoChange(deps, chamber, 'ac63', signed.change?.id ?? '')
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).charterOn).toBeNull()
  })

  test('refuses a postal code or a day that cannot be read, and keeps the stored one', async () => {
    const stored = await edit(1, { postalCode: '63500', joinedOn: '01/02/2019' })
    expect(stored.member).toMatchObject({ postalCode: '63500', joinedOn: '2019-02-01' })
    for (const [over, problem] of [
      [{ postalCode: '75011' }, 'postalCode: postal_code.other'],
      [{ postalCode: '6350' }, 'postalCode: postal_code.other'],
      [{ postalCode: 'Issoire' }, 'postalCode: postal_code.invalid'],
      [{ joinedOn: '2099-01-01' }, 'joinedOn: joined.ahead'],
      [{ joinedOn: 'le printemps' }, 'joinedOn: joined.day'],
    ] as const) {
      expect(await problemsOf(edit(1, over))).toEqual([problem])
      expect(await problemsOf(createMember(deps, chamber, 'ac63', shop(over)))).toEqual([problem])
    }
    const { postalCode, joinedOn } = await getMember(deps, chamber, 'ac63', idOf(1))
    expect({ postalCode, joinedOn }).toEqual({ postalCode: '63500', joinedOn: '2019-02-01' })
    // The code of a business with a CEDEX of its own.
    expect((await edit(1, { postalCode: '63509' })).member.postalCode).toBe('63509')
    // Without one, that of a commune which has only one: letters need it.
    expect((await edit(1, { postalCode: '' })).member.postalCode).toBe('63500')
    const added = await createMember(deps, chamber, 'ac63', shop({ id: idOf(90), name: 'Sans code postal' }))
    expect(added.member.postalCode).toBe('63500')
  })

  test('a commune with several postal codes asks for the one of the address', async () => {
    const [code, other] = ['63360', '63430']
    await sql`update communes set postal_codes = ${[code, other]}::text[] where code = '63113'`.execute(
      database.db,
    )
    const moved = { commune: '63113' }
    const several = ['postalCode: postal_code.several']
    expect(await problemsOf(createMember(deps, chamber, 'ac63', shop(moved)))).toEqual(several)
    expect(await problemsOf(edit(1, moved))).toEqual(several)
    // 63500 is the code of other communes, so it is no CEDEX.
    expect(await problemsOf(edit(1, { ...moved, postalCode: '63500' }))).toEqual([
      'postalCode: postal_code.other',
    ])
    expect((await edit(1, { ...moved, postalCode: other })).member.postalCode).toBe(other)
    expect(await problemsOf(edit(1, { postalCode: '' }))).toEqual(several)
    // A business whose code is not known is still edited otherwise.
    await sql`update members set postal_code = null where id = ${idOf(1)}`.execute(database.db)
    expect((await edit(1, { name: 'Alpha 2' })).member.postalCode).toBeNull()
    const missing = await listMembers(deps, chamber, 'ac63', MemberQuery.parse({ postalCode: 'missing' }))
    expect(missing.members.map(({ id }) => id)).toEqual([idOf(1)])
  })

  test('exchanges two numbers and turns the order around', async () => {
    const [first, second] = await typed(1)
    if (first === undefined || second === undefined) throw new Error('no contacts')
    const { member } = await edit(1, {
      contacts: [
        { ...second, phone: first.phone },
        { ...first, phone: second.phone },
      ],
    })
    expect(member.contacts.map(({ id, phone, sms }) => [id, phone, sms])).toEqual([
      [second.id, first.phone, true],
      [first.id, second.phone, true],
    ])
  })

  test('changes nothing when nothing differs, and refuses what another user changed meanwhile', async () => {
    const { version } = await getMember(deps, chamber, 'ac63', idOf(1))
    const same = await edit(1, { name: 'Alpha', contacts: await typed(1) })
    expect(same.change).toBeNull()
    await edit(1, { address: '1 rue du Pont' }, colleague)
    const stale = (over: object) =>
      editMember(deps, chamber, 'ac63', idOf(1), MemberEdit.parse({ version, ...over }))
    await expect(stale({ name: 'Alpha bis' })).rejects.toMatchObject({ code: 'member_changed' })
    // The same edit sent again, whose answer was lost.
    expect((await stale({ address: '1 rue du Pont' })).change).toBeNull()
    // A contact's choice counts as a change too.
    const { version: next } = await getMember(deps, chamber, 'ac63', idOf(1))
    await setContactSms(
      deps,
      chamber,
      'ac63',
      { member: idOf(1), contact: idOf(1) },
      { sms: false, reason: 'x' },
    )
    await expect(
      editMember(deps, chamber, 'ac63', idOf(1), MemberEdit.parse({ version: next, name: 'A' })),
    ).rejects.toMatchObject({ code: 'member_changed' })
  })

  test('a name that the business asked for is settled once the chamber gives it', async () => {
    await inScheme(database.db, 'ac63', (tx) =>
      askForCorrection(tx, 'ac63', idOf(1), {
        ...{ ...NOTHING_ASKED, name: 'Alpha et Fils', at: now, by: 'contact:1' },
      }),
    )
    const waiting = async () => (await listCorrections(deps, chamber, 'ac63')).corrections
    await edit(1, { name: 'Alpha Centre' })
    expect(await waiting()).toMatchObject([{ name: 'Alpha Centre', asked: { name: 'Alpha et Fils' } }])
    await edit(1, { name: 'Alpha et Fils' })
    expect(await waiting()).toEqual([])
  })

  test('moves a business: another place without a location is located by its commune', async () => {
    await edit(1, { point: { latitude: 45.55, longitude: 3.25 } })
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).point).toEqual({
      latitude: 45.55,
      longitude: 3.25,
    })
    const { member } = await edit(1, { commune: '63287' })
    expect(member).toMatchObject({ commune: { code: '63287' }, point: null })
    expect(await problemsOf(edit(1, { commune: '39300', trade: 'jockeys' }))).toEqual([
      'trade: trade.unknown',
      'commune: commune.outside',
    ])
  })

  test('sends no SMS to a number that opted out, by chamber or member, and keeps a contact opted out', async () => {
    await setContactSms(
      deps,
      chamber,
      'ac63',
      { member: idOf(2), contact: idOf(2) },
      { sms: false, reason: 'STOP' },
    )
    const { phones } = await checkMember(deps, chamber, 'ac63', MemberCheck.parse({ phones: [phoneOf(2)] }))
    expect(phones).toEqual([{ kind: 'mobile', optedOut: true }])
    const { member } = await addContact(deps, chamber, 'ac63', idOf(1), person(71, { phone: phoneOf(2) }))
    expect(member.contacts.at(-1)).toMatchObject({ id: idOf(71), sms: false })
    const [own] = await typed(2)
    const edited = await edit(2, { contacts: [{ ...own, phone: phoneOf(22) }] })
    expect(edited.member.contacts).toMatchObject([{ phone: phoneOf(22), sms: false }])
  })

  test('adds a person once however often it is sent, and names the problems of that person only', async () => {
    const { change } = await addContact(deps, chamber, 'ac63', idOf(1), person(72))
    expect(change).toMatchObject({ kind: 'edit' })
    expect((await addContact(deps, chamber, 'ac63', idOf(1), person(72))).change).toEqual(change)
    expect(await typed(1)).toHaveLength(3)
    expect(
      await problemsOf(addContact(deps, chamber, 'ac63', idOf(1), person(73, { phone: phoneOf(1) }))),
    ).toEqual(['phone: contact.phone_taken'])
    expect(await problemsOf(addContact(deps, chamber, 'ac63', idOf(1), person(2)))).toEqual(['id: id_taken'])
  })

  test('keeps to the trades of a trade chamber, and to the scheme', async () => {
    await expect(edit(2, { name: 'X' }, chamber)).resolves.toBeDefined()
    const { version } = await getMember(deps, chamber, 'ac63', idOf(2))
    const foreign = MemberEdit.parse({ version, name: 'Y' })
    await expect(editMember(deps, tobacconists, 'ac63', idOf(2), foreign)).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await problemsOf(createMember(deps, tobacconists, 'ac63', shop({ trade: 'bakeries' })))).toEqual([
      'trade: trade.not_yours',
    ])
    await expect(createMember(deps, actorOf('operator', 'ac63'), 'ac63', shop())).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(createMember(deps, actorOf('chamber', 'ac39'), 'ac63', shop())).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
  })

  test('a business that the chamber closed is not edited, and reopens; one that left by itself does not', async () => {
    const act = (action: BulkChange['action']) =>
      changeMembers(deps, chamber, 'ac63', { action, members: { ids: [idOf(1)] } })
    const { change } = await act({ kind: 'leave', reason: 'fermé le 30 mai', notify: false })
    expect(change).toMatchObject({ kind: 'leave', updated: 1, notified: null })
    await expect(edit(1, { name: 'Z' })).rejects.toMatchObject({ code: 'member_left' })
    now = new Date('2026-06-05T08:00:00Z')
    // Reactivating many members does not bring back those that were removed.
    expect((await act({ kind: 'resume' })).change).toBeNull()
    expect((await act({ kind: 'resume', reopen: true })).change).toMatchObject({ kind: 'resume', updated: 1 })
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).status).toBe('active')

    await sql`update members set status = 'left', updated_at = ${new Date('2026-06-06T08:00:00Z')} where id = ${idOf(1)}`.execute(
      database.db,
    )
    expect(await act({ kind: 'resume', reopen: true })).toMatchObject({ change: null, skipped: 1 })
  })

  test('the undo of an edit leaves a number that said STOP since without SMS', async () => {
    await addContact(deps, chamber, 'ac63', idOf(2), person(81, { phone: phoneOf(1) }))
    const people = await typed(1)
    const saved = await edit(1, {
      contacts: people.map((one) => (one.phone === phoneOf(1) ? { ...one, phone: phoneOf(31) } : one)),
    })
    const stop = { phone: phoneOf(1), gateway: 'g' }
    expect(await inScheme(database.db, 'ac63', (tx) => optOutNumber(tx, deps, 'ac63', stop))).toBe(1)
    await undoChange(deps, chamber, 'ac63', saved.change?.id ?? '')
    const { contacts } = await getMember(deps, chamber, 'ac63', idOf(1))
    expect(contacts.find(({ phone }) => phone === phoneOf(1))).toMatchObject({ sms: false })
  })

  test('a STOP of a number that was removed holds for its next contact, by hand and by undo', async () => {
    const stop = (n: number) =>
      inScheme(database.db, 'ac63', (tx) =>
        optOutNumber(tx, deps, 'ac63', { phone: phoneOf(n), gateway: 'g' }),
      )
    const smsOf = async (member: number, n: number) => {
      const { contacts } = await getMember(deps, chamber, 'ac63', idOf(member))
      return contacts.find(({ phone }) => phone === phoneOf(n))
    }
    const people = await typed(1)
    const saved = await edit(1, { contacts: people.filter(({ phone }) => phone !== phoneOf(1)) })
    expect(await stop(1)).toBe(0)
    await addContact(deps, chamber, 'ac63', idOf(2), person(91, { phone: phoneOf(1) }))
    expect(await smsOf(2, 1)).toMatchObject({ sms: false, optOut: { how: 'inbound' } })
    await undoChange(deps, chamber, 'ac63', saved.change?.id ?? '')
    expect(await smsOf(1, 1)).toMatchObject({ sms: false })
    expect(await smsOf(1, 11)).toMatchObject({ sms: true })

    const all = await typed(1)
    await stop(33)
    const edited = await edit(1, {
      contacts: all.map((one) => (one.phone === phoneOf(11) ? { ...one, phone: phoneOf(33) } : one)),
    })
    expect(await smsOf(1, 33)).toMatchObject({ sms: false })
    // The undo gives back a number that did not opt out.
    await undoChange(deps, chamber, 'ac63', edited.change?.id ?? '')
    expect(await smsOf(1, 11)).toMatchObject({ sms: true })
  })

  test('a trade chamber does not learn when and how a number opted out that another member had', async () => {
    const moved = await edit(2, { contacts: [person(82)] })
    expect(moved.member.contacts).toMatchObject([{ phone: phoneOf(82) }])
    const stop = { phone: phoneOf(2), gateway: 'g' }
    await inScheme(database.db, 'ac63', (tx) => optOutNumber(tx, deps, 'ac63', stop))
    const { member } = await addContact(
      deps,
      tobacconists,
      'ac63',
      idOf(1),
      person(83, { phone: phoneOf(2) }),
    )
    const shown = (contacts: typeof member.contacts) => contacts.find(({ phone }) => phone === phoneOf(2))
    expect(shown(member.contacts)).toMatchObject({ sms: false, optOut: null })
    const { contacts } = await getMember(deps, chamber, 'ac63', idOf(1))
    expect(shown(contacts)).toMatchObject({ sms: false, optOut: { how: 'inbound' } })

    // An opt-out of its own member it sees.
    const own = { phone: phoneOf(1), gateway: 'g' }
    await inScheme(database.db, 'ac63', (tx) => optOutNumber(tx, deps, 'ac63', own))
    const again = await getMember(deps, tobacconists, 'ac63', idOf(1))
    expect(again.contacts.find(({ phone }) => phone === phoneOf(1))).toMatchObject({
      optOut: { how: 'inbound' },
    })
  })

  test('an undo keeps the choice of a contact whose number did not change', async () => {
    await addContact(deps, chamber, 'ac63', idOf(2), person(81, { phone: phoneOf(1) }))
    const saved = await edit(1, { name: 'Alpha bis' })
    // The chamber opts out the other contact with this number only.
    const other = { member: idOf(2), contact: idOf(81) }
    await setContactSms(deps, chamber, 'ac63', other, { sms: false, reason: 'x' })
    await undoChange(deps, chamber, 'ac63', saved.change?.id ?? '')
    const { name, contacts } = await getMember(deps, chamber, 'ac63', idOf(1))
    expect(name).toBe('Alpha')
    expect(contacts.find(({ phone }) => phone === phoneOf(1))).toMatchObject({ sms: true })
  })

  test('adding a person never edits one that is there', async () => {
    const [own] = await typed(1)
    if (own === undefined) throw new Error('no contact')
    await edit(1, {
      contacts: (await typed(1)).map((one) => (one.id === own.id ? { ...one, person: 'Zoé' } : one)),
    })
    expect(await problemsOf(addContact(deps, chamber, 'ac63', idOf(1), own))).toEqual(['id: id_taken'])
    expect((await typed(1))[0]?.person).toBe('Zoé')
    const same = await addContact(deps, chamber, 'ac63', idOf(1), { ...own, person: ' Zoé ' })
    expect(same.change).toBeNull()
  })

  test('a member has at most 20 people, or as many as it has already', async () => {
    const add = (n: number) => addContact(deps, chamber, 'ac63', idOf(1), person(n))
    for (let n = 100; n < 118; n++) await add(n)
    await expect(add(118)).rejects.toMatchObject({ code: 'too_many_people' })
    // The same request again still gets its answer.
    expect((await add(117)).change).toMatchObject({ kind: 'edit', undone: null })
    await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms, position)
      values ('ac63', ${idOf(119)}, ${idOf(1)}, 'P119', ${phoneOf(119)}, true, 40)`.execute(database.db)
    const all = await typed(1)
    expect(all).toHaveLength(21)
    await edit(1, { contacts: all.map((one) => (one.id === idOf(119) ? { ...one, person: 'Zoé' } : one)) })
    expect((await typed(1)).at(-1)?.person).toBe('Zoé')
    await expect(edit(1, { contacts: [...all, person(120)] })).rejects.toMatchObject({
      code: 'too_many_people',
    })
  })

  test('a trade chamber learns of a member of another trade only that there is one', async () => {
    await sql`update members set siret = ${KNOWN}, status = 'suspended' where id = ${idOf(2)}`.execute(
      database.db,
    )
    for (const [member, contact] of [
      [1, 1],
      [2, 2],
    ] as const)
      await setContactSms(
        deps,
        chamber,
        'ac63',
        { member: idOf(member), contact: idOf(contact) },
        { sms: false, reason: 'x' },
      )
    const check = (by: typeof chamber) =>
      checkMember(deps, by, 'ac63', MemberCheck.parse({ siret: KNOWN, phones: [phoneOf(1), phoneOf(2)] }))
    expect((await check(chamber)).phones.map(({ optedOut }) => optedOut)).toEqual([true, true])
    const { duplicates, phones } = await check(tobacconists)
    expect(duplicates).toEqual([
      { kind: null, id: null, name: null, commune: null, status: null, by: ['siret', 'phone'] },
      expect.objectContaining({ id: idOf(1), name: 'Alpha', status: 'active' }),
    ])
    expect(phones.map(({ optedOut }) => optedOut)).toEqual([true, false])
  })

  test('finds a business of the register by SIRET and by name, within the départements of the scheme', async () => {
    const found = {
      siret: KNOWN,
      name: 'TABAC DU PONT',
      naf: '47.26Z',
      naf2025: '47.26Y',
      trade: 'tobacco-press',
      commune: { code: '63178', name: 'Issoire' },
      outside: false,
      address: '1 RUE DU PONT',
      postalCode: '63500',
      point: { latitude: 45.55, longitude: 3.25 },
    }
    expect(await searchRegister(deps, chamber, 'ac63', KNOWN)).toEqual({
      outcome: 'found',
      businesses: [found],
    })
    expect(await searchRegister(deps, chamber, 'ac63', 'tabac')).toEqual({
      outcome: 'found',
      businesses: [found],
    })
    expect(await searchRegister(deps, chamber, 'ac63', 'inconnu')).toEqual({
      outcome: 'unknown',
      businesses: [],
    })
    expect(await problemsOf(searchRegister(deps, chamber, 'ac63', '123'))).toEqual(['siret: siret.length'])
    const down = { ...registry, search: () => Promise.reject(new AppError('source_unreachable')) }
    expect(await searchRegister({ ...deps, companies: down }, chamber, 'ac63', 'tabac')).toEqual({
      outcome: 'unreachable',
      businesses: [],
    })
  })
})
