import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { phoneOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { writeXlsx } from '../import/file/xlsx.ts'
import { dropUpload, getUpload, listUploads } from './actions.ts'
import { applyUpload } from './apply.ts'
import { answerUploadCells, listUploadCells } from './cells.ts'
import { checkUpload } from './check.ts'
import { setColumns, setHeader } from './columns.ts'
import { UploadRowQuery } from './contract.ts'
import { answerRows, fixRow } from './fix.ts'
import { dropRowsAbout, rowsAbout } from './forget.ts'
import { openUpload } from './open.ts'
import { listUploadRows } from './rows.ts'
import { purgeUploads } from './store.ts'

const chamber = actorOf('chamber', 'ac63')
const whose = { actor: chamber, schemeId: 'ac63', lang: 'fr' } as const
const HEADER = 'Enseigne;Métier;Code INSEE;Portable du patron;Observations'

describe.each(usualKinds)('uploaded lists on %s', (kind) => {
  let database: Database
  let deps: Deps
  let now = new Date('2026-06-01T08:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => now })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-06-01T08:00:00Z')
    await sql`delete from import_answers`.execute(database.db)
    await sql`delete from member_imports`.execute(database.db)
    await sql`delete from members`.execute(database.db)
  })

  const bytesOf = (...lines: string[]) => new TextEncoder().encode(lines.join('\n'))
  const open = (...lines: string[]) => openUpload(deps, whose, bytesOf(...lines), 'liste.csv')
  const rows = async (id: string, which: 'bad' | 'dropped' | 'all' = 'bad') =>
    (await listUploadRows(deps, whose, id, UploadRowQuery.parse({ which }))).rows
  const members = async () =>
    (await sql<{ name: string }>`select name from members order by name`.execute(database.db)).rows.map(
      ({ name }) => name,
    )

  /** Returns dependencies whose n-th transaction (counted from 1) first waits for `meanwhile`. */
  const held = (no: number, meanwhile: () => Promise<unknown>) => {
    let transactions = 0
    const db = new Proxy(deps.db, {
      get(target, key) {
        const value = Reflect.get(target, key, target)
        if (key !== 'transaction') return typeof value === 'function' ? value.bind(target) : value
        const isIt = ++transactions === no
        return () => {
          const begun = target.transaction()
          return isIt
            ? { execute: async (work: never) => meanwhile().then(() => begun.execute(work)) }
            : begun
        }
      },
    })
    return { deps: { ...deps, db }, count: () => transactions }
  }

  test('columns are chosen, rows corrected and dropped, the upload imported and undone', async () => {
    const upload = await open(
      HEADER,
      `Le Narval;Tabac;63178;${phoneOf(1)};client depuis 2019`,
      `Presse 63;Tabac;99999;${phoneOf(2)};`,
      'Roux;Boulangerie;63113;12;',
      'Sans rien;;;;',
    )
    // Only the phone column has an unknown header.
    expect(upload.missing).toEqual(['Mobile, Téléphone'])
    expect(upload.columns.map(({ field }) => field)).toEqual(['name', 'trade', 'insee', null, 'note'])
    expect(upload.columns[3]?.samples).toEqual([phoneOf(1), phoneOf(2), '12'])
    expect(upload.report).toBeNull()
    await expect(applyUpload(deps, whose, upload.id, { skipBad: true })).rejects.toMatchObject({
      code: 'invalid_file',
    })

    const chosen = await setColumns(deps, whose, upload.id, {
      fields: ['name', 'trade', 'insee', 'mobile.1', null],
    })
    expect(chosen.missing).toEqual([])
    expect(chosen.report).toMatchObject({ rows: 4, created: 1, skipped: 3, warnings: [] })
    const bad = await rows(upload.id)
    expect(bad.map(({ line, problems }) => [line, problems.map(({ index }) => index)])).toEqual([
      [3, [2]],
      [4, [3]],
      [5, [1, 2, 3]],
    ])
    expect(bad[0]?.problems[0]).toMatchObject({
      column: 'Code INSEE',
      message: 'Commune inconnue.',
    })

    // All rows or none by default.
    const refused = await applyUpload(deps, whose, upload.id, { skipBad: false })
    expect([refused.appliedAt, refused.report?.outcome]).toEqual([null, 'refused'])
    expect(await members()).toEqual([])

    const still = await fixRow(deps, whose, upload.id, 3, { cells: [{ index: 2, text: '63999' }] })
    expect(still).toMatchObject({ edited: true, problems: [{ index: 2 }] })
    expect(
      (await fixRow(deps, whose, upload.id, 3, { cells: [{ index: 2, text: '63178' }] })).problems,
    ).toEqual([])
    await fixRow(deps, whose, upload.id, 4, { cells: [{ index: 3, text: phoneOf(3) }] })
    await fixRow(deps, whose, upload.id, 5, { cells: [], dropped: true })
    expect((await getUpload(deps, whose, upload.id)).report).toBeNull()
    expect(await checkUpload(deps, whose, upload.id)).toMatchObject({
      dropped: 1,
      report: { rows: 3, created: 3, skipped: 0, problemCount: 0 },
    })
    expect(await rows(upload.id)).toEqual([])
    expect((await rows(upload.id, 'dropped')).map(({ line }) => line)).toEqual([5])

    const applied = await applyUpload(deps, whose, upload.id, { skipBad: false })
    expect(applied).toMatchObject({
      report: { outcome: 'applied', created: 3 },
      change: { kind: 'import', created: 3, notified: null },
    })
    expect(await members()).toEqual(['Le Narval', 'Presse 63', 'Roux'])
    // Its rows are deleted, and it cannot be changed any more.
    expect(await rows(upload.id, 'all')).toEqual([])
    for (const act of [
      () => applyUpload(deps, whose, upload.id, { skipBad: false }),
      () => checkUpload(deps, whose, upload.id),
      () => fixRow(deps, whose, upload.id, 3, { cells: [] }),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: 'import_applied' })
    }
    await undoChange(deps, chamber, 'ac63', applied.change?.id ?? '')
    expect(await members()).toEqual([])
  })

  test('the check finds duplicates among other rows', async () => {
    const upload = await open(
      'Enseigne;Métier;Code INSEE;Mobile',
      `A;Tabac;63178;${phoneOf(1)}`,
      `A;Tabac;63178;${phoneOf(1)}`,
    )
    expect((await rows(upload.id)).map(({ line, problems }) => [line, problems[0]?.code])).toEqual([
      [3, 'import.duplicate_phone'],
    ])
    await fixRow(deps, whose, upload.id, 3, { cells: [{ index: 0, text: 'B' }] })
    await fixRow(deps, whose, upload.id, 3, { cells: [{ index: 3, text: phoneOf(2) }] })
    expect((await checkUpload(deps, whose, upload.id)).report).toMatchObject({ created: 2, skipped: 0 })
  })

  test('a check that ends late overwrites no correction, no newer check and no import', async () => {
    const upload = await open(
      'Enseigne;Métier;Code INSEE;Mobile',
      `A;Tabac;63178;${phoneOf(1)}`,
      `A;Tabac;63178;${phoneOf(1)}`,
    )
    const counted = held(0, async () => {})
    await checkUpload(counted.deps, whose, upload.id)
    const last = counted.count()
    const late = async (meanwhile: () => Promise<unknown>) =>
      checkUpload(held(last, meanwhile).deps, whose, upload.id)
    const fixed = await late(() =>
      fixRow(deps, whose, upload.id, 3, {
        cells: [
          { index: 0, text: 'B' },
          { index: 3, text: phoneOf(2) },
        ],
      }),
    )
    expect(fixed.report).toBeNull()
    expect(await rows(upload.id)).toEqual([])
    const newer = await late(() => checkUpload(deps, whose, upload.id))
    expect(newer.report).toMatchObject({ outcome: 'checked', created: 2, skipped: 0 })
    const twice = await late(async () => {
      await fixRow(deps, whose, upload.id, 3, { cells: [{ index: 2, text: '63999' }] })
      await checkUpload(deps, whose, upload.id)
    })
    expect(twice.report).toMatchObject({ created: 1, skipped: 1 })
    expect((await rows(upload.id)).map(({ line }) => line)).toEqual([3])
    const applied = await late(() => applyUpload(deps, whose, upload.id, { skipBad: true }))
    expect(applied.report).toMatchObject({ outcome: 'applied', created: 1 })
    expect(applied.appliedAt).not.toBeNull()
  })

  test('a correction made in another window during an import is imported too, or nothing is', async () => {
    const laid = () => open('Enseigne;Métier;Code INSEE;Mobile', `Avant;Tabac;63178;${phoneOf(1)}`)
    const counted = held(0, async () => {})
    await applyUpload(counted.deps, whose, (await laid()).id, {})
    const came: (string | undefined)[] = []
    for (let no = 1; no <= counted.count(); no++) {
      await sql`delete from members`.execute(database.db)
      const { id } = await laid()
      let isCorrected = false
      const late = held(no, async () => {
        const fixed = fixRow(deps, whose, id, 2, { cells: [{ index: 0, text: 'Après' }] })
        isCorrected = await fixed.then(
          () => true,
          () => false,
        )
      })
      const refused = await applyUpload(late.deps, whose, id, {}).then(
        () => undefined,
        (error) => error.code,
      )
      came.push(refused)
      const kept = (await rows(id, 'all')).map(({ cells }) => cells[0])
      if (refused === undefined)
        expect([no, await members()]).toEqual([no, [isCorrected ? 'Après' : 'Avant']])
      else expect([no, refused, await members(), kept]).toEqual([no, 'import_changed', [], ['Après']])
    }
    expect(new Set(came)).toEqual(new Set([undefined, 'import_changed']))
    // If deleted meanwhile, it is not found.
    const { id } = await laid()
    const late = held(2, () => dropUpload(deps, whose, id))
    await expect(applyUpload(late.deps, whose, id, {})).rejects.toMatchObject({ code: 'not_found' })
  })

  test('columns are set for the header as it is by then', async () => {
    const laid = async () =>
      (await open('Liste;2026;Issoire;du;bureau;des;adhérents', HEADER, `A;Tabac;63178;${phoneOf(1)};`)).id
    const first = await laid()
    expect((await getUpload(deps, whose, first)).headerLine).toBe(2)
    const titled = held(2, () => setHeader(deps, whose, first, { line: 1 }))
    const fields = ['name', 'trade', 'insee', 'mobile.1', null]
    await expect(setColumns(titled.deps, whose, first, { fields })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect((await getUpload(deps, whose, first)).columns).toHaveLength(7)
    // A row is checked with the columns as they are by then.
    const second = await laid()
    const chosen = held(2, () => setColumns(deps, whose, second, { fields }))
    const fixed = await fixRow(chosen.deps, whose, second, 3, { cells: [{ index: 3, text: '12' }] })
    expect(fixed.problems.map(({ index }) => index)).toEqual([3])
  })

  test('an upload is listed only once it is complete', async () => {
    const counted = held(0, async () => {})
    const bytes = bytesOf(HEADER, `A;Tabac;63178;${phoneOf(1)};`)
    await openUpload(counted.deps, whose, bytes, 'liste.csv')
    const begun: number[] = []
    for (let no = 1; no <= counted.count(); no++) {
      await sql`delete from member_imports`.execute(database.db)
      const late = held(no, async () => {
        const found = await listUploads(deps, whose)
        for (const { rows } of found) expect(rows).toBe(1)
        begun.push(found.length)
      })
      await openUpload(late.deps, whose, bytes, 'liste.csv')
    }
    expect(new Set(begun)).toEqual(new Set([0, 1]))
  })

  test('stores a list once whenever the same request is sent again', async () => {
    const counted = held(0, async () => {})
    const bytes = bytesOf(HEADER, `A;Tabac;63178;${phoneOf(1)};`, `B;Tabac;63178;${phoneOf(2)};`)
    await openUpload(counted.deps, whose, bytes, 'liste.csv')
    const ends = new Set<string>()
    for (let no = 1; no <= counted.count(); no++) {
      const id = deps.newId()
      const repeat = () => openUpload(deps, whose, bytes, 'liste.csv', id)
      const first = await openUpload(held(no, repeat).deps, whose, bytes, 'liste.csv', id).then(
        () => 'done',
        (error: { code: string }) => error.code,
      )
      ends.add(first)
      expect((await repeat()).rows).toBe(2)
      expect((await rows(id, 'all')).map(({ line }) => line)).toEqual([2, 3])
    }
    // A first request that was overtaken while it stored the rows stores no more of them.
    expect(ends).toEqual(new Set(['done', 'not_found']))
  })

  test('erasing a member deletes it from above and within the header; rows below are counted', async () => {
    const erase = (phone: string) =>
      acrossSchemes(deps.db, (tx) => dropRowsAbout(tx, 'ac63', { members: [], phones: [phone], mails: [] }))
    const above = await open(
      'Liste de M. X, 06 39 98 00 09',
      HEADER,
      `A;Tabac;63178;${phoneOf(1)};`,
      `B;Tabac;63178;${phoneOf(2)};`,
    )
    const untitled = await open(`C;Tabac;63178;${phoneOf(9)};`, `D;Tabac;63178;${phoneOf(3)};`)
    // Its first row was taken for titles.
    await setHeader(deps, whose, untitled.id, { line: 1 })
    await setColumns(deps, whose, untitled.id, { fields: ['name', 'trade', 'insee', 'mobile.1', null] })
    await fixRow(deps, whose, untitled.id, 2, { cells: [{ index: 3, text: '12' }] })
    const told = async () => {
      const { rows: all } = await sql<{ text: string }>`
        select coalesce(headers::text, '') as text from member_imports union all
        select concat(cells, problems, decision) from member_import_rows`.execute(database.db)
      return all.filter(({ text }) => text.replace(/\D/g, '').includes(phoneOf(9).slice(-9))).length
    }
    expect(await told()).toBe(2)
    await erase(phoneOf(9))
    expect(await told()).toBe(0)
    expect(await getUpload(deps, whose, above.id)).toMatchObject({ rows: 2, erased: 0, headerLine: 2 })
    const left = await checkUpload(deps, whose, untitled.id)
    expect(left).toMatchObject({ rows: 1, erased: 0, report: { rows: 1 } })
    expect(left.columns.map(({ header, field }) => [header, field])).toEqual(
      ['name', 'trade', 'insee', 'mobile.1', null].map((field) => ['', field]),
    )
  })

  test('a check that ends after an erasure does not mention the erased member', async () => {
    await applyUpload(
      deps,
      whose,
      (await open('Enseigne;Métier;Code INSEE;Mobile', `Le Narval;Tabac;63178;${phoneOf(1)}`)).id,
      {},
    )
    const upload = await open('Enseigne;Métier;Code INSEE;Mobile', `Autre;Bijouterie;63113;${phoneOf(1)}`)
    const said = async () => JSON.stringify(await rows(upload.id, 'all'))
    expect(await said()).toContain('Le Narval')
    // A correction deletes what the earlier check had found.
    await fixRow(deps, whose, upload.id, 2, { cells: [{ index: 0, text: 'Autre enseigne' }] })
    const counted = held(0, async () => {})
    await checkUpload(counted.deps, whose, upload.id)
    await fixRow(deps, whose, upload.id, 2, { cells: [{ index: 0, text: 'Autre' }] })
    const late = held(counted.count(), () =>
      acrossSchemes(deps.db, (tx) =>
        dropRowsAbout(tx, 'ac63', {
          members: [{ name: 'Le Narval', siret: null, searchName: 'le narval', address: null, commune: [] }],
          phones: [],
          mails: [],
        }),
      ),
    )
    expect((await checkUpload(late.deps, whose, upload.id)).report).toBeNull()
    expect(await said()).not.toContain('Narval')
  })

  test('an erasure deletes remarks that name the member, in any spelling', async () => {
    const names = ['Chez "Zoé"', 'Pain \\ Vin', 'Été', 'Café\tdes Arts']
    const upload = await open(
      'Enseigne;Métier;Code INSEE;Mobile',
      ...names.map((_, n) => `Autre ${n};Tabac;63178;${phoneOf(n + 1)}`),
    )
    const remarkOn = (name: string, line: number) => ({
      line,
      column: null,
      index: null,
      code: 'import.same_phone',
      value: null,
      values: { name, commune: 'Issoire' },
    })
    const left: (string | undefined)[] = []
    for (const [n, name] of names.entries()) {
      const said = remarkOn(name, n + 2)
      const [column, value] = n % 2 === 0 ? ['problems', [said]] : ['decision', { is: 'other', remark: said }]
      await sql`update member_import_rows set ${sql.ref(String(column))} = ${JSON.stringify(value)}::jsonb
        where import_id = ${upload.id}::uuid and line = ${n + 2}`.execute(database.db)
    }
    const asked = () =>
      sql<{ line: number }>`select line from member_import_rows
        where import_id = ${upload.id}::uuid and (problems is not null or decision is not null) order by line`
        .execute(database.db)
        .then((all) => all.rows.map(({ line }) => line))
    for (const name of names) {
      left.push(String(await asked()))
      await acrossSchemes(deps.db, (tx) =>
        dropRowsAbout(tx, 'ac63', {
          members: [{ name, siret: null, searchName: '-', address: null, commune: [] }],
          phones: [],
          mails: [],
        }),
      )
    }
    expect([...left, String(await asked())]).toEqual(['2,3,4,5', '3,4,5', '4,5', '5', ''])
  })

  test('asks once for the day of charters said to be signed, for this list only', async () => {
    const header = 'Enseigne;Métier;Ville;Mobile;Adhésion;Charte'
    const rows = ['12/03/2024;oui', ';X', ';signée le 4 mai 2023', '01/02/2023;non', '05/06/2022;Oui']
    const upload = await open(header, ...rows.map((end, n) => `C${n};Tabac;Issoire;${phoneOf(n + 1)};${end}`))
    const asked = async () => (await listUploadCells(deps, whose, upload.id)).asked
    const charter = { kind: 'charter', written: 'oui' } as const
    expect(await asked()).toEqual([{ ...charter, as: 'oui', rows: 3, joined: 2, line: 2, proposals: [] }])
    const answer = (day: string | null) =>
      answerUploadCells(deps, whose, upload.id, { ...charter, answer: day })
    for (const bad of ['2999-01-01', 'hier'])
      await expect(answer(bad)).rejects.toMatchObject({ problems: [{ path: 'answer' }] })
    await expect(answer(null)).rejects.toMatchObject({ problems: [{ path: 'written' }] })
    await answer('joined')
    expect(await asked()).toMatchObject([{ rows: 1, joined: 0, line: 3 }])
    await answer('2024-01-15')
    expect(await asked()).toEqual([])
    await expect(answer('2024-01-15')).rejects.toMatchObject({ problems: [{ path: 'written' }] })
    const answered = async () => (await listUploadCells(deps, whose, upload.id)).answered
    const { columns } = await getUpload(deps, whose, upload.id)
    expect(columns.at(-1)).toMatchObject({ header: 'Charte', samples: ['oui', 'X', 'signée le 4 mai 2023'] })
    expect(await answered()).toMatchObject([
      { kind: 'charter', written: 'joined', as: 'oui', rows: 2, isOwn: true },
      { kind: 'charter', written: '2024-01-15', as: 'X', rows: 1, isOwn: true },
    ])
    // Taking back an answer asks again about its cells only, in the words of the list.
    const takeBack = (written: string) =>
      answerUploadCells(deps, whose, upload.id, { kind: 'charter', written, answer: null })
    await takeBack('2024-01-15')
    expect(await asked()).toMatchObject([{ as: 'X', rows: 1, line: 3 }])
    await takeBack('joined')
    expect(await asked()).toMatchObject([{ as: 'oui', rows: 3, joined: 2, line: 2 }])
    expect(await answered()).toEqual([])
    await expect(takeBack('joined')).rejects.toMatchObject({ problems: [{ path: 'written' }] })
    await answer('joined')
    // An answer is for the cells of one column, and leaves them as they are in the file.
    const fields = columns.map(({ field }) => field)
    await setColumns(deps, whose, upload.id, { fields: fields.with(-1, 'note') })
    await setColumns(deps, whose, upload.id, { fields })
    expect(await asked()).toMatchObject([{ as: 'oui', rows: 3 }])
    await answer('2024-01-15')
    // A corrected cell is asked about anew.
    const corrected = await fixRow(deps, whose, upload.id, 2, { cells: [{ index: 5, text: 'x' }] })
    expect(corrected.cells.at(-1)).toBe('x')
    await checkUpload(deps, whose, upload.id)
    expect(await asked()).toMatchObject([{ as: 'x', rows: 1, line: 2 }])
    await answer('joined')
    await takeBack('2024-01-15')
    await answer('joined')
    await answer('2024-01-15')
    await applyUpload(deps, whose, upload.id, {})
    const { rows: signed } = await sql<{ name: string; day: string | null }>`
      select name, charter_on::text as day from members where scheme_id = 'ac63' order by name`.execute(
      database.db,
    )
    expect(signed.map(({ name, day }) => `${name} ${day}`)).toEqual([
      'C0 2024-03-12',
      'C1 2024-01-15',
      'C2 2023-05-04',
      'C3 null',
      'C4 2022-06-05',
    ])
  })

  test('one answer is that of all rows with a code that no trade claims; a code corrected in one row is not', async () => {
    const upload = await open(
      'Enseigne;NAF;Ville;Mobile',
      ...['47.26Q', '4726q', '47.26 Q - Autres', '47.26Z'].map(
        (code, n) => `C${n};${code};Issoire;${phoneOf(n + 1)}`,
      ),
    )
    const asked = async () => (await listUploadCells(deps, whose, upload.id)).asked
    const of = { kind: 'trade', written: '47 26q' } as const
    expect(await asked()).toMatchObject([{ ...of, as: '47.26Q', rows: 3, line: 2 }])
    expect((await asked())[0]?.proposals[0]?.code).toBe('bakeries')
    await fixRow(deps, whose, upload.id, 4, { cells: [{ index: 1, text: '10.71C' }] })
    expect((await checkUpload(deps, whose, upload.id)).report).toMatchObject({ created: 2 })
    expect(await asked()).toMatchObject([{ ...of, rows: 2 }])
    await answerUploadCells(deps, whose, upload.id, { ...of, answer: 'tobacco-press' })
    expect(await listUploadCells(deps, whose, upload.id)).toMatchObject({
      asked: [],
      answered: [{ ...of, as: '47.26Q', rows: 2, answer: { code: 'tobacco-press' } }],
    })
    await applyUpload(deps, whose, upload.id, {})
    const { rows: stored } = await sql<{ of: string }>`
      select concat_ws(' ', name, naf, naf2025, trade) as of from members where scheme_id = 'ac63' order by name`.execute(
      database.db,
    )
    expect(stored.map((one) => one.of)).toEqual([
      'C0 47.26Q tobacco-press',
      'C1 47.26Q tobacco-press',
      'C2 10.71C bakeries',
      'C3 47.26Z tobacco-press',
    ])
  })

  test('one answer is that of all cells written alike, in this list and the next, and is forgotten on demand', async () => {
    const header = 'Enseigne;Métier;Ville;CP;Mobile'
    const list = (from: number) => [
      ...[0, 1, 2].map((n) => `A${n};Tabac;${['Isoire', 'ISOIRE', 'isoire'][n]};;${phoneOf(from + n)}`),
      `B;Boulangerie épicerie;Issoire;63500;${phoneOf(from + 3)}`,
      `C;Boulangerie-Épicerie;Issoire;63500;${phoneOf(from + 4)}`,
      `D;Tabac;Issoire;63500;06`,
    ]
    const upload = await open(header, ...list(1))
    expect(upload.report).toMatchObject({ created: 0, skipped: 6 })
    const cells = (id: string) => listUploadCells(deps, whose, id)
    const { asked, answered } = await cells(upload.id)
    expect(answered).toEqual([])
    expect(asked).toMatchObject([
      {
        kind: 'commune',
        written: 'isoire',
        as: 'Isoire',
        rows: 3,
        line: 2,
        proposals: [{ code: '63178', name: 'Issoire' }],
      },
      { kind: 'trade', written: 'boulangerie epicerie', as: 'Boulangerie épicerie', rows: 2, line: 5 },
    ])
    const answer = (written: string, kind: 'commune' | 'trade', code: string | null, id = upload.id) =>
      answerUploadCells(deps, whose, id, { kind, written, answer: code })
    expect((await answer('isoire', 'commune', '63178')).report).toMatchObject({ created: 3, skipped: 3 })
    // Corrected in one row, it is the answer for the other one.
    await fixRow(deps, whose, upload.id, 5, { cells: [{ index: 1, text: 'Boulangerie' }] })
    expect((await checkUpload(deps, whose, upload.id)).report).toMatchObject({ created: 5, skipped: 1 })
    expect(await cells(upload.id)).toMatchObject({
      asked: [],
      answered: [
        { kind: 'commune', written: 'isoire', rows: 3, answer: { code: '63178', name: 'Issoire' } },
        {
          kind: 'trade',
          written: 'boulangerie epicerie',
          as: 'Boulangerie-Épicerie',
          rows: 1,
          answer: { code: 'bakeries' },
        },
      ],
    })
    // The next list asks nothing.
    const next = await open(header, ...list(11))
    expect(next.report).toMatchObject({ created: 5, skipped: 1 })
    // Forgotten, both are asked about again; the row that was corrected stays so.
    await answer('boulangerie epicerie', 'trade', null)
    expect((await answer('isoire', 'commune', null)).report).toMatchObject({ created: 1, skipped: 5 })

    // Nothing outside the territory or of another trade is an answer, and no text that may be personal is kept.
    for (const [written, kind, code] of [
      ['isoire', 'commune', '39198'],
      ['isoire', 'commune', 'x'],
      ['boulangerie epicerie', 'trade', 'farmers'],
      ['0639980001 roux', 'commune', '63178'],
      ['a@b.fr', 'commune', '63178'],
    ] as const)
      await expect(answer(written, kind, code)).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(
      listUploadCells(
        deps,
        { ...whose, actor: { ...chamber, userId: 'other' } as typeof chamber },
        upload.id,
      ),
    ).rejects.toMatchObject({ code: 'not_found' })
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from import_answers`.execute(
      database.db,
    )
    expect(rows).toEqual([{ count: 0 }])
  })

  test('answers only what the list asked about, and overrides no word or code that the program knows', async () => {
    const header = 'Enseigne;Métier;NAF;Code INSEE;Mobile'
    const cells = (id: string, by = whose) => listUploadCells(deps, by, id)
    const answer = (id: string, written: string, code: string | null, by = whose) =>
      answerUploadCells(deps, by, id, { kind: 'trade', written, answer: code })
    const list = (n: number) => [
      `A;Boulangerie;;63178;${phoneOf(n)}`,
      `B;Divers;10.71C;63178;${phoneOf(n + 1)}`,
      `C;Divers;;63178;${phoneOf(n + 2)}`,
    ]
    const tradesOf = async (id: string, by = whose) => {
      await applyUpload(deps, by, id, { skipBad: true })
      const { rows } = await sql<{ name: string; trade: string }>`
        select name, trade from members order by name, trade`.execute(database.db)
      return rows.map(({ name, trade }) => `${name} ${trade}`)
    }
    const upload = await open(header, ...list(1))
    expect(await cells(upload.id)).toMatchObject({ asked: [{ written: 'diver', rows: 1, line: 4 }] })
    for (const written of ['boulangerie', 'autre chose'])
      for (const code of ['tobacco-press', null])
        await expect(answer(upload.id, written, code)).rejects.toMatchObject({
          problems: [{ path: 'written' }],
        })
    await answer(upload.id, 'diver', 'jewellers')
    // As an older version stored it.
    await sql`
      insert into import_answers (scheme_id, kind, written, answer, at)
      values ('ac63', 'trade', 'boulangerie', 'tobacco-press', ${now})`.execute(database.db)
    expect(await tradesOf(upload.id)).toEqual(['A bakeries', 'B bakeries', 'C jewellers'])
    const { rows } = await sql<{ details: unknown; actor: string; by: string }>`
      select a.details, a.actor, i.answered_by as by from audit_entries a, import_answers i
      where a.action = 'import.answer' and i.written = 'diver' order by a.seq desc limit 1`.execute(
      database.db,
    )
    expect(rows).toMatchObject([
      {
        details: { kind: 'trade', answer: 'jewellers' },
        actor: `user:${chamber.userId}`,
        by: `user:${chamber.userId}`,
      },
    ])
  })

  test('an answer of a trade chamber counts for its own lists, and it forgets none of the scheme', async () => {
    const header = 'Enseigne;Métier;Code INSEE;Mobile'
    const theirs = {
      ...whose,
      actor: {
        ...actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press', 'jewellers'] }),
        userId: 'metier',
      },
    } as typeof whose
    const openAs = (by: typeof whose, ...lines: string[]) =>
      openUpload(deps, by, bytesOf(header, ...lines), 'liste.csv')
    const answer = (by: typeof whose, id: string, code: string | null) =>
      answerUploadCells(deps, by, id, { kind: 'trade', written: 'commerce', answer: code })
    const answered = async (by: typeof whose, id: string) =>
      (await listUploadCells(deps, by, id)).answered.map(({ answer: { code }, isOwn }) => [code, isOwn])

    const their = await openAs(theirs, `A;Commerce;63178;${phoneOf(1)}`)
    await answer(theirs, their.id, 'jewellers')
    expect(await answered(theirs, their.id)).toEqual([['jewellers', true]])
    const ours = await openAs(whose, `B;Commerce;63178;${phoneOf(2)}`)
    expect(ours.report).toMatchObject({ created: 0, skipped: 1, answered: [] })
    await answer(whose, ours.id, 'tobacco-press')
    // Its own answer takes precedence; forgotten, that of the scheme is left, which it cannot forget.
    expect(await answered(theirs, their.id)).toEqual([['jewellers', true]])
    await answer(theirs, their.id, null)
    expect(await answered(theirs, their.id)).toEqual([['tobacco-press', false]])
    await expect(answer(theirs, their.id, null)).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await answered(whose, ours.id)).toEqual([['tobacco-press', true]])
  })

  test('the answers of a trade chamber stay when its trades change, and are not those of another one', async () => {
    const TRADERS = '00000000-0000-4000-8000-000000000700'
    const by = (userId: string, agencyId: string | undefined, trades: string[]) =>
      ({
        ...whose,
        actor: { ...actorOf('trade_chamber', 'ac63', { ...(agencyId && { agencyId }), trades }), userId },
      }) as typeof whose
    const answered = async (of: typeof whose) => {
      const { id } = await openUpload(
        deps,
        of,
        bytesOf('Enseigne;Métier;Code INSEE;Mobile', `A;Commerce;63178;${phoneOf(1)}`),
        'liste.csv',
      )
      return { id, codes: (await listUploadCells(deps, of, id)).answered.map(({ answer }) => answer.code) }
    }
    const before = by('avant', TRADERS, ['tobacco-press', 'jewellers'])
    const { id } = await answered(before)
    await answerUploadCells(deps, before, id, { kind: 'trade', written: 'commerce', answer: 'jewellers' })
    const after = await answered(by('apres', TRADERS, ['jewellers', 'bakeries', 'farmers']))
    expect(after.codes).toEqual(['jewellers'])
    for (const other of ['00000000-0000-4000-8000-000000000701', undefined])
      expect((await answered(by('autre', other, ['tobacco-press', 'jewellers']))).codes).toEqual([])
  })

  test('a row whose number several members have is one of them or another shop', async () => {
    const header = 'Enseigne;Métier;Code INSEE;Mobile;SIRET'
    const first = await open(
      header,
      ...['Tabac A', 'Tabac B', 'Tabac C'].map((name) => `${name};Tabac;63178;${phoneOf(1)};`),
    )
    await applyUpload(deps, whose, first.id, {})
    const upload = await open(
      header,
      `Bar;Tabac;63113;${phoneOf(1)};73282932000074`,
      `Café;Tabac;63113;${phoneOf(1)};`,
    )
    expect(upload.report).toMatchObject({ created: 0, skipped: 2, undecided: 2 })
    const query = UploadRowQuery.parse({ which: 'asked' })
    const asked = (await listUploadRows(deps, whose, upload.id, query)).rows
    expect(asked.map(({ question }) => question?.members.map(({ name }) => name))).toEqual([
      ['Tabac A', 'Tabac B', 'Tabac C'],
      ['Tabac A', 'Tabac B', 'Tabac C'],
    ])
    const [, second] = asked[1]?.question?.members ?? []
    const fix = (line: number, answer: 'same' | 'other', member?: string) =>
      fixRow(deps, whose, upload.id, line, { cells: [], answer, ...(member === undefined ? {} : { member }) })
    // The answer must name one of these members.
    await expect(fix(3, 'same')).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(fix(3, 'same', upload.id)).rejects.toMatchObject({ code: 'invalid_input' })
    await fix(2, 'other')
    expect((await fix(3, 'same', second?.id)).question).toMatchObject({ answer: 'same', member: second?.id })
    expect((await checkUpload(deps, whose, upload.id)).report).toMatchObject({
      created: 1,
      updated: 1,
      undecided: 0,
    })
    await applyUpload(deps, whose, upload.id, {})
    expect(await members()).toEqual(['Bar', 'Café', 'Tabac A', 'Tabac C'])
  })

  test('rows that share a number with a member, and little else, need a decision, one by one or all at once', async () => {
    const header = 'Enseigne;Métier;Code INSEE;Mobile'
    const first = await open(header, ...[1, 2, 3, 4].map((n) => `Tabac ${n};Tabac;63178;${phoneOf(n)}`))
    await applyUpload(deps, whose, first.id, {})
    const upload = await open(
      header,
      ...[1, 2, 3, 4].map((n) => `Bijouterie ${n};Bijouterie;63113;${phoneOf(n)}`),
      `Sans numéro;Tabac;63178;`,
    )
    expect(upload.report).toMatchObject({ created: 0, updated: 0, skipped: 5, undecided: 4 })
    const asked = async () =>
      (await listUploadRows(deps, whose, upload.id, UploadRowQuery.parse({ which: 'asked' }))).rows
    // They are not listed as rows to correct.
    expect((await rows(upload.id)).map(({ line }) => line)).toEqual([6])
    expect((await asked()).map(({ line, problems, question }) => [line, problems.length, question])).toEqual(
      [1, 2, 3, 4].map((n) => [
        n + 1,
        0,
        {
          message: expect.stringContaining(`Tabac ${n}`),
          members: [{ id: expect.any(String), name: `Tabac ${n}` }],
          answer: null,
          member: null,
        },
      ]),
    )
    const answer = (line: number, is: 'same' | 'other' | null) =>
      fixRow(deps, whose, upload.id, line, { cells: [], answer: is })
    expect((await answer(2, 'same')).question?.answer).toBe('same')
    expect((await answer(3, 'other')).question?.answer).toBe('other')
    expect(await checkUpload(deps, whose, upload.id)).toMatchObject({
      answered: 2,
      report: { created: 1, updated: 1, skipped: 3, undecided: 2 },
    })
    // Removed, and decided again.
    expect((await answer(2, null)).question?.answer).toBeNull()
    expect((await checkUpload(deps, whose, upload.id)).report).toMatchObject({ updated: 0, undecided: 3 })
    await answer(2, 'same')
    // Other cells raise another question.
    const changed = await fixRow(deps, whose, upload.id, 2, { cells: [{ index: 3, text: phoneOf(4) }] })
    expect(changed.question).toBeNull()
    await fixRow(deps, whose, upload.id, 2, { cells: [{ index: 3, text: phoneOf(1) }] })
    expect((await checkUpload(deps, whose, upload.id)).report).toMatchObject({ created: 1, undecided: 3 })
    // A row without a question takes no decision.
    await expect(answer(6, 'same')).rejects.toMatchObject({ code: 'invalid_input' })

    await answer(5, 'other')
    const all = await answerRows(deps, whose, upload.id, { answer: 'same' })
    expect(all).toMatchObject({ answered: 4, report: { created: 2, updated: 2, skipped: 1, undecided: 0 } })
    expect((await asked()).map(({ question }) => question?.answer)).toEqual([
      'same',
      'other',
      'same',
      'other',
    ])
    const before = await members()
    const applied = await applyUpload(deps, whose, upload.id, { skipBad: true })
    expect(applied.report).toMatchObject({ outcome: 'applied', created: 2, updated: 2 })
    expect(await members()).toEqual([
      'Bijouterie 1',
      'Bijouterie 2',
      'Bijouterie 3',
      'Bijouterie 4',
      'Tabac 2',
      'Tabac 4',
    ])
    await undoChange(deps, chamber, 'ac63', applied.change?.id ?? '')
    expect(await members()).toEqual(before)

    const again = await open(header, `Bijouterie 1;Bijouterie;63113;${phoneOf(1)}`)
    expect(await answerRows(deps, whose, again.id, { answer: 'dropped' })).toMatchObject({
      dropped: 1,
      report: { rows: 0, undecided: 0 },
    })
  })

  test('members who leave the alerts are listed first, and must be agreed to', async () => {
    const header = 'Enseigne;Métier;Code INSEE;Mobile;Statut'
    const list = (status: string) => [
      header,
      `Le Narval;Tabac;63178;04 73 00 00 01;`,
      `Presse 63;Tabac;63178;${phoneOf(1)};${status}`,
    ]
    await applyUpload(deps, whose, (await open(...list('Actif'))).id, {})
    const upload = await open(...list('Suspendu'))
    expect(upload.report).toMatchObject({ leaving: 1 })
    expect(upload.report?.warnings.map(({ code }) => code)).toEqual([
      'import.leaving_suspended',
      'phone.landline',
    ])
    await expect(applyUpload(deps, whose, upload.id, { skipBad: true })).rejects.toMatchObject({
      code: 'import_leaving',
    })
    // The screen announces the notices, and shows them when opened again.
    const notified = { notified: 0, waiting: 1, unnotified: 0, withdrawn: 0 }
    const applied = await applyUpload(deps, whose, upload.id, { leaving: 1 })
    expect(applied.change).toMatchObject({ updated: 1, notified })
    expect((await getUpload(deps, whose, upload.id)).change?.notified).toEqual(notified)
  })

  test('two concurrent requests import it once', async () => {
    const upload = await open('Enseigne;Métier;Code INSEE;Mobile', `A;Tabac;63178;${phoneOf(1)}`)
    const results = await Promise.allSettled(
      [1, 2].map(() => applyUpload(deps, whose, upload.id, { skipBad: false })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
    for (const one of results)
      if (one.status === 'rejected') expect(one.reason.code).toMatch(/^import_(?:applied|running)$/)
    expect(await members()).toEqual(['A'])
  })

  test('unknown or repeated fields are refused all at once', async () => {
    const upload = await open(HEADER, `A;Tabac;63178;${phoneOf(1)};`)
    await expect(
      setColumns(deps, whose, upload.id, { fields: ['name', 'name', 'colour', 'mobile.1', null] }),
    ).rejects.toMatchObject({
      problems: [
        { code: 'import.column_twice', path: 'fields.1' },
        { code: 'input.invalid', path: 'fields.2' },
      ],
    })
    await expect(
      fixRow(deps, whose, upload.id, 2, { cells: [{ index: 9, text: 'x' }] }),
    ).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(fixRow(deps, whose, upload.id, 77, { cells: [] })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('are visible to their owner only, limited to five, and deleted after a day', async () => {
    const first = await open(HEADER, `A;Tabac;63178;${phoneOf(1)};`)
    const other = { ...whose, actor: { ...chamber, userId: 'other' } }
    await expect(getUpload(deps, other, first.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(dropUpload(deps, other, first.id)).rejects.toMatchObject({ code: 'not_found' })
    expect(await listUploads(deps, other)).toEqual([])
    for (const role of ['operator', 'chief', 'magistrate'] as const) {
      await expect(
        openUpload(deps, { ...whose, actor: actorOf(role, 'ac63') }, bytesOf(HEADER), 'x.csv'),
      ).rejects.toMatchObject({ code: 'forbidden' })
    }
    for (let n = 0; n < 5; n++) {
      now = new Date(now.getTime() + 1000)
      await open(HEADER, `A;Tabac;63178;${phoneOf(1)};`)
    }
    const begun = await listUploads(deps, whose)
    expect(begun.map(({ id }) => id)).not.toContain(first.id)
    expect(begun).toHaveLength(5)
    await dropUpload(deps, whose, begun[0]?.id ?? '')
    now = new Date(now.getTime() + 25 * 3_600_000)
    await acrossSchemes(database.db, (tx) => purgeUploads(tx, now))
    expect(await listUploads(deps, whose)).toEqual([])
    const { rows: left } = await sql<{
      n: number
    }>`select count(*)::int as n from member_import_rows`.execute(database.db)
    expect(left[0]?.n).toBe(0)
  })

  test('a list without a header has all of its lines as rows', async () => {
    const upload = await open(`A;Tabac;Issoire;${phoneOf(1)}`, `B;Tabac;Issoire;${phoneOf(2)}`)
    expect(upload).toMatchObject({ rows: 2, headerLine: 0, report: null })
    expect(upload.columns.map(({ header, samples }) => [header, ...samples].join(' '))).toEqual([
      ' A B',
      ' Tabac Tabac',
      ' Issoire Issoire',
      ` ${phoneOf(1)} ${phoneOf(2)}`,
    ])
    const fields = ['name', 'trade', 'commune', 'mobile.1']
    const assigned = await setColumns(deps, whose, upload.id, { fields })
    expect(assigned.report).toMatchObject({ rows: 2, created: 2 })
    expect(await setHeader(deps, whose, upload.id, { line: 1 })).toMatchObject({ rows: 1, headerLine: 1 })
    expect(await setHeader(deps, whose, upload.id, { line: 0 })).toMatchObject({ rows: 2, headerLine: 0 })
    await setColumns(deps, whose, upload.id, { fields })
    await fixRow(deps, whose, upload.id, 1, { cells: [{ index: 0, text: 'AA' }] })
    await applyUpload(deps, whose, upload.id, {})
    expect(await members()).toEqual(['AA', 'B'])
  })

  test('a list without a header has the columns of all of its rows', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => ['A', 'Tabac', 'Issoire', phoneOf(n), ''])
    const bytes = await writeXlsx('Adhérents', [
      ...lines,
      ['B', 'Tabac', 'Issoire', phoneOf(20), 'b@exemple.fr'],
    ])
    const upload = await openUpload(deps, whose, bytes, 'liste.xlsx')
    expect(upload).toMatchObject({ rows: 13, headerLine: 0 })
    expect(upload.columns).toHaveLength(5)
    await setHeader(deps, whose, upload.id, { line: 1 })
    expect((await setHeader(deps, whose, upload.id, { line: 0 })).columns).toHaveLength(5)
  })

  test.each([
    ['a date', 'Liste du 12/03/2024 14:30;;;'],
    ['years', 'Adhérents 2023/2024/2025;;;'],
    ['the number of the chamber', 'CCI, 04 73 43 43 43;;;'],
    ['a date beside a title', '12/03/2024;;;Mobile'],
  ])('a heading with %s makes no list without titles', async (_, heading) => {
    const unusual = 'Qui;Quoi;Où;Joignable'
    const upload = await open(heading, unusual, `A;Tabac;Issoire;${phoneOf(1)}`)
    expect([upload.headerLine, upload.rows]).toEqual([1, 2])
  })

  test('the header may be below other lines, or on the line that the user chooses', async () => {
    const header = ['Enseigne', 'Métier', 'Code INSEE', 'Mobile']
    const bytes = await writeXlsx('Adhérents', [
      ['Liste 2026'],
      header,
      ['Le Narval', 'Tabac', '63178', phoneOf(1)],
      ['Presse 63', 'Tabac', '63178', '12'],
    ])
    const upload = await openUpload(deps, whose, bytes, 'liste.xlsx')
    expect(upload).toMatchObject({ rows: 2, headerLine: 2, missing: [], report: { created: 1, skipped: 1 } })
    expect(upload.firstLines.map(({ line }) => line)).toEqual([1, 2, 3, 4])
    expect(upload.firstLines[1]?.text).toBe('Enseigne · Métier · Code INSEE · Mobile')

    // If the title line is taken as the header, every column there must be assigned.
    const wrong = await setHeader(deps, whose, upload.id, { line: 1 })
    expect(wrong).toMatchObject({ rows: 3, headerLine: 1, report: null })
    expect(wrong.columns.map(({ header: title }) => title)).toEqual(['Liste 2026', '', '', ''])
    const told = await setColumns(deps, whose, upload.id, { fields: ['name', 'trade', 'insee', 'mobile.1'] })
    expect(told.report).toMatchObject({ rows: 3, created: 1, skipped: 2 })
    await fixRow(deps, whose, upload.id, 2, { cells: [], dropped: true })
    expect((await getUpload(deps, whose, upload.id)).dropped).toBe(1)

    const right = await setHeader(deps, whose, upload.id, { line: 2 })
    expect(right).toMatchObject({ rows: 2, dropped: 0, missing: [], report: { created: 1, skipped: 1 } })
    expect(right.columns.map(({ samples }) => samples[0])).toEqual([
      'Le Narval',
      'Tabac',
      '63178',
      phoneOf(1),
    ])
    expect((await rows(upload.id, 'all')).map(({ line }) => line)).toEqual([3, 4])
    await expect(fixRow(deps, whose, upload.id, 1, { cells: [] })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(setHeader(deps, whose, upload.id, { line: 9 })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(await applyUpload(deps, whose, upload.id, { skipBad: true })).toMatchObject({ firstLines: [] })
    expect(await members()).toEqual(['Le Narval'])
  })

  test('the sheets of a workbook that are not read are named, also in its report', async () => {
    const sheet = { header: 'Enseigne;Métier;Code INSEE;Mobile', row: `A;Tabac;63178;${phoneOf(1)}` }
    const bytes = await writeXlsx('Adhérents', [sheet.header.split(';'), sheet.row.split(';')], 'Une note.')
    const upload = await openUpload(deps, whose, bytes, 'liste.xlsx')
    expect(upload).toMatchObject({
      fileName: 'liste.xlsx [Adhérents]',
      otherSheets: { sheet: 'Adhérents', names: ['À lire'] },
      report: { created: 1, warnings: [{ code: 'import.other_sheets' }] },
    })
  })

  test('a status that is not known is answered once for all equal cells, and in the next list', async () => {
    const list = ['Enseigne;Métier;Code INSEE;Mobile;Statut', `A;Tabac;63178;${phoneOf(1)};Cotisant`]
    const upload = await open(
      ...list,
      `B;Tabac;63178;${phoneOf(2)};COTISANT`,
      `C;Tabac;63178;${phoneOf(3)};Actif`,
    )
    const group = { kind: 'status', written: 'cotisant', as: 'Cotisant' } as const
    const { asked } = await listUploadCells(deps, whose, upload.id)
    expect(asked).toMatchObject([{ ...group, rows: 2 }])
    expect(asked[0]?.proposals.map(({ code }) => code)).toEqual(['active', 'pending', 'suspended', 'left'])
    const { as: _, ...key } = group
    await expect(
      answerUploadCells(deps, whose, upload.id, { ...key, answer: 'excluded' }),
    ).rejects.toMatchObject({ code: 'invalid_input' })
    const answered = await answerUploadCells(deps, whose, upload.id, { ...key, answer: 'active' })
    expect(answered.report).toMatchObject({ created: 3, skipped: 0 })
    const next = await open(...list)
    expect(next.report).toMatchObject({ created: 1, skipped: 0 })
    expect((await listUploadCells(deps, whose, next.id)).answered).toMatchObject([
      { ...group, rows: 1, answer: { code: 'active', name: 'Actif' }, isOwn: true },
    ])
  })

  test('a guess is changed for all equal cells', async () => {
    const bakery = 'Boulangerie artisanale'
    const upload = await open(
      'Enseigne;Métier;Commune;Mobile',
      ...[1, 2, 3].map((n) => `A${n};${bakery};Issoire;${phoneOf(n)}`),
    )
    expect(upload.report).toMatchObject({ created: 3, skipped: 0 })
    const { asked, guessed } = await listUploadCells(deps, whose, upload.id)
    expect([asked, guessed]).toMatchObject([[], [{ kind: 'trade', as: bakery, rows: 3 }]])
    const { kind, written } = guessed[0] ?? { kind: 'trade', written: '' }
    const answer = 'tobacco-press'
    await answerUploadCells(deps, whose, upload.id, { kind, written, answer })
    expect(await listUploadCells(deps, whose, upload.id)).toMatchObject({
      asked: [],
      guessed: [],
      answered: [{ kind, written, rows: 3, answer: { code: answer } }],
    })
  })

  test('a column of situations is one of statuses only if its cells are', async () => {
    const fieldOf = async (cell: string) =>
      (await open('Enseigne;Métier;Code INSEE;Mobile;Situation', `A;Tabac;63178;${phoneOf(1)};${cell}`))
        .columns[4]?.field
    expect([await fieldOf('Suspendu'), await fieldOf('Centre-ville')]).toEqual(['status', null])
  })

  test('a workbook is read like a CSV list', async () => {
    const bytes = await writeXlsx('Adhérents', [
      ['Enseigne', 'SIRET', 'Métier', 'Code INSEE', 'Mobile'],
      ['Le Narval', '73282932000074', 'Tabac', '63178', phoneOf(1)],
      ['', '', '', '', ''],
      ['Roux', '', 'Boulangerie', '63113', '12'],
    ])
    const upload = await openUpload(deps, whose, bytes, 'liste.xlsx')
    expect(upload).toMatchObject({ format: 'xlsx', rows: 2, report: { created: 1, skipped: 1 } })
    expect((await rows(upload.id)).map(({ line }) => line)).toEqual([4])
  })
})

test('rows that name an erased member are found by SIRET, number, mail, or name and commune', () => {
  const isAbout = rowsAbout({
    members: [
      {
        name: 'Tabac de la Gare',
        siret: '35600000000048',
        searchName: 'tabac de la gare',
        address: '3 place du Foirail',
        commune: ['63500', '63178', 'issoire'],
      },
    ],
    phones: [phoneOf(1)],
    mails: ['a@b.fr'],
  })
  expect(
    [
      ['356 000 000 00048'],
      ['X', '06 39 98 00 01'],
      ['0033639980001'],
      ['06 39 98 00 02 / 06.39.98.00.01'],
      ['A@B.fr; c@d.fr'],
      ['Tabac de la GARE', 'Issoire'],
      ['Tabac de la gare', '63500'],
      ['Tabac de la gare', '3, place du foirail'],
    ].map(isAbout),
  ).toEqual(Array.from({ length: 8 }, () => true))
  expect(
    [
      ['Tabac de la gare', 'Clermont-Ferrand'],
      ['Issoire', '63500'],
      ['35600000000055'],
      ['0639980002'],
      ['', ''],
      ['ab.fr'],
      ['aa@b.fr'],
      ['a@b.fr.example'],
    ].map(isAbout),
  ).toEqual(Array.from({ length: 8 }, () => false))
})
