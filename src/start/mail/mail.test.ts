import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { seedSchemes } from '../../../test/support/fixtures.ts'
import { type MailServer, startMailServer } from '../../../test/support/mail-server.ts'
import { PRODUCTION, testConfig } from '../../../test/support/server.ts'
import { createSmtpMailer } from '../../gateways/mail/smtp.ts'
import { insertUser } from '../../identity/store.ts'
import type { Mailer } from '../../outbox/contract.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { getMail, sendTestMail } from './mail.ts'

let database: Database
let server: MailServer
let mailer: Mailer
beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  server = await startMailServer()
  mailer = createSmtpMailer(`smtp://127.0.0.1:${server.port}`, 'Alerte <alerte@cci.example>')
  const { userId } = chamber
  await acrossSchemes(database.db, (tx) =>
    insertUser(tx, { id: userId, name: 'Claire', mail: 'claire@cci.example', at: new Date() }),
  )
})
afterAll(async () => {
  mailer?.close()
  await server?.stop()
  await database?.close()
})
beforeEach(() => server.refuse(undefined))

const chamber = actorOf('chamber', 'ac63') as ReturnType<typeof actorOf> & { userId: string }
const config = testConfig({
  ...PRODUCTION,
  TOCSIN_SMTP_URL: 'smtp://login:hidden@smtp.cci.example:587',
  TOCSIN_MAIL_FROM: 'Alerte commerces <alerte@cci.example>',
})
const depsWith = (over: object = {}) => ({
  ...testDeps(database, { mailer, config }),
  readRecords: async () => [{ code: 'spf', level: 'ok' as const, what: 'SPF', do: '' }],
  ...over,
})

test('chief and chamber read how mails leave, without the account of the server', async () => {
  const view = await getMail(depsWith(), chamber, 'ac63', 'fr')
  expect(view).toMatchObject({
    mode: 'smtp',
    server: { host: 'smtp.cci.example', port: 587, security: 'starttls' },
    from: { name: 'Alerte commerces', address: 'alerte@cci.example' },
    records: [{ code: 'spf' }],
    acceptedAt: null,
    failure: null,
  })
  expect(JSON.stringify(view)).not.toMatch(/hidden|login/)
  const none = await getMail(depsWith({ config: testConfig(PRODUCTION) }), chamber, 'ac63', 'fr')
  expect(none).toMatchObject({ mode: 'none', server: null, from: null, records: [] })
  for (const role of ['operator', 'magistrate', 'trade_chamber', 'admin'] as const) {
    await expect(getMail(depsWith(), actorOf(role, 'ac63'), 'ac63', 'fr')).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(sendTestMail(depsWith(), actorOf(role, 'ac63'), 'ac63', 'fr')).rejects.toMatchObject({
      code: 'forbidden',
    })
  }
})

test('a test mail goes to its sender alone, and its answer is shown and kept', async () => {
  expect(await sendTestMail(depsWith(), chamber, 'ac63', 'fr')).toEqual({
    to: 'claire@cci.example',
    mode: 'smtp',
    failure: null,
  })
  expect(server.mails.map(({ to }) => [to].flat()[0]?.text)).toEqual(['claire@cci.example'])
  server.refuse(550)
  expect(await sendTestMail(depsWith(), chamber, 'ac63', 'fr')).toMatchObject({
    failure: { fault: 'refused', code: '550' },
  })
  const away = createSmtpMailer('smtp://127.0.0.1:1', 'alerte@cci.example')
  const lost = await sendTestMail(depsWith({ mailer: away }), chamber, 'ac63', 'fr')
  away.close()
  expect(lost.failure?.fault).toBe('unreachable')
  const view = await getMail(depsWith(), chamber, 'ac63', 'fr')
  expect(view.acceptedAt).not.toBeNull()
  expect(view.failure?.fault).toBe('unreachable')
  await expect(sendTestMail(depsWith({ mailer: undefined }), chamber, 'ac63', 'fr')).rejects.toMatchObject({
    code: 'no_mail_server',
  })
})
