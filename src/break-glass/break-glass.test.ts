import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readEndpointGroups } from '../../scripts/operations.ts'
import { bodyWithoutId } from '../../test/support/client.ts'
import { testDatabase } from '../../test/support/database.ts'
import { noteJobs, program, testDeps } from '../../test/support/deps.ts'
import { asEngine } from '../../test/support/engine-login.ts'
import {
  cookiesOf,
  fillSchemes,
  openAccount,
  PRODUCTION,
  testConfig,
  testServer,
} from '../../test/support/server.ts'
import { sealDue } from '../audit/seals.ts'
import { readAgainst, verifyAudit, verifySchemeAudit } from '../audit/verify.ts'
import { breakGlassCommand } from '../commands/break-glass.ts'
import type { Deps } from '../deps.ts'
import { grantSeals } from '../identity/seals.ts'
import { MAX_FAILURES_OF_OPENING } from '../identity/sign-in/attempts.ts'
import { MINUTE_MS } from '../message/clock.ts'
import { invitePerson } from '../people/invitations/invite.ts'
import type { Role } from '../permissions.ts'
import type { Database } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'
import { createLive } from '../platform/http/live.ts'
import { watchBreakGlass } from './close.ts'
import { makeCode } from './codes.ts'
import type { SealedEnvelopes } from './contract.ts'

const REASON = 'ProConnect est en panne, personne n’entre.'

let database: Database
let deps: Deps
let app: App
/** Time by which the clock of the server is ahead. */
let aheadMs = 0

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  deps = testDeps(database, {
    config: testConfig(PRODUCTION),
    now: () => new Date(Date.now() + aheadMs),
    jobs: noteJobs(),
    mailer: { name: 'test', send: async () => {}, close: () => {} },
  })
  app = await testServer(deps)
})
afterAll(async () => {
  await app?.close()
  await database?.close()
})
beforeEach(async () => {
  network += 1
  for (const table of ['break_glass_openings', 'break_glass_seals', 'outbox', 'failure_counts'])
    await sql`delete from ${sql.table(table)}`.execute(database.db)
  await sql`delete from session where factor = 'break_glass'`.execute(database.db)
})
afterEach(() => vi.useRealTimers())

async function run(...args: string[]) {
  let stdout = ''
  const io = {
    lang: 'fr' as const,
    stdout(text: string) {
      stdout += text
    },
    stderr() {},
    progress() {},
  }
  await breakGlassCommand.run(deps, args, new Map(), io)
  return stdout
}
const seal = async (): Promise<SealedEnvelopes> =>
  JSON.parse(await run('seal', '--as', 'Ada Martin', '--json'))
const codesOf = ({ envelopes }: SealedEnvelopes) => envelopes.map(({ code }) => code)

interface Typed {
  readonly codes: readonly (string | undefined)[]
  readonly names?: readonly [string, string]
  readonly drill?: boolean
  readonly address?: string
  readonly reason?: string
}
/** Requests of one address are limited by the minute, too. */
let network = 0
const open = ({
  codes: [a = '', b = ''],
  names = ['Anne Durand', 'Paul Petit'],
  drill = false,
  address = `192.0.2.${network}`,
  reason = REASON,
}: Typed) =>
  app.inject({
    method: 'POST',
    url: '/api/auth/break-glass',
    remoteAddress: address,
    payload: { first: { code: a, name: names[0] }, second: { code: b, name: names[1] }, reason, drill },
  })

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
const call = (cookie: string, method: Method, url: string, payload?: object) =>
  app.inject({ method, url, headers: { cookie }, ...(payload !== undefined && { payload }) })
const opening = async (cookie: string) => (await call(cookie, 'GET', '/api/break-glass')).json().opening

let people = 0
/** Signs in an account of a role. */
async function signIn(
  role: Role,
  schemeId = 'ac63',
): Promise<{ cookie: string; mail: string; userId: string }> {
  people += 1
  const mail = `${role}-${people}@example.fr`
  const { userId, password } = await openAccount(deps, {
    mail,
    name: `Camille ${people}`,
    schemeId: role === 'admin' ? '' : schemeId,
    role,
    ...(role === 'trade_chamber' && { trades: ['tobacco-press'] }),
  })
  const answer = await app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    payload: { email: mail, password },
  })
  expect(answer.statusCode).toBe(200)
  return { cookie: cookiesOf(answer), mail, userId }
}

