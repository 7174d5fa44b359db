import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { agencyId, agePast, idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { runsOf } from '../../test/support/random.ts'
import { createAlert, updateAlert } from '../alerts/compose/draft.ts'
import { getAlert, listAlerts } from '../alerts/live/read.ts'
import { broadcastAlert } from '../alerts/order/broadcast.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { type Database, inScheme } from '../platform/db.ts'
import { createReport, getReport } from '../reports/actions.ts'
import {
  acceptRelay,
  declineRelay,
  getCrossed,
  getNeighbours,
  listRelays,
  proposeRelay,
  withdrawRelay,
} from './actions.ts'

const of63 = actorOf('operator', 'ac63', { agencyId })
const of39 = actorOf('chief', 'ac39')
const of03 = actorOf('operator', 'ab03')
const TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."
const established = { offence: true, arrested: false, level: 'established' } as const

describe.each(usualKinds)('relays on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 4 })
    await seedSchemes(database)
    const { db } = database
    await sql`insert into departements (code, name, liaison, region_code) values ('03', 'Allier', 5, '84')`.execute(
      db,
    )
    await sql`insert into communes (code, name, search_name, departement_code, region_code, latitude, longitude, point_source)
      values ('03118', 'Gannat', 'gannat', '03', '84', 46.1003, 3.1983, 'points'),
        ('63300', 'Riom', 'riom', '63', '84', 45.8938, 3.1133, 'points')`.execute(db)
    await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      values ('ab03', 'Alerte Buralistes 03', '{"kind":"departement","code":"03"}', '03', '{tobacco-press}', 'BURALISTE03',
        'Ne pas intervenir.', now())`.execute(db)
    await sql`insert into categories (scheme_id, code, label_fr, label_en, severity, template, position, active)
      values ('ab03', 'counterfeit', 'Faux billets', 'Counterfeit notes', 'alert', 'Faux billets {zone}.', 1, true)`.execute(
      db,
    )
    await seedMembers(db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
    await seedMembers(db, 'ac39', [{ id: idOf(9), communeCode: '39300', phones: [phoneOf(9)] }])
    await seedMembers(db, 'ab03', [{ id: idOf(3), communeCode: '03118', phones: [phoneOf(3)] }])
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())
  beforeEach(() => agePast(database))

  async function sendAlert(
    actor: Actor = of63,
    schemeId = 'ac63',
    over: {
      categoryCode?: string
      exercise?: boolean
      text?: string
      facts?: string
      communeCode?: string
    } = {},
  ) {
    // Far enough apart that no alert is near another and no member exceeds its weekly limit.
    clock = new Date(clock.getTime() + 8 * 86_400_000)
    const { text = TEXT, ...facts } = over
    const report = await createReport(deps, actor, schemeId, {
      categoryCode: 'counterfeit',
      communeCode: '63178',
      ...facts,
    })
    const alert = await createAlert(deps, actor, schemeId, {
      text,
      area: { kind: 'scheme' },
      trades: [],
      reportId: report.id,
      doctrine: established,
    })
    return broadcastAlert(deps, actor, schemeId, alert.id, { version: alert.version })
  }
  const kinds = (history: { kind: string; scheme: { id: string } }[]) =>
    history.map(({ kind, scheme }) => `${scheme.id} ${kind}`)

  test('lets 03 accept, adapt and send what 63 proposed, with one history for both', async () => {
    const alert = await sendAlert()
    const { relays } = await proposeRelay(deps, of63, 'ac63', alert.id, {
      schemeIds: ['ab03'],
      note: 'Berline noire vue vers Gannat',
    })
    expect(relays).toMatchObject([
      {
        direction: 'out',
        scheme: { id: 'ab03', name: 'Alerte Buralistes 03' },
        state: 'proposed',
        other: null,
      },
    ])
    const [incoming] = (await listRelays(deps, of03, 'ab03', { direction: 'in', state: 'proposed' })).relays
    expect(incoming).toMatchObject({
      direction: 'in',
      scheme: { id: 'ac63', name: 'Alerte Commerces 63' },
      reference: alert.reference,
      text: alert.sentText,
      note: 'Berline noire vue vers Gannat',
      commune: { code: '63178', name: 'Issoire' },
      proposedBy: 'Camille Roche (CIC Clermont-Ferrand)',
    })
    clock = new Date(clock.getTime() + 60_000)
    const taken = await acceptRelay(deps, of03, 'ab03', incoming!.id, {})
    expect(taken).toMatchObject({ state: 'accepted', own: { alert: { state: 'draft' } } })
    const report = await getReport(deps, of03, 'ab03', taken.own.reportId!)
    expect(report).toMatchObject({
      category: { code: 'counterfeit' },
      commune: { code: '63178' },
      caller: null,
      facts: null,
      relay: {
        scheme: 'Alerte Commerces 63',
        reference: alert.reference,
        note: 'Berline noire vue vers Gannat',
      },
    })

    const draft = (await getAlert(deps, of03, 'ab03', taken.own.alert!.id)).alert
    // Issoire is outside: the smallest circle around it that reaches the scheme.
    expect(draft).toMatchObject({ text: TEXT, area: { kind: 'radius', centre: { commune: '63178' } } })
    const adapted = await updateAlert(deps, of03, 'ab03', draft.id, {
      text: "Faux billets venant d'Issoire, deux hommes en berline. Ne pas intervenir.",
      area: { kind: 'scheme' },
      trades: [],
      doctrine: established,
      version: draft.version,
    })
    clock = new Date(clock.getTime() + 60_000)
    const theirs = await broadcastAlert(deps, of03, 'ab03', adapted.id, { version: adapted.version })
    expect(theirs).toMatchObject({ progress: { planned: 1 }, reference: expect.stringMatching(/^03-26-/) })

    const seen = (await listRelays(deps, of63, 'ac63', { alertId: alert.id })).relays[0]!
    const seenThere = (await listRelays(deps, of03, 'ab03', { alertId: theirs.id })).relays[0]!
    expect(seenThere.history).toEqual(seen.history)
    expect(kinds(seen.history)).toEqual([
      'ac63 called',
      'ac63 first',
      'ac63 proposed',
      'ab03 accepted',
      'ab03 first',
    ])
    expect(seen.other).toEqual({
      reference: theirs.reference,
      state: 'broadcasting',
      orderedAt: theirs.orderedAt,
    })
    // Only members of the accepting scheme received it.
    const { rows } = await sql<{ phone: string }>`
      select d.phone from deliveries d join broadcasts b on b.id = d.broadcast_id where b.alert_id = ${theirs.id}`.execute(
      database.db,
    )
    expect(rows).toEqual([{ phone: phoneOf(3) }])
  })

  test('is declined with a reason, or withdrawn while undecided, once', async () => {
    const alert = await sendAlert()
    const { relays } = await proposeRelay(deps, of63, 'ac63', alert.id, { schemeIds: ['ab03', 'ac39'] })
    const to03 = relays.find((one) => one.scheme.id === 'ab03')!.id
    const to39 = relays.find((one) => one.scheme.id === 'ac39')!.id
    expect(await declineRelay(deps, of03, 'ab03', to03, { reason: 'Trop loin' })).toMatchObject({
      state: 'declined',
      declineReason: 'Trop loin',
    })
    await expect(acceptRelay(deps, of03, 'ab03', to03, {})).rejects.toMatchObject({ code: 'relay_decided' })
    // Each scheme may only act on its own side.
    await expect(acceptRelay(deps, of63, 'ac63', to39, {})).rejects.toMatchObject({ code: 'not_found' })
    await expect(withdrawRelay(deps, of39, 'ac39', to39)).rejects.toMatchObject({ code: 'not_found' })
    await expect(declineRelay(deps, of03, 'ab03', to39, { reason: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await withdrawRelay(deps, of63, 'ac63', to39)).toMatchObject({ state: 'withdrawn' })
    await expect(acceptRelay(deps, of39, 'ac39', to39, {})).rejects.toMatchObject({ code: 'relay_decided' })
    // The alert may be proposed again afterwards.
    const again = await proposeRelay(deps, of63, 'ac63', alert.id, { schemeIds: ['ab03', 'ac39'] })
    expect(again.relays).toHaveLength(4)
    await expect(proposeRelay(deps, of63, 'ac63', alert.id, { schemeIds: ['ab03'] })).rejects.toMatchObject({
      problems: [{ code: 'relay.open_already' }],
    })
  })

  test('says into which other schemes an area crosses, whose members it does not reach', async () => {
    const around = (kilometres: number) =>
      getCrossed(deps, of63, 'ac63', { kind: 'radius', centre: { commune: '63300' }, kilometres })
    expect((await around(1)).schemes).toEqual([])
    const [first] = (await around(60)).schemes
    expect(first).toMatchObject({ id: 'ab03', name: 'Alerte Buralistes 03' })
    expect(first?.communes).toBeGreaterThan(0)
    // A commune, a sector or the whole scheme end at its borders.
    for (const area of [{ kind: 'commune', code: '63300' }, { kind: 'scheme' }] as const) {
      expect((await getCrossed(deps, of63, 'ac63', area)).schemes).toEqual([])
    }
    await expect(
      getCrossed(deps, actorOf('chamber', 'ac63'), 'ac63', { kind: 'scheme' }),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('takes a category of the accepting scheme, keeps an exercise one, and is never relayed back', async () => {
    const robbery = await sendAlert(of63, 'ac63', { categoryCode: 'robbery', exercise: true })
    const [out] = (await proposeRelay(deps, of63, 'ac63', robbery.id, { schemeIds: ['ab03'] })).relays
    await expect(acceptRelay(deps, of03, 'ab03', out!.id, {})).rejects.toMatchObject({
      problems: [{ code: 'relay.category_needed' }],
    })
    const taken = await acceptRelay(deps, of03, 'ab03', out!.id, {
      categoryCode: 'counterfeit',
      area: { kind: 'scheme' },
    })
    expect(taken.exercise).toBe(true)
    const draft = (await getAlert(deps, of03, 'ab03', taken.own.alert!.id)).alert
    expect(draft).toMatchObject({ exercise: true, simulated: true, text: `EXERCICE ${TEXT}` })
    const ready = await updateAlert(deps, of03, 'ab03', draft.id, {
      text: TEXT,
      area: { kind: 'scheme' },
      trades: [],
      doctrine: established,
      version: draft.version,
    })
    await expect(proposeRelay(deps, of03, 'ab03', ready.id, { schemeIds: ['ac39'] })).rejects.toMatchObject({
      problems: [{ code: 'relay.not_sent' }],
    })
    const theirs = await broadcastAlert(deps, of03, 'ab03', ready.id, { version: ready.version })
    await expect(proposeRelay(deps, of03, 'ab03', theirs.id, { schemeIds: ['ac63'] })).rejects.toMatchObject({
      problems: [{ code: 'relay.came_from' }],
    })
    expect((await proposeRelay(deps, of03, 'ab03', theirs.id, { schemeIds: ['ac39'] })).relays).toHaveLength(
      2,
    )
  })

  test('requires the permission in the actor’s own scheme', async () => {
    const alert = await sendAlert()
    const chamber = actorOf('chamber', 'ac63')
    const magistrate = actorOf('magistrate', 'ac63')
    await expect(listRelays(deps, chamber, 'ac63', {})).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      proposeRelay(deps, magistrate, 'ac63', alert.id, { schemeIds: ['ab03'] }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    await expect(proposeRelay(deps, of03, 'ac63', alert.id, { schemeIds: ['ab03'] })).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
    await expect(proposeRelay(deps, of03, 'ab03', alert.id, { schemeIds: ['ac39'] })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(
      proposeRelay(deps, of63, 'ac63', alert.id, { schemeIds: ['ac63', 'nowhere'] }),
    ).rejects.toMatchObject({
      problems: [{ code: 'relay.own_scheme' }, { code: 'relay.unknown_scheme' }],
    })
  })

  test('is visible in the database to its two schemes only', async () => {
    const alert = await sendAlert()
    const [relay] = (await proposeRelay(deps, of63, 'ac63', alert.id, { schemeIds: ['ab03'] })).relays
    const visible = (schemeId: string) =>
      inScheme(database.db, schemeId, (tx) =>
        tx.selectFrom('relays').select('id').where('id', '=', relay!.id).execute(),
      )
    expect(await visible('ac63')).toHaveLength(1)
    expect(await visible('ab03')).toHaveLength(1)
    expect(await visible('ac39')).toHaveLength(0)
    expect(await visible('')).toHaveLength(0)
    const forge = inScheme(database.db, 'ac39', (tx) =>
      sql`insert into relays select gen_random_uuid(), r.* from (select 1) r`.execute(tx),
    )
    await expect(forge).rejects.toThrow()
    const { numUpdatedRows } = await inScheme(database.db, 'ac39', (tx) =>
      tx.updateTable('relays').set({ state: 'declined' }).where('id', '=', relay!.id).executeTakeFirst(),
    )
    expect(Number(numUpdatedRows)).toBe(0)
  })

  test('lists the schemes near a place, nearest first', async () => {
    const riom = await getNeighbours(deps, of63, 'ac63', ['63300'])
    expect(riom.schemes).toEqual([
      { id: 'ab03', name: 'Alerte Buralistes 03', kilometres: 24, near: true },
      { id: 'ac39', name: 'Alerte Commerces 39', kilometres: null, near: false },
    ])
    const issoire = await getNeighbours(deps, of63, 'ac63', ['63178'])
    expect(issoire.schemes[0]).toMatchObject({ id: 'ab03', kilometres: 62, near: false })
    expect((await getNeighbours(deps, of63, 'ac63', ['63178', '63300'])).schemes[0]?.near).toBe(true)
    expect((await getNeighbours(deps, of63, 'ac63', ['63321'])).schemes.map((one) => one.kilometres)).toEqual(
      [null, null],
    )
  })

  test('shows a scheme nothing of another but what was relayed to it', async () => {
    const schemes = [
      { id: 'ac63', actor: of63 },
      { id: 'ac39', actor: of39 },
      { id: 'ab03', actor: of03 },
    ] as const
    const commune = { ac63: '63178', ac39: '39300', ab03: '03118' }
    let secret = 0
    const act = fc.record({
      from: fc.nat(2),
      to: fc.nat(1),
      relayed: fc.boolean(),
      answer: fc.constantFrom('accept', 'decline', 'withdraw', 'none'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 4 }), async (acts) => {
        /** Strings that only their own scheme may read. */
        const kept = new Map<string, string[]>(schemes.map(({ id }) => [id, []]))
        for (const { from, to, relayed, answer } of acts) {
          const source = schemes[from]!
          const target = schemes.filter((one) => one !== source)[to]!
          secret += 1
          const facts = `interne${secret}x`
          const text = `message${secret}x`
          kept.get(source.id)!.push(facts)
          await agePast(database)
          const alert = await sendAlert(source.actor, source.id, {
            communeCode: commune[source.id],
            facts,
            text: `Faux billets dans tout le département, ${text}. Ne pas intervenir.`,
          })
          if (!relayed) {
            kept.get(source.id)!.push(text, alert.id)
            continue
          }
          const { relays } = await proposeRelay(deps, source.actor, source.id, alert.id, {
            schemeIds: [target.id],
          })
          const { id } = relays[0]!
          // The third scheme must see nothing of the relay, whatever the target decides.
          const third = schemes.find((one) => one !== source && one !== target)!
          if (answer === 'accept') await acceptRelay(deps, target.actor, target.id, id, {})
          else if (answer === 'decline')
            await declineRelay(deps, target.actor, target.id, id, { reason: 'non' })
          else if (answer === 'withdraw') await withdrawRelay(deps, source.actor, source.id, id)
          const toThird = JSON.stringify(await readEverything(third))
          expect(toThird).not.toContain(text)
          expect(toThird).not.toContain(alert.reference)
          expect(toThird).not.toContain(id)
        }
        for (const reader of schemes) {
          const seen = JSON.stringify(await readEverything(reader))
          for (const { id } of schemes) {
            if (id === reader.id) continue
            for (const word of kept.get(id)!) expect(seen, `${reader.id} reads ${id}`).not.toContain(word)
            // Nor the recipients.
            expect(seen).not.toContain({ ac63: phoneOf(1), ac39: phoneOf(9), ab03: phoneOf(3) }[id])
            expect(seen).not.toContain({ ac63: idOf(1), ac39: idOf(9), ab03: idOf(3) }[id])
          }
        }
      }),
      { numRuns: runsOf(5) },
    )
  })

  async function readEverything({ id, actor }: { id: string; actor: Actor }) {
    const relays = await listRelays(deps, actor, id, {})
    const { alerts } = await listAlerts(deps, actor, id, { limit: 200 })
    const pages = await Promise.all(alerts.slice(0, 3).map((one) => getAlert(deps, actor, id, one.id)))
    return { relays, alerts, pages }
  }
})
