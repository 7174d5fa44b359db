import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabaseUrl } from '../../../test/support/database.ts'
import { actorOf, program, testDeps } from '../../../test/support/deps.ts'
import { asEngine } from '../../../test/support/engine-login.ts'
import {
  idOf,
  MAGISTRATE,
  phoneOf,
  seedMagistrate,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { asOwnerUrl } from '../../../test/support/owner-url.ts'
import { cookiesOf, openAccount, PRODUCTION, testConfig, testServer } from '../../../test/support/server.ts'
import { sealDue } from '../../audit/seals.ts'
import { readAgainst, verifyAudit } from '../../audit/verify.ts'
import { createCipher } from '../../cipher/cipher.ts'
import { addKey, createKeyring } from '../../cipher/keyring.ts'
import { SEALS } from '../../commands/audit/seals.ts'
import { SEALED_COLUMNS } from '../../commands/keys/sealed-columns.ts'
import type { Deps } from '../../deps.ts'
import { getDuesSettings, setDuesSettings } from '../../dues/reminders/campaign.ts'
import { encryptNumbers } from '../../encryption/first.ts'
import { countSealed, sealAnew } from '../../encryption/sealed-columns.ts'
import { type Database, openDatabase } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { openContactSession } from '../../portal/session/session.ts'
import { setDoctrine } from '../../schemes/actions.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'

const PAYER = 'Isaure Kerguelen'
const CALLER = 'Mme Zélie Quintrec'
const TEXT = 'Faux billets à Issoire à 17h30, deux hommes en Clio grise AB-123-CD. Ne pas intervenir.'
const UPDATE = 'Les deux hommes de la Clio grise ont pris la direction de Brioude. Ne pas intervenir.'
const IBAN = 'FR7630006000011234567890189'
const CREDITOR_IBAN = 'FR1420041010050500013M02606'
const MAIL = 'Zelie.Pont@tabac-pont.example'
const PHONE = '+33639985678'
/** As people type it. */
const TYPED = '06 39 98 56 78'
const LANDLINE = '04 73 53 64 71'
const SCOPE = 'Plaque et couleur du véhicule recherché'

let url = ''
let database: Database
let deps: Deps
let app: App
const keyring = createKeyring()
beforeAll(() => fillWith(keyring))
afterAll(close)

async function fillWith(keys: typeof keyring | undefined): Promise<void> {
  url = await testDatabaseUrl()
  await openWith(keys)
  await seedSchemes(database)
  await seedMagistrate(database.db)
  await seedMembers(database.db, 'ac63', [{ id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] }])
}

async function close(): Promise<void> {
  await app.close()
  await database.close()
}

async function openWith(keys: typeof keyring | undefined): Promise<void> {
  const cipher = createCipher(keys)
  database = await openDatabase({ kind: 'postgres', url, poolSize: 4 }, { cipher })
  const config = testConfig({ ...PRODUCTION, TOCSIN_BASE_URL: 'http://localhost' })
  deps = { ...testDeps(database, { config, now: () => new Date() }), cipher }
  app = await testServer(deps)
}

async function call<T>(
  cookie: string,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  payload?: object,
): Promise<T> {
  const answer = await app.inject({
    method,
    url: path,
    headers: { cookie },
    ...(payload === undefined ? {} : { payload }),
  })
  expect(answer.statusCode, answer.body).toBeLessThan(300)
  return answer.json()
}

async function signIn(role: 'operator' | 'chamber'): Promise<string> {
  const mail = `${role}@police.example`
  const { password } = await openAccount(deps, {
    mail,
    name: `Alix ${role}`,
    schemeId: 'ac63',
    role,
    agencyCode: 'cic63',
  })
  return cookiesOf(
    await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', payload: { email: mail, password } }),
  )
}