async function signInAgain(email: string): Promise<string> {
  const payload = { email, password: `a password of ${email}` }
  return cookiesOf(await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', payload }))
}

/** The entries about the account in one chain, or all. */
async function recorded(schemeId: string): Promise<{ action: string; actor: string; details: object }[]> {
  return database.db
    .selectFrom('auditEntries')
    .select(['action', 'actor', 'details'])
    .where('schemeId', '=', schemeId)
    .where('action', 'like', 'break_glass.%')
    .orderBy('seq')
    .execute() as never
}
const mailsOf = async () => {
  const { rows } = await sql<{ address: string; template: string }>`
    select address, template from outbox order by template, address`.execute(database.db)
  return rows.map(({ address, template }) => `${template.replace('mail.break_glass.', '')} ${address}`)
}

describe('the envelopes', () => {
  test('are made on the command line with a name, shown once, and stored as hashes only', async () => {
    await expect(run('seal')).rejects.toMatchObject({ problems: [{ code: 'user.as' }] })
    expect(await run('status')).toContain('jamais été scellé')
    const shown = await run('seal', '--as', 'Ada Martin')
    expect(shown).toMatch(/Scellé n°\u00a01\./)
    const codes = [...shown.matchAll(/[AB](?:-[A-Z2-9]{5}){4}/g)].map(([code]) => code)
    expect(codes).toHaveLength(2)
    expect(shown).toContain('https://tocsin.example/secours')
    const stored = JSON.stringify(await database.db.selectFrom('breakGlassSeals').selectAll().execute())
    for (const code of codes) expect(stored).not.toContain(code)
    expect(stored).toMatch(/argon2id|scrypt/)
    expect(await run('status')).toMatch(/Scellé n°\u00a01, fait le .* par Ada Martin/)
    expect(JSON.parse(await run('status', '--json'))).toMatchObject({
      state: 'sealed',
      seal: { no: 1, sealedBy: 'Ada Martin', brokenAt: null },
    })
    const entries = await recorded('')
    expect(entries.at(-1)).toMatchObject({ action: 'break_glass.seal', actor: 'system:cli' })
    expect(await recorded('ac63')).toEqual([])
  })

  test('replace the former ones, of which one half is of no use either', async () => {
    const [formerA, formerB] = codesOf(await seal())
    const [a, b] = codesOf(await seal())
    for (const codes of [
      [formerA, formerB],
      [formerA, b],
      [a, formerB],
    ])
      expect((await open({ codes })).json()).toMatchObject({ code: 'break_glass_refused' })
    expect((await open({ codes: [a, b] })).statusCode).toBe(200)
  })

  test('are made on the screen by an administrator who proved who they are, and by nobody else', async () => {
    const admin = await signIn('admin')
    const sealed = await call(admin.cookie, 'POST', '/api/installation/break-glass/seal')
    expect(sealed.statusCode).toBe(200)
    expect(await mailsOf()).toContain(`sealed ${admin.mail}`)
    for (const role of ['chief', 'chamber', 'operator'] as const) {
      const { cookie } = await signIn(role)
      expect((await call(cookie, 'POST', '/api/installation/break-glass/seal')).statusCode).toBe(403)
    }
    await sql`update session set factor_at = now() - interval '6 minutes' where user_id = ${admin.userId}`.execute(
      database.db,
    )
    // The server keeps its view of a session for three seconds.
    aheadMs += 3100
    expect((await call(admin.cookie, 'POST', '/api/installation/break-glass/seal')).json()).toMatchObject({
      code: 'factor_due',
    })
    expect((await open({ codes: codesOf(sealed.json()) })).statusCode).toBe(200)
  })
})

describe('opening', () => {
  test('needs both codes, two names and a reason; slips are shown where they are and are no attempt', async () => {
    const [a = '', b = ''] = codesOf(await seal())
    const problems = async (typed: Typed) => {
      const answer = (await open(typed)).json()
      expect(answer.code).toBe('invalid_input')
      return answer.problems.map(({ code, path }: { code: string; path: string }) => `${path} ${code}`)
    }
    expect(await problems({ codes: ['', ''], names: ['', ' '], reason: ' ' })).toEqual([
      'first.name input.required',
      'first.code input.required',
      'second.name input.required',
      'second.code input.required',
      'reason input.required',
    ])
    expect(await problems({ codes: [a, b], names: ['Anne Durand', ' anne  durand'] })).toEqual([
      'second.name break_glass.same_name',
    ])
    expect(await problems({ codes: [a, a] })).toEqual(['second.code break_glass.same_envelope'])
    expect(await problems({ codes: [a, `${b.slice(0, -1)}${b.endsWith('A') ? 'B' : 'A'}`] })).toEqual([
      'second.code break_glass.typo',
    ])
    const { rows } = await sql`select from failure_counts`.execute(database.db)
    expect(rows).toHaveLength(0)
    // In any order, and as hands type them.
    expect((await open({ codes: [b.toLowerCase().replaceAll('-', ' '), a] })).statusCode).toBe(200)
  })

  test('answers the same whichever code is wrong, and without any seal', async () => {
    const answers = [await open({ codes: [makeCode('A'), makeCode('B')] })]
    const [a = '', b = ''] = codesOf(await seal())
    answers.push(
      await open({ codes: [a, makeCode('B')] }),
      await open({ codes: [makeCode('A'), b] }),
      await open({ codes: [makeCode('A'), makeCode('B')] }),
    )
    expect(new Set(answers.map((answer) => `${answer.statusCode} ${bodyWithoutId(answer)}`)).size).toBe(1)
    expect(answers[0]?.cookies).toEqual([])
    expect(answers[0]?.json()).toMatchObject({ code: 'break_glass_refused' })
    const failures = (await recorded('')).filter(({ action }) => action === 'break_glass.fail')
    // One entry for many, and one mail a day.
    expect(failures.at(-1)).toMatchObject({ actor: 'system:sign-in', details: { failures: 1 } })
    const admins = await signIn('admin')
    await sql`delete from failure_counts`.execute(database.db)
    await open({ codes: [a, makeCode('B')] })
    await open({ codes: [a, makeCode('B')] })
    expect((await mailsOf()).filter((mail) => mail === `refused ${admins.mail}`)).toHaveLength(1)
  })

  test('strangers who spend their attempts do not keep the holders out', async () => {
    const codes = codesOf(await seal())
    const wrong = () => [makeCode('A'), makeCode('B')]
    for (let i = 0; i < MAX_FAILURES_OF_OPENING; i++)
      expect((await open({ codes: wrong(), address: '203.0.113.9' })).statusCode).toBe(403)
    for (const typed of [wrong(), codes])
      expect((await open({ codes: typed, address: '203.0.113.9' })).json()).toMatchObject({
        code: 'rate_limited',
      })
    expect((await open({ codes, address: '198.51.100.7' })).statusCode).toBe(200)
  })

  test('works once: the same codes open nothing again', async () => {
    const codes = codesOf(await seal())
    expect((await open({ codes })).statusCode).toBe(200)
    expect((await open({ codes })).json()).toMatchObject({ code: 'break_glass_refused' })
    const seals = await database.db.selectFrom('breakGlassSeals').selectAll().execute()
    expect(seals).toMatchObject([{ firstHash: null, secondHash: null, brokenAt: expect.any(Date) }])
    await run('close', '--as', 'Ada Martin')
    expect((await open({ codes })).json()).toMatchObject({ code: 'break_glass_refused' })
    expect(await run('status')).toContain('est brisé depuis')
  })

  test('of two at once one wins', async () => {
    const codes = codesOf(await seal())
    const answers = await Promise.all([1, 2, 3, 4].map(() => open({ codes })))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 403, 403, 403])
    expect(await database.db.selectFrom('breakGlassOpenings').selectAll().execute()).toHaveLength(1)
    const { rows } = await sql`select from session where factor = 'break_glass'`.execute(database.db)
    expect(rows).toHaveLength(1)
  })

  test('with new envelopes while it is open closes the former opening', async () => {
    const first = cookiesOf(await open({ codes: codesOf(await seal()) }))
    const second = cookiesOf(await open({ codes: codesOf(await seal()) }))
    expect((await call(first, 'GET', '/api/session')).statusCode).toBe(401)
    expect((await call(second, 'GET', '/api/session')).statusCode).toBe(200)
    const rows = await sql<{ why: string | null }>`
      select closed_why as why from break_glass_openings order by opened_at`.execute(database.db)
    expect(rows.rows.map(({ why }) => why)).toEqual(['replaced', null])
  })

  test('is on every screen, by mail to every chief, chamber and administrator, and in every log', async () => {
    const people = {
      chief: await signIn('chief'),
      other: await signIn('chief', 'ac39'),
      chamber: await signIn('chamber'),
      admin: await signIn('admin'),
      operator: await signIn('operator'),
      trade: await signIn('trade_chamber'),
      magistrate: await signIn('magistrate'),
    }
    const before = await opening(people.operator.cookie)
    expect(before).toBeNull()
    expect((await open({ codes: codesOf(await seal()) })).statusCode).toBe(200)
    for (const { cookie } of Object.values(people))
      expect(await opening(cookie)).toMatchObject({
        names: ['Anne Durand', 'Paul Petit'],
        reason: REASON,
        drill: false,
        closedAt: null,
        own: false,
      })
    const mails = await mailsOf()
    for (const { mail } of [people.chief, people.other, people.chamber, people.admin])
      expect(mails.filter((one) => one === `opened ${mail}`)).toHaveLength(1)
    for (const { mail } of [people.operator, people.trade, people.magistrate])
      expect(mails).not.toContain(`opened ${mail}`)
    for (const schemeId of ['', 'ac39', 'ac63']) {
      expect((await recorded(schemeId)).at(-1)).toMatchObject({
        action: 'break_glass.open',
        details: { drill: false, minutes: 60 },
      })
      const { rows } = await sql`select reason, named from audit_reasons where scheme_id = ${schemeId}
        order by seq desc limit 1`.execute(database.db)
      const named = { first: 'Anne Durand', second: 'Paul Petit' }
      if (schemeId !== '') expect(rows[0]).toMatchObject({ reason: REASON, named })
      expect((await verifySchemeAudit(database.db, schemeId)).broken).toBeUndefined()
    }
  })
})

