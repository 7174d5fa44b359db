import { expect, test } from 'vitest'
import { type Permission, permissions, type Role } from '../../../../src/permissions.ts'
import { holdsExpiry, isNewsInZone, isNewsToAuthor, mayDecide, maySign, stillToDecide } from './mine.ts'

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

test('reports another person’s decision to the author, but not their own', () => {
  expect(isNewsToAuthor(who('operator'), of(['me'], 'other'))).toBe(true)
  expect(isNewsToAuthor(who('chief'), of(['me'], 'me', true))).toBe(false)
  expect(isNewsToAuthor(who('operator'), of(['other'], 'chief'))).toBe(false)
})

test('reports an alert in the zone to nobody who wrote or approved it', () => {
  expect(isNewsInZone(who('chief'), of(['other'], 'another'))).toBe(true)
  expect(isNewsInZone(who('chief'), of(['other'], null))).toBe(true)
  expect(isNewsInZone(who('chief'), of(['other'], 'me'))).toBe(false)
  expect(isNewsInZone(who('operator'), of(['me'], 'other'))).toBe(false)
})

test('counts a rejected alert as open while its report waits and has no newer alert', () => {
  const rejected = [
    { id: 'a1', reportId: 'r1' },
    { id: 'a2', reportId: 'r2' },
    { id: 'a3', reportId: 'r3' },
  ]
  const at = (id: string, alert: string | null) => ({
    id,
    alert:
      alert === null
        ? null
        : { id: alert, reference: '', state: 'draft' as const, orderedAt: null, answer: null },
  })
  const waiting = [at('r1', 'a1'), at('r2', 'a9'), at('r4', null)]
  expect(stillToDecide(rejected, waiting).map(({ id }) => id)).toEqual(['a1'])
})

test('holds an expiry from its time on, while the alert is open and its follow-up waits', () => {
  const expiresAt = '2026-03-12T18:00:00.000Z'
  const hour = Date.parse(expiresAt)
  const held = (
    state: 'active' | 'expired' | 'cancelled',
    followUp: 'submitted' | 'returned' | 'ordered',
    now = hour,
  ) => holdsExpiry({ state, expiresAt }, { state: followUp }, now)
  expect(held('active', 'submitted')).toBe(true)
  expect(held('active', 'returned')).toBe(true)
  expect(held('active', 'submitted', hour - 1)).toBe(false)
  expect(held('active', 'ordered')).toBe(false)
  expect(held('expired', 'submitted')).toBe(false)
  expect(held('cancelled', 'submitted')).toBe(false)
})
