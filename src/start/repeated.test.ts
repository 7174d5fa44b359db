import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { seedSchemes } from '../../test/support/fixtures.ts'
import { cookiesOf, openAccount, testServer } from '../../test/support/server.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'

let database: Database
let deps: Deps
let app: App
let cookie: string

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  deps = testDeps(database)
  app = await testServer(deps)
  const mail = 'operator@demo.invalid'
  const { password } = await openAccount(deps, { mail, name: 'Anne Roy', schemeId: 'ac63', role: 'operator' })
  const payload = { email: mail, password }
  const signedIn = await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', payload })
  cookie = cookiesOf(signedIn)
})
afterAll(async () => {
  await app.close()
  await database.close()
})

const post = (path: string, payload: object, lang = 'fr') =>
  app.inject({
    method: 'POST',
    url: `/api/schemes/ac63${path}`,
    headers: { cookie, 'accept-language': lang },
    payload,
  })

const call = { categoryCode: 'counterfeit', communeCode: '63178', place: 'gare' }

test('a repeated request with the id of a report or an alert gets the same body and status', async () => {
  const id = deps.newId()
  const first = await post('/reports', { ...call, id })
  expect(first.json()).toMatchObject({ id, place: 'gare' })
  expect(first.statusCode).toBe(201)
  // Ids are the same in capitals.
  const again = await post('/reports', { ...call, id: id.toUpperCase() })
  expect(again.statusCode).toBe(201)
  expect(again.json()).toEqual(first.json())

  const alert = {
    id: deps.newId(),
    reportId: id,
    text: 'Faux billets à Issoire. Ne pas intervenir.',
    area: { kind: 'commune', code: '63178' },
  }
  const created = await post('/alerts', alert)
  expect(created.json()).toMatchObject({ id: alert.id, reportId: id, version: 1 })
  const repeated = await post('/alerts', alert)
  expect(repeated.statusCode).toBe(created.statusCode)
  expect(repeated.json()).toEqual(created.json())
})

test('an id with other content is refused, in both languages; each request without an id creates a report', async () => {
  const id = deps.newId()
  await post('/reports', { ...call, id })
  const messages = []
  for (const lang of ['fr', 'en']) {
    const refused = await post('/reports', { ...call, id, place: 'marché' }, lang)
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({ code: 'id_taken' })
    messages.push(refused.json().message)
  }
  expect(messages).toEqual([
    'Cette demande a déjà été enregistrée, avec un autre contenu. Rechargez l’écran pour voir ce qui est enregistré.',
    'This request was already recorded, with different content. Reload the screen to see what is recorded.',
  ])
  const [one, other] = [await post('/reports', call), await post('/reports', call)]
  expect(one.statusCode).toBe(201)
  expect(one.json().id).not.toBe(other.json().id)
})

test('an invalid id is refused at its field', async () => {
  const refused = await post('/reports', { ...call, id: 'report-1' })
  expect(refused.statusCode).toBe(422)
  expect(refused.json()).toMatchObject({ code: 'invalid_input', problems: [{ path: 'id' }] })
})
