import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { noteJobs, testDeps } from '../../test/support/deps.ts'
import { seedSchemes } from '../../test/support/fixtures.ts'
import { type MailServer, startMailServer } from '../../test/support/mail-server.ts'
import type { Deps } from '../deps.ts'
import { createKeptMailer } from '../gateways/mail/kept.ts'
import { createSmtpMailer } from '../gateways/mail/smtp.ts'
import { composeMail } from '../i18n/mail.ts'
import { type Database, inScheme } from '../platform/db.ts'
import { writeMail, writeSms } from './actions.ts'
import type { Mailer } from './contract.ts'
import { registerOutboxJobs, resumeMessages } from './handlers.ts'
import { sendMail } from './mails.ts'
import { listStale } from './store.ts'

const FROM = 'Alerte commerces <alerte@cci.example>'
const message = {
  template: 'mail.opt_out',
  values: { scheme: 'Alerte Commerces 63', chamber: 'CCI', name: 'Tabac', end: '34', how: 'portal' },
} as const
const content = composeMail('fr', { key: message.template, values: message.values })
const pdf = { name: 'attestation.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7 …') }

describe.each(usualKinds)('mails on %s', (kind) => {
  let database: Database
  let server: MailServer
  let mailer: Mailer
  let nowMs = Date.parse('2026-03-12T10:00:00Z')
  let deps: Deps & { jobs: ReturnType<typeof noteJobs> }
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    server = await startMailServer({ user: 'tocsin', password: 'p@ss/word' })
    const auth = `tocsin:${encodeURIComponent('p@ss/word')}`
    mailer = createSmtpMailer(`smtp://${auth}@127.0.0.1:${server.port}`, FROM)
  })
  afterAll(async () => {
    mailer.close()
    await server.stop()
    await database.close()
  })
  beforeEach(async () => {
    server.refuse(undefined)
    server.mails.length = 0
    await database.db.deleteFrom('outbox').execute()
    deps = Object.assign(testDeps(database, { mailer, now: () => new Date(nowMs) }), { jobs: noteJobs() })
  })

  const writeTo = (to: string | null, over: Partial<Deps> = {}) =>
    inScheme(database.db, 'ac63', (tx) =>
      writeMail(tx, { ...deps, ...over }, 'ac63', { ...message, to, attachments: [pdf] }),
    )
  const listWaiting = async () =>
    (await database.db.selectFrom('outbox').select('id').execute()).map(({ id }) => id)
  async function writeOne(to = 'paul@example.org'): Promise<string> {
    await writeTo(to)
    const [id] = await listWaiting()
    if (id === undefined) throw new Error('no mail')
    return id
  }

  test('leaves in the words of the scheme that are in force then, in the language of its recipient', async () => {
    const joined = { fr: { subject: '{dispositif} : bienvenue', body: '' }, en: { subject: '', body: '' } }
    const called = {
      fr: { subject: '', body: '{commerce} doit {montant} avant le {echeance}.\n\nAppelez le {telephone}.' },
      en: { subject: '{dispositif}: <{annee}>', body: '{commerce} owes {montant} by {echeance}, {inconnu}.' },
    }
    const values = {
      ...{ name: 'Tabac & Co {montant}', year: '2026' },
      amount: { fr: '40,00 €', en: '€40.00' },
      day: { fr: '30 juin 2026', en: '30 June 2026' },
    }
    const write = (template: 'mail.dues.call' | 'mail.enrolment.joined', lang: 'fr' | 'en') =>
      inScheme(database.db, 'ac63', (tx) =>
        writeMail(tx, deps, 'ac63', {
          template,
          values,
          lang,
          to: 'paul@example.org',
          link: 'https://a.example/',
        }),
      )
    const store = (contact: object) =>
      database.db
        .updateTable('schemes')
        .set({
          texts: JSON.stringify({ joinedMail: joined, duesCallMail: called }),
          contact: JSON.stringify(contact),
        })
        .where('id', '=', 'ac63')
        .execute()
    const send = async () => {
      for (const id of await listWaiting()) await sendMail({ ...deps, mailer: kept }, 'ac63', id)
      return sent.splice(0)
    }
    const sent: { subject: string; text: string; html: string }[] = []
    const kept: Mailer = { ...mailer, send: async (mail) => void sent.push(mail) }
    // Written before the scheme had words of its own.
    await write('mail.dues.call', 'en')
    await store({ chamber: { phone: '+33473434343' } })
    const [english] = await send()
    expect(english?.subject).toBe('Alerte Commerces 63: <2026>')
    expect(english?.text).toMatch(/^Tabac & Co \{montant\} owes €40\.00 by 30 June 2026, \{inconnu\}\.\n\n/)
    expect(english?.html).toContain('Tabac &amp; Co {montant} owes')
    expect(english?.text).toContain('https://a.example/')
    await write('mail.dues.call', 'fr')
    const [french] = await send()
    // The part that is not worded is the standard one.
    expect(french?.subject).toBe('Alerte Commerces 63\u00a0: votre cotisation 2026')
    expect(french?.text).toMatch(/doit 40,00 € avant le 30 juin 2026\.\n\nAppelez le 04\s73/)
    // Without a phone of the chamber, the sentence that gives it would have a hole.
    await store({})
    await write('mail.dues.call', 'fr')
    expect((await send())[0]?.text).toMatch(/^Bonjour,\n\nLa cotisation 2026 de Tabac & Co/)
    await write('mail.enrolment.joined', 'fr')
    expect((await send())[0]).toMatchObject({ subject: 'Alerte Commerces 63 : bienvenue' })
    await database.db.updateTable('schemes').set({ texts: '{}' }).where('id', '=', 'ac63').execute()
  })

  test('delivers a mail to the server once and unchanged, and deletes it afterwards', async () => {
    const id = await writeOne()
    expect(deps.jobs.noted).toEqual([{ name: 'mail.send', payload: { schemeId: 'ac63', mailId: id } }])
    await sendMail(deps, 'ac63', id)
    await sendMail(deps, 'ac63', id)
    expect(await listWaiting()).toEqual([])
    expect(server.mails).toHaveLength(1)
    const [mail] = server.mails
    expect(mail).toMatchObject({
      subject: content.subject,
      text: content.text,
      html: `${content.html}`,
      messageId: `<${id}@cci.example>`,
      from: { value: [{ name: 'Alerte commerces', address: 'alerte@cci.example' }] },
      to: { value: [{ address: 'paul@example.org' }] },
    })
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail?.attachments[0]).toMatchObject({ filename: pdf.name, contentType: pdf.type })
    expect(mail?.attachments[0]?.content).toEqual(pdf.content)
  })

  test('writes nothing without a server or an address', async () => {
    await writeTo(null)
    await writeTo('')
    await writeTo('paul@example.org', { mailer: undefined })
    expect(await listWaiting()).toEqual([])
    expect(deps.jobs.noted).toEqual([])
  })

  test('keeps and retries a mail refused temporarily, and drops one refused permanently', async () => {
    const id = await writeOne()
    server.refuse(451)
    await expect(sendMail(deps, 'ac63', id)).rejects.toMatchObject({ code: 'source_unreachable' })
    expect(await listWaiting()).toEqual([id])
    server.refuse(550)
    await sendMail(deps, 'ac63', id)
    expect(await listWaiting()).toEqual([])
    expect(server.mails).toEqual([])
  })

  test('loses nothing when the server is down or rejects our login', async () => {
    const id = await writeOne()
    const away = createSmtpMailer('smtp://127.0.0.1:1', FROM)
    const stranger = createSmtpMailer(`smtp://tocsin:wrong@127.0.0.1:${server.port}`, FROM)
    for (const bad of [away, stranger, undefined]) {
      await expect(sendMail({ ...deps, mailer: bad }, 'ac63', id)).rejects.toMatchObject({
        code: 'source_unreachable',
      })
      bad?.close()
    }
    expect(await listWaiting()).toEqual([id])
    await sendMail(deps, 'ac63', id)
    expect(server.mails).toHaveLength(1)
  })

  test('does not let a process without a mail server touch a mail that another one is handing over', async () => {
    const id = await writeOne()
    const go = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const slow: Mailer = {
      ...mailer,
      send: () => {
        started.resolve()
        return go.promise
      },
    }
    const handing = sendMail({ ...deps, mailer: slow }, 'ac63', id)
    await started.promise
    await expect(sendMail({ ...deps, mailer: undefined }, 'ac63', id)).rejects.toMatchObject({
      code: 'source_unreachable',
    })
    const free = database.db.selectFrom('outbox').select('id').where('handingAt', 'is', null)
    expect(await free.execute()).toEqual([])
    go.resolve()
    await handing
    // The mail was handed over and deleted, so there is nothing left to wait for.
    await sendMail({ ...deps, mailer: undefined }, 'ac63', id)
  })

  test('queues abandoned mails again, and drops them after three days', async () => {
    const id = await writeOne()
    deps.jobs.noted.length = 0
    nowMs += 20 * 60_000
    await resumeMessages(deps)
    expect(deps.jobs.noted).toEqual([])
    nowMs += 30 * 60_000
    await resumeMessages(deps)
    expect(deps.jobs.noted).toEqual([{ name: 'mail.send', payload: { schemeId: 'ac63', mailId: id } }])
    nowMs += 3 * 86_400_000
    await sendMail(deps, 'ac63', id)
    expect(await listWaiting()).toEqual([])
    expect(server.mails).toEqual([])
  })

  test('lists an abandoned SMS beside any number of older mails', async () => {
    await writeOne()
    await writeTo('marie@example.org')
    nowMs += 1000
    await inScheme(database.db, 'ac63', (tx) =>
      writeSms(tx, deps, 'ac63', {
        to: '+33639980001',
        template: 'opt_out.sms.confirmed',
        values: { scheme: 'Alerte' },
        validUntil: new Date(nowMs + 3_600_000),
        createdBy: 'test',
      }),
    )
    const all = new Date(nowMs + 1)
    const listed = await listStale(deps.db, { urgent: all, others: all, now: all }, 1)
    expect(listed.map(({ channel }) => channel).toSorted()).toEqual(['mail', 'sms'])
  })

  test('queues urgent messages again after seconds, and all waiting ones at the start of a process', async () => {
    const sms = { to: '+33639980001', values: { scheme: 'Alerte' }, createdBy: 'test' } as const
    const validUntil = new Date(nowMs + 3_600_000)
    const ids = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'] as const
    await inScheme(database.db, 'ac63', async (tx) => {
      const template = 'opt_out.sms.confirmed'
      await writeSms(tx, deps, 'ac63', { ...sms, id: ids[0], template, validUntil })
      await writeSms(tx, deps, 'ac63', { ...sms, id: ids[1], template, validUntil, lane: 'vital' })
    })
    const jobs = ids.map((messageId) => ({ name: 'direct.send', payload: { schemeId: 'ac63', messageId } }))
    deps.jobs.noted.length = 0
    await resumeMessages(deps)
    expect(deps.jobs.noted).toEqual([])
    nowMs += 6000
    await resumeMessages(deps)
    expect(deps.jobs.noted).toEqual([jobs[1]])
    deps.jobs.noted.length = 0
    await registerOutboxJobs(deps)
    // The call of the second person first.
    expect(deps.jobs.noted).toEqual([jobs[1], jobs[0]])
  })

  test('is handed over by one job at a time, and by another one once the first has ended with its process', async () => {
    const id = await writeOne()
    const waits: Mailer = { ...mailer, send: () => new Promise(() => {}) }
    const list = async () => {
      const all = new Date(nowMs + 1)
      return listStale(deps.db, { urgent: all, others: all, now: new Date(nowMs) }, 5)
    }
    void sendMail({ ...deps, mailer: waits }, 'ac63', id)
    await expect.poll(list).toEqual([])
    await sendMail(deps, 'ac63', id)
    expect(server.mails).toHaveLength(0)
    nowMs += 101_000
    expect(await list()).toMatchObject([{ id }])
    await sendMail(deps, 'ac63', id)
    expect(server.mails).toHaveLength(1)
  })

  test('sends one mail to one address, whatever the address contains', async () => {
    const id = await writeOne('"Paul, chef" <a@example.org>, b@example.org')
    await sendMail(deps, 'ac63', id).catch(() => {})
    expect(
      server.mails.flatMap((mail) => [mail.to].flat().flatMap((to) => to?.value ?? [])),
    ).not.toContainEqual(expect.objectContaining({ address: 'b@example.org' }))
  })

  test('hides mails from other schemes', async () => {
    await writeOne()
    expect(
      await inScheme(database.db, 'ac39', (tx) => tx.selectFrom('outbox').selectAll().execute()),
    ).toEqual([])
  })

  test('the demo mailbox keeps the latest mails, each once', async () => {
    const kept = createKeptMailer(() => new Date(nowMs))
    const mail = { ...content, to: 'a@example.org', attachments: [] }
    for (let n = 0; n < 210; n++) await kept.send({ ...mail, id: `${n}` })
    await kept.send({ ...mail, id: '209' })
    expect(kept.list()).toHaveLength(200)
    expect(kept.list()[0]).toMatchObject({ id: '209' })
    expect(kept.find('0')).toBeUndefined()
  })
})
