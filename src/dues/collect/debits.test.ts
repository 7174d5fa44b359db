import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, program, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { waitingMails } from '../../../test/support/outbox.ts'
import { checkPain, noPainSchema } from '../../../test/support/xsd.ts'
import type { Deps } from '../../deps.ts'
import { createKeptMailer } from '../../gateways/mail/kept.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { exportOwnData, ownDataCsv } from '../../portal/alerts/export.ts'
import { getMemberDues } from '../actions.ts'
import { judgeListedRows } from '../bulk/listed.ts'
import { cancelPayment, recordPayment, waiveDues } from '../ledger/payments.ts'
import { getOwnDues } from '../own.ts'
import { getDuesSettings, setDuesSettings } from '../reminders/campaign.ts'
import { runDailyDues } from '../reminders/work.ts'
import {
  createDebitFile,
  downloadDebitFile,
  dropDebit,
  dropDebitFile,
  getDebits,
  returnDebit,
  setFileHanded,
  settleDebitFile,
} from './debits.ts'
import { revokeOwnMandate, signMandate } from './mandates.ts'

const chamber = actorOf('chamber', 'ac63')
const tabac = contactOf('ac63', idOf(1))
const mine = { schemeId: 'ac63', memberId: idOf(1) }
const baker = contactOf('ac63', idOf(2))
const theirs = { schemeId: 'ac63', memberId: idOf(2) }
const signed = {
  iban: 'fr76 3000 6000 0112 3456 7890 189',
  holder: 'SARL Tabac',
  name: 'Paul Durand',
  accepted: true,
}

