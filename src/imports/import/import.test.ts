import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testTerritory } from '../../../test/support/database.ts'
import { contactOf, testDeps } from '../../../test/support/deps.ts'
import { testCipher } from '../../../test/support/encryption.ts'
import { runsOf } from '../../../test/support/random.ts'
import { AppError } from '../../errors.ts'
import en from '../../i18n/en.json' with { type: 'json' }
import { formatMessage } from '../../i18n/format.ts'
import fr from '../../i18n/fr.json' with { type: 'json' }
import { findCaller, getMember, listMembers } from '../../members/actions.ts'
import type { ImportReport } from '../../members/contract.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { createIds } from '../../platform/ids.ts'
import { loadScheme } from '../../schemes/actions.ts'
import { ImportCheck } from '../contract.ts'
import { findHeader, titlesOf } from './columns/header.ts'
import { writeXlsx } from './file/xlsx.ts'
import { type ImportOptions, importMembers } from './import.ts'
import { summarizeCheck } from './summary.ts'

const system: Actor = { kind: 'system', name: 'test' }
const userWith = (role: 'chamber' | 'operator', schemeId = 'ac63'): Actor => ({
  kind: 'user',
  userId: 'u',
  name: 'U',
  grants: [{ schemeId, role, agencyId: null }],
})

let database: Database
const now = () => new Date('2026-03-02T10:00:00Z')
const newId = createIds(now, (bytes) => crypto.getRandomValues(bytes))
const deps = () => testDeps(database, { now, newId })

beforeAll(async () => {
  database = await testTerritory()
  for (const code of ['ac63', 'ac39', 'ab03']) await loadScheme(deps(), system, code)
})
afterAll(() => database.close())
beforeEach(async () => {
  await sql`delete from members`.execute(database.db)
})

const bytesOf = (text: string) => new TextEncoder().encode(text)
const load = (
  text: string | Uint8Array,
  options: ImportOptions = {},
  scheme = 'ac63',
): Promise<ImportReport> =>
  importMembers(deps(), system, scheme, typeof text === 'string' ? bytesOf(text) : text, {
    fileName: 'liste.csv',
    ...options,
  })

/** Formats problems as "line column code". */
const told = (report: ImportReport) =>
  report.problems.map((one) => `${one.line} ${one.column ?? '-'} ${one.code}`)

async function stored(scheme = 'ac63') {
  const { rows } = await sql<{
    name: string
    siret: string | null
    trade: string
    communeCode: string
    status: string
    contacts: string[]
  }>`
    select m.name, m.siret, m.trade, m.commune_code, m.status,
      (select array_agg(c.person || ' ' || coalesce(c.mobile, '-') || case when c.sms then ' sms' else '' end order by c.position)
        from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id) as contacts
    from members m where m.scheme_id = ${scheme} order by m.name, m.commune_code`.execute(database.db)
  return rows
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(AppError)
  return error as AppError
}

const HEADER = 'Enseigne;SIRET;Code NAF;Commune;Code postal;Contact;Mobile;Mail'
const TABAC = 'Tabac de la Halle;855 200 507 00017;47.26Z;Issoire;63500;Zoé;06 39 98 00 01;zoe@example.org'
const PAIN = 'Boulangerie du Pont;;10.71C;ISSOIRE;63500;Marc;06.39.98.00.02;'