/** Returns every row of every table as text, as a dump has it, by table. */
async function dump(): Promise<Map<string, string[]>> {
  const client = new pg.Client({ connectionString: asOwnerUrl(url) })
  await client.connect()
  try {
    const { rows } = await client.query(
      `select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`,
    )
    const tables = new Map<string, string[]>()
    for (const { name } of rows as { name: string }[]) {
      const found = await client.query(`select to_jsonb(t)::text as row from "${name}" t`)
      tables.set(
        name,
        (found.rows as { row: string }[]).map(({ row }) => row),
      )
    }
    return tables
  } finally {
    await client.end()
  }
}

async function leaksOf(words: readonly string[]): Promise<string[]> {
  const leaks: string[] = []
  for (const [table, rows] of await dump())
    for (const row of rows)
      for (const word of words) if (holds(row, word)) leaks.push(`${table}: ${word} in ${row}`)
  return leaks
}

/** Tells whether a row has a word, in any case; one of four letters only as a word of its own, since random salts may contain it. */
function holds(row: string, word: string): boolean {
  return word.length > 4
    ? row.toLowerCase().includes(word.toLowerCase())
    : new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'i').test(row)
}

const WORDS = [
  'Quintrec',
  'Kerguelen',
  'AB-123-CD',
  'Clio',
  'Brioude',
  IBAN,
  CREDITOR_IBAN,
  MAIL,
  PHONE,
  TYPED,
  LANDLINE,
  'tabac-pont',
  SCOPE,
]

/** Uses the product over HTTP: a list of members, a call, an alert of the highest level with its authorisation, an update, a mandate. */
async function useTheProduct() {
  const operator = await signIn('operator')
  await setDoctrine(deps, program, 'ac63', DoctrineSettings.parse({ approval: [] }))
  const scheme = '/api/schemes/ac63'
  const imported = await app.inject({
    method: 'POST',
    url: `${scheme}/members/import`,
    headers: { cookie: await signIn('chamber'), 'content-type': 'text/csv' },
    payload: `Nom commercial;Activité;Code INSEE;Prénom;Mobile;E-mail\nTabac du Pont;Tabac;63178;Zélie;0639985678;${MAIL}\n`,
  })
  expect(imported.statusCode, imported.body).toBe(200)
  const uploaded = await app.inject({
    method: 'POST',
    url: `${scheme}/member-imports?name=liste.csv`,
    headers: { cookie: await signIn('chamber'), 'content-type': 'text/csv' },
    payload: `Nom commercial;Activité;Code INSEE;Mobile;E-mail;IBAN\nTabac du Quai;Tabac;63178;${LANDLINE};${MAIL.replace('@', '@@')};${IBAN}\nTabac de la Gare;Tabac;63178;${TYPED};${MAIL};${IBAN}\nTabac du Lac;Tabac;63178;${TYPED};${MAIL};${IBAN}\n`,
  })
  expect(uploaded.statusCode, uploaded.body).toBeLessThan(300)
  await call(operator, 'PUT', `${scheme}/call-notes/${deps.newId()}`, {
    version: 0,
    content: { caller: `${CALLER}, ${TYPED}` },
  })
  const report = await call<{ id: string }>(operator, 'POST', `${scheme}/reports`, {
    categoryCode: 'counterfeit',
    communeCode: '63178',
    callerName: CALLER,
  })
  const alert = await call<{ id: string; version: number }>(operator, 'POST', `${scheme}/alerts`, {
    reportId: report.id,
    text: TEXT,
    area: { kind: 'commune', code: '63178' },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'precise' },
  })
  const at = `${scheme}/alerts/${alert.id}`
  await call(operator, 'POST', `${at}/authorisation`, {
    version: alert.version,
    magistrateId: MAGISTRATE.id,
    scope: SCOPE,
  })
  const sent = await call<{ broadcasts: { id: string }[] }>(operator, 'POST', `${at}/broadcast`, {
    version: alert.version,
  })
  await call(operator, 'POST', `${at}/follow-ups`, {
    kind: 'update',
    text: UPDATE,
    level: 'precise',
    authorisation: { magistrateId: MAGISTRATE.id, scope: SCOPE },
    after: sent.broadcasts.at(-1)?.id,
    key: deps.newId(),
  })
  await openCampaign(deps, actorOf('chamber', 'ac63'), 'ac63', {
    year: new Date().getFullYear(),
    feeCents: 1000,
    tradeFees: {},
    proRata: false,
    dueOn: `${new Date().getFullYear()}-12-31`,
  })
  const settings = await getDuesSettings(deps, actorOf('chamber', 'ac63'), 'ac63')
  const creditor = {
    ...settings.creditor,
    name: 'CCI',
    iban: CREDITOR_IBAN,
    sepaId: 'FR72ZZZ123456',
  }
  await setDuesSettings(deps, program, 'ac63', { ...settings, creditor })
  const shop = `tocsin.portal=${await openContactSession(deps, { phone: phoneOf(1) })}`
  await call(shop, 'POST', `/api/portal/shops/ac63/${idOf(1)}/mandate`, {
    iban: IBAN,
    holder: 'SARL Tabac',
    name: 'Paul Durand',
    accepted: true,
  })
  const statement = await app.inject({
    method: 'POST',
    url: `${scheme}/dues/statements?name=releve.csv`,
    headers: { cookie: await signIn('chamber'), 'content-type': 'application/octet-stream' },
    payload: `Date;Libellé;Montant\n${new Date().toISOString().slice(0, 10)};VIR SEPA RECU ${PAYER};10,00\n`,
  })
  expect(statement.statusCode, statement.body).toBe(200)
  return { operator, report: `${scheme}/reports/${report.id}`, notes: `${scheme}/call-notes`, alert: at }
}

