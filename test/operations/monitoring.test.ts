import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GatewayReport } from '../../src/deliveries/contract.ts'
import type { Deps } from '../../src/deps.ts'
import type { Database } from '../../src/platform/db.ts'
import type { App } from '../../src/platform/http/http.ts'
import { buildWorkerServer } from '../../src/start/worker-server.ts'
import { testDatabase } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { idOf, seedSchemes } from '../support/fixtures.ts'
import { findInstalled } from '../support/installed.ts'
import { freePort } from '../support/postgres.ts'
import { beat, gatewayReport } from '../support/routes.ts'
import { PRODUCTION, testConfig } from '../support/server.ts'

const TOKEN = 'only-for-this-test'
const RULES = readFileSync(new URL('../../deploy/monitoring/tocsin-rules.yml', import.meta.url), 'utf8')
const DASHBOARD = readFileSync(
  new URL('../../deploy/monitoring/tocsin-dashboard.json', import.meta.url),
  'utf8',
)
const FRENCH_DASHBOARD = readFileSync(
  new URL('../../deploy/monitoring/tocsin-dashboard.fr.json', import.meta.url),
  'utf8',
)
const prometheus = findInstalled('prometheus')

let database: Database
let app: App
let port: number
let isDatabaseDown = false
let isReady = true

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  const config = testConfig({ ...PRODUCTION, TOCSIN_METRICS_TOKEN: TOKEN })
  const deps = testDeps(database, { config })
  app = await buildWorkerServer({ ...deps, db: failingWhenDown(database.db) }, () => isReady)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  await beat(database.db, { id: 1, gateways: [SIMULATOR, gatewayReport(TROUBLED)] })
  await plantWork()
  // Timed, so that its histogram has a series.
  await app.inject('/healthz')
})
afterAll(async () => {
  await app?.close()
  await database.close()
})

function failingWhenDown(db: Deps['db']): Deps['db'] {
  return db.withPlugin({
    transformQuery({ node }) {
      if (isDatabaseDown) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
      return node
    },
    transformResult: async ({ result }) => result,
  })
}

/** Lists the names of metrics in an expression: what is followed by labels, a range or nothing, and no function. */
const namesIn = (text: string) => new Set(text.match(/\b(?:tocsin|nodejs|process)_[a-z0-9_]+/g) ?? [])

