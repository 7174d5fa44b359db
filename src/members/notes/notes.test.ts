import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers } from '../../changes/actions.ts'
import { mergeMembers } from '../../changes/merge/actions.ts'
import type { Deps } from '../../deps.ts'
import { listHistory } from '../../history/actions.ts'
import type { Database } from '../../platform/db.ts'
import { listMemberNotes, removeNote, restoreNote, saveMemberNote } from './actions.ts'
import { MAX_NOTE, MAX_NOTES } from './contract.ts'
import { deleteRemovedNotes } from './store.ts'

const camille = { ...actorOf('chamber', 'ac63'), userId: 'camille', name: 'Camille' }
const sacha = { ...actorOf('chamber', 'ac63'), userId: 'sacha', name: 'Sacha' }
const [bakery, jeweller, many, merged] = [idOf(1), idOf(2), idOf(3), idOf(4)]

describe.each(usualKinds)('notes of the chamber on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T12:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: bakery, trade: 'bakeries', name: 'Du Pont' },
      { id: jeweller, trade: 'jewellers' },
      { id: many, trade: 'bakeries' },
      { id: merged, trade: 'bakeries', name: 'Du Pont' },
    ])
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())

  const save = (actor: typeof camille, note: string, text: string, member = bakery) =>
    saveMemberNote(deps, actor, 'ac63', { member, note }, { text })
  const audited = async (member: string) =>
    (
      await database.db
        .selectFrom('auditEntries')
        .select(['action', 'details'])
        .where('subject', '=', `member:${member}`)
        .orderBy('seq')
        .execute()
    ).map(({ action, details }) => [action, details])

  test('are dated and signed, edited by their author, removed and restored, and audited without their text', async () => {
    await save(camille, idOf(11), 'Fermé le lundi')
    clock = new Date(clock.getTime() + 60_000)
    const { notes } = await save(sacha, idOf(12), 'Préfère le téléphone')
    expect(notes).toMatchObject([
      { id: idOf(12), author: 'Sacha', own: true, at: clock.toISOString(), editedAt: null },
      { id: idOf(11), text: 'Fermé le lundi', author: 'Camille', own: false },
    ])
    // The request sent again adds nothing.
    expect((await save(sacha, idOf(12), 'Préfère le téléphone')).notes).toEqual(notes)
    await expect(save(sacha, idOf(11), 'Autre')).rejects.toMatchObject({ code: 'own_note' })
    expect((await save(camille, idOf(11), 'Fermé le mardi')).notes[1]).toMatchObject({
      text: 'Fermé le mardi',
      editedAt: clock.toISOString(),
    })
    const id = { member: bakery, note: idOf(12) }
    expect((await removeNote(deps, camille, 'ac63', id)).notes).toHaveLength(1)
    await expect(save(sacha, idOf(12), 'Encore')).rejects.toMatchObject({ code: 'not_found' })
    expect((await restoreNote(deps, camille, 'ac63', id)).notes).toEqual([
      notes[0] && { ...notes[0], own: false },
      expect.objectContaining({ id: idOf(11) }),
    ])
    expect(await audited(bakery)).toEqual([
      ['member.note_add', { note: idOf(11) }],
      ['member.note_add', { note: idOf(12) }],
      ['member.note_edit', { note: idOf(11) }],
      ['member.note_remove', { note: idOf(12) }],
      ['member.note_restore', { note: idOf(12) }],
    ])
  })

  test('a removal is undone for a day, and the note is deleted afterwards', async () => {
    const id = { member: jeweller, note: idOf(20) }
    await save(camille, id.note, 'x', jeweller)
    await removeNote(deps, camille, 'ac63', id)
    await deleteRemovedNotes(database.db as never, clock)
    clock = new Date(clock.getTime() + 86_400_000)
    await expect(restoreNote(deps, camille, 'ac63', id)).rejects.toMatchObject({ code: 'undo_over' })
    await deleteRemovedNotes(database.db as never, new Date(clock.getTime() + 1))
    await expect(restoreNote(deps, camille, 'ac63', id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('are read by the chamber, and a chamber of the trade, only; the history of others does not mention them', async () => {
    const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    const jewellers = actorOf('trade_chamber', 'ac63', { trades: ['jewellers'] })
    expect((await listMemberNotes(deps, bakers, 'ac63', bakery)).notes).toHaveLength(2)
    await expect(listMemberNotes(deps, jewellers, 'ac63', bakery)).rejects.toMatchObject({
      code: 'not_found',
    })
    for (const actor of [
      actorOf('operator', 'ac63'),
      actorOf('chief', 'ac63'),
      actorOf('magistrate', 'ac63'),
      contactOf('ac63', bakery),
    ])
      await expect(listMemberNotes(deps, actor, 'ac63', bakery)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(listMemberNotes(deps, actorOf('chamber', 'ac39'), 'ac39', bakery)).rejects.toMatchObject({
      code: 'not_found',
    })
    const seen = async (actor: typeof camille) =>
      (await listHistory(deps, actor, 'ac63', bakery, { limit: 50 })).entries.filter(
        (entry) => entry.kind === 'record' && entry.action.startsWith('member.note'),
      ).length
    expect(await seen(camille)).toBe(5)
    expect(await seen(actorOf('operator', 'ac63'))).toBe(0)
  })

  test('are bounded in length and number', async () => {
    const problemOf = (text: string) => save(camille, idOf(99), text, many)
    await expect(problemOf('')).rejects.toMatchObject({
      problems: [{ code: 'input.required', path: 'text' }],
    })
    await expect(problemOf('x'.repeat(MAX_NOTE + 1))).rejects.toMatchObject({
      problems: [{ code: 'input.too_long', values: { maximum: MAX_NOTE } }],
    })
    await save(camille, idOf(200), 'x', many)
    await sql`insert into member_notes (scheme_id, member_id, id, text, written_at, author, author_name)
      select 'ac63', ${many}, gen_random_uuid(), 'x', ${clock}, 'x', 'x' from generate_series(2, ${MAX_NOTES}::int)`.execute(
      database.db,
    )
    await expect(problemOf('x')).rejects.toMatchObject({ problems: [{ code: 'note.too_many' }] })
    await save(camille, idOf(200), 'y', many)
  })

  test('a member that was merged keeps its notes with the kept one', async () => {
    await save(camille, idOf(30), 'Du doublon', merged)
    await mergeMembers(deps, camille, 'ac63', { kept: bakery, merged, take: {} })
    const { notes } = await listMemberNotes(deps, camille, 'ac63', bakery)
    expect(notes.map(({ text }) => text)).toContain('Du doublon')
    const id = { member: bakery, note: idOf(30) }
    expect((await removeNote(deps, camille, 'ac63', id)).notes).toHaveLength(2)
    // Other acts of the list are not in the way.
    await changeMembers(deps, camille, 'ac63', {
      action: { kind: 'suspend', reason: 'x' },
      members: { ids: [bakery] },
    })
  })
})
