import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, program, testDeps } from '../../../test/support/deps.ts'
import { idOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { formatProblem } from '../../i18n/format.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { getScheme } from '../actions.ts'
import { exportScheme } from '../file/create.ts'
import { readTradeWords } from '../trades/trade-words.ts'
import { tradeOfNaf } from '../trades/trades.ts'
import { findActivities, getTrades, setTrades } from './actions.ts'
import type { TradeInput, TradesChange } from './contract.ts'

const chamber = actorOf('chamber', 'ac63')
const CHEESE: TradeInput = {
  nameFr: 'Métiers du fromage',
  naf: ['10.51C'],
  naf2025: ['10.51'],
  words: ['laiterie', 'Laiteries', 'affineur'],
}

let database: Database
let deps: Deps
beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await seedMembers(database.db, 'ac63', [
    { id: idOf(1), trade: 'bakeries' },
    { id: idOf(2), trade: 'bakeries', status: 'suspended' },
    { id: idOf(3), trade: 'jewellers', status: 'left' },
  ])
  deps = testDeps(database, { now: () => new Date('2026-03-12T17:30:00Z') })
})
afterAll(() => database.close())
beforeEach(async () => {
  await sql`update schemes set trades = '{bakeries,jewellers,tobacco-press}', own_trades = '[]', trades_version = 1
    where id = 'ac63'`.execute(database.db)
})

const set = (trades: TradesChange['trades'], version = 1, actor: Actor = chamber) =>
  setTrades(deps, actor, 'ac63', { version, trades })
const codes = async () => (await getScheme(deps, chamber, 'ac63')).trades.map(({ code }) => code)
const stored = async () => {
  const { rows } = await sql<{ ownTrades: never[] }>`
    select own_trades from schemes where id = 'ac63'`.execute(database.db)
  return rows[0]?.ownTrades ?? []
}
const refused = async (trades: TradesChange['trades']) => {
  const error: unknown = await set(trades).catch((caught: unknown) => caught)
  if (!(error instanceof AppError)) throw error
  for (const lang of ['fr', 'en'] as const)
    for (const problem of error.problems) expect(formatProblem(lang, problem)).not.toBe(problem.code)
  return error.problems.map(({ code, path, values }) => [code, path, values])
}
const audited = async () => {
  const { rows } = await sql<{ details: Record<string, unknown> }>`
    select details from audit_entries where scheme_id = 'ac63' and action = 'trade.set' order by seq`.execute(
    database.db,
  )
  return rows.map(({ details }) => details)
}
const whole = async (code: string): Promise<TradeInput & { code: string }> => {
  const { trades, unused } = await getTrades(deps, chamber, 'ac63')
  const found = [...trades, ...unused].find((trade) => trade.code === code)
  if (found === undefined) throw new Error(`no trade ${code}`)
  const { nameFr, nameEn, naf, naf2025, words } = found
  const codesOf = (list: typeof naf) => list.map((one) => one.code)
  return { code, nameFr, nameEn, naf: codesOf(naf), naf2025: codesOf(naf2025), words }
}

test('lists the trades with their members, titles of activities and words, and those that are not used', async () => {
  const { version, trades, unused } = await getTrades(deps, chamber, 'ac63')
  expect(version).toBe(1)
  expect(trades.map(({ code, members }) => [code, members])).toEqual([
    ['bakeries', 2],
    ['jewellers', 0],
    ['tobacco-press', 0],
  ])
  expect(trades[0]).toMatchObject({ nameFr: 'Boulangeries et pâtisseries', builtIn: true })
  expect(trades[0]?.naf).toContainEqual({
    code: '10.71C',
    title: 'Boulangerie et boulangerie-pâtisserie',
    example: null,
    subclasses: 1,
  })
  expect(trades[0]?.words).toEqual(expect.arrayContaining(['boulangerie', 'dépôt de pain']))
  expect(unused.map(({ code }) => code)).toContain('butchers')
})

