import { sql } from 'kysely'
import { type Config, readConfig } from '../../src/config.ts'
import type { Deps } from '../../src/deps.ts'
import { createAuth } from '../../src/identity/auth.ts'
import { hashPassword } from '../../src/identity/passwords/password-hash.ts'
import { findUserByMail, insertUser, upsertGrant } from '../../src/identity/store.ts'
import type { Role } from '../../src/permissions.ts'
import { acrossSchemes, type Database } from '../../src/platform/db.ts'
import type { App } from '../../src/platform/http/http.ts'
import { buildServer, type ServerParts } from '../../src/start/http/http.ts'

export const PRODUCTION = {
  TOCSIN_DEMO: 'false',
  TOCSIN_SECRET: 'a secret of more than thirty-two characters, for tests only',
  TOCSIN_BASE_URL: 'https://tocsin.example',
  TOCSIN_SMPP_HOST: 'smsc.invalid',
  TOCSIN_SMPP_SYSTEM_ID: 'tocsin',
  TOCSIN_SMPP_PASSWORD: 'tocsin',
  TOCSIN_ENCRYPTION: 'off',
}

/** Makes settings for tests: the given ones, with logging off. */
export function testConfig(env: Readonly<Record<string, string>> = {}): Config {
  return readConfig({ TOCSIN_LOG_LEVEL: 'silent', ...env })
}

/** Builds the HTTP server over a test's database, to be called with `inject`. */
export async function testServer(deps: Deps, parts: Partial<ServerParts> = {}): Promise<App> {
  const {
    secret: current = PRODUCTION.TOCSIN_SECRET,
    previousSecret,
    baseUrl = 'http://localhost',
  } = deps.config
  const auth = createAuth(deps, {
    secret: { current, previous: previousSecret },
    baseUrl,
    sessionHours: deps.config.sessionHours,
  })
  const app = await buildServer(deps, { auth, isReady: () => true, ...parts })
  await app.ready()
  return app
}

export interface OpenedAccount {
  readonly mail: string
  readonly name: string
  readonly schemeId: string
  readonly role: Role
  /** Code of an agency of the scheme. */
  readonly agencyCode?: string
  readonly trades?: readonly string[]
}

/** Hashes by password: files of a process open the same accounts again, and each hash takes 25 ms of processor time. */
const hashes = new Map<string, Promise<string>>()

function hashOnce(password: string): Promise<string> {
  const made = hashes.get(password) ?? hashPassword(password)
  hashes.set(password, made)
  return made
}

/** Creates an account with a password and a role in a scheme; an existing account only gets the role. */
export async function openAccount(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  { mail, name, schemeId, role, agencyCode, trades }: OpenedAccount,
): Promise<{ readonly userId: string; readonly password: string }> {
  const password = `a password of ${mail}`
  const hash = await hashOnce(password)
  return acrossSchemes(deps.db, async (tx) => {
    const existing = await findUserByMail(tx, mail)
    const userId = existing?.id ?? deps.newId()
    if (existing === undefined) {
      const account = { accountId: deps.newId(), hash, isDue: false }
      await insertUser(tx, { id: userId, name, mail, at: deps.now(), password: account })
    }
    const agency =
      agencyCode === undefined
        ? undefined
        : await tx
            .selectFrom('agencies')
            .select('id')
            .where('schemeId', '=', schemeId)
            .where('code', '=', agencyCode)
            .executeTakeFirstOrThrow()
    const agencyId = agency?.id ?? null
    await upsertGrant(tx, { userId, schemeId, role, agencyId, trades: trades ?? null })
    return { userId, password }
  })
}

/** Inserts two schemes with an agency each, and one member, a tobacconist of Issoire, in ac63. */
export async function fillSchemes(database: Database): Promise<void> {
  await sql
    .raw(`
    insert into regions (code, name) values ('84', 'Auvergne-Rhône-Alpes');
    insert into departements (code, name, region_code) values ('63', 'Puy-de-Dôme', '84');
    insert into communes (code, name, search_name, departement_code, region_code)
      values ('63178', 'Issoire', 'issoire', '63', '84');
    insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      select id, 'Alerte ' || id, '{"kind":"departement","code":"63"}', '63', '{tobacco-press}', 'ALERTE', 'x', now()
      from unnest(array['ac39', 'ac63']) id;
    insert into agencies (scheme_id, id, code, name, kind)
      select scheme, gen_random_uuid(), code, code, kind from (values
        ('ac63', 'corg-63', 'gendarmerie'), ('ac63', 'cic-63', 'police'), ('ac63', 'parquet-clermont', 'prosecutor'),
        ('ac63', 'cci-63', 'chamber'), ('ac39', 'corg-39', 'gendarmerie')) t (scheme, code, kind);
    insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
      values ('ac63', '00000000-0000-7000-8000-000000000001', 'Tabac de la Halle', 'tabac de la halle',
        'tobacco-press', '63178', 'active', now(), now())`)
    .execute(database.db)
  await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
    values ('ac63', gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'Paul Durand', ${'+33639980001'}, true)`.execute(
    database.db,
  )
}

/** Formats the cookies of a response for the next request. */
export function cookiesOf(response: { cookies: readonly { name: string; value: string }[] }): string {
  return response.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ')
}
