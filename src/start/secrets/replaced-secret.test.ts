import { rm } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { territoryUrl } from '../../../test/support/database.ts'
import { makeDatabaseDirectory } from '../../../test/support/directory.ts'
import { createTestLog } from '../../../test/support/log-scan.ts'
import { openAccount, PRODUCTION, testConfig } from '../../../test/support/server.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import { formerTotpOf, totpOf } from '../../../test/support/totp.ts'
import { BENCH_SCHEME, fillScheme } from '../../../test/support/world.ts'
import { createAuditKeys } from '../../audit/keys.ts'
import { startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { checkAccessKey, createAccessKey } from '../../identity/access-keys.ts'
import { MAX_FAILURES_OF_ACCOUNT } from '../../identity/sign-in/attempts.ts'
import { acceptedSecrets, endingSecrets, hmacOf, isSignatureOf } from '../../platform/process/secrets.ts'
import { startServer } from '../serve.ts'

const FORMER = 'the former secret of more than thirty-two characters, for tests'
const NEXT = 'the next secret of more than thirty-two characters, for tests'
const PHONE = '+33600000001'

async function jsonOf<T>(answer: Response | Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T
}

type Cookies = readonly (string | undefined)[]

const cookiesOf = (answer: Response): Cookies =>
  answer.headers.getSetCookie().flatMap((line) => (line.includes('Max-Age=0') ? [] : [line.split(';')[0]]))

test('a new secret throws nobody out while the former one is accepted, and refuses its work afterwards', async () => {
  const provider = await startSmsc({
    answersAs: 'PROVIDER',
    account: { systemId: 'account', password: 'word' },
  })
  const directory = makeDatabaseDirectory('tocsin-secret-')
  const url = await territoryUrl('tocsin_engine')
  const start = (secrets: Record<string, string>) =>
    startServer(
      testConfig({
        ...PRODUCTION,
        PORT: '0',
        TOCSIN_BASE_URL: 'http://localhost',
        TOCSIN_SMPP_HOST: '127.0.0.1',
        TOCSIN_SMPP_PORT: String(provider.port),
        TOCSIN_SMPP_TLS: 'false',
        TOCSIN_SMPP_SYSTEM_ID: 'account',
        TOCSIN_SMPP_PASSWORD: 'word',
        TOCSIN_DATA_DIR: directory,
        DATABASE_URL: url,
        ...secrets,
      }),
      { webDirectory: null, base: { log: createTestLog() } },
    )
  let server = await start({ TOCSIN_SECRET: FORMER })
  try {
    const call = (path: string, body: object | undefined, cookies: Cookies = []) =>
      fetch(server.url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { cookie: cookies.join('; '), 'content-type': 'application/json', origin: server.url },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    const codeOf = async (answer: Response) => (await jsonOf<{ code: string }>(answer)).code
    await fillScheme(server.deps, 2)
    const account = { name: 'Anne Roy', schemeId: BENCH_SCHEME, role: 'chief' } as const
    const { password } = await openAccount(server.deps, { ...account, mail: 'anne@example.fr' })
    await openAccount(server.deps, { ...account, mail: 'guessed@example.fr' })
    const signIn = (mail = 'anne@example.fr', typed = password) =>
      call('/api/auth/sign-in/email', { email: mail, password: typed })
    const requestCode = async (cookies: Cookies = []) => {
      const sent = [...provider.log()].length
      const { attempt } = await jsonOf<{ attempt: string }>(
        call('/api/portal/code', { phone: PHONE }, cookies),
      )
      await expect.poll(() => [...provider.log()].length).toBeGreaterThan(sent)
      // A message that a busy machine answers late may be sent twice: the first after the request is the code.
      const text = [...provider.log()][sent]?.text.replace(/(\d{3}) (\d{3})/, '$1$2') ?? ''
      return { attempt, phone: PHONE, code: /\b\d{6}\b/.exec(text)?.[0] }
    }

    // Everything that the secret signs, encrypts or derives.
    const first = cookiesOf(await signIn())
    const setup = await jsonOf<{ secret: string; recoveryCodes: string[] }>(
      call('/api/account/codes', { password }, first),
    )
    const confirmed = await call(
      '/api/account/codes/confirm',
      { code: await formerTotpOf(setup.secret) },
      first,
    )
    expect(confirmed.status).toBe(200)
    const session = cookiesOf(confirmed)
    const waiting = cookiesOf(await signIn())
    const key = createAccessKey(server.deps, 'a link', new Date(Date.now() + 600_000))
    const anchored = server.deps.auditKeys.current
    const signature = anchored?.sign('an anchor') ?? ''
    const portal = await call('/api/portal/session', await requestCode())
    const device = cookiesOf(portal).filter((pair) => pair?.startsWith('tocsin.portal-device='))
    expect([portal.status, device.length]).toEqual([200, 1])
    const sent = await requestCode(device)
    for (let i = 0; i < MAX_FAILURES_OF_ACCOUNT; i++)
      expect((await signIn('guessed@example.fr', 'not the password')).status).toBe(401)

    await server.stop()
    server = await start({ TOCSIN_SECRET: NEXT, TOCSIN_SECRET_PREVIOUS: FORMER })
    expect((await call('/api/session', undefined, session)).status).toBe(200)
    expect((await call('/api/auth/second-factor', { code: totpOf(setup.secret) }, waiting)).status).toBe(200)
    const again = cookiesOf(await signIn())
    const fresh = await call('/api/auth/second-factor', { code: totpOf(setup.secret, 1) }, again)
    expect(fresh.status).toBe(200)
    expect((await call('/api/portal/session', sent, device)).status).toBe(200)
    expect(checkAccessKey(server.deps, 'a link', key)).toBe(true)
    expect(server.deps.auditKeys.check(anchored?.id ?? '', 'an anchor', signature)).toBe(true)
    // Guesses are counted on.
    expect((await signIn('guessed@example.fr', 'not the password')).status).toBe(429)
    const security = await call('/api/account/security', undefined, cookiesOf(fresh))
    expect((await jsonOf<{ codes: object }>(security)).codes).toEqual({
      recoveryCodesLeft: 10,
      isReadable: true,
    })

    // More than seven days later its work is refused, although it is still set.
    await asTableOwner(server.deps.database, async (tx) => {
      await sql`alter table audit_entries disable trigger audit_entries_append_only`.execute(tx)
      await sql`update audit_entries set at = at - interval '8 days' where action = 'config.change'`.execute(
        tx,
      )
      await sql`alter table audit_entries enable trigger audit_entries_append_only`.execute(tx)
    })
    await server.stop()
    server = await start({ TOCSIN_SECRET: NEXT, TOCSIN_SECRET_PREVIOUS: FORMER })
    expect(await codeOf(await call('/api/session', undefined, session))).toBe('not_signed_in')
    expect(checkAccessKey(server.deps, 'a link', key)).toBe(false)
    expect(server.deps.auditKeys.check(anchored?.id ?? '', 'an anchor', signature)).toBe(true)

    await server.stop()
    server = await start({ TOCSIN_SECRET: NEXT })
    expect(await codeOf(await call('/api/session', undefined, session))).toBe('not_signed_in')
    expect((await call('/api/session', undefined, cookiesOf(fresh))).status).toBe(200)
    expect(checkAccessKey(server.deps, 'a link', key)).toBe(false)
    const step = cookiesOf(await signIn())
    expect(
      (await call('/api/auth/second-factor', { recoveryCode: setup.recoveryCodes[0] }, step)).status,
    ).toBe(200)

    await server.stop()
    server = await start({ TOCSIN_SECRET: FORMER })
    const lost = cookiesOf(await signIn())
    const refused = await call('/api/auth/second-factor', { recoveryCode: setup.recoveryCodes[1] }, lost)
    expect([refused.status, await codeOf(refused)]).toEqual([409, 'second_factor_unreadable'])
  } finally {
    await server.stop()
    await provider.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

test('signatures of the previous secret stay valid, also when a key of its own replaces it', () => {
  const former = createAuditKeys({ secret: { current: FORMER } })
  const signed = former.current?.sign('an anchor') ?? ''
  const id = former.current?.id ?? ''
  const next = createAuditKeys({ secret: { current: NEXT, previous: FORMER } })
  expect(next.current?.id).not.toBe(id)
  expect(next.check(id, 'an anchor', signed)).toBe(true)
  expect(next.check(id, 'another', signed)).toBe(false)
  expect(createAuditKeys({ secret: { current: NEXT } }).check(id, 'an anchor', signed)).toBeUndefined()
})

test('a replaced secret is accepted for seven days, and then no longer, in a process that goes on', () => {
  let now = new Date('2026-11-30T10:00:00Z')
  const replacedAt = new Date('2026-11-30T09:00:00Z')
  const secrets = endingSecrets({ current: NEXT, previous: FORMER }, { replacedAt, now: () => now })
  const signature = hmacOf({ current: FORMER }, 'a text').toString('base64url')
  now = new Date('2026-12-07T08:59:59Z')
  expect(isSignatureOf(secrets, 'a text', signature)).toBe(true)
  now = new Date('2026-12-07T09:00:00Z')
  expect(isSignatureOf(secrets, 'a text', signature)).toBe(false)
  expect(acceptedSecrets(secrets)).toEqual([NEXT])
})
