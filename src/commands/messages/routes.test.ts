import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { beat, gatewayReport } from '../../../test/support/routes.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { routesCommand } from './routes.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase('postgres')
})
afterAll(() => database.close())
beforeEach(() => sql`delete from workers`.execute(database.db))

const run = (...args: string[]) => runWith({}, ...args)

async function runWith(changes: Partial<Deps>, ...args: string[]) {
  let [out, err] = ['', '']
  const status = await routesCommand.run(testDeps(database, changes), args, new Map(), {
    lang: 'fr',
    stdout: (text) => {
      out += text
    },
    stderr: (text) => {
      err += text
    },
    progress() {},
  })
  return { status, out, err }
}

/** Writes heartbeats between the two readings of the command: 120 parts accepted in about a second. */
async function runWhileSending(...args: string[]) {
  const report = (accepted: number) =>
    gatewayReport({
      inFlight: 12,
      partsPerSecond: 200,
      recentReceipts: { received: 90, unknown: 9 },
      totals: { accepted, refused: 4, unanswered: 1, answerMs: 5000, refusals: { 11: 3, 10: 1 } },
      lastError: { key: 'link.silent', values: {} },
    })
  const backup = gatewayReport({ name: 'secours', kind: 'ovh', state: 'down', circuit: 'open' })
  await beat(database.db, { id: 1, silentSeconds: 0.9, gateways: [report(96), backup] })
  await beat(database.db, { id: 2, silentSeconds: 60, gateways: [report(7000)] })
  let next: Promise<void> | undefined
  // The command asks for the time as soon as it has read.
  const now = () => {
    next ??= beat(database.db, { id: 1, gateways: [report(216), backup] })
    return new Date()
  }
  const result = await runWith({ now }, ...args)
  await next
  return result
}

test('prints the gateways with their state, rate and errors, and the workers', async () => {
  const { status, out, err } = await runWhileSending()
  expect(err).toBe('')
  expect(status).toBe(0)
  const [titles, smpp, backup] = out.split('\n')
  expect(titles).toMatch(/^Passerelle +État +Usage +Débit +Fenêtre +Réponse +Erreurs$/)
  expect(smpp).toMatch(
    /^smpp +liée +en service +\d+(,\d)?\/s sur 200 +12\/100 +\d+ ms +4 refus, 1 sans réponse$/,
  )
  expect(backup).toMatch(/^secours +coupée +écartée +0\/s +0\/100 +– +aucune$/)
  expect(out).toMatch(/ {2}10\s% des accusés des dix dernières minutes ne correspondent à aucun message\./)
  expect(out).toContain(
    '  3 × Le fournisseur SMS ne connaît pas ce numéro.\n  1 × Le fournisseur SMS refuse le nom',
  )
  expect(out).toContain('Dernière erreur : le fournisseur ne répond plus')
  expect(out).toMatch(/poste-1:100 +en marche depuis le 25\/11\/2026 \d\d:00:01,000\n/)
  expect(out).toMatch(/poste-2:100 +muet depuis (59|6\d)(,\d)? s : tenu pour arrêté/)
})

test('prints JSON with the rate', async () => {
  const { out } = await runWhileSending('--json')
  const { routes, workers } = JSON.parse(out)
  expect(routes).toMatchObject([
    { name: 'smpp', state: 'bound', details: { totals: { accepted: 216 } } },
    { name: 'secours', acceptedPerSecond: 0 },
  ])
  // 120 parts in 0.9 s plus the overhead of the machine, which is seconds on a busy one.
  expect(routes[0].acceptedPerSecond).toBeGreaterThan(10)
  expect(routes[0].acceptedPerSecond).toBeLessThan(150)
  expect(workers).toHaveLength(2)
})

test('explains what to do when no worker runs', async () => {
  const { status, out, err } = await run()
  expect({ status, out }).toEqual({ status: 1, out: '' })
  expect(err).toMatch(/^Aucun processus d’envoi n’est en marche .*tocsin serve --role worker/)
})

test('exits with 1 when no gateway could take a message', async () => {
  await beat(database.db, { id: 1, gateways: [] })
  expect(await run()).toMatchObject({ status: 1, err: expect.stringMatching(/^Aucune passerelle/) })
})

test('exits with 1 when only the simulated gateway of exercises is connected', async () => {
  const simulator = gatewayReport({ name: 'simulator', simulated: true })
  await beat(database.db, { id: 1, gateways: [gatewayReport({ state: 'down' }), simulator] })
  expect((await run()).status).toBe(1)
  await beat(database.db, { id: 1, gateways: [simulator] })
  expect((await run()).status).toBe(0)
})
