import { describe, expect, test } from 'vitest'
import { AppError } from './errors.ts'
import {
  type Actor,
  authorize,
  type Grant,
  may,
  type Permission,
  permissions,
  type Role,
} from './permissions.ts'

const roles: readonly Role[] = ['operator', 'chief', 'magistrate', 'chamber', 'trade_chamber', 'member']
const names = Object.keys(permissions) as Permission[]

function actorWith(...grants: Partial<Grant>[]): Actor {
  return {
    kind: 'user',
    userId: 'u1',
    name: 'U',
    grants: grants.map((grant) => ({
      schemeId: 'ac63',
      role: 'operator',
      agencyId: null,
      memberId: grant.role === 'member' ? 'm1' : null,
      trades: grant.role === 'trade_chamber' ? ['tobacco-press'] : null,
      ...grant,
    })),
  }
}

/** What authorize answers, in one word. */
function outcome(actor: Actor, permission: Permission, schemeId = 'ac63'): string {
  try {
    return authorize(actor, permission, schemeId).scope
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

/** o: scheme · t: the members of its trades · own: only what is theirs · -: refused. operator, chief, magistrate, chamber, trade chamber, member. */
const matrix: Record<Permission, string> = {
  'scheme.read': 'o o o o o o',
  'territory.read': 'o o o o o -',
  'report.create': 'o o - - - -',
  'report.read': 'o o o - - -',
  'report.decide': 'o o - - - -',
  'series.read': 'o o o - - -',
  'series.link': 'o o - - - -',
  'relay.read': 'o o o - - -',
  'relay.propose': 'o o - - - -',
  'relay.decide': 'o o - - - -',
  'delivery.trace': '- o - - - -',
  'alert.compose': 'o o - - - -',
  'alert.broadcast': 'o o - - - -',
  'alert.submit': 'o o - - - -',
  'alert.approve': '- o o - - -',
  'alert.override': '- o - - - -',
  'alert.review': '- o o - - -',
  'authorisation.record': 'o o o - - -',
  'alert.follow_up': 'o o - - - -',
  'alert.stop': 'o o - - - -',
  'alert.close': 'o o - - - -',
  'alert.read': 'o o o o - own',
  'alert.read_precise': 'o o o - - -',
  'audience.preview': 'o o o - - -',
  'delivery.read': 'o o - o - -',
  'route.read': 'o o - o - -',
  'caller.find': 'o o - - - -',
  'member.read': 'o o - o t own',
  'member.numbers': '- - - o t -',
  'enrolment.read': '- - - o t -',
  'enrolment.decide': '- - - o t -',
  'enrolment.settings': '- - - o - -',
  'member.care': '- - - o - own',
  'member.import': '- - - o - -',
  'observer.manage': '- o - o - -',
  'audit.read': '- o - o - -',
  'doctrine.set': '- - - o - -',
  'scheme.load': '- - - - - -',
  'user.add': '- - - - - -',
}

describe.each(names)('%s', (permission) => {
  test.each(roles.map((role, i) => [role, matrix[permission].split(' ')[i]] as const))(
    '%s: %s',
    (role, sign) => {
      const actor = actorWith({ role })
      const expected = { o: 'scheme', t: 'trades', own: 'own', '-': 'forbidden' }[sign as 'o']
      expect(outcome(actor, permission)).toBe(expected)
      expect(may(actor, permission, 'ac63')).toBe(expected !== 'forbidden')
      // Whatever the role here, nothing elsewhere, and not even that it exists.
      expect(outcome(actor, permission, 'ac39')).toBe('unknown_scheme')
      expect(may(actor, permission, 'ac39')).toBe(false)
    },
  )
})

test('the program itself may do anything', () => {
  for (const permission of names) {
    expect(authorize({ kind: 'system', name: 'cli' }, permission, 'ac63')).toEqual({ scope: 'scheme' })
  }
})

test('someone without a role may nothing', () => {
  for (const permission of names) expect(outcome(actorWith(), permission)).toBe('unknown_scheme')
})

test('a trade chamber has its trades, and nothing without any', () => {
  const chamber = { role: 'trade_chamber', trades: ['tobacco-press', 'bakeries'] } as const
  expect(authorize(actorWith(chamber), 'enrolment.decide', 'ac63')).toEqual({
    scope: 'trades',
    trades: ['tobacco-press', 'bakeries'],
  })
  expect(outcome(actorWith(chamber, { role: 'chamber' }), 'enrolment.decide')).toBe('scheme')
  expect(outcome(actorWith({ role: 'trade_chamber', trades: [] }), 'enrolment.decide')).toBe('forbidden')
})

test('the widest of several roles counts, and own names the member', () => {
  const member = { role: 'member', memberId: 'm7' } as const
  expect(authorize(actorWith(member), 'member.read', 'ac63')).toEqual({ scope: 'own', memberId: 'm7' })
  expect(outcome(actorWith(member, { role: 'chamber' }), 'member.read')).toBe('scheme')
  expect(outcome(actorWith(member, { role: 'chamber', schemeId: 'ac39' }), 'member.import')).toBe('forbidden')
})
