import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AGES, type Age } from './ages.ts'
import { benchAudience } from './audience.ts'
import { createContext } from './context.ts'
import { benchContractRates, RATES } from './contract-rates.ts'
import { benchDesk } from './desk.ts'
import { benchFanOut } from './fan-out.ts'
import { benchFirstLoad } from './first-load.ts'
import { benchLatency } from './latency.ts'
import { benchMemory } from './memory.ts'
import { benchOvertake } from './overtake.ts'
import { benchPeers } from './peers.ts'
import { drawLatency, drawThroughput } from './plot.ts'
import { benchRestart } from './restart.ts'
import { type BenchResults, result } from './result.ts'
import { benchScreens } from './screens.ts'
import { benchSmppClient } from './smpp-client.ts'
import { benchStatistics } from './statistics.ts'
import { benchStorm } from './storm.ts'

const USAGE = `npm run bench -- [options]
  --only F1,F3    promises to measure (F1 to F9, F11, F12, D1 to D3, L1, S1; default: all but S1)
  --runs N        runs of each measure (3)
  --ages fresh    ledgers on which to measure F1, F3, F4, F6 and F9 (fresh,aged)
  --rates 1000    contracts of S1, in parts a second (1000,300,100; with --quick 1000)
  --databases postgres   (embedded,postgres)
  --encryption on   numbers stored under pseudonyms (off)
  --quick         a fifth of the recipients, a tenth of the national base, a third of the aged ledger
  --json          one JSON object on stdout and nothing else; what could not be measured is under "skipped"
  --plot FOLDER   also writes the figures as results.json and the plots drawn from them
  --from FILE     takes the figures of a results.json in place of measuring
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '3' },
    ages: { type: 'string', default: AGES.join() },
    databases: { type: 'string', default: 'embedded,postgres' },
    rates: { type: 'string' },
    encryption: { type: 'string', default: 'off' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    plot: { type: 'string' },
    from: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const KNOWN = [
  'F1',
  'F2',
  'F3',
  'F4',
  'F5',
  'F6',
  'F7',
  'F8',
  'F9',
  'F11',
  'F12',
  'D1',
  'D2',
  'D3',
  'L1',
  'S1',
]
const only =
  values.only?.split(',').map((name) => name.trim().toUpperCase()) ?? KNOWN.filter((name) => name !== 'S1')
const runs = Number(values.runs)
const DATABASES = ['embedded', 'postgres'] as const
const ages = AGES.filter((age: Age) => values.ages.split(',').includes(age))
const rates = values.rates?.split(',').map(Number) ?? (values.quick ? RATES.slice(0, 1) : RATES)
const databases = DATABASES.filter((kind) => values.databases.split(',').includes(kind))
if (
  ages.length === 0 ||
  databases.length === 0 ||
  rates.some((rate) => !RATES.includes(rate)) ||
  values.help ||
  !['on', 'off'].includes(values.encryption) ||
  only.some((name) => !KNOWN.includes(name)) ||
  !Number.isInteger(runs) ||
  runs < 1
) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}

// Read by each database that the measures open.
process.env.TOCSIN_TEST_ENCRYPTION = values.encryption

type Output = BenchResults & { skipped?: Record<string, string> }

async function measure(): Promise<{ results: BenchResults; skipped: Readonly<Record<string, string>> }> {
  const wants = (...names: string[]) => names.some((name) => only.includes(name))
  const context = createContext({
    runs,
    quick: values.quick,
    ages,
    rates,
    print: (line) => process.stderr.write(`${line}\n`),
  })
  const results: BenchResults = {}
  try {
    if (wants('F2')) {
      const client = await benchSmppClient({
        runs,
        ...(values.quick ? { messages: 100_000, peerMessages: 10_000 } : {}),
      })
      context.print(`F2: ${client.ours}/s, smpp package ${client.peer}/s`)
      results['F2.client'] = result(client.ours, 'submits/s', 200_000, 'atLeast', client.runs)
      results['F2.peer'] = result(client.ratio, 'x the smpp package', 10, 'atLeast', [])
    }
    for (const kind of databases) {
      if (wants('F1', 'F6')) Object.assign(results, await benchFanOut(context, kind))
      if (wants('F3')) Object.assign(results, await benchLatency(context, kind))
      if (wants('F4')) Object.assign(results, await benchOvertake(context, kind))
      if (wants('F5')) Object.assign(results, await benchAudience(context, kind))
      if (wants('D1', 'D2')) {
        const desk = { table: wants('D1'), import: wants('D2') }
        Object.assign(results, await benchDesk(context, kind, desk))
      }
      if (wants('F12')) Object.assign(results, await benchScreens(context, kind))
      if (wants('L1')) Object.assign(results, await benchRestart(context, kind))
      if (wants('F9')) Object.assign(results, await benchStorm(context, kind))
    }
    if (wants('F7')) Object.assign(results, await benchPeers(context))
    if (wants('S1')) Object.assign(results, await benchContractRates(context))
    if (wants('D3')) Object.assign(results, await benchStatistics(context))
    if (wants('F11')) Object.assign(results, await benchMemory(context))
    if (wants('F8')) Object.assign(results, await benchFirstLoad(context))
  } finally {
    await context.close()
  }
  return { results, skipped: context.skipped }
}

function readResults(file: string): { results: BenchResults; skipped: Readonly<Record<string, string>> } {
  const { skipped = {}, ...results } = JSON.parse(readFileSync(file, 'utf8')) as Output
  return { results, skipped }
}

const { results, skipped } = values.from === undefined ? await measure() : readResults(values.from)
const named = Object.entries(results).filter(([name]) => only.includes(name.slice(0, name.indexOf('.'))))
const output = {
  ...Object.fromEntries(named),
  ...(Object.keys(skipped).length === 0 ? {} : { skipped }),
}
if (values.plot !== undefined) {
  mkdirSync(values.plot, { recursive: true })
  const files = {
    'results.json': `${JSON.stringify(output, undefined, 2)}\n`,
    'throughput.svg': drawThroughput(Object.fromEntries(named)),
    'latency.svg': drawLatency(Object.fromEntries(named)),
  }
  for (const [name, text] of Object.entries(files)) {
    if (text !== undefined) writeFileSync(join(values.plot, name), text)
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(output)}\n`)
else {
  for (const [name, { value, unit, target, holds }] of named) {
    process.stdout.write(
      `${holds ? 'holds ' : 'MISSED'} ${name.padEnd(26)} ${value} ${unit} (target ${target})\n`,
    )
  }
  for (const [name, reason] of Object.entries(skipped)) {
    process.stdout.write(`skipped ${name.padEnd(25)} ${reason}\n`)
  }
}
