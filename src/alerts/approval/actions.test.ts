import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, program, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  idOf,
  MAGISTRATE,
  phoneOf,
  seedMagistrate,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { listOwn } from '../../../test/support/own.ts'
import { recordAccountAct } from '../../../test/support/two-persons.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { createReport, getReport, refuseReport } from '../../reports/actions.ts'
import { AlertStateName, type NewReport } from '../../reports/contract.ts'
import { exportJournal } from '../../reports/journal.ts'
import type { AlertState } from '../../schema.ts'
import { setDoctrine as setDoctrineOf } from '../../schemes/actions.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { previewDoctrine } from '../compose/affected.ts'
import { createAlert, discardAlert, updateAlert } from '../compose/draft.ts'
import { passWords } from '../compose/pass.ts'
import { listRemarks } from '../compose/remarks.ts'
import type { AlertDraft, AlertQuery, AlertView } from '../contract.ts'
import { getAlert, listAlerts, listCurrentAlerts } from '../live/read.ts'
import { approveAlert, broadcastAlert, overrideAlert } from '../order/broadcast.ts'
import { activateAlert, endAlert } from '../order/close.ts'
import { type AlertEvent, nextState } from '../states.ts'
import { authoriseMessage, rejectMessage, returnMessage, reviewMessage, submitAlert } from './actions.ts'
import { firstMessageOf } from './messages.ts'

const RURAL = '00000000-0000-4000-8000-00000000a002'
const STATION = '00000000-0000-4000-8000-00000000a003'
const PARQUET = '00000000-0000-4000-8000-00000000a004'

const named = (actor: Extract<Actor, { kind: 'user' }>, userId: string, name: string): Actor => ({
  ...actor,
  userId,
  name,
})
const operator = actorOf('operator', 'ac63', { agencyId })
const chief = named(actorOf('chief', 'ac63', { agencyId: RURAL }), 'chief-1', 'Marc Vidal')
const otherChief = named(actorOf('chief', 'ac63', { agencyId }), 'chief-2', 'Anne Morel')
const magistrate = named(actorOf('magistrate', 'ac63', { agencyId: PARQUET }), 'magistrate-1', 'Hélène Roche')
const chamber = actorOf('chamber', 'ac63')
const engine: Actor = { kind: 'system', name: 'engine' }

const draft = {
  text: 'Vol à main armée à Issoire à 17h30. Ne pas intervenir.',
  area: { kind: 'epci', code: '200070407' },
  trades: [],
  doctrine: { offence: true, arrested: false, level: 'established' },
} as const satisfies Record<string, unknown>
const PRECISE = {
  text: 'Vol à Issoire à 17h30, Clio grise AB-123-CD vers Clermont. Ne pas intervenir.',
  doctrine: { ...draft.doctrine, level: 'precise' },
} as const