describe('importing a valid file', () => {
  test('creates members and contacts, with counts and an audit entry', async () => {
    const report = await load(`${HEADER}\n${TABAC}\n${PAIN}\n`)
    expect(report).toMatchObject({
      outcome: 'applied',
      rows: 2,
      created: 2,
      updated: 0,
      unchanged: 0,
      skipped: 0,
      problems: [],
      warnings: [],
    })
    expect(await stored()).toEqual([
      {
        name: 'Boulangerie du Pont',
        siret: null,
        trade: 'bakeries',
        communeCode: '63178',
        status: 'active',
        contacts: ['Marc +33639980002 sms'],
      },
      {
        name: 'Tabac de la Halle',
        siret: '85520050700017',
        trade: 'tobacco-press',
        communeCode: '63178',
        status: 'active',
        contacts: ['Zoé +33639980001 sms'],
      },
    ])
    const audit = await database.db
      .selectFrom('auditEntries')
      .selectAll()
      .where('action', '=', 'member.import')
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow()
    expect(audit.details).toMatchObject({ rows: 2, created: 2, skipped: 0 })
    expect(audit.details.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each([
    ['UTF-8', (text: string) => bytesOf(text)],
    ['UTF-8 with its mark', (text: string) => bytesOf(`\ufeff${text}`)],
    ['Windows-1252', (text: string) => iconv.encode(text, 'win1252')],
    ['UTF-16 (Excel "Unicode text")', (text: string) => iconv.encode(text, 'utf16le', { addBOM: true })],
    ['Windows line ends', (text: string) => bytesOf(text.replaceAll('\n', '\r\n'))],
    ['old Mac line ends', (text: string) => bytesOf(text.replaceAll('\n', '\r'))],
    ['tabs', (text: string) => bytesOf(text.replaceAll(';', '\t'))],
    ['commas', (text: string) => bytesOf(text.replaceAll(';', ','))],
    ['sep=;', (text: string) => bytesOf(`sep=;\n${text}`)],
  ])('%s', async (_, encode) => {
    const text =
      'Raison sociale;Métier;Ville;CP;Portable;Responsable\n“L’Œuvre” à 5 €;Épicerie;Issoire;63500;0639980003;Élodie\n'
    expect(await load(encode(text))).toMatchObject({ outcome: 'applied', created: 1 })
    expect(await stored()).toMatchObject([
      { name: '“L’Œuvre” à 5 €', trade: 'food-shops', contacts: ['Élodie +33639980003 sms'] },
    ])
  })

  test('warns about a mobile of a neighbouring country, and refuses one of a farther country or a satellite', async () => {
    const rows = [
      '+41 79 123 45 67',
      '+351 912 345 678',
      '+881 612 345 678',
      '+41 22 700 00 00',
      '0692 12 34 56',
    ]
    const report = await load(
      ['Enseigne;Métier;Commune;Mobile', ...rows.map((phone, n) => `Bar ${n};Bar;Issoire;${phone}`)].join(
        '\n',
      ),
      { skipBad: true },
    )
    expect(told(report)).toEqual(['3 Mobile mobile.far', '4 Mobile phone.special'])
    expect(report.warnings.map(({ line, code }) => `${line} ${code}`)).toEqual([
      ...['2 number.foreign', '5 phone.landline'],
    ])
    for (const texts of [fr, en] as Record<string, string>[]) {
      expect(texts['mobile.far.hint']).toBeTruthy()
      expect(texts['number.foreign.hint']).toBeTruthy()
    }
    expect((await stored()).flatMap(({ contacts }) => contacts)).toEqual([
      ...[' +41791234567 sms', ' +41227000000', ' +262692123456 sms'],
    ])
  })

  test('accepts other headers, several contacts, and quotes with line ends inside', async () => {
    const text = [
      'N° SIRET;NOM COMMERCIAL;Activité;Code INSEE;Prénom;Nom;Tél. portable;Téléphone;Contact 2;Mobile 2;E-mail;Latitude;Longitude;Statut;Adresse',
      ';"Bar ""Le Central""\nrive gauche";Bar;63178;Zoé;Martin;06 39 98 00 04;04 65 71 00 04;Paul;06 39 98 00 05;Z@Example.org;45,544;3,249;Actif;"1, place; du Marché"',
    ].join('\n')
    const report = await load(text)
    expect(told(report)).toEqual([])
    // A landline beside a mobile needs no remark.
    expect(report.warnings).toEqual([])
    const [member] = await stored()
    expect(member).toMatchObject({
      name: 'Bar "Le Central" rive gauche',
      contacts: ['Zoé Martin +33639980004 sms', 'Paul +33639980005 sms', 'Zoé Martin +33465710004'],
    })
  })

  test('in a list of persons, name and first name are the business', async () => {
    await load('Nom;Prénom;Commune;Mobile\nMartin;Zoé;Moulins;0639980006\n', {}, 'ab03')
    expect(await stored('ab03')).toMatchObject([
      { name: 'Zoé Martin', trade: 'tobacco-press', contacts: ['Zoé Martin +33639980006 sms'] },
    ])
  })

  test.each([
    ['semicolons', ';'],
    ['commas', ','],
    ['tabs', '\t'],
  ])('a title, a date and a blank line stand above the header: %s', async (_, separator) => {
    const lines = ['Adhérents, état au 1er mars', '', 'Chambre des métiers', HEADER, TABAC, PAIN]
    const text = lines.map((line, n) => (n < 3 ? line : line.replaceAll(';', separator))).join('\n')
    const report = await load(text, { dryRun: true })
    expect(report).toMatchObject({ rows: 2, created: 2, problems: [], warnings: [] })
    expect(told(await load(text.replace('06.39.98.00.02', '06'), { dryRun: true }))).toEqual([
      '6 Mobile phone.short',
    ])
    const rows = lines.map((line) => line.split(';'))
    expect(await load(await writeXlsx('Liste', rows), { dryRun: true })).toMatchObject({
      rows: 2,
      created: 2,
    })
  })

  test('takes the first line as header unless a later one has more known titles', () => {
    const rowsOf = (...lines: string[]) => lines.map((line, n) => ({ line: n + 1, cells: line.split(';') }))
    const lineOf = (...lines: string[]) => findHeader(rowsOf(...lines))?.line
    expect(lineOf('Boutique;Où;Portable du patron', 'Commerce;Issoire;06')).toBe(1)
    expect(lineOf('Enseigne;Commune', 'Mobile;Contact')).toBe(1)
    expect(lineOf('Contact', 'Enseigne;Commune')).toBe(2)
    expect(lineOf(...Array.from({ length: 10 }, () => 'x'), 'Enseigne;Commune;Mobile')).toBe(1)
    expect(findHeader([])).toBeUndefined()
    expect(titlesOf(rowsOf('Liste')[0]!, rowsOf('a;b;c'))).toEqual(['Liste', '', ''])
    expect(titlesOf(rowsOf('Enseigne;Commune')[0]!, rowsOf('a;b;c'))).toEqual(['Enseigne', 'Commune'])
  })

  test('warns about a name that is a formula, and stores it as written', async () => {
    const text = `${HEADER}\n${TABAC.replace('Tabac de la Halle', '=1+1')}\n${PAIN.replace('Marc', '@Marc')}\n`
    const report = await load(text)
    expect(report.warnings.map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, 'Enseigne', 'import.formula'],
      [3, 'Contact', 'import.formula'],
    ])
    expect((await stored()).map(({ name }) => name)).toEqual(['=1+1', 'Boulangerie du Pont'])
    // As exports write it, and a name that is not a formula.
    const quiet = `${HEADER}\n${TABAC.replace('Tabac de la Halle', "'=1+1")}\n${PAIN.replace('Boulangerie', '-Boulangerie')}\n`
    expect(await load(quiet)).toMatchObject({ warningCount: 0, created: 0, updated: 1 })
  })

  test('keeps the postal code of a letter and the day of joining, and forgets the code of another commune', async () => {
    const header = `${HEADER};Date d’adhésion`
    const letters = async () =>
      (
        await sql<{ letter: string }>`
          select concat_ws(' ', name, postal_code, joined_on::text) as letter from members order by name`.execute(
          database.db,
        )
      ).rows.map(({ letter }) => letter)
    const cedex = PAIN.replace('ISSOIRE;63500', 'Clermont-Ferrand Cedex 1;63058')
    const report = await load([header, `${TABAC};1er mars 2019`, `${cedex};hier`].join('\n'))
    expect(report.warnings.map(({ line, code }) => [line, code])).toEqual([[3, 'day.unread']])
    expect(await letters()).toEqual(['Boulangerie du Pont 63058', 'Tabac de la Halle 63500 2019-03-01'])
    // An empty cell erases nothing; after a move without a code, the code is that of a commune which has only one.
    const moved = TABAC.replace('Issoire;63500', 'Riom;')
    await load([header, `${moved};`, `${cedex.replace(';63058', ';')};`].join('\n'))
    expect(await letters()).toEqual(['Boulangerie du Pont 63058', 'Tabac de la Halle 63200 2019-03-01'])
    await load(`Enseigne;Métier;CP Ville;Mobile\nTabac de la Halle;Tabac;63200 RIOM;06 39 98 00 01\n`)
    expect(await letters()).toEqual(['Boulangerie du Pont 63058', 'Tabac de la Halle 63200 2019-03-01'])
  })

  test('without a postal code, or with one of another commune, a row is imported without it and says so', async () => {
    await sql`update communes set postal_codes = '{63360,63430}' where code = '63113'`.execute(database.db)
    const without = PAIN.replace('ISSOIRE;63500', 'Clermont-Ferrand;')
    const wrong = TABAC.replace('Issoire;63500', '63113;63500')
    const report = await load(
      `${HEADER.replace('Commune', 'Code INSEE')}\n${wrong}\n${without.replace('Clermont-Ferrand', '63113')}\n`,
    )
    expect(report).toMatchObject({ created: 2, problemCount: 0 })
    expect(report.warnings.map(({ line, code, values }) => [line, code, values.codes])).toEqual([
      [2, 'postal_code.other', '63360, 63430'],
      [3, 'postal_code.several', '63360, 63430'],
    ])
    await sql`update communes set postal_codes = '{63500}' where code = '63113'`.execute(database.db)
  })

  test('understands “oui” under Adhésion, Cotisation and Charte', async () => {
    const report = await load(
      `${HEADER};Adhésion;Cotisation;Charte\n${TABAC};oui;oui;oui\n${PAIN};non;non;non\n`,
    )
    expect(report).toMatchObject({ created: 2, problemCount: 0 })
    const { true: paid = [], false: others = [] } = Object.groupBy(report.warnings, ({ code }) =>
      code.startsWith('paid.') ? 'true' : 'false',
    )
    expect(paid.map(({ column }) => column)).toEqual(['Cotisation'])
    expect(others.map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, 'Charte', 'charter.without_day'],
      [3, 'Adhésion', 'joined.no'],
    ])
  })

  test('says that a charter signed without a day is not recorded', async () => {
    const report = await load(`${HEADER};Charte papier\n${TABAC};oui\n`)
    expect(report.warnings).toMatchObject([{ line: 2, value: 'oui', code: 'charter.without_day' }])
  })

  test('reports unknown columns and ignores them', async () => {
    const report = await load(`${HEADER};Cotisation 2026\n${TABAC};10 €\n`)
    expect(report.outcome).toBe('applied')
    expect(report.warnings).toMatchObject([
      { line: 1, column: 'Cotisation 2026', code: 'import.unknown_column' },
    ])
  })
})