describe.each(usualKinds)('direct debits on %s', (kind) => {
  let database: Database
  let deps: Deps
  let now = new Date('2026-03-02T09:00:00Z')
  beforeAll(async () => {
    now = new Date('2026-03-02T09:00:00Z')
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', trade: 'bakeries', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Sans mandat', phones: [phoneOf(3)] },
    ])
    await database.db
      .updateTable('contacts')
      .set({ mail: 'tabac@example.org' })
      .where('id', '=', idOf(1))
      .execute()
    deps = testDeps(database, { now: () => now, mailer: createKeptMailer(() => now) })
    await openCampaign(deps, chamber, 'ac63', {
      year: 2026,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2026-03-05',
    })
  })
  afterAll(() => database.close())

  test('are not offered before the creditor has an account and an identifier', async () => {
    expect((await getOwnDues(deps, tabac, mine)).ways.debit).toBeNull()
    await expect(signMandate(deps, tabac, mine, signed)).rejects.toMatchObject({ code: 'wrong_state' })
    const settings = await getDuesSettings(deps, chamber, 'ac63')
    const creditor = { ...settings.creditor, name: 'CCI', iban: 'FR1420041010050500013M02606' }
    await expect(
      setDuesSettings(deps, program, 'ac63', {
        ...settings,
        creditor: { ...creditor, sepaId: 'FR73ZZZ123456' },
      }),
    ).rejects.toMatchObject({ problems: [{ code: 'dues.sepa_id', path: 'creditor.sepaId' }] })
    await setDuesSettings(deps, program, 'ac63', {
      ...settings,
      creditor: { ...creditor, sepaId: 'fr72 zzz 123456' },
    })
    const { debit } = (await getOwnDues(deps, tabac, mine)).ways
    expect(debit).toMatchObject({ mandate: null })
    expect(debit?.text).toContain('autorisez CCI (identifiant créancier SEPA FR72ZZZ123456)')
  })

  test('a mandate is refused with all problems at once; once signed, it is stored with its proof and shown without its account', async () => {
    const wrong = { iban: 'FR7630006000011234567890188', holder: '', name: ' ', accepted: false }
    await expect(signMandate(deps, tabac, mine, wrong)).rejects.toMatchObject({
      problems: [{ path: 'iban' }, { path: 'holder' }, { path: 'name' }, { path: 'accepted' }],
    })
    await expect(
      signMandate(deps, tabac, mine, { ...signed, iban: 'FR14 2004 1010 0505 0001 3M02 606' }),
    ).rejects.toMatchObject({ problems: [{ code: 'mandate.own_iban', path: 'iban' }] })
    // A valid IBAN of a country outside the SEPA.
    await expect(
      signMandate(deps, tabac, mine, { ...signed, iban: 'AE070331234567890123456' }),
    ).rejects.toMatchObject({ problems: [{ path: 'iban' }] })
    const dues = await signMandate(deps, tabac, mine, signed)
    expect(dues.ways.debit?.mandate).toMatchObject({ ibanEnd: '0189', holder: 'SARL Tabac' })
    expect(JSON.stringify(dues.ways.debit)).not.toContain('FR7630006000011234567890189')
    const row = await database.db.selectFrom('duesMandates').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      iban: 'FR7630006000011234567890189',
      signedName: 'Paul Durand',
      signedBy: `contact:${idOf(1)}`,
    })
    expect(row.reference).toMatch(/^AC63-[0-9A-F]{12}$/)
    const [mail] = await waitingMails(database.db)
    expect(mail?.text).toContain(row.reference)
    expect(mail?.text).toContain('dans les 8 semaines')
    const audited = await database.db
      .selectFrom('auditEntries')
      .select('details')
      .where('action', '=', 'mandate.sign')
      .execute()
    expect(audited).toHaveLength(1)
    expect(JSON.stringify(audited)).not.toMatch(/FR76\d+"/)
    await expect(signMandate(deps, tabac, theirs, signed)).rejects.toMatchObject({ code: 'not_found' })

    // The export contains it, with only the last characters of the account.
    const taken = await exportOwnData(deps, tabac, mine)
    expect(taken.dues).toMatchObject({
      balanceCents: 1000,
      mandates: [{ reference: row.reference, ibanEnd: '0189' }],
    })
    expect(ownDataCsv(taken, 'fr')).toContain(`${row.reference};SARL Tabac, …0189`)
    expect(JSON.stringify(taken)).not.toContain('FR7630006000011234567890189')

    // Another mandate replaces it.
    await signMandate(deps, tabac, mine, { ...signed, holder: 'Paul Durand' })
    const all = await database.db
      .selectFrom('duesMandates')
      .select(['holder', 'revokedAt'])
      .orderBy('signedAt')
      .execute()
    expect(all.filter(({ revokedAt }) => revokedAt === null)).toMatchObject([{ holder: 'Paul Durand' }])
    await signMandate(deps, baker, theirs, { ...signed, iban: 'DE89370400440532013000' })
  })

  let fileId = ''
  test('a file collects once from all members who owe and signed, and notifies them', async () => {
    expect(await getDebits(deps, chamber, 'ac63')).toMatchObject({
      offered: true,
      mandates: 2,
      ready: { members: 2, amountCents: 2000 },
      firstDay: '2026-03-09',
      files: [],
    })
    for (const collectOn of ['2026-03-06', '2026-07-01']) {
      await expect(createDebitFile(deps, chamber, 'ac63', { collectOn })).rejects.toMatchObject({
        problems: [{ code: 'debit.day', path: 'collectOn' }],
      })
    }
    const file = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-03-12' })
    fileId = file.id
    expect(file).toMatchObject({ no: 1, state: 'created', debits: 2, amountCents: 2000 })
    expect(file.lines.map(({ member, ibanEnd, state }) => [member.name, ibanEnd, state])).toEqual([
      ['Boulangerie', '3000', 'pending'],
      ['Tabac du Centre', '0189', 'pending'],
    ])
    const { xml } = await downloadDebitFile(deps, chamber, 'ac63', fileId)
    expect(xml).toContain('<SeqTp>FRST</SeqTp>')
    expect(xml).toContain('<NbOfTxs>2</NbOfTxs>')
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).notices[0]).toMatchObject({
      kind: 'debit',
      mails: 1,
      sms: 0,
    })
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(2))).notices[0]).toMatchObject({
      kind: 'debit',
      sms: 1,
    })
    expect((await getOwnDues(deps, tabac, mine)).collecting).toEqual({ amountCents: 1000, on: '2026-03-12' })
    // Nothing is left, and no reminder is sent meanwhile.
    await expect(createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-03-13' })).rejects.toMatchObject({
      code: 'wrong_state',
    })
    await runDailyDues(deps)
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).notices).toHaveLength(1)
  })

  test('a debit returned before its day is not paid; others are paid on their day; one returned later is reversed', async () => {
    await expect(settleDebitFile(deps, chamber, 'ac63', fileId)).rejects.toMatchObject({
      code: 'wrong_state',
    })
    now = new Date('2026-03-12T09:00:00Z')
    const { lines } = await getDebits(deps, chamber, 'ac63').then(async () =>
      returnDebit(
        deps,
        chamber,
        'ac63',
        { file: fileId, debit: (await debitOf(idOf(2))).id },
        { code: 'AC04' },
      ),
    )
    expect(lines[0]).toMatchObject({ state: 'returned', returnCode: 'AC04' })
    // A closed account: its mandate can no longer be used.
    expect((await getOwnDues(deps, baker, theirs)).ways.debit?.mandate).toBeNull()
    const settled = await settleDebitFile(deps, chamber, 'ac63', fileId)
    expect(settled).toMatchObject({ state: 'collected', returned: 1 })
    expect(await getMemberDues(deps, chamber, 'ac63', idOf(1))).toMatchObject({
      balanceCents: 0,
      payments: [{ way: 'debit', amountCents: 1000, receivedOn: '2026-03-12', reference: 'AC63-D00001-2' }],
    })
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(2))).balanceCents).toBe(1000)
    await expect(settleDebitFile(deps, chamber, 'ac63', fileId)).rejects.toMatchObject({
      code: 'wrong_state',
    })
    await expect(dropDebitFile(deps, chamber, 'ac63', fileId)).rejects.toMatchObject({ code: 'wrong_state' })

    now = new Date('2026-04-20T09:00:00Z')
    const id = { file: fileId, debit: (await debitOf(idOf(1))).id }
    await returnDebit(deps, chamber, 'ac63', id, { code: 'MD06' })
    expect(await getMemberDues(deps, chamber, 'ac63', idOf(1))).toMatchObject({
      balanceCents: 1000,
      payments: [{ cancelled: { reason: 'MD06' } }],
    })
    await expect(returnDebit(deps, chamber, 'ac63', id, { code: 'MD06' })).rejects.toMatchObject({
      code: 'wrong_state',
    })
    expect((await getOwnDues(deps, tabac, mine)).ways.debit?.mandate).not.toBeNull()
    // A list that still says both paid brings neither back.
    const listed = [idOf(1), idOf(2)].map((memberId, n) => ({
      ...{ memberId, line: n + 2, years: [2026], cents: null, on: null },
    }))
    const judged = await inScheme(deps.db, 'ac63', (tx) => judgeListedRows(tx, deps, 'ac63', listed))
    expect(judged).toEqual(Array(2).fill({ why: 'cancelled', values: {} }))
  })

  test('later files mark the mandate as used; dropping one collects nothing and makes all debits ready again', async () => {
    const file = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-04-30' })
    const { xml } = await downloadDebitFile(deps, chamber, 'ac63', file.id)
    expect(xml).toContain('<SeqTp>RCUR</SeqTp>')
    // The year, the reference and the name of the member on the debtor's statement.
    expect(xml).toMatch(/<Ustrd>Cotisation 2026 AC63 [0-9A-F]{8} Tabac/)
    await expect(createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-05-01' })).rejects.toMatchObject({
      problems: [{ code: 'debit.bank_day', path: 'collectOn' }],
    })
    await dropDebitFile(deps, chamber, 'ac63', file.id)
    expect((await getDebits(deps, chamber, 'ac63')).ready).toEqual({
      members: 1,
      amountCents: 1000,
      years: [{ year: 2026, members: 1, amountCents: 1000 }],
    })
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).notices).toContainEqual(
      expect.objectContaining({ kind: 'debit_dropped', mails: 1 }),
    )
    const dues = await revokeOwnMandate(deps, tabac, mine)
    expect(dues.ways.debit?.mandate).toBeNull()
    await expect(revokeOwnMandate(deps, tabac, mine)).rejects.toMatchObject({ code: 'not_found' })
    expect((await getDebits(deps, chamber, 'ac63')).ready.members).toBe(0)
  })

  test('a dropped file leaves the mandate unused; a debit whose payment was cancelled by hand can still be returned', async () => {
    const shop = contactOf('ac63', idOf(3))
    const its = { schemeId: 'ac63', memberId: idOf(3) }
    await signMandate(deps, shop, its, signed)
    const never = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-04-30' })
    await dropDebitFile(deps, chamber, 'ac63', never.id)
    const file = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-04-30' })
    expect((await downloadDebitFile(deps, chamber, 'ac63', file.id)).xml).toContain('<SeqTp>FRST</SeqTp>')
    now = new Date('2026-04-30T09:00:00Z')
    await settleDebitFile(deps, chamber, 'ac63', file.id)
    const { payments } = await getMemberDues(deps, chamber, 'ac63', idOf(3))
    const id = { member: idOf(3), payment: payments[0]!.id }
    await cancelPayment(deps, chamber, 'ac63', id, { reason: 'rejet vu sur le compte' })
    const debit = { file: file.id, debit: file.lines[0]!.id }
    const returned = await returnDebit(deps, chamber, 'ac63', debit, { code: 'AC04' })
    expect(returned.lines).toMatchObject([{ state: 'returned', returnCode: 'AC04' }])
    expect(await getMemberDues(deps, chamber, 'ac63', idOf(3))).toMatchObject({
      balanceCents: 1000,
      payments: [{ cancelled: { reason: 'rejet vu sur le compte' } }],
    })
    expect((await getOwnDues(deps, shop, its)).ways.debit?.mandate).toBeNull()
  })

  test('a file collects what is due by its day, and nothing earlier, by year', async () => {
    now = new Date('2026-11-26T09:00:00Z')
    await openCampaign(deps, chamber, 'ac63', {
      year: 2027,
      feeCents: 2500,
      tradeFees: {},
      proRata: false,
      dueOn: '2027-03-31',
    })
    await signMandate(deps, tabac, mine, signed)
    await signMandate(deps, baker, theirs, { ...signed, iban: 'DE89370400440532013000' })
    expect(await getDebits(deps, chamber, 'ac63', { collectOn: '2026-12-02' })).toMatchObject({
      ready: { members: 2, amountCents: 2000, years: [{ year: 2026, members: 2, amountCents: 2000 }] },
      later: { members: 2, amountCents: 5000 },
    })
    expect(await getDebits(deps, chamber, 'ac63', { collectOn: '2027-03-31' })).toMatchObject({
      ready: {
        members: 2,
        amountCents: 7000,
        years: [
          { year: 2026, members: 2, amountCents: 2000 },
          { year: 2027, members: 2, amountCents: 5000 },
        ],
      },
      later: { members: 0, amountCents: 0 },
    })
    const file = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-12-02' })
    expect(file).toMatchObject({ debits: 2, amountCents: 2000, version: 1, handedAt: null })
    expect(file.lines.map(({ years }) => years)).toEqual([
      [{ year: 2026, amountCents: 1000 }],
      [{ year: 2026, amountCents: 1000 }],
    ])
    fileId = file.id
  })

  test('a payment beside a debit requires confirmation; then the debit is removed and the file made again', async () => {
    const account = () => getMemberDues(deps, chamber, 'ac63', idOf(1))
    const debit = await debitOf(idOf(1))
    expect((await account()).collecting).toMatchObject({
      amountCents: 1000,
      on: '2026-12-02',
      debit: debit.id,
      gone: false,
    })
    const transfer = {
      way: 'transfer',
      amountCents: 1000,
      receivedOn: '2026-11-26',
      reference: '',
      inAdvance: false,
    } as const
    await expect(recordPayment(deps, chamber, 'ac63', idOf(1), transfer)).rejects.toMatchObject({
      code: 'debit_under_way',
      values: { amount: 10, day: Date.parse('2026-12-02T12:00:00Z') },
    })
    await expect(waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'fermé' })).rejects.toMatchObject({
      code: 'debit_under_way',
    })
    const before = await downloadDebitFile(deps, chamber, 'ac63', fileId)
    const id = { file: fileId, debit: debit.id }
    await expect(dropDebit(deps, chamber, 'ac63', id, { notAtBank: false })).rejects.toMatchObject({
      code: 'debit_file_taken',
    })
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: true })
    expect((await account()).collecting).toMatchObject({ gone: true })
    for (const refused of [
      () => dropDebit(deps, chamber, 'ac63', id, { notAtBank: true }),
      () => dropDebitFile(deps, chamber, 'ac63', fileId),
    ]) {
      await expect(refused()).rejects.toMatchObject({ code: 'debit_file_gone' })
    }
    // The record is corrected.
    await setFileHanded(deps, chamber, 'ac63', fileId, { handed: false })
    const remade = await dropDebit(deps, chamber, 'ac63', id, { notAtBank: true })
    expect(remade).toMatchObject({ version: 2, debits: 1, amountCents: 1000, downloadedAt: null })
    expect(remade.lines.map(({ state }) => state)).toEqual(['pending', 'dropped'])
    const { xml } = await downloadDebitFile(deps, chamber, 'ac63', fileId)
    expect(xml).toContain('<NbOfTxs>1</NbOfTxs>')
    expect(xml).toContain('<CtrlSum>10.00</CtrlSum>')
    const account1 = 'FR7630006000011234567890189</IBAN></Id></DbtrAcct>'
    expect(before.xml).toContain(account1)
    expect(xml).not.toContain(account1)
    const idIn = (text: string) => /<MsgId>([^<]*)/.exec(text)?.[1]
    expect(idIn(xml)).toBe(idIn(before.xml))
    if (noPainSchema === undefined) {
      const directory = mkdtempSync(join(tmpdir(), 'tocsin-remade-'))
      try {
        writeFileSync(join(directory, 'remade.xml'), xml)
        checkPain([join(directory, 'remade.xml')])
      } finally {
        rmSync(directory, { recursive: true, force: true })
      }
    }
    const kept = await database.db
      .selectFrom('duesDebitFileVersions')
      .select(['version', 'xml', 'debitId'])
      .where('fileId', '=', fileId)
      .execute()
    expect(kept).toEqual([{ version: 1, xml: before.xml, debitId: debit.id }])
    const { notices } = await account()
    expect(notices.filter(({ kind }) => kind === 'debit_dropped')).toHaveLength(2)
    const audited = await database.db
      .selectFrom('auditEntries')
      .select('details')
      .where('action', '=', 'debit.take_out')
      .execute()
    expect(audited).toMatchObject([{ details: { version: 1, amountCents: 1000 } }])
    await expect(dropDebit(deps, chamber, 'ac63', id, { notAtBank: true })).rejects.toMatchObject({
      code: 'wrong_state',
    })
    // Now it is paid once.
    await recordPayment(deps, chamber, 'ac63', idOf(1), transfer)
    now = new Date('2026-12-02T09:00:00Z')
    await settleDebitFile(deps, chamber, 'ac63', fileId)
    expect(await account()).toMatchObject({ balanceCents: 2500, collecting: null })
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(2))).balanceCents).toBe(2500)
  })

  test('a confirmed payment on top of a debit is recorded; a file of one debit is dropped with it', async () => {
    now = new Date('2027-03-25T09:00:00Z')
    const file = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2027-03-31' })
    expect(file).toMatchObject({ debits: 2, amountCents: 5000 })
    const paid = await recordPayment(deps, chamber, 'ac63', idOf(1), {
      way: 'cash',
      amountCents: 500,
      receivedOn: '2027-03-25',
      reference: '',
      inAdvance: false,
      besideDebit: true,
    })
    expect(paid.balanceCents).toBe(2000)
    const waiver = { reason: 'fermé', besideDebit: true }
    expect((await waiveDues(deps, chamber, 'ac63', idOf(1), waiver)).balanceCents).toBe(0)
    const [first, second] = file.lines
    const one = { file: file.id, debit: first!.id }
    const other = { file: file.id, debit: second!.id }
    await dropDebit(deps, chamber, 'ac63', one, { notAtBank: false })
    const dropped = await dropDebit(deps, chamber, 'ac63', other, { notAtBank: false })
    expect(dropped).toMatchObject({ state: 'dropped', version: 2 })
    const { ready } = await getDebits(deps, chamber, 'ac63', { collectOn: '2027-03-31' })
    expect(ready).toMatchObject({ members: 1, amountCents: 2500 })
    // Its day has come and it is not marked as handed over: it can be dropped as a whole, not in part.
    const late = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2027-03-31' })
    now = new Date('2027-03-31T09:00:00Z')
    await expect(
      dropDebit(deps, chamber, 'ac63', { file: late.id, debit: late.lines[0]!.id }, { notAtBank: true }),
    ).rejects.toMatchObject({ code: 'debit_file_gone' })
    await dropDebitFile(deps, chamber, 'ac63', late.id)
  })

  test('files contain accounts, so only the chamber may read them', async () => {
    for (const actor of [
      actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }),
      actorOf('chief', 'ac63'),
      tabac,
    ]) {
      for (const refused of [
        () => getDebits(deps, actor, 'ac63'),
        () => downloadDebitFile(deps, actor, 'ac63', fileId),
        () => setFileHanded(deps, actor, 'ac63', fileId, { handed: true }),
        () => dropDebit(deps, actor, 'ac63', { file: fileId, debit: idOf(1) }, { notAtBank: true }),
        () => createDebitFile(deps, actor, 'ac63', { collectOn: '2026-04-30' }),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: 'forbidden' })
      }
    }
    await expect(downloadDebitFile(deps, actorOf('chamber', 'ac39'), 'ac39', fileId)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  const debitOf = (memberId: string) =>
    database.db
      .selectFrom('duesDebits')
      .select('id')
      .where('fileId', '=', fileId)
      .where('memberId', '=', memberId)
      .executeTakeFirstOrThrow()
})
