import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, noteJobs, testDeps } from '../../test/support/deps.ts'
import { agencyId, idOf, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import type { LiveEvent } from '../platform/http/live.ts'
import { createReport, getReport, listReports, refuseReport } from './actions.ts'
import { claimReport, releaseReport } from './claims.ts'
import { CallNoteDraft } from './contract.ts'
import { deleteNote, listCallNotes, saveCallNote } from './notes.ts'
import { validClaimAt } from './rules.ts'

const camille = actorOf('operator', 'ac63', { agencyId })
const karim = { ...actorOf('chief', 'ac63'), userId: 'chief-7', name: 'Karim Benali' }
const magistrate = actorOf('magistrate', 'ac63')
const elsewhere = actorOf('operator', 'ac39')

describe.each(usualKinds)('two concurrent operators on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')
  const events: LiveEvent[] = []
  const later = (minutes: number) => {
    clock = new Date(clock.getTime() + minutes * 60_000)
  }

  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => clock, jobs: noteJobs() })
    deps.live.subscribe('ac63', (event) => events.push(event))
  })
  afterAll(() => database.close())
  beforeEach(() => events.splice(0))

  const waiting = async () =>
    (await createReport(deps, camille, 'ac63', { categoryCode: 'counterfeit', communeCode: '63178' })).id

  describe('a claim', () => {
    test('shows on all screens who handles a report, until ten minutes without activity', async () => {
      const id = await waiting()
      expect((await getReport(deps, camille, 'ac63', id)).claim).toBeNull()
      events.splice(0)
      const { claim } = await claimReport(deps, camille, 'ac63', id, { take: false })
      expect(claim).toEqual({
        userId: 'operator-1',
        by: 'Camille Roche (CIC Clermont-Ferrand)',
        at: clock.toISOString(),
        until: new Date(clock.getTime() + 10 * 60_000).toISOString(),
      })
      expect(events).toEqual([{ type: 'report', schemeId: 'ac63', reportId: id }])
      const seen = (await listReports(deps, karim, 'ac63', { limit: 50, state: 'waiting' })).reports
      expect(seen.find((one) => one.id === id)?.claim).toEqual(claim)
      later(9)
      await claimReport(deps, camille, 'ac63', id, { take: false })
      later(9)
      expect((await getReport(deps, karim, 'ac63', id)).claim).not.toBeNull()
      later(1)
      expect((await getReport(deps, karim, 'ac63', id)).claim).toBeNull()
      // It has expired: the next operator need not take it over.
      const next = await claimReport(deps, karim, 'ac63', id, { take: false })
      expect(next.claim?.by).toBe('Karim Benali')
    })

    test('is not lost to another operator unless they explicitly take it over', async () => {
      const id = await waiting()
      await claimReport(deps, camille, 'ac63', id, { take: false })
      await expect(claimReport(deps, karim, 'ac63', id, { take: false })).rejects.toMatchObject({
        code: 'report_claimed',
        values: { by: 'Camille Roche (CIC Clermont-Ferrand)' },
      })
      expect((await claimReport(deps, karim, 'ac63', id, { take: true })).claim?.userId).toBe('chief-7')
      await expect(claimReport(deps, camille, 'ac63', id, { take: false })).rejects.toMatchObject({
        code: 'report_claimed',
      })
    })

    test('is given to one of two concurrent operators', async () => {
      const id = await waiting()
      const both = await Promise.allSettled(
        [camille, karim].map((actor) => claimReport(deps, actor, 'ac63', id, { take: false })),
      )
      expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    })

    test('is released only by its holder, and ends with the decision', async () => {
      const id = await waiting()
      await claimReport(deps, camille, 'ac63', id, { take: false })
      events.splice(0)
      expect((await releaseReport(deps, karim, 'ac63', id)).claim).not.toBeNull()
      expect(events).toEqual([])
      expect((await releaseReport(deps, camille, 'ac63', id)).claim).toBeNull()
      expect(events).toHaveLength(1)

      await claimReport(deps, camille, 'ac63', id, { take: false })
      expect((await refuseReport(deps, karim, 'ac63', id, { reason: 'doubt' })).claim).toBeNull()
      await expect(claimReport(deps, camille, 'ac63', id, { take: true })).rejects.toMatchObject({
        code: 'already_decided',
      })
      expect((await releaseReport(deps, camille, 'ac63', id)).state).toBe('refused')
    })

    test('is for users who decide on reports, in their scheme', async () => {
      const id = await waiting()
      for (const act of [
        () => claimReport(deps, magistrate, 'ac63', id, { take: true }),
        () => releaseReport(deps, magistrate, 'ac63', id),
      ])
        await expect(act()).rejects.toMatchObject({ code: 'forbidden' })
      await expect(claimReport(deps, elsewhere, 'ac39', id, { take: true })).rejects.toMatchObject({
        code: 'not_found',
      })
    })

    test('is audited when it changes hands, not when it is renewed', async () => {
      const id = await waiting()
      const kept = async () =>
        (
          await database.db
            .selectFrom('auditEntries')
            .select(['action', 'actor', 'details'])
            .where('subject', '=', `report:${id}`)
            .orderBy('seq')
            .execute()
        ).slice(1)
      await claimReport(deps, camille, 'ac63', id, { take: false })
      await claimReport(deps, camille, 'ac63', id, { take: false })
      await claimReport(deps, karim, 'ac63', id, { take: true })
      await releaseReport(deps, karim, 'ac63', id)
      expect(await kept()).toEqual([
        { action: 'report.claim', actor: 'user:operator-1', details: {} },
        { action: 'report.claim', actor: 'user:chief-7', details: { from: 'user:operator-1' } },
        { action: 'report.release', actor: 'user:chief-7', details: {} },
      ])
    })
  })

  describe('the note of a call', () => {
    test('is returned to its author only, version by version', async () => {
      const first = await saveCallNote(deps, camille, 'ac63', idOf(50), {
        content: { place: 'rue du Pont', trades: ['bakeries'] },
        version: 0,
      })
      expect(first).toEqual({
        id: idOf(50),
        content: { place: 'rue du Pont', trades: ['bakeries'] },
        version: 1,
        savedAt: clock.toISOString(),
      })
      const second = await saveCallNote(deps, camille, 'ac63', idOf(50), {
        content: { place: 'x' },
        version: 1,
      })
      expect(await listCallNotes(deps, camille, 'ac63')).toEqual({ notes: [second] })
      expect(await listCallNotes(deps, karim, 'ac63')).toEqual({ notes: [] })
      expect(await listCallNotes(deps, elsewhere, 'ac39')).toEqual({ notes: [] })
      for (const version of [0, 1])
        await expect(
          saveCallNote(deps, camille, 'ac63', idOf(50), { content: {}, version }),
        ).rejects.toMatchObject({ code: 'note_changed' })
      await deleteNote(deps, karim, 'ac63', idOf(50))
      expect((await listCallNotes(deps, camille, 'ac63')).notes).toHaveLength(1)
      await deleteNote(deps, camille, 'ac63', idOf(50))
      expect(await listCallNotes(deps, camille, 'ac63')).toEqual({ notes: [] })
    })

    test('is deleted after a day, from the database too', async () => {
      await saveCallNote(deps, camille, 'ac63', idOf(51), { content: { a: 1 }, version: 0 })
      later(24 * 60)
      expect(await listCallNotes(deps, camille, 'ac63')).toEqual({ notes: [] })
      await saveCallNote(deps, karim, 'ac63', idOf(52), { content: { a: 1 }, version: 0 })
      const rows = await database.db.selectFrom('callNotes').select('id').execute()
      expect(rows).toEqual([{ id: idOf(52) }])
    })

    test('is limited in size, and for users who take calls', async () => {
      expect(CallNoteDraft.safeParse({ content: { a: 'x'.repeat(20_001) }, version: 0 }).success).toBe(false)
      await expect(
        saveCallNote(deps, magistrate, 'ac63', idOf(53), { content: {}, version: 0 }),
      ).rejects.toMatchObject({ code: 'forbidden' })
      await expect(listCallNotes(deps, magistrate, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
    })
  })
})

test.each([
  ['no claim', null, null, 0, null],
  ['at once', 'a', 0, 0, 'a'],
  ['just before ten minutes', 'a', 0, 9.99, 'a'],
  ['after ten minutes', 'a', 0, 10, null],
] as const)('returns the holder of a claim: %s', (_name, claimedById, at, minutes, holder) => {
  const from = new Date('2026-03-12T17:30:00Z')
  const facts = { claimedById, claimedBy: 'A', claimedAt: at === null ? null : from }
  expect(validClaimAt(facts, new Date(from.getTime() + minutes * 60_000))?.userId ?? null).toBe(holder)
})
