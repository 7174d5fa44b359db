import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, program, testDeps } from '../../../test/support/deps.ts'
import { emptyTables } from '../../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers } from '../../changes/actions.ts'
import { mergeMembers } from '../../changes/merge/actions.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { createKeptMailer } from '../../gateways/mail/kept.ts'
import { importMembers } from '../../imports/import/import.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { leaveScheme } from '../../portal/shop/leave.ts'
import { answerDataRequest, enterDataRequest } from '../../privacy/requests/actions.ts'
import { getMemberDues } from '../actions.ts'
import { assessJoined, getDuesSettings, setDuesSettings } from '../reminders/campaign.ts'
import {
  createDebitFile,
  downloadDebitFile,
  dropDebit,
  dropDebitFile,
  getDebitFile,
  getDebits,
  returnDebit,
  setFileHanded,
  settleDebitFile,
} from './debits.ts'
import { revokeOwnMandate, signMandate } from './mandates.ts'

const chamber = actorOf('chamber', 'ac63')
const COLLECT_ON = '2026-03-12'
const ibans = [
  'FR7630006000011234567890189',
  'DE89370400440532013000',
  'FR1420041010050500013M02606',
] as const
const shopOf = (n: number) => [contactOf('ac63', idOf(n)), { schemeId: 'ac63', memberId: idOf(n) }] as const

