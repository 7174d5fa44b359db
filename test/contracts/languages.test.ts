import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { mailNotice } from '../../src/break-glass/mails.ts'
import { composeNotices } from '../../src/changes/notices.ts'
import { sendDirectMessage } from '../../src/deliveries/plan/direct.ts'
import type { Deps } from '../../src/deps.ts'
import { notifyMembers } from '../../src/dues/reminders/notify.ts'
import {
  confirmPhone,
  enterBusiness,
  enterContact,
  getPublicScheme,
  signCharter,
} from '../../src/enrolment/apply.ts'
import { approveEnrolment } from '../../src/enrolment/approve.ts'
import { createKeptMailer } from '../../src/gateways/mail/kept.ts'
import { formatMessage, inEachLang } from '../../src/i18n/format.ts'
import { deriveCodeDigits } from '../../src/identity/codes/codes.ts'
import { writeMessages } from '../../src/outbox/actions.ts'
import type { Mailer, MailMessage, SmsMessage } from '../../src/outbox/contract.ts'
import { sendMail } from '../../src/outbox/mails.ts'
import { acrossSchemes, type Database, inScheme } from '../../src/platform/db.ts'
import type { App } from '../../src/platform/http/http.ts'
import { openContactSession } from '../../src/portal/session/session.ts'
import { writeNotices } from '../../src/settings/notices.ts'
import { testDatabase } from '../support/database.ts'
import { actorOf, noteJobs, testDeps } from '../support/deps.ts'
import { idOf, phoneOf, seedMembers } from '../support/fixtures.ts'
import { waitingMails, waitingSms } from '../support/outbox.ts'
import { cookiesOf, fillSchemes, openAccount, testServer } from '../support/server.ts'

