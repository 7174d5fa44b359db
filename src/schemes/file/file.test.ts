import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import ac48 from '../../../docs/examples/ac48.json' with { type: 'json' }
import { schemeFilePage } from '../../../scripts/scheme-file.ts'
import { testTerritory } from '../../../test/support/database.ts'
import { actorOf, program, testDeps } from '../../../test/support/deps.ts'
import { cookiesOf, openAccount, testServer } from '../../../test/support/server.ts'
import type { CommandIo } from '../../commands/command.ts'
import { schemesCommand } from '../../commands/schemes/schemes.ts'
import { AppError, type Problem } from '../../errors.ts'
import { formatProblem } from '../../i18n/format.ts'
import type { Database } from '../../platform/db.ts'
import { getScheme, loadScheme } from '../actions.ts'
import { addCategory, changeCategory, orderCategories } from '../categories/actions.ts'
import { readyMadeFiles } from '../ready-made.ts'
import { setSchemeGeneral } from '../settings/general.ts'
import { setServiceTexts } from '../texts/texts.ts'
import { getTrades, setTrades } from '../trade-settings/actions.ts'
import { readTradeWords } from '../trades/trade-words.ts'
import { findTrade, tradeOfNaf } from '../trades/trades.ts'
import { createScheme, exportScheme, mergeFile } from './create.ts'
import { toDefinition } from './definition.ts'
import { checkSchemeFile, parseJsonFile, readSchemeFile } from './read.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('docs/scheme-file.md is what npm run docs writes', () => {
  const page = new URL('../../../docs/scheme-file.md', import.meta.url)
  expect(readFileSync(page, 'utf8')).toBe(schemeFilePage())
})