const broken = async () => {
  const against = await readAgainst(deps, SEALS)
  return (await verifyAudit(database.db, against)).flatMap(({ schemeId, broken: fault, facts = [] }) =>
    fault === undefined && facts.length === 0 ? [] : [{ schemeId, fault, facts }],
  )
}

test('a dump of an installation in service holds no caller, IBAN, authorisation or text of the highest level', async () => {
  const { operator, report, alert, notes } = await useTheProduct()
  expect(await leaksOf(WORDS)).toEqual([])

  // The product shows all of it.
  const search = async (q: string) =>
    JSON.stringify(await call(operator, 'GET', `/api/schemes/ac63/reports?q=${encodeURIComponent(q)}`))
  const seen = JSON.stringify(
    await Promise.all([alert, report, notes].map((path) => call(operator, 'GET', path))),
  )
  for (const word of [CALLER, TYPED, TEXT, UPDATE, SCOPE, MAGISTRATE.name]) expect(seen).toContain(word)
  expect(
    await database.db.selectFrom('contacts').select('mail').where('mobile', '=', PHONE).executeTakeFirst(),
  ).toEqual({ mail: MAIL.toLowerCase() })
  const settings = await getDuesSettings(deps, actorOf('chamber', 'ac63'), 'ac63')
  expect(settings.creditor.iban).toBe(CREDITOR_IBAN)
  // A caller is found by the whole name.
  expect(await search(CALLER)).toContain(CALLER)
  expect(await search('mme zelie QUINTREC')).toContain(CALLER)
  expect(await search('Quintrec')).not.toContain(CALLER)
  // Nothing is found by the form in which it is stored.
  const alerts = async (q: string) =>
    JSON.stringify(await call(operator, 'GET', `/api/schemes/ac63/alerts?q=${encodeURIComponent(q)}`))
  expect(await alerts('Issoire')).toContain('63178')
  for (const q of ['e1.k1', 'ac63', 's1']) {
    expect(await search(q)).not.toContain(CALLER)
    expect(await alerts(q)).not.toContain('63178')
  }
})

