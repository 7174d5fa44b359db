import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { NO_SCHEME } from '../../src/audit/chain.ts'
import { recordAudit } from '../../src/audit/record.ts'
import { usersCommand } from '../../src/commands/schemes/users.ts'
import type { Deps } from '../../src/deps.ts'
import { hasGivenAccess, listGivenAccess } from '../../src/identity/account-acts.ts'
import { deleteGrant, listGrants } from '../../src/identity/store.ts'
import { disablePerson, enablePerson } from '../../src/people/closing.ts'
import { readInvitation } from '../../src/people/invitations/invitations.ts'
import { inviteAgain, invitePerson } from '../../src/people/invitations/invite.ts'
import { listPeople } from '../../src/people/list.ts'
import { recoverPerson } from '../../src/people/recovery.ts'
import { changeRole, removeRole } from '../../src/people/roles/roles.ts'
import { lockUsers } from '../../src/people/store.ts'
import type { Actor, Role, SchemeRole } from '../../src/permissions.ts'
import { acrossSchemes, type Database, inScheme } from '../../src/platform/db.ts'
import {
  listSettingChanges,
  putSettingChangeInForce,
  rejectSettingChange,
  withdrawSettingChange,
} from '../../src/settings/actions.ts'
import { findDecidedAlone } from '../../src/settings/alone.ts'
import { settingWriters } from '../../src/start/settings.ts'
import { testDatabase } from '../support/database.ts'
import { noteJobs, program, testDeps } from '../support/deps.ts'
import { fillSchemes, openAccount, PRODUCTION, testConfig } from '../support/server.ts'

// Promise L14, for roles above operator: who proposes and who puts in force, what exists until then, races, and what stays one act.

const people = {
  admin: 'admin',
  chief: 'chief',
  chief2: 'chief',
  chamber: 'chamber',
  chamber2: 'chamber',
  magistrate: 'magistrate',
  operator: 'operator',
  trade: 'trade_chamber',
} as const satisfies Record<string, Role>
type Person = keyof typeof people

const START = new Date('2026-03-12T12:00:00Z')
let clock = START
let database: Database
let deps: Deps
const userIds = {} as Record<Person, string>

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  deps = testDeps(database, {
    config: testConfig(PRODUCTION),
    now: () => clock,
    jobs: noteJobs(),
    mailer: { name: 'test', send: async () => {}, close: () => {} },
  })
})
afterAll(async () => {
  await database?.close()
})
beforeEach(async () => {
  clock = START
  await sql`delete from setting_changes`.execute(database.db)
  await sql`delete from decided_alone`.execute(database.db)
  await sql`delete from outbox`.execute(database.db)
  await sql`delete from "user"`.execute(database.db)
  // Entries cannot be deleted: those of earlier tests are made older than the cooling time.
  clock = new Date(START.getTime() + 7 * 86_400_000 * ++weeks)
  for (const [person, role] of Object.entries(people) as [Person, Role][]) {
    const account = { mail: `${person}@example.fr`, name: person, role }
    const schemeId = role === 'admin' ? NO_SCHEME : 'ac63'
    const trades = role === 'trade_chamber' ? { trades: ['tobacco-press'] } : {}
    userIds[person] = (await openAccount(deps, { ...account, schemeId, ...trades })).userId
  }
})
let weeks = 0

const hours = (count: number) => {
  clock = new Date(clock.getTime() + count * 3_600_000)
}

async function actorOf(userId: string, name: string): Promise<Actor> {
  return { kind: 'user', userId, name, grants: await listGrants(database.db, userId) }
}
const as = (person: Person) => actorOf(userIds[person], person)

const NEW = { mail: 'new@example.fr', name: 'Nadia Neuf' }

/** Proposes a role for a new address. */
async function propose(by: Person, role: SchemeRole, more: object = {}): Promise<string> {
  const input = { ...NEW, role, reason: 'Arrive lundi.', ...more }
  const { proposed, outcome, link } = await invitePerson(deps, await as(by), 'ac63', input)
  expect([outcome, link]).toEqual(['proposed', null])
  return proposed ?? ''
}

async function force(by: Person, id: string) {
  return putSettingChangeInForce({ ...deps, writers: settingWriters }, await as(by), 'ac63', id)
}
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    ({ code }: { code: string }) => code,
  )

