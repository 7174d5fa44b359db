import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { idOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { beat, gatewayReport } from '../../../test/support/routes.ts'
import { testConfig, testServer } from '../../../test/support/server.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { buildWorkerServer } from '../worker-server.ts'
import { findLastBackup } from './backlog.ts'
import { countedPeriod } from './durations.ts'

const TOKEN = 'only-for-this-test'

/** The time, past the change of a month: until 00:20 of its first day the figures of the new one are not shown. */
function now(): Date {
  const at = new Date()
  const { from, to } = countedPeriod(at)
  return at >= from && at < to ? at : new Date(at.getTime() + 20 * 60_000)
}

let database: Database
let deps: Deps
let web: App
let worker: App

beforeAll(async () => {
  database = await testDatabase('postgres')
  const { db } = database
  await seedSchemes(database)
  deps = testDeps(database, { config: testConfig({ TOCSIN_METRICS_TOKEN: TOKEN }), now })
  web = await testServer(deps)
  worker = await buildWorkerServer(deps, () => true)
  await beat(db, {
    id: 1,
    name: 'envoi-1:42',
    gateways: [
      gatewayReport({
        inFlight: 7,
        partsPerSecond: 40,
        recentReceipts: { received: 50, unknown: 5 },
        laneTimes: {
          vital: { counts: [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], seconds: 4004.5 },
          service: { counts: [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], seconds: 50 },
        },
        totals: {
          submitted: 130,
          accepted: 120,
          refused: 3,
          unknownReceipts: 9,
          foundReceipts: 4,
          answerMs: 2500,
          refusals: { 11: 2, 1025: 1 },
        },
      }),
    ],
  })
  // Two workers have the same name: two containers of one image.
  await beat(db, { id: 2, name: 'tocsin:1', gateways: [gatewayReport({ state: 'down', circuit: 'open' })] })
  await beat(db, { id: 3, name: 'tocsin:1' })
  await beat(db, { id: 4, silentSeconds: 60, gateways: [gatewayReport({ totals: { accepted: 9999 } })] })
  for (const [n, state] of ['running', 'done'].entries()) {
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
      values ('ac63', ${idOf(n)}, 'counterfeit', '63178', now() - interval '2 minutes', now(), 'broadcast', now(), now(), 'x')`.execute(
      db,
    )
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label,
        trades, simulated, state, expires_at, created_at, created_by)
      values ('ac63', ${idOf(n)}, ${`63-26-000${n}`}, ${idOf(n)}, 'counterfeit', 'alert', 'Secret text',
        '{"kind":"scheme"}', 'x', '{}', true, 'broadcasting', now(), now(), 'x')`.execute(db)
    await sql`insert into broadcasts (scheme_id, id, alert_id, text, encoding, parts, sender, lane, simulated, state,
        valid_until, ordered_at, first_submit_at, all_accepted_at, ordered_by, planned, accepted, delivered, failed, in_doubt, withdrawn, possible_duplicates)
      values ('ac63', ${idOf(n)}, ${idOf(n)}, 'Secret text', 'GSM-7', 1, 'ALERTE63', 'alert', true, ${state}, now(),
        now() - interval '30 seconds', now() - interval '29.97 seconds', ${state === 'done' ? sql`now() - interval '10 seconds'` : null},
        'Camille Roche', 100, ${state === 'done' ? 0 : 20}, ${state === 'done' ? 97 : 10},
        3, ${state === 'done' ? 0 : 4}, 0, 1)`.execute(db)
  }
  await seedBacklog()
})
async function seedBacklog(): Promise<void> {
  const { db } = database
  await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label,
      trades, simulated, state, expires_at, created_at, created_by, submitted_at, submitted_hash)
    values ('ac63', ${idOf(2)}, '63-26-0002', ${idOf(0)}, 'counterfeit', 'alert', 'Secret text',
      '{"kind":"scheme"}', 'x', '{}', true, 'submitted', now(), now(), 'x', now() - interval '90 seconds', 'h')`.execute(
    db,
  )
  await sql`insert into outbox (scheme_id, id, channel, address, template, values, created_at, created_by, valid_until)
    values ('ac63', ${idOf(0)}, 'mail', 'camille@example.org', 'mail.codes.low', '{}', now() - interval '45 seconds', 'x',
        now() + interval '1 hour'),
      ('ac63', ${idOf(1)}, 'sms', '+33600000001', 'mail.codes.low', '{}', now() - interval '2 hours', 'x',
        now() - interval '1 hour')`.execute(db)
  await sql`select pgboss.create_queue('of.an.earlier.version', '{"policy": "standard"}'::jsonb)`.execute(db)
  await sql`insert into pgboss.job (name, state, start_after, completed_on, created_on)
    values ('of.an.earlier.version', 'created', now() - interval '2 days', null, now()),
      ('mail.send', 'created', now() - interval '20 seconds', null, now()),
      ('mail.send', 'created', now() + interval '1 hour', null, now()),
      ('mail.send', 'failed', now() - interval '1 hour', now() - interval '1 minute', now()),
      ('mail.send', 'failed', now() - interval '3 days', now() - interval '3 days', now() - interval '3 days')`.execute(
    db,
  )
}

afterAll(async () => {
  await Promise.all([web, worker].map((app) => app?.close()))
  await database.close()
})

function scrape(app: App, authorization?: string) {
  return app.inject({ url: '/metrics', headers: authorization === undefined ? {} : { authorization } })
}

/** Parses the samples of an exposition by name and labels. */
function parseSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, series = '', value = ''] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    expect(samples.has(series), line).toBe(false)
    samples.set(series, Number(value))
  }
  return samples
}

describe.each([
  ['the web server', () => web],
  ['a worker', () => worker],
])('%s', (_name, app) => {
  test('reports the figures of the installation', async () => {
    const answer = await scrape(app(), `Bearer ${TOKEN}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    const samples = parseSamples(answer.body)
    const one = '{gateway="smpp",worker="envoi-1:42"'
    expect(Object.fromEntries(samples)).toMatchObject({
      'tocsin_workers{alive="true"}': 3,
      'tocsin_workers{alive="false"}': 1,
      tocsin_database_up: 1,
      'tocsin_break_glass{state="never"}': 1,
      'tocsin_break_glass{state="open"}': 0,
      [`tocsin_gateway_state${one},state="bound",simulated="false"}`]: 1,
      [`tocsin_gateway_state${one},state="down",simulated="false"}`]: 0,
      [`tocsin_gateway_circuit${one},circuit="closed"}`]: 1,
      [`tocsin_gateway_in_flight${one}}`]: 7,
      [`tocsin_gateway_window${one}}`]: 100,
      [`tocsin_gateway_parts_per_second_limit${one}}`]: 40,
      [`tocsin_gateway_parts_submitted_total${one}}`]: 130,
      [`tocsin_gateway_parts_answered_total${one},answer="accepted"}`]: 120,
      [`tocsin_gateway_receipts_unknown_ratio${one}}`]: 0.1,
      [`tocsin_gateway_receipts_unknown_total${one}}`]: 9,
      [`tocsin_gateway_receipts_found_total${one}}`]: 4,
      [`tocsin_gateway_answer_seconds_total${one}}`]: 2.5,
      [`tocsin_gateway_refusals_total${one},code="0x0B"}`]: 2,
      [`tocsin_gateway_refusals_total${one},code="0x401"}`]: 1,
      'tocsin_gateway_circuit{gateway="smpp",worker="tocsin:1#2",circuit="open"}': 1,
      'tocsin_gateway_circuit{gateway="smpp",worker="tocsin:1#3",circuit="open"}': 0,
      tocsin_broadcasts_open: 1,
      'tocsin_deliveries_open{state="waiting"}': 63,
      'tocsin_deliveries_open{state="accepted"}': 20,
      'tocsin_deliveries_open{state="in_doubt"}': 4,
      'tocsin_deliveries_settled_total{state="delivered"}': 107,
      'tocsin_deliveries_settled_total{state="failed"}': 6,
      tocsin_deliveries_possible_duplicates_total: 2,
      tocsin_approvals_waiting: 1,
      'tocsin_outbox_waiting{channel="mail"}': 1,
      'tocsin_outbox_waiting{channel="sms"}': 0,
      'tocsin_outbox_oldest_seconds{channel="sms"}': 0,
      'tocsin_jobs{queue="mail.send",state="waiting"}': 1,
      'tocsin_jobs{queue="mail.send",state="failed"}': 1,
      'tocsin_order_to_first_sms_seconds_bucket{le="0.02",severity="alert",simulated="true",route=""}': 0,
      'tocsin_order_to_first_sms_seconds_bucket{le="0.05",severity="alert",simulated="true",route=""}': 2,
      'tocsin_order_to_first_sms_seconds_count{severity="alert",simulated="true",route=""}': 2,
      'tocsin_order_to_all_accepted_seconds_bucket{le="30",severity="alert",simulated="true",route=""}': 1,
      'tocsin_call_to_order_seconds_bucket{le="30",severity="alert",simulated="true"}': 0,
      'tocsin_call_to_order_seconds_bucket{le="120",severity="alert",simulated="true"}': 2,
      'tocsin_accepted_to_delivered_seconds_bucket{le="2",gateway="smpp",lane="vital",worker="envoi-1:42"}': 3,
      'tocsin_accepted_to_delivered_seconds_bucket{le="3600",gateway="smpp",lane="vital",worker="envoi-1:42"}': 3,
      'tocsin_accepted_to_delivered_seconds_bucket{le="+Inf",gateway="smpp",lane="vital",worker="envoi-1:42"}': 4,
      'tocsin_accepted_to_delivered_seconds_sum{gateway="smpp",lane="vital",worker="envoi-1:42"}': 4004.5,
    })
    expect(samples.get('tocsin_approval_oldest_seconds')).toBeGreaterThanOrEqual(90)
    expect(samples.get('tocsin_outbox_oldest_seconds{channel="mail"}')).toBeGreaterThanOrEqual(45)
    expect(samples.get('tocsin_job_oldest_waiting_seconds{queue="mail.send"}')).toBeGreaterThanOrEqual(20)
    expect(samples.get('tocsin_delivery_oldest_waiting_seconds')).toBeGreaterThanOrEqual(30)
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0)
    expect(samples.has('nodejs_eventloop_lag_p99_seconds')).toBe(true)
    // The dead worker is not reported.
    expect(answer.body).not.toContain('poste-4')
  })

  test('contains no personal data', async () => {
    const { body } = await scrape(app(), `Bearer ${TOKEN}`)
    for (const word of ['Camille', 'Secret', '+33', 'ac63', 'Issoire']) expect(body).not.toContain(word)
  })

  test.each([undefined, 'Bearer wrong', 'Bearer ', TOKEN, `Basic ${TOKEN}`])(
    'refuses a wrong token: %s',
    async (authorization) => {
      const answer = await scrape(app(), authorization)
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    },
  )
})