describe('codes of both classifications', () => {
  const codes = async () => {
    const { rows } = await sql<{ name: string; naf: string | null; naf2025: string | null; trade: string }>`
      select name, naf, naf2025, trade from members order by name`.execute(database.db)
    return Object.fromEntries(rows.map(({ name, ...rest }) => [name, Object.values(rest)]))
  }
  const row = (name: string, naf: string, n: number) => `${name};;${naf};Issoire;63500;A;06399801${n};`

  test('each is kept in its place, in a list of either or of both', async () => {
    await load([HEADER, row('Tabac', '4726Y', 10), row('Presse', '47.62Z', 11)].join('\n'))
    expect(await codes()).toEqual({
      Tabac: [null, '47.26Y', 'tobacco-press'],
      Presse: ['47.62Z', null, 'tobacco-press'],
    })
    const both = HEADER.replace('Code NAF', 'Code APE;Code NAF 2025')
    await load([both, row('Tabac', '47.26Z;47.26Y', 10), row('Presse', '4762Z;4792H', 11)].join('\n'))
    expect(await codes()).toEqual({
      Tabac: ['47.26Z', '47.26Y', 'tobacco-press'],
      Presse: ['47.62Z', '47.92H', 'tobacco-press'],
    })
    // The same list again, and one of either, change nothing.
    for (const text of ['47.26Z', '47.26Y - Commerce de détail de produits à base de tabac']) {
      expect(await load([HEADER, row('Tabac', text, 10)].join('\n'))).toMatchObject({
        unchanged: 1,
        warnings: [],
      })
    }
    // Another activity leaves no code of the former one.
    await load([HEADER, row('Tabac', '10.71H', 10)].join('\n'))
    expect((await codes()).Tabac).toEqual([null, '10.71H', 'bakeries'])
  })

  test('one that no trade claims asks for the trade, where it is typed, and nothing is lost', async () => {
    const asked = await load([HEADER, row('Tabac', '47.26Q', 10), row('Pain', '45.20Y', 11)].join('\n'))
    expect(told(asked)).toEqual(['2 Code NAF trade.of_naf', '3 Code NAF trade.of_naf'])
    expect(asked.warnings.map(({ line, code, values }) => [line, code, values.naf])).toEqual([
      [2, 'naf.unlisted', '47.26Q'],
      [3, 'naf.unlisted', '45.20Y'],
    ])
    expect(asked.problems[0]?.values).toMatchObject({ naf: '47.26Q' })
    // Corrected in the cell itself, as the list has no other place for it.
    const answered = [row('Tabac', '47.26Q tabac', 10), row('Pain', '45.20Y, boulangerie', 11)]
    expect(await load([HEADER, ...answered].join('\n'))).toMatchObject({ outcome: 'applied', created: 2 })
    expect(await codes()).toEqual({
      Tabac: [null, '47.26Q', 'tobacco-press'],
      Pain: [null, '45.20Y', 'bakeries'],
    })
  })

  test('with a column for the trade, that is where it is asked and answered', async () => {
    const header = `Métier;${HEADER}`
    expect(told(await load([header, `;${row('Tabac', '99.99Z', 10)}`].join('\n')))).toEqual([
      '2 Métier trade.of_naf',
    ])
    await load([header, `Tabac;${row('Tabac', '99.99Z', 10)}`].join('\n'))
    expect(await codes()).toEqual({ Tabac: ['99.99Z', null, 'tobacco-press'] })
  })
})

test('the summary of a dry run has the keys that the guide names', async () => {
  const guide = await readFile(new URL('../../../docs/guides/adherents.md', import.meta.url), 'utf8')
  const paragraph = guide.split('\n').find((line) => line.startsWith('`--dry-run --json`')) ?? ''
  const always = ['rows', 'ready', 'toDecide', 'refused', 'problems']
  expect(paragraph).toContain(`\`{ ${always.join(', ')} }\``)
  for (const key of Object.keys(ImportCheck.shape))
    if (!always.includes(key)) expect(paragraph, key).toContain(`\`${key}\``)
  const summaryOf = async (charter: string) =>
    summarizeCheck(await load(`${HEADER};Charte\n${PAIN};${charter}`, { dryRun: true }))
  expect(Object.keys(await summaryOf(''))).toEqual(always)
  expect(await summaryOf('oui')).toMatchObject({ ready: 1, problems: [], charters: { dated: 0, undated: 1 } })
})

