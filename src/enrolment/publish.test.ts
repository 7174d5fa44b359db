import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { idOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import { getPublicScheme } from './apply.ts'
import { hashOfCharter, tidyCharter } from './charter.ts'
import { getCharter, listCharters, publishCharter } from './publish.ts'

const chamber = actorOf('chamber', 'ac63')
const own = (n: number) =>
  `Charte d’adhésion, version ${n}\n\n${'Je garde les messages pour moi. '.repeat(6).trim()}`

describe.each(usualKinds)('charters on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  const publish = (version: number, text: string) => publishCharter(deps, chamber, 'ac63', { version, text })

  test('new applicants sign the new version; signatures of the old one stay valid', async () => {
    const first = await listCharters(deps, chamber, 'ac63')
    expect(first.versions).toMatchObject([{ version: 1, publishedBy: null, signatures: 0, members: 0 }])
    expect(first.text).toContain('Alerte Commerces 63')
    // Two members, one of which left since, and a request.
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Un' },
      { id: idOf(2), name: 'Deux' },
      { id: idOf(3), name: 'Trois', status: 'left' },
    ])
    for (const n of [1, 2, 3, 4]) {
      const id = deps.newId()
      const memberId = n === 4 ? null : idOf(n)
      await sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, person,
          mobile, mobile_confirmed_at, verified, created_at, touched_at, submitted_at)
        values ('ac63', ${id}, 'submitted', ${String(n)}, 'T', 't', 'bakeries', '63178', 'P', '+33639980001', now(), false,
          now(), now(), now())`.execute(database.db)
      await sql`insert into charter_signatures (scheme_id, enrolment_id, version, sha256, signed_name, mobile, signed_at,
          member_id)
        values ('ac63', ${id}, 1, ${first.versions[0]?.sha256}, 'P', '+33639980001', now(), ${memberId})`.execute(
        database.db,
      )
    }
    const after = await publish(1, `${own(2)}  \r\n\r\n\r\n\r\nFin.  `)
    expect(after.versions).toMatchObject([
      { version: 2, signatures: 0, members: 0, sha256: hashOfCharter(`${own(2)}\n\nFin.`) },
      { version: 1, signatures: 4, members: 2 },
    ])
    expect(after.versions[0]?.publishedBy).not.toBeNull()
    expect(after.text).toBe(`${own(2)}\n\nFin.`)
    expect((await getPublicScheme(deps, 'ac63')).charter).toEqual({ version: 2, text: after.text })
    expect(await getCharter(deps, chamber, 'ac63', 1)).toMatchObject({ version: 1, text: first.text })
    await expect(getCharter(deps, chamber, 'ac63', 9)).rejects.toMatchObject({ code: 'not_found' })
    const { rows } = await sql<{ details: object }>`
      select details from audit_entries where action = 'charter.publish'`.execute(database.db)
    expect(rows).toEqual([{ details: { version: 2, sha256: hashOfCharter(after.text) } }])
    // Another scheme has its own charters.
    expect((await listCharters(deps, actorOf('chamber', 'ac39'), 'ac39')).versions).toHaveLength(1)
  })

  test('refuses invalid charters, and the second of two concurrent publications', async () => {
    const { text, versions } = await listCharters(deps, chamber, 'ac63')
    const last = versions[0]?.version ?? 0
    await expect(publish(last, ' Trop court. ')).rejects.toMatchObject({
      problems: [{ code: 'charter.short', path: 'text' }],
    })
    await expect(publish(last, ` ${text}\n`)).rejects.toMatchObject({
      problems: [{ code: 'charter.same', path: 'text' }],
    })
    await expect(publish(last - 1, own(9))).rejects.toMatchObject({ code: 'settings_changed' })
    await expect(publish(last + 1, own(9))).rejects.toMatchObject({ code: 'settings_changed' })
    const both = await Promise.allSettled([publish(last, own(3)), publish(last, own(4))])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'settings_changed' },
    })
    expect((await listCharters(deps, chamber, 'ac63')).versions[0]?.version).toBe(last + 1)
  })

  test('only the chamber may read and publish versions', async () => {
    for (const role of ['operator', 'chief', 'magistrate', 'trade_chamber'] as const) {
      const other = actorOf(role, 'ac63')
      for (const act of [
        () => listCharters(deps, other, 'ac63'),
        () => getCharter(deps, other, 'ac63', 1),
        () => publishCharter(deps, other, 'ac63', { version: 1, text: own(5) }),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: 'forbidden' })
      }
    }
  })
})

test('stores a charter without invisible characters', () => {
  expect(tidyCharter('\r\n A \t\r\nB\r\n\r\n\r\n\r\nC\u00a0\n')).toBe('A\nB\n\nC')
})