test('measures the time of requests by route, not by URL', async () => {
  const address = `/api/schemes/ac63/alerts/${idOf(0)}`
  await web.inject({ url: address })
  await web.inject({ url: '/nowhere/0612345678' })
  const { body } = await scrape(web, `Bearer ${TOKEN}`)
  const labels = 'method="GET",route="/api/schemes/:scheme/alerts/:id",status="4xx"'
  expect(parseSamples(body).get(`tocsin_http_request_duration_seconds_count{${labels}}`)).toBe(1)
  expect(body).not.toContain('0612345678')
})

test('a worker says in each answer how browsers treat it', async () => {
  for (const url of ['/healthz', '/nothing'])
    expect((await worker.inject(url)).headers, url).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
    })
})

test('answers 404 without a configured token', async () => {
  const app = await testServer(testDeps(database, { config: testConfig() }))
  expect((await scrape(app, 'Bearer undefined')).statusCode).toBe(404)
  await app.close()
})

test('reports the figures of the process without the database', async () => {
  const app = await buildWorkerServer({ ...deps, db: makeFailing(database.db) }, () => true)
  const { body, statusCode } = await scrape(app, `Bearer ${TOKEN}`)
  expect(statusCode).toBe(200)
  expect(parseSamples(body).get('tocsin_database_up')).toBe(0)
  expect(parseSamples(body).get('process_cpu_seconds_total')).toBeGreaterThan(0)
  await app.close()
})

