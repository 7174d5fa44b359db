import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers, previewChange } from '../../changes/actions.ts'
import { mergeMembers, undoMerge } from '../../changes/merge/actions.ts'
import type { Deps } from '../../deps.ts'
import { exportCsv, exportXlsx } from '../../imports/export/actions.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { listMembers } from '../actions.ts'
import { MemberQuery } from '../contract.ts'
import { changeGroup, deleteView, getGroup, listViews, saveView } from './actions.ts'
import { MAX_VIEWS, MemberGroupChange } from './contract.ts'
import { countViews } from './counts.ts'

const camille = actorOf('chamber', 'ac63')
const sacha = { ...camille, userId: 'sacha' }
const dead = { numbers: 'dead', trade: 'bakeries' } as const

describe.each(usualKinds)('saved views on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  test('belong to one user or are shared; only their owner changes them', async () => {
    await saveView(deps, camille, 'ac63', idOf(1), { name: 'Morts', filter: dead, shared: false })
    const mine = await saveView(deps, camille, 'ac63', idOf(2), {
      name: 'Issoire',
      filter: { commune: '63178' },
      shared: true,
    })
    expect(mine.map(({ name, mine }) => [name, mine])).toEqual([
      ['Issoire', true],
      ['Morts', true],
    ])
    expect(await listViews(deps, sacha, 'ac63')).toEqual([
      {
        id: idOf(2),
        name: 'Issoire',
        filter: { commune: '63178' },
        members: null,
        shared: true,
        mine: false,
      },
    ])
    for (const act of [
      () => deleteView(deps, sacha, 'ac63', idOf(2)),
      () => saveView(deps, sacha, 'ac63', idOf(2), { name: 'À moi', filter: {}, shared: false }),
      () => deleteView(deps, camille, 'ac63', idOf(9)),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: 'not_found' })
    }
    await expect(
      saveView(deps, camille, 'ac63', idOf(3), { name: 'Morts', filter: {}, shared: false }),
    ).rejects.toMatchObject({ problems: [{ code: 'view.name_taken', path: 'name' }] })
    // Another user may use the same name; the owner renames a view, deletes it, and restores it.
    await saveView(deps, sacha, 'ac63', idOf(4), { name: 'Morts', filter: dead, shared: false })
    await saveView(deps, camille, 'ac63', idOf(1), { name: 'Numéros morts', filter: dead, shared: false })
    await deleteView(deps, camille, 'ac63', idOf(1))
    const back = await saveView(deps, camille, 'ac63', idOf(1), {
      name: 'Numéros morts',
      filter: dead,
      shared: false,
    })
    expect(back.find(({ id }) => id === idOf(1))).toEqual({
      id: idOf(1),
      name: 'Numéros morts',
      filter: dead,
      members: null,
      shared: false,
      mine: true,
    })
  })

  test('are shared only with users who see at least the members and numbers that the owner sees', async () => {
    const trades = (userId: string, ...of: string[]) => ({
      ...actorOf('trade_chamber', 'ac63', { trades: of }),
      userId,
    })
    const readers = {
      chamber: { ...camille, userId: 'reader' },
      chief: actorOf('chief', 'ac63'),
      operator: actorOf('operator', 'ac63'),
      bakers: trades('bakers', 'bakeries'),
      'bakers and jewellers': trades('both', 'jewellers', 'bakeries'),
      jewellers: trades('jewellers', 'jewellers'),
    }
    const share = (author: typeof camille, n: number) =>
      saveView(deps, author, 'ac63', idOf(n), { name: 'Zébulon', filter: { q: 'zébulon' }, shared: true })
    const seenBy = async (n: number) => {
      const seen: string[] = []
      for (const [name, reader] of Object.entries(readers))
        if ((await listViews(deps, reader, 'ac63')).some(({ id }) => id === idOf(n))) seen.push(name)
      return seen
    }
    await share({ ...camille, userId: 'author' }, 20)
    expect(await seenBy(20)).toEqual(['chamber'])
    await share({ ...actorOf('operator', 'ac63'), userId: 'author2' }, 21)
    expect(await seenBy(21)).toEqual(['chamber', 'chief', 'operator'])
    await share(trades('author3', 'bakeries'), 22)
    expect(await seenBy(22)).toEqual(['chamber', 'bakers', 'bakers and jewellers'])
    await share(trades('author4', 'bakeries', 'jewellers'), 23)
    expect(await seenBy(23)).toEqual(['chamber', 'bakers and jewellers'])
    // If the owner gains rights and saves again, the view may reveal more.
    await share({ ...camille, userId: 'author3' }, 22)
    expect(await seenBy(22)).toEqual(['chamber'])
    // For views saved before this was recorded, the owner's rights are unknown.
    await database.db
      .insertInto('memberViews')
      .values({
        schemeId: 'ac63',
        id: idOf(24),
        owner: 'user:x',
        name: 'Z',
        shared: true,
        filter: '{}',
        createdAt: new Date(),
      })
      .execute()
    expect(await seenBy(24)).toEqual(['chamber'])
  })

  test('a group keeps members chosen by hand, through merges, and is changed by its owner only', async () => {
    const [bakery, other, jeweller, gone] = [idOf(31), idOf(32), idOf(33), idOf(34)]
    await seedMembers(database.db, 'ac63', [
      { id: bakery, trade: 'bakeries', name: 'Du Pont' },
      { id: other, trade: 'bakeries', name: 'Du Pont' },
      { id: jeweller, trade: 'jewellers' },
      { id: gone, trade: 'jewellers', status: 'left' },
    ])
    const group = idOf(30)
    const found = async (actor = camille) =>
      (await listMembers(deps, actor, 'ac63', MemberQuery.parse({ list: group }))).members
        .map(({ id }) => id)
        .sort()
    const body = {
      name: 'Bureau',
      filter: { trade: 'bakeries' },
      shared: true,
      memberIds: [bakery, gone, idOf(99)],
    }
    const saved = (await saveView(deps, camille, 'ac63', group, body)).find(({ id }) => id === group)
    expect(saved).toMatchObject({ filter: { list: group }, members: 1 })
    expect((await getGroup(deps, camille, 'ac63', group)).memberIds).toEqual([bakery, gone])
    const step = (change: object) =>
      changeGroup(deps, camille, 'ac63', group, MemberGroupChange.parse(change))
    // An undo reverses only these: a member that was in the group already stays in it.
    const added = await step({ add: [other, jeweller, bakery, idOf(99)] })
    expect(added).toMatchObject({ added: [other, jeweller].sort(), removed: [] })
    expect(added.views.find(({ id }) => id === group)).toMatchObject({ members: 3 })
    expect(await step({ add: [other], remove: [gone, idOf(98)] })).toMatchObject({
      added: [],
      removed: [gone],
    })
    expect(await found()).toEqual([bakery, other, jeweller])
    // The kept member takes the place of the merged one, once.
    await mergeMembers(deps, camille, 'ac63', { kept: bakery, merged: other, take: {} })
    expect((await getGroup(deps, camille, 'ac63', group)).memberIds).toEqual([bakery, jeweller])
    expect(await step({ add: [bakery] })).toMatchObject({ added: [], removed: [] })
    expect(await step({ remove: [bakery] })).toMatchObject({ added: [], removed: [bakery] })
    expect(await found()).toEqual([jeweller])
    await step({ add: [bakery] })
    expect(await found()).toEqual([bakery, jeweller])
    // Another name leaves its members as they are.
    await saveView(deps, camille, 'ac63', group, { name: 'Comité', filter: {}, shared: false })
    expect((await getGroup(deps, camille, 'ac63', group)).memberIds).toEqual([jeweller, bakery])
    for (const act of [
      () => getGroup(deps, sacha, 'ac63', group),
      () => changeGroup(deps, sacha, 'ac63', group, { add: [gone], remove: [] }),
      () => getGroup(deps, camille, 'ac63', idOf(2)),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'not_found' })
    const jewellers = actorOf('trade_chamber', 'ac63', { trades: ['jewellers'] })
    const own = await saveView(deps, jewellers, 'ac63', idOf(35), { ...body, memberIds: [bakery, jeweller] })
    expect(own.find(({ id }) => id === idOf(35))?.members).toBe(1)
  })

  test('a group of a member merged into another one has the kept member, and the merged one again after an undo', async () => {
    const [kept, merged, group] = [idOf(51), idOf(52), idOf(50)]
    await seedMembers(database.db, 'ac63', [
      { id: kept, trade: 'bakeries', name: 'Au Fournil' },
      { id: merged, trade: 'bakeries', name: 'Au Fournil' },
    ])
    const body = { name: 'Fournils', filter: {}, shared: false, memberIds: [merged] }
    await saveView(deps, camille, 'ac63', group, body)
    const seen = async () => ({
      ids: (await getGroup(deps, camille, 'ac63', group)).memberIds,
      members: (await listViews(deps, camille, 'ac63')).find(({ id }) => id === group)?.members,
    })
    const { id: merge } = await mergeMembers(deps, camille, 'ac63', { kept, merged, take: {} })
    expect(await seen()).toEqual({ ids: [kept], members: 1 })
    await undoMerge(deps, camille, 'ac63', merge)
    expect(await seen()).toEqual({ ids: [merged], members: 1 })
  })

  test('a group is a filter for its owner and those it is shared with; for others it does not exist', async () => {
    const [baker, jeweller, group] = [idOf(41), idOf(42), idOf(40)]
    await seedMembers(database.db, 'ac63', [
      { id: baker, trade: 'bakeries' },
      { id: jeweller, trade: 'jewellers' },
    ])
    const save = (actor: typeof camille, shared: boolean) =>
      saveView(deps, actor, 'ac63', group, {
        name: 'Cellule',
        filter: {},
        shared,
        memberIds: [baker, jeweller],
      })
    const bulk = {
      action: { kind: 'leave', reason: 'x' } as const,
      members: { filter: { list: group }, count: 2 },
    }
    const view = { name: 'Par la bande', filter: { list: group }, shared: false }
    const acts = (actor: typeof camille) => [
      () => listMembers(deps, actor, 'ac63', MemberQuery.parse({ list: group })),
      () => exportCsv(deps, actor, 'ac63', { list: group }),
      () => exportXlsx(deps, actor, 'ac63', { list: group }),
      () => previewChange(deps, actor, 'ac63', bulk),
      () => changeMembers(deps, actor, 'ac63', bulk),
      () => saveView(deps, actor, 'ac63', idOf(43), view),
    ]
    await save(camille, false)
    for (const act of acts(sacha)) await expect(act()).rejects.toMatchObject({ code: 'group_missing' })
    await save(camille, true)
    const seen = async (actor: typeof camille, list = group) =>
      (await listMembers(deps, actor, 'ac63', MemberQuery.parse({ list }))).members.map(({ id }) => id).sort()
    expect(await seen(sacha)).toEqual([baker, jeweller])
    expect(await previewChange(deps, sacha, 'ac63', bulk)).toMatchObject({ members: 2 })
    // Users who see less than the owner get no shared group either.
    const jewellers = actorOf('trade_chamber', 'ac63', { trades: ['jewellers'] })
    for (const actor of [jewellers, actorOf('chief', 'ac63'), actorOf('operator', 'ac63')])
      await expect(seen(actor)).rejects.toMatchObject({ code: 'group_missing' })
    await expect(seen(camille, idOf(99))).rejects.toMatchObject({ code: 'group_missing' })
  })

  test('are limited in number, and separate in each scheme', async () => {
    const one = (n: number) =>
      saveView(deps, { ...camille, userId: 'many' }, 'ac63', idOf(n), {
        name: `Vue ${n}`,
        filter: {},
        shared: false,
      })
    for (let n = 100; n < 100 + MAX_VIEWS; n++) await one(n)
    await expect(one(999)).rejects.toMatchObject({ problems: [{ code: 'view.too_many' }] })
    await one(100)
    expect(await listViews(deps, actorOf('chamber', 'ac39'), 'ac39')).toEqual([])
    await expect(listViews(deps, actorOf('magistrate', 'ac63'), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(listViews(deps, contactOf('ac63', idOf(1)), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('are counted at once, each as the list counts it, for the trades and rights of the user', async () => {
    await seedMembers(database.db, 'ac63', [
      { id: idOf(61), name: 'Compte un', communeCode: '63113', phones: [] },
      { id: idOf(62), name: 'Compte deux', communeCode: '63113', trade: 'bakeries', phones: [] },
    ])
    const reader = { ...camille, userId: 'compteur' }
    for (const [n, filter] of [
      [63, { commune: '63113' }],
      [64, { q: 'compte', dues: 'settled' }],
    ] as const)
      await saveView(deps, reader, 'ac63', idOf(n), { name: `V${n}`, filter, shared: true })
    const total = async (actor: Actor, filter: Partial<MemberQuery>) =>
      (await listMembers(deps, actor, 'ac63', MemberQuery.parse(filter))).counts?.total
    const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
    for (const actor of [reader, tobacconists, actorOf('operator', 'ac63')]) {
      const { ready, saved } = await countViews(deps, actor, 'ac63')
      expect(ready.all).toBe(await total(actor, {}))
      expect(ready.unreachable).toBe(await total(actor, { numbers: 'unreachable' }))
      if (saved[idOf(63)] !== undefined)
        expect(saved[idOf(63)]).toBe(await total(actor, { commune: '63113' }))
    }
    const { ready, saved } = await countViews(deps, reader, 'ac63')
    expect(ready).toMatchObject({ late: 0, older: 0 })
    expect(saved).toMatchObject({ [idOf(63)]: 2, [idOf(64)]: 2 })
    const seen = await countViews(deps, actorOf('operator', 'ac63'), 'ac63')
    expect(Object.keys(seen.ready)).toEqual(['all', 'unreachable'])
    expect(seen.saved).not.toHaveProperty(idOf(64))
  })
})