test('the key is replaced while the installation works, and the audit log stays whole', async () => {
  await asEngine(database, ({ db }) => sealDue({ ...deps, db }, SEALS), deps.cipher)
  expect(await broken()).toEqual([])
  const before = await countSealed(database.db, SEALED_COLUMNS)
  expect(before.flatMap(({ counts }) => Object.keys(counts)).every((key) => key === 'k1')).toBe(true)
  expect(before.filter(({ counts }) => counts.k1 !== undefined).length).toBeGreaterThan(8)

  await close()
  await openWith(addKey(keyring))
  // An act that holds a row, and then writes one that comes before it, is neither waited for nor held up.
  const held = Promise.withResolvers<void>()
  const act = database.db.transaction().execute(async (tx) => {
    await sql`select from authorisations order by ctid desc limit 1 for update`.execute(tx)
    held.resolve()
    await sleep(300)
    await sql`update authorisations set recorded_by = recorded_by`.execute(tx)
  })
  await held.promise
  expect(await sealAnew(database.db, deps.cipher, SEALED_COLUMNS)).toBeGreaterThan(8)
  await act
  expect(await sealAnew(database.db, deps.cipher, SEALED_COLUMNS)).toBe(0)
  const after = await countSealed(database.db, SEALED_COLUMNS)
  expect(after).toEqual(
    before.map(({ column, counts }) => ({
      column,
      counts: counts.k1 === undefined ? {} : { k2: counts.k1 },
    })),
  )
  expect(await broken()).toEqual([])
  expect(await leaksOf(WORDS)).toEqual([])
})

test('every column with sealed values is on the list', async () => {
  const found = new Set<string>()
  for (const [table, rows] of await dump())
    for (const row of rows)
      for (const [column, value] of Object.entries(JSON.parse(row)))
        if (JSON.stringify(value).includes('.e1.k')) found.add(`${table}.${column}`)
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const listed = SEALED_COLUMNS.map(({ table, column }) => `${snake(table)}.${column}`)
  expect(listed).toEqual(expect.arrayContaining([...found]))
})

test('what was stored in clear is sealed once there are keys, and the audit log stays whole', async () => {
  await close()
  await fillWith(undefined)
  await useTheProduct()
  // A mail address in a column that is sealed has a pseudonym until then, as an account number has.
  await sql`update reports set caller_name = ${MAIL}`.execute(database.db)
  await sql`update alert_events set details = details || ${JSON.stringify({ note: MAIL })}::jsonb where kind = 'authorised'`.execute(
    database.db,
  )
  await asEngine(database, ({ db }) => sealDue({ ...deps, db }, SEALS), deps.cipher)
  expect(await leaksOf(WORDS)).not.toEqual([])
  await close()
  const owner = await openDatabase({ kind: 'postgres', url: asOwnerUrl(url), poolSize: 1 })
  expect(await encryptNumbers(owner, createCipher(keyring))).toBeGreaterThan(3)
  await owner.close()
  await openWith(keyring)
  expect(await sealAnew(database.db, deps.cipher, SEALED_COLUMNS)).toBeGreaterThan(8)
  // Entries of the audit log are never changed: those from before keep the account of the chamber.
  const left = (await leaksOf(WORDS)).filter((leak) => !leak.startsWith(`audit_entries: ${CREDITOR_IBAN}`))
  expect(left).toEqual([])
  expect(await broken()).toEqual([])
  const { rows } = await sql`
    select (select iban from dues_mandates) as iban, (select caller_name from reports) as caller,
      (select details ->> 'note' from alert_events where kind = 'authorised' limit 1) as note`.execute(
    database.db,
  )
  expect(rows).toEqual([{ iban: IBAN, caller: MAIL.toLowerCase(), note: MAIL.toLowerCase() }])
})

test('a text of one alert put into the row of another shows', async () => {
  await sql`/* as stored */ update alerts set text = (select iban from dues_mandates limit 1)`.execute(
    database.db,
  )
  expect(await broken()).toMatchObject([{ schemeId: 'ac63', facts: [{ kind: 'alerts', reason: 'changed' }] }])
})