describe.each(usualKinds)('doctrine and approval on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 8 })
    await seedSchemes(database)
    await seedMagistrate(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac Chez Momo', phones: [phoneOf(1)] },
      { id: idOf(3), name: 'Bijouterie Clermont', communeCode: '63113', phones: [phoneOf(3)] },
      { id: idOf(4), name: 'Café d’Ambert', communeCode: '63003', phones: [phoneOf(4)] },
    ])
    const zone = (...codes: string[]) => JSON.stringify({ kind: 'communes', codes })
    await sql`update agencies set zone = ${zone('63178', '63113')}::jsonb where id = ${agencyId}`.execute(
      database.db,
    )
    await sql`insert into agencies (scheme_id, id, code, name, kind, zone) values
      ('ac63', ${RURAL}, 'corg', 'CORG 63', 'gendarmerie', ${zone('63287', '63050', '63321', '63003')}::jsonb),
      ('ac63', ${STATION}, 'ambert', 'Gendarmerie d’Ambert', 'gendarmerie', ${zone('63003')}::jsonb),
      ('ac63', ${PARQUET}, 'parquet', 'Parquet de Clermont-Ferrand', 'prosecutor', null)`.execute(database.db)
    await sql`insert into categories (scheme_id, code, label_fr, label_en, severity, template, position, active, level)
      values ('ac63', 'advice', 'Prévention', 'Prevention', 'notice', 'Prévention {zone}. {conseil}', 9, true, 'prevention')`.execute(
      database.db,
    )
    await setDoctrine({
      approval: [
        { categories: 'all', severities: 'all', level: 'precise' },
        { categories: 'all', severities: ['vital'] },
      ],
    })
  })
  afterAll(() => database.close())
  beforeEach(() => {
    // Each test uses incidents that are not near those of other tests.
    clock = new Date(clock.getTime() + 48 * 3_600_000)
    deps = testDeps(database, { now: () => clock })
  })

  const putDoctrine = (doctrine: object, by: Actor = program) =>
    setDoctrineOf(deps, by, 'ac63', DoctrineSettings.parse(doctrine))
  const setDoctrine = (doctrine: object) =>
    sql`update schemes set doctrine = ${JSON.stringify(doctrine)}::jsonb where id = 'ac63'`.execute(
      database.db,
    )
  const write = async (over: Partial<AlertDraft> = {}, report: Partial<NewReport> = {}) => {
    const { id: reportId } = await createReport(deps, operator, 'ac63', {
      categoryCode: 'robbery',
      communeCode: '63178',
      ...report,
    })
    return createAlert(deps, operator, 'ac63', { ...draft, trades: [], ...over, reportId })
  }
  const read = ({ version }: AlertView) => ({ version })
  const submit = (alert: AlertView, by: Actor = operator) =>
    submitAlert(deps, by, 'ac63', alert.id, read(alert))
  const approve = (alert: AlertView, by: Actor = chief) =>
    approveAlert(deps, by, 'ac63', alert.id, read(alert))
  const order = (alert: AlertView, by: Actor = operator) =>
    broadcastAlert(deps, by, 'ac63', alert.id, read(alert))
  const override = (alert: AlertView, by: Actor = chief) =>
    overrideAlert(deps, by, 'ac63', alert.id, { ...read(alert), reason: 'Agresseur encore en ville' })
  const change = (alert: AlertView, over: Partial<AlertDraft>, by: Actor = operator) =>
    updateAlert(deps, by, 'ac63', alert.id, { ...draft, trades: [], ...over, version: alert.version })
  const authorise = (alert: AlertView, by: Actor = operator) =>
    authoriseMessage(deps, by, 'ac63', firstMessageOf(alert.id), {
      version: alert.version,
      magistrateId: MAGISTRATE.id,
      scope: 'Plaque et couleur du véhicule',
    })
  test('a change of doctrine names the drafts and waiting alerts that it affects, and changes nothing', async () => {
    const waiting = await submit(await write())
    const written = await write({}, { categoryCode: 'counterfeit' })
    const preview = async (changes: Parameters<typeof previewDoctrine>[3]) => {
      const { alerts } = await previewDoctrine(deps, chamber, 'ac63', changes)
      return alerts
        .filter(({ id }) => id === waiting.id || id === written.id)
        .map(({ reference, state, effects }) => [reference, state, ...effects])
    }
    expect(await preview({ approval: [] })).toEqual([[waiting.reference, 'submitted', 'approval_dropped']])
    expect(await preview({ approval: [{ categories: 'all', severities: 'all' }] })).toEqual([
      [written.reference, 'draft', 'approval_needed'],
    ])
    expect(await preview({ closingMessage: true })).toEqual([])
    expect(await refused(previewDoctrine(deps, chief, 'ac63', {}))).toEqual(['forbidden'])
    expect((await getAlert(deps, chief, 'ac63', waiting.id)).alert.state).toBe('submitted')
    await rejectMessage(deps, chief, 'ac63', firstMessageOf(waiting.id), {
      ...read(waiting),
      reason: 'Doublon',
    })
    await discardAlert(deps, operator, 'ac63', written.id)
  })

  test('a chief lets a member named by ordinary words stand, with a reason; nothing else can be passed', async () => {
    await seedMembers(database.db, 'ac63', [{ id: idOf(41), name: 'Café de la Gare', phones: [phoneOf(41)] }])
    const text = 'Faux billets à Issoire à 17h30, café de la gare. Ne pas intervenir.'
    const alert = await write({ text }, { categoryCode: 'counterfeit' })
    const pass = { words: 'café de la gare', reason: 'La place devant la gare, pas l’adhérent' }
    expect(await refused(order(alert))).toEqual(['guard.blocked'])
    expect(await refused(passWords(deps, operator, 'ac63', alert.id, pass))).toEqual(['forbidden'])
    // The operator submits it all the same: the second person reads the words, and only a chief's pass lets it leave.
    const submitted = await submit(alert)
    expect(await refused(approve(submitted))).toEqual(['guard.blocked'])
    const plate = { ...pass, words: 'AB-123-CD', text: 'Clio AB-123-CD à Issoire.' }
    expect(await refused(passWords(deps, chief, 'ac63', alert.id, plate))).toEqual(['guard.not_passable'])
    const named = { ...pass, words: 'Tabac Chez Momo', text: 'Vol au Tabac Chez Momo à Issoire.' }
    expect(await refused(passWords(deps, chief, 'ac63', alert.id, named))).toEqual(['guard.not_passable'])
    expect((await passWords(deps, chief, 'ac63', alert.id, pass)).passed).toEqual(['café de la gare'])
    const page = await getAlert(deps, operator, 'ac63', alert.id)
    expect(page.events).toContainEqual(
      expect.objectContaining({
        kind: 'words_passed',
        by: 'Marc Vidal (CORG 63)',
        reason: pass.reason,
        values: expect.objectContaining({ words: pass.words }),
      }),
    )
    const audited = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'subject'])
      .where('action', '=', 'guard.pass')
      .execute()
    expect(audited).toEqual([{ action: 'guard.pass', subject: `alert:${alert.id}` }])
    expect((await approve(submitted)).state).toBe('broadcasting')
  })

  const kindsOf = async (id: string) =>
    (await getAlert(deps, operator, 'ac63', id)).events.map(({ kind: what }) => what)
  /** Returns all error codes of a refusal. */
  const refused = async (act: Promise<unknown>): Promise<string[]> => {
    try {
      await act
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return error.problems.length === 0 ? [error.code] : error.problems.map(({ code }) => code)
    }
    return []
  }

  test('sends an alert with established facts and an offence without a second person', async () => {
    const alert = await write(
      { text: 'Faux billets à Issoire. Ne pas intervenir.' },
      { categoryCode: 'counterfeit' },
    )
    expect(alert.approval).toMatchObject({ needed: false, authors: ['operator-1'], decision: null })
    const sent = await order(alert)
    expect(sent).toMatchObject({ state: 'broadcasting', contentHash: alert.contentHash })
    const row = await database.db
      .selectFrom('broadcasts')
      .select('contentHash')
      .where('alertId', '=', alert.id)
      .executeTakeFirst()
    expect(row?.contentHash).toBe(alert.contentHash)
  })

  test('reports every objection of the doctrine at once', async () => {
    const alert = await write(
      {
        text: 'Vol chez Tabac Chez Momo par M. Durand, Clio AB-123-CD. Ne pas intervenir.',
        doctrine: { offence: null, arrested: true, level: 'established' },
      },
      { communeCode: '63003' },
    )
    const problems = await refused(order(alert))
    expect(problems.slice(0, 3)).toEqual([
      'doctrine.offence_unanswered',
      'doctrine.arrested',
      'doctrine.outside_zone',
    ])
    expect(problems.filter((code) => code === 'guard.blocked').length).toBeGreaterThanOrEqual(3)
    expect(problems.at(-1)).toBe('doctrine.approval_needed')
    // A submission may lack the approval, and nothing else.
    expect(await refused(submit(alert))).toEqual(problems.slice(0, -1))
    const { rows } = await sql<{
      n: number
    }>`select count(*)::int as n from broadcasts where alert_id = ${alert.id}`.execute(database.db)
    expect(rows[0]?.n).toBe(0)
  })

  test('requires the commune of the report in the text; an area suffices for counterfeit notes', async () => {
    const area = { kind: 'scheme' } as const
    const away = 'Vol à main armée département du Puy-de-Dôme à 17h30. Ne pas intervenir.'
    const robbery = await write({ text: away, area })
    expect(await refused(submit(robbery))).toEqual(['doctrine.commune_not_named'])
    expect(await refused(override(robbery))).toEqual(['doctrine.commune_not_named'])
    const { remarks } = await listRemarks(deps, chief, 'ac63', robbery.id)
    expect(remarks.map(({ code, severity }) => [code, severity])).toContainEqual(['missing_commune', 'block'])
    const approved = await approve(await submit(await change(robbery, { area })))
    expect(approved).toMatchObject({ state: 'broadcasting', placeWords: 'à Issoire' })
    const notes = 'Faux billets département du Puy-de-Dôme. Ne pas intervenir.'
    const written = await write({ text: notes, area }, { categoryCode: 'counterfeit' })
    // A time is asked for once the text of the category gives it.
    const setTemplate = (template: string) =>
      sql`update categories set template = ${template} where scheme_id = 'ac63' and code = 'counterfeit'`.execute(
        database.db,
      )
    const codes = async () =>
      (await listRemarks(deps, chief, 'ac63', written.id)).remarks.map(({ code }) => code)
    expect(await codes()).toEqual([])
    await setTemplate('Faux billets {zone} vers {heure}. {conseil}')
    expect(await codes()).toEqual(['missing_time'])
    await setTemplate('Faux billets {zone}. {conseil}')
    const sent = await order(written)
    expect(sent).toMatchObject({ state: 'broadcasting', placeWords: 'département du Puy-de-Dôme' })
  })

  test('accepts a former commune in the text if the caller named it', async () => {
    await sql`
      insert into former_communes (code, commune_code, name, search_name)
      values ('63999', '63178', 'Le Vieux-Bourg', 'le vieux bourg')`.execute(database.db)
    const text = 'Vol à main armée au Vieux-Bourg vers 17h30. Ne pas intervenir.'
    expect(await refused(submit(await write({ text })))).toEqual(['doctrine.commune_not_named'])
    const alert = await write({ text }, { formerName: 'le vieux bourg' })
    const approved = await approve(await submit(alert))
    expect(approved).toMatchObject({ state: 'broadcasting', placeWords: 'au Vieux-Bourg' })
    expect(await getReport(deps, operator, 'ac63', alert.reportId)).toMatchObject({
      commune: { code: '63178', name: 'Issoire', formerName: 'Le Vieux-Bourg' },
    })
    expect(await refused(write({}, { formerName: 'Dallet' }))).toEqual(['report.former_name_unknown'])
  })

  test('blocks the name of a member from the moment it joins', async () => {
    const text = 'Vol à la Maison Vernet à Issoire à 17h30. Ne pas intervenir.'
    const alert = await write({ text }, { categoryCode: 'counterfeit' })
    await seedMembers(database.db, 'ac63', [
      { id: idOf(8), name: 'Maison Vernet', phones: [phoneOf(8)], createdAt: clock },
    ])
    await expect(order(alert)).rejects.toMatchObject({
      code: 'doctrine_refused',
      problems: [{ code: 'guard.blocked', values: { code: 'member_name' } }],
    })
    await sql`delete from contacts where member_id = ${idOf(8)}`.execute(database.db)
    await sql`delete from members where id = ${idOf(8)}`.execute(database.db)
    expect((await order(alert)).state).toBe('broadcasting')
  })

  test('sends what was submitted once a second person approves it', async () => {
    const alert = await write()
    expect(alert.approval.needed).toBe(true)
    expect(await refused(order(alert))).toEqual(['doctrine.approval_needed'])
    const submitted = await submit(alert)
    expect(submitted).toMatchObject({
      state: 'submitted',
      approval: { submittedBy: 'Camille Roche (CIC Clermont-Ferrand)', decision: null },
    })
    expect((await listAlerts(deps, chief, 'ac63', { state: 'submitted', limit: 10 })).alerts).toHaveLength(1)
    // Its author can neither order it while it is submitted nor approve it, under any role.
    expect(await refused(order(submitted))).toEqual(['wrong_state'])
    expect(await refused(approve(submitted, operator))).toEqual(['forbidden'])
    const promoted = named(actorOf('chief', 'ac63', { agencyId }), 'operator-1', 'Camille Roche')
    expect(await refused(approve(submitted, promoted))).toEqual(['doctrine.own_alert'])
    clock = new Date(clock.getTime() + 60_000)
    const sent = await approve(submitted)
    expect(sent).toMatchObject({
      state: 'broadcasting',
      orderedBy: 'Marc Vidal (CORG 63)',
      approval: { decision: 'approved', decidedBy: 'Marc Vidal (CORG 63)', overridden: false, review: null },
    })
    expect(await kindsOf(alert.id)).toEqual([
      'called',
      'reported',
      'drafted',
      'submitted',
      'approved',
      'ordered',
    ])
    expect((await getReport(deps, operator, 'ac63', alert.reportId)).state).toBe('broadcast')
  })

  test.each([
    ['user.invite', 'chief-1', 'operator-1'],
    ['user.invite_again', 'chief-1', 'operator-1'],
    ['user.reset', 'chief-1', 'operator-1'],
    // The reverse: an author who let the approver in.
    ['user.reset', 'operator-1', 'chief-1'],
  ] as const)(
    'refuses the second person after %s by %s for %s within the cooling time, except in an exercise',
    async (action, by, to) => {
      await recordAccountAct(database, clock, { by, to, action })
      const drill = await submit(await write({}, { exercise: true }))
      expect((await approve(drill)).state).toBe('broadcasting')
      clock = new Date(clock.getTime() + 23 * 3_600_000)
      const submitted = await submit(await write())
      const reason = { ...read(submitted), reason: 'Doute' }
      const message = firstMessageOf(submitted.id)
      expect(await refused(approve(submitted))).toEqual(['doctrine.access_given'])
      expect(await refused(returnMessage(deps, chief, 'ac63', message, reason))).toEqual([
        'doctrine.access_given',
      ])
      clock = new Date(clock.getTime() + 3_600_000)
      const late = await approveAlert(deps, chief, 'ac63', submitted.id, reason)
      expect(late.state).toBe('broadcasting')
    },
  )

  test('refuses the review of an order to who gave its author access', async () => {
    await recordAccountAct(database, clock, { by: 'chief-2', to: 'operator-1' })
    const sent = await override(await submit(await write()))
    const review = (by: Actor) =>
      reviewMessage(deps, by, 'ac63', firstMessageOf(sent.id), { verdict: 'justified', note: 'Vu' })
    expect(await refused(review(otherChief))).toEqual(['doctrine.access_given'])
    expect((await review(magistrate)).approval.review).toBe('justified')
  })

  test('sends an alert once when several users approve it concurrently', async () => {
    const submitted = await submit(await write())
    const results = await Promise.allSettled([
      ...[chief, otherChief, magistrate].map((by) => approve(submitted, by)),
      rejectMessage(deps, otherChief, 'ac63', firstMessageOf(submitted.id), {
        ...read(submitted),
        reason: 'Doute',
      }),
    ])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from broadcasts where alert_id = ${submitted.id}`.execute(database.db)
    const { state } = (await getAlert(deps, chief, 'ac63', submitted.id)).alert
    expect(rows[0]?.n).toBe(state === 'rejected' ? 0 : 1)
  })

  test('filters alerts by whether they were sent, searches them, and shows the decision on its alert in a report', async () => {
    const rejected = await submit(await write())
    clock = new Date(clock.getTime() + 60_000)
    await rejectMessage(deps, chief, 'ac63', firstMessageOf(rejected.id), {
      ...read(rejected),
      reason: 'Doute à lever',
    })
    const idsOf = async (query: Partial<AlertQuery>, by = operator) =>
      (await listAlerts(deps, by, 'ac63', { limit: 200, ...query })).alerts.map(({ id }) => id)
    expect(await idsOf({ ordered: false })).toContain(rejected.id)
    expect(await idsOf({ ordered: true })).not.toContain(rejected.id)
    expect(await idsOf({ state: 'rejected', ordered: false, q: rejected.reference })).toEqual([rejected.id])
    expect(await idsOf({ q: 'iss' })).toContain(rejected.id)
    expect(await idsOf({ q: '100%_nulle part' })).toEqual([])
    // A user who may not read a text must not find out its words by searching.
    const words = rejected.text.slice(-12)
    expect(await idsOf({ q: words })).toContain(rejected.id)
    expect(await idsOf({ q: words }, chamber)).not.toContain(rejected.id)
    const report = await getReport(deps, operator, 'ac63', rejected.reportId)
    expect(report).toMatchObject({
      state: 'waiting',
      alert: {
        id: rejected.id,
        state: 'rejected',
        answer: { at: clock.toISOString(), by: 'Marc Vidal (CORG 63)', reason: 'Doute à lever' },
      },
    })
    let csv = ''
    const everything = { state: 'waiting' } as const
    for await (const piece of await exportJournal(deps, operator, 'ac63', everything, 'fr')) csv += piece
    expect(csv).toContain(`${rejected.reference};rejetée;Doute à lever;`)
  })

  test('lists an alert as current while a user has to act on it', async () => {
    const current = async () => (await listCurrentAlerts(deps, operator, 'ac63')).alerts.map(({ id }) => id)
    const alert = await write()
    expect(await current()).not.toContain(alert.id)
    const submitted = await submit(alert)
    expect(await current()).toContain(alert.id)
    await rejectMessage(deps, chief, 'ac63', firstMessageOf(alert.id), {
      ...read(submitted),
      reason: 'Doute à lever',
    })
    expect(await current()).toContain(alert.id)
    await refuseReport(deps, operator, 'ac63', alert.reportId, { reason: 'arrested' })
    expect(await current()).not.toContain(alert.id)

    const sent = await override(await submit(await write()))
    await activateAlert(deps, engine, 'ac63', sent.id)
    expect((await current())[0]).toBe(sent.id)
    await endAlert(deps, operator, 'ac63', sent.id)
    // Its review is not signed yet.
    expect(await current()).toContain(sent.id)
    await reviewMessage(deps, magistrate, 'ac63', firstMessageOf(sent.id), {
      verdict: 'justified',
      note: 'Vu',
    })
    expect(await current()).not.toContain(sent.id)
  })

  test('shows remarks of the guard to the deciding user, without names of members that are not in the text', async () => {
    const alert = await write({ text: 'VOL A MAIN ARMEE A ISSOIRE.' })
    for (const by of [chief, magistrate]) {
      const { remarks } = await listRemarks(deps, by, 'ac63', alert.id)
      expect(remarks.map(({ code }) => code)).toContain('capitals')
      expect(JSON.stringify(remarks)).not.toContain('Momo')
    }
    expect(await refused(listRemarks(deps, operator, 'ac63', alert.id))).toEqual(['forbidden'])
    expect(await refused(listRemarks(deps, chamber, 'ac63', alert.id))).toEqual(['forbidden'])
    expect(await refused(listRemarks(deps, chief, 'ac63', idOf(77)))).toEqual(['not_found'])
  })

  test('treats a user who changed an alert as an author', async () => {
    const alert = await change(await write(), { text: `${draft.text} Fermez.` }, chief)
    expect(alert.approval.authors).toEqual(['operator-1', 'chief-1'])
    const submitted = await submit(await change(alert, { text: `${draft.text} Restez.` }))
    expect(await refused(approve(submitted))).toEqual(['doctrine.own_alert'])
    expect((await approve(submitted, magistrate)).state).toBe('broadcasting')
  })

  test('resubmits an alert that was returned and corrected', async () => {
    const submitted = await submit(await write())
    const returned = await returnMessage(deps, chief, 'ac63', firstMessageOf(submitted.id), {
      ...read(submitted),
      reason: 'Précisez l’heure',
    })
    expect(returned).toMatchObject({
      state: 'returned',
      approval: { decision: 'returned', reason: 'Précisez l’heure', submittedAt: null },
    })
    expect(await refused(approve(returned))).toEqual(['wrong_state'])
    expect(await refused(order(returned))).toEqual(['wrong_state'])
    const corrected = await change(returned, {
      text: 'Vol à main armée à Issoire à 17h25. Ne pas intervenir.',
    })
    // The author can still read the requested changes.
    expect(corrected).toMatchObject({ state: 'draft', approval: { reason: 'Précisez l’heure' } })
    const again = await submit(corrected)
    expect(again.approval).toMatchObject({ decision: null, reason: null })
    expect((await approve(again)).sentText).toContain('17h25')
    const { events } = await getAlert(deps, operator, 'ac63', again.id)
    expect(events.find(({ kind: what }) => what === 'returned')).toMatchObject({
      by: 'Marc Vidal (CORG 63)',
      reason: 'Précisez l’heure',
    })
  })

  test('makes the report of a rejected alert pending again, and allows another alert', async () => {
    const submitted = await submit(await write())
    const rejected = await rejectMessage(deps, magistrate, 'ac63', firstMessageOf(submitted.id), {
      ...read(submitted),
      reason: 'Faits non établis',
    })
    expect(rejected).toMatchObject({ state: 'rejected', approval: { decision: 'rejected' } })
    const told = {
      alertId: rejected.id,
      reference: rejected.reference,
      text: draft.text,
      reason: 'Faits non établis',
      by: 'Hélène Roche (Parquet de Clermont-Ferrand)',
      at: clock.toISOString(),
    }
    expect(await getReport(deps, operator, 'ac63', rejected.reportId)).toMatchObject({
      state: 'waiting',
      alert: { id: rejected.id, state: 'rejected' },
      rejection: told,
    })
    const next = await createAlert(deps, operator, 'ac63', {
      ...draft,
      trades: [],
      reportId: rejected.reportId,
    })
    expect(next.id).not.toBe(rejected.id)
    // The user who decides on the next one can still read why the first was rejected.
    expect(await getReport(deps, chief, 'ac63', rejected.reportId)).toMatchObject({
      alert: { id: next.id, state: 'draft' },
      rejection: told,
    })
  })

  test('lets the author decide in an exercise, and notifies no agency of a place outside its zone', async () => {
    const { id: reportId } = await createReport(deps, otherChief, 'ac63', {
      categoryCode: 'robbery',
      communeCode: '63003',
      exercise: true,
    })
    const text = draft.text.replace('Issoire', 'Ambert')
    const alert = await createAlert(deps, otherChief, 'ac63', { ...draft, text, trades: [], reportId })
    expect(alert).toMatchObject({ exercise: true, zone: { inside: true, agency: null } })
    const sent = await approve(await submit(alert, otherChief), otherChief)
    expect(sent).toMatchObject({
      state: 'broadcasting',
      approval: { decision: 'approved', decidedById: 'chief-2', authors: ['chief-2'] },
    })
    expect(await kindsOf(alert.id)).not.toContain('zone_told')
  })

  test('allows a chief to override in an emergency; another user signs the review', async () => {
    const alert = await write()
    expect(await refused(override(alert, operator))).toEqual(['forbidden'])
    const sent = await override(alert)
    expect((await getAlert(deps, chief, 'ac63', alert.id)).alert).toEqual(sent)
    expect(sent).toMatchObject({
      state: 'broadcasting',
      approval: {
        overridden: true,
        decidedById: 'chief-1',
        review: 'open',
        reason: 'Agresseur encore en ville',
      },
    })
    const open = async () =>
      (await listCurrentAlerts(deps, chief, 'ac63')).alerts
        .filter(({ approval }) => approval.review === 'open')
        .map(({ id }) => id)
    expect(await open()).toContain(alert.id)
    const review = (by: Actor) =>
      reviewMessage(deps, by, 'ac63', firstMessageOf(alert.id), {
        verdict: 'justified',
        note: 'Vu avec le CORG',
      })
    expect(await refused(review(chief))).toEqual(['doctrine.own_override'])
    expect(await refused(review(operator))).toEqual(['forbidden'])
    const writer = named(actorOf('chief', 'ac63'), 'operator-1', 'Camille Roche')
    expect(await refused(review(writer))).toEqual(['doctrine.own_override'])
    expect(await review(otherChief)).toMatchObject({
      approval: {
        review: 'justified',
        reviewedBy: 'Anne Morel (CIC Clermont-Ferrand)',
        reviewNote: 'Vu avec le CORG',
      },
    })
    expect(await refused(review(magistrate))).toEqual(['wrong_state'])
    expect(await open()).not.toContain(alert.id)
    expect(await kindsOf(alert.id)).toEqual(expect.arrayContaining(['overridden', 'reviewed']))
  })

  test('waives only the second person by an override, and only where the scheme allows it', async () => {
    const simple = await write(
      { text: 'Faux billets à Issoire. Ne pas intervenir.' },
      { categoryCode: 'counterfeit' },
    )
    expect(await refused(override(simple))).toEqual(['doctrine.approval_not_needed'])
    const precise = await write(PRECISE)
    expect(await refused(override(precise))).toEqual(['doctrine.authorisation_missing'])
    const { rows } = await sql<{ doctrine: object }>`select doctrine from schemes where id = 'ac63'`.execute(
      database.db,
    )
    await setDoctrine({ ...rows[0]?.doctrine, emergencyOverride: false })
    try {
      expect(await refused(override(await write()))).toEqual(['doctrine.override_off'])
    } finally {
      await setDoctrine(rows[0]?.doctrine ?? {})
    }
  })

  test("requires the prosecutor's authorisation for precise elements, bound to the content", async () => {
    const alert = await write(PRECISE)
    expect(alert).toMatchObject({ authorisation: null, approval: { needed: true } })
    const submitted = await submit(alert)
    expect(await refused(approve(submitted))).toEqual(['doctrine.authorisation_missing'])
    const authorised = await authorise(submitted)
    expect(authorised).toMatchObject({
      state: 'submitted',
      version: 1,
      authorisation: {
        magistrate: 'Anne Roy',
        service: 'Parquet de Clermont-Ferrand',
        scope: 'Plaque et couleur du véhicule',
        recordedBy: 'Camille Roche (CIC Clermont-Ferrand)',
        valid: true,
        confirmation: 'pending',
        answeredAt: null,
      },
    })
    const changed = await change(authorised, { ...PRECISE, text: `${PRECISE.text} Appelez le 17.` })
    expect(changed).toMatchObject({ state: 'draft', authorisation: { valid: false } })
    // Restoring the first text does not restore its authorisation.
    const back = await submit(await change(changed, PRECISE))
    expect(await refused(approve(back))).toEqual(['doctrine.authorisation_void'])
    const own = await authoriseMessage(deps, magistrate, 'ac63', firstMessageOf(back.id), {
      version: back.version,
      magistrateId: MAGISTRATE.id,
      scope: 'Véhicule',
    })
    expect(own.authorisation).toMatchObject({
      magistrate: 'Hélène Roche',
      service: 'Parquet de Clermont-Ferrand',
      valid: true,
    })
    expect((await approve(own, magistrate)).state).toBe('broadcasting')
    expect(await kindsOf(alert.id)).toEqual(
      expect.arrayContaining(['authorised', 'authorisation_void', 'submitted', 'taken_back', 'approved']),
    )
    expect(await refused(authorise(own))).toEqual(['alert_not_draft'])
  })

  test('requires magistrate, service, a past time and the precise level in an authorisation', async () => {
    const alert = await write()
    expect(
      await refused(
        authoriseMessage(deps, operator, 'ac63', firstMessageOf(alert.id), {
          version: 1,
          scope: 'Tout',
          givenAt: new Date(clock.getTime() + 600_000).toISOString(),
        }),
      ),
    ).toEqual(['doctrine.authorisation_needless', 'input.required', 'doctrine.authorisation_future'])
    const precise = await write(PRECISE)
    expect(await refused(authorise({ ...precise, version: 2 }))).toEqual(['alert_changed'])
    expect(await refused(authorise(precise, chamber))).toEqual(['forbidden'])
    // Answers are not part of the content: changing them does not make the authorisation void.
    const authorised = await authorise(precise)
    const answered = await change(authorised, {
      ...PRECISE,
      doctrine: { ...PRECISE.doctrine, arrested: null },
    })
    expect(answered.authorisation?.valid).toBe(true)
  })

  test("requires a reason outside the agency's zone, and notifies the agency of the zone", async () => {
    const inside = await write({}, { categoryCode: 'counterfeit' })
    expect(inside.zone).toEqual({ inside: true, agency: null, reason: null })
    const area = { kind: 'commune', code: '63003' } as const
    const text = 'Faux billets à Ambert. Ne pas intervenir.'
    const outside = await write({ text, area }, { categoryCode: 'counterfeit', communeCode: '63003' })
    // Two agencies have it in their zone; the one with the smaller zone is meant.
    expect(outside.zone).toEqual({ inside: false, agency: 'Gendarmerie d’Ambert', reason: null })
    expect(await refused(order(outside))).toEqual(['doctrine.outside_zone'])
    const reasoned = await change(outside, { text, area, outsideZoneReason: 'Appel reçu au CIC' })
    expect(reasoned.zone.reason).toBe('Appel reçu au CIC')
    const ours = async (by: Actor) => (await listCurrentAlerts(deps, by, 'ac63')).inZone
    const local = actorOf('operator', 'ac63', { agencyId: STATION })
    expect(await ours(local)).toEqual([])
    await order(reasoned)
    expect(await ours(local)).toEqual([outside.id])
    expect(await ours(operator)).toEqual([])
    const later = { ...deps, now: () => new Date(clock.getTime() + 7.1 * 24 * 3_600_000) }
    expect((await listCurrentAlerts(later, local, 'ac63')).inZone).toEqual([])
    const { events } = await getAlert(deps, operator, 'ac63', outside.id)
    expect(events.find(({ kind: what }) => what === 'zone_told')).toMatchObject({
      values: { agency: 'Gendarmerie d’Ambert' },
    })
    // Once the agency of the zone has changed it, it is inside.
    const taken = await write({ text, area }, { categoryCode: 'counterfeit', communeCode: '63003' })
    expect((await change(taken, { text: `${text} Appelez le 17.`, area }, local)).zone.inside).toBe(true)
  })

  test('hides texts that are precise or not approved yet from the chamber', async () => {
    const precise = await authorise(await submit(await write(PRECISE)))
    const asChamber = async (id: string) => {
      const page = await getAlert(deps, chamber, 'ac63', id)
      const listed = (await listAlerts(deps, chamber, 'ac63', { limit: 200 })).alerts.find(
        (one) => one.id === id,
      )
      expect(listed).toEqual(page.alert)
      return page
    }
    for (const one of [precise, await write()]) {
      const { alert, events } = await asChamber(one.id)
      expect(alert).toMatchObject({ text: '', hidden: true, contentHash: null })
      // The hash is hidden too: guessed texts could be checked against it, since all else that it covers is visible.
      expect(one.contentHash).toMatch(/^[0-9a-f]{64}$/)
      expect(JSON.stringify(await asChamber(one.id))).not.toContain(one.contentHash)
      expect(JSON.stringify([alert, events])).not.toMatch(/AB-123-CD|Plaque et couleur|main armée à Issoire/)
    }
    await approve(precise)
    const { alert, events } = await asChamber(precise.id)
    expect(alert).toMatchObject({
      text: '',
      sentText: '',
      hidden: true,
      contentHash: null,
      authorisation: { scope: '' },
    })
    expect(JSON.stringify([alert, events])).not.toMatch(/AB-123-CD|Plaque et couleur/)
    const plain = await order(
      await write(
        {
          text: 'Faux billets à Clermont-Ferrand. Ne pas intervenir.',
          area: { kind: 'commune', code: '63113' },
        },
        { categoryCode: 'counterfeit', communeCode: '63113' },
      ),
    )
    expect((await asChamber(plain.id)).alert).toMatchObject({
      hidden: false,
      text: plain.text,
      contentHash: plain.contentHash,
    })
    expect((await getAlert(deps, magistrate, 'ac63', precise.id)).alert.text).toContain('AB-123-CD')
  })

  test('shows contacts the text that was sent, and nothing about its approval', async () => {
    const sent = await approve(await authorise(await submit(await write(PRECISE))))
    const mine = (await listOwn(deps, 'ac63', idOf(1))).find(({ id }) => id === sent.id)
    expect(mine?.text).toContain('AB-123-CD')
    expect(JSON.stringify(mine)).not.toMatch(/Vidal|Camille|Roche|operator-1|Plaque et couleur/)
    clock = new Date(clock.getTime() + 24 * 3_600_000)
    const waiting = await submit(await write())
    expect((await listOwn(deps, 'ac63', idOf(1))).map(({ id }) => id)).not.toContain(waiting.id)
  })

  test("applies the scheme's own limit for late reports", async () => {
    const { rows } = await sql<{ doctrine: object }>`select doctrine from schemes where id = 'ac63'`.execute(
      database.db,
    )
    const at = (minutes: number) => new Date(clock.getTime() - minutes * 60_000).toISOString()
    const report = (minutes: number) =>
      createReport(deps, operator, 'ac63', {
        categoryCode: 'counterfeit',
        communeCode: '63178',
        occurredAt: at(minutes),
      })
    expect(await refused(report(61))).toEqual(['late_reason_missing'])
    await setDoctrine({ ...rows[0]?.doctrine, lateAfterMinutes: 120 })
    const { id: reportId } = await report(61)
    expect(await refused(report(121))).toEqual(['late_reason_missing'])
    await setDoctrine(rows[0]?.doctrine ?? {})
    // The scheme has become stricter since, so the order requires a reason.
    const text = 'Faux billets à Issoire. Ne pas intervenir.'
    const alert = await createAlert(deps, operator, 'ac63', { ...draft, trades: [], text, reportId })
    expect(await refused(order(alert))).toEqual(['late_reason_missing'])
  })

  test('requires a reason for an alert whose facts grew old while it was pending', async () => {
    const wait = (minutes: number) => {
      clock = new Date(clock.getTime() + minutes * 60_000)
    }
    const approveWith = (alert: AlertView, reason: string) =>
      approveAlert(deps, chief, 'ac63', alert.id, { ...read(alert), reason })
    const alert = await submit(await write())
    wait(60)
    expect(alert.occurredAt).toBe(new Date(clock.getTime() - 3_600_000).toISOString())
    wait(1)
    expect(await refused(approve(alert))).toEqual(['doctrine.grown_old'])
    expect(await refused(approveWith(alert, '  '))).toEqual(['doctrine.grown_old'])
    // A user without the permission gets that refusal only.
    expect(await refused(approve(alert, operator))).toEqual(['forbidden'])
    const sent = await approveWith(alert, 'Auteurs encore signalés en ville.')
    expect(sent.approval).toMatchObject({ decision: 'approved', reason: 'Auteurs encore signalés en ville.' })
    const { alert: asRead, events } = await getAlert(deps, operator, 'ac63', sent.id)
    expect({ ...asRead, approval: null }).toEqual({ ...sent, approval: null })
    expect(events.find((one) => one.kind === 'approved')?.reason).toBe('Auteurs encore signalés en ville.')
    // A reason may describe persons, so the chamber cannot read it.
    const told = await getAlert(deps, chamber, 'ac63', sent.id)
    expect(JSON.stringify(told)).not.toContain('encore signalés')
    const { rows } = await sql<{ details: object }>`select details from audit_entries
      where action = 'alert.approve' order by seq desc limit 1`.execute(database.db)
    expect(rows[0]?.details).toMatchObject({ grownOld: true })
    expect(JSON.stringify(rows)).not.toContain('encore signalés')
  })

  test('stores the reason in the report if one user orders alone', async () => {
    const { rows: settings } = await sql<{ doctrine: object }>`
      select doctrine from schemes where id = 'ac63'`.execute(database.db)
    await setDoctrine({ ...settings[0]?.doctrine, approval: [] })
    const alert = await write()
    clock = new Date(clock.getTime() + 61 * 60_000)
    expect(await refused(order(alert))).toEqual(['doctrine.grown_old'])
    const reason = 'Véhicule encore signalé en ville.'
    const sent = await broadcastAlert(deps, operator, 'ac63', alert.id, { ...read(alert), reason })
    expect(sent).toMatchObject({ state: 'broadcasting', approval: { decision: null, reason: null } })
    const { rows } = await sql<{ lateReason: string }>`
      select late_reason from reports where id = ${alert.reportId}`.execute(database.db)
    expect(rows).toEqual([{ lateReason: reason }])
    await setDoctrine(settings[0]?.doctrine ?? {})
  })

  test('accepts the reason of a late report for the same time again; prevention and overrides need none', async () => {
    const occurredAt = new Date(clock.getTime() - 7 * 3_600_000).toISOString()
    const late = await write({}, { occurredAt, lateReason: 'Vol constaté à l’ouverture.' })
    const waiting = await submit(late)
    clock = new Date(clock.getTime() + 60 * 60_000)
    expect((await approve(waiting)).approval.reason).toBeNull()
    clock = new Date(clock.getTime() + 48 * 3_600_000)
    const again = await submit(
      await write(
        {},
        {
          occurredAt: new Date(clock.getTime() - 7 * 3_600_000).toISOString(),
          lateReason: 'Vol constaté à l’ouverture.',
        },
      ),
    )
    clock = new Date(clock.getTime() + 61 * 60_000)
    expect(await refused(approve(again))).toEqual(['doctrine.grown_old'])
    // An override has a reason already.
    expect((await override(again)).approval.decision).toBe('overridden')
    clock = new Date(clock.getTime() + 48 * 3_600_000)
    const advice = await submit(
      await write(
        {
          doctrine: { offence: null, arrested: null, level: 'prevention' },
          text: 'Fermez vos rideaux à clé le soir.',
        },
        { categoryCode: 'advice' },
      ),
    )
    clock = new Date(clock.getTime() + 5 * 3_600_000)
    expect((await approve(advice)).state).toBe('broadcasting')
  })

  test('applies questions, zone and guard to an alert of another category at the prevention level', async () => {
    const level = 'prevention'
    const robbery = await write({
      text: 'Deux hommes en berline noire braquent les tabacs à Issoire. Ne pas intervenir.',
      doctrine: { offence: null, arrested: null, level },
    })
    const guarded = ['guard.blocked', 'guard.blocked']
    expect(await refused(submit(robbery))).toEqual([
      'doctrine.offence_unanswered',
      'doctrine.arrested_unanswered',
      ...guarded,
    ])
    const over = await write(
      { text: 'Fermez vos rideaux à Ambert.', doctrine: { offence: false, arrested: true, level } },
      { communeCode: '63003' },
    )
    expect(await refused(order(over))).toEqual([
      'doctrine.no_offence',
      'doctrine.arrested',
      'doctrine.outside_zone',
      'doctrine.approval_needed',
    ])
    const advice = await write(
      {
        text: 'Deux hommes à scooter visent les tabacs. Ne pas intervenir.',
        doctrine: { offence: null, arrested: null, level },
      },
      { categoryCode: 'advice' },
    )
    expect(await refused(submit(advice))).toEqual(guarded)
    const unanswered = await write({ doctrine: { ...draft.doctrine, arrested: null } })
    expect(await refused(submit(unanswered))).toEqual(['doctrine.arrested_unanswered'])
  })

  test('requires the prosecutor for a description unless the scheme allows it; hides descriptions of persons from the chamber', async () => {
    const texts = [
      'Vol à Issoire à 17h30, fuite en berline noire. Ne pas intervenir.',
      'Vol à Issoire à 17h30, un homme vêtu de noir. Ne pas intervenir.',
    ]
    const before = await database.db
      .selectFrom('schemes')
      .select('doctrine')
      .where('id', '=', 'ac63')
      .executeTakeFirstOrThrow()
    for (const text of texts) {
      const alert = await write({ text }, { categoryCode: 'counterfeit' })
      expect(await refused(order(alert))).toEqual(['guard.blocked'])
    }
    try {
      const set = await putDoctrine({ descriptionLevel: 'established' })
      expect(set.doctrine).toMatchObject({ descriptionLevel: 'established' })
      const seen = []
      for (const text of texts) {
        clock = new Date(clock.getTime() + 2 * 3_600_000)
        const alert = await write({ text }, { categoryCode: 'counterfeit' })
        expect((await order(alert)).state).toBe('broadcasting')
        const { hidden } = (await getAlert(deps, chamber, 'ac63', alert.id)).alert
        seen.push(hidden)
      }
      expect(seen).toEqual([false, true])
      const plate = 'Vol à Issoire à 17h30, voiture AB-123-CD. Ne pas intervenir.'
      clock = new Date(clock.getTime() + 2 * 3_600_000)
      const withPlate = await write({ text: plate }, { categoryCode: 'counterfeit' })
      expect(await refused(order(withPlate))).toEqual(['guard.blocked'])
      const { details } = await database.db
        .selectFrom('auditEntries')
        .select('details')
        .where('action', '=', 'doctrine.set')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
      expect(details).toMatchObject({
        before: { descriptionLevel: 'precise' },
        after: { descriptionLevel: 'established' },
      })
    } finally {
      await database.db
        .updateTable('schemes')
        .set({ doctrine: JSON.stringify(before.doctrine) })
        .where('id', '=', 'ac63')
        .execute()
    }
  })

  test('lets the chamber set the doctrine, which applies from then on', async () => {
    const before = await database.db
      .selectFrom('schemes')
      .select('doctrine')
      .where('id', '=', 'ac63')
      .executeTakeFirstOrThrow()
    const text = 'Faux billets à Issoire. Ne pas intervenir.'
    const simple = await write({ text }, { categoryCode: 'counterfeit' })
    expect(await refused(putDoctrine({}, chief))).toEqual(['forbidden'])
    const unknown = { categories: ['counterfeit', 'nothing'], severities: 'all' }
    expect(await refused(putDoctrine({ approval: [unknown] }))).toEqual(['unknown_category'])
    const set = await putDoctrine({ approval: [{ categories: ['counterfeit'], severities: 'all' }] })
    expect(set.doctrine).toMatchObject({ lateAfterMinutes: 60, approval: [{ categories: ['counterfeit'] }] })
    try {
      expect(await refused(order(simple))).toEqual(['doctrine.approval_needed'])
      const { rows } = await sql<{ details: object }>`
        select details from audit_entries where action = 'doctrine.set' order by seq desc limit 1`.execute(
        database.db,
      )
      expect(rows).toMatchObject([
        { details: { before: before.doctrine, after: { approval: [{ categories: ['counterfeit'] }] } } },
      ])
    } finally {
      await setDoctrine(before.doctrine)
    }
    expect((await order(simple)).state).toBe('broadcasting')
  })

  test('lets the author approve in an exercise', async () => {
    const { id: reportId } = await createReport(deps, chief, 'ac63', {
      categoryCode: 'robbery',
      communeCode: '63178',
      exercise: true,
    })
    const outsideZoneReason = 'Exercice commun'
    const alert = await createAlert(deps, chief, 'ac63', {
      ...draft,
      trades: [],
      outsideZoneReason,
      reportId,
    })
    expect(alert.approval).toMatchObject({ needed: true, authors: ['chief-1'] })
    expect(await approve(await submit(alert, chief))).toMatchObject({ state: 'broadcasting', exercise: true })
  })

  // The statements are the same on both kinds of database, so one run suffices.
  describe.runIf(kind === 'postgres')('every action in every state has the result of the state table', () => {
    const acts: Partial<Record<AlertEvent, (alert: AlertView) => Promise<AlertView>>> = {
      change: (alert) => change(alert, { text: `${draft.text} Restez.` }),
      discard: (alert) => discardAlert(deps, operator, 'ac63', alert.id),
      submit: (alert) => submit(alert),
      return: (alert) =>
        returnMessage(deps, chief, 'ac63', firstMessageOf(alert.id), { ...read(alert), reason: 'Non' }),
      reject: (alert) =>
        rejectMessage(deps, chief, 'ac63', firstMessageOf(alert.id), { ...read(alert), reason: 'Non' }),
      approve: (alert) => approve(alert),
      order: (alert) => order(alert),
      override: (alert) => override(alert),
    }
    const states = AlertStateName.options.filter((state) => state !== 'approved')

    test.each(
      states.flatMap((state) => Object.keys(acts).map((event) => [state, event as AlertEvent] as const)),
    )('%s, %s', async (state, event) => {
      const alert = await write()
      if (state === 'submitted') await submit(alert)
      else
        await sql`update alerts set state = ${state}, ordered_at = case when ${state} in
          ('broadcasting', 'active', 'updated', 'ended', 'cancelled', 'expired') then now() end where id = ${alert.id}`.execute(
          database.db,
        )
      const next = nextState(state as AlertState, event)
      const found = await refused(acts[event]!(alert))
      const after = (await getAlert(deps, operator, 'ac63', alert.id)).alert.state
      if (next === undefined) {
        expect(found.join()).toMatch(/^(wrong_state|alert_not_draft)$/)
        expect(after).toBe(state)
      } else if (event === 'order') {
        // Allowed in this state, but this alert needs a second person.
        expect(found).toEqual(['doctrine.approval_needed'])
      } else {
        expect(found).toEqual([])
        expect(after).toBe(event === 'approve' ? 'broadcasting' : next)
      }
    })
  })
})
