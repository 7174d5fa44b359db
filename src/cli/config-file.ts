import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from '../config.ts'
import { AppError, type Problem } from '../errors.ts'
import { reasonOf } from '../platform/process/secret-file.ts'

const OPTION = '--config'
const VARIABLE = 'TOCSIN_CONFIG'

/** A command line with its settings. */
export interface Invocation {
  /** The arguments without the file of settings. */
  readonly args: readonly string[]
  /** The settings of the file, replaced by those of the environment; TOCSIN_CONFIG names the file. */
  readonly env: Environment
  /** Path of the file; undefined: settings come from the environment alone. */
  readonly file: string | undefined
  /** Names of the settings in the file. */
  readonly names: readonly string[]
}

/**
 * Reads the file of settings that `--config FILE` or TOCSIN_CONFIG names: lines NAME=value, as in an EnvironmentFile of systemd or a
 * .env file. A variable of the environment replaces it, also by an empty value, which counts as absent.
 * @throws AppError `invalid_file` when it cannot be read, `config_invalid` when a line is not clear, `usage` when the option has no
 * value
 */
export function readInvocation(args: readonly string[], env: Environment): Invocation {
  const { rest, file = env[VARIABLE] || undefined } = takeOption(args)
  if (file === undefined) return { args: rest, env, file, names: [] }
  const text = readText(file)
  requireClearLines(text)
  const settings = parseEnv(text) as Record<string, string>
  return { args: rest, env: { ...settings, ...env, [VARIABLE]: file }, file, names: Object.keys(settings) }
}

function takeOption(args: readonly string[]): { readonly rest: readonly string[]; readonly file?: string } {
  const at = args.findIndex((arg) => arg === OPTION || arg.startsWith(`${OPTION}=`))
  const given = args[at]
  if (given === undefined) return { rest: args }
  const isSplit = given === OPTION
  const file = isSplit ? args[at + 1] : given.slice(OPTION.length + 1)
  if (!file) throw new AppError('usage', { values: { usage: 'tocsin --config FILE …' } })
  return { rest: args.toSpliced(at, isSplit ? 2 : 1), file }
}

/** A comment or nothing; a value in quotes, which may have several lines; a value as it is. */
const LINE =
  /^(?<other>[^\S\n]*(?:#.*)?)$|^[^\S\n]*(?:export[^\S\n]+)?(?<name>[\w.-]+)[^\S\n]*=[^\S\n]*(?:(?:"[^"]*"|'[^']*'|`[^`]*`).*|(?<value>.*))$|^.+$/gm

/**
 * Refuses what would be read otherwise than it is meant: a value without quotes is cut at a `#`, which for systemd is a part of
 * it, and a line without `=` is left out.
 * @throws AppError `config_invalid` with every such line
 */
function requireClearLines(text: string): void {
  const problems: Problem[] = []
  for (const { groups = {}, index } of text.matchAll(LINE)) {
    const { other, name, value } = groups
    const line = text.slice(0, index).split('\n').length
    if (name === undefined && other === undefined)
      problems.push({ code: 'config.line', path: String(line), values: { line } })
    else if (name !== undefined && value?.includes('#'))
      problems.push({ code: 'config.hash', path: name, values: { name, line } })
  }
  if (problems.length > 0) throw new AppError('config_invalid', { problems })
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const problem = { code: 'cli.file', path: file, values: { file, reason: reasonOf(error) } } as const
    throw new AppError('invalid_file', {
      values: { file, problems: 1 },
      problems: [problem],
      cause: error,
    })
  }
}
