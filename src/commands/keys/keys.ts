import { parseArgs } from 'node:util'
import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import { countNumbers, rotateNumbers } from '../../encryption/rotate.ts'
import { countSealed, sealAnew } from '../../encryption/sealed-columns.ts'
import { formatMessage } from '../../i18n/format.ts'
import { acrossSchemes } from '../../platform/db.ts'
import { dataCommand } from '../command.ts'
import { formatTable } from '../table.ts'
import { SEALED_COLUMNS } from './sealed-columns.ts'

interface Call {
  readonly verb: 'status' | 'rotate'
  readonly json: boolean
}

function parseCall(args: readonly string[]): Call | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    })
    const [verb, ...rest] = positionals
    if (rest.length > 0 || (verb !== 'status' && verb !== 'rotate')) return undefined
    return { verb, json: values.json }
  } catch {
    return undefined
  }
}

/**
 * `tocsin keys status` prints how many values are under which key; `tocsin keys rotate` seals all under the current one, while
 * the program works. It can be interrupted and run again.
 */
export const keysCommand = dataCommand<Call>({
  usage: (lang) => formatMessage(lang, 'cli.keys.usage'),
  parse: parseCall,
  reads: ({ verb }) => verb === 'status',
  async run(deps, { verb, json }, _files, io) {
    const { cipher, db } = deps
    if (!cipher.isOn) {
      io.stderr(`${formatMessage(io.lang, 'cli.keys.off')}\n`)
      return 1
    }
    let rotated: number | undefined
    if (verb === 'rotate') {
      const label = formatMessage(io.lang, 'cli.keys.rotating')
      rotated = await rotateNumbers(deps, (done, total) => io.progress(label, done, total))
      rotated += await sealAnew(db, cipher, SEALED_COLUMNS)
      const key = cipher.currentKey ?? ''
      if (rotated > 0) {
        await acrossSchemes(db, (tx) =>
          recordAudit(tx, NO_SCHEME, deps.now(), {
            actor: 'system:command',
            action: 'keys.rotate',
            subject: 'keys',
            details: { key, values: rotated },
          }),
        )
      }
    }
    const use = [
      { column: 'numbers', counts: await countNumbers(db) },
      ...(await countSealed(db, SEALED_COLUMNS)),
    ]
    if (json) {
      io.stdout(`${JSON.stringify({ currentKey: cipher.currentKey, rotated, use })}\n`)
      return 0
    }
    if (rotated !== undefined)
      io.stdout(
        `${formatMessage(io.lang, 'cli.keys.rotated', { count: rotated, key: cipher.currentKey ?? '' })}\n`,
      )
    const head = ['place', 'key', 'values'].map((column) => formatMessage(io.lang, `cli.keys.${column}`))
    const clear = formatMessage(io.lang, 'cli.keys.clear')
    const rows = use.flatMap(({ column, counts }) =>
      Object.entries(counts).map(([key, values]) => [column, key === 'clear' ? clear : key, String(values)]),
    )
    io.stdout(formatTable(head, rows))
    return 0
  },
})
