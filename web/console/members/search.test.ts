import { expect, test } from 'vitest'
import type { MemberFilter } from '../../../src/members/contract.ts'
import { filterOf, isSameFilter, searchOf } from './search.ts'

const GROUP = '00000000-0000-7000-8000-000000000001'
const OTHER = '00000000-0000-7000-8000-000000000002'

/** Each filter, with a value and another one. */
const VALUES: { [key in keyof MemberFilter]-?: readonly [MemberFilter[key], MemberFilter[key]] } = {
  q: ['pain', 'tabac'],
  trade: ['bakeries', 'florists'],
  commune: ['63113', '63178'],
  status: ['active', 'left'],
  numbers: ['dead', 'gone'],
  charter: ['older', 'none'],
  dues: ['late', 'owing'],
  postalCode: ['missing', undefined],
  sector: [GROUP, OTHER],
  tag: [GROUP, OTHER],
  list: [GROUP, OTHER],
}

test.each(Object.entries(VALUES))('filters differ by their %s', (key, [value, other]) => {
  expect(isSameFilter({ [key]: value }, { [key]: value })).toBe(true)
  expect(isSameFilter({ [key]: value }, { [key]: other })).toBe(false)
  expect(isSameFilter({ [key]: value }, {})).toBe(false)
  // The address keeps each.
  expect(filterOf(searchOf({ [key]: value }))).toEqual({ [key]: value })
})

test('a group chosen by hand is no other one, nor itself once it is filtered', () => {
  expect(isSameFilter({ list: GROUP }, { list: OTHER })).toBe(false)
  expect(isSameFilter({ list: GROUP }, { list: GROUP, trade: 'bakeries' })).toBe(false)
  expect(isSameFilter({ list: GROUP, q: '' }, { list: GROUP })).toBe(true)
})
