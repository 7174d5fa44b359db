import { parseArgs } from 'node:util'
import { benchAudience } from './audience.ts'
import { createContext } from './context.ts'
import { benchFanOut } from './fan-out.ts'
import { benchLatency } from './latency.ts'
import { benchOvertake } from './overtake.ts'
import { type BenchResults, result } from './result.ts'
import { benchSmppClient } from './smpp-client.ts'

const USAGE = `npm run bench -- [options]
  --only F1,F3   promises to measure (F1 to F6; default: all)
  --runs N       runs of each measure (3)
  --quick        a fifth of the recipients, a tenth of the national base
  --json         one JSON object on stdout and nothing else
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const KNOWN = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6']
const only = values.only?.split(',').map((name) => name.trim().toUpperCase()) ?? KNOWN
const runs = Number(values.runs)
if (values.help || only.some((name) => !KNOWN.includes(name)) || !Number.isInteger(runs) || runs < 1) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}

const wants = (...names: string[]) => names.some((name) => only.includes(name))
const context = createContext({ runs, quick: values.quick, say: (line) => process.stderr.write(`${line}\n`) })
const results: BenchResults = {}
try {
  if (wants('F2')) {
    const client = await benchSmppClient({
      runs,
      ...(values.quick ? { messages: 100_000, peerMessages: 10_000 } : {}),
    })
    context.say(`F2: ${client.ours}/s, smpp package ${client.peer}/s`)
    results['F2.client'] = result(client.ours, 'submits/s', 200_000, 'atLeast', client.runs)
    results['F2.peer'] = result(client.ratio, 'x the smpp package', 5, 'atLeast', [])
  }
  for (const kind of ['embedded', 'postgres'] as const) {
    if (wants('F1', 'F6')) Object.assign(results, await benchFanOut(context, kind))
    if (wants('F3')) Object.assign(results, await benchLatency(context, kind))
    if (wants('F4')) Object.assign(results, await benchOvertake(context, kind))
    if (wants('F5')) Object.assign(results, await benchAudience(context, kind))
  }
} finally {
  await context.close()
}

const named = Object.entries(results).filter(([name]) => only.includes(name.slice(0, 2)))
if (values.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(named))}\n`)
else {
  for (const [name, { value, unit, target, holds }] of named) {
    process.stdout.write(
      `${holds ? 'holds ' : 'MISSED'} ${name.padEnd(22)} ${value} ${unit} (target ${target})\n`,
    )
  }
}
