import type { Deps } from '../deps.ts'
import { formatMessage } from '../i18n/format.ts'
import type { Actor } from '../permissions.ts'
import { allowAnySignIn } from '../schemes/access.ts'
import { listSchemes, loadScheme } from '../schemes/actions.ts'
import { readyMade } from '../schemes/ready-made.ts'
import { type CommandIo, dataCommand, readClaim } from './command.ts'

const actor = { kind: 'system', name: 'cli' } as const satisfies Actor
const ALL = 'all'

type Call =
  | { readonly verb: 'list' }
  | { readonly verb: 'load'; readonly codes: readonly string[] }
  | { readonly verb: 'any-sign-in'; readonly code: string; readonly as: string | undefined }

/** `tocsin schemes list`, `tocsin schemes load CODE…|all` and `tocsin schemes any-sign-in CODE`. */
export const schemesCommand = dataCommand({
  usage: () =>
    `tocsin schemes list | tocsin schemes load ${[...readyMade.map((scheme) => scheme.id), ALL].join('|')} | tocsin schemes any-sign-in CODE --as "…"`,
  parse([verb, ...args]): Call | undefined {
    if (verb === 'any-sign-in') {
      const [code, option, as, ...more] = args
      const isGiven = option === '--as' && as !== undefined && more.length === 0
      if (code === undefined || code.startsWith('-') || !(isGiven || args.length === 1)) return undefined
      return { verb, code, as }
    }
    if (args.some((code) => code.startsWith('-'))) return undefined
    if (verb === 'list' && args.length === 0) return { verb }
    if (verb === 'load' && args.length > 0) return { verb, codes: args }
    return undefined
  },
  reads: ({ verb }) => verb === 'list',
  async run(deps, call, _files, io) {
    if (call.verb === 'list') await printSchemes(deps, io)
    else if (call.verb === 'load') {
      const codes = call.codes.includes(ALL) ? readyMade.map((scheme) => scheme.id) : call.codes
      await loadSchemes(deps, codes, io)
    } else {
      await allowAnySignIn(deps, { ...actor, ...readClaim(deps, call.as) }, call.code)
      io.stdout(`${formatMessage(io.lang, 'cli.schemes.anySignIn', { id: call.code })}\n`)
    }
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