describe('problems of a file', () => {
  test('proposes near trades for words or the code of a trade that the scheme does not admit', async () => {
    const { problems } = await load(
      'Enseigne;Métier;NAF;Commune;Mobile\nVap;Cigarette électronique;;Moulins;0639980010\nBois;;01.41Z;Moulins;0639980011\nJeux;;47.65Z;Moulins;0639980012\n',
      {},
      'ab03',
    )
    expect(
      problems.map(({ code, proposals = [] }) => [code, ...proposals.map((one) => one.code)].join(' ')),
    ).toEqual(['trade.not_admitted tobacco-press', 'trade.not_admitted', 'trade.not_admitted tobacco-press'])
  })

  test('lists every problem of every row by line, and writes nothing', async () => {
    const report = await load(
      [
        HEADER,
        TABAC,
        '"Deux',
        'lignes";123;47.26Z;Issoire;63500;A;06 39 98;pas-un-mail',
        '',
        ';;99.9Z;Nulle-Part;63500;B;;',
        'Ferme du Bois;;01.41Z;Issoire;63500;C;0639980010;',
        'Bijouterie;;47.77Z;Dole;39100;D;0639980011;',
        'Garage;;45.20A;Issoire;63500;E;0639980012;;reste',
      ].join('\n'),
    )
    expect(told(report)).toEqual([
      '3 SIRET siret.length',
      '3 Mail mail.invalid',
      '3 Mobile phone.length',
      '6 Enseigne import.name_missing',
      '6 Code NAF naf.unknown',
      '6 Commune commune.unknown',
      '6 Mobile phone.missing',
      '7 Code NAF trade.not_admitted',
      '8 Commune commune.outside',
      '9 - import.too_many_cells',
    ])
    expect(report).toMatchObject({ outcome: 'refused', rows: 6, created: 0, skipped: 5, problemCount: 10 })
    expect(report.problems.find((one) => one.code === 'commune.unknown')?.values.candidates).toContain(
      'Issoire (63178)',
    )
    expect(await stored()).toEqual([])
  })

  test('skipBad imports the valid rows, a dry run imports none', async () => {
    const text = `${HEADER}\n${TABAC}\nX;;47.26Z;Issoire;63500;A;0;\n`
    expect(await load(text, { dryRun: true, skipBad: true })).toMatchObject({
      outcome: 'checked',
      created: 1,
      skipped: 1,
    })
    expect(await stored()).toEqual([])
    expect(await load(text, { skipBad: true })).toMatchObject({ outcome: 'applied', created: 1, skipped: 1 })
    expect(await stored()).toHaveLength(1)
  })

  test('reports all missing columns at once', async () => {
    const error = await refusal(load('Prénom;Couleur\nZoé;bleu\n'))
    expect(error.code).toBe('invalid_file')
    expect(error.problems.map((one) => one.values?.columns)).toEqual([
      'Enseigne, Raison sociale',
      'Commune, Code INSEE',
      'Métier, Code NAF',
      'Mobile, Téléphone',
    ])
  })

  test.each([
    ['nothing', new Uint8Array(), 'import.empty'],
    ['only blank lines', bytesOf('\n \n;;\n'), 'import.empty'],
    ['an Excel workbook', new Uint8Array([0x50, 0x4b, 3, 4, 20, 0]), 'import.spreadsheet'],
    ['an image', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]), 'import.not_list'],
    ['a PDF', bytesOf('%PDF-1.4 abc\n1 0 obj\n'), 'import.not_list'],
    [
      'a web page',
      bytesOf('\ufeff\n<!DOCTYPE html><table><tr><td>Enseigne</td></tr></table>'),
      'import.not_list',
    ],
    ['bytes', new Uint8Array([1, 2, 0, 3]), 'import.not_text'],
    ['one line without end', bytesOf(`${HEADER}\n${'x'.repeat(1_200_000)}`), 'import.line_too_long'],
    ['a quote left open', bytesOf(`${HEADER}\n"${TABAC}\n${PAIN}\n`), 'import.quote_open'],
    ['too many columns', bytesOf(`${HEADER}${';x'.repeat(100)}\n`), 'import.too_many_columns'],
    ['too long a cell', bytesOf(`${HEADER}\n${'x'.repeat(10_001)};\n`), 'import.cell_too_long'],
  ])('%s', async (_, bytes, code) => {
    const error = await refusal(load(bytes))
    expect(error.problems.map((one) => one.code)).toEqual([code])
  })

  test('refuses too large a file', async () => {
    expect((await refusal(load(new Uint8Array(50 * 1024 * 1024 + 1)))).code).toBe('file_too_large')
  })

  test('finds duplicates in the file; two shops of one owner are not duplicates', async () => {
    const report = await load(
      [
        HEADER,
        TABAC,
        TABAC.replace('Tabac de la Halle', 'Autre nom').replace('00 01', '00 09'),
        PAIN,
        PAIN.replace('Boulangerie du Pont', 'BOULANGERIE DU PONT'),
        PAIN.replace('Boulangerie du Pont', 'Boulangerie de la Gare'),
      ].join('\n'),
    )
    expect(told(report)).toEqual(['3 - import.duplicate_siret', '5 - import.duplicate_phone'])
    expect(report.problems.map((one) => one.values.other)).toEqual([2, 4])
  })

  test('each problem code has a text and advice, in French and English', async () => {
    const text = [
      `${HEADER};Latitude;Longitude;Statut;Code INSEE;Métier`,
      'A;855200507;;;abc;;06 39 98 00 01 / 06 39 98 00 02;@;1;;zz;;plombier zingueur',
      'B;8,55E+13;4726;Issoire;75001;;0700000000;;91;x;;99999;',
      'C;1234567890123x;;;;;6,39E+08;;45;3;;;',
      'D;85520050700018;;Issoire;63500;;0800123456;;3,25;45,5;;;Bar',
      `E;;;Issoire;63500;;abc;;;;;;Bar`,
    ].join('\n')
    const report = await load(text)
    const codes = new Set(report.problems.map((one) => one.code))
    expect(codes.size).toBeGreaterThan(15)
    for (const code of codes) {
      for (const texts of [fr, en] as Record<string, string>[]) {
        expect(texts[code], code).toBeTruthy()
        expect(texts[`${code}.hint`], `${code}.hint`).toBeTruthy()
      }
    }
  })

  test('random bytes are refused, never worse', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('"', '""', '\n', '63500', 'Issoire', '0639980001', '47.26Z'),
    )
    const file = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(fc.array(cell, { maxLength: 9 }), { maxLength: 6 })
        .map((rows) => bytesOf([HEADER, ...rows.map((row) => row.join(';'))].join('\n'))),
    )
    await fc.assert(
      fc.asyncProperty(file, fc.boolean(), async (bytes, skipBad) => {
        try {
          const report = await load(bytes, { skipBad })
          expect(report.created + report.updated + report.unchanged + report.skipped).toBe(
            report.outcome === 'refused' ? report.skipped : report.rows,
          )
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          expect(['invalid_file', 'file_too_large']).toContain(error.code)
        }
      }),
      { numRuns: runsOf(200) },
    )
  })
})