const textsOf = (lang: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../../src/i18n/${lang}.json`, import.meta.url), 'utf8'))
const french = textsOf('fr')
const english = textsOf('en')
const templates = Object.keys(french)
  .filter((key) => /^(?:mail\.|message\.mail\.).*(?:subject|body|action)$|\.sms\./.test(key))
  .filter((key) => !key.startsWith('own.'))

type Parsed = ReturnType<IntlMessageFormat['getAst']>

/** Lists the values of a text, each choice as "value=choice". */
function placeholdersOf(text: string): string[] {
  const found = new Set<string>()
  const visit = (elements: Parsed) => {
    for (const element of elements) {
      if ('value' in element && element.type !== 0) found.add(element.value)
      if (!('options' in element)) continue
      for (const [choice, { value }] of Object.entries(element.options)) {
        found.add(`${element.value}=${choice}`)
        visit(value)
      }
    }
  }
  visit(new IntlMessageFormat(text, 'fr').getAst())
  return [...found].toSorted()
}

test('every mail and SMS of service has both languages, with the same values and choices', () => {
  expect(templates.length).toBeGreaterThan(150)
  for (const key of templates) {
    expect(english[key], key).toBeDefined()
    expect(placeholdersOf(english[key] ?? ''), key).toEqual(placeholdersOf(french[key] ?? ''))
  }
})

const ENGLISH = { phone: phoneOf(11), mail: 'jane@example.org', account: 'ada@example.org', password: '' }
const FRENCH = { phone: phoneOf(12), mail: 'jeanne@example.org', account: 'luc@example.org', password: '' }

let database: Database
let deps: Deps
let app: App
beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  await seedMembers(database.db, 'ac63', [
    { id: idOf(101), name: 'Smith', phones: [ENGLISH.phone] },
    { id: idOf(102), name: 'Durand', phones: [FRENCH.phone] },
  ])
  for (const { phone, mail } of [ENGLISH, FRENCH])
    await sql`update contacts set mail = ${mail} where mobile = ${phone}`.execute(database.db)
  const mailer = createKeptMailer(() => new Date())
  deps = testDeps(database, { now: () => new Date(), jobs: noteJobs(), mailer })
  app = await testServer(deps)
  for (const person of [ENGLISH, FRENCH]) {
    const account = { mail: person.account, name: 'Ada', schemeId: 'ac63', role: 'chief' } as const
    person.password = (await openAccount(deps, account)).password
  }
  await sql`update contacts set lang = 'en' where mobile = ${ENGLISH.phone}`.execute(database.db)
  await sql`update "user" set lang = 'en' where email = ${ENGLISH.account}`.execute(database.db)
})
afterAll(async () => {
  await app.close()
  await database.close()
})
beforeEach(async () => {
  await sql`delete from outbox`.execute(database.db)
  await sql`update contacts set lang = null where mobile = ${FRENCH.phone}`.execute(database.db)
  await sql`update "user" set lang = null where email = ${FRENCH.account}`.execute(database.db)
})

const inAc63 = <T>(run: Parameters<typeof inScheme<T>>[2]) => inScheme(database.db, 'ac63', run)
const mailsTo = async (address: string) =>
  (await waitingMails(database.db)).filter((mail) => mail.address === address)
const smsTo = async (phone: string) => (await waitingSms(database.db)).filter((sms) => sms.phone === phone)

test('every template is written in the language of the account or contact that has the address', async () => {
  const keys = templates.filter((key) => key.endsWith('.subject')).map((key) => key.replace('.subject', ''))
  const values = Object.fromEntries(
    templates
      .flatMap((key) => placeholdersOf(french[key] ?? ''))
      .map((one) => [one.replace(/\{(\w+).*/, '$1'), 1]),
  )
  expect(keys.length).toBeGreaterThan(40)
  for (const to of [ENGLISH.account, FRENCH.account, ENGLISH.mail, FRENCH.mail])
    await inAc63((tx) =>
      writeMessages(tx, deps, 'ac63', {
        mails: keys.map((key) => ({ to, template: key as MailMessage['template'], values })),
      }),
    )
  const expected = (lang: 'fr' | 'en') => keys.map((key) => formatMessage(lang, `${key}.body`, values))
  const written = async (to: string) => (await mailsTo(to)).map(({ text }) => text)
  for (const [person, lang] of [
    [ENGLISH, 'en'],
    [FRENCH, 'fr'],
  ] as const)
    for (const to of [person.account, person.mail]) {
      const texts = await written(to)
      for (const [i, body] of expected(lang).entries()) {
        const [paragraph = ''] = body.split('\n\n')
        expect(
          texts.some((text) => text.startsWith(paragraph.trim())),
          `${keys[i]} to ${to}`,
        ).toBe(true)
      }
    }
})

test('an enrolment in English is confirmed and decided in English, and the contact keeps the language', async () => {
  const phone = phoneOf(3)
  const mail = 'new@example.org'
  const caller = { address: '192.0.2.3', lang: 'en' } as const
  const step = {
    siret: '',
    name: 'Corner Shop',
    trade: 'tobacco-press',
    commune: '63178',
    address: '1 place',
  }
  const { key } = await enterBusiness(deps, 'ac63', undefined, step, 'en')
  await enterContact(deps, caller, 'ac63', key, { person: 'Jane Doe', phone, mail })
  expect((await smsTo(phone))[0]?.text).toContain('your code is')
  const { id, codeId } = await database.db
    .selectFrom('outbox')
    .select(['id', 'codeId'])
    .executeTakeFirstOrThrow()
  await sendDirectMessage(deps, 'ac63', id)
  await confirmPhone(deps, 'ac63', key, { code: deriveCodeDigits(deps, codeId ?? '') })
  const { charter } = await getPublicScheme(deps, 'ac63')
  await signCharter(deps, 'ac63', key, { version: charter.version, name: 'Jane Doe', accepted: true }, 'en')
  expect((await mailsTo(mail))[0]?.text).toMatch(/^Hello,.*\b[A-Z][a-z]+ 20\d\d/s)
  await sql`delete from outbox`.execute(database.db)
  await approveEnrolment(deps, actorOf('chamber', 'ac63'), 'ac63', key?.id ?? '', { as: 'new' })
  expect((await smsTo(phone))[0]?.text).toContain('is enrolled')
  expect((await mailsTo(mail))[0]?.text).toMatch(/^Hello/)
  const contact = await database.db
    .selectFrom('contacts')
    .select('lang')
    .where('mobile', '=', phone)
    .execute()
  expect(contact).toEqual([{ lang: 'en' }])
})

test('a refusal names its reason in the language of the request', async () => {
  const reason = inEachLang((lang) => formatMessage(lang, 'enrolment.reason.territory'))
  const values = { scheme: 'A', name: 'B', chamber: 'C', reason, note: 'none' }
  await inAc63((tx) =>
    writeMessages(tx, deps, 'ac63', {
      mails: [{ to: 'x@example.org', lang: 'en', template: 'mail.enrolment.refused', values }],
    }),
  )
  expect((await mailsTo('x@example.org'))[0]?.text).toContain(reason.en)
})

test('a merchant and an account change their language; signing in keeps the choice', async () => {
  const langs = async () => {
    const { rows } = await sql<{ lang: string | null }>`
      select lang from contacts where mobile = ${FRENCH.phone}
      union all select lang from "user" where email = ${FRENCH.account}`.execute(database.db)
    return rows.map(({ lang }) => lang)
  }
  const signIn = async (lang: string) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      headers: { 'accept-language': lang },
      payload: { email: FRENCH.account, password: FRENCH.password },
    })
    expect(answer.statusCode, answer.body).toBe(200)
    return cookiesOf(answer)
  }
  const choose = async (path: string, cookie: string, lang: string) => {
    const answer = await app.inject({ method: 'PUT', url: path, headers: { cookie }, payload: { lang } })
    return answer.statusCode
  }
  const merchant = `tocsin.portal=${await openContactSession(deps, { phone: FRENCH.phone })}`
  const cookie = await signIn('fr')
  expect(await langs()).toEqual([null, 'fr'])
  expect(await choose('/api/portal/language', merchant, 'en')).toBeLessThan(300)
  expect(await choose('/api/session/language', cookie, 'en')).toBeLessThan(300)
  expect(await choose('/api/session/language', cookie, 'de')).toBe(422)
  expect(await langs()).toEqual(['en', 'en'])
  await signIn('fr')
  expect(await langs()).toEqual(['en', 'en'])
})

test('a code is in the language of the page that asks for it', async () => {
  const ask = (path: string, lang: string, payload: object) =>
    app.inject({ method: 'POST', url: `/api/portal/${path}`, headers: { 'accept-language': lang }, payload })
  await ask('code', 'en', { phone: FRENCH.phone })
  await ask('mail-code', 'en', { mail: FRENCH.mail })
  await ask('code', 'fr', { phone: ENGLISH.phone })
  expect((await smsTo(FRENCH.phone))[0]?.text).toContain('your sign-in code is')
  expect((await mailsTo(FRENCH.mail))[0]?.subject).toContain('code')
  expect((await mailsTo(FRENCH.mail))[0]?.text).toMatch(/^Hello/)
  expect((await smsTo(ENGLISH.phone))[0]?.text).toContain('votre code est')
})

test('dues are called in the language of each contact, with its dates and amounts', async () => {
  const notice = { year: 2026, kind: 'call', amountCents: 125_000, dueOn: '2026-05-01' } as const
  await inAc63((tx) =>
    notifyMembers(tx, deps, 'ac63', {
      by: 'test',
      settings: { sms: true },
      notices: [
        { ...notice, memberId: idOf(101), name: 'Smith' },
        { ...notice, memberId: idOf(102), name: 'Durand' },
      ],
    }),
  )
  expect((await mailsTo(ENGLISH.mail))[0]?.text).toMatch(/€1,250\.00.*1 May 2026/)
  expect((await mailsTo(FRENCH.mail))[0]?.text).toMatch(/1\s250,00\s€.*1er mai 2026/)
})

test('the welcome and other notices of a change are in the language of the contact', async () => {
  await inAc63(async (tx) => {
    const notices = await composeNotices(
      tx,
      deps,
      'ac63',
      [101, 102].map((n) => ({ memberId: idOf(n), name: 'Boutique', kind: 'welcome', reason: null })),
    )
    const sms = notices.flatMap(({ sms: one, phones }) =>
      phones.map(
        (to): SmsMessage => ({ ...one, to, validUntil: new Date(Date.now() + 60_000), createdBy: 'x' }),
      ),
    )
    const mails = notices.flatMap(({ mail, addresses }) => addresses.map((to) => ({ ...mail, to })))
    await writeMessages(tx, deps, 'ac63', { sms, mails })
  })
  expect((await smsTo(ENGLISH.phone))[0]?.text).toContain('your chamber has enrolled')
  expect((await smsTo(FRENCH.phone))[0]?.text).toContain('votre chambre a inscrit')
  expect((await mailsTo(ENGLISH.mail))[0]?.text).toMatch(/^Hello/)
  expect((await mailsTo(FRENCH.mail))[0]?.text).toMatch(/^Bonjour/)
})

test('mails about settings leave signed with the chamber, in the language of the account', async () => {
  const notice = { what: 'proposed', subject: 'dues', by: { actor: 'x', name: 'Ada' }, reason: 'x' } as const
  const to = [ENGLISH, FRENCH].map(({ account }) => ({
    ...{ actor: account, mail: account, name: 'A' },
    role: 'chief' as const,
  }))
  await inAc63((tx) => writeNotices(tx, deps, 'ac63', { ...notice, to }))
  const sent = new Map<string, string>()
  const mailer: Mailer = {
    name: 'test',
    send: async (mail) => void sent.set(mail.to, mail.text),
    close() {},
  }
  for (const { id } of await database.db.selectFrom('outbox').select('id').execute())
    await sendMail({ ...deps, mailer }, 'ac63', id)
  expect(sent.get(ENGLISH.account)).toMatch(/^Hello[\s\S]*to reply, contact cci-63/)
  expect(sent.get(FRENCH.account)).toMatch(/^Bonjour[\s\S]*adressez-vous à cci-63/)
})

test('mails about the break-glass account are in the language of the account', async () => {
  const values = { first: 'A', second: 'B', reason: 'x', minutes: 60, drill: 'false' }
  await acrossSchemes(database.db, (tx) => mailNotice(tx, deps, 'opened', values))
  expect((await mailsTo(ENGLISH.account)).map(({ text }) => /^Hello/.test(text))).toEqual([true])
  expect((await mailsTo(FRENCH.account)).map(({ text }) => /^Bonjour/.test(text))).toEqual([true])
})
