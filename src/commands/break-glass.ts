import { parseArgs } from 'node:util'
import { closeBreakGlass } from '../break-glass/close.ts'
import type { BreakGlassOpening, BreakGlassStatus, SealedEnvelopes } from '../break-glass/contract.ts'
import { getBreakGlassStatus, sealBreakGlass } from '../break-glass/seal.ts'
import type { Deps } from '../deps.ts'
import { formatMessage } from '../i18n/format.ts'
import type { Actor } from '../permissions.ts'
import { type CommandIo, dataCommand, readClaim } from './command.ts'
import { formatInstant } from './table.ts'

const VERBS = ['status', 'seal', 'close'] as const

interface Call {
  readonly verb: (typeof VERBS)[number]
  readonly as: string | undefined
  readonly json: boolean
}

function parseCall([verb, ...args]: readonly string[]): Call | undefined {
  const known = VERBS.find((one) => one === verb)
  if (known === undefined) return undefined
  try {
    const { values } = parseArgs({
      args,
      options: { as: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    if (known === 'status' && values.as !== undefined) return undefined
    return { verb: known, as: values.as, json: values.json }
  } catch {
    // The usage line says everything that the error of parseArgs would.
    return undefined
  }
}

/** `tocsin break-glass status | seal | close`: the sealed account that lets people in again. */
export const breakGlassCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.break_glass.usage'),
  parse: parseCall,
  reads: ({ verb }) => verb === 'status',
  async run(deps, { verb, as, json }, _files, io) {
    if (verb === 'status') {
      const status = await getBreakGlassStatus(deps, { kind: 'system', name: 'cli' })
      if (json) writeJson(io, status)
      else writeStatus(io, status)
      return 0
    }
    const actor: Actor = { kind: 'system', name: 'cli', ...readClaim(deps, as) }
    if (verb === 'seal') {
      const sealed = await sealBreakGlass(deps, actor)
      if (json) writeJson(io, sealed)
      else writeEnvelopes(io, sealed)
    } else await closeBreakGlassAccount(deps, actor, json, io)
    return 0
  },
})

async function closeBreakGlassAccount(deps: Deps, actor: Actor, json: boolean, io: CommandIo): Promise<void> {
  await closeBreakGlass(deps, actor)
  if (json) writeJson(io, { closed: true })
  else io.stdout(`${formatMessage(io.lang, 'cli.break_glass.closed')}\n`)
}

function writeEnvelopes(io: CommandIo, { no, envelopes, address }: SealedEnvelopes): void {
  io.stdout(`${formatMessage(io.lang, 'cli.break_glass.sealed', { no })}\n\n`)
  for (const { envelope, code } of envelopes)
    io.stdout(`${formatMessage(io.lang, 'cli.break_glass.envelope', { envelope, code })}\n`)
  io.stdout(`\n${formatMessage(io.lang, 'cli.break_glass.where', { address })}\n`)
}

function writeStatus(io: CommandIo, { state, seal, openings, address }: BreakGlassStatus): void {
  const at = (instant: string | null) => (instant === null ? '' : formatInstant(io.lang, instant))
  const values = { no: seal?.no ?? 0, at: at(seal?.sealedAt ?? null), by: seal?.sealedBy ?? '' }
  io.stdout(
    `${formatMessage(io.lang, `cli.break_glass.state.${state}`, { ...values, broken: at(seal?.brokenAt ?? null) })}\n`,
  )
  if (state === 'sealed') io.stdout(`${formatMessage(io.lang, 'cli.break_glass.where', { address })}\n`)
  for (const opening of openings) io.stdout(`${lineOf(io, opening)}\n`)
}

function lineOf(io: CommandIo, opening: BreakGlassOpening): string {
  const { names, reason, drill, openedAt, endsAt, closedAt, closedWhy, closedBy, acts } = opening
  return formatMessage(io.lang, 'cli.break_glass.opening', {
    from: formatInstant(io.lang, openedAt),
    to: formatInstant(io.lang, closedAt ?? endsAt),
    first: names[0] ?? '',
    second: names[1] ?? '',
    reason,
    drill: String(drill),
    why: closedWhy ?? 'open',
    by: closedBy ?? 'none',
    acts: acts ?? 0,
  })
}

function writeJson(io: CommandIo, value: unknown): void {
  io.stdout(`${JSON.stringify(value, null, 2)}\n`)
}
