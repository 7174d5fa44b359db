import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Lang } from '../i18n/format.ts'
import { usageError } from './usage.ts'

/** Output of a command: the terminal, or the connection to the server that executes the command. */
export interface CommandIo {
  readonly lang: 'fr' | 'en'
  stdout(text: string): void
  stderr(text: string): void
  /** Draws or moves a progress bar; `done` = `total` ends it. `detail` is printed after the figures. */
  progress(label: string, done: number, total: number, detail?: string): void
  /** Takes the bytes of a file that the command makes; only where the caller writes one. Resolves once there is room for more. */
  bytes?(part: Uint8Array): Promise<void>
}

/**
 * A command on the data. It runs in this process when this process can open the database, and inside the running
 * server when that one holds the embedded database. It therefore reads no file and no environment variable itself.
 */
export interface DataCommand {
  /**
   * Lists the arguments that are files: the caller reads them and passes their bytes to `run`. Called before the
   * database is opened.
   * @throws AppError `usage` when the call is malformed
   */
  files(args: readonly string[], lang: Lang): readonly string[]
  /** Returns true when the call changes nothing; the database is then neither created nor migrated. */
  reads(args: readonly string[], lang: Lang): boolean
  /** True when it also reads a database that lacks migrations, or whose keys are not there. */
  readonly takesAnySchema?: boolean
  /** @returns the exit code: 0 done, 1 refused or a fault found. @throws AppError `usage` as `files`. */
  run(
    deps: Deps,
    args: readonly string[],
    files: ReadonlyMap<string, Uint8Array>,
    io: CommandIo,
  ): Promise<number>
}

/** The parts from which `dataCommand` makes a command. */
interface CommandParts<Call> {
  /** Returns the usage line. */
  usage(lang: Lang): string
  /** @returns undefined when the call is malformed. */
  parse(args: readonly string[]): Call | undefined
  /** Lists the arguments that are files; none by default. */
  files?(call: Call): readonly string[]
  /** Returns true when the call changes nothing. */
  reads(call: Call): boolean
  readonly takesAnySchema?: boolean
  run(deps: Deps, call: Call, files: ReadonlyMap<string, Uint8Array>, io: CommandIo): Promise<number>
}

export function dataCommand<Call>(parts: CommandParts<Call>): DataCommand {
  function parse(args: readonly string[], lang: Lang): Call {
    const call = parts.parse(args)
    if (call === undefined) throw usageError(lang, parts.usage(lang))
    return call
  }
  return {
    files(args, lang) {
      const call = parse(args, lang)
      return parts.files?.(call) ?? []
    },
    takesAnySchema: parts.takesAnySchema ?? false,
    reads: (args, lang) => parts.reads(parse(args, lang)),
    run: async (deps, args, files, io) => parts.run(deps, parse(args, io.lang), files, io),
  }
}

/**
 * Returns the name that the person at the keyboard gives with `--as`, which the audit log records as claimed.
 * @throws AppError `invalid_input` without one, in service
 */
export function readClaim(
  { config }: Pick<Deps, 'config'>,
  name: string | undefined,
): { readonly claimed?: string } {
  const claimed = name?.trim() ?? ''
  if (claimed !== '') return { claimed }
  if (config.demo) return {}
  throw new AppError('invalid_input', { problems: [{ code: 'user.as', path: '--as' }] })
}
