import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, authors, program, testDeps } from '../../../test/support/deps.ts'
import { agencyId, phoneOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { listAudit } from '../../audit/actions.ts'
import { AuditQuery } from '../../audit/contract.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { addObserver, getObservers, removeObserver, setObservers } from './actions.ts'

const chief = actorOf('chief', 'ac63', { agencyId })

describe.each(usualKinds)('observers on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  test('are replaced as a whole; an observer with an unchanged number keeps its id', async () => {
    const prefecture = { name: 'Préfecture', phone: '06 39 98 00 71', agency: null }
    const { observers } = await setObservers(deps, program, 'ac63', {
      observers: [prefecture, { name: 'Parquet', phone: phoneOf(72), agency: 'cic63' }],
    })
    expect(observers).toMatchObject([
      { name: 'Parquet', phone: phoneOf(72), agency: 'cic63' },
      { name: 'Préfecture', phone: phoneOf(71), agency: null },
    ])
    const after = await setObservers(deps, program, 'ac63', {
      observers: [{ ...prefecture, name: 'Préfecture du Puy-de-Dôme' }],
    })
    expect(after.observers).toEqual([{ ...observers[1], name: 'Préfecture du Puy-de-Dôme' }])
    expect(await getObservers(deps, actorOf('chamber', 'ac63'), 'ac63')).toEqual({
      observers: after.observers,
    })
    expect(await setObservers(deps, program, 'ac63', { observers: [] })).toEqual({
      observers: [],
      proposed: null,
    })
  })

  test('reports every problem at once and writes nothing', async () => {
    await expect(
      setObservers(deps, program, 'ac63', {
        observers: [
          { name: 'A', phone: phoneOf(71), agency: null },
          { name: 'B', phone: '04 65 71 00 01', agency: 'nowhere' },
          { name: 'C', phone: '12', agency: null },
          { name: 'D', phone: '06 39 98 00 71', agency: null },
        ],
      }),
    ).rejects.toMatchObject({
      problems: [
        { code: 'observer.landline', path: 'observers.1.phone' },
        { code: 'observer.unknown_agency', path: 'observers.1.agency' },
        { code: 'phone.short', path: 'observers.2.phone' },
        { code: 'observer.twice', path: 'observers.3.phone' },
      ],
    })
    expect((await getObservers(deps, chief, 'ac63')).observers).toEqual([])
  })

  test('are added and removed one by one without changing the others, and audited by name', async () => {
    const add = (name: string, phone: string, agency: string | null = null) =>
      addObserver(deps, program, 'ac63', { name, phone, agency })
    await add('Préfecture', '06 39 98 00 71')
    // A request whose answer was lost is sent again.
    const { observers } = await add('Préfecture', '06 39 98 00 71')
    expect(observers).toHaveLength(1)
    const both = await add('Parquet', phoneOf(72), 'cic63')
    expect(both.observers.map(({ name }) => name)).toEqual(['Parquet', 'Préfecture'])
    await expect(add('Autre', '0639980071', 'nowhere')).rejects.toMatchObject({
      problems: [
        { code: 'observer.unknown_agency', path: 'agency' },
        { code: 'observer.twice', path: 'phone' },
      ],
    })
    await expect(add('Fixe', '04 65 71 00 01')).rejects.toMatchObject({
      problems: [{ code: 'observer.landline', path: 'phone' }],
    })
    await expect(add('Ailleurs', '+41 79 123 45 67')).rejects.toMatchObject({
      problems: [{ code: 'observer.abroad', path: 'phone' }],
    })
    await expect(add('Satellite', '+881 612 345 678')).rejects.toMatchObject({
      problems: [{ code: 'phone.special', path: 'phone' }],
    })
    // Of two concurrent requests, one is refused.
    const same = await Promise.allSettled([add('A', phoneOf(73)), add('B', phoneOf(73))])
    expect(same.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const id = observers[0]?.id ?? ''
    const left = await removeObserver(deps, actorOf('chamber', 'ac63'), 'ac63', id)
    expect(left.observers.map(({ name }) => name)).not.toContain('Préfecture')
    expect(left.observers).toHaveLength(2)
    await expect(removeObserver(deps, chief, 'ac63', id)).rejects.toMatchObject({ code: 'not_found' })
    // An observer of another scheme is not found either.
    const elsewhere = actorOf('chamber', 'ac39')
    await expect(removeObserver(deps, elsewhere, 'ac39', left.observers[0]?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await getObservers(deps, chief, 'ac63')).observers).toEqual(left.observers)
    await setObservers(deps, program, 'ac63', {
      observers: [{ name: 'Cdt Lenoir', phone: phoneOf(74), agency: null }],
    })
    const { entries } = await listAudit({ ...deps, authors }, chief, 'ac63', AuditQuery.parse({ limit: 3 }))
    expect(entries.map(({ action, details }) => [action, details])).toEqual([
      ['observer.set', { observers: ['Cdt Lenoir'] }],
      ['observer.remove', { name: 'Préfecture' }],
      ['observer.add', { name: expect.stringMatching(/^[AB]$/) }],
    ])
    // The audit chain, which is never erased, contains no names.
    const { rows } = await sql<{ details: object }>`
      select details from audit_entries where scheme_id = 'ac63' order by seq desc limit 3`.execute(
      database.db,
    )
    expect(rows.map(({ details }) => details)).toEqual([{ observers: 1 }, {}, {}])
    await setObservers(deps, program, 'ac63', { observers: [] })
  })

  test('are limited to thirty for each scheme', async () => {
    const many = Array.from({ length: 30 }, (_, n) => ({
      name: `Service ${n}`,
      phone: phoneOf(100 + n),
      agency: null,
    }))
    await setObservers(deps, program, 'ac63', { observers: many })
    await expect(
      addObserver(deps, program, 'ac63', { name: 'De trop', phone: phoneOf(200), agency: null }),
    ).rejects.toMatchObject({ problems: [{ code: 'input.too_many', values: { maximum: 30 } }] })
    await setObservers(deps, program, 'ac63', { observers: [] })
  })

  test('can be changed by a chief or the chamber only', async () => {
    for (const role of ['operator', 'magistrate'] as const) {
      const other = actorOf(role, 'ac63')
      const one = { name: 'A', phone: phoneOf(71), agency: null }
      for (const act of [
        () => getObservers(deps, other, 'ac63'),
        () => addObserver(deps, other, 'ac63', one),
        () => removeObserver(deps, other, 'ac63', agencyId),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: 'forbidden' })
      }
    }
  })
})
