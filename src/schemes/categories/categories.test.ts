import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, noteJobs, program, testDeps } from '../../../test/support/deps.ts'
import { seedSchemes } from '../../../test/support/fixtures.ts'
import { cookiesOf, openAccount, testServer } from '../../../test/support/server.ts'
import { saveByTwo } from '../../../test/support/two-persons.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { getScheme, loadDefinition } from '../actions.ts'
import { codeFromName } from '../codes.ts'
import { exportScheme } from '../file/create.ts'
import { readyMade } from '../ready-made.ts'
import type { CategoriesSaved } from './contract.ts'

let database: Database
let deps: Deps
let app: App
const people = ['chamber', 'chief', 'operator'] as const
const cookies = {} as Record<(typeof people)[number], string>

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  deps = testDeps(database, { jobs: noteJobs() })
  app = await testServer(deps)
  for (const role of people) {
    const { password } = await openAccount(deps, {
      mail: `${role}@demo.invalid`,
      name: role,
      schemeId: 'ac63',
      role,
    })
    const payload = { email: `${role}@demo.invalid`, password }
    cookies[role] = cookiesOf(await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', payload }))
  }
})
afterAll(async () => {
  await app.close()
  await database.close()
})

const LIST = '/api/schemes/ac63/categories'
const NEW = {
  labelFr: 'Vol de vélo',
  labelEn: 'Bicycle theft',
  severity: 'notice',
  template: 'Vol de vélo {lieu} vers {heure}. {conseil}',
  level: 'established',
  area: 'epci',
}