describe('a role above operator', () => {
  const inviteChief = async (cookie: string, more: object = {}) => {
    const mail = `invited-${++people}@example.fr`
    const answer = await call(cookie, 'POST', '/api/schemes/ac63/people', {
      mail,
      name: 'Zoé Blanc',
      role: 'chief',
      reason: REASON,
      ...more,
    })
    return { mail, answer: answer.json() }
  }
  const decide = async (cookie: string, id: string) => {
    const answer = await call(cookie, 'POST', `/api/schemes/ac63/setting-changes/${id}/in-force`)
    return answer.statusCode === 200 ? 'ok' : answer.json().code
  }
  const rolesOf = async (mail: string) => {
    const { rows } = await sql<{ role: string }>`select role from grants g join "user" u on u.id = g.user_id
      where u.email = ${mail}`.execute(database.db)
    return rows.map(({ role }) => role)
  }
  /** An administrator seals on the screen and opens with both codes and two invented names. */
  const openAlone = async (admin: string) => {
    const sealed = await call(admin, 'POST', '/api/installation/break-glass/seal')
    return cookiesOf(await open({ codes: codesOf(sealed.json()), names: ['Jean Un', 'Jean Deux'] }))
  }
  const removeAccounts = () =>
    sql`delete from "user" where id in (select user_id from grants)`.execute(database.db)

  test('is not given by one administrator who seals and opens alone: it waits for the scheme, also after the hour', async () => {
    const [admin, chief] = [await signIn('admin'), await signIn('chief')]
    const cookie = await openAlone(admin.cookie)
    expect(await mailsOf()).toContain(`sealed ${chief.mail}`)
    const { mail, answer } = await inviteChief(cookie)
    expect(answer).toMatchObject({ outcome: 'proposed', userId: null, link: null })
    expect(await rolesOf(mail)).toEqual([])
    expect(await mailsOf()).toContain(`mail.setting_change.proposed ${chief.mail}`)
    expect(await decide(cookie, answer.proposed)).toBe('forbidden')
    expect(await decide(admin.cookie, answer.proposed)).toBe('forbidden')
    // The proposal outlives the account that made it.
    expect((await call(cookie, 'POST', '/api/break-glass/end')).statusCode).toBe(204)
    expect(await decide(chief.cookie, answer.proposed)).toBe('ok')
    expect(await rolesOf(mail)).toEqual(['chief'])
  })

  test('that was proposed is not decided by who sealed the account, even as a chief', async () => {
    const [admin, other] = [await signIn('admin'), await signIn('chief')]
    await openAccount(deps, { mail: admin.mail, name: 'Camille', schemeId: 'ac63', role: 'chief' })
    const { answer } = await inviteChief(await openAlone(admin.cookie))
    const cookie = await signInAgain(admin.mail)
    const { waiting } = (await call(cookie, 'GET', '/api/schemes/ac63/setting-changes')).json()
    expect(waiting.find(({ id }: { id: string }) => id === answer.proposed)).toMatchObject({
      may: { putInForce: false },
    })
    expect(await decide(cookie, answer.proposed)).toBe('access_given')
    expect(await decide(other.cookie, answer.proposed)).toBe('ok')
  })

  test.each(['recover', 'disable'])('is not given after a %s of all who could decide', async (how) => {
    await removeAccounts()
    const admin = await signIn('admin')
    const holders = [await signIn('chief'), await signIn('chamber')]
    const cookie = await openAlone(admin.cookie)
    for (const { userId } of holders) {
      const done = await call(cookie, 'POST', `/api/schemes/ac63/people/${userId}/${how}`, {
        ...(how === 'disable' && { reason: REASON }),
      })
      expect(done.statusCode).toBeLessThan(300)
    }
    const { answer } = await inviteChief(cookie)
    if (how === 'recover') expect(answer).toMatchObject({ outcome: 'proposed' })
    else expect(answer).toMatchObject({ problems: [{ code: 'setting_change.took_access' }] })
  })

  test('is given at once where no account of the scheme could decide', async () => {
    await removeAccounts()
    const admin = await signIn('admin')
    const cookie = await openAlone(admin.cookie)
    const { rules } = (await call(cookie, 'GET', '/api/schemes/ac63/setting-changes')).json()
    expect(rules).toContainEqual(expect.objectContaining({ subject: 'role_chief', first: true }))
    const { mail, answer } = await inviteChief(cookie, { reason: undefined })
    expect(answer).toMatchObject({ outcome: 'invited' })
    expect(await rolesOf(mail)).toEqual(['chief'])
  })
})

