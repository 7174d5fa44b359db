import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bodyWithoutId } from '../../test/support/client.ts'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { type NotedJobs, noteJobs, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { type MailServer, startMailServer } from '../../test/support/mail-server.ts'
import { testServer } from '../../test/support/server.ts'
import type { Deps } from '../deps.ts'
import { createSmtpMailer } from '../gateways/mail/smtp.ts'
import { CODES_AN_HOUR_FROM_ADDRESS } from '../identity/codes/codes.ts'
import { MINUTE_MS } from '../message/clock.ts'
import type { Mailer } from '../outbox/contract.ts'
import { sendMail } from '../outbox/mails.ts'
import type { Database } from '../platform/db.ts'
import type { MailAttempt } from './contract.ts'
import { findContactActor, getPortalSession, openContactSession } from './session/session.ts'
import { sendMailSignInCode, signInByMail } from './session/sign-in.ts'

/** The addresses of a shop in each scheme, of a former member, and of no contact. */
const OWNER = 'zoe@example.org'
const GONE = 'parti@example.org'
const NOBODY = 'personne@example.org'

describe.each(usualKinds)('signing in by mail on %s', (kind) => {
  let database: Database
  let server: MailServer
  let mailer: Mailer
  let deps: Deps & { jobs: NotedJobs }
  let clock = new Date('2026-03-12T10:00:00Z')
  let address = 1
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac', phones: [phoneOf(1), phoneOf(11)] },
      { id: idOf(2), name: 'Voisin', phones: [phoneOf(2)] },
      { id: idOf(4), name: 'Parti', phones: [phoneOf(4)], status: 'left' },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: idOf(3), name: 'Comptoir', communeCode: '39300', phones: [phoneOf(3)] },
    ])
    await sql`update contacts set mail = ${OWNER} where member_id in (${idOf(1)}, ${idOf(3)})`.execute(
      database.db,
    )
    await sql`update contacts set mail = ${GONE} where member_id = ${idOf(4)}`.execute(database.db)
    server = await startMailServer()
    mailer = createSmtpMailer(`smtp://127.0.0.1:${server.port}`, 'Alerte commerces <alerte@cci.example>')
  })
  afterAll(async () => {
    mailer.close()
    await server.stop()
    await database.close()
  })
  beforeEach(() => {
    clock = new Date(clock.getTime() + 25 * 60 * MINUTE_MS)
    server.refuse(undefined)
    server.mails.length = 0
    deps = Object.assign(testDeps(database, { mailer, now: () => clock }), { jobs: noteJobs() })
  })

  const ask = (mail: string) =>
    sendMailSignInCode(deps, { address: `198.51.100.${address++ % 250}` }, { mail })
  /** Runs the jobs that send waiting mails. @returns their recipients, and the digits in them */
  async function deliver(): Promise<{ to: string; digits: string; text: string }[]> {
    server.mails.length = 0
    for (const { id, schemeId } of await database.db
      .selectFrom('outbox')
      .select(['id', 'schemeId'])
      .execute()) {
      await sendMail(deps, schemeId, id)
    }
    return server.mails.map(({ to, text = '', html }) => {
      const digits = /\b\d{6}\b/.exec(text)?.[0] ?? ''
      expect(String(html)).toContain(digits)
      return { to: [to].flat()[0]?.text ?? '', digits, text }
    })
  }
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    )

  test('an address opens all its shops, one contact each, with one code; it is stored nowhere in clear', async () => {
    const { attempt, mail } = await ask(' Zoe@Example.org ')
    expect(mail).toBe(OWNER)
    const before = JSON.stringify([
      await database.db.selectFrom('outbox').selectAll().execute(),
      await database.db.selectFrom('oneTimeCodes').selectAll().execute(),
    ])
    const sent = await deliver()
    expect(sent.map(({ to }) => to)).toEqual([OWNER])
    const digits = sent[0]?.digits ?? ''
    expect(digits).toMatch(/^\d{6}$/)
    expect(before).not.toContain(digits)
    expect(before).toContain('******')
    // Deleted with the mail.
    expect(await database.db.selectFrom('outbox').select('id').execute()).toEqual([])
    const token = await signInByMail(deps, { attempt, mail: OWNER, code: digits })
    const session = await getPortalSession(deps, token)
    expect(session).toMatchObject({ phone: null, mail: OWNER })
    expect(session.shops.map(({ scheme, member }) => `${scheme.id} ${member.name}`)).toEqual([
      'ac39 Comptoir',
      'ac63 Tabac',
    ])
    expect(session.shops[1]?.contact.id).toBe(idOf(1))
    const { rows } = await sql<{ entry: string }>`
      select details::text || actor as entry from audit_entries where action = 'session.open' order by at desc limit 1`.execute(
      database.db,
    )
    expect(rows[0]?.entry).toContain('"mail"')
    expect(rows[0]?.entry).not.toContain('@')
  })

  test('an unknown address gets the same response and the same rows, and no mail', async () => {
    const rowsOf = async () => {
      const { rows } = await sql<{ what: object }>`
        select jsonb_build_object('purpose', c.purpose, 'lives', c.expires_at - c.created_at, 'text', m.template <> '',
          'until', m.valid_until - c.created_at, 'jobs', ${deps.jobs.noted.length}::int) as what
        from one_time_codes c join outbox m on m.scheme_id = c.scheme_id and m.code_id = c.id
        order by c.created_at desc, c.id desc limit 1`.execute(database.db)
      return rows[0]?.what
    }
    const told = []
    for (const mail of [OWNER, NOBODY, GONE]) {
      deps.jobs.noted.length = 0
      const answer = await ask(mail)
      told.push([Object.keys(answer), await rowsOf()])
      const sent = await deliver()
      expect(sent.map(({ to }) => to)).toEqual(mail === OWNER ? [OWNER] : [])
      expect(await code(signInByMail(deps, { attempt: answer.attempt, mail, code: 'abc' }))).toBe(
        'code_wrong',
      )
    }
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
    for (const mail of ['', 'abc', 'a@b']) {
      await expect(ask(mail)).rejects.toMatchObject({ code: 'invalid_input', problems: [{ path: 'mail' }] })
    }
  })

  test('known and unknown addresses get byte-identical responses over HTTP', async () => {
    const app = await testServer(deps)
    try {
      const answers = []
      for (const mail of [OWNER, NOBODY]) {
        const post = (url: string, payload: object) =>
          app.inject({ method: 'POST', url, payload, remoteAddress: `203.0.113.${address++ % 250}` })
        const asked = await post('/api/portal/mail-code', { mail })
        const { attempt } = asked.json<MailAttempt>()
        const wrong = await post('/api/portal/mail-session', { attempt, mail, code: '12' })
        const { date: _, 'content-length': __, ...same } = asked.headers
        answers.push([
          asked.statusCode,
          asked.body.replace(attempt, 'ATTEMPT').replace(mail, 'MAIL'),
          Object.keys(same),
          wrong.statusCode,
          bodyWithoutId(wrong),
        ])
      }
      expect(answers[0]?.[0]).toBe(200)
      expect(answers[0]?.[3]).toBe(422)
      expect(answers[1]).toEqual(answers[0])
    } finally {
      await app.close()
    }
  })

  test('a code works once, for its address and its attempt, for ten minutes and five tries', async () => {
    const { attempt } = await ask(OWNER)
    const [sent] = await deliver()
    const digits = sent?.digits ?? ''
    const wrong = digits === '000000' ? '000001' : '000000'
    const other = await ask(NOBODY)
    await deliver()
    expect(await code(signInByMail(deps, { attempt: other.attempt, mail: OWNER, code: digits }))).toBe(
      'code_wrong',
    )
    expect(await code(signInByMail(deps, { attempt, mail: NOBODY, code: digits }))).toBe('code_wrong')
    expect(await code(signInByMail(deps, { attempt, mail: OWNER, code: wrong }))).toBe('code_wrong')
    expect(await code(signInByMail(deps, { attempt, mail: OWNER, code: digits }))).toBe('done')
    expect(await code(signInByMail(deps, { attempt, mail: OWNER, code: digits }))).toBe('code_wrong')
    clock = new Date(clock.getTime() + 2 * MINUTE_MS)
    const late = await ask(OWNER)
    const [lateCode] = await deliver()
    clock = new Date(clock.getTime() + 11 * MINUTE_MS)
    const answer = { attempt: late.attempt, mail: OWNER, code: lateCode?.digits ?? '' }
    expect(await code(signInByMail(deps, answer))).toBe('code_wrong')
  })

  test('allows a network five codes a day for an address, one a minute, and a limited number per network and hour', async () => {
    let sent = 0
    for (let i = 0; i < 8; i++) {
      await sendMailSignInCode(deps, { address: '203.0.113.78' }, { mail: OWNER })
      sent += (await deliver()).length
      await sendMailSignInCode(deps, { address: '203.0.113.78' }, { mail: OWNER })
      expect((await deliver()).length).toBe(0)
      clock = new Date(clock.getTime() + 2 * MINUTE_MS)
    }
    expect(sent).toBe(5)
    const from = { address: '203.0.113.77' }
    for (let i = 0; i < CODES_AN_HOUR_FROM_ADDRESS; i++) {
      await sendMailSignInCode(deps, from, { mail: `personne-${i}@example.org` })
    }
    for (const mail of ['autre@example.org', NOBODY]) {
      expect(await code(sendMailSignInCode(deps, from, { mail }))).toBe('rate_limited')
    }
    await deliver()
  })

  test('a mail delayed by the mail server is sent later, once, and not after the code expires', async () => {
    const { attempt } = await ask(OWNER)
    server.refuse(451)
    const [waiting] = await database.db.selectFrom('outbox').select(['id', 'schemeId']).execute()
    const send = () => sendMail(deps, waiting?.schemeId ?? '', waiting?.id ?? '')
    expect(await code(send())).toBe('source_unreachable')
    server.refuse(undefined)
    const [sent] = await deliver()
    expect(await code(signInByMail(deps, { attempt, mail: OWNER, code: sent?.digits ?? '' }))).toBe('done')
    clock = new Date(clock.getTime() + 5 * MINUTE_MS)
    await ask(OWNER)
    clock = new Date(clock.getTime() + 11 * MINUTE_MS)
    expect(await deliver()).toEqual([])
    expect(await database.db.selectFrom('outbox').select('id').execute()).toEqual([])
  })

  test('an address that is removed or changed loses access at once; a session belongs to a phone or to an address', async () => {
    const token = await openContactSession(deps, { mail: OWNER })
    expect(await findContactActor(deps, token)).toMatchObject({ kind: 'contact' })
    await sql`update contacts set mail = null where mail = ${OWNER} and member_id = ${idOf(1)}`.execute(
      database.db,
    )
    expect((await findContactActor(deps, token))?.shops.map(({ memberId }) => memberId)).toEqual([idOf(3)])
    await sql`update contacts set mail = null where mail = ${OWNER}`.execute(database.db)
    expect(await findContactActor(deps, token)).toBeUndefined()
    await expect(
      sql`insert into contact_sessions (id, token_hash, phone, mail, created_at, used_at, expires_at)
        values (${idOf(9)}, 'x', ${phoneOf(1)}, ${OWNER}, now(), now(), now())`.execute(database.db),
    ).rejects.toThrow(/contact_sessions_holder/)
  })
})
