import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { cookiesOf, fillSchemes, openAccount, testServer } from '../../../test/support/server.ts'
import { recordAudit } from '../../audit/record.ts'
import { verifyAudit } from '../../audit/verify.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'

let database: Database
let app: App
const account = { mail: 'anne@example.fr', password: '' }

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  const deps = testDeps(database)
  const who = { mail: account.mail, name: 'Anne Roy', schemeId: 'ac63', role: 'chief' } as const
  account.password = (await openAccount(deps, who)).password
  app = await testServer(deps, {
    moreRoutes: (scope) => {
      // Like the webhook of a provider, which reports what others did.
      scope.post('/api/test/webhook', { config: { permission: 'public' } }, () =>
        acrossSchemes(database.db, (tx) =>
          recordAudit(tx, 'ac63', new Date(), {
            actor: 'contact:1',
            action: 'contact.opt_out',
            subject: 'member:1',
          }),
        ).then(() => ({})),
      )
    },
  })
})
afterAll(async () => {
  await app.close()
  await database.close()
})

async function networksOf(action: string): Promise<(string | null)[]> {
  const { rows } = await sql<{ network: string | null }>`
    select n.network from audit_entries e left join audit_networks n using (scheme_id, seq)
    where e.action = ${action} order by e.scheme_id, e.seq`.execute(database.db)
  return rows.map(({ network }) => network)
}

const signIn = (remoteAddress: string) =>
  app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    payload: { email: account.mail, password: account.password },
    remoteAddress,
  })

test('records the truncated network of the request that caused an entry, of several at once each its own', async () => {
  const addresses = ['203.0.113.77', '198.51.100.9', '2001:db8:1:2::3']
  const answers = await Promise.all(addresses.map(signIn))
  expect((await networksOf('session.open')).sort()).toEqual([
    '198.51.100.0/24',
    '2001:db8:1::/48',
    '203.0.113.0/24',
  ])
  const answer = await app.inject({
    url: '/api/schemes/ac63/audit.csv',
    headers: { cookie: cookiesOf(answers[0]!) },
    remoteAddress: '192.0.2.8',
  })
  expect(answer.statusCode).toBe(200)
  expect(await networksOf('audit.export')).toEqual(['192.0.2.0/24'])
  const { rows } =
    await sql`select from audit_networks where network like '%77%' or network like '%:2::%'`.execute(
      database.db,
    )
  expect(rows).toEqual([])
})

test('does not take the network of a provider for that of the person whose act it reports', async () => {
  const answer = await app.inject({ method: 'POST', url: '/api/test/webhook', remoteAddress: '203.0.113.5' })
  expect(answer.statusCode).toBe(200)
  expect(new Set(await networksOf('contact.opt_out'))).toEqual(new Set([null]))
  for (const { schemeId, broken } of await verifyAudit(database.db))
    if (schemeId !== 'ac39') expect(broken).toBeUndefined()
})