async function accountOf(mail: string) {
  const { rows } = await sql<{ id: string; roles: string[]; links: number; counts: Date | null }>`
    select u.id, array(select g.role from grants g where g.user_id = u.id order by 1) as roles,
      (select count(*)::int from invitations i where i.user_id = u.id) as links,
      (select max(counts_from) from grants g where g.user_id = u.id) as counts
    from "user" u where u.email = ${mail}`.execute(database.db)
  return rows[0]
}
async function mailsTo(template: string): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select address from outbox where template = ${template}`.execute(database.db)
  return rows.map(({ address }) => address).toSorted()
}
async function lastEntry(action: string) {
  const { rows } = await sql<{
    actor: string
    details: Record<string, unknown>
    named: Record<string, string>
  }>`
    select e.actor, e.details, r.named from audit_entries e
    left join audit_reasons r on r.scheme_id = e.scheme_id and r.seq = e.seq
    where e.scheme_id = 'ac63' and e.action = ${action} order by e.seq desc limit 1`.execute(database.db)
  return rows[0]
}

test('of an invited chief nothing exists until a second person has put it in force: no account, no link, no mail', async () => {
  const id = await propose('admin', 'chief', { agency: 'corg-63' })
  expect(await accountOf(NEW.mail)).toBeUndefined()
  const { rows } = await sql`select from invitations`.execute(database.db)
  expect(rows).toEqual([])
  // All holders of the role are notified, and those who could put it in force.
  expect(await mailsTo('mail.setting_change.proposed')).toEqual([
    'chamber2@example.fr',
    'chamber@example.fr',
    'chief2@example.fr',
    'chief@example.fr',
  ])
  expect(await mailsTo('mail.people.invite')).toEqual([])
  const { waiting } = await listSettingChanges(deps, await as('chief'), 'ac63')
  expect(waiting).toMatchObject([
    {
      subject: 'role_chief',
      proposedBy: 'admin',
      parts: [{ setting: 'role_chief.given', before: null, after: { ...NEW, role: 'chief', from: null } }],
      may: { putInForce: true, reject: true, withdraw: false },
      waitsFor: ['chamber', 'chamber2', 'chief', 'chief2'],
    },
  ])
  expect(await codeOf(force('admin', id))).toBe('own_change')
  expect(await accountOf(NEW.mail)).toBeUndefined()

  await force('chief', id)
  const made = await accountOf(NEW.mail)
  expect(made).toMatchObject({
    roles: ['chief'],
    links: 1,
    counts: new Date(clock.getTime() + 24 * 3_600_000),
  })
  expect(await mailsTo('mail.people.invite')).toEqual([NEW.mail])
  expect(await lastEntry('user.invite')).toMatchObject({
    actor: `user:${userIds.chief}`,
    details: { role: 'chief', change: id, proposedBy: `user:${userIds.admin}`, created: true },
    named: { proposedBy: 'admin' },
  })
  // Once only.
  expect(await codeOf(force('chief2', id))).toBe('already_decided')
})

test.each<[SchemeRole, Person, Person[]]>([
  ['chief', 'admin', ['chief', 'chief2', 'chamber', 'chamber2']],
  ['chamber', 'admin', ['chief', 'chief2', 'chamber', 'chamber2']],
  ['chamber', 'chamber', ['chief', 'chief2', 'chamber2']],
  ['magistrate', 'admin', ['chamber', 'chamber2', 'magistrate']],
])('the role %s, proposed by %s, is put in force by %j alone', async (role, by, expected) => {
  const deciding: Person[] = []
  for (const person of Object.keys(people) as Person[]) {
    const id = await propose(by, role)
    const code = await codeOf(force(person, id))
    if (code === 'ok') deciding.push(person)
    else {
      expect(['own_change', 'forbidden', 'not_found'], person).toContain(code)
      await withdrawSettingChange(deps, await as(by), 'ac63', id)
    }
    await sql`delete from "user" where email = ${NEW.mail}`.execute(database.db)
  }
  expect(deciding.toSorted()).toEqual(expected.toSorted())
})

test('a role is raised as it is given: the former one stays until then, and its holder does not decide', async () => {
  const to = { role: 'chamber' as const }
  const reason = 'Remplace Mme Roux.'
  const of = { schemeId: 'ac63', userId: userIds.trade }
  const asked = { from: 'trade_chamber' as const, to, reason }
  const without = changeRole(deps, await as('chamber'), of, { ...asked, reason: '' })
  expect(await codeOf(without)).toBe('invalid_input')
  const { proposed } = await changeRole(deps, await as('chamber'), of, asked)
  expect((await accountOf('trade@example.fr'))?.roles).toEqual(['trade_chamber'])
  await force('chief', proposed ?? '')
  expect((await accountOf('trade@example.fr'))?.roles).toEqual(['chamber'])
  expect(await lastEntry('user.role')).toMatchObject({
    actor: `user:${userIds.chief}`,
    details: { role: 'chamber', from: { role: 'trade_chamber' }, proposedBy: `user:${userIds.chamber}` },
  })

  // A chief who becomes a magistrate, and a chief who also gets the chamber.
  const other = { schemeId: 'ac63', userId: userIds.chief2 }
  const more = await invitePerson(deps, await as('chamber'), 'ac63', {
    mail: 'CHIEF2@example.fr',
    name: 'chief2',
    role: 'chamber',
    reason,
  })
  expect(await codeOf(force('chief2', more.proposed ?? ''))).toBe('own_role')
  const { waiting } = await listSettingChanges(deps, await as('chief2'), 'ac63')
  expect(waiting).toMatchObject([
    { waitsFor: ['chamber2', 'chief'], may: { putInForce: false, reject: false } },
  ])
  await force('chief', more.proposed ?? '')
  expect((await accountOf('chief2@example.fr'))?.roles).toEqual(['chamber', 'chief'])
  expect(await mailsTo('mail.people.role')).toContain('chief2@example.fr')
  // A further agency is a wider right.
  const moved = await changeRole(deps, await as('admin'), other, {
    from: 'chief',
    to: { role: 'chief', agency: 'corg-63' },
    reason,
  })
  expect(moved.proposed).not.toBeNull()
})

test('the account of a proposed address does not decide on its own role, even if it was opened meanwhile', async () => {
  const id = await propose('chamber', 'chamber', { mail: 'late@example.fr' })
  const late = { mail: 'late@example.fr', name: 'late', schemeId: 'ac63', role: 'chief' } as const
  const { userId } = await openAccount(deps, late)
  const forced = putSettingChangeInForce(
    { ...deps, writers: settingWriters },
    await actorOf(userId, 'late'),
    'ac63',
    id,
  )
  expect(await codeOf(forced)).toBe('own_role')
  expect((await accountOf(late.mail))?.roles).toEqual(['chief'])
  await force('chief', id)
  expect((await accountOf(late.mail))?.roles).toEqual(['chamber', 'chief'])
})

test('operators, delegates of trades, lowering, closing, opening again and recovering stay one act', async () => {
  const trade = { mail: 't@example.fr', name: 'T', role: 'trade_chamber', trades: ['tobacco-press'] }
  expect((await invitePerson(deps, await as('chamber'), 'ac63', trade)).outcome).toBe('invited')
  const operator = { mail: 'o@example.fr', name: 'O', role: 'operator' }
  expect((await invitePerson(deps, await as('chief'), 'ac63', operator)).outcome).toBe('invited')
  const chamber2 = { schemeId: 'ac63', userId: userIds.chamber2 }
  await disablePerson(deps, await as('chamber'), chamber2)
  await enablePerson(deps, await as('chamber'), chamber2)
  await recoverPerson(deps, await as('chamber'), chamber2)
  const lowered = { from: 'chamber' as const, to: { role: 'trade_chamber', trades: ['tobacco-press'] } }
  expect((await changeRole(deps, await as('chamber'), chamber2, lowered)).proposed).toBeNull()
  expect((await accountOf('chamber2@example.fr'))?.roles).toEqual(['trade_chamber'])
  await removeRole(deps, await as('admin'), { schemeId: 'ac63', userId: userIds.chief2 }, { role: 'chief' })
  expect((await accountOf('chief2@example.fr'))?.roles).toEqual([])
})

test('the first holders of a new scheme get their roles at once, on the record; once one has opened the account, no more', async () => {
  const admin = await as('admin')
  const invite = (role: string, mail: string, reason?: string) =>
    invitePerson(deps, admin, 'ac39', { mail, name: mail, role, ...(reason && { reason }) })
  for (const role of ['chief', 'chamber', 'magistrate']) {
    const { outcome, userId } = await invite(role, `${role}39@example.fr`)
    expect(outcome).toBe('invited')
    // The first mail was lost.
    await inviteAgain(deps, admin, { schemeId: 'ac39', userId: userId ?? '' })
  }
  const { rows } = await sql<{
    first: boolean
  }>`select (details ->> 'first')::boolean as first from audit_entries
    where scheme_id = 'ac39' and action = 'user.invite' order by seq desc limit 3`.execute(database.db)
  expect(rows).toEqual([{ first: true }, { first: true }, { first: true }])
  const { rules } = await listSettingChanges(deps, admin, 'ac39')
  expect(rules.filter(({ first }) => first).map(({ subject }) => subject)).toEqual([
    'role_chief',
    'role_chamber',
    'role_magistrate',
  ])
  // The holder of the chamber uses the link.
  await sql`update invitations set used_at = ${clock} where user_id =
    (select id from "user" where email = ${'chamber39@example.fr'})`.execute(database.db)
  expect(await codeOf(invite('chief', 'more@example.fr'))).toBe('invalid_input')
  // A role that the new account could decide on waits until it counts.
  const more = await invite('chief', 'more@example.fr', 'Une autre.')
  expect(more.outcome).toBe('proposed')
  const chamber = await actorOf((await accountOf('chamber39@example.fr'))?.id ?? '', 'chamber39')
  const put = (actor: Actor) =>
    codeOf(putSettingChangeInForce({ ...deps, writers: settingWriters }, actor, 'ac39', more.proposed ?? ''))
  expect(await put(chamber)).toBe('access_given')
  expect(await put(admin)).toBe('own_change')
  hours(25)
  expect(await put(chamber)).toBe('ok')
})

test('who closed or recovered the only holders is not the first one', async () => {
  const chief = { mail: 'chief39@example.fr', name: 'C', schemeId: 'ac39', role: 'chief' } as const
  const { userId } = await openAccount(deps, chief)
  await recoverPerson(deps, await as('admin'), { schemeId: 'ac39', userId })
  const input = { ...NEW, role: 'chamber' }
  expect(await codeOf(invitePerson(deps, await as('admin'), 'ac39', input))).toBe('invalid_input')
  const { outcome } = await invitePerson(deps, await as('admin'), 'ac39', { ...input, reason: 'Vite.' })
  expect(outcome).toBe('proposed')
})

test('a mistake in the first role, noticed before the account was opened, is mended at once', async () => {
  const admin = await as('admin')
  const invite = async (role: string, mail: string) => {
    const { outcome, userId } = await invitePerson(deps, admin, 'ac39', { mail, name: mail, role })
    expect(outcome).toBe('invited')
    return { schemeId: 'ac39', userId: userId ?? '' }
  }
  await removeRole(deps, admin, await invite('chief', 'wrong@example.fr'), { role: 'chief' })
  const confused = await invite('chief', 'confused@example.fr')
  const to = { role: 'chamber' }
  expect((await changeRole(deps, admin, confused, { from: 'chief', to })).proposed).toBeNull()
  const of = await invite('chief', 'right@example.fr')

  // Once the account was opened, its role is no longer a mistake that nobody saw.
  await sql`update invitations set used_at = ${clock} where user_id = ${of.userId}`.execute(database.db)
  await removeRole(deps, admin, of, { role: 'chief', reason: 'Autre personne.' })
  const late = { mail: 'late@example.fr', name: 'Late', role: 'chief' }
  expect(await codeOf(invitePerson(deps, admin, 'ac39', late))).toBe('invalid_input')
})

test('a first magistrate of a scheme that has a chief only is declared in writing, and the chief is notified', async () => {
  for (const one of ['chief2', 'chamber', 'chamber2', 'magistrate'] as const)
    await sql`delete from "user" where id = ${userIds[one]}`.execute(database.db)
  const input = { ...NEW, role: 'magistrate' }
  expect(await codeOf(invitePerson(deps, await as('admin'), 'ac63', input))).toBe('invalid_input')
  const given = await invitePerson(deps, await as('admin'), 'ac63', {
    ...input,
    reason: 'Désignée ce matin.',
  })
  expect([given.outcome, given.proposed]).toEqual(['invited', null])
  expect((await lastEntry('user.invite'))?.details).toMatchObject({ alone: true })
  expect(await mailsTo('mail.setting_change.alone')).toEqual(['chief@example.fr'])
})

test('one person alone declares it in writing: at once, recorded as alone, and the new account is no second person for a day', async () => {
  for (const one of ['chief', 'chief2', 'chamber2', 'magistrate'] as const)
    await sql`delete from "user" where id = ${userIds[one]}`.execute(database.db)
  const input = { ...NEW, role: 'chamber' }
  expect(await codeOf(invitePerson(deps, await as('chamber'), 'ac63', input))).toBe('invalid_input')
  const { outcome, proposed, userId } = await invitePerson(deps, await as('chamber'), 'ac63', {
    ...input,
    reason: 'Personne d’autre à la chambre.',
  })
  expect([outcome, proposed]).toEqual(['invited', null])
  expect(await lastEntry('user.invite')).toMatchObject({ details: { alone: true } })
  await sql`update invitations set used_at = ${clock}`.execute(database.db)
  // The account let in alone is no second person of who let it in.
  const { proposed: next } = await invitePerson(deps, await as('chamber'), 'ac63', {
    ...input,
    mail: 'third@example.fr',
    reason: 'Encore.',
  })
  const accomplice = await actorOf(userId ?? '', 'Nadia')
  const put = (actor: Actor) =>
    codeOf(putSettingChangeInForce({ ...deps, writers: settingWriters }, actor, 'ac63', next ?? ''))
  expect(await put(accomplice)).toBe('access_given')
  expect(await put(await as('chamber'))).toBe('own_change')
  expect(await accountOf('third@example.fr')).toBeUndefined()
})

test('a proposal that is refused, withdrawn or expired opens nothing; the same one may be made again, not twice at once', async () => {
  const refused = await propose('chamber', 'chamber')
  await expect(propose('chamber2', 'chamber', { mail: 'NEW@example.fr' })).rejects.toMatchObject({
    problems: [{ code: 'person.proposed', path: 'mail' }],
  })
  expect(await codeOf(rejectSettingChange(deps, await as('chamber'), 'ac63', refused, { reason: 'x' }))).toBe(
    'own_change',
  )
  await rejectSettingChange(deps, await as('chief'), 'ac63', refused, { reason: 'Inconnue.' })
  const withdrawn = await propose('chamber', 'chamber')
  await withdrawSettingChange(deps, await as('chamber'), 'ac63', withdrawn)
  const expired = await propose('chamber', 'chamber')
  hours(15 * 24)
  for (const id of [refused, withdrawn, expired])
    expect(await codeOf(force('chief', id))).toBe('already_decided')
  expect(await accountOf(NEW.mail)).toBeUndefined()
  expect(await mailsTo('mail.people.invite')).toEqual([])
  await force('chief', await propose('chamber', 'chamber'))
  expect((await accountOf(NEW.mail))?.roles).toEqual(['chamber'])
})

test('the same request again proposes a role once, whatever was decided on it since', async () => {
  const id = randomUUID()
  expect(await propose('chamber', 'chamber', { id })).toBe(id)
  expect(await propose('chamber', 'chamber', { id })).toBe(id)
  expect(await codeOf(propose('chamber', 'chief', { id }))).toBe('id_taken')
  expect(await codeOf(propose('chamber2', 'chamber', { id }))).toBe('id_taken')
  await force('chief', id)
  expect(await propose('chamber', 'chamber', { id })).toBe(id)
  expect((await accountOf(NEW.mail))?.roles).toEqual(['chamber'])
  const userId = (await accountOf(NEW.mail))?.id ?? ''
  const change = { id: randomUUID(), from: 'chamber', to: { role: 'chief' }, reason: 'Mutation.' } as const
  const replace = async () => changeRole(deps, await as('admin'), { schemeId: 'ac63', userId }, change)
  expect((await replace()).proposed).toBe(change.id)
  expect((await replace()).proposed).toBe(change.id)
})

test('of two that put one proposal in force at once, one does; of one that does and the proposer who withdraws, one does', async () => {
  for (let round = 0; round < 4; round++) {
    const id = await propose('admin', 'chief')
    const done = await Promise.all([
      codeOf(force('chief', id)),
      codeOf(
        round % 2 === 0 ? force('chamber', id) : withdrawSettingChange(deps, await as('admin'), 'ac63', id),
      ),
    ])
    expect(done.toSorted()).toEqual(['already_decided', 'ok'])
    const made = await accountOf(NEW.mail)
    const isForced = round % 2 === 0 || done[0] === 'ok'
    expect(made === undefined ? undefined : [made.roles, made.links]).toEqual(
      isForced ? [['chief'], 1] : undefined,
    )
    expect(await mailsTo('mail.people.invite')).toEqual(isForced ? [NEW.mail] : [])
    await sql`delete from "user" where email = ${NEW.mail}`.execute(database.db)
    await sql`delete from outbox`.execute(database.db)
  }
})

test('a proposal is overtaken when its proposer was closed, the address got the role, or the role to replace is another', async () => {
  const closed = await propose('chamber2', 'chamber')
  await disablePerson(deps, await as('chamber'), { schemeId: 'ac63', userId: userIds.chamber2 })
  expect(await codeOf(force('chief', closed))).toBe('change_overtaken')
  expect(await accountOf(NEW.mail)).toBeUndefined()

  const given = await propose('chamber', 'chamber')
  await invitePerson(deps, program, 'ac63', { ...NEW, role: 'chamber' })
  expect(await codeOf(force('chief', given))).toBe('change_overtaken')
  expect(await accountOf(NEW.mail)).toMatchObject({ roles: ['chamber'], links: 1 })

  const of = { schemeId: 'ac63', userId: userIds.trade }
  const asked = { from: 'trade_chamber' as const, to: { role: 'chamber' }, reason: 'Ainsi.' }
  const { proposed } = await changeRole(deps, await as('chamber'), of, asked)
  await removeRole(deps, program, of, { role: 'trade_chamber' })
  expect(await codeOf(force('chief', proposed ?? ''))).toBe('change_overtaken')
  expect((await accountOf('trade@example.fr'))?.roles).toEqual([])
  const { past } = await listSettingChanges(deps, await as('chief'), 'ac63')
  expect(past.map(({ state }) => state)).toEqual(['overtaken', 'overtaken', 'overtaken'])
})

test('a decider who is closed at the same moment gives nothing once closed', async () => {
  for (let round = 0; round < 3; round++) {
    const id = await propose('chamber', 'chamber')
    const [forced] = await Promise.all([
      codeOf(force('chief', id)),
      disablePerson(deps, program, { schemeId: undefined, userId: userIds.chief }),
    ])
    expect(['ok', 'not_signed_in', 'role_too_new']).toContain(forced)
    expect((await accountOf(NEW.mail)) !== undefined).toBe(forced === 'ok')
    await enablePerson(deps, program, { schemeId: undefined, userId: userIds.chief })
    if (forced !== 'ok') await withdrawSettingChange(deps, await as('chamber'), 'ac63', id)
    await sql`delete from "user" where email = ${NEW.mail}`.execute(database.db)
  }
})

test('the command line gives a role at once, says so, and the record says what it bypasses', async () => {
  const run = async (...args: string[]) => {
    let output = ''
    const write = (text: string) => {
      output += text
    }
    const io = { lang: 'en', stdout: write, stderr: write, progress() {} } as const
    await usersCommand.run(deps, [...args, '--as', 'Anne Admin'], new Map(), io)
    return output
  }
  const SAID =
    'Given without a second person: the audit log records this, and those who have this role are notified.'
  const invite = (scheme: string, role: string, mail: string) =>
    run('invite', '--mail', mail, '--name', 'X', '--scheme', scheme, '--role', role)
  expect(await invite('ac63', 'chief', 'cli@example.fr')).toContain(SAID)
  expect(await lastEntry('user.invite')).toMatchObject({
    actor: 'system:cli',
    details: { role: 'chief', bypasses: 'second_person' },
    named: { claimed: 'Anne Admin' },
  })
  expect(await mailsTo('mail.people.notice')).toEqual(['chief2@example.fr', 'chief@example.fr'])
  expect(await invite('ac63', 'operator', 'cli2@example.fr')).not.toContain(SAID)
  expect(await run('role', '--mail', 'trade@example.fr', '--scheme', 'ac63', '--role', 'chamber')).toContain(
    SAID,
  )
  expect(await lastEntry('user.role')).toMatchObject({ details: { bypasses: 'second_person' } })
})

test('a role that the program gives past those who could decide is marked until two persons give it or it is removed', async () => {
  const alone = async () =>
    (await inScheme(deps.db, 'ac63', (tx) => findDecidedAlone(tx, 'ac63')))?.subjects ?? []
  expect(await alone()).toEqual([])
  await invitePerson(deps, program, 'ac63', { mail: 'cli@example.fr', name: 'X', role: 'chief' })
  await invitePerson(deps, program, 'ac63', { mail: 'cli2@example.fr', name: 'Y', role: 'operator' })
  expect(await alone()).toEqual(['role_chief'])
  // Another holder of the role, given by two.
  await force('chief', await propose('admin', 'chief'))
  expect(await alone()).toEqual(['role_chief'])
  const of = { schemeId: 'ac63', userId: (await accountOf('cli@example.fr'))?.id ?? '' }
  const asked = { from: 'chief' as const, to: { role: 'chief' } }
  // Nothing changes.
  await changeRole(deps, await as('admin'), of, asked)
  expect(await alone()).toEqual(['role_chief'])
  const moved = { ...asked, to: { role: 'chief', agency: 'corg-63' }, reason: 'Muté.' }
  await force('chief', (await changeRole(deps, await as('admin'), of, moved)).proposed ?? '')
  expect(await alone()).toEqual([])
  const trade = { schemeId: 'ac63', userId: userIds.trade }
  await changeRole(deps, program, trade, { from: 'trade_chamber', to: { role: 'chamber' } })
  expect(await alone()).toEqual(['role_chamber'])
  await removeRole(deps, program, trade, { role: 'chamber' })
  expect(await alone()).toEqual([])
})

test('the first people of a scheme are not marked: nobody could have been the second person', async () => {
  await sql`delete from "user"`.execute(database.db)
  await invitePerson(deps, program, 'ac63', { mail: 'first@example.fr', name: 'X', role: 'chief' })
  const { rows } = await sql`select from decided_alone`.execute(database.db)
  expect(rows).toEqual([])
})

test('without a mail server the link of a role above operator is shown on the machine only, never on the screen', async () => {
  const withoutMail: Deps = { ...deps, mailer: undefined }
  const input = { ...NEW, role: 'chamber', reason: 'Arrive lundi.' }
  const { proposed } = await invitePerson(withoutMail, await as('chamber'), 'ac63', input)
  const answer = await putSettingChangeInForce(
    { ...withoutMail, writers: settingWriters },
    await as('chief'),
    'ac63',
    proposed ?? '',
  )
  expect(JSON.stringify(answer)).not.toContain('invitation#')
  const hashes = async () => {
    const { rows } = await sql<{ hash: string | null }>`select token_hash as hash from invitations`.execute(
      database.db,
    )
    return rows.map(({ hash }) => hash)
  }
  expect(await hashes()).toEqual([null])
  expect(await lastEntry('user.invite')).toMatchObject({ details: { mailed: false } })

  const invited = { schemeId: 'ac63', userId: (await accountOf(NEW.mail))?.id ?? '' }
  expect(await codeOf(inviteAgain(withoutMail, await as('chamber'), invited))).toBe('person_refused')
  const chief = { schemeId: 'ac63', userId: userIds.chief }
  const refused = recoverPerson(withoutMail, await as('admin'), chief)
  await expect(refused).rejects.toMatchObject({ problems: [{ code: 'person.refused_machine' }] })
  expect(await hashes()).toEqual([null])
  const { people: listed } = await listPeople(withoutMail, await as('admin'), 'ac63')
  expect(listed.find(({ id }) => id === userIds.chief)).toMatchObject({
    mayRecover: false,
    refusal: 'machine',
  })

  for (const { userId } of [invited, chief]) {
    const { link } = await recoverPerson(withoutMail, program, { schemeId: undefined, userId })
    expect(link).toContain('/invitation#')
  }
  // Nobody is the second person of an operator.
  const operator = { schemeId: 'ac63', userId: userIds.operator }
  expect((await recoverPerson(withoutMail, await as('chief'), operator)).link).toContain('/invitation#')
})

test.each(['invited, then raised', 'recovered, then raised', 'recovered, then given a role'] as const)(
  'without a mail server, the link of an account %s is no longer valid, and only the machine shows another',
  async (how) => {
    const withoutMail: Deps = { ...deps, mailer: undefined }
    const given = how === 'recovered, then given a role'
    const inviter: Person = given ? 'chief' : 'chamber'
    let userId = given ? userIds.operator : userIds.trade
    let link: string | null
    if (how === 'invited, then raised') {
      const trade = { ...NEW, role: 'trade_chamber', trades: ['tobacco-press'] }
      const invited = await invitePerson(withoutMail, await as('chamber'), 'ac63', trade)
      userId = invited.userId ?? ''
      link = invited.link
    } else ({ link } = await recoverPerson(withoutMail, await as(inviter), { schemeId: 'ac63', userId }))
    const token = (from: string | null) => from?.split('#')[1] ?? ''
    const stateOf = async (from: string | null) => (await readInvitation(withoutMail, token(from))).state
    expect(await stateOf(link)).toBe('open')

    const reason = 'Remplace Mme Roux.'
    const person = { schemeId: 'ac63', userId }
    const { proposed } = given
      ? await invitePerson(withoutMail, await as('admin'), 'ac63', {
          ...{ mail: 'operator@example.fr', name: 'operator', role: 'chief', reason },
        })
      : await changeRole(withoutMail, await as('chamber'), person, {
          ...{ from: 'trade_chamber' as const, to: { role: 'chamber' }, reason },
        })
    expect(await stateOf(link)).toBe('open')
    const raising = { ...withoutMail, writers: settingWriters }
    await putSettingChangeInForce(raising, await as(given ? 'chamber' : 'chief'), 'ac63', proposed ?? '')
    expect(await stateOf(link)).toBe('withdrawn')
    // It still waits for its holder, and nobody gets a link on the screen.
    const { people: listed } = await listPeople(withoutMail, await as('admin'), 'ac63')
    expect(listed.find(({ id }) => id === userId)).toMatchObject({
      state: how === 'invited, then raised' ? 'invited' : 'recovering',
      refusal: how === 'invited, then raised' ? 'machine' : expect.anything(),
    })
    const again = inviteAgain(withoutMail, await as(inviter), person)
    expect(await codeOf(again)).toBe('person_refused')
    const printed = await recoverPerson(withoutMail, program, { schemeId: undefined, userId })
    expect(await stateOf(printed.link)).toBe('open')
  },
)

test('a link that is used late makes its author no second person of the account for the cooling time', async () => {
  const id = await propose('admin', 'chief')
  await force('chamber', id)
  const { id: userId } = (await accountOf(NEW.mail)) ?? { id: '' }
  const actors = [userId, userIds.admin, userIds.chamber, userIds.chief].map((one) => `user:${one}`)
  const read = () => inScheme(database.db, 'ac63', (tx) => listGivenAccess(tx, deps, 'ac63', actors))
  hours(70)
  expect(await read()).toEqual([])
  await acrossSchemes(database.db, (tx) =>
    recordAudit(tx, 'ac63', clock, {
      ...{ actor: `user:${userId}`, action: 'user.accept', subject: `user:${userId}`, details: {} },
    }),
  )
  hours(23)
  expect((await read()).map(({ by }) => by).toSorted()).toEqual(
    [`user:${userIds.admin}`, `user:${userIds.chamber}`].toSorted(),
  )
  hours(2)
  expect(await read()).toEqual([])
})

const ABOVE = ['chief', 'chief2', 'chamber', 'chamber2', 'magistrate'] as const

test.each(['closed', 'recovered', 'removed'] as const)(
  'an account that %s all holders and waited for the cooling time is not the first one again',
  async (how) => {
    const admin = await as('admin')
    for (const person of ABOVE) {
      const of = { schemeId: 'ac63', userId: userIds[person] }
      if (how === 'closed') await disablePerson(deps, admin, of, { reason: 'Vite.' })
      else if (how === 'recovered') await recoverPerson(deps, admin, of)
      else await removeRole(deps, admin, of, { role: people[person], reason: 'Vite.' })
    }
    hours(25)
    const input = { ...NEW, role: 'chief' }
    expect(await codeOf(invitePerson(deps, await as('admin'), 'ac63', input))).toBe('invalid_input')
    const { rules } = await listSettingChanges(deps, await as('admin'), 'ac63')
    expect(rules.filter(({ first }) => first)).toEqual([])
    const alone = invitePerson(deps, await as('admin'), 'ac63', { ...input, reason: 'Seul.' })
    if (how !== 'recovered') {
      await expect(alone).rejects.toMatchObject({ problems: [{ code: 'setting_change.took_access' }] })
      return
    }
    // It waits for one of those who were recovered.
    const { proposed } = await alone
    hours(25)
    expect(await codeOf(force('admin', proposed ?? ''))).toBe('own_change')
  },
)

test('a closed account and a removed role are mailed to all who decide, the administrators and the holder', async () => {
  const deciding = ['chamber', 'chamber2', 'chief2', 'magistrate'].map((one) => `${one}@example.fr`)
  await disablePerson(deps, await as('admin'), { schemeId: 'ac63', userId: userIds.chief })
  const all = ['admin@example.fr', ...deciding, 'chief@example.fr'].toSorted()
  expect(await mailsTo('mail.people.notice')).toEqual(all)
  await sql`delete from outbox`.execute(database.db)
  const magistrate = { schemeId: 'ac63', userId: userIds.magistrate }
  await removeRole(deps, await as('admin'), magistrate, { role: 'magistrate' })
  const others = all.filter((one) => !one.startsWith('magistrate') && one !== 'chief@example.fr')
  expect(await mailsTo('mail.people.notice')).toEqual(others)
  expect(await mailsTo('mail.people.role')).toEqual(['magistrate@example.fr'])
})

test('who closed the last who decide gives no role alone, nor does a break-glass account that they sealed', async () => {
  for (const one of ['chief2', 'chamber2', 'magistrate'] as const)
    await sql`delete from "user" where id = ${userIds[one]}`.execute(database.db)
  const other = { mail: 'admin2@example.fr', name: 'admin2', role: 'admin', schemeId: NO_SCHEME } as const
  const admin2 = await actorOf((await openAccount(deps, other)).userId, 'admin2')
  const glass = {
    mail: 'glass@example.fr',
    name: 'A et B',
    role: 'break_glass',
    schemeId: NO_SCHEME,
  } as const
  const { userId: glassId } = await openAccount(deps, glass)
  const opened = { ...(await actorOf(glassId, 'A et B')), session: { factor: 'break_glass' } } as Actor
  await acrossSchemes(database.db, (tx) =>
    recordAudit(tx, 'ac63', clock, {
      ...{ actor: `user:${glassId}`, action: 'break_glass.open', subject: `user:${glassId}` },
      details: { drill: false, seal: 1, sealedBy: `user:${userIds.admin}` },
    }),
  )
  const admin = await as('admin')
  const chief = { schemeId: 'ac63', userId: userIds.chief }
  await disablePerson(deps, admin, chief, { reason: 'Vite.' })
  await disablePerson(deps, admin, { schemeId: 'ac63', userId: userIds.chamber }, { reason: 'Vite.' })
  const invite = (actor: Actor, mail = NEW.mail) =>
    invitePerson(deps, actor, 'ac63', { mail, name: 'Moi', role: 'chief', reason: 'Plus personne.' })
  const refused = { problems: [{ code: 'setting_change.took_access', path: 'reason' }] }
  for (const wait of [0, 25, 24 * 20]) {
    hours(wait)
    await expect(invite(admin)).rejects.toMatchObject(refused)
    await expect(invite(opened)).rejects.toMatchObject(refused)
  }

  // The ways out: a closed account that is opened again decides.
  await enablePerson(deps, admin, chief)
  const { proposed } = await invite(admin)
  hours(25)
  expect(await codeOf(force('admin', proposed ?? ''))).toBe('own_change')
  // Closing it once more does not make the proposal one that its author may put in force.
  await disablePerson(deps, admin, chief, { reason: 'Encore.' })
  hours(25)
  expect(await codeOf(force('admin', proposed ?? ''))).toBe('own_change')
  await enablePerson(deps, admin, chief)
  hours(25)
  expect(await codeOf(force('chief', proposed ?? ''))).toBe('ok')

  // Another administrator, and the machine.
  await sql`delete from "user" where email = ${NEW.mail}`.execute(database.db)
  await disablePerson(deps, admin, chief, { reason: 'Vite.' })
  hours(25)
  await expect(invite(admin)).rejects.toMatchObject(refused)
  expect((await invite(admin2)).outcome).toBe('invited')
  await sql`delete from "user" where email = ${NEW.mail}`.execute(database.db)
  expect((await invitePerson(deps, program, 'ac63', { ...NEW, role: 'chief' })).outcome).toBe('invited')
  await sql`delete from "user" where email = ${NEW.mail}`.execute(database.db)
  hours(24 * 31)
  expect((await invite(admin)).outcome).toBe('invited')
})

test('neither the proposer of a raised role nor who put it in force is the second person of its holder', async () => {
  const of = { schemeId: 'ac63', userId: userIds.trade }
  const asked = { from: 'trade_chamber' as const, to: { role: 'chamber' }, reason: 'Remplace.' }
  const { proposed } = await changeRole(deps, await as('chamber'), of, asked)
  await force('chief', proposed ?? '')
  const read = async () => {
    const actors = ['trade', 'chamber', 'chief', 'chief2'].map((one) => `user:${userIds[one as Person]}`)
    const given = await inScheme(database.db, 'ac63', (tx) => listGivenAccess(tx, deps, 'ac63', actors))
    return (['chamber', 'chief', 'chief2'] as const).filter((one) =>
      hasGivenAccess(given, `user:${userIds.trade}`, `user:${userIds[one]}`),
    )
  }
  expect(await read()).toEqual(['chamber', 'chief'])
  hours(25)
  expect(await read()).toEqual([])
  // A role that is lowered gives nobody anything.
  const lowered = { from: 'chamber' as const, to: { role: 'trade_chamber', trades: ['tobacco-press'] } }
  await changeRole(deps, await as('chamber2'), of, lowered)
  expect(await read()).toEqual([])
})

test('a decider who loses the role while the change waits for the lock puts nothing in force', async () => {
  const id = await propose('chamber', 'chamber')
  let forced: Promise<string> | undefined
  await acrossSchemes(database.db, async (tx) => {
    await lockUsers(tx, [userIds.chief])
    forced = codeOf(force('chief', id))
    await expect
      .poll(async () => {
        // The server has the databases of other tests too. A wait for a row names none: the other locks of its process do.
        const { rows } = await sql`
          select from pg_locks w where not w.granted and exists (
            select from pg_locks held join pg_database d on d.oid = held.database
            where held.pid = w.pid and d.datname = current_database())`.execute(database.db)
        return rows.length
      })
      .toBeGreaterThan(0)
    await deleteGrant(tx, { userId: userIds.chief, schemeId: 'ac63', role: 'chief' })
  })
  expect(await forced).toBe('forbidden')
  expect(await accountOf(NEW.mail)).toBeUndefined()
})

test('an administrator who is given on the machine is mailed to the others, and the record says what it bypasses', async () => {
  const invite = (mail: string) => invitePerson(deps, program, undefined, { mail, name: 'X', role: 'admin' })
  const entry = async () => {
    const { rows } = await sql<{ details: object }>`select details from audit_entries
      where scheme_id = '' and action = 'user.invite' order by seq desc limit 1`.execute(database.db)
    return rows[0]?.details
  }
  const invited = await invite('second-admin@example.fr')
  expect(invited.bypasses).toBe(true)
  expect(await entry()).toMatchObject({ role: 'admin', bypasses: 'second_person' })
  expect(await mailsTo('mail.people.admin')).toEqual(['admin@example.fr'])
  await disablePerson(deps, program, { schemeId: undefined, userId: invited.userId ?? '' })
  expect(await mailsTo('mail.people.admin')).toEqual(['admin@example.fr', 'admin@example.fr'])

  // The first administrator bypasses nobody.
  await sql`delete from "user"`.execute(database.db)
  expect((await invite('first-admin@example.fr')).bypasses).toBe(false)
  expect(await entry()).not.toHaveProperty('bypasses')
})
