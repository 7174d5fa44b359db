import { AppError } from '../errors.ts'
import { say } from '../messages/say.ts'
import type { Actor } from '../permissions.ts'
import { listSchemes, loadScheme } from '../schemes/actions.ts'
import { readyMade } from '../schemes/ready-made.ts'
import type { DataCommand } from './command.ts'

const actor: Actor = { kind: 'system', name: 'cli' }

/** `tocsin schemes load CODE|all`, `tocsin schemes list`. */
export const schemesCommand: DataCommand = {
  files: () => [],
  async run(deps, args, _files, io) {
    const [verb, code, ...rest] = args
    if (verb === 'list' && code === undefined) {
      const loaded = await listSchemes(deps, actor)
      const known = readyMade.filter((scheme) => !loaded.some((one) => one.id === scheme.id))
      for (const { id, name, members } of loaded) {
        io.stdout(
          `${id.padEnd(8)} ${name.padEnd(28)} ${say(io.lang, 'cli.schemes.members', { count: members })}\n`,
        )
      }
      for (const { id, name } of known) {
        io.stdout(`${id.padEnd(8)} ${name.padEnd(28)} ${say(io.lang, 'cli.schemes.notLoaded', { id })}\n`)
      }
      return 0
    }
    if (verb === 'load' && code !== undefined && rest.length === 0) {
      const codes = code === 'all' ? readyMade.map((scheme) => scheme.id) : [code]
      for (const one of codes) {
        const { id, name, created } = await loadScheme(deps, actor, one)
        io.stdout(`${say(io.lang, created ? 'cli.schemes.created' : 'cli.schemes.updated', { id, name })}\n`)
      }
      return 0
    }
    throw new AppError('usage', {
      values: {
        usage: `tocsin schemes list | tocsin schemes load ${readyMade.map((s) => s.id).join('|')}|all`,
      },
    })
  },
}