describe.each(usualKinds)('debits of revoked mandates, on %s', (kind) => {
  let database: Database
  let deps: Deps
  let now: Date
  let fileId: string
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-03-02T09:00:00Z')
    await emptyTables(database, [
      ...['dues_campaigns', 'dues_counters', 'dues_mandates', 'dues_debit_files', 'ledger_entries'],
      ...['outbox', 'data_requests', 'member_changes', 'number_health', 'audit_entries', 'members'],
    ])
    await database.db.updateTable('schemes').set({ dues: '{}' }).execute()
    await seedMembers(
      database.db,
      'ac63',
      [1, 2].map((n) => ({ id: idOf(n), name: `Tabac ${n}`, phones: [phoneOf(n)] })),
    )
    deps = testDeps(database, { now: () => now, mailer: createKeptMailer(() => now) })
    await openCampaign(deps, chamber, 'ac63', {
      year: 2026,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2026-03-05',
    })
    const settings = await getDuesSettings(deps, chamber, 'ac63')
    const creditor = { ...settings.creditor, name: 'CCI', iban: ibans[2], sepaId: 'FR72ZZZ123456' }
    await setDuesSettings(deps, program, 'ac63', { ...settings, creditor })
    await sign(1)
    await sign(2)
    fileId = (await createDebitFile(deps, chamber, 'ac63', { collectOn: COLLECT_ON })).id
  })

  const sign = (n: number, iban: string = ibans[n - 1]!) =>
    signMandate(deps, ...shopOf(n), { iban, holder: `Tabac ${n}`, name: 'Paul Durand', accepted: true })
  const revokeMandate = (n: number) => revokeOwnMandate(deps, ...shopOf(n))
  const file = () => getDebitFile(deps, chamber, 'ac63', fileId)
  const written = async () =>
    (
      await database.db
        .selectFrom('duesDebitFiles')
        .select('xml')
        .where('id', '=', fileId)
        .executeTakeFirstOrThrow()
    ).xml
  /** Downloads the file as the chamber does before handing it over. */
  const download = async () => (await downloadDebitFile(deps, chamber, 'ac63', fileId)).xml
  /** Lists each debit: member, state, and whether it must be recalled. */
  const lines = async () =>
    (await file()).lines.map(({ member, state, recall }) =>
      [member.name, state, ...(recall === null ? [] : [recall.takenAt === null ? 'sent' : 'taken'])].join(
        ' ',
      ),
    )
  const toldNot = async (n: number) =>
    (await getMemberDues(deps, chamber, 'ac63', idOf(n))).notices.filter(
      (one) => one.kind === 'debit_dropped',
    ).length
  const erase = async (n: number) => {
    const request = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      via: 'mail',
      receivedOn: '2026-03-02',
      memberId: idOf(n),
      person: '',
    })
    await answerDataRequest(deps, chamber, 'ac63', request.id, { outcome: 'done', answer: '' })
  }

  test('are removed from a file that was not downloaded: a new version is made, the previous one kept, the member notified', async () => {
    await revokeMandate(1)
    expect(await file()).toMatchObject({ version: 2, debits: 1, amountCents: 1000, recalls: 0 })
    expect(await lines()).toEqual(['Tabac 1 dropped', 'Tabac 2 pending'])
    expect(await written()).not.toContain(ibans[0])
    expect(await written()).toContain('<NbOfTxs>1</NbOfTxs>')
    const kept = await database.db.selectFrom('duesDebitFileVersions').select(['version', 'xml']).execute()
    expect(kept).toEqual([{ version: 1, xml: expect.stringContaining(ibans[0]) }])
    expect(await toldNot(1)).toBe(1)
    const audited = await database.db
      .selectFrom('auditEntries')
      .select(['actor', 'action'])
      .where('action', 'in', ['debit.take_out', 'mandate.revoke'])
      .orderBy('seq')
      .execute()
    expect(audited).toEqual(
      ['debit.take_out', 'mandate.revoke'].map((action) => ({ actor: `contact:${idOf(1)}`, action })),
    )
    // The amount is still owed; nothing of it remains in the file.
    expect(await getMemberDues(deps, chamber, 'ac63', idOf(1))).toMatchObject({
      balanceCents: 1000,
      collecting: null,
    })
    await revokeMandate(2)
    expect(await file()).toMatchObject({ state: 'dropped', recalls: 0 })
  })

  describe('are removed because their member left', () => {
    const mandates = async () =>
      (
        await database.db
          .selectFrom('duesMandates')
          .select(['memberId', 'revokedAt'])
          .where('revokedAt', 'is', null)
          .execute()
      ).map(({ memberId }) => memberId)
    const leaveByChamber = () =>
      changeMembers(deps, chamber, 'ac63', {
        action: { kind: 'leave', reason: 'A fermé' },
        members: { ids: [idOf(1)] },
      })

    test.each([
      ['a member that leaves on the portal', () => leaveScheme(deps, ...shopOf(1), { confirmed: true })],
      ['a member removed by the chamber', leaveByChamber],
      [
        'a member that an imported list marks as left',
        () => {
          const list = 'nom;commune;métier;statut;mobile\nTabac 1;Issoire;Tabac;Parti;06 39 98 00 01\n'
          return importMembers(deps, chamber, 'ac63', new TextEncoder().encode(list), {
            leaving: 1,
            fileName: 'liste.csv',
          })
        },
      ],
    ])('collects nothing from %s', async (_, leave) => {
      await leave()
      expect(await mandates()).toEqual([idOf(2)])
      expect(await lines()).toEqual(['Tabac 1 dropped', 'Tabac 2 pending'])
      expect(await download()).not.toContain(ibans[0])
      expect(await getDebits(deps, chamber, 'ac63')).toMatchObject({ mandates: 1, ready: { members: 0 } })
    })

    test('are shown as to be recalled if the bank has the file', async () => {
      await download()
      await leaveByChamber()
      expect(await lines()).toEqual(['Tabac 1 dropped taken', 'Tabac 2 pending'])
    })

    test('undoing the leaving restores the mandate, and the next file uses it', async () => {
      const { change } = await leaveByChamber()
      await undoChange(deps, chamber, 'ac63', change!.id)
      expect((await mandates()).toSorted()).toEqual([idOf(1), idOf(2)])
      expect(await getDebits(deps, chamber, 'ac63')).toMatchObject({ mandates: 2, ready: { members: 1 } })
    })
  })

  test('are removed when another mandate replaces theirs; the next file uses that one', async () => {
    await sign(1, 'FR7610011000201234567890188')
    expect(await lines()).toEqual(['Tabac 1 dropped', 'Tabac 2 pending'])
    expect((await getDebits(deps, chamber, 'ac63')).ready.members).toBe(1)
    const next = await createDebitFile(deps, chamber, 'ac63', { collectOn: COLLECT_ON })
    expect(next.lines).toMatchObject([{ ibanEnd: '0188' }])
  })

  test('are removed when the bank reports that the mandate can no longer be used', async () => {
    now = new Date('2026-03-12T09:00:00Z')
    await settleDebitFile(deps, chamber, 'ac63', fileId)
    const paid = { file: fileId, debit: (await file()).lines[0]!.id }
    await openCampaign(deps, chamber, 'ac63', {
      year: 2027,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2027-01-31',
    })
    now = new Date('2027-02-01T09:00:00Z')
    const next = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2027-02-08' })
    await returnDebit(deps, chamber, 'ac63', paid, { code: 'MD01' })
    fileId = next.id
    expect(await lines()).toEqual(['Tabac 1 dropped', 'Tabac 2 pending'])
  })

  test('are also removed if a merge moved the mandate: it is the one that the bank returned', async () => {
    now = new Date('2026-03-12T09:00:00Z')
    await settleDebitFile(deps, chamber, 'ac63', fileId)
    await revokeMandate(2)
    await mergeMembers(deps, chamber, 'ac63', { kept: idOf(2), merged: idOf(1), take: {} })
    expect((await getDebits(deps, chamber, 'ac63')).mandates).toBe(1)
    const paid = (await file()).lines.find(({ member }) => member.id === idOf(1))
    await openCampaign(deps, chamber, 'ac63', {
      year: 2027,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2027-01-31',
    })
    now = new Date('2027-02-01T09:00:00Z')
    const next = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2027-02-08' })
    await returnDebit(deps, chamber, 'ac63', { file: fileId, debit: paid?.id ?? '' }, { code: 'MD01' })
    expect((await getDebits(deps, chamber, 'ac63')).mandates).toBe(0)
    fileId = next.id
    expect(await file()).toMatchObject({ state: 'dropped' })
  })

  test('are also removed after a download: the chamber sees that the bank may have them, and the member is promised nothing', async () => {
    await download()
    await revokeMandate(1)
    expect(await file()).toMatchObject({ version: 2, downloadedAt: null, recalls: 1 })
    expect(await lines()).toEqual(['Tabac 1 dropped taken', 'Tabac 2 pending'])
    expect((await getDebits(deps, chamber, 'ac63')).files[0]).toMatchObject({ recalls: 1 })
    expect(await toldNot(1)).toBe(0)
    expect(await written()).not.toContain(ibans[0])
    // Shown until its day, even if the file is empty; or until the bank is known not to have it.
    await download()
    await revokeMandate(2)
    expect(await file()).toMatchObject({ state: 'dropped', recalls: 2 })
    now = new Date('2026-03-13T09:00:00Z')
    expect(await file()).toMatchObject({ recalls: 0 })
  })

  test('need no recall once the chamber confirms that the bank does not have the file', async () => {
    await download()
    await revokeMandate(1)
    expect(await toldNot(1)).toBe(0)
    await dropDebitFile(deps, chamber, 'ac63', fileId)
    expect(await file()).toMatchObject({ recalls: 0 })
    // It is now certain that nothing is collected.
    expect(await toldNot(1)).toBe(1)
  })

  test('if the file was made again after a download, the bank may have the earlier version', async () => {
    await download()
    await revokeMandate(1)
    const { downloadedAt, lines: ofFile } = await file()
    expect(downloadedAt).toBeNull()
    const left = ofFile.find(({ state }) => state === 'pending')?.id ?? ''
    await expect(
      dropDebit(deps, chamber, 'ac63', { file: fileId, debit: left }, { notAtBank: false }),
    ).rejects.toMatchObject({ code: 'debit_file_taken' })
    await revokeMandate(2)
    expect(await file()).toMatchObject({ state: 'dropped', recalls: 2 })
    expect(await toldNot(2)).toBe(0)
  })

  test('once the chamber confirms that the bank has no version, all members whose debits were removed are notified', async () => {
    await download()
    await revokeMandate(1)
    const left = (await file()).lines.find(({ state }) => state === 'pending')?.id ?? ''
    await dropDebit(deps, chamber, 'ac63', { file: fileId, debit: left }, { notAtBank: true })
    expect(await file()).toMatchObject({ recalls: 0 })
    expect([await toldNot(1), await toldNot(2)]).toEqual([1, 1])
  })

  test('stay in a file that the bank has, to be recalled; they are removed once the record is corrected', async () => {
    await download()
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: true })
    await revokeMandate(1)
    expect(await file()).toMatchObject({ version: 1, debits: 2, recalls: 1 })
    expect(await lines()).toEqual(['Tabac 1 pending sent', 'Tabac 2 pending'])
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).collecting).toMatchObject({
      gone: true,
      revokedAt: now.toISOString(),
    })
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(2))).collecting).toMatchObject({
      revokedAt: null,
    })
    expect(await toldNot(1)).toBe(0)
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: false })
    expect(await file()).toMatchObject({ version: 2, debits: 1, recalls: 0 })
    expect(await toldNot(1)).toBe(1)
  })

  test('are removed together: one new version is made with the rest', async () => {
    await dropDebitFile(deps, chamber, 'ac63', fileId)
    await seedMembers(database.db, 'ac63', [{ id: idOf(3), name: 'Tabac 3' }])
    await database.db
      .updateTable('members')
      .set({ createdAt: new Date('2026-01-01') })
      .execute()
    await inScheme(database.db, 'ac63', (tx) => assessJoined(tx, deps, 'ac63'))
    await sign(3, 'FR7610011000201234567890188')
    fileId = (await createDebitFile(deps, chamber, 'ac63', { collectOn: COLLECT_ON })).id
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: true })
    await revokeMandate(1)
    await revokeMandate(3)
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: false })
    expect(await lines()).toEqual(['Tabac 1 dropped', 'Tabac 2 pending', 'Tabac 3 dropped'])
    expect(await file()).toMatchObject({ version: 2, debits: 1, recalls: 0 })
    expect([await toldNot(1), await toldNot(2), await toldNot(3)]).toEqual([2, 1, 1])
  })

  test('drop a file without other debits, even if it could not be made again', async () => {
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: true })
    await revokeMandate(1)
    await revokeMandate(2)
    const settings = await getDuesSettings(deps, chamber, 'ac63')
    const creditor = { ...settings.creditor, iban: '', sepaId: '' }
    await setDuesSettings(deps, program, 'ac63', { ...settings, creditor })
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: false })
    expect(await lines()).toEqual(['Tabac 1 dropped', 'Tabac 2 dropped'])
    expect(await file()).toMatchObject({ state: 'dropped', version: 1, recalls: 0 })
    expect([await toldNot(1), await toldNot(2)]).toEqual([1, 1])
  })

  test('are recalled on their day, and the bank confirms it with a return', async () => {
    now = new Date(`${COLLECT_ON}T07:00:00Z`)
    await revokeMandate(1)
    expect(await lines()).toEqual(['Tabac 1 pending sent', 'Tabac 2 pending'])
    const id = { file: fileId, debit: (await file()).lines[0]!.id }
    await returnDebit(deps, chamber, 'ac63', id, { code: 'MS02' })
    expect(await lines()).toEqual(['Tabac 1 returned', 'Tabac 2 pending'])
  })

  test('of an erased member are removed; those at the bank must be recalled', async () => {
    await erase(1)
    expect(await file()).toMatchObject({ version: 2, debits: 1, recalls: 0 })
    expect(await lines()).toEqual(['Adhérent effacé dropped', 'Tabac 2 pending'])
    expect(await written()).not.toContain(ibans[0])
    expect(await written()).not.toContain('Tabac 1')
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: true })
    await erase(2)
    expect(await lines()).toContain('Adhérent effacé pending sent')
    expect(await file()).toMatchObject({ recalls: 1 })
    expect(
      await database.db
        .selectFrom('duesNotices')
        .select('kind')
        .where('kind', '=', 'debit_dropped')
        .execute(),
    ).toEqual([])
  })

  test('are shown if the file cannot be made without them, and are dropped with it', async () => {
    const settings = await getDuesSettings(deps, chamber, 'ac63')
    await setDuesSettings(deps, program, 'ac63', {
      ...settings,
      creditor: { ...settings.creditor, iban: '', sepaId: '' },
    })
    await revokeMandate(1)
    expect(await lines()).toEqual(['Tabac 1 pending sent', 'Tabac 2 pending'])
    await dropDebitFile(deps, chamber, 'ac63', fileId)
    expect(await file()).toMatchObject({ recalls: 0 })
  })
})