describe('a trade of the scheme', () => {
  test('is added, leads from its activities and words, and is found in the file', async () => {
    const { version, trades } = await set(['bakeries', CHEESE, 'jewellers', 'tobacco-press'])
    expect(version).toBe(2)
    expect(trades[1]).toMatchObject({
      code: 'metiers-du-fromage',
      nameEn: 'Métiers du fromage',
      builtIn: false,
      words: ['laiterie', 'affineur'],
    })
    expect(await codes()).toEqual(['bakeries', 'metiers-du-fromage', 'jewellers', 'tobacco-press'])
    const own = await stored()
    expect(tradeOfNaf('10.51C', own)).toBe('metiers-du-fromage')
    expect(readTradeWords('Laiterie', own).trade).toBe('metiers-du-fromage')
    const file = await exportScheme(deps, program, 'ac63')
    expect(file.trades[1]).toMatchObject({
      code: 'metiers-du-fromage',
      words: ['laiterie', 'Laiteries', 'affineur'],
    })
    expect((await audited()).at(-1)).toMatchObject({ added: ['metiers-du-fromage'] })
  })

  test('no longer used, leads nowhere, keeps its name, and is used again as it was', async () => {
    const { trades } = await set(['bakeries', CHEESE, 'jewellers', 'tobacco-press'])
    const code = trades[1]?.code ?? ''
    const { unused } = await set(['bakeries', 'jewellers', 'tobacco-press'], 2)
    expect(unused[0]).toMatchObject({ code, nameFr: 'Métiers du fromage' })
    const own = await stored()
    expect(tradeOfNaf('10.51C', own)).toBe('industry-construction')
    expect(readTradeWords('affineur', own).trade).toBeUndefined()
    const again = await set(['bakeries', 'jewellers', 'tobacco-press', code], 3)
    expect(again.trades.at(-1)).toMatchObject({ code, words: ['laiterie', 'affineur'] })
    expect(tradeOfNaf('10.51C', await stored())).toBe(code)
  })

  test('gets a code of its own when another trade has that of its name', async () => {
    const { trades } = await set([
      'bakeries',
      'jewellers',
      'tobacco-press',
      { ...CHEESE, nameFr: 'Butchers' },
    ])
    expect(trades.at(-1)?.code).toBe('butchers-2')
  })
})

test('a built-in trade loses and gains activities and words, and stores only what differs', async () => {
  const bakeries = await whole('bakeries')
  const words = [
    ...bakeries.words.filter((word) => word !== 'dépôt de pain' && word !== 'boulangerie'),
    'fournil',
  ]
  const naf = bakeries.naf.filter((code) => code !== '10.82')
  await set([{ ...bakeries, naf, words }, 'jewellers', 'tobacco-press'])
  const own = await stored()
  expect(own).toEqual([
    {
      code: 'bakeries',
      nameFr: 'Boulangeries et pâtisseries',
      nameEn: 'Bakeries',
      naf: [],
      naf2025: [],
      words: ['fournil'],
      without: { naf: ['10.82'], naf2025: [], words: ['boulangerie', 'dépôt de pain'] },
    },
  ])
  expect(tradeOfNaf('10.82Z', own)).toBe('industry-construction')
  expect(readTradeWords('dépôt de pain', own)).toMatchObject({ isExact: false })
  expect(readTradeWords('fournil', own).trade).toBe('bakeries')
  expect((await whole('bakeries')).words.toSorted()).toEqual(words.toSorted())
  expect((await exportScheme(deps, program, 'ac63')).trades[0]).toEqual(own[0])
  // As it was built in: nothing is stored.
  await set([bakeries, 'jewellers', 'tobacco-press'], 2)
  expect(await stored()).toEqual([])
})

test('the order is changed alone', async () => {
  await set(['tobacco-press', 'bakeries', 'jewellers'])
  expect(await codes()).toEqual(['tobacco-press', 'bakeries', 'jewellers'])
  expect((await audited()).at(-1)).toEqual({ order: ['tobacco-press', 'bakeries', 'jewellers'] })
})

test('a repeated request changes nothing more; one on an older version is refused', async () => {
  const before = (await audited()).length
  await set(['tobacco-press', 'bakeries', 'jewellers'])
  expect(await set(['tobacco-press', 'bakeries', 'jewellers'])).toMatchObject({ version: 2 })
  expect((await audited()).length).toBe(before + 1)
  await expect(set(['bakeries', 'tobacco-press', 'jewellers'])).rejects.toMatchObject({
    code: 'settings_changed',
  })
})

