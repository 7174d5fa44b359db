import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { noteJobs, testDeps } from '../../test/support/deps.ts'
import { seedSchemes } from '../../test/support/fixtures.ts'
import { type MailServer, startMailServer } from '../../test/support/mail-server.ts'
import type { Deps } from '../deps.ts'
import { keptMailer } from '../gateways/mail/kept.ts'
import { smtpMailer } from '../gateways/mail/smtp.ts'
import { type Database, inScheme } from '../platform/db.ts'
import { type Mailer, resumeMails, sendMail, writeMail } from './mails.ts'

const FROM = 'Alerte commerces <alerte@cci.example>'
const content = { subject: 'Votre demande est arrivée', text: 'Bonjour,\n\nOui.\n', html: '<p>Bonjour</p>' }
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
    mailer = smtpMailer(`smtp://${auth}@127.0.0.1:${server.port}`, FROM)
  })
  afterAll(async () => {
    mailer.close()
    await server.stop()
    await database.close()
  })
  beforeEach(async () => {
    server.refuse(undefined)
    server.mails.length = 0
    await database.db.deleteFrom('mails').execute()
    deps = Object.assign(testDeps(database, { mailer, now: () => new Date(nowMs) }), { jobs: noteJobs() })
  })

  const write = (to: string | null, over: Partial<Deps> = {}) =>
    inScheme(database.db, 'ac63', (tx) =>
      writeMail(tx, { ...deps, ...over }, { schemeId: 'ac63', to, content, attachments: [pdf] }),
    )
  const waiting = async () =>
    (await database.db.selectFrom('mails').select('id').execute()).map(({ id }) => id)
  async function one(to = 'paul@example.org'): Promise<string> {
    await write(to)
    const [id] = await waiting()
    if (id === undefined) throw new Error('no mail')
    return id
  }

  test('reaches a mail server whole, once, and is kept nowhere after', async () => {
    const id = await one()
    expect(deps.jobs.noted).toEqual([{ name: 'mail.send', payload: { schemeId: 'ac63', mailId: id } }])
    await sendMail(deps, 'ac63', id)
    await sendMail(deps, 'ac63', id)
    expect(await waiting()).toEqual([])
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

  test('no server or no address: nothing is written', async () => {
    await write(null)
    await write('')
    await write('paul@example.org', { mailer: undefined })
    expect(await waiting()).toEqual([])
    expect(deps.jobs.noted).toEqual([])
  })

  test('refused for now: kept and tried again; refused for good: dropped', async () => {
    const id = await one()
    server.refuse(451)
    await expect(sendMail(deps, 'ac63', id)).rejects.toMatchObject({ code: 'source_unreachable' })
    expect(await waiting()).toEqual([id])
    server.refuse(550)
    await sendMail(deps, 'ac63', id)
    expect(await waiting()).toEqual([])
    expect(server.mails).toEqual([])
  })

  test('a server that is away or does not let us in loses nothing', async () => {
    const id = await one()
    const away = smtpMailer('smtp://127.0.0.1:1', FROM)
    const stranger = smtpMailer(`smtp://tocsin:wrong@127.0.0.1:${server.port}`, FROM)
    for (const bad of [away, stranger, undefined]) {
      await expect(sendMail({ ...deps, mailer: bad }, 'ac63', id)).rejects.toMatchObject({
        code: 'source_unreachable',
      })
      bad?.close()
    }
    expect(await waiting()).toEqual([id])
    await sendMail(deps, 'ac63', id)
    expect(server.mails).toHaveLength(1)
  })

  test('a process without a mail server leaves what another one is handing over as it is: it cannot be called back', async () => {
    const id = await one()
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
    const free = database.db.selectFrom('mails').select('id').where('handingAt', 'is', null)
    expect(await free.execute()).toEqual([])
    go.resolve()
    await handing
    // Gone: nothing to wait for.
    await sendMail({ ...deps, mailer: undefined }, 'ac63', id)
  })

  test('what no job cares for any more is asked for again, and dropped after three days', async () => {
    const id = await one()
    deps.jobs.noted.length = 0
    nowMs += 20 * 60_000
    await resumeMails(deps)
    expect(deps.jobs.noted).toEqual([])
    nowMs += 30 * 60_000
    await resumeMails(deps)
    expect(deps.jobs.noted).toEqual([{ name: 'mail.send', payload: { schemeId: 'ac63', mailId: id } }])
    nowMs += 3 * 86_400_000
    await sendMail(deps, 'ac63', id)
    expect(await waiting()).toEqual([])
    expect(server.mails).toEqual([])
  })

  test('one mail goes to one address, whatever is written there', async () => {
    const id = await one('"Paul, chef" <a@example.org>, b@example.org')
    await sendMail(deps, 'ac63', id).catch(() => {})
    expect(
      server.mails.flatMap((mail) => [mail.to].flat().flatMap((to) => to?.value ?? [])),
    ).not.toContainEqual(expect.objectContaining({ address: 'b@example.org' }))
  })

  test('another scheme does not see it', async () => {
    await one()
    expect(await inScheme(database.db, 'ac39', (tx) => tx.selectFrom('mails').selectAll().execute())).toEqual(
      [],
    )
  })

  test('the mailbox of the demo keeps the last ones, each once', async () => {
    const kept = keptMailer(() => new Date(nowMs))
    const mail = { ...content, to: 'a@example.org', attachments: [] }
    for (let n = 0; n < 210; n++) await kept.send({ ...mail, id: `${n}` })
    await kept.send({ ...mail, id: '209' })
    expect(kept.list()).toHaveLength(200)
    expect(kept.list()[0]).toMatchObject({ id: '209' })
    expect(kept.find('0')).toBeUndefined()
  })
})