test('rules and dashboard use only figures that a process reports', async () => {
  const { body } = await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${TOKEN}` } })
  const reported = new Set([...body.matchAll(/^([a-z0-9_]+)(?:\{| )/gm)].map(([, name]) => name))
  const used = new Set([...namesIn(RULES), ...namesIn(DASHBOARD)])
  expect(used.size).toBeGreaterThan(20)
  expect([...used].filter((name) => !reported.has(name))).toEqual([])
})

const ALERTS = [...RULES.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string)

test('each rule says in French what it says in English, and names pages and headings that exist', () => {
  const rules = RULES.split('- alert: ').slice(1)
  expect(rules).toHaveLength(ALERTS.length)
  for (const rule of rules) {
    const annotations = new Map(
      [...rule.matchAll(/^ {10}(summary|do|summary_fr|do_fr): (.+)$/gm)].map(([, name, text = '']) => [
        name,
        text,
      ]),
    )
    const name = rule.split('\n')[0]
    expect([...annotations.keys()], name).toEqual(['summary', 'do', 'summary_fr', 'do_fr'])
    const variablesOf = (key: string) =>
      annotations
        .get(key)
        ?.match(/\{\{.*?\}\}/g)
        ?.toSorted()
    expect(variablesOf('summary_fr'), name).toEqual(variablesOf('summary'))
    for (const key of ['do', 'do_fr']) {
      const [, page, heading] =
        /(docs\/\S+\.md)(?:, (?:"|«\u00a0)(.+?)(?:"|\u00a0»))?/.exec(annotations.get(key) ?? '') ?? []
      if (page === undefined) continue
      expect(page.endsWith('.fr.md'), name).toBe(key === 'do_fr')
      expect(readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8'), name).toContain(heading ?? '#')
    }
  }
})

test('the French dashboard differs from the English one by its words only', () => {
  const WORDS = new Set(['title', 'description', 'label', 'legendFormat', 'uid'])
  const withoutWords = (text: string) =>
    JSON.parse(text, (key, value) => (WORDS.has(key) && typeof value === 'string' ? '' : value))
  expect(withoutWords(FRENCH_DASHBOARD)).toEqual(withoutWords(DASHBOARD))
  const titles = (text: string) => [...text.matchAll(/"title": "(.*)"/g)].map(([, title]) => title)
  const same = titles(DASHBOARD).filter((title, at) => title === titles(FRENCH_DASHBOARD)[at])
  expect(same.toSorted()).toEqual(['Routes', 'Tocsin'])
})

/** A gateway with every trouble that a figure of the moment shows. */
const TROUBLED: Parameters<typeof gatewayReport>[0] = {
  state: 'down',
  circuit: 'open',
  recentReceipts: { received: 50, unknown: 20 },
  laneTimes: { alert: { counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], seconds: 1 } },
}

/** The simulator of exercises, which always works. */
const SIMULATOR = gatewayReport({ name: 'simulator', simulated: true })

/** Plants what waits too long: an approval, a mail, a service SMS, jobs, a message, codes that are spent. */
async function plantWork(): Promise<void> {
  const { db } = database
  await addBroadcast(1)
  await sql`insert into outbox (scheme_id, id, channel, address, template, values, created_at, created_by, valid_until)
    values ('ac63', ${idOf(1)}, 'mail', 'x@example.org', 'mail.codes.low', '{}', now() - interval '1 hour', 'x', now() + interval '1 hour'),
      ('ac63', ${idOf(2)}, 'sms', '+33600000001', 'mail.codes.low', '{}', now() - interval '1 hour', 'x', now() + interval '1 hour')`.execute(
    db,
  )
  await sql`insert into pgboss.job (name, state, start_after, completed_on) values
    ('mail.send', 'created', now() - interval '10 minutes', null),
    ('mail.send', 'failed', now() - interval '1 hour', now() - interval '1 minute')`.execute(db)
  await sql`insert into one_time_codes (scheme_id, id, purpose, subject, phone_hash, address_hash, created_at, expires_at,
      sent_at, next_at, budget, cost_millicents)
    values ('ac63', ${idOf(1)}, 'enrolment', ${idOf(1)}, 'x', 'x', now(), now(), now(), now(), 'join', 1e9)`.execute(
    db,
  )
  await sql`insert into "user" (id, name, email, email_verified, created_at, updated_at)
    values ('sealed', 'x', 'sealed@example.org', false, now(), now())`.execute(db)
  await sql`insert into break_glass_seals (no, sealed_at, sealed_by, sealed_name) values (1, now(), 'x', 'x')`.execute(
    db,
  )
  await sql`insert into break_glass_openings (id, seal_no, user_id, first_name, second_name, reason, drill, opened_at, ends_at)
    values (${idOf(1)}, 1, 'sealed', 'x', 'x', 'x', true, now(), now() + interval '1 hour')`.execute(db)
}

/**
 * Adds an alert that has messages waiting for two minutes, and is submitted again.
 * @param firstSeconds from its order to its first SMS; absent: none has left
 */
async function addBroadcast(n: number, firstSeconds?: number): Promise<void> {
  const { db } = database
  await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
    values ('ac63', ${idOf(n)}, 'counterfeit', '63178', now() - interval '1 hour', now(), 'broadcast', now(), now(), 'x')`.execute(
    db,
  )
  await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label,
      trades, simulated, state, expires_at, created_at, created_by, submitted_at, submitted_hash)
    values ('ac63', ${idOf(n)}, ${`63-26-${n}`}, ${idOf(n)}, 'counterfeit', 'alert', 'x', '{"kind":"scheme"}', 'x', '{}',
      false, 'submitted', now(), now(), 'x', now() - interval '10 minutes', 'h')`.execute(db)
  await sql`insert into broadcasts (scheme_id, id, alert_id, text, encoding, parts, sender, lane, simulated, state,
      valid_until, ordered_at, first_submit_at, ordered_by, planned, delivered)
    values ('ac63', ${idOf(n)}, ${idOf(n)}, 'x', 'GSM-7', 1, 'ALERTE63', 'alert', false, 'running', now() + interval '1 hour',
      now() - interval '2 minutes', now() - interval '2 minutes' + ${firstSeconds ?? null}::float8 * interval '1 second', 'x', 100, 10)`.execute(
    db,
  )
  if (firstSeconds === undefined) return
  await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway)
    values ('ac63', ${idOf(n)}, 1, ${idOf(1)}, ${idOf(1)}, '+33600000001', '63178', 'jewellers', 'delivered', 'smpp')`.execute(
    db,
  )
}