describe('refuses', () => {
  const others = ['jewellers', 'tobacco-press']

  test('to stop using a trade of members or of waiting requests, with how many', async () => {
    expect(await refused(others)).toEqual([
      ['trade.has_members', 'trades.bakeries', { trade: 'Boulangeries et pâtisseries', count: 2 }],
    ])
    await sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, verified, person,
        mobile, mobile_confirmed_at, created_at, touched_at, submitted_at)
      values ('ac63', ${idOf(50)}, 'submitted', 'h', 'Or', 'or', 'jewellers', '63178', false, 'Ada Martin',
        '+33612345678', now(), now(), now(), now())`.execute(database.db)
    expect(await refused(['bakeries', 'tobacco-press'])).toEqual([
      ['trade.has_requests', 'trades.jewellers', { trade: 'Bijouteries et horlogeries', count: 1 }],
    ])
    await sql`delete from enrolments where id = ${idOf(50)}`.execute(database.db)
    expect(await codes()).toEqual(['bakeries', 'jewellers', 'tobacco-press'])
  })

  test('a word or an activity that another used trade has, with both names', async () => {
    const twice = { ...CHEESE, naf: ['47.24Z'], words: ['Boulangères', 'Bijoux'] }
    const names = { trade: 'Métiers du fromage', other: 'Boulangeries et pâtisseries' }
    expect(await refused(['bakeries', ...others, twice])).toEqual([
      ['own_trade.twice', 'trades.metiers-du-fromage.naf', { ...names, said: '47.24Z' }],
      ['own_trade.twice', 'trades.metiers-du-fromage.words', { ...names, said: 'Boulangères' }],
      [
        'own_trade.twice',
        'trades.metiers-du-fromage.words',
        { ...names, other: 'Bijouteries et horlogeries', said: 'Bijoux' },
      ],
    ])
    const named = { ...CHEESE, nameFr: 'Boulangerie' }
    expect((await refused(['bakeries', ...others, named])).map(([code, path]) => [code, path])).toEqual([
      ['own_trade.twice', 'trades.boulangerie.nameFr'],
      ['own_trade.twice', 'trades.boulangerie.nameEn'],
    ])
    // Butchers are not used here: their words and activities may be taken.
    const meat = { ...CHEESE, naf: ['47.22'], words: ['boucherie'] }
    const { trades } = await set(['bakeries', ...others, meat])
    expect(tradeOfNaf('47.22Z', await stored())).toBe(trades.at(-1)?.code)
    expect(readTradeWords('Boucherie', await stored()).trade).toBe(trades.at(-1)?.code)
  })

  test('an activity that does not exist, a word without letters, an unknown and a repeated trade', async () => {
    const wrong = { ...CHEESE, naf: ['10.99Q'], words: ['--'] }
    expect(
      (await refused(['bakeries', 'bakeries', 'wizards', ...others, wrong])).map(([code, path]) => [
        code,
        path,
      ]),
    ).toEqual([
      ['own_trade.unknown', 'trades'],
      ['own_trade.activity', 'trades.metiers-du-fromage.naf'],
      ['own_trade.word', 'trades.metiers-du-fromage.words'],
      ['scheme.repeated', 'trades.bakeries'],
    ])
  })

  test('everybody but the chamber', async () => {
    for (const role of ['operator', 'chief', 'magistrate', 'trade_chamber', 'admin'] as const) {
      const actor = actorOf(role, 'ac63', role === 'trade_chamber' ? { trades: ['bakeries'] } : {})
      await expect(getTrades(deps, actor, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
      await expect(set(others, 1, actor)).rejects.toMatchObject({ code: 'forbidden' })
    }
    await expect(getTrades(deps, actorOf('chamber', 'ac39'), 'ac63')).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
  })
})

test('activities are found by code and by title in both classifications, with the trade that each leads to', async () => {
  const find = async (q: string) => (await findActivities(deps, chamber, 'ac63', q)).activities
  expect((await find('4724z'))[0]).toMatchObject({ code: '47.24Z', nomenclature: 'rev2', trade: 'bakeries' })
  expect((await find('47.2')).slice(0, 2)).toMatchObject([
    { code: '47.2', nomenclature: 'rev2', subclasses: 7, trade: 'food-shops' },
    { code: '47.2', nomenclature: '2025', title: null },
  ])
  const flowers = await find('fleurs détail')
  expect(flowers.map(({ code, nomenclature }) => [code, nomenclature])).toEqual([
    ['47.76Z', 'rev2'],
    [expect.stringMatching(/^47\.76/), '2025'],
  ])
  expect(await find('zzz')).toEqual([])
  expect(await find('')).toEqual([])
})