describe('the open account', () => {
  let cookie: string
  beforeEach(async () => {
    cookie = cookiesOf(await open({ codes: codesOf(await seal()) }))
  })

  test('does what lets people in again: it recovers a chief, and lifts what a scheme requires', async () => {
    const admin = await signIn('admin')
    const access = { signIn: { chief: 'provider' } }
    await sql`update schemes set access = ${JSON.stringify(access)}::jsonb where id = 'ac63'`.execute(
      database.db,
    )
    try {
      const locked = (await call(cookie, 'GET', '/api/break-glass/schemes')).json()
      expect(locked.schemes.find(({ id }: { id: string }) => id === 'ac63')).toMatchObject({
        required: [{ role: 'chief', need: 'provider' }],
      })
      expect((await call(cookie, 'POST', '/api/schemes/ac63/access/lift')).statusCode).toBe(204)
      const { rows } = await sql<{ need: string }>`
        select access -> 'signIn' ->> 'chief' as need from schemes where id = 'ac63'`.execute(database.db)
      expect(rows).toEqual([{ need: 'any' }])
    } finally {
      await sql`update schemes set access = '{}' where id = 'ac63'`.execute(database.db)
    }
    expect(await mailsOf()).toContain(`lifted ${admin.mail}`)
    const { userId } = await signIn('chief')
    const recovered = await call(cookie, 'POST', `/api/schemes/ac63/people/${userId}/recover`)
    expect(recovered.json()).toMatchObject({ outcome: 'invited' })
    // As everywhere, it decides as the second person only after the cooling time.
    const { rows: cooled } = await sql<{ hours: number }>`
      select round(extract(epoch from counts_from - now()) / 3600)::int as hours from grants where user_id = ${userId}`.execute(
      database.db,
    )
    expect(cooled).toEqual([{ hours: 24 }])
    const { rows } = await sql<{ scheme: string; action: string }>`
      select e.scheme_id as scheme, e.action from audit_entries e join break_glass_openings o on e.actor = 'user:' || o.user_id
      where o.closed_at is null order by e.action, e.scheme_id`.execute(database.db)
    expect(rows.map(({ scheme, action }) => `${scheme} ${action}`)).toEqual([
      ' access.set',
      'ac63 access.set',
      ' break_glass.open',
      'ac39 break_glass.open',
      'ac63 break_glass.open',
      ' session.open',
      ' user.reset',
      'ac63 user.reset',
    ])
    await call(cookie, 'POST', '/api/break-glass/end')
    expect(await opening(admin.cookie)).toMatchObject({ acts: 2, closedWhy: 'person' })
  })

  test('makes no administrator and no break-glass account, and gives no role to itself', async () => {
    for (const role of ['admin', 'break_glass', 'operator', 'trade_chamber'])
      expect(
        (await call(cookie, 'POST', '/api/schemes/ac63/people', { mail: 'x@example.fr', name: 'X', role }))
          .statusCode,
      ).toBe(422)
    // Nor does the machine give its role.
    const input = { mail: 'x@example.fr', name: 'X', role: 'break_glass' }
    for (const schemeId of ['ac63', undefined])
      await expect(invitePerson(deps, program, schemeId, input)).rejects.toMatchObject({
        problems: [{ code: 'user.role' }],
      })
  })

  test('sends nothing, reads nothing of the work, and takes nothing along: every endpoint', async () => {
    const allowed: string[] = []
    const endpoints = (await readEndpointGroups()).flatMap((group) => group.endpoints)
    for (const { id, method, path, permission, produces } of endpoints) {
      if (permission === 'public' || path.startsWith('/api/demo/')) continue
      // They end the session, or never end themselves.
      if (['signOut', 'endSession', 'endOwnBreakGlass', 'closeBreakGlass'].includes(id)) continue
      if (produces === 'text/event-stream' && id === 'watchSession') continue
      const url = path
        .replaceAll(':scheme', 'ac63')
        .replaceAll(/:(?:year|version|no|line)\b/g, '1')
        .replaceAll(/:\w+/g, '00000000-0000-7000-8000-000000000001')
      const answer = await call(cookie, method, url, method === 'GET' || method === 'DELETE' ? undefined : {})
      const { code } = answer.statusCode < 400 ? { code: 'ok' } : answer.json()
      if (!['forbidden', 'not_signed_in', 'unknown_scheme'].includes(code)) allowed.push(id)
    }
    expect(allowed.sort()).toEqual([
      'changeRole',
      'disablePerson',
      'enablePerson',
      'endPersonSessions',
      'getBreakGlass',
      'getBreakGlassStatus',
      // The state of the SMS routes, without details.
      'getRoutes',
      'getScheme',
      // As the public page shows it.
      'getSchemeContact',
      'getSession',
      'inviteAgain',
      'invitePerson',
      'liftRequiredSignIn',
      'listLockedSchemes',
      'listPeople',
      'listPersonSessions',
      // Only the roles that wait for another person.
      'listSettingChanges',
      'recoverPerson',
      'removeRole',
      'reportActivity',
      'withdrawInvitation',
    ])
  })

  test('acts until the end of its hour without another proof, and is not locked', async () => {
    const at = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: at + 55 * MINUTE_MS })
    expect((await call(cookie, 'GET', '/api/session')).json()).toMatchObject({ idleMinutes: null })
    const invited = await call(cookie, 'POST', '/api/schemes/ac63/people', {
      mail: `late-${at}@example.fr`,
      name: 'Zoé Blanc',
      role: 'chamber',
      agency: 'cci-63',
      reason: REASON,
    })
    expect(invited.statusCode).toBe(200)
  })

  test('ends after 60 minutes, whatever it does', async () => {
    const at = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: at + 59 * MINUTE_MS })
    expect((await call(cookie, 'POST', '/api/session/activity')).statusCode).toBe(204)
    vi.setSystemTime(at + 61 * MINUTE_MS)
    expect((await call(cookie, 'GET', '/api/session')).statusCode).toBe(401)
    // The screens say so before the work in the background has recorded it.
    const { cookie: chief } = await signIn('chief')
    expect(await opening(chief)).toMatchObject({ closedWhy: 'time', closedAt: expect.any(String) })
    await watchBreakGlass(deps)
    expect((await recorded('ac63')).at(-1)).toMatchObject({
      action: 'break_glass.close',
      actor: 'system:break-glass',
      details: { why: 'time', acts: 0 },
    })
    vi.setSystemTime(at + 25 * 60 * MINUTE_MS)
    const { cookie: later } = await signIn('chief')
    expect(await opening(later)).not.toBeNull()
    vi.setSystemTime(at + 26 * 60 * MINUTE_MS)
    expect(await opening((await signIn('chief')).cookie)).toBeNull()
  })

  test.each(['chief', 'chamber', 'admin'] as const)('is closed by any %s at once', async (role) => {
    const { cookie: mine, userId, mail } = await signIn(role)
    const [{ userId: own } = { userId: '' }] = await database.db
      .selectFrom('breakGlassOpenings')
      .select('userId')
      .execute()
    expect((await call(mine, 'POST', '/api/break-glass/close')).statusCode).toBe(204)
    expect((await call(cookie, 'GET', '/api/session')).statusCode).toBe(401)
    const { rows } = await sql`
      select (select count(*) from session where user_id = ${own})::int as sessions,
        (select count(*) from grants where user_id = ${own})::int as grants,
        (select disabled_at is not null from "user" where id = ${own}) as disabled`.execute(database.db)
    expect(rows).toEqual([{ sessions: 0, grants: 0, disabled: true }])
    expect((await recorded('ac39')).at(-1)).toMatchObject({
      action: 'break_glass.close',
      actor: `user:${userId}`,
      details: { why: 'person' },
    })
    expect(await mailsOf()).toContain(`closed ${mail}`)
    expect((await call(mine, 'POST', '/api/break-glass/close')).json()).toMatchObject({ code: 'wrong_state' })
  })

  test('is closed by a chief only who proved who they are a moment ago', async () => {
    const { cookie: mine, userId } = await signIn('chief')
    await sql`update session set factor_at = now() - interval '6 minutes' where user_id = ${userId}`.execute(
      database.db,
    )
    // The server keeps its view of a session for three seconds.
    aheadMs += 3100
    expect((await call(mine, 'POST', '/api/break-glass/close')).json()).toMatchObject({ code: 'factor_due' })
    expect((await call(cookie, 'GET', '/api/session')).statusCode).toBe(200)
  })

  test.each(['operator', 'magistrate', 'trade_chamber'] as const)('is not closed by any %s', async (role) => {
    const { cookie: mine } = await signIn(role)
    expect((await call(mine, 'POST', '/api/break-glass/close')).json()).toMatchObject({ code: 'forbidden' })
    expect((await call(mine, 'POST', '/api/break-glass/end')).json()).toMatchObject({ code: 'wrong_state' })
    expect((await call(cookie, 'GET', '/api/session')).statusCode).toBe(200)
  })

  test('a session that ended otherwise closes it, and its administrators are reminded every day', async () => {
    const admin = await signIn('admin')
    await watchBreakGlass(deps)
    expect(await opening(admin.cookie)).toMatchObject({ closedAt: null })
    expect((await call(cookie, 'POST', '/api/session/end')).statusCode).toBe(200)
    const at = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: at + MINUTE_MS })
    await watchBreakGlass(deps)
    expect(await opening(admin.cookie)).toMatchObject({ closedWhy: 'session' })
    const reminders = async () => (await mailsOf()).filter((mail) => mail === `broken ${admin.mail}`).length
    expect(await reminders()).toBe(0)
    for (const [hours, sent] of [
      [25, 1],
      [26, 1],
      [49, 2],
    ] as const) {
      vi.setSystemTime(at + hours * 60 * MINUTE_MS)
      await watchBreakGlass(deps)
      await watchBreakGlass(deps)
      expect(await reminders()).toBe(sent)
    }
    await seal()
    vi.setSystemTime(at + 100 * 60 * MINUTE_MS)
    await watchBreakGlass(deps)
    expect(await reminders()).toBe(2)
  })
})

