import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { takeWaitingSms, waitingSms } from '../../../test/support/outbox.ts'
import { runsOf } from '../../../test/support/random.ts'
import { listMemberChanges } from '../../changes/actions.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import type { AppError } from '../../errors.ts'
import { admitCode, deriveCodeDigits } from '../../identity/codes/codes.ts'
import { editMember } from '../../imports/by-hand/actions.ts'
import { decideCorrection, listCorrections } from '../../imports/by-hand/corrections.ts'
import { getMember } from '../../members/actions.ts'
import { optOutNumber } from '../../members/opt-out/opt-out.ts'
import { DAY_MS } from '../../message/clock.ts'
import { segmentMessage } from '../../message/segment.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { findContactActor, openContactSession } from '../session/session.ts'
import { sendSignInCode } from '../session/sign-in.ts'
import { correctBusiness } from './business.ts'
import { leaveScheme } from './leave.ts'
import { addPerson, changeOwnPhone, sendNewPersonCode, sendOwnPhoneCode } from './phones.ts'
import { correctPerson, getOwnShop, removePerson, setOwnQuietHours, setOwnSms } from './shop.ts'

const TABAC = { schemeId: 'ac63', memberId: idOf(1) }
const BAKERY = { schemeId: 'ac63', memberId: idOf(2) }
const JURA = { schemeId: 'ac39', memberId: idOf(101) }
/** Contact ids as seedMembers assigns them: the first and second person of a shop. */
const first = (of: { memberId: string }) => of.memberId
const second = (of: { memberId: string }) => `00000001${of.memberId.slice(8)}`