describe('importing again', () => {
  test('the same file changes nothing', async () => {
    await load(`${HEADER}\n${TABAC}\n${PAIN}\n`)
    expect(await load(`${HEADER}\n${TABAC}\n${PAIN}\n`)).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 2,
    })
  })

  test('matches by SIRET: a new name, number and commune', async () => {
    await load(`${HEADER}\n${TABAC}\n`)
    await load(`${HEADER}\nTabac du Marché;85520050700017;47.26Z;Riom;63200;Zoé;06 39 98 00 21;\n`)
    expect(await stored()).toMatchObject([
      { name: 'Tabac du Marché', communeCode: '63300', contacts: ['Zoé +33639980021 sms'] },
    ])
  })

  test('matches by phone: a new name, an added SIRET; an empty cell erases nothing', async () => {
    await load(`${HEADER}\n${PAIN}\n`)
    await load(`${HEADER}\nFournil du Pont;855 200 507 00017;10.71C;Issoire;63500;;0639980002;\n`)
    expect(await load(`${HEADER}\nFournil du Pont;;10.71C;Issoire;63500;;0639980002;\n`)).toMatchObject({
      unchanged: 1,
    })
    expect(await stored()).toMatchObject([
      { name: 'Fournil du Pont', siret: '85520050700017', contacts: ['Marc +33639980002 sms'] },
    ])
  })

  test('two shops of one owner stay two, and a third with an unknown name needs a decision', async () => {
    const two = `${HEADER}\n${PAIN}\n${PAIN.replace('Boulangerie du Pont', 'Boulangerie de la Gare')}\n`
    await load(two)
    expect(await load(two)).toMatchObject({ created: 0, unchanged: 2 })
    const report = await load(`${HEADER}\n${PAIN.replace('Boulangerie du Pont', 'Fournil')}\n`)
    expect(told(report)).toEqual(['2 - import.ambiguous_phone'])
    const { rows } = await sql<{ smsContacts: number; shared: boolean }>`
      select sms_contacts, (select bool_and(shared) from contacts c where c.member_id = m.id) as shared from members m`.execute(
      database.db,
    )
    expect(rows).toEqual([
      { smsContacts: 0, shared: true },
      { smsContacts: 0, shared: true },
    ])
  })

  test('a number with another name is the same business, with a warning', async () => {
    await load(`${HEADER}\n${PAIN}\n`)
    const report = await load(`${HEADER}\n${PAIN.replace('Boulangerie du Pont', 'Fournil')}\n`)
    expect(report).toMatchObject({ created: 0, updated: 1 })
    expect(report.warnings).toMatchObject([
      { line: 2, code: 'import.matched_by_phone', values: { name: 'Boulangerie du Pont' } },
    ])
  })

  test('a new SIRET with the number of a member asks whether it is another shop, and both answers lead on', async () => {
    const two = ['855 200 507 00017', '732 829 320 00074'] as const
    const [first, second] = two.map((siret) => PAIN.replace(';;', `;${siret};`)) as [string, string]
    const shop = second.replace('Boulangerie du Pont', 'Fournil').replace('10.71C', '47.73Z')
    await load(`${HEADER}\n${first}\n`)
    for (const row of [shop, second]) {
      const asked = await load(`${HEADER}\n${row}\n`)
      expect(told(asked)).toEqual(['2 - import.other_shop'])
      expect(asked).toMatchObject({ undecided: 1, skipped: 1 })
      expect(asked.problems[0]?.proposals).toMatchObject([{ name: 'Boulangerie du Pont' }])
    }
    // A list with both says itself that they are two.
    expect(await load(`${HEADER}\n${first}\n${shop}\n`, { dryRun: true })).toMatchObject({
      created: 1,
      unchanged: 1,
      problems: [],
    })
    expect(await load(`${HEADER}\n${shop}\n`, { samePhone: 'same', dryRun: true })).toMatchObject({
      created: 0,
      updated: 1,
    })
    expect(await load(`${HEADER}\n${shop}\n`, { samePhone: 'other' })).toMatchObject({ created: 1 })
    expect((await stored()).map(({ name, siret }) => [name, siret])).toEqual([
      ['Boulangerie du Pont', '85520050700017'],
      ['Fournil', '73282932000074'],
    ])
    // A third shop of that number, and the answer for it.
    const third = shop.replace('Fournil', 'Troisième').replace('732 829 320 00074', '356 000 000 00048')
    expect(told(await load(`${HEADER}\n${third}\n`))).toEqual(['2 - import.ambiguous_phone'])
    expect(await load(`${HEADER}\n${third}\n`, { samePhone: 'other' })).toMatchObject({ created: 1 })
  })

  test('the member of another chamber holds up no row with a SIRET of its own', async () => {
    await load(`${HEADER}\n${PAIN}\n`)
    const actor: Actor = {
      kind: 'user',
      userId: 'u',
      name: 'U',
      grants: [{ schemeId: 'ac63', role: 'trade_chamber', agencyId: null, trades: ['tobacco-press'] }],
    } as unknown as Actor
    const row = TABAC.replace('06 39 98 00 01', '06.39.98.00.02')
    const report = await importMembers(deps(), actor, 'ac63', bytesOf(`${HEADER}\n${row}\n`), {})
    expect(report).toMatchObject({ created: 1, problems: [] })
  })

  describe('a number with another name, and another commune or trade', () => {
    const NEW = 'Bijouterie Nouvelle;;47.77Z;Clermont-Ferrand;63000;Léa;06.39.98.00.02;'
    const header = HEADER
    beforeEach(() => load(`${header}\n${PAIN}\n`))

    test('needs a decision, and nothing is written before it', async () => {
      const before = await stored()
      for (const row of [
        NEW,
        NEW.replace('47.77Z', '10.71C'),
        NEW.replace('Clermont-Ferrand;63000', 'Issoire;63500'),
      ]) {
        const report = await load(`${header}\n${row}\n`)
        expect(report).toMatchObject({ outcome: 'refused', skipped: 1, undecided: 1, warnings: [] })
        expect(told(report)).toEqual(['2 - import.same_phone'])
        expect(report.problems[0]?.values).toMatchObject({ name: 'Boulangerie du Pont', commune: 'Issoire' })
        expect(await load(`${header}\n${row}\n${TABAC}\n`, { skipBad: true, dryRun: true })).toMatchObject({
          created: 1,
          updated: 0,
          undecided: 1,
        })
      }
      expect(await stored()).toEqual(before)
      // A move with the same name, or a new name at the same place, is the same business.
      const moved = PAIN.replace('ISSOIRE;63500', 'Riom;63200')
      const renamed = PAIN.replace('du Pont', 'Neuve')
      for (const row of [moved, renamed]) {
        expect(await load(`${header}\n${row}\n`, { dryRun: true })).toMatchObject({
          updated: 1,
          undecided: 0,
        })
      }
    })

    test('if decided the same, it is updated; if other, it is created, and importing again changes neither', async () => {
      const text = `${header}\n${NEW}\n`
      expect(await load(text, { samePhone: 'same', dryRun: true })).toMatchObject({ created: 0, updated: 1 })
      const report = await load(text, { samePhone: 'other' })
      expect(report).toMatchObject({ outcome: 'applied', created: 1, updated: 0, problems: [] })
      expect((await stored()).map(({ name }) => name)).toEqual(['Bijouterie Nouvelle', 'Boulangerie du Pont'])
      expect(await load(`${header}\n${NEW}\n${PAIN}\n`)).toMatchObject({ created: 0, unchanged: 2 })
    })

    test('two rows cannot both be one member', async () => {
      const report = await load(`${header}\n${NEW}\n${NEW.replace('Nouvelle', 'Ancienne')}\n`, {
        samePhone: 'same',
        skipBad: true,
      })
      expect(told(report)).toEqual(['3 - import.same_twice'])
      expect(report).toMatchObject({ created: 0, updated: 1, skipped: 1 })
      expect(await stored()).toHaveLength(1)
    })

    test('if one row certainly is the member, the other is new', async () => {
      expect(await load(`${header}\n${NEW}\n${PAIN}\n`)).toMatchObject({
        created: 1,
        unchanged: 1,
        undecided: 0,
      })
    })
  })

  test('two duplicate members are matched by two rows; a third row is one too many', async () => {
    const second = PAIN.replace('Marc', 'Ève')
    await load(`${HEADER}\n${PAIN}\n`)
    // Created by a request to join and by a list.
    await sql`insert into members (scheme_id, id, name, search_name, naf, trade, commune_code, postal_code, address, status, created_at, updated_at)
      select scheme_id, gen_random_uuid(), name, search_name, naf, trade, commune_code, postal_code, '2 rue Neuve', status, now(), now() from members`.execute(
      database.db,
    )
    await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms, position)
      select 'ac63', gen_random_uuid(), id, 'Ève', '+33639980002', true, 0 from members where address is not null`.execute(
      database.db,
    )
    const before = await stored()
    const header = `${HEADER};Adresse`
    // In any order, each row matches the member with most in common.
    for (const rows of [
      [`${PAIN};`, `${second};2 rue Neuve`],
      [`${second};2 rue Neuve`, `${PAIN};`],
    ]) {
      const report = await load([header, ...rows].join('\n'))
      expect(report).toMatchObject({ created: 0, updated: 0, unchanged: 2, problems: [] })
      expect(told(await load([header, ...rows, `${PAIN};3 rue`].join('\n')))).toEqual([
        '4 - import.duplicate_phone',
      ])
    }
    // A single row does not tell which of them it is.
    expect(told(await load(`${HEADER}\n${PAIN}\n`))).toEqual(['2 - import.ambiguous_phone'])
    expect(await stored()).toEqual(before)
  })

  test('without SIRET, a changed number with the same name and commune is the same member', async () => {
    await load(`${HEADER}\n${PAIN}\n`)
    const report = await load(`${HEADER}\n${PAIN.replace('06.39.98.00.02', '06 39 98 00 22')}\n`)
    expect(report).toMatchObject({ created: 0, updated: 1 })
    expect(report.warnings.map((one) => one.code)).toEqual(['import.matched_by_name'])
    expect(await stored()).toMatchObject([{ contacts: ['Marc +33639980022 sms'] }])
  })

  test('a contact that opted out of SMS stays opted out', async () => {
    await load(`${HEADER}\n${PAIN}\n`)
    await sql`update contacts set sms = false`.execute(database.db)
    await load(`${HEADER}\n${PAIN}\n`)
    await load(`${HEADER}\n${PAIN.replace('06.39.98.00.02', '06 39 98 00 22')}\n`)
    expect(await stored()).toMatchObject([{ contacts: ['Marc +33639980022'] }])
  })

  test('importing any two files in any order never duplicates a SIRET or a shop', async () => {
    const shops = ['Tabac', 'Presse', 'Bar', 'Fournil'] as const
    const row = fc.record({
      name: fc.constantFrom(...shops),
      siret: fc.constantFrom('', '85520050700017', '12002701600357'),
      phone: fc.nat(3),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 6 }),
        fc.array(row, { maxLength: 6 }),
        async (first, second) => {
          await sql`delete from members`.execute(database.db)
          const text = (rows: typeof first) =>
            [
              HEADER,
              ...rows.map((one) => `${one.name};${one.siret};47.26Z;Issoire;63500;;063998000${one.phone};`),
            ].join('\n')
          for (const rows of [first, second]) {
            const { skipped } = await load(text(rows), { skipBad: true })
            const before = await stored()
            const again = await load(text(rows), { skipBad: true })
            // A row skipped because another member has its number may fit once that one has a new number.
            expect(again.created).toBeLessThanOrEqual(skipped)
            expect(await stored()).toHaveLength(before.length + again.created)
          }
          const sirets = (await stored()).flatMap((one) => one.siret ?? [])
          expect(new Set(sirets).size).toBe(sirets.length)
        },
      ),
      { numRuns: runsOf(40) },
    )
  })
})

describe('members who left, are pending or suspended, or receive no SMS', () => {
  const row = (status: string) => `${HEADER};Statut\n${TABAC};${status}\n`
  /** Imports a list over the tobacconist in the given status. */
  const from = async (status: string, text: string, duesSuspended = false) => {
    await sql`delete from dues_suspensions`.execute(database.db)
    await sql`delete from members`.execute(database.db)
    await load(`${HEADER}\n${TABAC}\n`)
    await sql`update members set status = ${status}, updated_at = '2026-02-28T23:30:00Z'`.execute(database.db)
    if (duesSuspended) {
      await sql`insert into dues_suspensions (scheme_id, member_id, suspended_at) select scheme_id, id, now() from members`.execute(
        database.db,
      )
    }
    const report = await load(text, { skipBad: true })
    const after = (await stored())[0]
    await sql`delete from dues_suspensions`.execute(database.db)
    return { report, after }
  }

  test.each([
    ['left', 'Actif', 'import.left', false],
    ['left', 'Suspendu', 'import.left', false],
    ['left', 'En attente', 'import.left', false],
    ['pending', 'Actif', 'import.pending', false],
    ['pending', 'Suspendu', 'import.pending', false],
    ['active', 'En attente', 'import.pending_again', false],
    ['suspended', 'En attente', 'import.pending_again', false],
    ['suspended', 'Actif', 'import.suspended_for_dues', true],
  ] as const)('%s, and the list says « %s »: %s', async (status, word, code, duesSuspended) => {
    const { report, after } = await from(status, row(word), duesSuspended)
    expect(told(report)).toEqual([`2 - ${code}`])
    expect(report.problems[0]?.values.name).toBe('Tabac de la Halle')
    expect([report.updated, after?.status]).toEqual([0, status])
  })

  test('the day of leaving is shown in French local time', async () => {
    const { report } = await from('left', row('Actif'))
    const { code, values } = report.problems[0]!
    // Half past midnight on 1 March in Paris.
    expect(formatMessage('fr', code, values)).toContain('le 1 mars 2026')
    expect(formatMessage('en', code, values)).toContain('March 1, 2026')
  })

  test('a list without statuses changes none, and leaves former members aside', async () => {
    for (const status of ['pending', 'active', 'suspended'] as const) {
      const { report, after } = await from(status, `${HEADER}\n${TABAC.replace('Zoé', 'Léa')}\n`)
      expect([report.updated, report.warnings, after?.status]).toEqual([1, [], status])
    }
    const changed = TABAC.replace('Zoé', 'Léa').replace('00 01', '00 31')
    const { report, after } = await from('left', `${HEADER}\n${changed}\n`)
    expect(report).toMatchObject({ created: 0, updated: 0, unchanged: 1, skipped: 0 })
    expect(report.warnings.map(({ code }) => code)).toEqual(['import.left_aside'])
    expect(after).toMatchObject({ status: 'left', contacts: ['Zoé +33639980001 sms'] })
    // If the row itself says so, there is no warning.
    expect((await from('left', row('Parti'))).report).toMatchObject({ unchanged: 1, warningCount: 0 })
  })

  test('a list reactivates a member suspended by the chamber, with a warning', async () => {
    const { report, after } = await from('suspended', row('Actif'))
    expect([report.warnings.map(({ code }) => code), after?.status]).toEqual([['import.resumed'], 'active'])
  })

  test.each([
    ['Suspendu', 'import.leaving_suspended', 'suspended'],
    ['Parti', 'import.leaving_left', 'left'],
  ])('« %s » takes out of alerts only as many as were agreed to', async (word, code, status) => {
    await load(`${HEADER}\n${TABAC}\n${PAIN}\n`)
    const text = row(word).replace(TABAC, `${PAIN};${word}\n${TABAC}`)
    const looked = await load(text, { dryRun: true })
    expect(looked).toMatchObject({ leaving: 2, updated: 2 })
    expect(looked.warnings.map((one) => `${one.line} ${one.code} ${one.values.name}`)).toEqual([
      `2 ${code} Boulangerie du Pont`,
      `3 ${code} Tabac de la Halle`,
    ])
    for (const leaving of [undefined, 0, 1, 3]) {
      const error = await refusal(load(text, leaving === undefined ? {} : { leaving }))
      expect([error.code, error.values?.leaving]).toEqual(['import_leaving', 2])
    }
    expect((await stored()).map((one) => one.status)).toEqual(['active', 'active'])
    expect(await load(text, { leaving: 2 })).toMatchObject({ outcome: 'applied', leaving: 2 })
    expect((await stored()).map((one) => one.status)).toEqual([status, status])
    // Imported again, no further member leaves.
    expect(await load(text)).toMatchObject({ leaving: 0, unchanged: 2 })
  })

  test('members who receive no alerts do not count as leaving them', async () => {
    const { report } = await from('suspended', row('Parti'))
    expect([report.outcome, report.leaving]).toEqual(['applied', 0])
    expect((await from('pending', row('Parti'))).report.leaving).toBe(0)
  })

  test('a business that joined again matches its current member', async () => {
    await load(`${HEADER}\n${PAIN}\n`)
    await sql`update members set status = 'left'`.execute(database.db)
    await sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
      select scheme_id, gen_random_uuid(), name, search_name, trade, commune_code, 'active', now(), now() from members`.execute(
      database.db,
    )
    await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms, position)
      select 'ac63', gen_random_uuid(), id, 'Marc', '+33639980002', true, 0 from members where status = 'active'`.execute(
      database.db,
    )
    const again = PAIN.replace(';10.71C', '855 200 507 00017;10.71C')
    expect(await load(`${HEADER};Statut\n${again};Actif\n`)).toMatchObject({ updated: 1, warnings: [] })
    expect((await stored()).map(({ status, siret }) => [status, siret]).sort()).toEqual([
      ['active', '85520050700017'],
      ['left', null],
    ])
  })

  test('a number that opted out gets no SMS, whatever contact a list gives it to', async () => {
    await load(`${HEADER}\n${TABAC}\n`)
    await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, at)
      select scheme_id, gen_random_uuid(), member_id, id, ${'+33639980077'}, n = 1, 'portal', 'x', now() + n * interval '1 minute'
      from contacts, generate_series(1, 2) n`.execute(database.db)
    const text = [
      `${HEADER};Mobile 2`,
      `${TABAC};06 39 98 00 77`,
      `${PAIN.replace('06.39.98.00.02', '06 39 98 00 77')};06 39 98 00 02`,
    ].join('\n')
    await load(text)
    await load(text)
    expect((await stored()).map(({ contacts }) => contacts)).toEqual([
      ['Marc +33639980077', 'Marc +33639980002 sms'],
      ['Zoé +33639980001 sms', 'Zoé +33639980077'],
    ])
  })

  test('no list can bring an excluded member back into alerts', async () => {
    const statuses = ['', 'Actif', 'En attente', 'Suspendu', 'Parti'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('left', 'pending', 'suspended'),
        fc.constantFrom(...statuses),
        fc.constantFrom('855 200 507 00017', ''),
        fc.constantFrom('Tabac de la Halle', 'Autre nom'),
        fc.constantFrom('0639980001', '0639980041'),
        async (status, word, siret, name, phone) => {
          const text = `${HEADER};Statut\n${name};${siret};47.26Z;Issoire;63500;Zoé;${phone};;${word}\n`
          await sql`update members set status = 'active'`.execute(database.db)
          const { after, report } = await from(status, text, true)
          const known = report.created === 0
          if (known) expect(after?.status).not.toBe('active')
          else expect((await stored()).find((one) => one.siret !== null)?.status ?? status).toBe(status)
        },
      ),
      { numRuns: runsOf(40) },
    )
  })
})