test('another process refuses the closed account within 3 s, and the roles of the installation stay as they are sealed', async () => {
  const [kinds, keys] = [[grantSeals], deps.auditKeys]
  const faults = async () => {
    const reports = await verifyAudit(database.db, await readAgainst({ ...deps, auditKeys: keys }, kinds))
    return reports.flatMap(({ broken, facts = [] }) =>
      broken === undefined ? facts.map(({ kind, id }) => `${kind} of '${id}'`) : [broken.reason],
    )
  }
  await asEngine(database, ({ db }) => sealDue({ ...deps, db }, kinds))
  const cookie = cookiesOf(await open({ codes: codesOf(await seal()) }))
  await asEngine(database, ({ db }) => sealDue({ ...deps, db }, kinds))
  expect(await faults()).toEqual([])
  const other = await testServer({ ...deps, live: createLive() })
  try {
    const ask = () => other.inject({ url: '/api/session', headers: { cookie } })
    expect((await ask()).statusCode).toBe(200)
    await run('close', '--as', 'Ada Martin')
    await expect.poll(async () => (await ask()).statusCode).toBe(401)
  } finally {
    await other.close()
  }
  await asEngine(database, ({ db }) => sealDue({ ...deps, db }, kinds))
  expect(await faults()).toEqual([])
  // A role that only SQL gave shows.
  const { rows } = await sql<{ id: string }>`select user_id as id from break_glass_openings limit 1`.execute(
    database.db,
  )
  await sql`insert into grants (user_id, scheme_id, role) values (${rows[0]?.id}, '', 'break_glass')`.execute(
    database.db,
  )
  expect(await faults()).toEqual(["grants of ''"])
  await sql`delete from grants where user_id = ${rows[0]?.id}`.execute(database.db)
})