describe.each(usualKinds)("a contact's own shop on %s", (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T10:00:00Z')
  let n = 20
  let me = ''
  let other = ''
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    clock = new Date(clock.getTime() + 2 * DAY_MS)
    await database.db.deleteFrom('members').execute()
    await database.db.deleteFrom('contactSessions').execute()
    await database.db.deleteFrom('outbox').execute()
    me = phoneOf(n++)
    other = phoneOf(n++)
    await seedMembers(database.db, 'ac63', [
      { id: TABAC.memberId, name: 'Tabac', phones: [me, other] },
      { id: BAKERY.memberId, name: 'Fournil', phones: [phoneOf(n++)] },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: JURA.memberId, name: 'Comptoir', communeCode: '39300', phones: [me] },
    ])
  })

  async function signInMember(phone: string): Promise<{ actor: Actor; token: string }> {
    const token = await openContactSession(deps, { phone })
    const actor = await findContactActor(deps, token)
    if (actor === undefined) throw new Error('nobody')
    return { actor, token }
  }
  const caller = () => ({ address: `198.51.100.${n++ % 250}` })
  /** Returns the digits of the waiting code; the engine also takes all other messages. */
  async function digits(): Promise<string> {
    const messages = await takeWaitingSms(database.db)
    const { schemeId, codeId } = messages.find((one) => one.codeId !== null) ?? { schemeId: '', codeId: '' }
    await inScheme(database.db, schemeId, (tx) => admitCode(tx, deps, { schemeId, id: codeId ?? '' }))
    return deriveCodeDigits(deps, codeId ?? '')
  }
  /** Returns the place in force, as the form of a shop names the one that an address replaces. */
  async function seen(actor: Actor) {
    const { commune, address, postalCode } = (await getOwnShop(deps, actor, TABAC)).business
    return { commune: commune.code, address, postalCode }
  }
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      ({ code, problems }: AppError) => problems[0]?.code ?? code,
    )
  const audited = async (action: string) =>
    (
      await database.db
        .selectFrom('auditEntries')
        .select(['actor', 'details'])
        .where('action', '=', action)
        .execute()
    ).map((entry) => JSON.stringify(entry))

  test('shows its data, with full numbers, and who is signed in', async () => {
    const { actor } = await signInMember(me)
    expect(await getOwnShop(deps, actor, TABAC)).toMatchObject({
      business: {
        name: 'Tabac',
        commune: { name: 'Issoire' },
        trade: { nameFr: 'Buralistes et presse' },
        status: 'active',
      },
      chamber: 'Alerte Commerces 63',
      people: [
        { id: first(TABAC), phone: me, sms: true, mobile: true, me: true },
        { id: second(TABAC), phone: other, me: false },
      ],
      quiet: null,
      care: { quietOverriddenBy: 'vital' },
    })
  })

  test('quiet hours, name, address and people can be changed; the audit log records it without the values', async () => {
    const { actor } = await signInMember(me)
    const night = { from: 1320, to: 420 }
    expect((await setOwnQuietHours(deps, actor, TABAC, { quiet: night })).quiet).toEqual(night)
    const { memberId } = TABAC
    const place = database.db
      .selectFrom('members')
      .select(['latitude', 'longitude'])
      .where('id', '=', memberId)
    await database.db
      .updateTable('members')
      .set({ latitude: 45.5, longitude: 3.2 })
      .where('id', '=', memberId)
      .execute()
    const named = await correctBusiness(deps, actor, TABAC, {
      ...{ name: ' Tabac  du Pont ', address: '3 rue X', was: await seen(actor) },
    })
    expect(named.business).toMatchObject({
      name: 'Tabac',
      correction: { name: 'Tabac du Pont', state: 'waiting' },
      address: '3 rue X',
    })
    // Alerts around the shop that it left must not count on its old place.
    expect(await place.executeTakeFirst()).toEqual({ latitude: null, longitude: null })
    expect(await refusal(correctBusiness(deps, actor, TABAC, { name: ' ', address: '' }))).toBe(
      'input.required',
    )
    const who = await correctPerson(deps, actor, TABAC, second(TABAC), {
      person: 'Zoé',
      mail: 'Z@Example.org',
    })
    expect(who.people[1]).toMatchObject({ person: 'Zoé', mail: 'z@example.org' })
    expect(
      await refusal(correctPerson(deps, actor, TABAC, second(TABAC), { person: 'Zoé', mail: 'x' })),
    ).toBe('mail.invalid')
    for (const action of ['member.correction_ask', 'member.correct', 'contact.correct']) {
      const [entry] = (await audited(action)).slice(-1)
      expect(entry).toContain(`contact:${first(TABAC)}`)
      expect(entry).not.toMatch(/Pont|Zoé|example/)
    }
  })

  test('an address that a shop changes is a change that the chamber undoes; a commune of several codes asks for one', async () => {
    const { actor } = await signInMember(me)
    const chamber = actorOf('chamber', 'ac63')
    const { memberId } = TABAC
    await database.db
      .updateTable('communes')
      .set({ postalCodes: ['63000', '63100'] })
      .where('code', '=', '63113')
      .execute()
    await database.db
      .updateTable('members')
      .set({ communeCode: '63113', address: '1 rue A', postalCode: null, latitude: 45.5, longitude: 3.2 })
      .where('id', '=', memberId)
      .execute()
    const correct = async (address: string, postalCode?: string) =>
      correctBusiness(deps, actor, TABAC, { name: 'Tabac', address, postalCode, was: await seen(actor) })
    expect(await refusal(correct('3 rue X', '63500'))).toBe('postal_code.other')
    expect(await refusal(correct('3 rue X', 'abc'))).toBe('postal_code.invalid')
    expect((await correct('3 rue X', '63100')).business).toMatchObject({
      ...{ address: '3 rue X', postalCode: '63100', commune: { postalCodes: ['63000', '63100'] } },
    })
    expect(await refusal(correct('3 rue X', ''))).toBe('postal_code.several')
    // Saved again it is no other change.
    await correct('3 rue X')
    const [change, ...others] = await listMemberChanges(deps, chamber, 'ac63')
    expect(change).toMatchObject({ kind: 'edit', note: 'Tabac', by: 'contact:portal', updated: 1 })
    expect(others.filter(({ note, at }) => note === 'Tabac' && at === change?.at)).toEqual([])
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    const stored = await getMember(deps, chamber, 'ac63', memberId)
    expect(stored).toMatchObject({ address: '1 rue A', postalCode: null, point: { latitude: 45.5 } })
  })

  test('an address typed while the chamber moved the shop, or changed its address, is refused whole', async () => {
    const { actor } = await signInMember(me)
    const chamber = actorOf('chamber', 'ac63')
    const { memberId } = TABAC
    const stored = () => getMember(deps, chamber, 'ac63', memberId)
    const edit = async (values: Omit<Parameters<typeof editMember>[4], 'version'>) =>
      editMember(deps, chamber, 'ac63', memberId, { version: (await stored()).version ?? '', ...values })
    const correct = (values: Parameters<typeof correctBusiness>[3]) =>
      refusal(correctBusiness(deps, actor, TABAC, values))

    const atFirst = await seen(actor)
    await edit({ commune: '63113', address: '1 place de Jaude', postalCode: '63000' })
    const typed = { name: 'Tabac du Pont', address: '3 rue X', was: atFirst }
    expect(await correct(typed)).toBe('address_changed')
    // Picking, in the old form, the commune to which the chamber moved it does not replace the address either.
    expect(await correct({ ...typed, commune: '63113' })).toBe('address_changed')
    expect(await correct({ ...typed, was: undefined })).toBe('input.required')
    const moved = { commune: { code: '63113' }, address: '1 place de Jaude', postalCode: '63000' }
    expect(await stored()).toMatchObject({ ...moved, name: 'Tabac' })
    expect((await getOwnShop(deps, actor, TABAC)).business.correction).toBeNull()

    // The rest of an old form is asked, and the present address typed again changes nothing.
    expect(await correct({ name: 'Tabac du Pont' })).toBe('done')
    expect(await correct({ address: '1 place de Jaude', postalCode: '63000', was: atFirst })).toBe('done')
    // Another street of the same commune is not overwritten unseen.
    const inTown = await seen(actor)
    await edit({ address: '2 place de Jaude' })
    expect(await correct({ address: '3 place de Jaude', was: inTown })).toBe('address_changed')
    expect(await correct({ address: '3 place de Jaude', was: await seen(actor) })).toBe('done')
    expect(await stored()).toMatchObject({ ...moved, address: '3 place de Jaude' })
    // At the same moment, one of the two wins, and the other is refused.
    const before = await stored()
    const was = await seen(actor)
    const both = await Promise.all([
      refusal(edit({ commune: '63178', address: '5 rue Y', postalCode: '63500' })),
      correct({ address: '4 place de Jaude', was }),
    ])
    expect([
      ['done', 'address_changed'],
      ['member_changed', 'done'],
    ]).toContainEqual(both)
    const [byChamber] = both
    expect(await stored()).toMatchObject(
      byChamber === 'done'
        ? { commune: { code: '63178' }, address: '5 rue Y' }
        : { commune: before.commune, address: '4 place de Jaude' },
    )
    if (byChamber === 'done')
      await edit({ commune: '63113', address: '4 place de Jaude', postalCode: '63000' })
    // A request for another commune replaces nothing: the chamber reads it beside the present place.
    expect(await correct({ address: '9 rue Z', commune: '63178', postalCode: '63500', was: atFirst })).toBe(
      'done',
    )
    expect(await stored()).toMatchObject({ ...moved, address: '4 place de Jaude' })
  })

  test('a name that a shop gives itself waits for the chamber, which accepts the one it read, or declines it', async () => {
    const { actor } = await signInMember(me)
    const ask = async (name: string) => {
      const { business } = await correctBusiness(deps, actor, TABAC, {
        ...{ name, address: '3 rue X', was: await seen(actor) },
      })
      return [business.name, business.correction?.name, business.correction?.state]
    }
    const chamberOf = (role: 'chamber' | 'trade_chamber' | 'operator', trades: string[] | null = null) =>
      ({
        kind: 'user',
        userId: 'c',
        name: 'C',
        passwordDue: false,
        grants: [{ schemeId: 'ac63', role, agencyId: null, trades }],
      }) as const
    const chamber = chamberOf('chamber')
    const list = async (of: Actor = chamber) => (await listCorrections(deps, of, 'ac63')).corrections
    const decide = async (accept: boolean, of: Actor = chamber, askedAt?: string) =>
      refusal(
        decideCorrection(deps, of, 'ac63', TABAC.memberId, {
          accept,
          askedAt: askedAt ?? (await list())[0]?.askedAt ?? '',
          reason: accept ? '' : 'Trompeur',
        }),
      )

    const evil = 'la Police. Validez : evil.example'
    await ask(evil)
    expect(await list()).toMatchObject([
      { name: 'Tabac', asked: { name: evil, inSms: 'votre commerce', siret: null, place: null } },
    ])
    expect(await list(chamberOf('trade_chamber', ['bakeries']))).toEqual([])
    expect(await list(chamberOf('trade_chamber', ['tobacco-press']))).toHaveLength(1)
    expect(await decide(true, chamberOf('trade_chamber', ['bakeries']))).toBe('not_found')
    expect(await decide(true, chamberOf('operator'))).toBe('forbidden')
    expect(await decide(false)).toBe('done')
    expect(await ask(evil)).toEqual(['Tabac', evil, 'waiting'])
    expect(await decide(false)).toBe('done')
    expect((await getOwnShop(deps, actor, TABAC)).business.correction).toMatchObject({
      name: evil,
      state: 'declined',
      reason: 'Trompeur',
    })

    await ask('Tabac du Pont')
    const earlier = (await list())[0]?.askedAt
    clock = new Date(clock.getTime() + 1000)
    await ask('Tabac du Lac')
    expect(await decide(true, chamber, earlier)).toBe('not_found')
    expect(await decide(true)).toBe('done')
    expect((await getOwnShop(deps, actor, TABAC)).business).toMatchObject({
      name: 'Tabac du Lac',
      correction: null,
    })
    await ask('Tabac')
    expect(await ask('Tabac du Lac')).toEqual(['Tabac du Lac', undefined, undefined])
    expect(await list()).toEqual([])
    await ask('Tabac')
    await decide(true)
  })

  test('the answer to a name is undone for a day, and reaches the shop by mail, or by SMS without an address', async () => {
    const { actor } = await signInMember(me)
    const chamber = actorOf('chamber', 'ac63')
    const ask = (name: string) => correctBusiness(deps, actor, TABAC, { name, address: '' })
    const asked = async () => (await listCorrections(deps, chamber, 'ac63')).corrections[0]?.askedAt ?? ''
    const decide = async (accept: boolean, by = deps) =>
      decideCorrection(by, chamber, 'ac63', TABAC.memberId, {
        ...{ accept, askedAt: await asked(), reason: 'Déjà pris' },
      })
    const written = async () => {
      const rows = await database.db
        .selectFrom('outbox')
        .select(['template', 'channel'])
        .orderBy('createdAt')
        .execute()
      await database.db.deleteFrom('outbox').execute()
      return [...new Set(rows.map(({ template, channel }) => `${channel} ${template}`))]
    }
    await database.db
      .updateTable('contacts')
      .set({ mail: null })
      .where('memberId', '=', TABAC.memberId)
      .execute()
    await database.db.updateTable('contacts').set({ sms: true }).where('id', '=', first(TABAC)).execute()
    await written()
    await ask('Le Lac')
    const { change, corrections } = await decide(true)
    expect([change?.kind, change?.note, corrections]).toEqual(['edit', 'Le Lac', []])
    expect(await written()).toEqual(['sms correction.sms.answered'])
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    // The answer was sent: the shop is notified of the undo, and its request waits again.
    expect(await written()).toEqual(['sms correction.sms.undone'])
    expect((await getOwnShop(deps, actor, TABAC)).business).toMatchObject({
      ...{ name: 'Tabac', correction: { name: 'Le Lac', state: 'waiting' } },
    })
    const mailed = { ...deps, mailer: { name: 'test', send: async () => {}, close: () => {} } }
    await database.db.updateTable('contacts').set({ mail: 'a@b.fr' }).where('id', '=', first(TABAC)).execute()
    await ask('Le Pont')
    await decide(false, mailed)
    expect(await written()).toEqual(['mail mail.correction.declined'])
    // The chamber corrects the name before it applies it: that answers the request.
    await ask('LE PONT !!')
    const { version } = await getMember(deps, chamber, 'ac63', TABAC.memberId)
    await editMember(mailed, chamber, 'ac63', TABAC.memberId, {
      version: version ?? '',
      name: 'Le Pont',
      answersRequest: await asked(),
    })
    expect(await written()).toEqual(['mail mail.correction.accepted'])
    expect((await getOwnShop(deps, actor, TABAC)).business).toMatchObject({
      name: 'Le Pont',
      correction: null,
    })
    await ask('Tabac')
    await decide(true)
    await written()
  })

  test('any person can be opted out of SMS, only oneself opted in again, and the last one only after confirmation', async () => {
    const { actor } = await signInMember(me)
    const set = (contact: string, sms: boolean, evenLast = false) =>
      setOwnSms(deps, actor, TABAC, contact, { sms, evenLast })
    expect((await set(second(TABAC), false)).people[1]?.sms).toBe(false)
    expect(await refusal(set(second(TABAC), true))).toBe('forbidden')
    expect(await refusal(set(first(TABAC), false))).toBe('last_reached')
    expect((await set(first(TABAC), false, true)).people[0]?.sms).toBe(false)
    expect((await set(first(TABAC), true)).people[0]?.sms).toBe(true)
    const proofs = await database.db
      .selectFrom('optOuts')
      .select(['how', 'takes', 'by'])
      .orderBy('takes')
      .execute()
    expect(proofs).toEqual([
      { how: 'portal', takes: false, by: `contact:${first(TABAC)}` },
      { how: 'portal', takes: false, by: `contact:${first(TABAC)}` },
      { how: 'portal', takes: true, by: `contact:${first(TABAC)}` },
    ])
    const gone = await database.db.selectFrom('departures').select('phone').execute()
    expect(gone.map(({ phone }) => phone)).toEqual(expect.arrayContaining([me, other]))
  })

  test('a person joins with the code sent to their phone, and can use the portal from then on', async () => {
    const { actor } = await signInMember(me)
    const phone = phoneOf(n++)
    expect(
      await refusal(sendNewPersonCode(deps, caller(), actor, TABAC, { person: '', phone: '04 73 00 00 00' })),
    ).toBe('input.required')
    expect(
      await refusal(sendNewPersonCode(deps, caller(), actor, TABAC, { person: 'Zoé', phone: other })),
    ).toBe('portal.phone_known')
    const { attempt } = await sendNewPersonCode(deps, caller(), actor, TABAC, { person: 'Zoé', phone })
    const code = await digits()
    const add = (answer: object) =>
      addPerson(deps, actor, TABAC, { attempt, phone, person: 'Zoé', code, ...answer })
    expect(await refusal(add({ code: code === '000000' ? '000001' : '000000' }))).toBe('code_wrong')
    expect(await refusal(add({ phone: phoneOf(n++) }))).toBe('code_wrong')
    expect((await add({})).people.at(-1)).toMatchObject({ person: 'Zoé', phone, sms: true, me: false })
    expect(await refusal(add({}))).toBe('code_wrong')
    expect(await refusal(signInMember(phone))).toBe('done')
    // Ten at most.
    for (let i = 3; i < 10; i++) {
      await database.db
        .insertInto('contacts')
        .values({ ...TABAC, id: idOf(900 + i), person: 'P', mobile: phoneOf(n++), mail: null, sms: true })
        .execute()
    }
    expect(
      await refusal(sendNewPersonCode(deps, caller(), actor, TABAC, { person: 'Onze', phone: phoneOf(n++) })),
    ).toBe('too_many_people')
  })

  test('the same request with the id of the client adds one person, also of two at once', async () => {
    const { actor } = await signInMember(me)
    const phone = phoneOf(n++)
    const { attempt } = await sendNewPersonCode(deps, caller(), actor, TABAC, { person: 'Zoé', phone })
    const code = await digits()
    const id = deps.newId()
    const add = (over: object = {}, by = actor) =>
      addPerson(deps, by, TABAC, { id, attempt, phone, person: 'Zoé', code, ...over })
    const before = (await audited('contact.add')).length
    for (const { people } of await Promise.all([add(), add({ person: ' Zoé' }), add()])) {
      expect(people.filter((one) => one.phone === phone)).toMatchObject([{ id, person: 'Zoé' }])
    }
    expect(await audited('contact.add')).toHaveLength(before + 1)
    expect(await refusal(add({ person: 'Ève' }))).toBe('id_taken')
    expect(await refusal(add({ phone: phoneOf(n++) }))).toBe('id_taken')
    expect(await refusal(add({}, (await signInMember(other)).actor))).toBe('id_taken')
    // The id of a contact of another shop.
    expect(await refusal(add({ id: first(BAKERY) }))).toBe('id_taken')
  })

  test('a contact changes its number at all its shops; the old number is notified and loses access', async () => {
    const { actor, token } = await signInMember(me)
    const old = await signInMember(me)
    const phone = phoneOf(n++)
    expect(await refusal(sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone: other }))).toBe(
      'portal.phone_known',
    )
    const { attempt } = await sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone })
    const code = await digits()
    expect(await refusal(changeOwnPhone(deps, actor, TABAC, { attempt, phone, code: '12345' }))).toBe(
      'code_wrong',
    )
    expect((await changeOwnPhone(deps, actor, TABAC, { attempt, phone, code })).people[0]?.phone).toBe(phone)
    const shops = (await findContactActor(deps, token))?.shops.map(({ memberId }) => memberId)
    expect(shops?.sort()).toEqual([TABAC.memberId, JURA.memberId].sort())
    expect(await findContactActor(deps, old.token)).toBeUndefined()
    const told = await waitingSms(database.db)
    expect(told).toMatchObject([{ phone: me, text: expect.stringContaining('Si ce n’est pas vous') }])
    const gone = await database.db
      .selectFrom('departures')
      .select('schemeId')
      .where('phone', '=', me)
      .orderBy('schemeId')
      .execute()
    expect(gone.map(({ schemeId }) => schemeId)).toEqual(['ac39', 'ac63'])
  })

  test('a number that said STOP stays without SMS at its new contact, until its holder opts in again', async () => {
    const { actor } = await signInMember(me)
    const stopped = async () => {
      const phone = phoneOf(n++)
      await inScheme(database.db, 'ac63', (tx) => optOutNumber(tx, deps, 'ac63', { phone, gateway: 'g' }))
      return phone
    }
    const joining = await stopped()
    const invited = await sendNewPersonCode(deps, caller(), actor, TABAC, { person: 'Zoé', phone: joining })
    const added = await addPerson(deps, actor, TABAC, {
      ...{ attempt: invited.attempt, phone: joining, person: 'Zoé' },
      code: await digits(),
    })
    expect(added.people.at(-1)).toMatchObject({ phone: joining, sms: false })

    const phone = await stopped()
    const { attempt } = await sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone })
    const { people } = await changeOwnPhone(deps, actor, TABAC, { attempt, phone, code: await digits() })
    expect(people[0]).toMatchObject({ phone, sms: false })
    const again = await setOwnSms(deps, actor, TABAC, first(TABAC), { sms: true, evenLast: false })
    expect(again.people[0]).toMatchObject({ phone, sms: true })
  })

  test('sends no code to a foreign number, entered by chamber or member in any form', async () => {
    const { actor } = await signInMember(me)
    for (const [phone, code] of [
      ['+41 79 123 45 67', 'mobile.abroad'],
      ['+351 912 345 678', 'mobile.abroad'],
      ['+881 612 345 678', 'phone.special'],
      ['+870 773 123 456', 'phone.special'],
      ['08 90 12 34 56', 'phone.special'],
    ] as const) {
      expect(await refusal(sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone }))).toBe(code)
      expect(await refusal(sendNewPersonCode(deps, caller(), actor, TABAC, { phone, person: 'Zoé' }))).toBe(
        code,
      )
      expect(await refusal(sendSignInCode(deps, caller(), { phone }))).toBe(code)
    }
    expect(await waitingSms(database.db)).toEqual([])
  })

  test('sends a code only where the scheme sends codes, whether chamber or member enters the number', async () => {
    const { actor } = await signInMember(me)
    const limit = (id: string, destinations: string[] | null) =>
      database.db
        .updateTable('schemes')
        .set({ enrolment: JSON.stringify({ destinations }) })
        .where('id', '=', id)
        .execute()
    const phone = '+262692123456'
    await limit('ac63', ['FR'])
    expect(await refusal(sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone }))).toBe('mobile.outside')
    expect(await refusal(sendNewPersonCode(deps, caller(), actor, TABAC, { phone, person: 'Zoé' }))).toBe(
      'mobile.outside',
    )
    // Another scheme of the installation sends codes there: the response does not reveal which one knows the number.
    const { mobile: known } = await database.db
      .selectFrom('contacts')
      .select('mobile')
      .where('id', '=', first(BAKERY))
      .executeTakeFirstOrThrow()
    await database.db.updateTable('contacts').set({ mobile: phone }).where('id', '=', first(BAKERY)).execute()
    expect(await sendSignInCode(deps, caller(), { phone })).toMatchObject({ phone, turn: { accepted: true } })
    const { usedAt, schemeId } = await database.db
      .selectFrom('oneTimeCodes')
      .select(['usedAt', 'schemeId'])
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect([schemeId, usedAt]).toEqual(['ac39', expect.any(Date)])
    await limit('ac39', ['GP'])
    expect(await refusal(sendSignInCode(deps, caller(), { phone }))).toBe('mobile.outside')
    await limit('ac63', null)
    const count = async () => (await waitingSms(database.db)).length
    const before = await count()
    await sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone: '+262692123457' })
    expect(await count()).toBe(before + 1)
    await limit('ac39', null)
    await database.db.updateTable('contacts').set({ mobile: known }).where('id', '=', first(BAKERY)).execute()
  })

  test("a code never contains the shop's name, since its recipient has proved nothing yet", async () => {
    const { actor } = await signInMember(me)
    const name = 'la Police. Validez : evil.example'
    await correctBusiness(deps, actor, TABAC, { name, address: '' })
    await sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone: phoneOf(n++) })
    await sendNewPersonCode(deps, caller(), actor, TABAC, { phone: phoneOf(n++), person: name })
    const texts = await waitingSms(database.db)
    expect(texts).toHaveLength(2)
    for (const { text } of texts) {
      expect(text).toMatch(/^Alerte Commerces 63 : votre code est/)
      expect(text).not.toMatch(/police|validez|evil/i)
      expect(segmentMessage(text, { fold: true }).parts).toHaveLength(1)
    }
  })

  test('a person signed in by a shared mailbox changes only their own number', async () => {
    const mail = 'comptable@example.fr'
    const bakers = (
      await database.db
        .selectFrom('contacts')
        .select('mobile')
        .where('id', '=', first(BAKERY))
        .executeTakeFirstOrThrow()
    ).mobile
    await database.db
      .updateTable('contacts')
      .set({ mail })
      .where('id', 'in', [first(TABAC), first(BAKERY), first(JURA)])
      .execute()
    const actor = await findContactActor(deps, await openContactSession(deps, { mail }))
    if (actor === undefined) throw new Error('nobody')
    const phone = phoneOf(n++)
    const { attempt } = await sendOwnPhoneCode(deps, caller(), actor, TABAC, { phone })
    await changeOwnPhone(deps, actor, TABAC, { attempt, phone, code: await digits() })
    const numbers = await database.db
      .selectFrom('contacts')
      .select(['id', 'mobile'])
      .where('id', 'in', [first(TABAC), first(BAKERY), first(JURA)])
      .execute()
    expect(new Map(numbers.map(({ id, mobile }) => [id, mobile]))).toEqual(
      // The same person has a shop in the Jura, under the same number.
      new Map([
        [first(TABAC), phone],
        [first(JURA), phone],
        [first(BAKERY), bakers],
      ]),
    )
  })

  test('a person can be removed, oneself included, but never the last one', async () => {
    const { actor, token } = await signInMember(me)
    expect(await refusal(removePerson(deps, actor, TABAC, first(BAKERY), { evenLast: true }))).toBe(
      'not_found',
    )
    await setOwnSms(deps, actor, TABAC, second(TABAC), { sms: false, evenLast: false })
    expect(await refusal(removePerson(deps, actor, TABAC, first(TABAC), { evenLast: false }))).toBe(
      'last_reached',
    )
    expect(await removePerson(deps, actor, TABAC, first(TABAC), { evenLast: true })).toBeNull()
    // Loses access to this shop, not to the other one.
    expect((await findContactActor(deps, token))?.shops.map(({ memberId }) => memberId)).toEqual([
      JURA.memberId,
    ])
    const left = await signInMember(other)
    expect(await refusal(removePerson(deps, left.actor, TABAC, second(TABAC), { evenLast: true }))).toBe(
      'last_person',
    )
  })

  test('when a shop leaves, its numbers become departures and its people are notified and lose access', async () => {
    const { actor, token } = await signInMember(other)
    expect(await refusal(leaveScheme(deps, actor, TABAC, { confirmed: false }))).toBe('portal.not_confirmed')
    await leaveScheme(deps, actor, TABAC, { confirmed: true })
    expect(await findContactActor(deps, token)).toBeUndefined()
    const told = await waitingSms(database.db)
    expect(told.map(({ phone }) => phone).sort()).toEqual([me, other].sort())
    const gone = await database.db
      .selectFrom('departures')
      .select('phone')
      .where('phone', 'in', [me, other])
      .where('schemeId', '=', 'ac63')
      .execute()
    expect(gone).toHaveLength(2)
    // The shop of the other scheme stays.
    const { actor: mine } = await signInMember(me)
    expect(mine.kind === 'contact' ? mine.shops.map(({ memberId }) => memberId) : []).toEqual([JURA.memberId])
    expect(await audited('member.leave')).toHaveLength(1)
  })

  test("no action reaches another member's shop, in its scheme or in another", async () => {
    const { actor } = await signInMember(other)
    const verbs: readonly ((of: typeof TABAC) => Promise<unknown>)[] = [
      (of) => getOwnShop(deps, actor, of),
      (of) => setOwnQuietHours(deps, actor, of, { quiet: null }),
      (of) => correctBusiness(deps, actor, of, { name: 'Pris', address: '' }),
      (of) => correctPerson(deps, actor, of, first(of), { person: 'Pris', mail: '' }),
      (of) => setOwnSms(deps, actor, of, first(of), { sms: false, evenLast: true }),
      (of) => removePerson(deps, actor, of, first(of), { evenLast: true }),
      (of) => sendOwnPhoneCode(deps, caller(), actor, of, { phone: phoneOf(n++) }),
      (of) => sendNewPersonCode(deps, caller(), actor, of, { person: 'P', phone: phoneOf(n++) }),
      (of) => addPerson(deps, actor, of, { attempt: idOf(5), phone: phoneOf(7), person: 'P', code: '1' }),
      (of) => changeOwnPhone(deps, actor, of, { attempt: idOf(5), phone: phoneOf(7), code: '1' }),
      (of) => leaveScheme(deps, actor, of, { confirmed: true }),
    ]
    const rows = () =>
      Promise.all([
        database.db.selectFrom('members').selectAll().orderBy('id').execute(),
        database.db.selectFrom('contacts').selectAll().orderBy('id').execute(),
      ])
    const before = await rows()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...verbs),
        fc.constantFrom(BAKERY, JURA, { schemeId: 'ac39', memberId: TABAC.memberId }),
        async (verb, of) => {
          expect(await refusal(verb(of))).toBe('not_found')
        },
      ),
      { numRuns: runsOf(60) },
    )
    // Names a person of another shop in one's own.
    for (const verb of [
      () => correctPerson(deps, actor, TABAC, first(BAKERY), { person: 'Pris', mail: '' }),
      () => setOwnSms(deps, actor, TABAC, first(BAKERY), { sms: false, evenLast: true }),
    ]) {
      expect(await refusal(verb())).toBe('not_found')
    }
    expect(await rows()).toEqual(before)
  })
})
