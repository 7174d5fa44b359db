import type { Deps } from '../deps.ts'
import { formatMessage } from '../i18n/format.ts'
import type { Actor } from '../permissions.ts'
import { listSchemes, loadScheme } from '../schemes/actions.ts'
import { readyMade } from '../schemes/ready-made.ts'
import { type CommandIo, dataCommand } from './command.ts'

const actor: Actor = { kind: 'system', name: 'cli' }
const ALL = 'all'

/** `tocsin schemes list` and `tocsin schemes load CODE…|all`. */
export const schemesCommand = dataCommand({
  usage: () =>
    `tocsin schemes list | tocsin schemes load ${[...readyMade.map((scheme) => scheme.id), ALL].join('|')}`,
  parse([verb, ...codes]) {
    if (codes.some((code) => code.startsWith('-'))) return undefined
    if (verb === 'list' && codes.length === 0) return { verb, codes } as const
    if (verb === 'load' && codes.length > 0) return { verb, codes } as const
    return undefined
  },
  reads: ({ verb }) => verb === 'list',
  async run(deps, { verb, codes }, _files, io) {
    if (verb === 'list') await printSchemes(deps, io)
    else await loadSchemes(deps, codes.includes(ALL) ? readyMade.map((scheme) => scheme.id) : codes, io)
    return 0
  },
})

async function printSchemes(deps: Deps, io: CommandIo): Promise<void> {
  const row = (id: string, name: string, text: string) =>
    io.stdout(`${id.padEnd(8)} ${name.padEnd(28)} ${text}\n`)
  const loaded = await listSchemes(deps, actor)
  for (const { id, name, members } of loaded)
    row(id, name, formatMessage(io.lang, 'cli.schemes.members', { count: members }))
  for (const { id, name } of readyMade) {
    if (!loaded.some((one) => one.id === id))
      row(id, name, formatMessage(io.lang, 'cli.schemes.notLoaded', { id }))
  }
}

async function loadSchemes(deps: Deps, codes: readonly string[], io: CommandIo): Promise<void> {
  for (const code of codes) {
    const { id, name, created } = await loadScheme(deps, actor, code)
    io.stdout(
      `${formatMessage(io.lang, created ? 'cli.schemes.created' : 'cli.schemes.updated', { id, name })}\n`,
    )
  }
}
