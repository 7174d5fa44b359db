import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { authenticator, SITE } from '../../../test/support/authenticator.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { MAX_PASSKEYS, passkeySite, purgeChallenges } from '../../identity/passkeys/webauthn.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import {
  addPasskey,
  listPasskeys,
  purgePasskeys,
  removePasskey,
  signInByPasskey,
  startPasskeyCreation,
  startPasskeySignIn,
} from './passkeys.ts'
import { type ContactActor, findContactActor, getPortalSession, openContactSession } from './session.ts'

test('passkeys are bound to the address of the installation, or to this machine without one', () => {
  expect(passkeySite({ baseUrl: 'https://alerte.example/' }, 'https://evil.example')).toEqual(SITE)
  expect(passkeySite({ baseUrl: undefined }, 'http://localhost:3000')).toEqual({
    origin: 'http://localhost:3000',
    id: 'localhost',
  })
  expect(passkeySite({ baseUrl: undefined }, 'https://evil.example')).toBeUndefined()
  expect(passkeySite({ baseUrl: undefined }, 'no address')).toBeUndefined()
})

describe.each(usualKinds)('passkeys on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T10:00:00Z')
  let actor: ContactActor
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await sql`delete from contact_passkeys`.execute(database.db)
    await sql`delete from members`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Voisin', phones: [phoneOf(2)] },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: idOf(3), name: 'Comptoir', communeCode: '39300', phones: [phoneOf(1)] },
    ])
    actor = await signInMember(phoneOf(1))
  })

  async function signInMember(phone: string): Promise<ContactActor> {
    const found = await findContactActor(deps, await openContactSession(deps, { phone }))
    if (found === undefined) throw new Error('nobody')
    return found
  }
  async function register(as = actor, device = authenticator(), name = 'Mon téléphone') {
    const { challenge } = await startPasskeyCreation(deps, as, SITE)
    await addPasskey(deps, as, SITE, { name, response: device.make(challenge) })
    return device
  }
  const signIn = async (device: ReturnType<typeof authenticator>) =>
    signInByPasskey(deps, SITE, device.answer((await startPasskeySignIn(deps, SITE)).challenge))
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    )

  test('a passkey opens all shops of its number, any number of times, until it is deleted', async () => {
    const device = await register()
    const token = await signIn(device)
    const session = await getPortalSession(deps, token)
    expect(session).toMatchObject({ phone: phoneOf(1), mail: null })
    expect(session.shops.map(({ member }) => member.name)).toEqual(['Comptoir', 'Tabac'])
    expect(await code(signIn(device))).toBe('done')
    const { passkeys } = await listPasskeys(deps, actor)
    expect(passkeys).toMatchObject([{ id: device.id, name: 'Mon téléphone', usedAt: clock.toISOString() }])
    const { rows } = await sql<{ actions: string[]; all: string }>`
      select array_agg(action order by seq) as actions, string_agg(details::text, '') as all from audit_entries
      where action like 'passkey.%' or details->>'by' = 'passkey'`.execute(database.db)
    expect(rows[0]?.actions).toEqual(expect.arrayContaining(['passkey.add', 'session.open']))
    expect(rows[0]?.all).not.toContain('39980001')

    // Other contacts cannot see or delete it.
    const other = await signInMember(phoneOf(2))
    expect((await listPasskeys(deps, other)).passkeys).toEqual([])
    expect(await code(removePasskey(deps, other, device.id))).toBe('not_found')
    expect((await removePasskey(deps, actor, device.id)).passkeys).toEqual([])
    expect(await code(signIn(device))).toBe('passkey_refused')
  })

  test('a challenge works once, for five minutes, for its own purpose and session', async () => {
    const device = await register()
    const { challenge } = await startPasskeySignIn(deps, SITE)
    expect(await code(signInByPasskey(deps, SITE, device.answer(challenge)))).toBe('done')
    expect(await code(signInByPasskey(deps, SITE, device.answer(challenge)))).toBe('passkey_refused')
    const late = (await startPasskeySignIn(deps, SITE)).challenge
    clock = new Date(clock.getTime() + 6 * 60_000)
    expect(await code(signInByPasskey(deps, SITE, device.answer(late)))).toBe('passkey_refused')
    expect(
      await code(signInByPasskey(deps, SITE, device.answer(randomBytes(32).toString('base64url')))),
    ).toBe('passkey_refused')
    // A challenge of another session, or of a sign-in, adds nothing.
    const other = await signInMember(phoneOf(2))
    const theirs = (await startPasskeyCreation(deps, other, SITE)).challenge
    const free = (await startPasskeySignIn(deps, SITE)).challenge
    for (const given of [theirs, free]) {
      const response = authenticator().make(given)
      expect(await code(addPasskey(deps, actor, SITE, { name: 'x', response }))).toBe('passkey_refused')
    }
    const own = (await startPasskeyCreation(deps, actor, SITE)).challenge
    expect(await code(signInByPasskey(deps, SITE, device.answer(own)))).toBe('passkey_refused')
  })

  test('refuses another site, another key, a device that did not verify its user, and a copy with an older counter', async () => {
    const device = await register()
    const fresh = async () => (await startPasskeySignIn(deps, SITE)).challenge
    const evil = { origin: 'https://evil.example', id: 'evil.example' }
    expect(await code(signInByPasskey(deps, SITE, device.answer(await fresh(), evil)))).toBe(
      'passkey_refused',
    )
    const forged = { ...authenticator().answer(await fresh()), id: device.id, rawId: device.id }
    expect(await code(signInByPasskey(deps, SITE, forged))).toBe('passkey_refused')
    // The user was present, but not verified.
    expect(await code(signInByPasskey(deps, SITE, device.answer(await fresh(), SITE, 0x01)))).toBe(
      'passkey_refused',
    )
    const { challenge } = await startPasskeyCreation(deps, actor, SITE)
    const unasked = authenticator().make(challenge, SITE, 0x01)
    expect(await code(addPasskey(deps, actor, SITE, { name: 'x', response: unasked }))).toBe(
      'passkey_refused',
    )
    await signIn(device)
    device.rewind()
    expect(await code(signIn(device))).toBe('passkey_refused')
    expect(await code(signInByPasskey(deps, SITE, authenticator().answer(await fresh())))).toBe(
      'passkey_refused',
    )
    expect(await code(startPasskeySignIn(deps, undefined))).toBe('passkey_refused')
    expect(await code(startPasskeyCreation(deps, actor, undefined))).toBe('passkey_refused')
  })

  test('passkeys of a number do not work once another contact has the number', async () => {
    const device = await register()
    await sql`delete from members where id in (${idOf(1)}, ${idOf(3)})`.execute(database.db)
    expect(await code(signIn(device))).toBe('passkey_refused')
    // The operator gave the number to a new subscriber, who joined.
    await seedMembers(database.db, 'ac63', [{ id: idOf(7), name: 'Nouveau', phones: [phoneOf(1)] }])
    expect(await code(signIn(device))).toBe('passkey_refused')
    await acrossSchemes(database.db, purgePasskeys)
    expect(await database.db.selectFrom('contactPasskeys').select('id').execute()).toHaveLength(1)
    await sql`delete from members where id = ${idOf(7)}`.execute(database.db)
    await acrossSchemes(database.db, async (tx) => {
      await purgePasskeys(tx)
      await purgeChallenges(tx, new Date(clock.getTime() + 600_000))
    })
    expect(await database.db.selectFrom('contactPasskeys').select('id').execute()).toEqual([])
    expect(await database.db.selectFrom('passkeyChallenges').selectAll().execute()).toEqual([])
  })

  test('requires a name, refuses the same authenticator twice, and limits the number', async () => {
    const { challenge } = await startPasskeyCreation(deps, actor, SITE)
    const response = authenticator().make(challenge)
    await expect(addPasskey(deps, actor, SITE, { name: ' ', response })).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: 'name' }],
    })
    const device = await register()
    const other = await signInMember(phoneOf(2))
    expect(await code(register(other, device))).toBe('passkey_refused')
    for (let n = 1; n < MAX_PASSKEYS; n++) await register()
    expect((await listPasskeys(deps, actor)).passkeys).toHaveLength(MAX_PASSKEYS)
    expect(await code(startPasskeyCreation(deps, actor, SITE))).toBe('too_many_passkeys')
  })

  test('a session that ended adds and lists nothing', async () => {
    await sql`delete from contact_sessions`.execute(database.db)
    expect(await code(listPasskeys(deps, actor))).toBe('not_signed_in')
    expect(await code(startPasskeyCreation(deps, actor, SITE))).toBe('not_signed_in')
  })
})
