import { createHash, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import {
  actorOf,
  contactOf as contactOfShop,
  type NotedJobs,
  program,
  testDeps,
} from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { waitingMails, waitingSms } from '../../test/support/outbox.ts'
import { runsOf } from '../../test/support/random.ts'
import { sendDirectMessage } from '../deliveries/plan/direct.ts'
import type { Deps } from '../deps.ts'
import { findBalance, writeMovements } from '../dues/ledger/ledger.ts'
import { AppError } from '../errors.ts'
import { createKeptMailer, type KeptMail } from '../gateways/mail/kept.ts'
import { deriveCodeDigits } from '../identity/codes/codes.ts'
import { getMember, listMemberAccesses, listMembers } from '../members/actions.ts'
import { MemberQuery } from '../members/contract.ts'
import { optOutNumber } from '../members/opt-out/opt-out.ts'
import { listOptedOut } from '../members/opt-out/opted-out.ts'
import { sendMail } from '../outbox/mails.ts'
import type { Actor } from '../permissions.ts'
import { acrossSchemes, type Database, inScheme } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import {
  confirmPhone,
  type EnrolmentKey,
  enterBusiness,
  enterContact,
  forgetEnrolment,
  getOwnEnrolment,
  getPublicScheme,
  sendCodeAgain,
  signCharter,
} from './apply.ts'
import { approveEnrolment, approveLater, getEnrolment, listEnrolments, refuseEnrolment } from './approve.ts'
import { type ApproveEnrolment, type BusinessStep, EnrolmentQuery } from './contract.ts'
import { getEnrolmentScheme, lookUpBusiness, searchBusinesses, searchTrades } from './lookup.ts'
import { offlineRegistry } from './registry.ts'
import { setEnrolmentSettings } from './settings.ts'
import { purgeEnrolments } from './store.ts'

const chamber = actorOf('chamber', 'ac63')
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
const neighbours = actorOf('chamber', 'ac39')
const KNOWN = '00012345500016'
const OUTSIDE = '00012345500024'
const FOREZ = siretOf('00044441')
const BOTH = siretOf('00055551')
const NEXT = siretOf('00066661')
const BAR = siretOf('00077771')
const waiting = EnrolmentQuery.parse({})

const registry = offlineRegistry([
  {
    siret: KNOWN,
    name: 'TABAC DU PONT',
    naf: '47.26Z',
    naf2025: null,
    communeCode: '63178',
    address: '1 RUE DU PONT',
    postalCode: '63500',
    point: null,
  },
  {
    siret: FOREZ,
    name: 'PRESSE FOREZ',
    naf: '47.62Z',
    naf2025: null,
    communeCode: '63003',
    address: null,
    postalCode: null,
    point: null,
  },
  ...[
    { siret: BOTH, naf: '95.25Z', naf2025: '47.77Y' },
    { siret: NEXT, naf: null, naf2025: '47.26Y' },
    { siret: BAR, naf: '56.30Z', naf2025: '56.30Y' },
  ].map((codes) => ({
    ...codes,
    name: 'NAF',
    communeCode: '63178',
    address: null,
    postalCode: null,
    point: null,
  })),
  {
    siret: OUTSIDE,
    name: 'TABAC DU JURA',
    naf: '47.26Z',
    naf2025: null,
    communeCode: '39300',
    address: null,
    postalCode: null,
    point: null,
  },
])

describe.each(usualKinds)('enrolment on %s', (kind) => {
  let database: Database
  let deps: Deps
  let nowMs = Date.parse('2026-03-12T10:00:00Z')
  let n = 500
  const mailer = createKeptMailer(() => new Date(nowMs))
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', trade: 'bakeries', phones: [phoneOf(2)] },
    ])
    deps = testDeps(database, {
      now: () => new Date(nowMs),
      mailer,
      companies: {
        ...registry,
        find: async (siret) => {
          if (siret.startsWith('0001111')) throw new AppError('source_unreachable')
          return siret.startsWith('0002222') ? { kind: 'closed' } : registry.find(siret)
        },
      },
    })
  })
  afterAll(() => database.close())

  const business = (over: Partial<BusinessStep> = {}): BusinessStep => ({
    siret: '',
    name: `Tabac ${n}`,
    trade: 'tobacco-press',
    commune: '63178',
    address: '4 place de la Halle',
    ...over,
  })
  async function begin(over: Partial<BusinessStep> = {}, schemeId = 'ac63'): Promise<EnrolmentKey> {
    const { key } = await enterBusiness(deps, schemeId, undefined, business(over))
    if (key === undefined) throw new Error('no key')
    return key
  }
  const contactOf = (phone: string) => ({ person: 'Paul Durand', phone, mail: 'paul@example.org' })
  const caller = () => ({ address: `192.0.2.${n++ % 250}` })
  async function flush(): Promise<void> {
    const rows = await waitingSms(database.db)
    for (const { id, schemeId } of rows) await sendDirectMessage(deps, schemeId, id)
  }
  async function codeOf(key: EnrolmentKey): Promise<string> {
    await flush()
    const row = await database.db
      .selectFrom('oneTimeCodes')
      .select('id')
      .where('subject', '=', key.id)
      .where('sentAt', 'is not', null)
      .orderBy('createdAt', 'desc')
      .executeTakeFirst()
    return row === undefined ? 'none' : deriveCodeDigits(deps, row.id)
  }
  async function submit(
    over: Partial<BusinessStep> = {},
    phone = phoneOf(n++),
    schemeId = 'ac63',
  ): Promise<EnrolmentKey> {
    // A number may get one code a minute.
    nowMs += 61_000
    const key = await begin(over, schemeId)
    await enterContact(deps, caller(), schemeId, key, contactOf(phone))
    await confirmPhone(deps, schemeId, key, { code: await codeOf(key) })
    const { charter } = await getPublicScheme(deps, schemeId)
    await signCharter(deps, schemeId, key, { version: charter.version, accepted: true, name: 'Paul Durand' })
    return key
  }
  async function lastMail(): Promise<KeptMail> {
    for (const { id, schemeId } of await waitingMails(database.db)) await sendMail(deps, schemeId, id)
    const [last] = mailer.list()
    if (last === undefined) throw new Error('no mail')
    return last
  }
  const textsTo = async (phone: string) => {
    await flush()
    const rows = await database.db
      .selectFrom('deliveries as d')
      .innerJoin('broadcasts as b', 'b.id', 'd.broadcastId')
      .select('b.text')
      .where('d.phone', '=', phone)
      .orderBy('b.orderedAt')
      .orderBy('b.id')
      .execute()
    return rows.map(({ text }) => text)
  }
  const problemsOf = async (work: Promise<unknown>) =>
    work.then(
      () => [],
      (error: AppError) => error.problems.map(({ path, code }) => `${path}: ${code}`),
    )

  test('leads from the business to an active member, each step naming the next', async () => {
    const phone = phoneOf(90)
    const { enrolment, key } = await enterBusiness(
      deps,
      'ac63',
      undefined,
      business({ name: 'Tabac  des Arcades ' }),
    )
    expect(enrolment).toMatchObject({ state: 'draft', step: 'contact', contact: null })
    expect(enrolment.business).toEqual({
      siret: null,
      name: 'Tabac des Arcades',
      trade: 'tobacco-press',
      commune: { code: '63178', name: 'Issoire' },
      address: '4 place de la Halle',
    })
    const typed = phone.replace('+33', '0').replace(/(\d\d)(?=\d)/g, '$1 ')
    expect(await enterContact(deps, caller(), 'ac63', key, contactOf(typed))).toMatchObject({
      step: 'code',
      contact: { person: 'Paul Durand', phone, mail: 'paul@example.org', confirmed: false },
    })
    expect(await textsTo(phone)).toEqual([
      'Alerte Commerces 63 : votre code est ******, valable 10 minutes. Ne le donnez à personne.',
    ])
    await expect(
      signCharter(deps, 'ac63', key, { version: 1, accepted: true, name: 'Paul Durand' }),
    ).rejects.toMatchObject({ code: 'enrolment_incomplete' })
    const confirmed = await confirmPhone(deps, 'ac63', key, { code: await codeOf(key!) })
    expect(confirmed).toMatchObject({ step: 'charter', contact: { confirmed: true } })

    const { charter } = await getPublicScheme(deps, 'ac63')
    expect(charter.text).toContain('Charte d’adhésion au dispositif Alerte Commerces 63')
    await expect(
      signCharter(deps, 'ac63', key, { version: 2, accepted: true, name: 'Paul Durand' }),
    ).rejects.toMatchObject({ code: 'charter_changed' })
    const done = await signCharter(deps, 'ac63', key, { version: 1, accepted: true, name: ' Paul  Durand' })
    expect(done).toMatchObject({ state: 'submitted', step: 'done' })

    const { enrolments, counts } = await listEnrolments(deps, chamber, 'ac63', waiting)
    expect(enrolments.map(({ id }) => id)).toContain(key?.id)
    expect(counts.submitted).toBeGreaterThan(0)
    const seen = await getEnrolment(deps, chamber, 'ac63', key!.id)
    expect(seen).toMatchObject({
      phone,
      verified: false,
      duplicates: [],
      charter: {
        version: 1,
        sha256: createHash('sha256').update(charter.text).digest('hex'),
        signedName: 'Paul Durand',
        signedAt: expect.any(String),
      },
    })

    nowMs += 1000
    const approved = await approveEnrolment(deps, chamber, 'ac63', key!.id, { as: 'new' })
    expect(approved).toMatchObject({ state: 'approved', decidedBy: 'Camille Roche' })
    expect(await getMember(deps, chamber, 'ac63', approved.memberId!)).toMatchObject({
      name: 'Tabac des Arcades',
      status: 'active',
      trade: 'tobacco-press',
      contacts: [{ person: 'Paul Durand', phone, mail: 'paul@example.org', sms: true }],
    })
    const [, welcome] = await textsTo(phone)
    expect(welcome).toBe(
      'Alerte Commerces 63 : Tabac des Arcades est inscrit. Les alertes seront signées ALERTE63. Ne les transférez pas. Urgence : 17.',
    )
    expect(welcome!.length).toBeLessThanOrEqual(160)
    await expect(approveEnrolment(deps, chamber, 'ac63', key!.id, { as: 'new' })).rejects.toMatchObject({
      code: 'enrolment_decided',
    })
    expect(await getOwnEnrolment(deps, 'ac63', key)).toMatchObject({ state: 'approved' })

    const audit = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'actor', 'details'])
      .where('subject', '=', `enrolment:${key!.id}`)
      .orderBy('seq')
      .execute()
    expect(audit.map(({ action }) => action)).toEqual(['enrolment.submit', 'enrolment.approve'])
    expect(JSON.stringify(audit)).not.toContain('Durand')
  })

  test('reports every problem at once, each at its field', async () => {
    expect(
      await problemsOf(
        enterBusiness(deps, 'ac63', undefined, {
          siret: '123',
          name: ' ',
          trade: 'farmers',
          commune: '39300',
          address: '',
        }),
      ),
    ).toEqual([
      'siret: siret.length',
      'name: input.required',
      'trade: unknown_trade',
      'commune: enrolment.outside',
    ])
    const key = await begin()
    expect(
      await problemsOf(
        enterContact(deps, caller(), 'ac63', key, { person: '', phone: '04 73 00 00 00', mail: 'x' }),
      ),
    ).toEqual(['person: input.required', 'phone: mobile.landline', 'mail: mail.invalid'])
    for (const [phone, code] of [
      ['+41 79 123 45 67', 'mobile.abroad'],
      ['+881 612 345 678', 'phone.special'],
    ] as const) {
      expect(await problemsOf(enterContact(deps, caller(), 'ac63', key, contactOf(phone)))).toEqual([
        `phone: ${code}`,
      ])
    }
    await setEnrolmentSettings(deps, program, 'ac63', { destinations: ['FR', 'GP'] })
    for (const phone of ['0692 12 34 56', '+687 75 12 34'])
      expect(await problemsOf(enterContact(deps, caller(), 'ac63', key, contactOf(phone)))).toEqual([
        'phone: mobile.outside',
      ])
    await setEnrolmentSettings(deps, program, 'ac63', { destinations: null })
    expect(
      await problemsOf(signCharter(deps, 'ac63', key, { version: 1, accepted: false, name: '' })),
    ).toEqual(['name: input.required', 'accepted: enrolment.not_accepted'])
  })

  test('sends nothing of a business name that contains a link until the number is proved, and neutral words afterwards', async () => {
    const phone = phoneOf(971)
    const name = 'la Police. Validez : evil.example'
    const { key } = await enterBusiness(deps, 'ac63', undefined, business({ name }))
    await enterContact(deps, caller(), 'ac63', key, contactOf(phone))
    expect((await textsTo(phone)).join(' ')).not.toMatch(/police|validez|evil/i)
    await confirmPhone(deps, 'ac63', key, { code: await codeOf(key!) })
    await signCharter(deps, 'ac63', key, { version: 1, accepted: true, name: 'Paul Durand' })
    await refuseEnrolment(deps, chamber, 'ac63', key!.id, { reason: 'not_verified', note: '' })
    // Both have the same timestamp, so their order is undefined.
    expect(await textsTo(phone)).toContain(
      "Alerte Commerces 63 : la demande pour votre commerce n'est pas retenue : commerce non vérifié.",
    )
  })

  test('a SIRET fills in the business; a closed, distant or unknown one, or a silent register, is reported', async () => {
    expect(await lookUpBusiness(deps, 'ac63', '000 123 455 00016')).toEqual({
      outcome: 'found',
      siret: KNOWN,
      business: {
        name: 'TABAC DU PONT',
        trade: 'tobacco-press',
        commune: { code: '63178', name: 'Issoire' },
        outside: false,
        address: '1 RUE DU PONT',
      },
    })
    expect(await lookUpBusiness(deps, 'ac63', OUTSIDE)).toMatchObject({
      business: { commune: null, outside: true },
    })
    expect(await lookUpBusiness(deps, 'ac63', siretOf('00033334'))).toMatchObject({
      outcome: 'unknown',
      business: null,
    })
    expect(await lookUpBusiness(deps, 'ac63', siretOf('00011114'))).toMatchObject({ outcome: 'unreachable' })
    expect(await lookUpBusiness(deps, 'ac63', siretOf('00022224'))).toMatchObject({ outcome: 'closed' })
    expect(await problemsOf(lookUpBusiness(deps, 'ac63', '12345678901234'))).toEqual(['siret: siret.check'])
    expect(await problemsOf(begin({ siret: siretOf('00022224') }))).toEqual(['siret: enrolment.closed'])
    // A register that does not answer keeps no business from joining.
    await begin({ siret: siretOf('00011114') })
  })

  test('a business is found by its name and commune, the same whether or not it is a member', async () => {
    const tobacconist = {
      siret: KNOWN,
      name: 'TABAC DU PONT',
      trade: 'tobacco-press',
      commune: { code: '63178', name: 'Issoire' },
      outside: false,
      address: '1 RUE DU PONT',
    }
    const search = (q: string, commune = '') => searchBusinesses(deps, 'ac63', { q, commune })
    const found = { outcome: 'found', businesses: [tobacconist] }
    expect(await search('tabac pont')).toEqual(found)
    expect(await search('Tabac', '63178')).toEqual(found)
    expect(await search('Tabac', '63003')).toEqual({ outcome: 'unknown', businesses: [] })
    expect(await search(KNOWN)).toEqual(found)
    // Other departements are not searched; a SIRET is found anywhere.
    expect(await search(OUTSIDE)).toMatchObject({ businesses: [{ outside: true, commune: null }] })
    expect(await search('ta')).toEqual({ outcome: 'unknown', businesses: [] })
    expect(await problemsOf(search('123 456'))).toEqual(['siret: siret.length'])
    await database.db
      .updateTable('members')
      .set({ siret: KNOWN, name: 'TABAC DU PONT' })
      .where('id', '=', idOf(1))
      .execute()
    expect(await search('tabac pont')).toEqual(found)
    expect(await search(KNOWN)).toEqual(found)
    await database.db
      .updateTable('members')
      .set({ siret: null, name: 'Tabac du Centre' })
      .where('id', '=', idOf(1))
      .execute()
    const search404 = searchBusinesses(deps, 'ac99', { q: 'tabac', commune: '' })
    await expect(search404).rejects.toMatchObject({ code: 'unknown_scheme' })
    const down = { ...registry, search: () => Promise.reject(new AppError('source_unreachable')) }
    expect(await searchBusinesses({ ...deps, companies: down }, 'ac63', { q: 'tabac', commune: '' })).toEqual(
      {
        outcome: 'unreachable',
        businesses: [],
      },
    )
  })

  test('a trade is found by the word that merchants use, among those of the scheme', async () => {
    const search = async (q: string) => (await searchTrades(deps, 'ac63', q)).trades
    expect(await searchTrades(deps, 'ac63', 'fleuriste')).toMatchObject({ known: false })
    await sql`update schemes set trades = array_append(trades, 'general-shops') where id = 'ac63'`.execute(
      database.db,
    )
    expect(await search('fleuriste')).toEqual([{ code: 'general-shops', word: 'fleuriste' }])
    expect((await search('boul'))[0]).toEqual({ code: 'bakeries', word: 'boulanger' })
    expect((await search('boulangrie'))[0]).toEqual({ code: 'bakeries', word: null })
    expect((await search('livres'))[0]).toEqual({ code: 'general-shops', word: 'livres' })
    // A word that is not known leads to the whole list, that of other shops first.
    const unknown = await searchTrades(deps, 'ac63', 'xyz')
    expect([unknown.known, unknown.trades[0]]).toEqual([false, { code: 'general-shops', word: null }])
    const { trades } = await inScheme(database.db, 'ac63', (tx) => getEnrolmentScheme(tx, 'ac63'))
    expect(unknown.trades.map(({ code }) => code).toSorted()).toEqual([...trades].toSorted())
    await sql`update schemes set trades = array_remove(trades, 'general-shops') where id = 'ac63'`.execute(
      database.db,
    )
  })

  test('the codes of both classifications are kept, and either says the trade', async () => {
    expect(await lookUpBusiness(deps, 'ac63', NEXT)).toMatchObject({ business: { trade: 'tobacco-press' } })
    const codesOf = async (over: Partial<BusinessStep>) => {
      const { id } = await begin(over)
      return database.db
        .selectFrom('enrolments')
        .select(['naf', 'naf2025'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    }
    expect(await codesOf({ siret: NEXT })).toEqual({ naf: null, naf2025: '47.26Y' })
    expect(await lookUpBusiness(deps, 'ac63', BOTH)).toMatchObject({ business: { trade: 'jewellers' } })
    expect(await codesOf({ siret: BOTH, trade: 'jewellers' })).toEqual({ naf: '95.25Z', naf2025: '47.77Y' })
    // Another trade was chosen, as by a bar that sells tobacco.
    expect(await codesOf({ siret: BOTH })).toEqual({ naf: '95.25Z', naf2025: '47.77Y' })
    expect(await codesOf({ siret: BAR })).toEqual({ naf: '56.30Z', naf2025: '56.30Y' })
  })

  test('a wrong code counts as an attempt although it is refused; responses are the same for every number', async () => {
    const key = await begin()
    const answers: unknown[] = []
    // A member's number, an unknown one, one that just had a code, one of another request.
    for (const phone of [phoneOf(1), phoneOf(n++), phoneOf(1), phoneOf(90)]) {
      const { contact: _, ...view } = await enterContact(deps, caller(), 'ac63', key, contactOf(phone))
      const refusal = await confirmPhone(deps, 'ac63', key, { code: '000000' }).catch((error: AppError) => [
        error.code,
        error.problems,
        error.values,
      ])
      answers.push([view, refusal])
    }
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)

    const phone = phoneOf(n++)
    await enterContact(deps, caller(), 'ac63', key, contactOf(phone))
    const right = await codeOf(key)
    const wrong = right === '123456' ? '654321' : '123456'
    for (let i = 0; i < 5; i++) {
      await expect(confirmPhone(deps, 'ac63', key, { code: wrong })).rejects.toMatchObject({
        code: 'code_wrong',
      })
    }
    await expect(confirmPhone(deps, 'ac63', key, { code: right })).rejects.toMatchObject({
      code: 'code_wrong',
    })
    nowMs += 61_000
    await sendCodeAgain(deps, caller(), 'ac63', key)
    expect(await confirmPhone(deps, 'ac63', key, { code: await codeOf(key) })).toMatchObject({
      step: 'charter',
    })
    // Another number must be confirmed again.
    expect(await enterContact(deps, caller(), 'ac63', key, contactOf(phoneOf(n++)))).toMatchObject({
      step: 'code',
    })
  })

  test('only the key opens an enrolment until it is submitted; then nothing can change', async () => {
    const key = await begin()
    for (const other of [
      undefined,
      { ...key, token: 'x'.repeat(32) },
      { id: randomUUID(), token: key.token },
    ]) {
      expect(await getOwnEnrolment(deps, 'ac63', other)).toBeUndefined()
      await expect(
        enterContact(deps, caller(), 'ac63', other, contactOf(phoneOf(n++))),
      ).rejects.toMatchObject({
        code: 'enrolment_lost',
      })
    }
    expect(await getOwnEnrolment(deps, 'ac39', key)).toBeUndefined()
    // Corrected under the same key.
    const again = await enterBusiness(deps, 'ac63', key, business({ name: 'Autre nom' }))
    expect(again).toMatchObject({ key: undefined, enrolment: { business: { name: 'Autre nom' } } })
    await forgetEnrolment(deps, 'ac63', key)
    expect(await getOwnEnrolment(deps, 'ac63', key)).toBeUndefined()

    const sent = await submit()
    await expect(enterContact(deps, caller(), 'ac63', sent, contactOf(phoneOf(n++)))).rejects.toMatchObject({
      code: 'enrolment_closed',
    })
    await forgetEnrolment(deps, 'ac63', sent)
    expect(await getOwnEnrolment(deps, 'ac63', sent)).toMatchObject({ state: 'submitted' })
  })

  test('points out possible duplicates; the same SIRET is the same member, and its opt-out stays', async () => {
    const phone = phoneOf(n++)
    const first = await submit({ siret: KNOWN, name: 'Tabac du Pont' }, phone)
    const { memberId } = await approveEnrolment(deps, chamber, 'ac63', first.id, { as: 'new' })
    // As in the register, for letters; without a SIRET, that of a commune which has only one.
    expect((await getMember(deps, chamber, 'ac63', memberId!)).postalCode).toBe('63500')
    const unknown = await submit({ name: 'Salon de la Gare' })
    const joined = await approveEnrolment(deps, chamber, 'ac63', unknown.id, { as: 'new' })
    expect((await getMember(deps, chamber, 'ac63', joined.memberId!)).postalCode).toBe('63500')
    await database.db.updateTable('contacts').set({ sms: false }).where('memberId', '=', memberId).execute()
    await database.db.updateTable('members').set({ status: 'left' }).where('id', '=', memberId).execute()

    // The applicant sees nothing of it.
    const again = await submit({ siret: KNOWN, name: 'Tabac du Pont' }, phone)
    const third = await submit({ name: 'Tabac du Pont' })
    const seen = await getEnrolment(deps, chamber, 'ac63', again.id)
    expect(seen).toMatchObject({ verified: true })
    expect(seen.duplicates).toEqual([
      expect.objectContaining({
        kind: 'member',
        id: memberId,
        status: 'left',
        by: ['siret', 'phone', 'place'],
      }),
      expect.objectContaining({ kind: 'enrolment', id: third.id, by: ['place'] }),
    ])
    expect(await problemsOf(approveEnrolment(deps, chamber, 'ac63', again.id, { as: 'new' }))).toEqual([
      'as: enrolment.siret_known',
    ])
    // It left by its own choice: the chamber chooses to reactivate it, and its STOP stays in force.
    const onto: ApproveEnrolment = { as: 'member', memberId: memberId!, replace: ['status'] }
    nowMs += 1000
    await approveEnrolment(deps, chamber, 'ac63', again.id, onto)
    expect(await getMember(deps, chamber, 'ac63', memberId!)).toMatchObject({
      status: 'active',
      postalCode: '63500',
      contacts: [{ phone, sms: false }],
    })
    expect((await textsTo(phone)).at(-1)).toBe(
      "Alerte Commerces 63 : la demande pour Tabac du Pont est acceptée. Pas encore d'alertes à ce numéro : appelez votre chambre. Urgence : 17.",
    )
    // An owner of two shops: a separate member, as the chamber decides.
    const fourth = await submit({ name: 'Boutique' }, phone)
    expect((await getEnrolment(deps, chamber, 'ac63', fourth.id)).duplicates).toMatchObject([
      { id: memberId, by: ['phone'] },
    ])
    const own = await approveEnrolment(deps, chamber, 'ac63', fourth.id, { as: 'new' })
    expect(own.memberId).not.toBe(memberId)
  })

  describe('approval into a member of the same SIRET', () => {
    const owner = phoneOf(801)
    const silent = phoneOf(802)
    const landline = '+33199000801'
    const ambert = { siret: FOREZ, name: 'Presse Forez', address: '2 rue du Château' }
    async function seedShop(status: MemberStatus): Promise<string> {
      const id = randomUUID()
      // The member of the previous test loses its SIRET.
      await database.db
        .updateTable('members')
        .set({ siret: null })
        .where('siret', '=', ambert.siret)
        .execute()
      const out = [silent, landline].map((mobile) => ({ mobile, sms: false }))
      await seedMembers(database.db, 'ac63', [
        { id, name: ambert.name, communeCode: '63003', status, phones: [owner, ...out] },
      ])
      const { siret, address } = ambert
      await database.db.updateTable('members').set({ siret, address }).where('id', '=', id).execute()
      await inScheme(database.db, 'ac63', (tx) =>
        writeMovements(tx, deps, 'ac63', 'test', [
          {
            ...{ kind: 'call', enteredOn: '2026-01-05', memberId: id, member: ambert.name, piece: '2026' },
            ...{ owesCents: 1000, against: 'income' },
          },
        ]),
      )
      return id
    }
    const stranger = (phone?: string) =>
      submit({ siret: ambert.siret, name: 'la Police. Validez: evil.example', commune: '63178' }, phone)

    test("shows the member's state beside the request: masked numbers, dues owed, contacts to notify", async () => {
      const id = await seedShop('suspended')
      const { duplicates } = await getEnrolment(deps, chamber, 'ac63', (await stranger()).id)
      expect(duplicates.find((one) => one.id === id)).toEqual({
        ...{ kind: 'member', id, name: 'Presse Forez', commune: { code: '63003', name: 'Ambert' } },
        ...{ status: 'suspended', by: ['siret'] },
        known: {
          ...{ siret: ambert.siret, address: '2 rue du Château', trade: 'tobacco-press' },
          contacts: [
            {
              id: expect.any(String),
              person: 'Dominique',
              phone: `•• •• •• •• ${owner.slice(-2)}`,
              sms: true,
              same: false,
            },
            {
              id: expect.any(String),
              person: 'Dominique',
              phone: `•• •• •• •• ${silent.slice(-2)}`,
              sms: false,
              same: false,
            },
            {
              id: expect.any(String),
              person: 'Dominique',
              phone: `•• •• •• •• ${landline.slice(-2)}`,
              sms: false,
              same: false,
            },
          ],
          ...{ owesCents: 1000, notified: 1 },
        },
      })
      const read = await listMemberAccesses(deps, chamber, 'ac63', id)
      expect(read.accesses).toMatchObject([{ what: 'file' }])
    })

    test('replaces nothing unless chosen: status, dues and opt-outs stay, and its contacts are notified', async () => {
      const id = await seedShop('suspended')
      const phone = phoneOf(n++)
      const key = await stranger(phone)
      const before = await textsTo(owner)
      nowMs += 1000
      await approveEnrolment(deps, chamber, 'ac63', key.id, { as: 'member', memberId: id, replace: [] })
      expect(await getMember(deps, chamber, 'ac63', id)).toMatchObject({
        ...{ name: 'Presse Forez', status: 'suspended', address: '2 rue du Château', siret: ambert.siret },
        commune: { code: '63003' },
        contacts: [
          { phone: owner, sms: true },
          { phone: silent, sms: false },
          { phone: landline, sms: false },
          { phone, sms: true, person: 'Paul Durand' },
        ],
      })
      expect(await inScheme(database.db, 'ac63', (tx) => findBalance(tx, 'ac63', id))).toBe(1000)
      const notice =
        "Alerte Commerces 63 : une demande au nom de Presse Forez a été acceptée. Si ce n'est pas vous, appelez votre chambre."
      expect((await textsTo(owner)).slice(before.length)).toEqual([notice])
      expect(await textsTo(silent)).toEqual([])
      expect((await textsTo(phone)).at(-1)).toMatch(/Pas encore d'alertes à ce numéro/)
      const { details } = await database.db
        .selectFrom('auditEntries')
        .select('details')
        .where('subject', '=', `enrolment:${key.id}`)
        .where('action', '=', 'enrolment.approve')
        .executeTakeFirstOrThrow()
      expect(details).toEqual({ member: id, created: false, replaced: [], notified: 1 })
    })

    test('replaces the chosen fields only', async () => {
      const id = await seedShop('active')
      await database.db.updateTable('members').set({ naf2025: '47.62Y' }).where('id', '=', id).execute()
      const key = await submit({ siret: ambert.siret, name: 'Presse du Forez', trade: 'bakeries' })
      await approveEnrolment(deps, chamber, 'ac63', key.id, {
        ...{ as: 'member', memberId: id, replace: ['name', 'trade'] },
      })
      expect(await getMember(deps, chamber, 'ac63', id)).toMatchObject({
        ...{ name: 'Presse du Forez', trade: 'bakeries', status: 'active', address: '2 rue du Château' },
        // Its codes are kept beside those of the request.
        ...{ naf: '47.62Z', naf2025: '47.62Y' },
        commune: { code: '63003' },
      })
      const moved = await submit({ siret: ambert.siret, name: 'x', address: '1 place Neuve' })
      await approveEnrolment(deps, chamber, 'ac63', moved.id, {
        ...{ as: 'member', memberId: id, replace: ['commune', 'address'] },
      })
      expect(await getMember(deps, chamber, 'ac63', id)).toMatchObject({
        ...{ name: 'Presse du Forez', trade: 'bakeries', address: '1 place Neuve', point: null },
        commune: { code: '63178' },
      })
    })

    test('never lifts a suspension or an opt-out of the same number', async () => {
      const id = await seedShop('suspended')
      const key = await stranger(silent)
      const choice = { as: 'member' as const, memberId: id, replace: ['status' as const, 'contact' as const] }
      expect(await problemsOf(approveEnrolment(deps, chamber, 'ac63', key.id, choice))).toEqual([
        'replace: enrolment.suspended',
      ])
      await approveEnrolment(deps, chamber, 'ac63', key.id, { ...choice, replace: ['contact'] })
      const { status, contacts } = await getMember(deps, chamber, 'ac63', id)
      expect(status).toBe('suspended')
      expect(contacts.filter(({ phone }) => phone === silent)).toMatchObject([
        { sms: false, person: 'Paul Durand', mail: 'paul@example.org' },
      ])
    })

    test('a STOP that is stored while a request of its number is approved is kept', async () => {
      const id = await seedShop('active')
      const key = await stranger(owner)
      const choice = { as: 'member' as const, memberId: id, replace: ['contact' as const] }
      let approved: Promise<unknown> | undefined
      await inScheme(database.db, 'ac63', async (tx) => {
        await optOutNumber(tx, deps, 'ac63', { phone: owner, gateway: 'main' })
        approved = approveEnrolment(deps, chamber, 'ac63', key.id, choice)
        // PGlite runs one transaction at a time.
        if (kind !== 'postgres') return
        await expect
          .poll(async () => {
            const { rows } = await sql`select from pg_locks where not granted and locktype = 'advisory'
              and database = (select oid from pg_database where datname = current_database())`.execute(
              database.db,
            )
            return rows.length
          })
          .toBeGreaterThan(0)
      })
      await approved
      const { contacts } = await getMember(deps, chamber, 'ac63', id)
      expect(contacts.filter(({ phone }) => phone === owner)).toMatchObject([
        { sms: false, person: 'Paul Durand' },
      ])
      await database.db.deleteFrom('optOuts').where('phone', '=', owner).execute()
    })

    test('a number that opted out elsewhere in the scheme joins without SMS', async () => {
      const id = await seedShop('active')
      const phone = phoneOf(n++)
      await seedMembers(database.db, 'ac63', [{ id: randomUUID(), name: 'Ailleurs', phones: [phone] }])
      await inScheme(database.db, 'ac63', (tx) => optOutNumber(tx, deps, 'ac63', { phone, gateway: 'main' }))
      const key = await stranger(phone)
      await approveEnrolment(deps, chamber, 'ac63', key.id, { as: 'member', memberId: id, replace: [] })
      const { contacts } = await getMember(deps, chamber, 'ac63', id)
      expect(contacts.filter((one) => one.phone === phone)).toMatchObject([{ sms: false }])
    })

    test.each([
      ['before the request was signed, joins with SMS as a new member', 'before', true],
      ['after it, joins without', 'after', false],
    ] as const)('a number that opted out %s', async (_, when, sms) => {
      const phone = phoneOf(n++)
      const stop = () =>
        inScheme(database.db, 'ac63', (tx) => optOutNumber(tx, deps, 'ac63', { phone, gateway: 'main' }))
      if (when === 'before') await stop()
      const key = await submit({ name: 'Librairie neuve', siret: '' }, phone)
      nowMs += 1000
      if (when === 'after') await stop()
      const { memberId } = await approveEnrolment(deps, chamber, 'ac63', key.id, { as: 'new' })
      const { contacts } = await getMember(deps, chamber, 'ac63', memberId ?? '')
      expect(contacts).toMatchObject([{ phone, sms }])
      expect(
        (await inScheme(database.db, 'ac63', (tx) => listOptedOut(tx, 'ac63', [phone]))).has(phone),
      ).toBe(!sms)
    })

    test('the automatic rule leaves it to the chamber', async () => {
      const id = await seedShop('left')
      await setEnrolmentSettings(deps, program, 'ac63', { autoApprove: 'verified' })
      const key = await submit({ siret: FOREZ, name: 'Autre nom', commune: '63003' })
      await setEnrolmentSettings(deps, program, 'ac63', { autoApprove: 'never' })
      expect(await getEnrolment(deps, chamber, 'ac63', key.id)).toMatchObject({
        ...{ state: 'submitted', verified: true, memberId: null },
      })
      expect(await getMember(deps, chamber, 'ac63', id)).toMatchObject({
        ...{ name: 'Presse Forez', status: 'left' },
      })
    })
  })

  test('a refusal is notified with its reason by SMS', async () => {
    const phone = phoneOf(n++)
    const key = await submit({ name: 'Boulangerie du Lavoir', trade: 'bakeries' }, phone)
    expect(
      await problemsOf(refuseEnrolment(deps, chamber, 'ac63', key.id, { reason: 'other', note: '' })),
    ).toEqual(['note: input.required'])
    nowMs += 1000
    await refuseEnrolment(deps, chamber, 'ac63', key.id, { reason: 'not_verified', note: 'Pas de réponse.' })
    expect((await textsTo(phone)).at(-1)).toBe(
      "Alerte Commerces 63 : la demande pour Boulangerie du Lavoir n'est pas retenue : commerce non vérifié.",
    )
    expect(await getOwnEnrolment(deps, 'ac63', key)).toMatchObject({
      state: 'refused',
      reason: 'not_verified',
    })
    expect(await getEnrolment(deps, chamber, 'ac63', key.id)).toMatchObject({ note: 'Pas de réponse.' })
  })

  test("sends mails too: the signed charter, a member's papers, the chamber's note on a refusal", async () => {
    const key = await submit({ name: 'Tabac <du> Marché' })
    const received = await lastMail()
    expect(received).toMatchObject({ to: 'paul@example.org', attachments: [] })
    const { charter } = await getPublicScheme(deps, 'ac63')
    expect(received.text.replace(/\s+/g, ' ')).toContain(charter.text.replace(/\s+/g, ' '))
    expect(received.text).toContain('sous le nom de Paul Durand')
    expect(received.html).toContain('Tabac &lt;du&gt; Marché')
    await approveEnrolment(deps, chamber, 'ac63', key.id, { as: 'new' })
    const approved = await lastMail()
    expect(approved.subject).toContain('votre commerce est inscrit')
    expect(approved.text.replace(/\s+/g, ' ')).toContain('Dites-le dans les 15 jours')
    expect(approved.attachments.map(({ name }) => name)).toEqual(['attestation.pdf', 'autocollant.pdf'])
    for (const { content } of approved.attachments)
      expect(Buffer.from(content).toString('latin1', 0, 5)).toBe('%PDF-')
    const other = await submit({ name: 'Boulangerie du Marché', trade: 'bakeries' })
    expect((await lastMail()).text).toContain('Boulangerie du Marché')
    await refuseEnrolment(deps, chamber, 'ac63', other.id, {
      reason: 'not_verified',
      note: 'Pas de réponse.',
    })
    const refused = await lastMail()
    expect(refused.text).toContain('n’est pas retenue\u00a0: commerce non vérifié.\n\nPas de réponse.')
    expect(refused.text).toContain('/dispositif/ac63/inscription')
    expect(mailer.list().map(({ id }) => id)).toEqual([...new Set(mailer.list().map(({ id }) => id))])
  })

  test('the rule approves requests that the register confirms and that have no possible duplicate', async () => {
    await setEnrolmentSettings(deps, program, 'ac63', { autoApprove: 'verified' })
    // The SIRET of a member, then a business entered by hand.
    for (const over of [{ siret: KNOWN, name: 'Tabac du Pont' }, { name: 'À la main' }]) {
      expect(await getOwnEnrolment(deps, 'ac63', await submit(over))).toMatchObject({ state: 'submitted' })
    }
    await database.db
      .updateTable('members')
      .set({ siret: null, name: 'x', searchName: 'x' })
      .where('siret', '=', KNOWN)
      .execute()
    await database.db
      .deleteFrom('enrolments')
      .where('siret', '=', KNOWN)
      .where('state', '=', 'submitted')
      .execute()
    // While a long list is imported, the rule waits, and applies once it is in.
    const change = { schemeId: 'ac63', id: idOf(900) }
    const importing = { kind: 'import', by: 'cli', byName: 'cli', at: new Date(nowMs) } as const
    await database.db
      .insertInto('memberChanges')
      .values({ ...change, ...importing, created: 0, updated: 0, unfinished: true })
      .execute()
    const key = await submit({ siret: KNOWN, name: 'Tabac neuf' })
    expect(await getOwnEnrolment(deps, 'ac63', key)).toMatchObject({ state: 'submitted' })
    const job = (deps.jobs as NotedJobs).noted.at(-1)
    expect(job).toEqual({ name: 'enrolment.approve', payload: { schemeId: 'ac63', id: key.id } })
    await expect(approveLater(deps, 'ac63', key.id)).rejects.toMatchObject({ code: 'import_running' })
    await database.db.updateTable('memberChanges').set({ unfinished: false }).execute()
    // A job runs twice at times.
    for (const _ of [1, 2]) await approveLater(deps, 'ac63', key.id)
    expect(await getOwnEnrolment(deps, 'ac63', key)).toMatchObject({ state: 'approved' })
    await setEnrolmentSettings(deps, program, 'ac63', { autoApprove: 'never' })
  })

  test('a trade chamber sees and approves its trades only, in every list of members', async () => {
    const tobacco = await submit({ name: 'Tabac du Lac' })
    const bakery = await submit({ name: 'Fournil du Lac', trade: 'bakeries' })
    const { enrolments, counts } = await listEnrolments(deps, tobacconists, 'ac63', waiting)
    expect(new Set(enrolments.map(({ trade }) => trade))).toEqual(new Set(['tobacco-press']))
    expect(counts.submitted).toBe(enrolments.length)
    for (const work of [
      () => getEnrolment(deps, tobacconists, 'ac63', bakery.id),
      () => approveEnrolment(deps, tobacconists, 'ac63', bakery.id, { as: 'new' }),
      () => refuseEnrolment(deps, tobacconists, 'ac63', bakery.id, { reason: 'trade', note: '' }),
      () => getMember(deps, tobacconists, 'ac63', idOf(2)),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'not_found' })
    }
    // Nor may it approve a request into a member of another trade.
    expect(
      await problemsOf(
        approveEnrolment(deps, tobacconists, 'ac63', tobacco.id, {
          as: 'member',
          memberId: idOf(2),
          replace: [],
        }),
      ),
    ).toEqual(['memberId: input.invalid'])
    await expect(
      setEnrolmentSettings(deps, tobacconists, 'ac63', { autoApprove: 'verified' }),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await approveEnrolment(deps, tobacconists, 'ac63', tobacco.id, { as: 'new' })).toMatchObject({
      state: 'approved',
    })
    const page = await listMembers(deps, tobacconists, 'ac63', MemberQuery.parse({ limit: '200' }))
    expect(new Set(page.members.map(({ trade }) => trade))).toEqual(new Set(['tobacco-press']))
    expect(page.counts?.byTrade).toEqual([{ trade: 'tobacco-press', members: page.members.length }])
    expect(page.members.every(({ phones }) => phones.every((phone) => phone.startsWith('+33')))).toBe(true)
    expect(
      await listMembers(deps, tobacconists, 'ac63', MemberQuery.parse({ trade: 'bakeries' })),
    ).toMatchObject({
      members: [],
      counts: { total: 0 },
    })
  })

  test('requests of one scheme are invisible to others', async () => {
    const key = await submit({ name: 'Secret du 63' })
    const jura = await submit({ name: 'Du Jura', commune: '39300' }, phoneOf(n++), 'ac39')
    const strangers: Actor[] = [neighbours, actorOf('chief', 'ac39'), contactOfShop('ac63', idOf(1))]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...strangers),
        fc.constantFrom('ac63', 'ac39'),
        fc.constantFrom(key.id, jura.id),
        async (actor, schemeId, id) => {
          const isTheirs = actor === neighbours && schemeId === 'ac39'
          const list = await listEnrolments(deps, actor, schemeId, waiting).catch(() => undefined)
          expect(list?.enrolments.some((one) => one.id === key.id) ?? false).toBe(false)
          const one = await getEnrolment(deps, actor, schemeId, id).catch((error: AppError) => error.code)
          if (isTheirs && id === jura.id) expect(one).toMatchObject({ name: 'Du Jura' })
          else expect(['forbidden', 'unknown_scheme', 'not_found']).toContain(one)
          const done = await approveEnrolment(deps, actor, schemeId, key.id, { as: 'new' }).catch(
            () => 'refused',
          )
          expect(done).toBe('refused')
        },
      ),
      { numRuns: runsOf(20) },
    )
    for (const role of ['operator', 'chief', 'magistrate'] as const) {
      await expect(listEnrolments(deps, actorOf(role, 'ac63'), 'ac63', waiting)).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
    // Requests of other schemes do not count as duplicates.
    expect((await getEnrolment(deps, neighbours, 'ac39', jura.id)).duplicates).toEqual([])
  })

  test('deletes abandoned drafts and old refusals', async () => {
    const kept = await submit({ name: 'Gardé' })
    const refused = await submit({ name: 'Refusé' })
    await refuseEnrolment(deps, chamber, 'ac63', refused.id, { reason: 'incomplete', note: '' })
    const draft = await begin()
    const before = { drafts: new Date(nowMs), refused: new Date(nowMs) }
    await acrossSchemes(database.db, (tx) => purgeEnrolments(tx, before))
    expect(await getOwnEnrolment(deps, 'ac63', draft)).toBeDefined()
    const later = new Date(nowMs + 1)
    await acrossSchemes(database.db, (tx) => purgeEnrolments(tx, { drafts: later, refused: later }))
    expect(await getOwnEnrolment(deps, 'ac63', draft)).toBeUndefined()
    expect(await getOwnEnrolment(deps, 'ac63', refused)).toBeUndefined()
    expect(await getOwnEnrolment(deps, 'ac63', kept)).toMatchObject({ state: 'submitted' })
  })
})

/** Returns a valid SIRET of a company whose number begins with these eight digits. */
function siretOf(company: string): string {
  const withKey = (digits: string) => {
    const sum = [...digits].reverse().reduce((total, char, i) => {
      const doubled = Number(char) * (i % 2 === 0 ? 2 : 1)
      return total + (doubled > 9 ? doubled - 9 : doubled)
    }, 0)
    return `${digits}${(10 - (sum % 10)) % 10}`
  }
  return withKey(`${withKey(company)}0001`)
}
