import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { listHistory } from '../../history/actions.ts'
import { getMember, listMembers } from '../../members/actions.ts'
import { MemberQuery } from '../../members/contract.ts'
import { deleteRemovedTags } from '../../members/tags/store.ts'
import type { Database } from '../../platform/db.ts'
import { changeMembers, previewChange } from '../actions.ts'
import type { BulkChange } from '../contract.ts'
import { undoChange } from '../undo.ts'
import { listTags, mergeTag, removeTag, saveTag } from './actions.ts'

const chamber = actorOf('chamber', 'ac63')
const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
const [a, b, jeweller, left] = [idOf(1), idOf(2), idOf(3), idOf(4)]
const [fair, board, third] = [idOf(21), idOf(22), idOf(23)]
let clock = new Date('2026-03-12T12:00:00Z')
let database: Database
let deps: Deps

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await seedMembers(database.db, 'ac63', [
    { id: a, trade: 'bakeries' },
    { id: b, trade: 'bakeries' },
    { id: jeweller, trade: 'jewellers' },
    { id: left, trade: 'bakeries', status: 'left' },
  ])
  deps = testDeps(database, { now: () => clock })
})
afterAll(() => database.close())

const save = (id: string, name: string, actor = chamber) => saveTag(deps, actor, 'ac63', id, { name })
const tag = (ids: readonly string[], { add = [] as string[], remove = [] as string[] }, actor = chamber) => {
  clock = new Date(clock.getTime() + 1000)
  return changeMembers(deps, actor, 'ac63', {
    action: { kind: 'tags', add, remove },
    members: { ids: [...ids] },
  })
}
const tagsOf = async (id: string) => (await getMember(deps, chamber, 'ac63', id)).tags
const names = async (actor = chamber) =>
  (await listTags(deps, actor, 'ac63')).tags.map(({ name, members }) => [name, members])
const undo = (change: { readonly id: string } | null) => undoChange(deps, chamber, 'ac63', change?.id ?? '')
const found = async (query: object, actor = chamber) =>
  (await listMembers(deps, actor, 'ac63', MemberQuery.parse(query))).members.map(({ id }) => id).sort()

test('are created, set on many members at once, filter the list, and are undone', async () => {
  await save(fair, 'Salon  2026')
  await save(board, 'Bureau')
  await expect(save(third, 'salon 2026')).rejects.toMatchObject({ problems: [{ code: 'tag.name_taken' }] })
  await expect(save(third, ' ')).rejects.toMatchObject({ problems: [{ code: 'input.required' }] })
  await expect(tag([a], {})).rejects.toMatchObject({ problems: [{ code: 'input.required' }] })
  await expect(tag([a], { add: [third] })).rejects.toMatchObject({ problems: [{ code: 'tag.unknown' }] })
  const action: BulkChange['action'] = { kind: 'tags', add: [fair], remove: [] }
  expect(await previewChange(deps, chamber, 'ac63', { action, members: { ids: [a, b, left] } })).toEqual({
    members: 2,
    skipped: 1,
    notified: null,
  })
  const { change, skipped } = await tag([a, b, jeweller, left], { add: [fair] })
  expect([change?.updated, skipped, change?.note]).toEqual([3, 1, '+\u00a0Salon 2026'])
  // Sent again, it changes nothing.
  expect(await tag([a, b], { add: [fair] })).toEqual({ change: null, skipped: 2 })
  await tag([a], { add: [board] })
  expect(await tagsOf(a)).toEqual([fair, board])
  expect(await names()).toEqual([
    ['Bureau', 1],
    ['Salon 2026', 3],
  ])
  expect(await found({ tag: fair })).toEqual([a, b, jeweller])
  expect(await found({ tag: board, trade: 'bakeries' })).toEqual([a])
  const { change: swapped } = await tag([a, b], { add: [board], remove: [fair] })
  expect([await tagsOf(a), await tagsOf(b)]).toEqual([[board], [board]])
  await undo(swapped)
  expect([await tagsOf(a), await tagsOf(b)]).toEqual([[fair, board], [fair]])
})

test('a trade chamber sets and counts them on its members only; the forces see neither tags nor their history', async () => {
  expect(await names(bakers)).toEqual([
    ['Bureau', 1],
    ['Salon 2026', 2],
  ])
  expect(await tag([jeweller], { add: [board] }, bakers)).toEqual({ change: null, skipped: 1 })
  await expect(save(fair, 'Autre', bakers)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(removeTag(deps, bakers, 'ac63', fair)).rejects.toMatchObject({ code: 'forbidden' })
  const operator = actorOf('operator', 'ac63')
  await expect(listTags(deps, operator, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(found({ tag: fair }, operator)).rejects.toMatchObject({ code: 'forbidden' })
  expect((await getMember(deps, operator, 'ac63', a)).tags).toEqual([])
  expect((await listMembers(deps, operator, 'ac63', MemberQuery.parse({}))).members[0]?.tags).toEqual([])
  const kinds = async (actor = chamber) =>
    (await listHistory(deps, actor, 'ac63', a, { limit: 50 })).entries.filter(
      (entry) => entry.kind === 'change' && entry.change === 'tags',
    ).length
  expect(await kinds()).toBeGreaterThan(0)
  expect(await kinds(operator)).toBe(0)
})

test('are renamed, merged and removed; the undo puts tag and members back', async () => {
  await save(fair, 'Foire 2026')
  const merged = await mergeTag(deps, chamber, 'ac63', fair, { into: board })
  expect(merged.change).toMatchObject({ kind: 'tags', updated: 3, note: '+\u00a0Bureau, −\u00a0Foire 2026' })
  expect(merged.tags.map(({ name, members }) => [name, members])).toEqual([['Bureau', 3]])
  expect(await tagsOf(a)).toEqual([board])
  await undo(merged.change)
  expect(await names()).toEqual([
    ['Bureau', 1],
    ['Foire 2026', 3],
  ])
  clock = new Date(clock.getTime() + 1000)
  const removed = await removeTag(deps, chamber, 'ac63', fair)
  expect([await tagsOf(a), await names()]).toEqual([[board], [['Bureau', 1]]])
  // Its name was given to another tag before the undo.
  await save(third, 'Foire 2026')
  await undo(removed.change)
  expect(await tagsOf(a)).toEqual([fair, board])
  expect((await names()).map(([name]) => name)).toEqual([
    'Bureau',
    'Foire 2026',
    expect.stringMatching(/^Foire 2026 [0-9a-f]{8}$/),
  ])
  // One without members is created again under its id.
  expect((await removeTag(deps, chamber, 'ac63', third)).change).toBeNull()
  await save(third, 'Foire 2026')
  await expect(mergeTag(deps, chamber, 'ac63', third, { into: third })).rejects.toMatchObject({
    code: 'not_found',
  })
  await removeTag(deps, chamber, 'ac63', third)
  await deleteRemovedTags(database.db as never, new Date(clock.getTime() + 86_400_001))
  const { rows } = await sql<{ id: string }>`select id from member_tags where id = ${third}`.execute(
    database.db,
  )
  expect(rows).toEqual([])
})
