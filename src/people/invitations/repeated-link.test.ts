import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { fillSchemes, openAccount } from '../../../test/support/server.ts'
import type { Deps } from '../../deps.ts'
import { listGrants } from '../../identity/store.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import type { LinkView } from '../contract.ts'
import { readInvitation } from './invitations.ts'
import { inviteAgain, invitePerson } from './invite.ts'

// A repeated invitation has a new link, where none can be mailed, only while the user may still have that of its first answer.

let clock = new Date('2026-03-12T12:00:00Z')
let database: Database
let deps: Deps
/** A chief of ac63, and one of ac63 and ac39. */
let chief: Actor
let other: Actor
let input: { id: string; mail: string; name: string; role: 'operator' }

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  deps = testDeps(database, { now: () => clock })
  const open = async (name: string, ...schemes: string[]): Promise<Actor> => {
    const account = { name, mail: `${name}@demo.invalid`, role: 'chief' } as const
    let userId = ''
    for (const schemeId of schemes) userId = (await openAccount(deps, { ...account, schemeId })).userId
    return { kind: 'user', userId, name, grants: await listGrants(database.db, userId) }
  }
  chief = await open('chief', 'ac63')
  other = await open('other', 'ac63', 'ac39')
})
afterAll(async () => {
  await database?.close()
})
beforeEach(() => {
  const id = deps.newId()
  input = { id, mail: `${id}@demo.invalid`, name: 'Nadia Neuf', role: 'operator' }
})

const invite = () => invitePerson(deps, chief, 'ac63', input)
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    ({ code }: { code: string }) => code,
  )
const stateOf = ({ link }: LinkView): Promise<string> =>
  readInvitation(deps, new URL(link ?? '').hash.slice(1)).then(
    ({ state }) => state,
    ({ code }: { code: string }) => code,
  )
async function actionsOn({ userId }: LinkView): Promise<string[]> {
  const { rows } = await sql<{ action: string }>`
    select action from audit_entries where subject = ${`user:${userId}`} and scheme_id = 'ac63' order by seq`.execute(
    database.db,
  )
  return rows.map(({ action }) => action)
}

test('replaces the link that was shown, and records that', async () => {
  const first = await invite()
  const again = await invite()
  expect([await stateOf(first), await stateOf(again)]).toEqual(['invitation_unknown', 'open'])
  expect({ ...again, link: null }).toEqual({ ...first, link: null })
  expect(await actionsOn(first)).toEqual(['user.invite', 'user.invite_again'])
})

test('gives no link of an account that was given a role elsewhere since, and leaves the later link alone', async () => {
  const first = await invite()
  const later = await invitePerson(deps, other, 'ac39', { ...input, id: deps.newId() })
  expect(await codeOf(invite())).toBe('id_taken')
  expect([await stateOf(first), await stateOf(later)]).toEqual(['withdrawn', 'open'])
  expect(await actionsOn(first)).toEqual(['user.invite'])
})

test('gives no link in place of one that the user may not have any more', async () => {
  const first = await invite()
  // A role that the user may not give, which came without a link.
  await sql`insert into grants (user_id, scheme_id, role)
    values (${first.userId}, 'ac39', 'operator')`.execute(database.db)
  expect(await codeOf(invite())).toBe('id_taken')
  expect(await stateOf(first)).toBe('open')
})

test('gives no link in place of a later one, nor of one that expired', async () => {
  const first = await invite()
  const person = { schemeId: 'ac63', userId: first.userId ?? '' }
  const sent = await inviteAgain(deps, other, person)
  expect(await codeOf(invite())).toBe('id_taken')
  expect(await stateOf(sent)).toBe('open')

  input = { ...input, id: deps.newId(), mail: `late.${input.mail}` }
  const expiring = await invite()
  clock = new Date(clock.getTime() + 73 * 3_600_000)
  expect(await codeOf(invite())).toBe('id_taken')
  expect(await stateOf(expiring)).toBe('expired')
})
