import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf as contactOfShop, noteJobs, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { waitingMails, waitingSms } from '../../../test/support/outbox.ts'
import type { Deps } from '../../deps.ts'
import { createKeptMailer } from '../../gateways/mail/kept.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { getMember } from '../actions.ts'
import { optOutNumber, setContactSms } from './opt-out.ts'
import { listOptedOut } from './opted-out.ts'

const chamber = actorOf('chamber', 'ac63')

describe.each(usualKinds)('opting out on %s', (kind) => {
  let database: Database
  let deps: Deps
  const jobs = noteJobs()
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    for (const schemeId of ['ac63', 'ac39'] as const) {
      await seedMembers(
        database.db,
        schemeId,
        [1, 2, 3, 4].map((n) => ({
          // Two shops share one phone.
          id: idOf(schemeId === 'ac63' ? n : n + 100),
          phones: [phoneOf(n === 4 ? 3 : n)],
          ...(schemeId === 'ac39' ? { communeCode: '39300' } : {}),
        })),
      )
    }
    deps = testDeps(database, { jobs, mailer: createKeptMailer(() => new Date()) })
  })
  afterAll(() => database.close())

  async function contactOf(n: number) {
    const { contacts } = await getMember(deps, chamber, 'ac63', idOf(n))
    return contacts[0]!
  }
  async function set(actor: Actor, n: number, sms: boolean, reason = 'par téléphone') {
    const { id } = await contactOf(n)
    const view = await setContactSms(deps, actor, 'ac63', { member: idOf(n), contact: id }, { sms, reason })
    return view.contacts[0]?.sms
  }
  const proofs = (n: number) =>
    inScheme(database.db, 'ac63', (tx) =>
      tx
        .selectFrom('optOuts')
        .select(['takes', 'how', 'by', 'reason', 'phone'])
        .where('memberId', '=', idOf(n))
        .orderBy('id')
        .execute(),
    )
  const audited = (contactId: string) =>
    database.db
      .selectFrom('auditEntries')
      .select(['action', 'actor', 'details'])
      .where('subject', '=', `contact:${contactId}`)
      .orderBy('seq')
      .execute()

  test('the chamber opts a contact out and back in, each with a reason and recorded once', async () => {
    expect(await set(chamber, 1, false)).toBe(false)
    expect(await set(chamber, 1, false)).toBe(false)
    expect(await set(chamber, 1, true, 'a rappelé')).toBe(true)
    expect(await proofs(1)).toEqual([
      { takes: false, how: 'chamber', by: 'user:chamber-1', reason: 'par téléphone', phone: phoneOf(1) },
      { takes: true, how: 'chamber', by: 'user:chamber-1', reason: 'a rappelé', phone: phoneOf(1) },
    ])
    const entries = await audited((await contactOf(1)).id)
    expect(entries.map(({ action }) => action)).toEqual(['contact.opt_out', 'contact.opt_in'])
    expect(JSON.stringify(entries)).not.toContain(phoneOf(1).slice(3))
  })

  test('refuses the chamber without a reason', async () => {
    await expect(set(chamber, 2, false, '')).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await proofs(2)).toEqual([])
  })

  test('refuses operators, other members and other schemes', async () => {
    await expect(set(actorOf('operator', 'ac63'), 1, false)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(set(contactOfShop('ac63', idOf(1)), 1, false)).rejects.toMatchObject({ code: 'forbidden' })
    const { id } = await contactOf(1)
    await expect(
      setContactSms(
        deps,
        actorOf('chamber', 'ac39'),
        'ac39',
        { member: idOf(1), contact: id },
        { sms: false, reason: 'x' },
      ),
    ).rejects.toMatchObject({ code: 'not_found' })
    // The contact belongs to another member of the scheme.
    await expect(
      setContactSms(deps, chamber, 'ac63', { member: idOf(2), contact: id }, { sms: false, reason: 'x' }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('STOP opts a phone out in every shop of the scheme with one confirmation, and in no other scheme', async () => {
    const stop = () =>
      inScheme(database.db, 'ac63', (tx) =>
        optOutNumber(tx, deps, 'ac63', { phone: phoneOf(3), gateway: 'simulator' }),
      )
    const told = jobs.noted.length
    expect(await stop()).toBe(2)
    expect(await stop()).toBe(0)
    expect(jobs.noted.length - told).toBe(1)
    expect(await waitingSms(database.db)).toMatchObject([
      { schemeId: 'ac63', phone: phoneOf(3), text: expect.stringContaining('STOP enregistré') },
    ])
    expect(await proofs(3)).toMatchObject([{ how: 'inbound', by: 'system:inbound', takes: false }])
    expect(await contactOf(4)).toMatchObject({ sms: false, optOut: { how: 'inbound' } })
    expect((await contactOf(1)).optOut).toBeNull()
    const other = await getMember(deps, actorOf('chamber', 'ac39'), 'ac39', idOf(103))
    expect(other.contacts[0]?.sms).toBe(true)
  })

  test('STOP of a number of no contact is kept once, and confirmed only if the scheme sent it something', async () => {
    const stop = (n: number, hasReceived: boolean) =>
      inScheme(database.db, 'ac63', (tx) =>
        optOutNumber(tx, deps, 'ac63', { phone: phoneOf(n), gateway: 'simulator', hasReceived }),
      )
    await database.db.deleteFrom('outbox').execute()
    for (let time = 0; time < 2; time++) {
      expect(await stop(40, false)).toBe(0)
      expect(await stop(41, true)).toBe(0)
    }
    expect((await waitingSms(database.db)).map(({ phone }) => phone)).toEqual([phoneOf(41)])
    const kept = await inScheme(database.db, 'ac63', async (tx) => ({
      out: await listOptedOut(tx, 'ac63', [phoneOf(2), phoneOf(40), phoneOf(41)]),
      rows: await tx
        .selectFrom('optOuts')
        .select(['memberId', 'contactId', 'how'])
        .where('phone', 'in', [phoneOf(40), phoneOf(41)])
        .execute(),
    }))
    expect([...kept.out].sort()).toEqual([phoneOf(40), phoneOf(41)])
    const row = { memberId: null, contactId: null, how: 'inbound' }
    expect(kept.rows).toEqual([row, row])
    const entries = await database.db
      .selectFrom('auditEntries')
      .select(['subject', 'details'])
      .where('action', '=', 'contact.opt_out')
      .where('subject', 'like', 'opt-out:%')
      .execute()
    expect(entries).toHaveLength(2)
    expect(entries[0]?.details).toEqual({ how: 'inbound' })
  })

  test('confirms every opt-out by mail to a contact with an address, and no opt-in', async () => {
    const { id } = await contactOf(2)
    await database.db.updateTable('contacts').set({ mail: 'anne@example.org' }).where('id', '=', id).execute()
    await database.db.deleteFrom('outbox').execute()
    if (!(await contactOf(2)).sms) await set(chamber, 2, true)
    await set(chamber, 2, false)
    await set(chamber, 2, true)
    const mails = await waitingMails(database.db)
    expect(mails).toMatchObject([
      { address: 'anne@example.org', text: expect.stringContaining(`finit par ${phoneOf(2).slice(-2)}`) },
    ])
    expect(mails[0]?.text).toContain('c’est ce qu’a enregistré')
    expect(mails[0]?.text).not.toContain(phoneOf(2))
  })

  test('proofs and departures are visible in their own scheme only, and cannot be changed', async () => {
    for (const table of ['optOuts', 'departures'] as const) {
      const seen = (schemeId: string) =>
        inScheme(database.db, schemeId, (tx) => tx.selectFrom(table).select('schemeId').execute())
      expect((await seen('ac63')).length).toBeGreaterThan(0)
      expect(await seen('ac39')).toEqual([])
      await expect(inScheme(database.db, 'ac63', (tx) => tx.deleteFrom(table).execute())).rejects.toThrow(
        /permission denied/,
      )
    }
  })
})
