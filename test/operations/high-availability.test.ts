import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ADDRESSES, fillIn } from '../../scripts/rehearse/cluster.ts'
import { type Act, findOutages } from '../../scripts/rehearse/probe.ts'
import { findBroken, type Result, writeReport } from '../../scripts/rehearse/report.ts'
import { findInstalled } from '../support/installed.ts'

const FOLDER = new URL('../../deploy/ha/', import.meta.url)
const PAGE = readFileSync(new URL('../../docs/runbook/high-availability.md', import.meta.url), 'utf8')
const files = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]))

test('the page explains every value of the files of deploy/ha, and no other', () => {
  const used = new Set([...files.values()].flatMap((text) => text.match(/(?<=\$\{)\w+(?=\})/g) ?? []))
  const explained = [...PAGE.matchAll(/^\| ((?:`[A-Z0-9_]+`(?:, )?)+) \|/gm)].flatMap(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  )
  expect(explained.toSorted()).toEqual([...used].toSorted())
  for (const name of files.keys()) expect(PAGE).toContain(name)
})

test('the files are understood once their values are filled in', () => {
  const values: Record<string, string> = { ...ADDRESSES, NODE: 'db1', ADDRESS: ADDRESSES.DB1, DATA: '/data' }
  for (const name of ['NETWORK', 'SUPERUSER', 'REPLICATION', 'REWIND', 'WEB'])
    values[name === 'NETWORK' ? name : `${name}_PASSWORD`] = 'x'
  const filled = (name: string) => fillIn(files.get(name) ?? '', values)
  expect(() => fillIn(files.get('etcd.yml') ?? '', {})).toThrow('no value for NODE')
  expect(parse(filled('patroni.yml'))).toMatchObject({
    bootstrap: { dcs: { synchronous_mode: true, ttl: 20 } },
    postgresql: { listen: '127.0.0.2:5432' },
  })
  expect(parse(filled('etcd.yml'))).toMatchObject({ name: 'db1' })
  expect(filled('pgbouncer.ini')).toMatch(/^pool_mode = transaction$/m)
  const haproxy = findInstalled('haproxy')
  if (haproxy === undefined) return
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-haproxy-'))
  try {
    const file = join(directory, 'haproxy.cfg')
    writeFileSync(file, filled('haproxy.cfg'))
    const { status, stderr, stdout } = spawnSync(haproxy, ['-c', '-f', file], { encoding: 'utf8' })
    expect(`${stderr}${stdout}`).not.toContain('WARNING')
    expect(status).toBe(0)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

const KINDS = ['primary', 'worker', 'web', 'pooler', 'machine'] as const

/** Acts each 200 ms, of which those in a span fail. */
function actsBut(fromMs = 0, toMs = 0): Act[] {
  return Array.from({ length: 600 }, (_, no) => {
    const atMs = no * 200
    return { atMs, ms: 20, isDone: !(atMs >= fromMs && atMs < toMs) }
  })
}

const kept: Result = {
  members: 10,
  seconds: 100,
  happenings: KINDS.map((kind, no) => ({ kind, atMs: 10_000 + no * 20_000 })),
  acts: actsBut(),
  confirmed: 600,
  missing: 0,
  received: 11,
  ledger: { problems: [], deliveries: 10, states: { delivered: 10 }, marked: 1, doubles: 1 },
}

test('measures the time without service from the first act that failed to the next that was done', () => {
  expect(findOutages(actsBut())).toEqual([])
  expect(findOutages(actsBut(11_000, 14_000))).toEqual([{ atMs: 11_000, ms: 3000, failed: 15 }])
  expect(findOutages(actsBut(110_000, 120_000))).toMatchObject([{ ms: Number.POSITIVE_INFINITY }])
})

test('a rehearsal that kept every promise says so, and each broken one is named', () => {
  expect(findBroken(kept)).toEqual([])
  const facts = { seed: 1, date: '2026-12-01', versions: {}, machine: '2 processors' }
  expect(writeReport(kept, facts)).toContain('Every promise was kept.')
  const lost = 'lost: 1 (+33600000001: 0 of 1)'
  const broken: [Partial<Result>, string][] = [
    [{ ledger: { ...kept.ledger, problems: [lost] } }, lost],
    [{ ledger: { ...kept.ledger, deliveries: 9 } }, '9 deliveries for 10 members'],
    [{ missing: 2 }, '2 calls were confirmed and are lost'],
    [{ happenings: kept.happenings.slice(1) }, 'not everything was rehearsed'],
    [
      { acts: actsBut(10_000, 25_200) },
      'PostgreSQL of the primary killed (SIGKILL): 15.2 s without service, not 15',
    ],
    [{ acts: actsBut(118_000, 120_000) }, 'Infinity s without service'],
  ]
  for (const [change, words] of broken) {
    const result = { ...kept, ...change }
    expect(findBroken(result).join('\n')).toContain(words)
    expect(writeReport(result, facts)).toContain(words)
  }
  // The machine takes longer, within its own limit.
  expect(findBroken({ ...kept, acts: actsBut(90_000, 112_000) })).toEqual([])
})