describe('a file', () => {
  test('of the guide and each ready-made one has no problem', () => {
    for (const file of [ac48, ...readyMadeFiles]) expect(readSchemeFile(file).id).toBe(file.id)
  })

  test('names its categories by the rule of the console: no number to call, no link, no mail address', () => {
    const [first] = ac48.categories
    const labels = [
      { labelFr: 'Fraude, appelez le 0899 10 20 30', labelEn: 'Fraud' },
      { labelFr: 'Vol', labelEn: 'Theft, see vol.example.org' },
      { labelFr: 'Vol : a@b.fr', labelEn: 'Theft' },
    ]
    const categories = labels.map((label, n) => ({ ...first, ...label, code: `own-${n}` }))
    const { problems } = checkSchemeFile({ ...ac48, categories, doctrine: {} })
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['category.contact', 'categories.0.labelFr'],
      ['category.contact', 'categories.1.labelEn'],
      ['category.contact', 'categories.2.labelFr'],
    ])
  })

  test('says every problem at once, each with its place and in both languages', () => {
    const { problems } = checkSchemeFile({
      ...ac48,
      id: 'AC 48',
      sender: 'alerte!',
      colour: 'blue',
      timeZone: 'Europe/Mende',
      trades: [
        'bakeries',
        'wizards',
        { code: 'smiths', nameFr: 'Forgerons', naf: ['99.99Q'], words: ['pain'] },
      ],
      categories: [{ ...ac48.categories[0], severity: 'grave', template: '{quoi}' }],
      sectors: [{ name: 'Ici', area: { kind: 'radius', centre: { commune: '48095' }, kilometres: 5 } }],
      doctrine: { lateAfterMinutes: 0, colour: 1 },
      dues: { fees: { feeCents: 3000, tradeFees: { farmers: 0 } } },
      access: { organisations: [{ agency: 'nobody', siret: '12345678901234' }] },
      contact: { chamber: { phone: '04 66 49 00 00' } },
    })
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['input.unknown_field', undefined],
      ['scheme_file.format.id', 'id'],
      ['input.choice', 'categories.0.severity'],
      ['input.too_small', 'doctrine.lateAfterMinutes'],
      ['input.unknown_field', 'doctrine'],
      ['scheme_file.format.phone', 'contact.chamber.phone'],
      ['sender.characters', 'sender'],
      ['own_trade.unknown', 'trades'],
      ['own_trade.name', 'trades.smiths.nameEn'],
      ['own_trade.activity', 'trades.smiths.naf'],
      ['own_trade.twice', 'trades.smiths.words'],
      ['scheme.area_not_named', 'sectors.Ici'],
      ['scheme_file.time_zone', 'timeZone'],
      ['unknown_trade', 'dues.fees.tradeFees.farmers'],
      ['access.agency', 'access.organisations.0.agency'],
    ])
    for (const lang of ['fr', 'en'] as const)
      for (const problem of problems) expect(formatProblem(lang, problem)).not.toBe(problem.code)
  })

  test('refuses a word or an activity that two of its trades claim', () => {
    const trade = { nameFr: 'A', nameEn: 'A', naf: ['47.2'], words: ['laiterie'] }
    const { problems } = checkSchemeFile({
      ...ac48,
      dues: {},
      trades: [
        { ...trade, code: 'one' },
        { ...trade, code: 'two', nameFr: 'B', nameEn: 'B', words: ['Laiteries'] },
      ],
    })
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['own_trade.twice', 'trades.two.naf'],
      ['own_trade.twice', 'trades.two.words'],
    ])
  })

  test('that is no JSON is refused with the line', () => {
    expect(() => parseJsonFile(bytes('{\n "id": "ac48",\n oops'))).toThrow(
      expect.objectContaining({ problems: [{ code: 'scheme_file.json', values: { line: 3 } }] }),
    )
    expect(() => parseJsonFile(bytes('[]'))).toThrow(
      expect.objectContaining({ problems: [{ code: 'scheme_file.object' }] }),
    )
  })

  test('has the last word over a copy, value by value in settings, and brings its own territory', () => {
    const base = {
      territory: { kind: 'departement', code: '63' },
      sender: 'A',
      agencies: [{ code: 'cic-63' }],
      contact: { chamber: { phone: '+33400000000' } },
      doctrine: { lateAfterMinutes: 30, care: { digestAt: 1, quiet: null } },
    }
    const same = mergeFile(base, { sender: 'B', doctrine: { care: { digestAt: 2 } } })
    expect(same).toEqual({
      ...base,
      sender: 'B',
      doctrine: { lateAfterMinutes: 30, care: { digestAt: 2, quiet: null } },
    })
    const moved = mergeFile(base, { territory: { kind: 'departement', code: '48' } })
    expect(Object.keys(moved).sort()).toEqual(['access', 'doctrine', 'sender', 'territory'])
  })
})

test('trades of a scheme come before the built-in ones, for this scheme alone', () => {
  const own = toDefinition(readSchemeFile(ac48)).ownTrades
  expect(tradeOfNaf('10.51C', own)).toBe('cheese-makers')
  expect(tradeOfNaf('10.51C')).toBe('industry-construction')
  expect(tradeOfNaf('10.52Z', own)).toBe('industry-construction')
  expect(readTradeWords('Laiterie', own).trade).toBe('cheese-makers')
  expect(readTradeWords('laiterie du village', own).trade).toBe('cheese-makers')
  expect(readTradeWords('Laiterie').trade).toBeUndefined()
  expect(readTradeWords('troupeau', own).trade).toBe('farmers')
  expect(findTrade('farmers', own)?.nameFr).toBe('Agriculteurs')
  expect(tradeOfNaf('01.11Z', own)).toBe('farmers')
})