test('an exercise is as loud, its session may do nothing, and the seal is broken too', async () => {
  const { cookie: chief, mail } = await signIn('chief')
  const codes = codesOf(await seal())
  const cookie = cookiesOf(await open({ codes, drill: true }))
  expect((await call(cookie, 'GET', '/api/session')).json()).toMatchObject({ schemes: [] })
  expect(await opening(cookie)).toMatchObject({ drill: true, own: true })
  expect(await opening(chief)).toMatchObject({ drill: true, own: false })
  expect(await mailsOf()).toContain(`opened ${mail}`)
  for (const [method, url] of [
    ['GET', '/api/schemes/ac63/people'],
    ['POST', '/api/schemes/ac63/people'],
    ['GET', '/api/break-glass/schemes'],
    ['POST', '/api/schemes/ac63/access/lift'],
    ['GET', '/api/schemes/ac63'],
    ['POST', '/api/break-glass/close'],
  ] as const)
    expect((await call(cookie, method, url, method === 'POST' ? {} : undefined)).statusCode).toBeGreaterThan(
      400,
    )
  expect((await open({ codes })).json()).toMatchObject({ code: 'break_glass_refused' })
  expect((await call(cookie, 'POST', '/api/break-glass/end')).statusCode).toBe(204)
  expect((await call(cookie, 'GET', '/api/session')).statusCode).toBe(401)
  expect(JSON.parse(await run('status', '--json'))).toMatchObject({
    state: 'broken',
    openings: [{ drill: true, closedWhy: 'person', closedBy: expect.stringContaining('exercice') }],
  })
})