async function send(person: keyof typeof cookies, method: string, url: string, payload?: object) {
  return app.inject({
    method: method as 'GET',
    url,
    headers: { cookie: cookies[person] },
    ...(payload && { payload }),
  })
}
const sender =
  (person: keyof typeof cookies) =>
  async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await send(person, method, path, body)
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.body}`)
    return answer.json() as T
  }
const byTwo = (method: string, path: string, body: object) =>
  saveByTwo<CategoriesSaved>(
    { first: sender('chamber'), second: sender('chief') },
    { schemeId: 'ac63', method, path, body },
  )
const inUse = async () =>
  (await getScheme(deps, program, 'ac63')).categories.map(({ code, position }) => `${position} ${code}`)
const problemsOf = (answer: { json: () => { problems: { code: string; path?: string }[] } }) =>
  answer.json().problems.map(({ code, path = '' }) => `${path} ${code}`)

test('refuses every problem of a new category at once, and who may not change them', async () => {
  const bad = { ...NEW, labelFr: ' ', template: 'Vol {place} {lieu' }
  const shape = await send('chamber', 'POST', LIST, bad)
  expect(problemsOf(shape)).toEqual(['labelFr input.too_short'])
  const template = await send('chamber', 'POST', LIST, { ...bad, labelFr: 'Vol', reason: 'Essai.' })
  expect(problemsOf(template)).toEqual(['template template.unknown_variable', 'template template.braces'])
  for (const labelFr of ['Vol : voir alerte63.fr/x', 'Appelez le 3 6 1 9', 'Vol, a@b.fr']) {
    const named = await send('chamber', 'PATCH', `${LIST}/robbery`, { labelFr, reason: 'Essai.' })
    expect(problemsOf(named)).toEqual(['labelFr category.contact'])
  }
  expect((await send('operator', 'POST', LIST, NEW)).statusCode).toBe(403)
  expect((await send('chief', 'PATCH', `${LIST}/robbery`, { labelFr: 'x' })).statusCode).toBe(403)
  expect((await send('operator', 'GET', LIST)).json().categories).toHaveLength(3)
})

test('a new category waits for another account, comes last, and is offered under a key', async () => {
  await byTwo('POST', LIST, NEW)
  expect(await inUse()).toEqual(['1 counterfeit', '2 robbery', '3 vol-de-velo'])
  const again = await sender('chamber')<CategoriesSaved>('POST', LIST, { ...NEW, reason: 'Un autre.' })
  const [change] = (
    await sender('chamber')<{ waiting: { id: string; parts: { after: { code: string } }[] }[] }>(
      'GET',
      '/api/schemes/ac63/setting-changes',
    )
  ).waiting
  expect(change?.parts[0]?.after.code).toBe('vol-de-velo-2')
  await sender('chamber')('POST', `/api/schemes/ac63/setting-changes/${again.proposed}/withdraw`)
})

test('the same request again proposes a category once, whatever was decided on it since', async () => {
  const request = { ...NEW, labelFr: 'Vol de scooter', id: randomUUID(), reason: 'Plusieurs cette semaine.' }
  const waiting = async () =>
    (await sender('chamber')<{ waiting: unknown[] }>('GET', '/api/schemes/ac63/setting-changes')).waiting
  const add = () => sender('chamber')<CategoriesSaved>('POST', LIST, request)
  expect((await add()).proposed).toBe(request.id)
  expect((await add()).proposed).toBe(request.id)
  expect(await waiting()).toHaveLength(1)
  const other = await send('chamber', 'POST', LIST, { ...request, labelFr: 'Vol de moto' })
  expect(other.json()).toMatchObject({ code: 'id_taken' })
  await sender('chamber')('POST', `/api/schemes/ac63/setting-changes/${request.id}/withdraw`)
  expect((await add()).proposed).toBe(request.id)
  expect(await waiting()).toEqual([])
})

test('the English name and initial area change at once, the French name and text by two; a stale form is refused', async () => {
  const before = (await sender('chamber')<CategoriesSaved>('GET', LIST)).categories.find(
    ({ code }) => code === 'robbery',
  )
  const saved = await sender('chamber')<CategoriesSaved>('PATCH', `${LIST}/robbery`, {
    version: before?.version,
    labelFr: 'Braquage',
    labelEn: 'Hold-up',
    template: 'Braquage {lieu}. {conseil}',
    reason: 'Plus court.',
  })
  const robbery = () => saved.categories.find(({ code }) => code === 'robbery')
  expect(robbery()).toMatchObject({
    labelFr: before?.labelFr,
    labelEn: 'Hold-up',
    template: 'Vol à main armée {lieu}. {conseil}',
  })
  const stale = await send('chamber', 'PATCH', `${LIST}/robbery`, {
    version: before?.version,
    labelFr: 'Autre',
  })
  expect([stale.statusCode, stale.json().code]).toEqual([409, 'settings_changed'])
  await sender('chief')('POST', `/api/schemes/ac63/setting-changes/${saved.proposed}/in-force`)
  const { categories } = await getScheme(deps, program, 'ac63')
  expect(categories.find(({ code }) => code === 'robbery')).toMatchObject({
    labelFr: 'Braquage',
    template: 'Braquage {lieu}. {conseil}',
  })
})

test('an English name that repeats the French one follows it once the other account agreed', async () => {
  await byTwo('PATCH', `${LIST}/vol-de-velo`, { labelEn: NEW.labelFr })
  const bicycle = async () => {
    const { categories } = await getScheme(deps, program, 'ac63')
    const found = categories.find(({ code }) => code === 'vol-de-velo')
    return [found?.labelFr, found?.labelEn]
  }
  const path = `${LIST}/vol-de-velo`
  const [fr] = await bicycle()
  expect(await bicycle()).toEqual([fr, fr])
  const { proposed } = await sender('chamber')<CategoriesSaved>('PATCH', path, {
    ...{ labelFr: 'Vol de deux-roues', labelEn: fr, reason: 'Plus large.' },
  })
  expect(await bicycle()).toEqual([fr, fr])
  await sender('chief')('POST', `/api/schemes/ac63/setting-changes/${proposed}/in-force`)
  expect(await bicycle()).toEqual(['Vol de deux-roues', 'Vol de deux-roues'])
  await byTwo('PATCH', path, { labelEn: 'Bicycle theft' })
  await byTwo('PATCH', path, { labelFr: fr })
  expect(await bicycle()).toEqual([fr, 'Bicycle theft'])
})

test('a change of a text that was changed meanwhile is overtaken', async () => {
  const propose = (template: string) =>
    sender('chamber')<CategoriesSaved>('PATCH', `${LIST}/counterfeit`, { template, reason: 'Ainsi.' })
  const [first, second] = [await propose('Faux billets {lieu}.'), await propose('Fausse monnaie {lieu}.')]
  const inForce = (id: string | null) =>
    send('chief', 'POST', `/api/schemes/ac63/setting-changes/${id}/in-force`)
  expect((await inForce(first.proposed)).statusCode).toBe(200)
  const late = await inForce(second.proposed)
  expect([late.statusCode, late.json().code]).toEqual([409, 'change_overtaken'])
})

test('one out of use keeps its row, leaves the keys, and can be put back; not the one that a rule names, nor the last', async () => {
  await byTwo('PATCH', `${LIST}/counterfeit`, { active: false })
  expect(await inUse()).toEqual(['1 robbery', '2 vol-de-velo'])
  await byTwo('PATCH', `${LIST}/counterfeit`, { active: true })
  expect(await inUse()).toEqual(['1 robbery', '2 vol-de-velo', '3 counterfeit'])
  const rule = { categories: ['robbery'], severities: 'all', level: 'established' }
  await byTwo('PUT', '/api/schemes/ac63/doctrine', { approval: [rule] })
  const named = await send('chamber', 'PATCH', `${LIST}/robbery`, { active: false, reason: 'x' })
  expect(problemsOf(named)).toEqual([' category.in_rule'])
  await byTwo('PATCH', `${LIST}/counterfeit`, { active: false })
  await byTwo('PATCH', `${LIST}/vol-de-velo`, { active: false })
  const last = await send('chamber', 'PATCH', `${LIST}/robbery`, { active: false, reason: 'x' })
  expect(problemsOf(last)).toEqual([' category.last', ' category.in_rule'])
  await byTwo('PATCH', `${LIST}/counterfeit`, { active: true })
  await byTwo('PATCH', `${LIST}/vol-de-velo`, { active: true })
})

test('one whose calls are undecided stays in use, also when the call came after the proposal', async () => {
  const path = `${LIST}/counterfeit`
  const remove = { active: false, reason: 'x' }
  const { proposed } = await sender('chamber')<CategoriesSaved>('PATCH', path, remove)
  await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, created_at, created_by)
    select 'ac63', gen_random_uuid(), 'counterfeit', code, now(), now(), 'waiting', now(), 'test' from communes limit 1`.execute(
    database.db,
  )
  const late = await send('chief', 'POST', `/api/schemes/ac63/setting-changes/${proposed}/in-force`)
  expect(problemsOf(late)).toEqual([' category.open_calls'])
  await sender('chamber')('POST', `/api/schemes/ac63/setting-changes/${proposed}/withdraw`)
  const refused = await send('chamber', 'PATCH', path, remove)
  expect(refused.json().problems).toMatchObject([
    { code: 'category.open_calls', message: expect.stringMatching(/^Un appel de cette catégorie attend /) },
  ])
  await sql`update reports set state = 'broadcast', decided_at = now() where category_code = 'counterfeit'`.execute(
    database.db,
  )
  const free = await sender('chamber')<CategoriesSaved>('PATCH', path, remove)
  await sender('chamber')('POST', `/api/schemes/ac63/setting-changes/${free.proposed}/withdraw`)
})