interface Fired {
  readonly data: { readonly alerts: readonly { labels: { alertname: string }; state: string }[] }
}

describe.skipIf(prometheus === undefined || process.env.TOCSIN_SOAK === undefined)(
  'a Prometheus that loads the rules',
  () => {
    let directory: string
    let process: ChildProcess
    let url: string
    const fired = new Set<string>()

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'tocsin-prometheus-'))
      const own = await freePort()
      url = `http://127.0.0.1:${own}`
      // The durations of the rules are for people; what they compare is not changed.
      writeFileSync(join(directory, 'rules.yml'), RULES.replaceAll(/^( *for: ).*$/gm, '$10s'))
      writeFileSync(
        join(directory, 'prometheus.yml'),
        `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: tocsin
    authorization: { credentials: ${TOKEN} }
    static_configs: [{ targets: ['127.0.0.1:${port}', '127.0.0.1:1'] }]
`,
      )
      process = spawn(
        prometheus as string,
        [
          `--config.file=${directory}/prometheus.yml`,
          `--storage.tsdb.path=${directory}/data`,
          `--web.listen-address=127.0.0.1:${own}`,
        ],
        { stdio: 'ignore' },
      )
    })
    afterAll(async () => {
      if (process.exitCode === null) {
        process.kill('SIGTERM')
        await new Promise((ended) => process.once('exit', ended))
      }
      rmSync(directory, { recursive: true, force: true })
    })

    /** Polls until these alerts have fired, changing the figures each second meanwhile. */
    async function untilFired(names: readonly string[], everySecond: (second: number) => Promise<unknown>) {
      let second = 0
      await expect
        .poll(
          async () => {
            await everySecond(second++)
            const answer = await fetch(`${url}/api/v1/alerts`).catch(() => undefined)
            if (answer?.ok) {
              const { data } = (await answer.json()) as Fired
              for (const { labels, state } of data.alerts) if (state === 'firing') fired.add(labels.alertname)
            }
            return names.filter((name) => !fired.has(name))
          },
          { interval: 1000, timeout: 90_000 },
        )
        .toEqual([])
    }

    const AT_THE_END = ['TocsinDatabaseDown', 'TocsinNoWorker']

    test('sees each rule fire', async () => {
      await untilFired(
        ALERTS.filter((name) => !AT_THE_END.includes(name)),
        async (second) => {
          isReady = second % 2 === 0
          await fetch(`http://127.0.0.1:${port}/readyz`)
          // One slow alert is enough, once its series was read at 0: a département has few in an hour.
          if (second === 5) await addBroadcast(2, 10)
          block(600)
          await beat(database.db, { id: 1, gateways: [SIMULATOR, gatewayReport(reportAt(second))] })
        },
      )
      await sql`update workers set beat_at = now() - interval '1 hour'`.execute(database.db)
      await untilFired(['TocsinNoWorker'], async () => undefined)
      isDatabaseDown = true
      await untilFired(['TocsinDatabaseDown'], async () => undefined)
      isDatabaseDown = false
      expect([...fired].sort()).toEqual([...ALERTS].sort())
    })

    /** Occupies the process, as a long computation would. */
    function block(ms: number): void {
      const end = performance.now() + ms
      while (performance.now() < end);
    }

    /** The same gateway some seconds later: slow answers, refusals, no receipts. */
    function reportAt(second: number): Partial<GatewayReport> {
      const accepted = second * 100
      const totals = gatewayReport().totals
      return {
        ...TROUBLED,
        totals: {
          ...totals,
          submitted: accepted * 1.1,
          accepted,
          refused: accepted * 0.1,
          answerMs: accepted * 3000,
        },
      }
    }
  },
)
