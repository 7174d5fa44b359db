import { expect, test } from 'vitest'
import { type Permission, permissions, type Role } from '../../../src/permissions.ts'
import { isNewsToAuthor, mayDecide, maySign, stillToDecide } from './mine.ts'

const roles: readonly Role[] = ['operator', 'chief', 'magistrate', 'chamber']
const who = (role: Role) => ({
  may: (right: Permission) => role in permissions[right],
  user: { id: 'me' },
})
const of = (authors: string[], decidedById: string | null, exercise = false) => ({
  exercise,
  approval: { authors, decidedById },
})
const passing = (passes: (role: Role) => boolean) => roles.filter(passes)

test.each([
  { exercise: false, author: false, by: ['chief', 'magistrate'] },
  { exercise: false, author: true, by: [] },
  { exercise: true, author: false, by: ['chief', 'magistrate'] },
  { exercise: true, author: true, by: ['chief', 'magistrate'] },
])('decides: exercise $exercise, author $author', ({ exercise, author, by }) => {
  const alert = of(author ? ['other', 'me'] : ['other'], null, exercise)
  expect(passing((role) => mayDecide(who(role), alert))).toEqual(by)
})

test.each([
  { author: false, overrode: false, by: ['chief', 'magistrate'] },
  { author: true, overrode: false, by: [] },
  { author: false, overrode: true, by: [] },
  { author: true, overrode: true, by: [] },
])('signs: author $author, overrode $overrode', ({ author, overrode, by }) => {
  const alert = of(author ? ['other', 'me'] : ['other'], overrode ? 'me' : 'other')
  expect(passing((role) => maySign(who(role), alert))).toEqual(by)
})

test('another’s word is news to its author, their own is not', () => {
  expect(isNewsToAuthor(who('operator'), of(['me'], 'other'))).toBe(true)
  expect(isNewsToAuthor(who('chief'), of(['me'], 'me', true))).toBe(false)
  expect(isNewsToAuthor(who('operator'), of(['other'], 'chief'))).toBe(false)
})

test('a rejected alert is still to decide while its report waits with nothing newer', () => {
  const rejected = [
    { id: 'a1', reportId: 'r1' },
    { id: 'a2', reportId: 'r2' },
    { id: 'a3', reportId: 'r3' },
  ]
  const at = (id: string, alert: string | null) => ({
    id,
    alert:
      alert === null ? null : { id: alert, reference: '', state: 'draft', orderedAt: null, answer: null },
  })
  const waiting = [at('r1', 'a1'), at('r2', 'a9'), at('r4', null)]
  expect(stillToDecide(rejected, waiting).map(({ id }) => id)).toEqual(['a1'])
})