test('one comes back with the text and severity that the second person read', async () => {
  const path = `${LIST}/counterfeit`
  const inForce = (proposed: string | null) =>
    send('chief', 'POST', `/api/schemes/ac63/setting-changes/${proposed}/in-force`)
  await byTwo('PATCH', path, { active: false })
  const back = { active: true, reason: 'De nouveau.' }
  const first = await sender('chamber')<CategoriesSaved>('PATCH', path, back)
  await byTwo('PATCH', path, { severity: 'vital' })
  const late = await inForce(first.proposed)
  expect([late.statusCode, late.json().code]).toEqual([409, 'change_overtaken'])
  const both = await sender('chamber')<CategoriesSaved>('PATCH', path, {
    ...back,
    template: 'Billets {lieu}.',
  })
  expect((await inForce(both.proposed)).statusCode).toBe(200)
  const { categories } = await getScheme(deps, program, 'ac63')
  expect(categories.find(({ code }) => code === 'counterfeit')).toMatchObject({ template: 'Billets {lieu}.' })
})

test('the order changes at once, of exactly those in use', async () => {
  const order = (codes: string[]) => send('chamber', 'PUT', '/api/schemes/ac63/category-order', { codes })
  expect((await order(['robbery', 'vol-de-velo', 'retired'])).json().code).toBe('settings_changed')
  expect((await order(['vol-de-velo', 'counterfeit', 'robbery'])).statusCode).toBe(200)
  expect(await inUse()).toEqual(['1 vol-de-velo', '2 counterfeit', '3 robbery'])
})

