import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { XMLParser } from 'fast-xml-parser'
import { sql } from 'kysely'
import { ParseOption, XmlDocument, XsdValidator } from 'libxml2-wasm'
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { emptyTables } from '../../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { getMemberDues } from '../actions.ts'
import type { InvoiceFacts } from '../contract.ts'
import { writeMovements } from '../ledger/ledger.ts'
import { recordPayment, waiveDues } from '../ledger/payments.ts'
import { getOwnDues } from '../own.ts'
import { openCampaign, withdrawCampaign } from '../reminders/campaign.ts'
import { drawInvoice } from './invoice-pdf.ts'
import { splitAddress, writeInvoiceXml } from './invoice-xml.ts'
import { getInvoice, getOwnInvoice, issueInvoice, issueOwnInvoice } from './invoices.ts'

const schema = fileURLToPath(
  new URL('../../../test/fixtures/factur-x/Factur-X_1.07.3_BASIC.xsd', import.meta.url),
)

const facts = {
  number: 'F-AC63-2026-00001',
  issuedOn: '2026-03-12',
  seller: {
    ...{ name: 'CCI du Puy-de-Dôme & Cie', address: '148 boulevard Lavoisier, 63000 Clermont-Ferrand' },
    ...{ siret: '00012345500016', vat: 'outside', vatNumber: '', vatReason: 'Hors champ de la TVA.' },
  },
  member: {
    name: 'Tabac <du Pont>',
    siret: '00012345500024',
    address: '1 rue du Pont',
    town: '63500 Issoire',
  },
  ...{ year: 2026, label: 'Cotisation 2026', amountCents: 4000, paidCents: 1000, dueOn: '2026-05-01' },
  ...{ reference: 'AC63 00000001', iban: 'FR7630001007941234567890185', bic: '' },
} satisfies InvoiceFacts

let source: XmlDocument
let validator: XsdValidator
beforeAll(() => {
  xmlRegisterFsInputProviders()
  source = XmlDocument.fromBuffer(readFileSync(schema), { url: schema })
  validator = XsdValidator.fromDoc(source)
})
afterAll(() => {
  validator.dispose()
  source.dispose()
})

/** Validates against the schema of Factur-X, profile BASIC. @throws with what is wrong */
function validate(xml: string): void {
  using document = XmlDocument.fromString(xml, { option: ParseOption.XML_PARSE_DEFAULT })
  validator.validate(document)
}

/** Collects the values of elements by name. */
function valuesOf(xml: string): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>()
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    for (const [name, value] of Object.entries(node)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        const text = typeof one === 'object' && one !== null ? one['#text'] : one
        found.set(name, [...(found.get(name) ?? []), text])
        visit(one)
      }
    }
  }
  visit(new XMLParser({ removeNSPrefix: true, ignoreAttributes: false, parseTagValue: false }).parse(xml))
  return found
}

async function attachedXml(pdf: Buffer): Promise<string> {
  const document = await getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise
  const attachments: Map<string, unknown> = new Map(await document.getAttachments())
  const [[id = '', name] = []] = attachments
  expect([attachments.size, name]).toMatchObject([1, { filename: 'factur-x.xml' }])
  return Buffer.from((await document.getAttachmentContent(id)) ?? []).toString()
}

