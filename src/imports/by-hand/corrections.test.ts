import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { getMember } from '../../members/actions.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { correctBusiness } from '../../portal/shop/business.ts'
import type { OwnBusiness } from '../../portal/shop/contract.ts'
import { getOwnShop } from '../../portal/shop/shop.ts'
import { editMember } from './actions.ts'
import { MemberEdit } from './contract.ts'
import { decideCorrection, listCorrections } from './corrections.ts'

const chamber = actorOf('chamber', 'ac63')
const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
const SIRET = '00012345500016'

describe.each(usualKinds)('what a business asks to correct on %s', (kind) => {
  let database: Database
  let deps: Deps
  const owner = contactOf('ac63', idOf(1))
  const shop = { schemeId: 'ac63', memberId: idOf(1) }
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await sql`update communes set postal_codes = '{63000,63100}' where code = '63113'`.execute(database.db)
    deps = testDeps(database, {
      mailer: { name: 'test', send: async () => {}, close: () => {} },
    })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    for (const table of ['member_change_rows', 'member_changes', 'contacts', 'members', 'outbox'])
      await sql`delete from ${sql.table(table)}`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Alpha', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Bravo', trade: 'bakeries', phones: [phoneOf(2)] },
    ])
    await sql`update contacts set mail = 'alpha@example.org' where member_id = ${idOf(1)}`.execute(
      database.db,
    )
    await sql`update members set siret = ${SIRET} where id = ${idOf(2)}`.execute(database.db)
  })

  const ask = async (over: Partial<OwnBusiness>) => {
    const { commune, address, postalCode } = (await getOwnShop(deps, owner, shop)).business
    const was = { commune: commune.code, address, postalCode }
    return correctBusiness(deps, owner, shop, { name: 'Alpha', address: '', was, ...over })
  }
  const waiting = async (actor: Actor = chamber) => (await listCorrections(deps, actor, 'ac63')).corrections
  const decide = async (accept: boolean, over: { actor?: Actor; reason?: string; askedAt?: string } = {}) => {
    const askedAt = over.askedAt ?? (await waiting())[0]?.askedAt ?? ''
    const { actor = chamber, reason = accept ? '' : 'Pas à ce nom' } = over
    return decideCorrection(deps, actor, 'ac63', idOf(1), { accept, askedAt, reason })
  }
  const refusal = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    return error instanceof AppError ? (error.problems[0]?.code ?? error.code) : 'done'
  }
  const mails = async () =>
    (await database.db.selectFrom('outbox').select('template').orderBy('createdAt').execute()).map(
      ({ template }) => template,
    )

  test('one act puts all of it in force, closes the request and notifies the business; it can be undone', async () => {
    const { business } = await ask({
      ...{ trade: 'bakeries', commune: '63113', address: '8 rue Y', postalCode: '63100' },
    })
    // It waits whole: the address is that of the other commune.
    expect(business).toMatchObject({
      ...{ address: null, commune: { name: 'Issoire' }, trade: { code: 'tobacco-press' } },
      correction: { state: 'waiting', commune: { code: '63113' }, trade: { code: 'bakeries' } },
    })
    expect(await waiting()).toMatchObject([{ name: 'Alpha', asked: { siret: null, trade: 'bakeries' } }])
    const { change, corrections } = await decide(true)
    expect([change?.kind, change?.note, corrections]).toEqual(['edit', 'Alpha', []])
    expect(await getMember(deps, chamber, 'ac63', idOf(1))).toMatchObject({
      ...{ trade: 'bakeries', commune: { code: '63113' }, address: '8 rue Y', postalCode: '63100' },
    })
    expect((await getOwnShop(deps, owner, shop)).business.correction).toBeNull()
    expect(await mails()).toEqual(['mail.correction.accepted'])
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    expect(await getMember(deps, chamber, 'ac63', idOf(1))).toMatchObject({
      ...{ trade: 'tobacco-press', commune: { code: '63178' }, address: null },
    })
    // The request waits again, and the answer does not leave.
    expect(await waiting()).toMatchObject([{ asked: { trade: 'bakeries', place: { address: '8 rue Y' } } }])
    const outbox = await database.db.selectFrom('outbox').select(['template', 'withdrawnAt']).execute()
    expect(outbox).toMatchObject([{ template: 'mail.correction.accepted', withdrawnAt: expect.any(Date) }])
    const audited = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('subject', '=', `member:${idOf(1)}`)
      .orderBy('seq')
      .execute()
    expect(audited.map(({ action }) => action)).toEqual([
      ...['member.correction_ask', 'member.correction', 'member.edit'],
    ])
    expect(JSON.stringify(audited)).not.toContain('rue Y')
  })

  test('reports the undo of a correction whose answer was sent, and keeps a newer request', async () => {
    await ask({ trade: 'bakeries' })
    const { change } = await decide(true)
    // A sent message leaves no row.
    await sql`delete from outbox`.execute(database.db)
    await ask({ siret: '00012345500024' })
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    expect(await mails()).toEqual(['mail.correction.undone'])
    expect(await waiting()).toMatchObject([{ asked: { siret: '00012345500024', trade: null } }])
  })

  test('is declined with a reason, which the portal shows until the business asks again', async () => {
    await ask({ trade: 'bakeries' })
    expect(await refusal(decide(false, { reason: '' }))).toBe('input.required')
    await decide(false)
    expect(await mails()).toEqual(['mail.correction.declined'])
    expect(await waiting()).toEqual([])
    const { business } = await getOwnShop(deps, owner, shop)
    expect(business.correction).toMatchObject({ state: 'declined', reason: 'Pas à ce nom' })
    // Without these fields nothing is asked, and nothing withdrawn.
    expect((await ask({ address: '3 rue X' })).business.correction).not.toBeNull()
    expect((await ask({ trade: 'tobacco-press', siret: '' })).business.correction).toMatchObject({
      ...{ state: 'declined', reason: 'Pas à ce nom' },
    })
    // A request is withdrawn field by field: its other fields go on waiting.
    await ask({ trade: 'bakeries' })
    await ask({ siret: '00012345500024' })
    expect(await waiting()).toMatchObject([{ asked: { siret: '00012345500024', trade: 'bakeries' } }])
    await ask({ trade: 'tobacco-press' })
    expect(await waiting()).toMatchObject([{ asked: { siret: '00012345500024', trade: null } }])
    expect((await ask({ siret: '' })).business.correction).toBeNull()
  })

  test('refuses values that cannot be, at the portal and at the act', async () => {
    expect(await refusal(ask({ siret: '123' }))).toBe('siret.length')
    expect(await refusal(ask({ trade: 'pirates' }))).toBe('unknown_trade')
    expect(await refusal(ask({ commune: '39300' }))).toBe('enrolment.outside')
    expect(await refusal(ask({ commune: '63113' }))).toBe('postal_code.several')
    // Only the chamber may learn which member has this SIRET.
    await ask({ siret: SIRET })
    expect(await refusal(decide(true))).toBe('member.siret_known')
    expect(await waiting()).toHaveLength(1)
    expect(await refusal(decide(true, { askedAt: '2026-01-01T00:00:00.000Z' }))).toBe('not_found')
  })

  test('an edit of the chamber settles it, with the same values or as its answer', async () => {
    const edit = async (over: object) => {
      const { version } = await getMember(deps, chamber, 'ac63', idOf(1))
      return editMember(deps, chamber, 'ac63', idOf(1), MemberEdit.parse({ version, ...over }))
    }
    await ask({ trade: 'bakeries' })
    await edit({ address: '5 rue Z' })
    expect(await waiting()).toHaveLength(1)
    await edit({ trade: 'bakeries' })
    expect(await waiting()).toEqual([])
    await ask({ trade: 'tobacco-press' })
    await edit({ address: '6 rue Z', answersRequest: (await waiting())[0]?.askedAt })
    expect(await waiting()).toEqual([])
    expect(await mails()).toEqual(['mail.correction.accepted', 'mail.correction.accepted'])
  })

  test('listing what waits locks no row', async () => {
    await ask({ name: 'Alpha Un', trade: 'bakeries' })
    await listCorrections(deps, chamber, 'ac63')
    // A row that was ever locked has the locking transaction in xmax.
    const { rows } = await sql<{ xmax: string }>`select xmax::text from member_corrections`.execute(
      database.db,
    )
    expect(rows.map(({ xmax }) => xmax)).toEqual(['0'])
  })

  test('a chamber of another trade neither sees nor answers it; the forces do not', async () => {
    await ask({ siret: '00012345500024' })
    expect(await waiting(bakers)).toEqual([])
    expect(await waiting(tobacconists)).toHaveLength(1)
    expect(await refusal(decide(true, { actor: bakers }))).toBe('not_found')
    expect(await refusal(decide(true, { actor: actorOf('operator', 'ac63') }))).toBe('forbidden')
    expect((await decide(true, { actor: tobacconists })).change?.kind).toBe('edit')
  })
})
