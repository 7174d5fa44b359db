import { describe, expect, test } from 'vitest'
import { judgeListed, type ListedFacts, settleYears } from '../../../dues/bulk/listed-rules.ts'
import { assignColumns } from '../columns/assign.ts'
import { yearsOfTitle } from '../columns/title-years.ts'
import { hasAmount, parsePaid } from './paid.ts'

describe('what a list says of dues', () => {
  const read = { years: [], cents: null, on: null }
  test.each([
    ['oui', read],
    ['x', read],
    ['à jour', read],
    ['Up to date', read],
    ['1', read],
    ['à jour 2026', { ...read, years: [2026] }],
    ['Payée', read],
    ['2026', { ...read, years: [2026] }],
    ['2025, 2026', { ...read, years: [2025, 2026] }],
    ['2024-2026', { ...read, years: [2024, 2025, 2026] }],
    ['payé 2026', { ...read, years: [2026] }],
    ['12/01/2026', { ...read, on: '2026-01-12' }],
    ['2026-01-12', { ...read, on: '2026-01-12' }],
    ['3 février 2026', { ...read, on: '2026-02-03' }],
    ['46034', { ...read, on: '2026-01-12' }],
    ['120', { ...read, cents: 12_000 }],
    ['120,50', { ...read, cents: 12_050 }],
    ['1 200 €', { ...read, cents: 120_000 }],
    ['1.200,00 €', { ...read, cents: 120_000 }],
    ['1,200.50 €', { ...read, cents: 120_050 }],
    ['1.200 €', { ...read, cents: 120_000 }],
    ['120,50 €', { ...read, cents: 12_050 }],
    ['2026 120 €', { ...read, years: [2026], cents: 12_000 }],
    ['120 EUR', { ...read, cents: 12_000 }],
    ['2026 : 120 €', { ...read, years: [2026], cents: 12_000 }],
    ['chèque 120 € le 12/01/2026', { ...read, cents: 12_000, on: '2026-01-12' }],
  ])('reads “%s”', (text, expected) => expect(parsePaid(text)).toEqual(expected))

  test.each([
    ...['voir Paul', 'à relancer', 'en', '31/02/2026', '60 € puis 60 €', 'oui mais'],
    ...['A', 'jour', 'date', 'up', 'fee', 'cotisation', 'chèque', '120 € 1', '12.00,50 €', '1.20.000 €'],
    ...['dû 120 €', 'du : 120 €', '120 € dû le 31/03/2026'],
  ])('does not guess at “%s”', (text) => expect(parsePaid(text)).toBeUndefined())

  test('takes no column for dues paid whose title may be of what is owed', () => {
    const fieldOf = (title: string) => assignColumns({ line: 1, cells: [title] })[0]
    for (const title of ['Cotisation', 'Dues', 'Membership fee']) expect(fieldOf(title), title).toBeNull()
    for (const title of ['Cotisation payée', 'À jour de cotisation', 'Dues paid'])
      expect(fieldOf(title), title).toBe('duesPaid')
  })

  test('reads a title with two meanings by its cells', () => {
    const fieldOf = (title: string, ...cells: string[]) =>
      assignColumns(
        { line: 1, cells: [title] },
        cells.map((cell, n) => ({ line: n + 2, cells: [cell] })),
      )[0]
    expect(fieldOf('Cotisation', 'oui', '', 'non')).toBe('duesPaid')
    expect(fieldOf('Cotisation 2026', 'Oui', 'impayé')).toBe('duesPaid')
    expect(fieldOf('Cotisation', 'oui', '120 €')).toBeNull()
    expect(fieldOf('Adhésion', 'oui', 'non')).toBe('joinedOn')
    expect(fieldOf('Adhésion', '12/01/2019', 'oui')).toBe('joinedOn')
    expect(fieldOf('Adhésion', '50 €')).toBeNull()
    expect(fieldOf('Adhésion')).toBeNull()
  })

  const titled = (titles: readonly string[], ...rows: string[][]) =>
    assignColumns(
      { line: 1, cells: titles },
      rows.map((cells, n) => ({ line: n + 2, cells })),
    )

  test.each([
    [
      ['Cotisation 2025', 'Cotisation 2026'],
      ['duesPaid', 'duesPaid'],
    ],
    [
      ['Cotisation payée en 2026', 'Année cotisation'],
      ['duesPaid', null],
    ],
    [
      ['Année cotisation', 'Cotisation 2026'],
      ['duesPaid', null],
    ],
    [
      ['Cotisation 2025-2026', 'Cotisation 2026'],
      ['duesPaid', null],
    ],
    [
      ['Adhésion 2026', 'Activité 2026'],
      ['duesPaid', null],
    ],
  ])('recognises the columns of dues %j, each of its own years', (titles, fields) =>
    expect(titled(titles, ['oui', 'oui'])).toEqual(fields),
  )

  test.each([
    ['Cotisation 2026', [2026]],
    ['Cotisations 2024-2026', [2024, 2025, 2026]],
    ['Saison 2025/26', [2025, 2026]],
    ['Cotisations 2024, 2026', [2024, 2026]],
    ['À jour de cotisation', []],
  ])('reads the years of the title “%s”', (title, years) => expect(yearsOfTitle(title)).toEqual(years))

  test('settles the oldest year first', () => {
    const years = settleYears([year(2026, 12_000), year(2025, 5_000)], 6_000)
    expect(years.map(({ remainingCents }) => remainingCents)).toEqual([11_000, 0])
  })

  test.each(['', '-', 'non', 'impayé', 'non payé', 'pas payée 2026', '0 €', '0,00'])(
    'reads “%s” as not paid',
    (text) => expect(parsePaid(text)).toBeNull(),
  )

  const year = (of: number, remainingCents: number, waivedCents = 0) => ({
    ...{ memberId: 'm', year: of, amountCents: 12_000, waivedCents, remainingCents, dueOn: `${of}-03-31` },
  })
  const named = { ...read, years: [2026] }
  const facts: ListedFacts = {
    campaigns: [2026, 2025],
    years: [year(2026, 12_000), year(2025, 0)],
    ...{ isNew: false, isCollecting: false, returnedIn: null, today: '2026-03-20' },
    received: new Map(),
  }
  test.each([
    ['the whole fee of a year', named, facts, { cents: 12_000 }],
    ['nothing without a year', read, facts, { why: 'no_year', values: {} }],
    ['an amount without a year', { ...read, cents: 12_000 }, facts, { why: 'no_year', values: {} }],
    [
      'a day in a settled year, when the next is owed',
      { ...read, cents: 12_000, on: '2025-12-12' },
      facts,
      { why: 'other_year', values: { year: '2025', years: '2026' } },
    ],
    [
      'a day whose payment is known',
      { ...read, cents: 12_000, on: '2025-12-12' },
      { ...facts, received: new Map([['2025-12-12', 12_000]]) },
      'recorded',
    ],
    [
      'a day in a settled year, when no other is owed',
      { ...read, on: '2025-12-12' },
      { ...facts, years: [year(2026, 0), year(2025, 0)] },
      'recorded',
    ],
    [
      'what a total leaves to record',
      { ...named, cents: 9_000 },
      { ...facts, years: [year(2026, 7_000)] },
      { cents: 4_000 },
    ],
    ['nothing twice', { ...named, cents: 5_000 }, { ...facts, years: [year(2026, 7_000)] }, 'recorded'],
    [
      'both years that it names',
      { ...read, years: [2025, 2026] },
      { ...facts, years: [year(2026, 12_000), year(2025, 500)] },
      { cents: 12_500 },
    ],
    [
      'no year without a campaign',
      { ...read, years: [2023] },
      facts,
      { why: 'no_campaign', values: { years: '2023' } },
    ],
    [
      'a day of a year without a campaign',
      { ...read, on: '2024-03-01' },
      facts,
      { why: 'no_campaign', values: { years: '2024' } },
    ],
    [
      'a member that the list adds',
      named,
      { ...facts, isNew: true, years: [] },
      { why: 'new_member', values: {} },
    ],
    [
      'a member without a call',
      named,
      { ...facts, years: [year(2025, 0)] },
      { why: 'not_called', values: { years: '2026' } },
    ],
    ['a day to come', { ...read, on: '2026-03-21' }, facts, { why: 'day', values: {} }],
    [
      'more than the fee',
      { ...named, cents: 15_000 },
      facts,
      { why: 'more_than_due', values: { paid: 150, due: 120 } },
    ],
    [
      'an earlier year that is owed',
      named,
      { ...facts, years: [year(2026, 12_000), year(2025, 500)] },
      { why: 'owes_before', values: { years: '2025' } },
    ],
    ['a debit under way', named, { ...facts, isCollecting: true }, { why: 'debit_under_way', values: {} }],
    ['money that came back since', named, { ...facts, returnedIn: 2026 }, { why: 'cancelled', values: {} }],
    [
      'money of the December before that came back',
      named,
      { ...facts, returnedIn: 2025 },
      { why: 'cancelled', values: {} },
    ],
    ['the fee after money of long ago came back', named, { ...facts, returnedIn: 2024 }, { cents: 12_000 }],
  ] as const)('judges %s', (_, listed, of, expected) =>
    expect(judgeListed(listed, of as ListedFacts)).toEqual(expected),
  )
})

test('distinguishes an amount from the numbers of a place, a phone or a business', () => {
  const all = [
    '60',
    '60 €',
    '150,00',
    '1200.5',
    '1 200,00',
    '1\u202f200,50',
    '1.200,00',
    '12500,00',
    'payé 1 200 € le 12/01/2026',
    '63000',
    '63500.0',
    '63 000',
    '63500 ISSOIRE',
    '06 39 98 00 01',
    '0639980001',
    '732 829 320',
    '73282932000074',
    'oui',
    'Rue du 8 mai',
  ]
  expect(all.filter(hasAmount)).toEqual(all.slice(0, 9))
})