describe('the XML', () => {
  test('of a credit note names the invoice that it corrects, and is valid', () => {
    const corrects = { number: 'F-AC63-2026-00001', issuedOn: '2026-03-12', reason: 'Remise.' }
    const xml = writeInvoiceXml({ ...facts, number: 'F-AC63-2026-00002', iban: '', paidCents: 0, corrects })
    validate(xml)
    const values = valuesOf(xml)
    expect(values.get('TypeCode')?.[0]).toBe('381')
    expect(values.get('IssuerAssignedID')).toEqual(['F-AC63-2026-00001'])
    expect(values.get('Content')).toEqual(['Hors champ de la TVA.', 'Remise.'])
    expect([values.has('DueDateDateTime'), values.has('IBANID')]).toEqual([false, false])
  })

  test.each(['outside', 'franchise', 'nonprofit'] as const)('is valid against the schema: %s', (vat) => {
    for (const vatNumber of ['', 'FR12000123455']) {
      const xml = writeInvoiceXml({ ...facts, seller: { ...facts.seller, vat, vatNumber } })
      validate(xml)
      const values = valuesOf(xml)
      expect(values.get('CategoryCode')).toEqual(vat === 'outside' ? ['O', 'O'] : ['E', 'E'])
      // BR-O-2 and BR-E-2: who is outside names no VAT number, who is exempt names a registration.
      expect(values.has('SpecifiedTaxRegistration')).toBe(vat !== 'outside')
      expect(values.has('RateApplicablePercent')).toBe(vat !== 'outside')
      expect(values.get('ExemptionReason')).toEqual(['Hors champ de la TVA.'])
    }
  })

  test('is refused by the schema with an element out of place', () => {
    const xml = writeInvoiceXml(facts)
    expect(() => validate(xml.replace(/<ram:TypeCode>380<\/ram:TypeCode>/, ''))).toThrow(/TypeCode/)
  })

  test('states parties, amounts, dates and how to pay', () => {
    const { siret: _, ...unregistered } = facts.member
    validate(writeInvoiceXml({ ...facts, member: { ...unregistered, siret: null, address: null }, iban: '' }))
    const values = valuesOf(writeInvoiceXml(facts))
    expect(values.get('Name')).toEqual(['Cotisation 2026', 'CCI du Puy-de-Dôme & Cie', 'Tabac <du Pont>'])
    expect(values.get('GlobalID')).toEqual(['00012345500016', '00012345500024'])
    expect(values.get('PostcodeCode')).toEqual(['63000', '63500'])
    expect(values.get('CityName')).toEqual(['Clermont-Ferrand', 'Issoire'])
    expect(values.get('GrandTotalAmount')).toEqual(['40.00'])
    expect(values.get('TotalPrepaidAmount')).toEqual(['10.00'])
    expect(values.get('DuePayableAmount')).toEqual(['30.00'])
    expect(values.get('PaymentReference')).toEqual(['AC63 00000001'])
    expect(values.get('IBANID')).toEqual([facts.iban])
    expect(values.get('DateTimeString')).toEqual(['20260312', '20260101', '20261231', '20260501'])
  })

  test('takes addresses apart', () => {
    expect(splitAddress('12 rue X, 63000 Clermont-Ferrand')).toEqual({
      ...{ line: '12 rue X', postalCode: '63000', town: 'Clermont-Ferrand' },
    })
    expect(splitAddress('63500 Issoire')).toEqual({ line: '', postalCode: '63500', town: 'Issoire' })
    expect(splitAddress('Le Bourg')).toEqual({ line: 'Le Bourg' })
  })
})

test('the file is a PDF/A-3 with its fonts, the same XML, and metadata of Factur-X, each time the same', async () => {
  const at = new Date('2026-03-12T10:00:00Z')
  const pdf = await drawInvoice(facts, { at })
  expect(await attachedXml(pdf)).toBe(writeInvoiceXml(facts))
  const text = pdf.toString('latin1')
  expect(text).toContain('<pdfaid:part>3</pdfaid:part>')
  expect(text).toContain('<pdfaid:conformance>A</pdfaid:conformance>')
  expect(text).toContain('<fx:ConformanceLevel>BASIC</fx:ConformanceLevel>')
  expect(text).toContain('/AFRelationship /Alternative')
  expect(text).toContain('/OutputIntents')
  expect(text).not.toMatch(/\/BaseFont \/Helvetica/)
  expect(text).toMatch(/\/FontFile[23]/)
  expect((await drawInvoice(facts, { at })).equals(pdf)).toBe(true)
})

