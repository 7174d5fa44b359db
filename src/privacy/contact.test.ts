import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import { getPublicScheme } from '../enrolment/apply.ts'
import { getSchemeContact, setSchemeContact } from '../enrolment/contact.ts'
import { createKeptMailer } from '../gateways/mail/kept.ts'
import { writeMail } from '../outbox/actions.ts'
import { sendMail } from '../outbox/mails.ts'
import { type Database, inScheme } from '../platform/db.ts'
import { listShops, toShopView } from '../portal/store.ts'
import { getServiceTexts } from '../schemes/texts/texts.ts'
import { getRegister } from './papers/actions.ts'
import { getPrivacyFacts } from './retention/actions.ts'

const chamber = actorOf('chamber', 'ac63')
const now = () => new Date('2026-03-12T10:00:00Z')

describe.each(usualKinds)('the contact of a scheme on %s', (kind) => {
  let database: Database
  let deps: Deps
  const mailer = createKeptMailer(now)
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), name: 'Tabac', phones: [phoneOf(1)] }])
    deps = testDeps(database, { now, mailer })
  })
  afterAll(() => database.close())

  async function lastMailText(): Promise<string> {
    await inScheme(database.db, 'ac63', (tx) =>
      writeMail(tx, deps, 'ac63', {
        to: 'tabac@example.org',
        template: 'mail.opt_out',
        values: { scheme: 'AC 63', chamber: 'CCI', name: 'Tabac', end: '34', how: 'portal' },
      }),
    )
    const { id } = await database.db.selectFrom('outbox').select('id').executeTakeFirstOrThrow()
    await sendMail(deps, 'ac63', id)
    return mailer.list()[0]?.text ?? ''
  }

  test('is empty at first, and then on pages, in the notice, the register and mails', async () => {
    const none = { phone: '', mail: '', address: '', hours: '' }
    expect(await getSchemeContact(deps, chamber, 'ac63')).toEqual({
      chamber: none,
      dpo: { name: '', phone: '', mail: '' },
    })
    const unsigned = await lastMailText()
    expect(unsigned).toContain('adressez-vous à CCI.')
    expect(unsigned).not.toContain('Données personnelles')
    const set = await setSchemeContact(deps, chamber, 'ac63', {
      chamber: { phone: '04 65 71 63 00', mail: 'Alerte@CCI.example', hours: 'de 9 h à 12 h' },
      dpo: { name: 'Mme Renard', phone: '0 809 10 20 30' },
    })
    expect(set).toEqual({
      chamber: { phone: '+33465716300', mail: 'alerte@cci.example', address: '', hours: 'de 9 h à 12 h' },
      dpo: { name: 'Mme Renard', phone: '0809102030', mail: '' },
    })
    const shown = await getPublicScheme(deps, 'ac63')
    expect(shown).toMatchObject({ contact: set.chamber, dpo: set.dpo })
    const [shop] = await listShops(database.db, { phone: phoneOf(1) })
    expect(shop === undefined ? undefined : toShopView(shop, null).scheme).toMatchObject({
      chamber: { name: shown.chamber, phone: '+33465716300' },
      dpo: set.dpo,
    })
    expect((await getPrivacyFacts(deps, 'ac63')).contact).toEqual(set)
    const register = await getRegister(deps, chamber, 'ac63')
    expect(register).toContain('Délégué à la protection des données | Mme Renard')
    expect(register).not.toContain('coordonnées du délégué')
    expect(await lastMailText()).toContain(
      'adressez-vous à CCI (04\u00A065\u00A071\u00A063\u00A000, alerte@cci.example).\n' +
        'Données personnelles\u00A0: Mme Renard, 08\u00A009\u00A010\u00A020\u00A030\n',
    )
    const { mails } = await getServiceTexts(deps, chamber, 'ac63')
    expect(mails.fr.signature).toContain('alerte@cci.example).\nDonnées personnelles\u00A0: Mme Renard, ')
  })

  test('refuses every number and address that is not one, and keeps what was there', async () => {
    const before = await getSchemeContact(deps, chamber, 'ac63')
    await expect(
      setSchemeContact(deps, chamber, 'ac63', {
        chamber: { phone: '12', mail: 'nobody' },
        dpo: { phone: 'call me', mail: '@' },
      }),
    ).rejects.toMatchObject({
      problems: [
        { code: 'phone.short', path: 'chamber.phone' },
        { code: 'mail.invalid', path: 'chamber.mail' },
        { code: 'phone.characters', path: 'dpo.phone' },
        { code: 'mail.invalid', path: 'dpo.mail' },
      ],
    })
    expect(await getSchemeContact(deps, chamber, 'ac63')).toEqual(before)
  })

  test('is set by the chamber alone, on the record', async () => {
    for (const role of ['operator', 'chief', 'trade_chamber'] as const)
      await expect(
        setSchemeContact(deps, actorOf(role, 'ac63'), 'ac63', { chamber: { phone: '3949' } }),
      ).rejects.toMatchObject({ code: 'forbidden' })
    await setSchemeContact(deps, chamber, 'ac63', { chamber: { phone: '3949' } })
    const entry = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('schemeId', '=', 'ac63')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(entry).toMatchObject({
      action: 'scheme.contact',
      details: { after: { chamber: { phone: '3949' } } },
    })
  })
})