test('name and closing advice wait for another account, the lifetime does not; a refused sender name is explained', async () => {
  const path = '/api/schemes/ac63/general'
  const bad = await send('chamber', 'PUT', path, { sender: 'Alerte', timeZone: 'Lune/Copernic', reason: 'x' })
  expect(problemsOf(bad)).toEqual(['sender sender.generic', 'timeZone scheme_file.time_zone'])
  const saved = await sender('chamber')<{
    proposed: string | null
    name: string
    alertLifetimeHours: number
  }>('PUT', path, { name: 'Alerte du Puy', alertLifetimeHours: 24, reason: 'Convention.' })
  expect(saved).toMatchObject({ name: 'Alerte Commerces 63', alertLifetimeHours: 24 })
  await sender('chief')('POST', `/api/schemes/ac63/setting-changes/${saved.proposed}/in-force`)
  await byTwo('PUT', path, { timeZone: 'Indian/Reunion' })
  expect(await getScheme(deps, program, 'ac63')).toMatchObject({
    name: 'Alerte du Puy',
    timeZone: 'Indian/Reunion',
  })
})

test('the territory waits for another account, who reads what it changes; a lost sector is named', async () => {
  const [path, preview] = ['/api/schemes/ac63/general', '/api/schemes/ac63/territory/preview']
  const departements = (...codes: string[]) => codes.map((code) => ({ kind: 'departement', code }))
  const bad = await send('chamber', 'PUT', path, { territory: departements('39')[0], reason: 'x' })
  expect(problemsOf(bad)).toEqual(['territory territory.sectors_outside'])
  expect(bad.json().problems[0].message).toContain("Val d'Allier")
  const territory = { kind: 'union', areas: departements('63', '39') }
  const saved = await sender('chamber')<{ proposed: string; territory: object }>('PUT', path, {
    territory,
    reason: 'Convention étendue.',
  })
  expect(saved.territory).toEqual(departements('63')[0])
  const { waiting } = await sender('chief')<{ waiting: { id: string; parts: { after: object }[] }[] }>(
    'GET',
    '/api/schemes/ac63/setting-changes',
  )
  const after = waiting.find(({ id }) => id === saved.proposed)?.parts[0]?.after
  expect(await sender('chief')('POST', preview, { territory: after })).toMatchObject({
    added: { count: 1, names: ['Lons-le-Saunier'] },
    removed: { count: 0 },
  })
  await sender('chief')('POST', `/api/schemes/ac63/setting-changes/${saved.proposed}/in-force`)
  expect((await exportScheme(deps, actorOf('chamber', 'ac63'), 'ac63')).territory).toEqual(territory)
  const { entries } = await sender('chamber')<{ entries: object[] }>('GET', '/api/schemes/ac63/audit?limit=1')
  expect(entries).toMatchObject([
    { action: 'scheme.set', details: { before: { territory: departements('63')[0] }, after: { territory } } },
  ])
  // A territory replaces the former one as a whole.
  await byTwo('PUT', path, { territory: departements('63')[0] })
  expect((await getScheme(deps, program, 'ac63')).territory).toEqual(departements('63')[0])
  expect((await send('operator', 'PUT', path, { territory, reason: 'x' })).statusCode).toBe(403)
})

