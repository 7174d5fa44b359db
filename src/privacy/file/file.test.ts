import { sql } from 'kysely'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import en from '../../i18n/en.json' with { type: 'json' }
import fr from '../../i18n/fr.json' with { type: 'json' }
import { type Database, inScheme } from '../../platform/db.ts'
import { answerDataRequest, enterDataRequest } from '../requests/actions.ts'
import { getFileJson, getFilePdf } from './actions.ts'
import { SECTIONS } from './sections.ts'

const chamber = actorOf('chamber', 'ac63')
const NOW = new Date('2026-06-01T12:00:00Z')
const [shop, other] = [idOf(1), idOf(2)]

interface FileData {
  readonly about: readonly string[]
  readonly data: Readonly<Record<string, readonly Record<string, unknown>[]>>
}

describe.each(usualKinds)('the file of a person on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => NOW })
    await seedMembers(database.db, 'ac63', [
      { id: shop, name: 'Tabac du Pont', phones: [phoneOf(1), phoneOf(2)] },
      { id: other, name: 'Fleurs du Pont', phones: [phoneOf(3)] },
    ])
    await sql`update contacts set person = case mobile when ${phoneOf(1)} then 'Aline Berger' else 'Luc Vasseur' end
      where member_id = ${shop}`.execute(database.db)
    await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, at)
      select scheme_id, gen_random_uuid(), member_id, id, mobile, false, 'portal', 'x', ${NOW} from contacts`.execute(
      database.db,
    )
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, created_at, created_by,
        caller_member_id, caller_name, caller_phone, place)
      values ('ac63', ${idOf(31)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'waiting', ${NOW}, 'x', ${shop}, 'Aline Berger', ${phoneOf(1)},
        'arrière-boutique')`.execute(database.db)
    await fillSent()
  })
  afterAll(() => database.close())

  /** An alert that was sent to both people of the shop, a person on call, and a reason beside the audit log. */
  async function fillSent(): Promise<void> {
    const { db } = database
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated,
        state, expires_at, created_at, created_by, ordered_at, ordered_by)
      values ('ac63', ${idOf(32)}, '63-26-0007', ${idOf(31)}, 'counterfeit', 'alert', 'Texte précis', '{"kind":"scheme"}', 'x', '{}', true,
        'active', ${NOW}, ${NOW}, 'x', ${NOW}, 'x')`.execute(db)
    await sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until,
        ordered_at, ordered_by, planned, delivered, done_at)
      values ('ac63', ${idOf(33)}, ${idOf(32)}, 'first', 'Texte précis', 'GSM-7', 1, 'X', 'alert', true, 'done', ${NOW}, ${NOW}, 'x', 2, 2,
        ${NOW})`.execute(db)
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
      select scheme_id, ${idOf(33)}, row_number() over (order by mobile), id, member_id, mobile, '63178', 'tobacco-press', 'delivered'
      from contacts where member_id = ${shop}`.execute(db)
    await sql`insert into on_call_people (scheme_id, id, role, name, phone, created_at)
      values ('ac63', ${idOf(34)}, 'agency', 'Lieutenant Roux', ${phoneOf(9)}, ${NOW})`.execute(db)
    await inScheme(db, 'ac63', (tx) =>
      recordAudit(tx, 'ac63', NOW, {
        actor: 'user:x',
        action: 'member.correct',
        subject: `member:${shop}`,
        reason: 'Courrier de la gérante',
      }),
    )
  }

  const enterRequest = (person: string, memberId?: string) =>
    enterDataRequest(deps, chamber, 'ac63', {
      kind: 'access',
      ...(memberId !== undefined && { memberId }),
      person,
      via: 'letter',
      receivedOn: '2026-05-30',
    })
  async function read(person: string, memberId?: string): Promise<FileData> {
    const { id } = await enterRequest(person, memberId)
    return JSON.parse(
      await getFileJson(deps, chamber, 'ac63', { of: { request: id }, lang: 'fr' }),
    ) as FileData
  }

  test('has the whole member, and names the contact for what the forces hold', async () => {
    const { data, about } = await read('', shop)
    expect(data.business).toMatchObject([{ name: 'Tabac du Pont' }])
    expect(data.people).toMatchObject([{ person: 'Aline Berger' }, { person: 'Luc Vasseur' }])
    expect(data.smsChoices).toHaveLength(2)
    expect(data.alerts).toMatchObject([
      { reference: '63-26-0007', phone: phoneOf(1), state: 'delivered' },
      { reference: '63-26-0007', phone: phoneOf(2), state: 'delivered' },
    ])
    expect(data.reasons).toMatchObject([{ reason: 'Courrier de la gérante' }])
    // A text may be of the level that the chamber does not read.
    expect(JSON.stringify(data)).not.toContain('Texte précis')
    expect(JSON.stringify(data)).not.toContain('arrière-boutique')
    expect(JSON.stringify(data)).not.toContain('Fleurs')
    expect(about.join(' ')).toMatch(/appel au 17.*loi 78-17.*article 105.*CNIL \(article 108/)
  })

  test('has one contact only where that contact asks', async () => {
    const { data, about } = await read('Mme Berger Aline', shop)
    expect(data.people).toMatchObject([{ person: 'Aline Berger' }])
    expect(data.smsChoices).toMatchObject([{ phone: phoneOf(1) }])
    expect(data.business).toEqual([])
    expect(data.alerts).toHaveLength(1)
    expect((await read('Au 06 39 98 00 09')).data.onCall).toMatchObject([{ name: 'Lieutenant Roux' }])
    expect(about.join(' ')).toContain('ne concerne que Aline Berger')
  })

  test('finds a person who is no member by number or address, never by a name alone', async () => {
    expect((await read('M. Vasseur, 06 39 98 00 02')).data.people).toMatchObject([{ person: 'Luc Vasseur' }])
    const { data } = await read('Luc Vasseur')
    expect(Object.values(data).flat()).toEqual([])
  })

  test('gives the sessions of the people of the scheme, and none of people of another scheme only', async () => {
    const elsewhere = phoneOf(20)
    await sql`insert into contact_sessions (id, token_hash, phone, created_at, used_at, expires_at) values
      (${idOf(41)}, 'a', ${phoneOf(2)}, ${NOW}, ${NOW}, ${NOW}), (${idOf(42)}, 'b', ${elsewhere}, ${NOW}, ${NOW}, ${NOW})`.execute(
      database.db,
    )
    const asked = await read(`M. Vasseur, 06 39 98 00 02, ${elsewhere}`)
    expect(asked.data.devices).toHaveLength(1)
    expect((await read(`M. Untel, ${elsewhere}`)).data.devices).toEqual([])
    expect((await read('Luc Vasseur', shop)).data.devices).toHaveLength(1)
  })

  test('has what was waived of its dues', async () => {
    await sql`insert into dues_campaigns (scheme_id, year, fee_cents, trade_fees, pro_rata, due_on, opened_at, opened_by)
      values ('ac63', 2026, 1000, '{}', false, '2026-12-31', ${NOW}, 'x')`.execute(database.db)
    await sql`insert into dues (scheme_id, year, member_id, amount_cents, due_on, assessed_at, waived_cents)
      values ('ac63', 2026, ${shop}, 1000, '2026-12-31', ${NOW}, 400)`.execute(database.db)
    expect((await read('', shop)).data.dues).toMatchObject([{ amountCents: 1000, waivedCents: 400 }])
    await sql`delete from dues`.execute(database.db)
  })

  test('has every column of a member and of its people', async () => {
    // No file has keys, values by which the program counts or searches, or values that other sections give.
    const left = {
      business: ['scheme_id', 'id', 'search_name', 'sms_contacts', 'erased_at', 'tags'],
      people: ['scheme_id', 'id', 'member_id', 'position', 'shared', 'merged_from', 'commune_code'],
    }
    // Columns that the file gives by another name.
    const named: Record<string, string> = {
      commune_code: 'address',
      postal_code: 'address',
      merged_into: 'merged',
      quiet_from: 'quietFromMinute',
      quiet_to: 'quietToMinute',
    }
    const { data } = await read('', shop)
    for (const [section, table] of [
      ['business', 'members'],
      ['people', 'contacts'],
    ] as const) {
      const { rows } = await sql<{ column: string }>`
        select column_name as column from information_schema.columns
        where table_schema = 'public' and table_name = ${table}`.execute(database.db)
      const given = Object.keys(data[section]?.[0] ?? {})
      const missing = rows.flatMap(({ column }) => {
        const key = named[column] ?? column.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())
        return left[section].includes(column) || given.includes(key) ? [] : [column]
      })
      expect({ table, missing }).toEqual({ table, missing: [] })
    }
    await sql`update members set charter_on = '2024-03-12' where id = ${shop}`.execute(database.db)
    expect((await read('', shop)).data.business).toMatchObject([{ charterOn: '2024-03-12' }])
  })

  test('has the transfers that name the person, but not those of a namesake or paid for another', async () => {
    const line = async (no: number, name: string, text: string) =>
      sql`insert into dues_statement_entries (scheme_id, id, statement_id, line, digest, booked_on, amount_cents, state, details)
        values ('ac63', ${idOf(70 + no)}, ${idOf(70)}, ${no}, ${String(no).repeat(64)}, '2026-05-20', ${no}, 'open',
          ${JSON.stringify({ name, text })}::jsonb)`.execute(database.db)
    await sql`insert into dues_statements (scheme_id, id, file, format, uploaded_at, uploaded_by, known, debits, old)
      values ('ac63', ${idOf(70)}, 'releve.csv', 'csv', ${NOW}, 'x', 0, 0, 0)`.execute(database.db)
    await line(1, 'BERGER ALINE', 'VIR')
    await line(2, '', 'COTISATION TABAC DU PONT 2026')
    await line(3, 'FLEURS DU PONT', 'COTISATION')
    const transfers = async (person: string, memberId?: string) =>
      (await read(person, memberId)).data.transfers?.map(({ amountCents }) => amountCents)
    expect(await transfers('', shop)).toEqual([1, 2])
    expect(await transfers('Mme Berger Aline', shop)).toEqual([1])
    await sql`update contacts set person = 'Aline Berger' where member_id = ${other}`.execute(database.db)
    expect(await transfers('', shop)).toEqual([2])
    await sql`update contacts set person = '' where member_id = ${other}`.execute(database.db)
    await sql`delete from dues_statement_entries`.execute(database.db)
  })

  test('is an accessible PDF with every part, in French and in English', async () => {
    const { id } = await enterRequest('', shop)
    for (const [lang, title] of [
      ['fr', 'Vos données'],
      ['en', 'Your data'],
    ] as const) {
      const pdf = await getFilePdf(deps, chamber, 'ac63', { of: { request: id }, lang })
      const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 })
      const document = await loading.promise
      // Tagged, so that screen readers read it in its order.
      expect(await document.getMarkInfo()).toEqual(
        new Map([
          ['Marked', true],
          ['UserProperties', false],
          ['Suspects', false],
        ]),
      )
      expect(await document.getMetadata()).toMatchObject({
        info: { Title: title, Language: lang === 'fr' ? 'fr-FR' : 'en-GB' },
      })
      const tree = JSON.stringify(await (await document.getPage(1)).getStructTree())
      for (const role of ['H1', 'H2', 'Table', 'TH', 'TD']) expect(tree).toContain(`"role":"${role}"`)
      let text = ''
      for (let no = 1; no <= document.numPages; no++) {
        const { items } = await (await document.getPage(no)).getTextContent()
        text += items.map((item) => ('str' in item ? item.str : '')).join(' ')
      }
      await loading.destroy()
      expect(text).toContain('Tabac du Pont')
      expect(text).not.toContain('arrière-boutique')
      expect(text).not.toMatch(/file\.|own\.csv/)
    }
  })

  test('has a text for every part, column and code', () => {
    for (const texts of [fr, en] as Record<string, string>[]) {
      const keys = SECTIONS.flatMap(({ name, columns }) => [
        `file.section.${name}`,
        ...Object.keys(columns).map((column) => `file.column.${column}`),
      ])
      expect(keys.filter((key) => !(key in texts))).toEqual([])
    }
  })

  test('a trade chamber takes the file of a member of its trades, with nothing of another one that has the same number', async () => {
    const { db } = database
    const [tabac, florist] = [idOf(81), idOf(82)]
    await seedMembers(db, 'ac63', [
      { id: tabac, name: 'Presse du Lac', phones: [phoneOf(81), phoneOf(83)] },
      { id: florist, name: 'Roses du Lac', trade: 'bakeries', phones: [phoneOf(81)] },
    ])
    await sql`update contacts set person = 'Odile Roux' where member_id = any (${[tabac, florist]}::uuid[])`.execute(
      db,
    )
    await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, at)
      select scheme_id, gen_random_uuid(), member_id, id, mobile, false, 'portal', 'x', ${NOW} from contacts
      where member_id = any (${[tabac, florist]}::uuid[])`.execute(db)
    await sql`insert into data_requests (scheme_id, id, kind, person, via, received_on, due_on, created_at, created_by)
      values ('ac63', ${idOf(84)}, 'access', 'Odile Roux, Roses du Lac', 'mail', '2026-05-01', '2026-06-01', ${NOW}, 'x')`.execute(
      db,
    )
    // Another trade has rows at the shared number and under the same name.
    await sql`update members set siret = '73282932000074' where id = ${tabac}`.execute(db)
    await sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, verified, person, mobile,
        mobile_confirmed_at, created_at, touched_at, submitted_at, decided_at, reason, note)
      values ('ac63', ${idOf(85)}, 'refused', 'e', 'Fournil du Lac', 'fournil du lac', 'bakeries', '63178', true, 'Odile Roux',
        ${phoneOf(83)}, ${NOW}, ${NOW}, ${NOW}, ${NOW}, ${NOW}, 'other', 'note du fournil')`.execute(db)
    await sql`insert into charters (scheme_id, version, text, sha256, published_at)
      values ('ac63', 1, 'x', ${'0'.repeat(64)}, ${NOW})`.execute(db)
    await sql`insert into charter_signatures (scheme_id, version, sha256, signed_name, signed_at, mobile, enrolment_id)
      values ('ac63', 1, 'x', 'Signataire du Fournil', ${NOW}, ${phoneOf(83)}, ${idOf(85)})`.execute(db)
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
      select scheme_id, ${idOf(33)}, 3, id, member_id, mobile, '63178', 'bakeries', 'delivered'
      from contacts where member_id = ${florist}`.execute(db)
    await sql`insert into held_back (scheme_id, alert_id, phone, contact_id, member_id, commune_code, trade, reason, held_at, due_at)
      select scheme_id, ${idOf(32)}, mobile, id, member_id, '63178', 'bakeries', 'quiet', ${NOW}, ${NOW}
      from contacts where member_id = ${florist}`.execute(db)
    await sql`insert into outbox (scheme_id, id, channel, address, member_id, template, "values", created_at, created_by,
        valid_until)
      values ('ac63', ${idOf(86)}, 'sms', ${phoneOf(83)}, null, '', '{"text":"Message du Fournil"}', ${NOW}, 'x', ${NOW})`.execute(
      db,
    )
    await sql`insert into member_imports (scheme_id, id, owner, file_name, format, sha256, headers, header_line, fields, rows, created_at,
        touched_at)
      values ('ac63', ${idOf(87)}, 'x', 'liste.csv', 'csv', 'x', '{Nom,SIRET,Commune,Mobile}', 1, '{}', 3, ${NOW}, ${NOW})`.execute(
      db,
    )
    await sql`insert into member_import_rows (scheme_id, import_id, line, cells) values
      ('ac63', ${idOf(87)}, 2, '["Presse du Lac","732 829 320 00074","63178",""]'),
      ('ac63', ${idOf(87)}, 3, '["Presse du Lac","","63178","boulangerie du même nom"]'),
      ('ac63', ${idOf(87)}, 4, ${JSON.stringify(['Fournil du Lac', '', '63178', phoneOf(83)])}::jsonb)`.execute(
      db,
    )
    // A trade chamber may not read these rows elsewhere.
    await sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
      values ('ac63', ${idOf(88)}, ${tabac}, 'RUM-81', 'FR7630006000011234567890189', '0189', 'Odile Roux', 'x', 'Odile Roux', 'x',
        ${NOW})`.execute(db)
    await sql`insert into contact_sessions (id, token_hash, phone, created_at, used_at, expires_at, user_agent) values
      (${idOf(89)}, 'd', ${phoneOf(83)}, ${NOW}, ${NOW}, ${NOW}, 'Téléphone de Odile')`.execute(db)
    const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
    const take = (member: string, actor = tobacconists) =>
      getFileJson(deps, actor, 'ac63', { of: { member }, lang: 'fr' })
    const json = await take(tabac)
    const { data, about } = JSON.parse(json) as FileData
    expect(data.people).toMatchObject([{ mobile: phoneOf(81) }, { mobile: phoneOf(83) }])
    expect(data.smsChoices).toHaveLength(2)
    expect(data.requests).toEqual([])
    expect(data.enrolments).toEqual([])
    expect(data.charter).toEqual([])
    expect(data.alerts).toEqual([])
    expect(data.heldBack).toEqual([])
    expect(data.mails).toEqual([])
    expect(data.lists).toMatchObject([{ line: 2 }])
    expect(json).not.toMatch(/Roses|Fournil|note du fournil/)
    expect(data.mandates).toMatchObject([{ iban: '… 0189' }])
    expect(json).not.toMatch(/FR76|Téléphone de Odile/)
    expect(data).not.toHaveProperty('devices')
    expect(data).not.toHaveProperty('acts')
    expect(about.join(' ')).toContain('il n’a que ce qui est enregistré au nom de votre commerce')
    // The chamber of the scheme gives all of it.
    const whole = await read('', tabac)
    expect(whole.data.enrolments).toMatchObject([{ note: 'note du fournil' }])
    expect(whole.data.alerts).toHaveLength(1)
    expect(whole.data.lists).toHaveLength(3)
    expect(whole.data.mandates).toMatchObject([{ iban: 'FR7630006000011234567890189' }])
    expect(whole.data.devices).toHaveLength(1)
    await expect(take(florist)).rejects.toMatchObject({ code: 'not_found' })
    await expect(take(tabac, actorOf('operator', 'ac63'))).rejects.toMatchObject({ code: 'forbidden' })
    const entry = await db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('subject', '=', `member:${tabac}`)
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({ action: 'request.file', details: { format: 'json', member: tabac } })
  })

  test('is for the chamber alone, on the record, and not of an erased member', async () => {
    const { id } = await enterRequest('', other)
    for (const role of ['operator', 'chief', 'trade_chamber'] as const)
      await expect(
        getFileJson(deps, actorOf(role, 'ac63'), 'ac63', { of: { request: id }, lang: 'fr' }),
      ).rejects.toMatchObject({
        code: 'forbidden',
      })
    await getFileJson(deps, chamber, 'ac63', { of: { request: id }, lang: 'fr' })
    const entry = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('subject', '=', `request:${id}`)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({ action: 'request.file', details: { format: 'json', member: other } })
    await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })
    const { id: erasure } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      memberId: other,
      person: '',
      via: 'mail',
      receivedOn: '2026-05-30',
    })
    await answerDataRequest(deps, chamber, 'ac63', erasure, { outcome: 'done', answer: '' })
    await expect(
      getFileJson(deps, chamber, 'ac63', { of: { request: id }, lang: 'fr' }),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
