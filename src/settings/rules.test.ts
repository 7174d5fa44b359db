import { expect, test } from 'vitest'
import { permissions, type Role } from '../permissions.ts'
import { DuesSettings, EnrolmentSettings, MessageSettings } from '../schemes/contract.ts'
import { DoctrineSettings } from '../schemes/doctrine.ts'
import {
  type ChangeState,
  changedParts,
  isSame,
  mayDecide,
  SETTING_NAMES,
  SETTING_SUBJECTS,
  SUBJECTS,
  stateNow,
  stillHolds,
  withParts,
} from './rules.ts'

/** Lists the paths of all values in some settings. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`))
}

test('the table names every setting of the doctrine, dues, messages and enrolment, each once', () => {
  const settings = {
    doctrine: DoctrineSettings.parse({}),
    dues: DuesSettings.parse({}),
    messages: MessageSettings.parse({}),
    enrolment: EnrolmentSettings.parse({}),
  }
  for (const [subject, value] of Object.entries(settings)) {
    for (const path of pathsOf(value, subject)) {
      const names = SETTING_NAMES.filter((name) => path === name || path.startsWith(`${name}.`))
      expect(names, path).toHaveLength(1)
    }
  }
  for (const name of SETTING_NAMES) {
    const [subject = '', key = ''] = name.split('.')
    expect(SETTING_SUBJECTS).toContain(subject)
    if (subject in settings)
      expect(Object.keys(settings[subject as keyof typeof settings]), name).toContain(key)
  }
})

test('nobody below a chief or a chamber proposes a setting or puts one in force', () => {
  const above: readonly Role[] = ['chief', 'chamber', 'magistrate']
  for (const { propose, inForceBy } of Object.values(SUBJECTS)) {
    const proposers = Object.keys(permissions[propose]).filter(
      (role) => !['admin', 'break_glass'].includes(role),
    )
    for (const role of [...proposers, ...inForceBy]) expect(above).toContain(role)
    // Each subject has a role that can both propose and decide, so that two accounts of one role are enough.
    expect(inForceBy.some((role) => role in permissions[propose])).toBe(true)
  }
})

test('parts of a change are put into the settings, as long as nothing else changed them', () => {
  const before = DuesSettings.parse({})
  const after = withParts(before, [
    { setting: 'dues.creditor.iban', before: '', after: 'FR7630006000011234567890189' },
    { setting: 'dues.rule', before: 'none', after: 'warn' },
  ])
  expect(after).toEqual({
    ...before,
    rule: 'warn',
    creditor: { ...before.creditor, iban: 'FR7630006000011234567890189' },
  })
  const parts = changedParts('dues', before, after)
  expect(parts.map(({ setting }) => setting)).toEqual(['dues.creditor.iban', 'dues.rule'])
  expect(withParts(before, parts)).toEqual(after)
  expect(changedParts('dues', before, structuredClone(before))).toEqual([])
  expect([stillHolds(before, parts), stillHolds(after, parts)]).toEqual([true, false])
  expect(isSame({ a: 1, b: [{ c: null }] }, { b: [{}], a: 1 })).toBe(true)
  expect(isSame([1, 2], [1])).toBe(false)
})

const now = new Date('2026-03-12T12:00:00Z')
const later = new Date('2026-03-12T13:00:00Z')

test.each<[string, Partial<Parameters<typeof mayDecide>[0]>, Role[], boolean, string]>([
  ['another chamber', {}, ['chamber'], true, 'putInForce reject'],
  ['a chief, of a setting that the chamber proposes', {}, ['chief'], true, 'putInForce reject'],
  ['a chief, of the account for dues', { subject: 'dues' }, ['chief'], true, ''],
  ['an operator', {}, ['operator'], true, ''],
  ['the account that proposed it', { proposedBy: 'user:me' }, ['chamber', 'chief'], true, 'withdraw'],
  ['one alone', { proposedBy: 'user:me', alone: true }, ['chamber'], false, 'putInForce withdraw'],
  ['one alone no longer', { proposedBy: 'user:me', alone: true }, ['chamber'], true, 'withdraw'],
  ['before the cooling time has passed', { readyAt: later }, ['chamber'], true, 'cooling reject'],
  ['once decided', { state: 'rejected' }, ['chamber'], true, ''],
  ['once expired', { state: 'expired', proposedBy: 'user:me' }, ['chamber'], true, ''],
])('says what %s may do', (_, over, roles, others, expected) => {
  const change = {
    subject: 'doctrine',
    state: 'proposed',
    proposedBy: 'user:other',
    readyAt: now,
    alone: false,
    ...over,
  } as const
  const may = mayDecide(change, { actor: 'user:me', roles }, { now, others })
  expect(
    Object.entries(may)
      .filter(([, is]) => is)
      .map(([what]) => what)
      .join(' '),
  ).toBe(expected)
})

test('one alone waits as long as accounts changed within the cooling time; a second person does not', () => {
  const open = { subject: 'dues', state: 'proposed', readyAt: now, alone: true } as const
  const me = { actor: 'user:me', roles: ['chamber'] as const }
  const unsettled = { now, others: false, unsettled: true }
  const own = mayDecide({ ...open, proposedBy: 'user:me' }, me, unsettled)
  const other = mayDecide({ ...open, proposedBy: 'user:other' }, me, unsettled)
  expect([own.putInForce, own.cooling, other.putInForce]).toEqual([false, true, true])
})

test('a change that nobody decided expires', () => {
  const states: [Exclude<ChangeState, 'expired'>, Date, ChangeState][] = [
    ['proposed', later, 'proposed'],
    ['proposed', now, 'expired'],
    ['in_force', now, 'in_force'],
  ]
  for (const [state, expiresAt, expected] of states)
    expect(stateNow({ state, expiresAt }, now)).toBe(expected)
})
