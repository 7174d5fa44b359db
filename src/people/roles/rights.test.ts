import { describe, expect, test } from 'vitest'
import type { Grant, Role } from '../../permissions.ts'
import { PERSON_ACTS, refusalForAccount, refusalForRole, rolesAboveOperator, rolesToGive } from './rights.ts'

const ROLES = [
  'operator',
  'chief',
  'magistrate',
  'chamber',
  'trade_chamber',
  'admin',
  'break_glass',
] as const satisfies Role[]

const grant = (role: Role, agencyId: string | null = null, schemeId = 'ac63'): Grant => ({
  schemeId,
  role,
  agencyId,
})
const holder = (userId: string, ...grants: Grant[]) => ({ userId, grants })

/** i: invite · c: change · d: disable, enable · s: sessions · r: recover · -: nothing. Columns: the roles of ROLES. */
const matrix: Record<Role, string> = {
  operator: '- - - - - - -',
  chief: 'icdsr - - - - - -',
  magistrate: '- - - - - - -',
  chamber: '- - - icdsr icdsr - -',
  trade_chamber: '- - - - - - -',
  admin: 'ds icdsr icdsr icdsr ds - -',
  break_glass: 'ds icdsr icdsr icdsr ds - -',
}

describe('who may change whose account', () => {
  test.each(ROLES)('as %s', (role) => {
    const cells = ROLES.map((other) => {
      const may = PERSON_ACTS.filter((act) => refusalForRole([grant(role)], act, grant(other)) === null)
      return may.map((act) => act[0]).join('') || '-'
    })
    expect(cells.join(' ')).toBe(matrix[role])
  })

  test('a chief with an agency acts on its operators only; in another scheme nobody acts by a role here', () => {
    const chief = [grant('chief', 'a')]
    expect(refusalForRole(chief, 'disable', grant('operator', 'a'))).toBeNull()
    expect(refusalForRole(chief, 'disable', grant('operator', 'b'))).toBe('service')
    expect(refusalForRole(chief, 'disable', grant('operator'))).toBe('service')
    expect(refusalForRole([grant('chief')], 'disable', grant('operator', 'b'))).toBeNull()
    expect(
      refusalForRole([grant('chief', 'a'), grant('chief', null, 'ac39')], 'disable', grant('operator', 'b')),
    ).toBe('service')
    for (const role of ROLES)
      for (const other of ROLES)
        for (const act of PERSON_ACTS)
          expect(refusalForRole([grant(role)], act, grant(other, null, 'ac39'))).toBe('role')
  })

  test('nobody acts on their own account, nor on one with a role that they do not manage', () => {
    const chamber = holder('me', grant('chamber'))
    expect(refusalForAccount(chamber, 'disable', holder('me', grant('chamber')), 'ac63')).toBe('self')
    expect(refusalForAccount(chamber, 'recover', holder('x', grant('trade_chamber')), 'ac63')).toBeNull()
    expect(refusalForAccount(chamber, 'recover', holder('x', grant('chamber'), grant('chief')), 'ac63')).toBe(
      'role',
    )
    expect(
      refusalForAccount(
        chamber,
        'recover',
        holder('x', grant('chamber'), grant('chamber', null, 'ac39')),
        'ac63',
      ),
    ).toBe('elsewhere')
    expect(
      refusalForAccount(chamber, 'disable', holder('x', grant('chamber'), grant('admin', null, '')), 'ac63'),
    ).toBe('elsewhere')
    const both = holder('me', grant('admin'), grant('admin', null, 'ac39'))
    expect(
      refusalForAccount(both, 'recover', holder('x', grant('chamber'), grant('chief', 'a', 'ac39')), 'ac63'),
    ).toBeNull()
  })

  test('the roles that one may give, and the agency that goes with them', () => {
    expect(rolesToGive([grant('chief', 'a')], 'ac63')).toEqual([{ role: 'operator', agencyId: 'a' }])
    expect(rolesToGive([grant('chief', 'a'), grant('chief', null, 'ac39')], 'ac39')).toEqual([
      { role: 'operator' },
    ])
    expect(rolesToGive([grant('chamber', 'c')], 'ac63')).toEqual([
      { role: 'chamber' },
      { role: 'trade_chamber' },
    ])
    expect(rolesToGive([grant('admin')], 'ac63').map(({ role }) => role)).toEqual([
      'chief',
      'chamber',
      'magistrate',
    ])
    expect(rolesToGive([grant('operator', 'a')], 'ac63')).toEqual([])
  })

  test('roles above operator are those that decide on alerts, rules or money', () => {
    expect(new Set(rolesAboveOperator(ROLES))).toEqual(new Set(['chief', 'magistrate', 'chamber', 'admin']))
  })
})
