import { describe, expect, test } from 'vitest'
import { AppError } from './errors.ts'
import {
  type Actor,
  authorize,
  authorizeInstallation,
  authorizeOwn,
  type Grant,
  may,
  type OwnPermission,
  ownPermissions,
  type Permission,
  permissions,
  type Role,
  type ShopStatus,
} from './permissions.ts'

const roles: readonly Role[] = [
  'operator',
  'chief',
  'magistrate',
  'chamber',
  'trade_chamber',
  'admin',
  'break_glass',
]
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
      trades: grant.role === 'trade_chamber' ? ['tobacco-press'] : null,
      ...grant,
    })),
  }
}

/** Returns the result of `authorize` as one word. */
function outcome(actor: Actor, permission: Permission, schemeId = 'ac63'): string {
  try {
    return authorize(actor, permission, schemeId).scope
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

/** o: the scheme · t: the members of its trades · i: the installation, never a scheme · -: refused. operator, chief, magistrate, chamber, trade chamber, admin, break-glass. */
const matrix: Record<Permission, string> = {
  'scheme.read': 'o o o o o o o',
  'territory.read': 'o o o o o - -',
  'report.create': 'o o - - - - -',
  'report.read': 'o o o - - - -',
  'report.decide': 'o o - - - - -',
  'series.read': 'o o o - - - -',
  'series.link': 'o o - - - - -',
  'relay.read': 'o o o - - - -',
  'relay.propose': 'o o - - - - -',
  'relay.decide': 'o o - - - - -',
  'on_call.read': 'o o - o - - -',
  'on_call.set': '- o - o - - -',
  'setting_change.read': '- o o o - o o',
  'setting_change.decide': '- o o o - o -',
  'call_out.read': 'o o o - - - -',
  'delivery.trace': '- o - - - - -',
  'wall.open': 'o o - - - - -',
  'alert.compose': 'o o - - - - -',
  'alert.broadcast': 'o o - - - - -',
  'alert.submit': 'o o - - - - -',
  'alert.approve': '- o o - - - -',
  'alert.override': '- o - - - - -',
  'guard.pass': '- o - - - - -',
  'alert.review': '- o o - - - -',
  'authorisation.record': 'o o o - - - -',
  'authorisation.own': '- - o - - - -',
  'alert.follow_up': 'o o - - - - -',
  'alert.stop': 'o o - - - - -',
  'alert.close': 'o o - - - - -',
  'alert.read': 'o o o o - - -',
  'alert.read_precise': 'o o o - - - -',
  'audience.preview': 'o o o - - - -',
  'delivery.read': 'o o - o - - -',
  'route.read': 'o o - o - - -',
  'mail.check': '- o - o - - -',
  'caller.find': 'o o - - - - -',
  'member.read': 'o o - o t - -',
  'member.views': 'o o - o t - -',
  'member.change': '- - - o t - -',
  'member.notes': '- - - o t - -',
  'member.tags': '- - - o t - -',
  'tag.manage': '- - - o - - -',
  'member.numbers': '- - - o t - -',
  'number.read': '- - - o t - -',
  'number.correct': '- - - o t - -',
  'number.settings': '- - - o - - -',
  'today.read': '- - - o t - -',
  'member.merge': '- - - o t - -',
  'enrolment.read': '- - - o t - -',
  'enrolment.decide': '- - - o t - -',
  'enrolment.settings': '- - - o - - -',
  'charter.publish': '- - - o - - -',
  'member.care': '- - - o - - -',
  'member.import': '- - - o t - -',
  'member.export': '- - - o t - -',
  'dues.read': '- - - o t - -',
  'dues.manage': '- - - o - - -',
  'dues.settings': '- - - o - - -',
  'dues.export': '- - - o - - -',
  'statistics.read': 'o o o o t - -',
  'statistics.publish': '- - - o - - -',
  'member.accesses': '- - - o t - -',
  'retention.read': '- o - o - - -',
  'request.manage': '- - - o - - -',
  'member.file': '- - - - t - -',
  'message.read': '- o - o t - -',
  'message.write': '- - - o t - -',
  'message.approve': '- o - o - - -',
  'message.settings': '- - - o - - -',
  'magistrate.read': 'o o o o - - -',
  'magistrate.manage': '- - - o - - -',
  'observer.manage': '- o - o - - -',
  'audit.read': '- o - o - - -',
  'audit.read_installation': '- - - - - i -',
  'operation.read': '- - - - - i -',
  'people.read': '- o - o - o o',
  'people.manage': '- o - o - o o',
  'sector.manage': '- - - o - - -',
  'zone.manage': '- - - o - - -',
  'trade.manage': '- - - o - - -',
  'doctrine.read': 'o o o o - - -',
  'doctrine.set': '- - - o - - -',
  'access.set': '- o - o - - -',
  'scheme.create': '- - - - - i -',
  'scheme.export': '- - - o - o -',
  'scheme.load': '- - - - - - -',
  'access.lift': '- - - - - - o',
  'break_glass.seal': '- - - - - i -',
  'break_glass.close': '- i - i - i i',
  'break_glass.use': '- - - - - - i',
}

describe.each(names)('%s', (permission) => {
  test.each(roles.map((role, i) => [role, matrix[permission].split(' ')[i]] as const))(
    '%s: %s',
    (role, sign) => {
      const actor = actorWith({ role })
      const expected = { o: 'scheme', t: 'trades', i: 'forbidden', '-': 'forbidden' }[sign as 'o']
      expect(outcome(actor, permission)).toBe(expected)
      expect(may(actor, permission, 'ac63')).toBe(sign !== '-')
      const check = expect(() => authorizeInstallation(actor, permission))
      if (sign === 'i') check.not.toThrow()
      else check.toThrow(AppError)
      // No role gives any access to another scheme, not even to whether it exists.
      expect(outcome(actor, permission, 'ac39')).toBe('unknown_scheme')
      expect(may(actor, permission, 'ac39')).toBe(false)
    },
  )
})

test('the program itself may do everything', () => {
  for (const permission of names) {
    expect(authorize({ kind: 'system', name: 'cli' }, permission, 'ac63')).toEqual({ scope: 'scheme' })
    expect(() => authorizeInstallation({ kind: 'system', name: 'cli' }, permission)).not.toThrow()
  }
})

test('a user without a role may do nothing', () => {
  for (const permission of names) {
    expect(outcome(actorWith(), permission)).toBe('unknown_scheme')
    expect(() => authorizeInstallation(actorWith(), permission)).toThrow(AppError)
  }
})

test('a trade chamber is limited to its trades, and may do nothing without any', () => {
  const chamber = { role: 'trade_chamber', trades: ['tobacco-press', 'bakeries'] } as const
  expect(authorize(actorWith(chamber), 'enrolment.decide', 'ac63')).toEqual({
    scope: 'trades',
    trades: ['tobacco-press', 'bakeries'],
    agencyId: null,
  })
  expect(outcome(actorWith(chamber, { role: 'chamber' }), 'enrolment.decide')).toBe('scheme')
  expect(outcome(actorWith({ role: 'trade_chamber', trades: [] }), 'enrolment.decide')).toBe('forbidden')
})

test('the role with the widest permission decides', () => {
  const trade = { role: 'trade_chamber' } as const
  expect(outcome(actorWith(trade, { role: 'chamber' }), 'member.read')).toBe('scheme')
  expect(outcome(actorWith(trade, { role: 'chamber', schemeId: 'ac39' }), 'member.care')).toBe('forbidden')
})

describe('a contact', () => {
  const shop = (memberId: string, status: ShopStatus = 'active', schemeId = 'ac63') => ({
    schemeId,
    memberId,
    contactId: `contact of ${memberId}`,
    status,
  })
  const contact = (...shops: ReturnType<typeof shop>[]): Actor => ({
    kind: 'contact',
    sessionId: 's1',
    shops,
  })
  const own = Object.keys(ownPermissions) as OwnPermission[]
  const asked = (actor: Actor, permission: OwnPermission, schemeId: string, memberId: string) => {
    try {
      return authorizeOwn(actor, permission, { schemeId, memberId }).name
    } catch (error) {
      if (error instanceof AppError) return error.code
      throw error
    }
  }

  /** pending, active, suspended. */
  const ownMatrix: Record<OwnPermission, string> = {
    'own.read': 'o o o',
    'own.confirm': '- o o',
    'own.report': '- o -',
    'own.change': 'o o o',
    'own.pay': 'o o o',
    'own.leave': 'o o o',
  }

  test.each(own)('%s', (permission) => {
    for (const [i, status] of (['pending', 'active', 'suspended'] as const).entries()) {
      const expected = ownMatrix[permission].split(' ')[i] === 'o' ? 'contact:contact of m1' : 'forbidden'
      expect(asked(contact(shop('m1', status)), permission, 'ac63', 'm1')).toBe(expected)
    }
  })

  test('may act for its own shops only, and has no permission in the scheme', () => {
    const actor = contact(shop('m1'), shop('m2'), shop('m3', 'active', 'ac39'))
    for (const permission of own) {
      expect(asked(actor, permission, 'ac63', 'm2')).toBe('contact:contact of m2')
      for (const [schemeId, memberId] of [
        ['ac63', 'm3'],
        ['ac39', 'm1'],
        ['ac63', 'm9'],
      ] as const) {
        expect(asked(actor, permission, schemeId, memberId)).toBe('not_found')
      }
    }
    for (const permission of names) {
      expect(outcome(actor, permission)).toBe('forbidden')
      expect(() => authorizeInstallation(actor, permission)).toThrow(AppError)
      expect(may(actor, permission, 'ac63')).toBe(false)
    }
  })

  test('is not a user with an account', () => {
    for (const permission of own) {
      expect(asked(actorWith({ role: 'chamber' }), permission, 'ac63', 'm1')).toBe('forbidden')
      expect(asked({ kind: 'system', name: 'cli' }, permission, 'ac63', 'm1')).toBe('forbidden')
    }
  })
})