test('the start of references and the name of the chamber wait for another account; earlier references stay', async () => {
  const path = '/api/schemes/ac63/general'
  const names = async () => (await getScheme(deps, program, 'ac63')).agencies
  await sql`insert into agencies (scheme_id, id, code, name, kind)
    values ('ac63', '00000000-0000-4000-8000-0000000000cc', 'cci', 'CCI Puy-de-Dôme', 'chamber')`.execute(
    database.db,
  )
  const other = (await names()).find(({ kind }) => kind !== 'chamber')!
  const bad = await send('chamber', 'PUT', path, { chamber: other.name, reason: 'x' })
  expect(problemsOf(bad)).toEqual(['chamber agency.name_taken'])
  expect(
    problemsOf(await send('chamber', 'PUT', path, { referencePrefix: '63-', reason: 'x' })),
  ).toHaveLength(1)
  // A scheme with a chamber keeps one.
  expect(problemsOf(await send('chamber', 'PUT', path, { chamber: null, reason: 'x' }))).toEqual([
    'chamber input.invalid',
  ])
  await sql`insert into schemes (id, name, territory, reference_prefix, sender, closing_advice, trades, doctrine, created_at)
    select 'voisin', 'Voisin', territory, '64', 'VOISIN64', closing_advice, trades, doctrine, now() from schemes where id = 'ac63'`.execute(
    database.db,
  )
  const taken = await send('chamber', 'PUT', path, { referencePrefix: '64', reason: 'x' })
  expect(problemsOf(taken)).toEqual(['referencePrefix scheme_file.prefix_taken'])
  const wanted = { referencePrefix: '63B', chamber: ' CCI  Auvergne ' }
  const saved = await sender('chamber')<{ proposed: string | null }>('PUT', path, {
    ...wanted,
    reason: 'Fusion.',
  })
  expect((await getScheme(deps, program, 'ac63')).referencePrefix).toBe('63')
  const inForce = `/api/schemes/ac63/setting-changes/${saved.proposed}/in-force`
  // Another scheme takes it meanwhile.
  const prefixOfOther = (prefix: string) =>
    sql`update schemes set reference_prefix = ${prefix} where id = 'voisin'`.execute(database.db)
  await prefixOfOther('63B')
  expect(problemsOf(await send('chief', 'POST', inForce))).toEqual([
    'referencePrefix scheme_file.prefix_taken',
  ])
  await prefixOfOther('64')
  await sender('chief')('POST', `/api/schemes/ac63/setting-changes/${saved.proposed}/in-force`)
  expect((await getScheme(deps, program, 'ac63')).referencePrefix).toBe('63B')
  expect((await names()).filter(({ kind }) => kind === 'chamber').map(({ name }) => name)).toContain(
    'CCI Auvergne',
  )
  expect((await exportScheme(deps, actorOf('chamber', 'ac63'), 'ac63')).referencePrefix).toBe('63B')
})

test('loading a ready-made scheme keeps what was edited, and says what', async () => {
  const [ready] = readyMade
  const { code } = ready!.categories[0]!
  const scheme = {
    ...ready!,
    id: 'ac39',
    territory: { kind: 'departement', code: '39' },
    agencies: [],
    sectors: [],
  } as const
  await loadDefinition(deps, program, scheme)
  const chamber = actorOf('chamber', 'ac39')
  expect((await loadDefinition(deps, program, scheme)).kept).toEqual([])
  await sql`update categories set template = 'Texte de la chambre {lieu}.', version = 2 where scheme_id = 'ac39' and code = ${code}`.execute(
    database.db,
  )
  await sql`update schemes set name = 'Alerte du Jura', edited = '{name}' where id = 'ac39'`.execute(
    database.db,
  )
  const { created, kept } = await loadDefinition(deps, program, scheme)
  expect([created, kept]).toEqual([false, ['name', code]])
  const file = await exportScheme(deps, chamber, 'ac39')
  expect(file.name).toBe('Alerte du Jura')
  expect(file.categories.find((one) => one.code === code)?.template).toBe('Texte de la chambre {lieu}.')
})

test('the code of a category is made of its name', () => {
  const codeOf = (name: string, taken: string[]) =>
    codeFromName(name, { empty: 'categorie', isTaken: (code) => taken.includes(code) })
  expect(codeOf('Vol à main armée', [])).toBe('vol-a-main-armee')
  expect(codeOf('Vol à main armée', ['vol-a-main-armee', 'vol-a-main-armee-2'])).toBe('vol-a-main-armee-3')
  expect(codeOf('419 – fraude au cœur', [])).toBe('categorie-419-fraude-au-coeur')
  expect(codeOf(' – ', ['categorie'])).toBe('categorie-2')
})

test('settings change while the message of an alert refers to the scheme', async () => {
  await database.db.transaction().execute(async (tx) => {
    await sql`select 1 from schemes where id = 'ac63' for key share`.execute(tx)
    for (const [method, url, body] of [
      ['PATCH', `${LIST}/robbery`, { labelEn: 'Robbery' }],
      ['PUT', '/api/schemes/ac63/general', { alertLifetimeHours: 23 }],
      ['PUT', '/api/schemes/ac63/doctrine', { cancelWindowSeconds: 9 }],
    ] as const)
      expect((await send('chamber', method, url, body)).statusCode).toBe(200)
  })
})