describe('on the communes of France', () => {
  let database: Database
  const deps = () => testDeps(database, { now: () => new Date('2026-03-02T10:00:00Z') })
  beforeAll(async () => {
    database = await testTerritory()
    await loadScheme(deps(), program, 'ac63')
  })
  afterAll(() => database.close())

  const problemsOf = async (call: Promise<unknown>): Promise<readonly Problem[]> => {
    try {
      await call
    } catch (error) {
      if (error instanceof AppError) return error.problems
      throw error
    }
    throw new Error('nothing was refused')
  }

  test('a dry run creates nothing; the scheme, once created, has what its file says', async () => {
    const figures = { id: 'ac48', name: 'Alerte Lozère', trades: 9, categories: 5, agencies: 5, sectors: 2 }
    expect(await createScheme(deps(), program, ac48, { dryRun: true })).toMatchObject({
      ...figures,
      created: false,
    })
    await expect(getScheme(deps(), program, 'ac48')).rejects.toMatchObject({ code: 'unknown_scheme' })
    expect(await createScheme(deps(), program, ac48)).toMatchObject({ ...figures, created: true })
    const scheme = await getScheme(deps(), program, 'ac48')
    expect(scheme.trades.at(-1)).toEqual({
      code: 'cheese-makers',
      nameFr: 'Fromageries et laiteries',
      nameEn: 'Cheese makers and dairies',
    })
    expect(scheme.doctrine.care.quiet).toEqual({ from: 1320, to: 360 })
    const zone = scheme.agencies.find(({ code }) => code === 'corg-48')?.zone
    expect(zone).toMatchObject({ kind: 'communes', codes: expect.not.arrayContaining(['48095']) })
    const { rows } = await database.pool.query(
      `select scheme_id, actor, details->>'communes' as communes from audit_entries where action = 'scheme.create'`,
    )
    expect(rows.map(({ scheme_id: id, communes }) => [id, Number(communes) > 100]).sort()).toEqual([
      ['', true],
      ['ac48', true],
    ])
  })

  test('a welcome text of a file has the bounds of the settings', () => {
    const problems = checkSchemeFile({ ...ac48, texts: { welcome: 'Bonjour {nom} {telephone}' } }).problems
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['service_text.unknown_variable', 'texts.welcome'],
      ['service_text.missing', 'texts.welcome'],
    ])
    const mail = { en: { subject: 'Your fee' } }
    expect(checkSchemeFile({ ...ac48, texts: { duesCallMail: mail } }).problems).toMatchObject([
      { code: 'service_text.missing', path: 'texts.duesCallMail.en.subject' },
    ])
  })

  test('what was edited in the console is exported, in its order, without what is out of use', async () => {
    await loadScheme(deps(), program, 'ab03')
    const { categories } = await exportScheme(deps(), program, 'ab03')
    const codes = categories.map(({ code }) => code)
    const [first = '', second = ''] = codes
    const reversed = codes.toReversed()
    await orderCategories(deps(), program, 'ab03', reversed)
    await changeCategory(deps(), program, 'ab03', first, {
      labelFr: 'Autre nom',
      severity: 'notice',
      template: 'Autre texte {lieu}.',
      area: 'scheme',
    })
    await changeCategory(deps(), program, 'ab03', second, { active: false })
    await setSchemeGeneral(deps(), program, 'ab03', { name: 'Autre dispositif', sender: 'AUTRE03' })
    const welcome = '{dispositif} : bienvenue. Vos droits : {telephone}.'
    const approvedMail = { en: { subject: 'Welcome to {dispositif}' } }
    await setServiceTexts(deps(), program, 'ab03', { welcome, approvedMail })
    const file = await exportScheme(deps(), program, 'ab03')
    expect(file).toMatchObject({
      name: 'Autre dispositif',
      sender: 'AUTRE03',
      texts: { welcome, approvedMail },
    })
    expect(file.categories.map(({ code }) => code)).toEqual(reversed.filter((code) => code !== second))
    expect(file.categories.at(-1)).toMatchObject({
      labelFr: 'Autre nom',
      severity: 'notice',
      template: 'Autre texte {lieu}.',
      area: 'scheme',
    })
    const own = { id: 'ab03-copie', referencePrefix: '03C' }
    await createScheme(deps(), program, { ...file, ...own })
    expect(await exportScheme(deps(), program, own.id)).toEqual({ ...file, ...own })
    await loadScheme(deps(), program, 'ab03')
    expect(await exportScheme(deps(), program, 'ab03')).toEqual(file)
  })

  test.each(['ac63', 'ac48'])('%s exported and created under another id exports the same', async (id) => {
    const file = await exportScheme(deps(), program, id)
    const copy = `${id}-copie`
    const referencePrefix = `${file.referencePrefix}C`
    await createScheme(deps(), program, { ...file, referencePrefix }, { id: copy })
    expect(await exportScheme(deps(), program, copy)).toEqual({ ...file, referencePrefix, id: copy })
    const named = { name: 'Encore', sender: 'ENCORE48', referencePrefix: `${file.referencePrefix}D` }
    const again = await createScheme(deps(), program, named, { from: id, id: `${id}-encore` })
    expect(again).toMatchObject({ created: true })
    const exported = await exportScheme(deps(), program, `${id}-encore`)
    expect(exported).toEqual({ ...file, ...named, id: `${id}-encore` })
  })

  test('a copy for another territory keeps trades, categories and doctrine, and leaves the rest', async () => {
    const json = {
      ...{ id: 'ac15', name: 'Alerte Cantal', territory: { kind: 'departement', code: '15' } },
      ...{ sender: 'ALERTCANTAL', referencePrefix: '15' },
    }
    await createScheme(deps(), program, json, { from: 'ac63' })
    const [of63, of15] = await Promise.all([
      getScheme(deps(), program, 'ac63'),
      getScheme(deps(), program, 'ac15'),
    ])
    expect(of15.agencies).toEqual([])
    expect(of15.sectors).toEqual([])
    expect(of15.trades).toEqual(of63.trades)
    expect(of15.doctrine).toEqual(of63.doctrine)
  })

  test('a scheme in French only needs no English names, and exports none', async () => {
    const { labelEn: _, ...theft } = ac48.categories[0]!
    const french = {
      ...ac48,
      ...{ id: 'fr48', referencePrefix: '48F', languages: ['fr'], categories: [theft] },
      trades: [{ code: 'smiths', nameFr: 'Forgerons', naf: ['25.50A'] }],
      ...{ doctrine: {}, dues: {} },
    }
    await createScheme(deps(), program, french)
    const scheme = await getScheme(deps(), program, 'fr48')
    expect(scheme.trades).toEqual([{ code: 'smiths', nameFr: 'Forgerons', nameEn: 'Forgerons' }])
    expect(scheme.categories[0]?.labelEn).toBe(theft.labelFr)
    const file = await exportScheme(deps(), program, 'fr48')
    expect(file).toMatchObject({ languages: ['fr'], trades: [{ nameFr: 'Forgerons' }] })
    expect(JSON.stringify(file)).not.toMatch(/labelEn|nameEn/)
    // English is added in the settings once the categories have names in it, and removed again.
    const chamber = actorOf('chamber', 'fr48')
    const set = (languages: ('fr' | 'en')[]) => setSchemeGeneral(deps(), chamber, 'fr48', { languages })
    await expect(set(['en'])).rejects.toMatchObject({
      problems: [
        { code: 'scheme_file.languages', path: 'languages' },
        { code: 'scheme.unnamed', path: 'languages', values: { names: theft.labelFr } },
      ],
    })
    await expect(set(['fr', 'en'])).rejects.toMatchObject({ problems: [{ code: 'scheme.unnamed' }] })
    await changeCategory(deps(), chamber, 'fr48', theft.code, { labelEn: 'Robbery' })
    expect(await set(['en', 'fr'])).toMatchObject({ languages: ['fr', 'en'], proposed: null })
    expect(await getScheme(deps(), program, 'fr48')).toMatchObject({ languages: ['fr', 'en'] })
    const both = await exportScheme(deps(), program, 'fr48')
    // A file leaves out what is the default.
    expect(both).not.toHaveProperty('languages')
    expect(both).toMatchObject({ categories: [{ labelEn: 'Robbery' }] })
    const { details } = await database.db
      .selectFrom('auditEntries')
      .select('details')
      .where('schemeId', '=', 'fr48')
      .where('action', '=', 'scheme.set')
      .executeTakeFirstOrThrow()
    expect(details).toMatchObject({ before: { languages: ['fr'] }, after: { languages: ['fr', 'en'] } })
    // With English, the form refuses an empty English name at its field, as a file is refused.
    const unname = () => changeCategory(deps(), chamber, 'fr48', theft.code, { labelEn: '' })
    const refused = { problems: [{ code: 'input.required', path: 'labelEn' }] }
    await expect(unname()).rejects.toMatchObject(refused)
    await expect(
      addCategory(deps(), chamber, 'fr48', {
        labelFr: 'Vol de vélo',
        labelEn: '',
        severity: 'notice',
        template: 'Vol de vélo {lieu}.',
        level: 'established',
        area: null,
        reason: 'Essai.',
      }),
    ).rejects.toMatchObject(refused)
    expect(await set(['fr'])).toMatchObject({ languages: ['fr'] })
    await unname()
    const own = { id: 'fr48-copie', referencePrefix: '48G' }
    await createScheme(deps(), program, { ...file, ...own })
    expect(await exportScheme(deps(), program, own.id)).toEqual({ ...file, ...own })
    for (const [languages, paths] of [
      [undefined, ['trades.smiths.nameEn', 'categories.0.labelEn']],
      [['en'], ['trades.smiths.nameEn', 'languages', 'categories.0.labelEn']],
    ] as const) {
      const { problems } = checkSchemeFile({ ...french, languages })
      expect(problems.map(({ path }) => path)).toEqual(paths)
    }
  })

  test('a copy takes no name, sender or prefix that its file does not say', async () => {
    const silent = { id: 'ac16', territory: { kind: 'departement', code: '16' } }
    const refused = createScheme(deps(), program, silent, { from: 'ac63', dryRun: true })
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [
        ['name', 'Alerte Commerces 63'],
        ['sender', 'ALERTCOM63'],
        ['referencePrefix', '63'],
      ].map(([path, value]) => ({ code: 'scheme_file.inherited', path, values: { from: 'ac63', value } })),
    })
  })

  test('refuses the reference prefix of another scheme, and names that scheme', async () => {
    const json = { ...ac48, id: 'ac12', referencePrefix: '63' }
    expect(await problemsOf(createScheme(deps(), program, json, { dryRun: true }))).toEqual([
      {
        code: 'scheme_file.prefix_taken',
        path: 'referencePrefix',
        values: { prefix: '63', scheme: 'Alerte Commerces 63' },
      },
    ])
    const named = { id: 'ac12', name: 'Alerte Aveyron', sender: 'ALERTE12', referencePrefix: '63' }
    expect(await problemsOf(createScheme(deps(), program, named, { from: 'ac63' }))).toMatchObject([
      { code: 'scheme_file.prefix_taken' },
    ])
    await createScheme(deps(), program, { ...ac48, id: 'ac11', referencePrefix: '63A' })
    expect(await problemsOf(loadScheme(deps(), program, 'aa63'))).toMatchObject([
      { code: 'scheme_file.prefix_taken', path: 'referencePrefix' },
    ])
  })

  test('trades changed in the console stay when the ready-made scheme is loaded again, and are in the file', async () => {
    const id = 'ac39'
    await loadScheme(deps(), program, id)
    const codes = async () => (await getScheme(deps(), program, id)).trades.map(({ code }) => code)
    const ready = await codes()
    const own = { nameFr: 'Fleuristes du Jura', words: ['fleurs du Jura'], naf: ['47.76Z'], naf2025: [] }
    const { version } = await getTrades(deps(), program, id)
    const rest = ready.slice(1)
    await setTrades(deps(), program, id, { version, trades: [...rest, own] })
    await loadScheme(deps(), program, id)
    expect(await codes()).toEqual([...rest, 'fleuristes-du-jura'])
    const file = await exportScheme(deps(), program, id)
    expect(file.trades.at(-1)).toMatchObject({ code: 'fleuristes-du-jura', words: ['fleurs du Jura'] })
    await createScheme(deps(), program, { ...file, referencePrefix: '39C' }, { id: 'ac39-copie' })
    expect((await exportScheme(deps(), program, 'ac39-copie')).trades).toEqual(file.trades)
  })

  test('the file has the fees of the next campaign, for the trades in use', async () => {
    const feesOf = async (id: string) => (await exportScheme(deps(), program, id)).dues?.fees
    await createScheme(deps(), program, { ...ac48, referencePrefix: '48H' }, { id: 'ac48-fees' })
    expect(await feesOf('ac48-fees')).toEqual({ feeCents: 6000, tradeFees: { farmers: 3000 }, proRata: true })
    await database.pool.query(
      `update schemes set dues = dues || '{"fees": {"feeCents": 5000, "tradeFees": {"hotels": 9000, "jewellers": 1}, "proRata": false}}'
       where id = 'ac48-fees'`,
    )
    const fees = { feeCents: 5000, tradeFees: { hotels: 9000 }, proRata: false }
    expect(await feesOf('ac48-fees')).toEqual(fees)
    const named = { name: 'Frais', sender: 'FRAIS48', referencePrefix: '48I' }
    await createScheme(deps(), program, named, { from: 'ac48-fees', id: 'ac48-fees-2' })
    expect(await feesOf('ac48-fees-2')).toEqual(fees)
  })

  test('fees of a trade that leaves are not in the file, and a file that names them is refused', async () => {
    const id = 'ac48-left'
    await createScheme(deps(), program, { ...ac48, referencePrefix: '48L' }, { id })
    const { version, trades } = await getTrades(deps(), program, id)
    const rest = trades.map(({ code }) => code).filter((code) => code !== 'farmers')
    await setTrades(deps(), program, id, { version, trades: rest })
    const file = await exportScheme(deps(), program, id)
    expect(file.dues?.fees).toMatchObject({ feeCents: 6000, tradeFees: {} })
    const again = { ...file, id: 'ac48-left-2', referencePrefix: '48M' }
    expect(await createScheme(deps(), program, again)).toMatchObject({ created: true })
    const fewer = { trades: ['hotels'], dues: { fees: { tradeFees: { hotels: 1 } } } }
    const base = { ...ac48, dues: { fees: { feeCents: 6000, tradeFees: { farmers: 3000 }, proRata: true } } }
    expect(mergeFile(base, fewer).dues).toEqual({
      fees: { feeCents: 6000, tradeFees: { hotels: 1 }, proRata: true },
    })
    expect(
      mergeFile(base, { trades: ['hotels'], dues: { fees: { tradeFees: { farmers: 1 } } } }).dues,
    ).toMatchObject({
      fees: { tradeFees: { farmers: 1 } },
    })
  })

  test('what only the territory shows is refused with the rest', async () => {
    const problems = await problemsOf(
      createScheme(deps(), program, {
        ...ac48,
        id: 'ac63',
        referencePrefix: '03',
        sender: 'ALERT',
        sectors: [{ name: 'Ailleurs', area: { kind: 'departement', code: '75' } }],
        access: { signIn: { chamber: 'provider' } },
      }),
    )
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['sender.generic', 'sender'],
      ['unknown_area', 'sectors'],
      ['scheme_file.id_taken', 'id'],
      ['scheme_file.prefix_taken', 'referencePrefix'],
      ['access.no_provider', 'access.signIn.chamber'],
    ])
  })

  test('by the API, the administrator of the platform alone lists and creates, and a chamber reads its own file', async () => {
    const base = deps()
    const app = await testServer(base)
    const signIn = async (role: 'admin' | 'chamber' | 'chief', schemeId: string) => {
      const account = { mail: `${role}@example.fr`, name: 'Ada Martin', schemeId, role }
      const { password } = await openAccount(base, account)
      const payload = { email: account.mail, password }
      const answer = await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', payload })
      const cookie = cookiesOf(answer)
      return (url: string, payload?: object) =>
        app.inject({ url, headers: { cookie }, ...(payload !== undefined && { method: 'POST', payload }) })
    }
    try {
      const admin = await signIn('admin', '')
      const all = '/api/installation/schemes'
      const listed = await admin(all)
      expect(listed.json().readyMade).toHaveLength(5)
      expect(listed.json().schemes).toContainEqual({
        id: 'ac63',
        name: 'Alerte Commerces 63',
        members: 0,
        people: 0,
      })
      const named = { name: 'Alerte 43', sender: 'ALERTE43', referencePrefix: '43' }
      const wrong = await admin(all, { from: 'ac63', file: { id: 'ac63', ...named }, dryRun: true })
      expect(wrong.statusCode).toBe(422)
      expect(wrong.json()).toMatchObject({
        problems: [{ code: 'scheme_file.id_taken', path: 'id' }],
      })
      const file = { id: 'ac43', ...named, territory: { kind: 'departement', code: '43' } }
      const created = await admin(all, { from: 'ac63', file })
      expect([created.statusCode, created.json()]).toMatchObject([200, { id: 'ac43', created: true }])
      const exported = await admin('/api/schemes/ac43/file')
      expect(exported.headers['content-disposition']).toBe('attachment; filename="ac43.json"')
      expect(exported.json()).toMatchObject(file)

      const chamber = await signIn('chamber', 'ac43')
      expect((await chamber('/api/schemes/ac43/file')).statusCode).toBe(200)
      expect((await chamber('/api/schemes/ac63/file')).statusCode).toBe(404)
      expect((await chamber(all)).statusCode).toBe(403)
      expect((await chamber(all, { from: 'ac63', file: { id: 'x9' } })).statusCode).toBe(403)
      expect((await (await signIn('chief', 'ac43'))('/api/schemes/ac43/file')).statusCode).toBe(403)
    } finally {
      await app.close()
    }
  })

  test('the command checks, creates, exports, and says problems as text or as JSON', async () => {
    const inService = { ...deps(), config: { ...deps().config, demo: false } }
    let out = ''
    const io: CommandIo = {
      lang: 'fr',
      stdout: (text) => (out += text),
      stderr: () => {},
      progress: () => {},
    }
    const run = async (args: string[], file: object = {}) => {
      out = ''
      return schemesCommand.run(inService, args, new Map([['f.json', bytes(JSON.stringify(file))]]), io)
    }
    const create = ['create', '--file', 'f.json']
    const json = { ...ac48, id: 'x1', referencePrefix: '48X' }
    expect(await run([...create, '--dry-run', '--json'], { ...json, sender: 'RDV' })).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      created: false,
      problems: [{ path: 'sender', code: 'sender.generic', message: expect.stringContaining('RDV') }],
    })
    expect(schemesCommand.reads([...create, '--dry-run'], 'fr')).toBe(true)
    expect(schemesCommand.reads(create, 'fr')).toBe(false)
    await expect(run(create, json)).rejects.toMatchObject({
      problems: [{ code: 'user.as', path: '--as' }],
    })
    expect(await run([...create, '--as', 'Ada Martin'], json)).toBe(0)
    expect(out).toContain('Alerte Lozère (x1)')
    expect(await run(['export', 'x1'])).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ id: 'x1', sender: 'ALERTE48' })
    const { rows } = await database.pool.query(
      `select r.named->>'claimed' as claimed from audit_entries e join audit_reasons r using (scheme_id, seq)
       where e.scheme_id = 'x1' and e.action = 'scheme.create'`,
    )
    expect(rows).toEqual([{ claimed: 'Ada Martin' }])
  })
})
