import fc from 'fast-check'
import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { runsOf } from '../../test/support/random.ts'
import type { Deps } from '../deps.ts'
import { getMember } from '../members/actions.ts'
import { setContactSms } from '../members/opt-out/opt-out.ts'
import { setQuietHours } from '../members/quiet-hours.ts'
import { acrossSchemes, type Database, inScheme } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import { changeMembers, listChangeMembers, listMemberChanges } from './actions.ts'
import type { BulkChange } from './contract.ts'
import { openChange } from './record.ts'
import { deleteExpiredStates } from './store.ts'
import { revertInterruptedChanges, undoChange } from './undo.ts'

const chamber = actorOf('chamber', 'ac63')
const tobacconists = {
  ...actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }),
  userId: 'buralistes',
}
const suspend = { kind: 'suspend', reason: 'cotisation' } as const
const statuses: readonly MemberStatus[] = ['pending', 'active', 'suspended', 'left']

describe.each(usualKinds)('bulk changes on %s', (kind) => {
  let database: Database
  let deps: Deps
  let now = new Date('2026-06-01T08:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => now })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-06-01T08:00:00Z')
    await sql`delete from member_change_rows`.execute(database.db)
    await sql`delete from member_changes`.execute(database.db)
    await sql`delete from opt_outs`.execute(database.db)
    await sql`delete from members`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Alpha', phones: [phoneOf(1), phoneOf(11)] },
      { id: idOf(2), name: 'Bravo', trade: 'bakeries', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Charlie', status: 'suspended', phones: [phoneOf(3)] },
      { id: idOf(4), name: 'Delta', status: 'left', phones: [phoneOf(4)] },
    ])
    await seedMembers(database.db, 'ac39', [{ id: idOf(5), name: 'Echo', communeCode: '39300' }])
  })

  /** Reads all columns of members and contacts except timestamps. */
  const facts = async () =>
    (
      await sql<{ facts: unknown }>`
        select jsonb_build_object('members', (select jsonb_agg(to_jsonb(m) - 'updated_at' order by id) from members m),
          'contacts', (select jsonb_agg(to_jsonb(c) order by id) from contacts c)) as facts`.execute(
        database.db,
      )
    ).rows[0]?.facts
  const statusOf = async (n: number) => (await getMember(deps, chamber, 'ac63', idOf(n))).status
  const byIds = (...ns: number[]): BulkChange['members'] => ({ ids: ns.map(idOf) })

  test('suspend the members that the action applies to, and restore them when undone', async () => {
    const before = await facts()
    const { change, skipped } = await changeMembers(deps, chamber, 'ac63', {
      action: suspend,
      members: byIds(1, 2, 3, 4),
    })
    expect([change?.updated, skipped]).toEqual([2, 2])
    expect([await statusOf(1), await statusOf(2), await statusOf(4)]).toEqual([
      'suspended',
      'suspended',
      'left',
    ])
    expect((await listMemberChanges(deps, chamber, 'ac63'))[0]).toMatchObject({
      kind: 'suspend',
      by: 'Camille Roche',
      note: 'cotisation',
      undoableUntil: '2026-06-02T08:00:00.000Z',
      undone: null,
    })
    const undone = await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    expect(undone).toMatchObject({
      change: { undone: { restored: 2, kept: 0 }, undoableUntil: null },
      kept: [],
    })
    expect(await facts()).toEqual(before)
    await expect(undoChange(deps, chamber, 'ac63', change?.id ?? '')).rejects.toMatchObject({
      code: 'change_undone',
    })
  })

  test('reactivate members, remove them, and move them to another trade', async () => {
    await changeMembers(deps, chamber, 'ac63', { action: { kind: 'resume' }, members: byIds(3) })
    expect(await statusOf(3)).toBe('active')
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'leave', reason: 'fermé' },
      members: byIds(3),
    })
    expect(await statusOf(3)).toBe('left')
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'trade', trade: 'jewellers' },
      members: { filter: { trade: 'bakeries' }, count: 1 },
    })
    expect((await getMember(deps, chamber, 'ac63', idOf(2))).trade).toBe('jewellers')
  })

  test('an undo goes field by field: later values stay, the others go back, and the list says whose', async () => {
    const trade = { kind: 'trade', trade: 'jewellers' } as const
    const { change } = await changeMembers(deps, chamber, 'ac63', { action: trade, members: byIds(1, 2, 3) })
    now = new Date(now.getTime() + 1000)
    // Somebody has since changed another field of the first member and the same field of the second; the third is unchanged.
    const optOut = { sms: false, reason: 'x' }
    await setContactSms(deps, chamber, 'ac63', { member: idOf(1), contact: idOf(1) }, optOut)
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'trade', trade: 'tobacco-press' },
      members: byIds(2),
    })
    const listed = (await listMemberChanges(deps, chamber, 'ac63')).find(({ id }) => id === change?.id)
    expect(listed?.names).toEqual(['Alpha', 'Bravo', 'Charlie'])
    const whom = async () => (await listChangeMembers(deps, chamber, 'ac63', change?.id ?? '', {})).members
    expect((await whom()).map(({ name, fields, undone }) => [name, fields, undone])).toEqual([
      ['Alpha', ['trade'], null],
      ['Bravo', ['trade'], null],
      ['Charlie', ['trade'], null],
    ])
    const { change: after, kept } = await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    expect(kept).toEqual([{ id: idOf(2), name: 'Bravo', why: 'changed', fields: ['trade'] }])
    expect(after.undone).toMatchObject({ restored: 2, kept: 1, partly: 0 })
    const alpha = await getMember(deps, chamber, 'ac63', idOf(1))
    expect([alpha.trade, alpha.contacts.map(({ sms }) => sms)]).toEqual(['tobacco-press', [false, true]])
    expect((await getMember(deps, chamber, 'ac63', idOf(2))).trade).toBe('tobacco-press')
    expect((await whom()).map(({ undone }) => undone)).toEqual(['restored', 'kept', 'restored'])
    await expect(listChangeMembers(deps, tobacconists, 'ac63', change?.id ?? '', {})).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test.each(['at once', 'after a restart'])(
    'a trade chamber neither sees nor restores members moved to another trade since: undone %s',
    async (when) => {
      await seedMembers(database.db, 'ac63', [{ id: idOf(6), name: 'Foxtrot', phones: [phoneOf(6)] }])
      const { change } = await changeMembers(deps, tobacconists, 'ac63', {
        action: suspend,
        members: byIds(1, 6),
      })
      const id = change?.id ?? ''
      now = new Date(now.getTime() + 1000)
      const moved = { kind: 'trade', trade: 'bakeries' } as const
      await changeMembers(deps, chamber, 'ac63', { action: moved, members: byIds(6) })
      const seenBy = async (actor: typeof chamber) => [
        (await listMemberChanges(deps, actor, 'ac63')).find((one) => one.id === id)?.names,
        (await listChangeMembers(deps, actor, 'ac63', id, {})).members.map(({ name }) => name),
      ]
      expect(await seenBy(tobacconists)).toEqual([['Alpha'], ['Alpha']])
      expect(await seenBy(chamber)).toEqual([
        ['Alpha', 'Foxtrot'],
        ['Alpha', 'Foxtrot'],
      ])
      const facts = await sql`select * from members where id = ${idOf(6)}`.execute(database.db)
      if (when === 'at once') {
        const { change: after, kept } = await undoChange(deps, tobacconists, 'ac63', id)
        expect(after.undone).toMatchObject({ restored: 1, kept: 1, partly: 0 })
        expect(kept).toEqual([])
      } else {
        let readings = 0
        const stop = () => {
          if (++readings > 1) throw new Error('stopped')
          return now
        }
        const stopped = { ...deps, now: stop, database: { ...deps.database, embedded: true } }
        await expect(undoChange(stopped, tobacconists, 'ac63', id)).rejects.toThrow('stopped')
        expect(
          (await listMemberChanges(deps, tobacconists, 'ac63')).find((one) => one.id === id)?.undoing,
        ).toEqual({
          done: 0,
          total: 2,
        })
        await (await revertInterruptedChanges(deps)).done
        const [after] = (await listMemberChanges(deps, tobacconists, 'ac63')).filter((one) => one.id === id)
        expect(after?.undone).toMatchObject({ restored: 1, kept: 1, partly: 0 })
      }
      expect([await statusOf(1), await statusOf(6)]).toEqual(['active', 'suspended'])
      expect((await sql`select * from members where id = ${idOf(6)}`.execute(database.db)).rows).toEqual(
        facts.rows,
      )
    },
  )

  test('an undo keeps what was changed since of a member of which the rest goes back', async () => {
    const change = await inScheme(database.db, 'ac63', async (tx) => {
      const open = await openChange(tx, deps, 'ac63', { kind: 'edit', actor: chamber, note: null })
      await open.before(tx, [idOf(1), idOf(2)])
      await sql`update members set address = '9 rue Neuve', postal_code = '63500', siret = '35600000000048', tags = ${[idOf(9)]}::uuid[]
        where id = ${idOf(1)}`.execute(tx)
      await sql`update members set address = '9 rue Neuve' where id = ${idOf(2)}`.execute(tx)
      await open.after(tx, { touched: [idOf(1), idOf(2)], created: [] })
      await open.finish(tx)
      return open
    })
    await sql`update members set address = '10 rue Neuve' where id in (${idOf(1)}, ${idOf(2)})`.execute(
      database.db,
    )
    const { change: after, kept } = await undoChange(deps, chamber, 'ac63', change.id)
    expect(kept).toEqual([
      { id: idOf(1), name: 'Alpha', why: 'fields', fields: ['place'] },
      { id: idOf(2), name: 'Bravo', why: 'changed', fields: ['place'] },
    ])
    expect(after.undone).toMatchObject({ restored: 1, kept: 1, partly: 1 })
    expect(await getMember(deps, chamber, 'ac63', idOf(1))).toMatchObject({
      address: '10 rue Neuve',
      postalCode: '63500',
      siret: null,
      tags: [],
    })
    const { members } = await listChangeMembers(deps, chamber, 'ac63', change.id, {})
    expect(members.map(({ undone }) => undone)).toEqual(['partly', 'kept'])
  })

  test('an undone departure is no admission, and a later readmission is', async () => {
    const admittedAt = async () =>
      (
        await sql<{ at: Date | null }>`select admitted_at as at from members where id = ${idOf(1)}`.execute(
          database.db,
        )
      ).rows[0]?.at
    const leave = { kind: 'leave', reason: 'x' } as const
    const { change } = await changeMembers(deps, chamber, 'ac63', { action: leave, members: byIds(1) })
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    expect([await statusOf(1), await admittedAt()]).toEqual(['active', null])
    await changeMembers(deps, chamber, 'ac63', { action: leave, members: byIds(1) })
    await sql`update members set status = 'active' where id = ${idOf(1)}`.execute(database.db)
    expect(await admittedAt()).toBeInstanceOf(Date)
  })

  test('the language of a contact goes with its person, and an undo brings both back', async () => {
    const langOf = async () =>
      (
        await sql<{ lang: string | null }>`select lang from contacts where id = ${idOf(1)}`.execute(
          database.db,
        )
      ).rows[0]?.lang
    const edit = (values: RawBuilder<unknown>) =>
      inScheme(database.db, 'ac63', async (tx) => {
        const open = await openChange(tx, deps, 'ac63', { kind: 'edit', actor: chamber, note: null })
        await open.before(tx, [idOf(1)])
        await sql`update contacts set ${values} where id = ${idOf(1)}`.execute(tx)
        await open.after(tx, { touched: [idOf(1)], created: [] })
        await open.finish(tx)
        return open.id
      })
    await sql`update contacts set person = 'Anne', lang = 'en' where id = ${idOf(1)}`.execute(database.db)
    await edit(sql`person = 'Anne', mobile = ${phoneOf(21)}`)
    await edit(sql`person = 'Anne B.', mobile = ${phoneOf(21)}`)
    expect(await langOf()).toBe('en')
    const id = await edit(sql`person = 'Paul', mobile = ${phoneOf(22)}`)
    expect(await langOf()).toBeNull()
    expect((await undoChange(deps, chamber, 'ac63', id)).kept).toEqual([])
    expect(await langOf()).toBe('en')
  })

  test('can be undone for a day; then, and only then, earlier states are deleted', async () => {
    const { change } = await changeMembers(deps, chamber, 'ac63', { action: suspend, members: byIds(1, 2) })
    const kept = async () =>
      (
        await sql<{
          n: number
        }>`select count(*)::int as n from member_change_rows where before is not null`.execute(database.db)
      ).rows[0]?.n
    now = new Date('2026-06-02T07:59:59Z')
    await acrossSchemes(database.db, (tx) => deleteExpiredStates(tx, now))
    expect(await kept()).toBe(2)
    now = new Date('2026-06-02T08:00:01Z')
    // Deletes one part at a time.
    const forget = () => acrossSchemes(database.db, (tx) => deleteExpiredStates(tx, now, 1))
    expect([await forget(), await kept(), await forget(), await kept(), await forget()]).toEqual([
      1, 1, 1, 0, 0,
    ])
    await expect(undoChange(deps, chamber, 'ac63', change?.id ?? '')).rejects.toMatchObject({
      code: 'undo_over',
    })
    expect(await statusOf(1)).toBe('suspended')
  })

  test('change all members that match a filter, if their number is the one shown', async () => {
    const all = (count: number) =>
      changeMembers(deps, chamber, 'ac63', {
        action: suspend,
        members: { filter: { status: 'active' }, count },
      })
    await expect(all(3)).rejects.toMatchObject({ code: 'list_changed', values: { shown: 3, found: 2 } })
    expect((await all(2)).change?.updated).toBe(2)
    expect(await all(2).catch((error) => error.code)).toBe('list_changed')
  })

  test('refuse missing or unknown input, and write nothing if they apply to no member', async () => {
    await expect(
      changeMembers(deps, chamber, 'ac63', { action: { kind: 'suspend', reason: '' }, members: byIds(1) }),
    ).rejects.toMatchObject({ problems: [{ code: 'input.required', path: 'action.reason' }] })
    await expect(
      changeMembers(deps, chamber, 'ac63', {
        action: { kind: 'trade', trade: 'astronauts' },
        members: byIds(1),
      }),
    ).rejects.toMatchObject({ problems: [{ code: 'unknown_trade' }] })
    expect(
      await changeMembers(deps, chamber, 'ac63', { action: { kind: 'resume' }, members: byIds(1, 99) }),
    ).toEqual({
      change: null,
      skipped: 2,
    })
    expect(await listMemberChanges(deps, chamber, 'ac63')).toEqual([])
  })

  test('a trade chamber changes members of its trades, and undoes its own changes only', async () => {
    const { change, skipped } = await changeMembers(deps, tobacconists, 'ac63', {
      action: suspend,
      members: byIds(1, 2),
    })
    expect([change?.updated, skipped]).toEqual([1, 1])
    expect(await statusOf(2)).toBe('active')
    await expect(
      changeMembers(deps, tobacconists, 'ac63', {
        action: { kind: 'trade', trade: 'bakeries' },
        members: byIds(1),
      }),
    ).rejects.toMatchObject({ problems: [{ code: 'unknown_trade' }] })
    const others = await changeMembers(deps, chamber, 'ac63', { action: suspend, members: byIds(2) })
    expect((await listMemberChanges(deps, tobacconists, 'ac63')).map(({ id }) => id)).toEqual([change?.id])
    await expect(undoChange(deps, tobacconists, 'ac63', others.change?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    })
    await undoChange(deps, tobacconists, 'ac63', change?.id ?? '')
    expect(await statusOf(1)).toBe('active')
  })

  test('are for chambers only, each scheme separately', async () => {
    for (const actor of [actorOf('operator', 'ac63'), actorOf('chief', 'ac63'), contactOf('ac63', idOf(1))]) {
      await expect(
        changeMembers(deps, actor, 'ac63', { action: suspend, members: byIds(1) }),
      ).rejects.toMatchObject({ code: 'forbidden' })
    }
    const { skipped } = await changeMembers(deps, chamber, 'ac63', { action: suspend, members: byIds(5) })
    expect(skipped).toBe(1)
    const { change } = await changeMembers(deps, chamber, 'ac63', { action: suspend, members: byIds(1) })
    await expect(
      undoChange(deps, actorOf('chamber', 'ac39'), 'ac39', change?.id ?? ''),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('an undo restores the exact earlier state, except the fields that were modified since', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            status: fc.constantFrom(...statuses),
            trade: fc.constantFrom('bakeries', 'jewellers'),
          }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        fc.constantFrom<BulkChange['action']>(
          suspend,
          { kind: 'resume' },
          { kind: 'leave', reason: 'x' },
          {
            kind: 'trade',
            trade: 'jewellers',
          },
        ),
        fc.array(fc.nat(7), { maxLength: 4 }),
        async (members, action, touched) => {
          await sql`delete from members`.execute(database.db)
          await seedMembers(
            database.db,
            'ac63',
            members.map((member, n) => ({ id: idOf(n), phones: [phoneOf(n)], ...member })),
          )
          const read = async () => {
            const { rows } = await sql<{ id: string; state: unknown }>`
              select m.id, jsonb_build_array(to_jsonb(m) - 'updated_at', (select jsonb_agg(to_jsonb(c)) from contacts c
                where c.scheme_id = m.scheme_id and c.member_id = m.id)) as state from members m`.execute(
              database.db,
            )
            return new Map(rows.map(({ id, state }) => [id, state]))
          }
          // As (member, contacts).
          const withQuiet = (state: unknown) => {
            const [member, contacts] = state as [object, unknown]
            return [{ ...member, quiet_from: 60, quiet_to: 120 }, contacts]
          }
          const before = await read()
          const { change } = await changeMembers(deps, chamber, 'ac63', {
            action,
            members: { filter: {}, count: members.length },
          })
          if (change === null) return
          const edited = new Set(touched.filter((n) => n < members.length).map(idOf))
          for (const id of edited)
            await setQuietHours(deps, chamber, 'ac63', id, { quiet: { from: 60, to: 120 } })
          const after = await read()
          const { kept } = await undoChange(deps, chamber, 'ac63', change.id)
          const touchedByChange = await inScheme(database.db, 'ac63', (tx) =>
            tx.selectFrom('memberChangeRows').select('memberId').where('changeId', '=', change.id).execute(),
          )
          const changed = new Set(touchedByChange.map(({ memberId }) => memberId))
          // The change did not touch quiet hours: all that it did goes back.
          expect(kept).toEqual([])
          for (const [id, state] of await read())
            expect(state).toEqual(
              edited.has(id) && changed.has(id)
                ? withQuiet(before.get(id))
                : (edited.has(id) ? after : before).get(id),
            )
        },
      ),
      { numRuns: runsOf(25) },
    )
  })
})
