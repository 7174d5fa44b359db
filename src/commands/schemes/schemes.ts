import { parseArgs } from 'node:util'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { formatMessage, formatProblem } from '../../i18n/format.ts'
import type { Actor } from '../../permissions.ts'
import { listSchemes, loadScheme } from '../../schemes/actions.ts'
import { createScheme, exportScheme } from '../../schemes/file/create.ts'
import { parseJsonFile } from '../../schemes/file/read.ts'
import { readyMade } from '../../schemes/ready-made.ts'
import { allowAnySignIn } from '../../schemes/settings/access.ts'
import { type CommandIo, dataCommand, readClaim } from '../command.ts'

const actor = { kind: 'system', name: 'cli' } as const satisfies Actor
const ALL = 'all'

interface CreateCall {
  readonly verb: 'create'
  readonly file: string
  readonly from: string | undefined
  readonly id: string | undefined
  readonly dryRun: boolean
  readonly json: boolean
  readonly as: string | undefined
}
type Call =
  | { readonly verb: 'list' }
  | { readonly verb: 'load'; readonly codes: readonly string[] }
  | { readonly verb: 'export'; readonly code: string }
  | { readonly verb: 'any-sign-in'; readonly code: string; readonly as: string | undefined }
  | CreateCall

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const CREATE_OPTIONS = { file: text, from: text, id: text, as: text, 'dry-run': flag, json: flag }

/** @returns undefined when the call is malformed */
function parseCall([verb, ...args]: readonly string[]): Call | undefined {
  if (verb === 'create') return parseCreate(args)
  if (verb === 'any-sign-in') {
    const [code, option, as, ...more] = args
    const isGiven = option === '--as' && as !== undefined && more.length === 0
    if (code === undefined || code.startsWith('-') || !(isGiven || args.length === 1)) return undefined
    return { verb, code, as }
  }
  if (args.some((code) => code.startsWith('-'))) return undefined
  if (verb === 'list' && args.length === 0) return { verb }
  if (verb === 'load' && args.length > 0) return { verb, codes: args }
  const [code] = args
  return verb === 'export' && code !== undefined && args.length === 1 ? { verb, code } : undefined
}

function parseCreate(args: readonly string[]): CreateCall | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: CREATE_OPTIONS })
    const { file, from, id, as, json, 'dry-run': dryRun } = values
    return file === undefined ? undefined : { verb: 'create', file, from, id, dryRun, json, as }
  } catch {
    // The usage line says everything that the error of parseArgs would.
    return undefined
  }
}

/** `tocsin schemes`: lists, loads, creates and exports schemes, and lifts the sign-in that one requires. */
export const schemesCommand = dataCommand({
  usage: (lang) =>
    formatMessage(lang, 'cli.schemes.usage', {
      codes: [...readyMade.map((scheme) => scheme.id), ALL].join('|'),
    }),
  parse: parseCall,
  files: (call) => (call.verb === 'create' ? [call.file] : []),
  reads: (call) => call.verb === 'list' || call.verb === 'export' || (call.verb === 'create' && call.dryRun),
  async run(deps, call, files, io) {
    switch (call.verb) {
      case 'list':
        await printSchemes(deps, io)
        return 0
      case 'load':
        await loadSchemes(
          deps,
          call.codes.includes(ALL) ? readyMade.map((scheme) => scheme.id) : call.codes,
          io,
        )
        return 0
      case 'create':
        return createFromFile(deps, call, files.get(call.file) ?? new Uint8Array(), io)
      case 'export':
        io.stdout(`${JSON.stringify(await exportScheme(deps, actor, call.code), null, 2)}\n`)
        return 0
      case 'any-sign-in':
        await allowAnySignIn(deps, { ...actor, ...readClaim(deps, call.as) }, call.code)
        io.stdout(`${formatMessage(io.lang, 'cli.schemes.anySignIn', { id: call.code })}\n`)
        return 0
    }
  },
})

/** Creates a scheme, or says what its file would give; with `--json`, problems are one object too. */
async function createFromFile(
  deps: Deps,
  { from, id, dryRun, json, as }: CreateCall,
  bytes: Uint8Array,
  io: CommandIo,
): Promise<number> {
  const by: Actor = dryRun ? actor : { ...actor, ...readClaim(deps, as) }
  try {
    const { created, ...figures } = await createScheme(deps, by, parseJsonFile(bytes), { from, id, dryRun })
    if (json) io.stdout(`${JSON.stringify({ ...figures, created, problems: [] }, null, 2)}\n`)
    else {
      const key = created ? 'cli.schemes.createdFromFile' : 'cli.schemes.checked'
      io.stdout(`${formatMessage(io.lang, key, { ...figures })}\n`)
    }
    return 0
  } catch (error) {
    if (!json || !(error instanceof AppError)) throw error
    const problems = error.problems.map((problem) => ({
      path: problem.path ?? null,
      code: problem.code,
      message: formatProblem(io.lang, problem),
    }))
    io.stdout(`${JSON.stringify({ created: false, code: error.code, problems }, null, 2)}\n`)
    return 1
  }
}

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
    const { id, name, created, kept } = await loadScheme(deps, actor, code)
    io.stdout(
      `${formatMessage(io.lang, created ? 'cli.schemes.created' : 'cli.schemes.updated', { id, name })}\n`,
    )
    if (kept.length > 0)
      io.stdout(`${formatMessage(io.lang, 'cli.schemes.kept', { names: kept.join(', ') })}\n`)
  }
}