/** Makes every statement fail, as when the server is unreachable. */
function makeFailing(db: Deps['db']): Deps['db'] {
  return db.withPlugin({
    transformQuery() {
      throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    },
    transformResult: async ({ result }) => result,
  })
}

test('in service, says how often backups are due', async () => {
  const config = testConfig({ TOCSIN_METRICS_TOKEN: TOKEN, TOCSIN_BACKUP_HOURS: '48' })
  const service = { ...deps, config: { ...config, demo: false } }
  const app = await buildWorkerServer(service, () => true)
  expect(
    parseSamples((await scrape(app, `Bearer ${TOKEN}`)).body).get('tocsin_backup_interval_seconds'),
  ).toBe(48 * 3600)
  await app.close()
})

test('a directory of backups that cannot be read is no failure of the database', async () => {
  const config = testConfig({ TOCSIN_BACKUP_DIR: '/dev/null', TOCSIN_BACKUP_KEY: `age1${'q'.repeat(58)}` })
  expect(await findLastBackup({ db: database.db, config })).toBeUndefined()
})

describe('the first slow SMS of a month', () => {
  const BUCKET = /^tocsin_order_to_first_sms_seconds_bucket\{le="([^"]+)",.*simulated="false"/

  /** Sums the buckets of real alerts by bound; undefined: no series. */
  function bucketsOf(samples: Map<string, number>): Map<number, number> {
    const sums = new Map<number, number>()
    for (const [series, value] of samples) {
      const [, bound] = BUCKET.exec(series) ?? []
      if (bound === undefined) continue
      const le = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
      sums.set(le, (sums.get(le) ?? 0) + value)
    }
    return sums
  }

  test('raises the 95th percentile of a process that has just started', async () => {
    const fresh = await buildWorkerServer(deps, () => true)
    try {
      const before = bucketsOf(parseSamples((await scrape(fresh, `Bearer ${TOKEN}`)).body))
      expect(new Set(before.values())).toEqual(new Set([0]))
      await seedSlowBroadcast()
      const after = bucketsOf(parseSamples((await scrape(fresh, `Bearer ${TOKEN}`)).body))
      // TocsinFirstSmsSlow computes an increase, which needs the series in both readings.
      const increases = [...after]
        .filter(([le]) => before.has(le))
        .map(([le, value]) => [le, value - before.get(le)!] as const)
        .toSorted(([a], [b]) => a - b)
      const total = increases.at(-1)?.[1] ?? 0
      expect(total).toBe(1)
      const at = increases.findIndex(([, count]) => count >= 0.95 * total)
      expect(increases[at - 1]?.[0]).toBeGreaterThanOrEqual(5)
    } finally {
      await fresh.close()
    }
  })

  test('each severity has a series for each gateway before its first event', async () => {
    const samples = parseSamples((await scrape(worker, `Bearer ${TOKEN}`)).body)
    for (const severity of ['vital', 'alert', 'notice']) {
      const at = `severity="${severity}",simulated="false"`
      expect(samples.has(`tocsin_call_to_order_seconds_count{${at}}`)).toBe(true)
      expect(samples.has(`tocsin_order_to_first_sms_seconds_count{${at},route="smpp"}`)).toBe(true)
      expect(samples.get(`tocsin_order_to_all_accepted_seconds_count{${at},route="smpp"}`)).toBe(0)
    }
  })

  /** Seeds a real alert whose first SMS left ten seconds after the order. */
  async function seedSlowBroadcast(): Promise<void> {
    const { db } = database
    const id = idOf(9)
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
      values ('ac63', ${id}, 'counterfeit', '63178', now() - interval '2 minutes', now(), 'broadcast', now(), now(), 'x')`.execute(
      db,
    )
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label,
        trades, simulated, state, expires_at, created_at, created_by)
      values ('ac63', ${id}, '63-26-0009', ${id}, 'counterfeit', 'vital', 'x', '{"kind":"scheme"}', 'x', '{}', false,
        'broadcasting', now(), now(), 'x')`.execute(db)
    await sql`insert into broadcasts (scheme_id, id, alert_id, text, encoding, parts, sender, lane, simulated, state,
        valid_until, ordered_at, first_submit_at, ordered_by, planned, accepted)
      values ('ac63', ${id}, ${id}, 'x', 'GSM-7', 1, 'ALERTE63', 'alert', false, 'settling', now(),
        now() - interval '20 seconds', now() - interval '10 seconds', 'x', 2, 2)`.execute(db)
    // The first of the two numbers had left the scheme.
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway)
      values ('ac63', ${id}, 1, ${idOf(1)}, ${idOf(1)}, '+33600000001', '63178', 'jewellers', 'withdrawn', null),
        ('ac63', ${id}, 2, ${idOf(2)}, ${idOf(2)}, '+33600000002', '63178', 'jewellers', 'accepted', 'smpp')`.execute(
      db,
    )
  }
})
