import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { paymentReference } from '../rules.ts'
import { countLetters, getCall, getCalls, listLetterRows } from './letters.ts'

const chamber = actorOf('chamber', 'ac63')
const MM = 72 / 25.4

describe('calls on paper', () => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    deps = testDeps(database, { now: () => new Date('2026-04-10T09:00:00Z') })
    const creditor = {
      iban: 'FR7630006000011234567890189',
      chequeOrder: 'CCI 63',
      address: '1 rue du Port, 63000 Clermont',
    }
    await database.db
      .updateTable('schemes')
      .set({ dues: JSON.stringify(DuesSettings.parse({ creditor })) })
      .where('id', '=', 'ac63')
      .execute()
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      {
        id: idOf(2),
        name: 'Boulangerie « Chez Zoé » et ses filles de la place de la Liberté',
        phones: [phoneOf(2)],
      },
      { id: idOf(3), name: 'Suspendu', status: 'suspended' },
      { id: idOf(4), name: 'Parti', status: 'left' },
    ])
    await database.db
      .updateTable('contacts')
      .set({ mail: 'z@example.org' })
      .where('memberId', '=', idOf(1))
      .execute()
    await database.db
      .updateTable('members')
      .set({ address: 'Bâtiment B, 12 rue des Lilas', postalCode: '63500' })
      .where('id', '=', idOf(2))
      .execute()
    for (const [year, dueOn] of [
      [2025, '2025-03-31'],
      [2026, '2026-06-30'],
    ] as const)
      await openCampaign(deps, chamber, 'ac63', {
        year,
        feeCents: 1500,
        tradeFees: {},
        proRata: false,
        dueOn,
      })
  })
  afterAll(() => database.close())

  test('a call names what is due, by when, and how to pay, with the address within the window of a DL envelope', async () => {
    const [page] = await pagesOf(await getCall(deps, chamber, 'ac63', idOf(2)))
    const text = page!.map(({ str }) => str).join(' ')
    for (const part of [
      ...[
        'Rappel : cotisation 2025, 2026',
        'échue le 31 mars 2025',
        'à payer avant le 30 juin 2026',
        '30,00 €',
      ],
      ...['FR76 3000 6000 0112 3456 7890 189', paymentReference('ac63', idOf(2)), 'CCI 63', '1 rue du Port'],
    ])
      expect(text, part).toContain(part)
    expect(text).not.toContain('?')
    const at = page!.findIndex(({ str }) => str.startsWith('Boulangerie'))
    const address = page!
      .slice(at, at + 10)
      .filter(({ str }) => str.trim() !== '')
      .slice(0, 5)
    expect(address.map(({ str }) => str)).toEqual([
      'Boulangerie « Chez Zoé » et ses filles de la',
      'place de la Liberté',
      'Bâtiment B',
      '12 rue des Lilas',
      '63500 ISSOIRE',
    ])
    for (const { x, y, width } of address) {
      // The part of the window that shows wherever the folded page slides: 105 to 190 mm, 45 to 79 mm.
      expect([x >= 105, x + width <= 190, y >= 45, y <= 79]).toEqual([true, true, true, true])
    }
    await expect(getCall(deps, chamber, 'ac63', idOf(4))).rejects.toMatchObject({ code: 'not_found' })
  })

  test('letters without a postal code are counted with their members before they are printed', async () => {
    const count = () => countLetters(deps, chamber, 'ac63', { who: 'owing' })
    expect(await count()).toEqual({
      letters: 3,
      withoutPostalCode: 0,
      members: [],
      cut: 0,
      cutMembers: [],
    })
    await database.db
      .updateTable('members')
      .set({ postalCode: null })
      .where('id', 'in', [idOf(1), idOf(4)])
      .execute()
    // The only code of the commune is that of its members.
    expect(await count()).toMatchObject({ withoutPostalCode: 0 })
    await database.db
      .updateTable('communes')
      .set({ postalCodes: ['63500', '63501'] })
      .where('code', '=', '63178')
      .execute()
    expect(await count()).toEqual({
      letters: 3,
      withoutPostalCode: 1,
      members: [{ id: idOf(1), name: 'Tabac du Centre' }],
      cut: 0,
      cutMembers: [],
    })
  })

  test.each([
    ['14, rue des Fours', ['14, rue des Fours']],
    ['14 bis , rue des Fours\nBP 12', ['14 bis, rue des Fours', 'BP 12']],
    ['Bâtiment B, 12 C, rue des Lilas', ['Bâtiment B', '12 C, rue des Lilas']],
    [
      'Centre commercial des Grands Champs Élysées, 14, avenue du Général de Gaulle',
      ['Centre commercial des Grands Champs', 'Élysées', '14, avenue du Général de Gaulle'],
    ],
  ])('the address %j is broken at words and not after its house number', async (address, lines) => {
    await database.db.updateTable('members').set({ address }).where('id', '=', idOf(1)).execute()
    expect(await windowOf(await getCall(deps, chamber, 'ac63', idOf(1)))).toEqual([
      'Tabac du Centre',
      ...lines,
      expect.stringMatching(/ISSOIRE$/),
    ])
  })

  test('a long address is whole in smaller letters; one that is cut is counted with its member', async () => {
    const set = (name: string, address: string | null) =>
      database.db.updateTable('members').set({ name, address }).where('id', '=', idOf(1)).execute()
    const lines = async () => windowOf(await getCall(deps, chamber, 'ac63', idOf(1)))
    const cut = () => countLetters(deps, chamber, 'ac63', { who: 'owing' })
    const long = [
      'Société coopérative des artisans boulangers et pâtissiers réunis du bassin de vie',
      'Bâtiment des Métiers, Entrée C, Zone industrielle de la Grande Plaine du Haut, 14, rue des Fours, BP 12',
    ] as const
    await set(...long)
    const whole = await lines()
    expect(whole.length).toBeLessThanOrEqual(6)
    expect(whole.slice(0, -1).join(' ').replaceAll(',', '')).toBe(long.join(' ').replaceAll(',', ''))
    expect(await cut()).toMatchObject({ cut: 0, cutMembers: [] })
    await set(long[0], `${long[1]}, ${long[1]}`)
    expect(await lines()).toHaveLength(6)
    expect(await cut()).toMatchObject({ cut: 1, cutMembers: [{ id: idOf(1), name: long[0] }] })
    // So is the letter of one member, before it is printed from its account.
    const cutOf = async (member: string) =>
      (await countLetters(deps, chamber, 'ac63', { who: 'owing', member })).cut
    expect([await cutOf(idOf(1)), await cutOf(idOf(2))]).toEqual([1, 0])
    // A word that is wider than the window is drawn in smaller letters.
    await set('Anticonstitutionnellementincomparablementlongue', null)
    expect((await lines())[0]).toBe('Anticonstitutionnellementincomparablementlongue')
    expect(await cut()).toMatchObject({ cut: 0 })
    await set('Tabac du Centre', null)
  })

  test('all calls are in one file, a page each; a suspended member reads that its alerts come back', async () => {
    const pages = await pagesOf(await getCalls(deps, chamber, 'ac63', { who: 'owing' }))
    expect(pages).toHaveLength(3)
    const suspended = pages
      .map((page) => page.map(({ str }) => str).join(' '))
      .filter((text) => text.includes('Vos alertes'))
    expect(suspended).toHaveLength(1)
    expect(await pagesOf(await getCalls(deps, chamber, 'ac63', { who: 'no_mail' }))).toHaveLength(2)
  })

  test('the table for a mail merge has the full address and all that a letter says', async () => {
    const [header, ...rows] = await listLetterRows(deps, chamber, 'ac63', { who: 'late' }, 'csv')
    expect(header?.slice(0, 8)).toEqual([
      ...[
        'Nom',
        'Adresse',
        'Code postal',
        'Commune',
        'Montant dû',
        'À payer avant le',
        'Années',
        'Référence',
      ],
    ])
    expect(rows.find(([name]) => name?.startsWith('Boulangerie'))?.slice(1, 8)).toEqual([
      ...['Bâtiment B, 12 rue des Lilas', '63500', 'Issoire', '30,00', '30 juin 2026', '2025, 2026'],
      paymentReference('ac63', idOf(2)),
    ])
    const { rows: audit } = {
      rows: await database.db
        .selectFrom('auditEntries')
        .select('details')
        .where('action', '=', 'dues.letters')
        .execute(),
    }
    expect(audit.at(-1)?.details).toMatchObject({ who: 'late', format: 'csv', letters: 2 })
  })
})

/** Reads the texts of each page with their places, in mm from the top left. */
async function pagesOf(pdf: Buffer) {
  const document = await getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise
  return Promise.all(
    Array.from({ length: document.numPages }, async (_, i) => {
      const { items } = await (await document.getPage(i + 1)).getTextContent()
      return items.flatMap((item) => {
        if (!('str' in item)) return []
        const [, , , , x, y] = item.transform as [number, number, number, number, number, number]
        return [
          { str: item.str.replaceAll('\u00a0', ' '), x: x / MM, y: 297 - y / MM, width: item.width / MM },
        ]
      })
    }),
  )
}

/** Reads the lines of the window of a call, and checks that they are within it. */
async function windowOf(pdf: Buffer): Promise<string[]> {
  const [page] = await pagesOf(pdf)
  const lines = page!.filter(({ str, x, y }) => str.trim() !== '' && x > 105 && y > 45 && y < 79)
  for (const { x, y, width } of lines)
    expect([x >= 105, x + width <= 190, y <= 79]).toEqual([true, true, true])
  return lines.map(({ str }) => str)
}
