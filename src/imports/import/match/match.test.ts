import { expect, test } from 'vitest'
import type { MemberKeys } from '../../../members/keys.ts'
import type { Steps } from '../turns.ts'
import { findDuplicates } from './duplicates.ts'
import type { RowKeys } from './keys.ts'
import { matchRows } from './match.ts'

function runAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

const phone = (n: number) => `+336${String(n).padStart(8, '0')}`
const siret = (n: number) => String(n).padStart(14, '0')

const rowOf = (n: number, own: Partial<RowKeys> = {}): RowKeys => ({
  line: n + 2,
  siret: null,
  phones: [phone(n)],
  searchName: 'boulangerie',
  communeCode: '63113',
  trade: 'bakery',
  address: null,
  status: null,
  ...own,
})
const memberOf = (n: number, own: Partial<MemberKeys> = {}): MemberKeys => ({
  ...rowOf(n),
  id: `member-${n}`,
  name: 'Boulangerie',
  communeName: 'Clermont-Ferrand',
  aliases: [],
  status: 'active',
  isSuspendedForDues: false,
  leftAt: null,
  ...own,
})
const many = <T>(count: number, one: (n: number) => T) => Array.from({ length: count }, (_, n) => one(n))

/** Counts accesses to the list per row, and rows that matched a member. */
function looksPerRow(rows: readonly RowKeys[], stored: readonly MemberKeys[]) {
  let looks = 0
  const counted = <T extends object>(one: T): T =>
    new Proxy(one, {
      get(of, key) {
        looks++
        return Reflect.get(of, key)
      },
    })
  const list = rows.map(counted)
  const duplicates = runAtOnce(findDuplicates(list))
  const { matches, problems } = runAtOnce(
    matchRows(list, {
      stored: stored.map(counted),
      duplicates,
      mayTouch: () => true,
      answerOf: () => undefined,
    }),
  )
  return { each: looks / rows.length, matched: matches.size, problems }
}

test.each([
  ['with one name in one commune', (n: number) => rowOf(n), undefined],
  ['with one name in one commune, all members already', (n: number) => rowOf(n), (n: number) => memberOf(n)],
  ['with one name, whose numbers changed', (n: number) => rowOf(n), (n: number) => memberOf(n + 5000)],
  [
    'with one number, each with its SIRET',
    (n: number) => rowOf(n, { phones: [phone(1)], siret: siret(n) }),
    undefined,
  ],
  ['that are all identical', (_: number) => rowOf(_, { phones: [phone(1)] }), undefined],
  [
    'with one number, whose names changed',
    (n: number) => rowOf(n, { phones: [phone(1)], searchName: `a${n}` }),
    (n: number) => memberOf(n, { phones: [phone(1)], searchName: `b${n}` }),
  ],
] as const)('rows %s each cost the same, however many there are', (_, row, member) => {
  const costOf = (count: number) =>
    looksPerRow(many(count, row), member === undefined ? [] : many(count, member)).each
  const few = costOf(100)
  expect(costOf(2000)).toBeLessThan(few * 1.5)
})

test('a number shared by very many members names only some of them', () => {
  const stored = many(500, (n) => memberOf(n, { phones: [phone(1)], searchName: `b${n}`, name: `B${n}` }))
  const { problems } = looksPerRow([rowOf(1, { searchName: 'a' })], stored)
  expect(problems).toEqual([
    {
      line: 3,
      column: null,
      index: null,
      code: 'import.ambiguous_phone',
      value: null,
      values: { members: 'B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, …' },
      proposals: stored.slice(0, 10).map(({ id, name }) => ({ code: id, name })),
    },
  ])
})

test('reports a repeated row whose SIRET another member has, in place of giving it to two members', () => {
  const rows = [
    rowOf(1, { phones: [phone(1)] }),
    // Repeats the number, name and commune of the first, with the SIRET of a member elsewhere.
    rowOf(2, { phones: [phone(1)], siret: siret(7) }),
  ]
  const stored = [
    memberOf(1, { phones: [phone(1)] }),
    memberOf(2, { phones: [phone(1)] }),
    memberOf(3, { phones: [phone(3)], searchName: 'narval', siret: siret(7) }),
  ]
  const { matches, problems } = runAtOnce(
    matchRows(rows, {
      stored,
      duplicates: runAtOnce(findDuplicates(rows)),
      mayTouch: () => true,
      answerOf: () => undefined,
    }),
  )
  expect(matches.get(rows[1]?.line ?? 0)).toBeUndefined()
  expect(problems.map(({ line, code }) => [line, code])).toContainEqual([
    rows[1]?.line,
    'import.duplicate_phone',
  ])
})

test.each([
  ['two members with its name, with a SIRET', siret(9), [1, 2], undefined, []],
  ['two members with its name, without one', null, [1, 2], undefined, ['import.ambiguous_name']],
  ['a member with its name elsewhere in the commune, without a SIRET', null, [], 'member-3', []],
] as const)(
  'an answer that a row is another shop matches none of its number: %s',
  (_, own, names, match, codes) => {
    const row = rowOf(1, { siret: own })
    const stored = [
      ...[1, 2].map((n) =>
        memberOf(n, {
          phones: [phone(1)],
          searchName: names.some((one) => one === n) ? 'boulangerie' : `b${n}`,
        }),
      ),
      memberOf(3, { searchName: match === undefined ? 'b3' : 'boulangerie' }),
    ]
    const of = (answer: 'other' | undefined) =>
      runAtOnce(
        matchRows([row], { stored, duplicates: new Map(), mayTouch: () => true, answerOf: () => answer }),
      )
    expect(of(undefined).problems.map(({ code }) => code)).toEqual(['import.ambiguous_phone'])
    const { matches, problems } = of('other')
    expect(matches.get(row.line)?.id).toBe(match)
    expect(problems.map(({ code }) => code)).toEqual(codes)
  },
)

test('remarks on new members of one name and address, but not on two businesses', () => {
  const rows = [
    rowOf(1, { address: '3 Rue du Pont' }),
    rowOf(2, { address: '3, rue du pont' }),
    rowOf(3, { address: '4 rue du Pont' }),
    rowOf(4),
    rowOf(5),
    rowOf(6, { address: '9 place', siret: siret(6) }),
    rowOf(7, { address: '9 place', siret: siret(7) }),
    rowOf(8, { address: '1 quai', siret: siret(8) }),
    rowOf(9, { address: '1 quai' }),
  ]
  const { warnings } = runAtOnce(
    matchRows(rows, {
      // The eighth is a member already, so that the ninth alone is added.
      stored: [memberOf(80, { searchName: 'narval', siret: siret(8) })],
      duplicates: runAtOnce(findDuplicates(rows)),
      mayTouch: () => true,
      answerOf: () => undefined,
    }),
  )
  const remarks = warnings.filter(({ code }) => code === 'import.same_address')
  expect(remarks.map(({ line, values }) => [line, values])).toEqual([[4, { other: 3 }]])
})
