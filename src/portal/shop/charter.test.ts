import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { mergeMembers, undoMerge } from '../../changes/merge/actions.ts'
import type { Deps } from '../../deps.ts'
import { listCharters, publishCharter } from '../../enrolment/publish.ts'
import { getMember, listMembers } from '../../members/actions.ts'
import type { CharterFacet } from '../../members/contract.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { getToday } from '../../today/actions.ts'
import { exportOwnData } from '../alerts/export.ts'
import { findContactActor, getPortalSession, openContactSession } from '../session/session.ts'
import { getOwnCharter, signOwnCharter } from './charter.ts'

const chamber = actorOf('chamber', 'ac63')
const TEXT = `Charte d’adhésion\n\n${'Je garde les messages pour moi. '.repeat(6).trim()}`

describe.each(usualKinds)('the charter on the portal, on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await sql`delete from charter_signatures`.execute(database.db)
    await sql`delete from charters`.execute(database.db)
    await sql`delete from enrolments`.execute(database.db)
    await sql`delete from members`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac', phones: [phoneOf(1), phoneOf(11)] },
      { id: idOf(2), name: 'Voisin', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Parti', phones: [phoneOf(3)], status: 'left' },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: idOf(101), name: 'Comptoir', communeCode: '39300', phones: [phoneOf(1)] },
    ])
    const { versions } = await listCharters(deps, chamber, 'ac63')
    // The shop joined online, under the first version.
    await sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, person, mobile,
        mobile_confirmed_at, verified, created_at, touched_at, submitted_at, decided_at, member_id)
      values ('ac63', ${idOf(51)}, 'approved', 'x', 'T', 't', 'bakeries', '63178', 'P', ${phoneOf(1)}, now(), false,
        now(), now(), now(), now(), ${idOf(1)})`.execute(database.db)
    await sql`insert into charter_signatures (scheme_id, id, enrolment_id, version, sha256, signed_name, mobile, signed_at, member_id)
      values ('ac63', ${idOf(51)}, ${idOf(51)}, 1, ${versions[0]?.sha256}, 'Zoé Roux', ${phoneOf(1)}, '2026-01-01', ${idOf(1)})`.execute(
      database.db,
    )
  })

  const shop = (n: number) => ({ schemeId: 'ac63', memberId: idOf(n) })
  /** Signs in as the browser does. */
  async function signInMember(
    holder: { phone: string } | { mail: string },
  ): Promise<{ token: string; actor: Actor }> {
    const token = await openContactSession(deps, holder)
    const actor = await findContactActor(deps, token)
    if (actor === undefined) throw new Error('nobody')
    return { token, actor }
  }
  const asked = async (token: string) =>
    (await getPortalSession(deps, token)).shops.map(({ member, charterToSign }) => [
      member.name,
      charterToSign,
    ])
  const publish = () => publishCharter(deps, chamber, 'ac63', { version: 1, text: TEXT })
  const named = async (charter: CharterFacet) =>
    (await listMembers(deps, chamber, 'ac63', { charter, limit: 50 })).members.map(({ name }) => name)
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    )

  test('a shop that signed an older version is asked to sign, and signs the one in force with proof; the earlier signature stays', async () => {
    const { token, actor } = await signInMember({ phone: phoneOf(1) })
    expect(await asked(token)).toEqual([
      ['Comptoir', null],
      ['Tabac', null],
    ])
    await publish()
    expect(await asked(token)).toEqual([
      ['Comptoir', null],
      ['Tabac', 2],
    ])
    // A shop that never signed is not asked.
    expect(await asked((await signInMember({ phone: phoneOf(2) })).token)).toEqual([['Voisin', null]])
    const before = await getOwnCharter(deps, actor, shop(1))
    expect(before).toMatchObject({ version: 2, text: TEXT, signed: { version: 1, name: 'Zoé Roux' } })
    const after = await signOwnCharter(deps, actor, shop(1), {
      version: 2,
      accepted: true,
      name: ' Zoé  Roux ',
    })
    expect(after.signed).toMatchObject({ version: 2, name: 'Zoé Roux' })
    expect(await asked(token)).toEqual([
      ['Comptoir', null],
      ['Tabac', null],
    ])
    // Signing again changes nothing.
    await signOwnCharter(deps, actor, shop(1), { version: 2, accepted: true, name: 'Autre' })
    const { rows } = await sql<object>`
      select version, sha256, signed_name, mobile, mail, contact_id, enrolment_id is null as portal, session_id is not null as session
      from charter_signatures where member_id = ${idOf(1)} order by version`.execute(database.db)
    expect(rows).toEqual([
      expect.objectContaining({ version: 1, portal: false, session: false }),
      {
        version: 2,
        sha256: before.sha256,
        signedName: 'Zoé Roux',
        mobile: phoneOf(1),
        mail: null,
        contactId: idOf(1),
        portal: true,
        session: true,
      },
    ])
    const audit = await sql<{ details: object }>`
      select details from audit_entries where action = 'charter.sign'`.execute(database.db)
    expect(audit.rows.at(-1)?.details).toMatchObject({ charter: 2, sha256: before.sha256 })
    expect(JSON.stringify(audit.rows)).not.toContain('Zoé')
    const taken = await exportOwnData(deps, actor, shop(1))
    expect(taken.charter.map(({ version }) => version)).toEqual([1, 2])
  })

  test('refuses a charter that changed since it was read, one not accepted, and a missing name', async () => {
    const { actor } = await signInMember({ phone: phoneOf(1) })
    await publish()
    const sign = (over: object) =>
      signOwnCharter(deps, actor, shop(1), { version: 2, accepted: true, name: 'Zoé', ...over })
    expect(await code(sign({ version: 1 }))).toBe('charter_changed')
    await expect(sign({ accepted: false, name: '' })).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: 'name' }, { path: 'accepted' }],
    })
    expect(await code(signOwnCharter(deps, actor, shop(2), { version: 2, accepted: true, name: 'Z' }))).toBe(
      'not_found',
    )
    expect(await code(getOwnCharter(deps, actor, shop(2)))).toBe('not_found')
    expect(
      await code(signOwnCharter(deps, chamber, shop(1), { version: 2, accepted: true, name: 'Z' })),
    ).toBe('forbidden')
    // A session that ended meanwhile proves nothing.
    expect(
      await code(
        signOwnCharter(deps, { ...contactOf('ac63', idOf(1)), sessionId: idOf(99) }, shop(1), {
          version: 2,
          accepted: true,
          name: 'Z',
        }),
      ),
    ).toBe('not_signed_in')
  })

  test('for a session by mail the address is the proof; a merge moves the signature, and its undo returns it', async () => {
    await sql`update contacts set mail = ${'zoe@example.org'} where id = ${idOf(1)}`.execute(database.db)
    const { actor } = await signInMember({ mail: 'zoe@example.org' })
    await publish()
    await signOwnCharter(deps, actor, shop(1), { version: 2, accepted: true, name: 'Zoé' })
    const proof = async () => {
      const { rows } = await sql<{ mail: string; mobile: string | null; memberId: string }>`
        select mail, mobile, member_id from charter_signatures where version = 2`.execute(database.db)
      return rows
    }
    expect(await proof()).toEqual([{ mail: 'zoe@example.org', mobile: null, memberId: idOf(1) }])
    const { id } = await mergeMembers(deps, chamber, 'ac63', { kept: idOf(2), merged: idOf(1), take: {} })
    expect(await named('current')).toEqual(['Voisin'])
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await proof()).toMatchObject([{ memberId: idOf(1) }])
  })

  test('a shop that signs the new version on paper, once the chamber has noted the day, is not asked again', async () => {
    await publish()
    const { token } = await signInMember({ phone: phoneOf(1) })
    const charterOf = async (day: string) => {
      await sql`update members set charter_on = ${day} where id = ${idOf(1)}`.execute(database.db)
      const { members } = await listMembers(deps, chamber, 'ac63', { q: 'Tabac', limit: 50 })
      const { charters } = await getToday(deps, chamber, 'ac63')
      const { versions } = await listCharters(deps, chamber, 'ac63')
      return {
        row: members[0]?.charter,
        listed: { older: await named('older'), current: await named('current') },
        waiting: charters.count,
        versions: versions.map((one) => one.members),
        asked: Object.fromEntries(await asked(token)).Tabac,
      }
    }
    await sql`update charters set published_at = '2026-09-01T22:30:00Z' where scheme_id = 'ac63' and version = 2`.execute(
      database.db,
    )
    // The day before the publication, which was at half past midnight in Clermont-Ferrand.
    const unsigned = { row: 'older', listed: { older: ['Tabac'], current: [] }, waiting: 1 }
    expect(await charterOf('2026-09-01')).toEqual({ ...unsigned, versions: [0, 1], asked: 2 })
    const signed = { row: 'current', listed: { older: [], current: ['Tabac'] }, waiting: 0 }
    expect(await charterOf('2026-09-02')).toEqual({ ...signed, versions: [1, 0], asked: null })
    // Members that never signed online are listed as before.
    await sql`update members set charter_on = '2026-09-02' where id = ${idOf(2)}`.execute(database.db)
    expect([await named('paper'), await named('current')]).toEqual([['Voisin'], ['Tabac']])
  })

  test('the chamber sees who has not signed the version in force', async () => {
    expect(await named('current')).toEqual(['Tabac'])
    await publish()
    expect(await named('older')).toEqual(['Tabac'])
    expect(await named('none')).toEqual(['Voisin'])
    expect(await named('current')).toEqual([])
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).charter).toMatchObject({
      version: 1,
      current: false,
    })
    expect((await getMember(deps, chamber, 'ac63', idOf(2))).charter).toBeNull()
    const { actor } = await signInMember({ phone: phoneOf(11) })
    await signOwnCharter(deps, actor, shop(1), { version: 2, accepted: true, name: 'Zoé' })
    expect(await named('current')).toEqual(['Tabac'])
    expect((await listCharters(deps, chamber, 'ac63')).versions).toMatchObject([
      { version: 2, members: 1 },
      { version: 1, members: 0, signatures: 1 },
    ])
  })
})