describe.each(usualKinds)('invoices on %s', (kind) => {
  const chamber = actorOf('chamber', 'ac63')
  const owner = contactOf('ac63', idOf(1))
  const shop = { schemeId: 'ac63', memberId: idOf(1) }
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', trade: 'bakeries', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Bar', phones: [phoneOf(3)] },
      { id: idOf(4), name: 'Presse', phones: [phoneOf(4)] },
      { id: idOf(5), name: 'Presse du Pont', phones: [phoneOf(5)] },
    ])
    deps = testDeps(database, { now: () => new Date('2026-03-12T10:00:00Z') })
    await configure({ siret: '00012345500016', address: '1 place, 63000 Clermont', vat: 'outside' })
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2026, feeCents: 4000, tradeFees: {}, proRata: false, dueOn: '2026-05-01', members: 5 },
    } as never)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await emptyTables(database, ['dues_invoices'])
    await database.db.deleteFrom('duesCounters').where('name', 'like', 'invoices-%').execute()
  })

  const configure = (creditor: object) =>
    database.db
      .updateTable('schemes')
      .set({
        dues: JSON.stringify(
          DuesSettings.parse({
            creditor: { iban: 'FR7630001007941234567890185', chequeOrder: 'CCI', ...creditor },
          }),
        ),
      })
      .where('id', '=', 'ac63')
      .execute()

  test('are issued once, numbered without a hole, and kept as they were given', async () => {
    const first = await issueInvoice(deps, chamber, 'ac63', idOf(1), { year: 2026 })
    expect(first.number).toBe('F-AC63-2026-00001')
    const file = await getInvoice(deps, chamber, 'ac63', first)
    await recordPayment(deps, chamber, 'ac63', idOf(1), {
      ...{ way: 'cash', amountCents: 4000, receivedOn: '2026-03-12', reference: '', inAdvance: false },
    } as never)
    await database.db.updateTable('members').set({ name: 'Autre nom' }).where('id', '=', idOf(1)).execute()
    expect(await issueInvoice(deps, chamber, 'ac63', idOf(1), { year: 2026 })).toEqual(first)
    expect((await getInvoice(deps, chamber, 'ac63', first)).equals(file)).toBe(true)
    expect((await issueInvoice(deps, chamber, 'ac63', idOf(2), { year: 2026 })).no).toBe(2)
    const { years } = await getMemberDues(deps, chamber, 'ac63', idOf(1))
    expect(years[0]?.invoice).toEqual(first)
    validate(await attachedXml(file))
    await expect(
      sql`update dues_invoices set facts = facts || '{"amountCents": 1}'`.execute(database.db),
    ).rejects.toThrow(/never changed/)
  })

  test('are for the shop itself, and for chambers of its trade', async () => {
    const invoice = await issueOwnInvoice(deps, owner, shop, { year: 2026 })
    expect((await getOwnInvoice(deps, owner, shop, invoice)).subarray(0, 5).toString()).toBe('%PDF-')
    const other = contactOf('ac63', idOf(2))
    const missing = { code: 'not_found' }
    await expect(issueOwnInvoice(deps, other, shop, { year: 2026 })).rejects.toMatchObject(missing)
    const ofOther = { ...shop, memberId: idOf(2) }
    await expect(getOwnInvoice(deps, other, ofOther, invoice)).rejects.toMatchObject(missing)
    const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    await expect(getInvoice(deps, bakers, 'ac63', invoice)).rejects.toBeInstanceOf(AppError)
    await expect(issueInvoice(deps, chamber, 'ac63', idOf(1), { year: 2025 })).rejects.toMatchObject(missing)
  })

  test('say what is missing in the settings, all at once, and take no number', async () => {
    await configure({ siret: '', address: '', vat: '' })
    await expect(issueInvoice(deps, chamber, 'ac63', idOf(1), { year: 2026 })).rejects.toMatchObject({
      code: 'invoice_incomplete',
      problems: ['siret', 'address', 'vat'].map((field) => ({
        ...{ code: 'invoice.missing', path: `creditor.${field}`, values: { field } },
      })),
    })
    expect((await getOwnDues(deps, owner, shop)).invoices).toBe(false)
    await configure({ siret: '00012345500016', address: '1 place', vat: 'nonprofit' })
    expect((await getOwnDues(deps, owner, shop)).invoices).toBe(true)
    expect((await issueInvoice(deps, chamber, 'ac63', idOf(1), { year: 2026 })).no).toBe(1)
  })

  test('ask for what is not waived', async () => {
    await configure({ siret: '00012345500016', address: '1 place', vat: 'outside' })
    const issue = (n: number) => issueInvoice(deps, chamber, 'ac63', idOf(n), { year: 2026 })
    const factsOf = async (no: number) =>
      (
        await database.db
          .selectFrom('duesInvoices')
          .select('facts')
          .where('no', '=', no)
          .executeTakeFirstOrThrow()
      ).facts
    const pay = (n: number, amountCents: number) =>
      recordPayment(deps, chamber, 'ac63', idOf(n), {
        ...{ way: 'cash', amountCents, receivedOn: '2026-03-12', reference: '', inAdvance: false },
      } as never)
    const waive = (n: number) => waiveDues(deps, chamber, 'ac63', idOf(n), { reason: 'geste' })
    // A waiver of two years, of which the first is paid in part.
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2027, feeCents: 3000, tradeFees: {}, proRata: false, dueOn: '2027-05-01', members: 5 },
    } as never)
    await pay(3, 1000)
    await waive(3)
    await issue(3)
    expect(await factsOf(1)).toMatchObject({ amountCents: 1000, paidCents: 1000 })
    await expect(issueInvoice(deps, chamber, 'ac63', idOf(3), { year: 2027 })).rejects.toMatchObject({
      ...{ code: 'invoice_waived', values: { year: 2027 } },
    })
    // Merged: of the fourth and fifth, which are one business, the fifth had paid a part.
    await pay(5, 1500)
    const at = { enteredOn: '2026-03-12', kind: 'waiver', piece: 'fusion', against: 'income' } as const
    await inScheme(database.db, 'ac63', (tx) =>
      writeMovements(tx, deps, 'ac63', 'x', [
        { ...at, memberId: idOf(4), member: 'x', owesCents: -1500, year: 2026 },
        { ...at, memberId: idOf(5), member: 'x', owesCents: -2500, year: 2026 },
      ]),
    )
    await issue(4)
    expect(await factsOf(2)).toMatchObject({ amountCents: 2500, paidCents: 0 })
  })

  test('are corrected by a credit note of the same series when their dues are waived or withdrawn, and issued again', async () => {
    await configure({ siret: '00012345500016', address: '1 place, 63000 Clermont', vat: 'outside' })
    await emptyTables(database, ['ledger_entries', 'dues_counters', 'dues_campaigns'])
    const campaign = (year: number, feeCents: number) =>
      openCampaign(deps, chamber, 'ac63', {
        ...{ year, feeCents, tradeFees: {}, proRata: false, dueOn: `${year}-05-01`, members: 5 },
      } as never)
    await campaign(2026, 4000)
    await campaign(2027, 3000)
    const issue = (n: number, year: number) => issueInvoice(deps, chamber, 'ac63', idOf(n), { year })
    const noteOf = async (n: number) => (await getMemberDues(deps, chamber, 'ac63', idOf(n))).creditNotes
    const [first] = [await issue(1, 2026), await issue(2, 2026), await issue(2, 2027)]
    await recordPayment(deps, chamber, 'ac63', idOf(2), {
      ...{ way: 'cash', amountCents: 1500, receivedOn: '2026-03-12', reference: '', inAdvance: false },
    } as never)
    // The paid part stays invoiced.
    const waived = await waiveDues(deps, chamber, 'ac63', idOf(2), { reason: 'en difficulté' })
    expect(waived.creditNotes).toMatchObject([
      { duesYear: 2027, amountCents: 3000, invoice: { no: 3 }, paper: { number: 'F-AC63-2026-00005' } },
      { duesYear: 2026, amountCents: 2500, invoice: { no: 2 }, paper: { number: 'F-AC63-2026-00004' } },
    ])
    expect(waived.years.map(({ invoice }) => invoice?.no)).toEqual([undefined, 2])
    const pdf = await getInvoice(deps, chamber, 'ac63', waived.creditNotes[1]!.paper)
    const xml = await attachedXml(pdf)
    validate(xml)
    expect(valuesOf(xml).get('GrandTotalAmount')).toEqual(['25.00'])
    expect(valuesOf(xml).get('IssuerAssignedID')).toEqual(['F-AC63-2026-00002'])
    // The reason of the chamber is its own.
    expect(xml).toContain('remise sur la cotisation')
    expect(xml).not.toContain('difficulté')

    const withdrawn = await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    expect(withdrawn).toMatchObject({ members: 5, credited: 2 })
    expect((await noteOf(1))[0]).toMatchObject({ amountCents: 4000, invoice: first })
    expect((await noteOf(2)).map(({ amountCents }) => amountCents)).toEqual([1500, 3000, 2500])
    await expect(issue(1, 2026)).rejects.toMatchObject({ code: 'not_found' })
    await campaign(2026, 2000)
    const again = await issue(1, 2026)
    expect(again.no).toBe(8)
    expect(await issue(1, 2026)).toEqual(again)
    const own = await getOwnDues({ ...deps, cards: undefined } as never, owner, shop)
    expect([own.creditNotes.length, own.years.at(-1)?.invoice]).toEqual([1, again])
  })

  test('are never corrected by more than they ask for, nor by a note for other dues', async () => {
    const invoice = await issueInvoice(deps, chamber, 'ac63', idOf(1), { year: 2026 })
    const note = (member: string, year: number, cents: number) =>
      sql`insert into dues_invoices (scheme_id, year, no, member_id, dues_year, facts, issued_at, issued_by, corrects_year, corrects_no)
        values ('ac63', 2026, 2, ${member}, ${year}, ${JSON.stringify({ amountCents: cents })}::jsonb, now(), 'x', ${invoice.year}, ${invoice.no})`.execute(
        database.db,
      )
    await expect(note(idOf(1), 2026, 4001)).rejects.toThrow(/exceeds its invoice/)
    await expect(note(idOf(2), 2026, 1)).rejects.toThrow(/exceeds its invoice/)
    await expect(note(idOf(1), 2027, 1)).rejects.toThrow(/exceeds its invoice/)
  })
})