describe('access rights', () => {
  const chamber = userWith('chamber')
  const operator = userWith('operator')
  beforeEach(async () => {
    await load(`${HEADER};Téléphone\n${TABAC};04 65 71 00 01\n${PAIN};\n`)
    await load('Enseigne;Métier;Commune;Mobile\nTabac de la Place;Tabac;Dole;0639980001\n', {}, 'ac39')
  })

  test('only users who manage the list may import', async () => {
    await expect(importMembers(deps(), operator, 'ac63', bytesOf(HEADER))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(importMembers(deps(), chamber, 'ac39', bytesOf(HEADER))).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
  })

  test('lists pages by name, filters and counts; operators see masked numbers', async () => {
    const first = await listMembers(deps(), chamber, 'ac63', { limit: 1 })
    expect(first.members).toMatchObject([
      { name: 'Boulangerie du Pont', phones: ['+33639980002'], smsContacts: 1 },
    ])
    expect(first.counts).toMatchObject({ total: 2, byStatus: { active: 2, left: 0 } })
    const second = await listMembers(deps(), operator, 'ac63', { limit: 1, after: first.next! })
    expect(second).toMatchObject({
      counts: null,
      next: null,
      members: [{ name: 'Tabac de la Halle', phones: ['•• •• •• •• 01', '•• •• •• •• 01'] }],
    })
    const names = async (query: object) =>
      (await listMembers(deps(), chamber, 'ac63', { limit: 50, ...query })).members.map((one) => one.name)
    expect(await names({ q: 'hal iss' })).toEqual(['Tabac de la Halle'])
    expect(await names({ q: '06 39 98 00 02' })).toEqual(['Boulangerie du Pont'])
    expect(await names({ q: '855200507' })).toEqual(['Tabac de la Halle'])
    expect(await names({ q: '%' })).toEqual([])
    expect(await names({ trade: 'bakeries' })).toEqual(['Boulangerie du Pont'])
    expect(await names({ commune: '63300' })).toEqual([])
    await expect(listMembers(deps(), chamber, 'ac63', { limit: 1, after: 'zz' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  test('a contact has no access to the list, not even to its own member; users who do not manage the list see masked numbers', async () => {
    const { members } = await listMembers(deps(), chamber, 'ac63', { limit: 50 })
    const [, tabac] = members
    const self = contactOf('ac63', tabac!.id)
    await expect(listMembers(deps(), self, 'ac63', { limit: 50 })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(getMember(deps(), self, 'ac63', tabac!.id)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await getMember(deps(), chamber, 'ac63', tabac!.id)).contacts[0]).toMatchObject({
      phone: '+33639980001',
      mail: 'zoe@example.org',
    })
    expect((await getMember(deps(), operator, 'ac63', tabac!.id)).contacts[0]).toMatchObject({
      phone: '•• •• •• •• 01',
      mail: null,
    })
  })

  test('finds a caller by mobile, landline, first digits or name', async () => {
    for (const q of ['0639980001', '+33 4 65 71 00 01', '063998 0001', 'tab hal']) {
      expect(await findCaller(deps(), operator, 'ac63', q), q).toMatchObject([
        { name: 'Tabac de la Halle', phone: '•• •• •• •• 01', commune: { name: 'Issoire' } },
      ])
    }
    // Numbers that are encrypted are not found by their beginning.
    expect(await findCaller(deps(), operator, 'ac63', '0639')).toHaveLength(testCipher().isOn ? 0 : 2)
    await expect(findCaller(deps(), chamber, 'ac63', 'tabac')).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('members of one scheme are not found in another', async () => {
    const other = (await listMembers(deps(), system, 'ac39', { limit: 50 })).members[0]!
    await expect(getMember(deps(), system, 'ac63', other.id)).rejects.toMatchObject({ code: 'not_found' })
    await inScheme(database.db, 'ac63', async (tx) => {
      expect(await tx.selectFrom('members').select('id').where('schemeId', '=', 'ac39').execute()).toEqual([])
      expect(await tx.selectFrom('contacts').select('id').where('schemeId', '=', 'ac39').execute()).toEqual(
        [],
      )
      expect(
        await tx.updateTable('members').set({ name: 'x' }).where('id', '=', other.id).executeTakeFirst(),
      ).toMatchObject({ numUpdatedRows: 0n })
    })
    await expect(
      inScheme(database.db, 'ac63', (tx) =>
        sql`insert into contacts (scheme_id, id, member_id, person, sms) values ('ac39', ${newId()}, ${other.id}, '', false)`.execute(
          tx,
        ),
      ),
    ).rejects.toThrow(/row-level security/)
  })
})

/** 10,000 in the long set. */
const ROWS_AT_ONCE = process.env.TOCSIN_LONG === undefined ? 1500 : 10_000

// Placed last: deleting so many members before each further test would cost more than importing them.
test('imports a list of thousands of rows at once, with progress', async () => {
  // Next to a small scheme with known statistics: its query plans must not be reused for this one.
  await load('Enseigne;Métier;Commune;Mobile\nTabac de la Place;Tabac;Dole;0639980001\n', {}, 'ac39')
  await sql`analyze members, contacts`.execute(database.db)
  const rows = Array.from(
    { length: ROWS_AT_ONCE },
    (_, n) =>
      `Commerce ${n};;47.26Z;Issoire;63500;Zoé;06 ${String(10_000_000 + n).replace(/(..)(?=.)/g, '$1 ')};z${n}@example.org`,
  )
  const phases = new Map<string, number>()
  // CPU time of this thread, including the database, so that other load on the machine is not counted.
  const before = process.threadCpuUsage()
  const report = await load([HEADER, ...rows].join('\r\n'), {
    onProgress: (phase, done, total) => phases.set(phase, done / total),
  })
  const { user, system: kernel } = process.threadCpuUsage(before)
  expect(told(report).slice(0, 3)).toEqual([])
  expect(report).toMatchObject({ outcome: 'applied', created: ROWS_AT_ONCE })
  expect([...phases]).toEqual([
    ['read', 1],
    ['check', 1],
    ['write', 1],
  ])
  expect((user + kernel) / 1000).toBeLessThan(5000)
  expect(await load([HEADER, ...rows].join('\n'))).toMatchObject({ unchanged: ROWS_AT_ONCE })
})
