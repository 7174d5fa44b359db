import type { Deps } from '../deps.ts'
import type { Lang } from '../i18n/say.ts'
import { usageError } from './usage.ts'

/** Where a command writes: the terminal, or the connection of a command that the running server executes. */
export interface CommandIo {
  readonly lang: 'fr' | 'en'
  stdout(text: string): void
  stderr(text: string): void
  /** Draws or moves a progress bar; `done` = `total` ends it. `detail` stands behind the figures. */
  progress(label: string, done: number, total: number, detail?: string): void
}

/**
 * A command on the data. It runs in this process when the database can be opened, and inside the running server
 * when that one holds the embedded database; so it reads no file and no environment by itself.
 */
export interface DataCommand {
  /**
   * Arguments that are files: the caller reads them and hands their bytes over. Asked before anything is opened.
   * @throws AppError `usage` when the command is called wrongly
   */
  files(args: readonly string[], lang: Lang): readonly string[]
  /** Whether the command changes nothing: it then finds the database as it is, and neither makes nor migrates one. */
  reads(args: readonly string[], lang: Lang): boolean
  /** @returns the exit code: 0 done, 1 refused or found wrong. @throws AppError `usage` as `files`. */
  run(
    deps: Deps,
    args: readonly string[],
    files: ReadonlyMap<string, Uint8Array>,
    io: CommandIo,
  ): Promise<number>
}

/** What a command on the data is made of. */
interface CommandParts<Call> {
  /** How to call it. */
  usage(lang: Lang): string
  /** @returns undefined when it is called wrongly. */
  parse(args: readonly string[]): Call | undefined
  /** Those of its arguments that are files; none by default. */
  files?(call: Call): readonly string[]
  /** Whether the call changes nothing. */
  reads(call: Call): boolean
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
    reads: (args, lang) => parts.reads(parse(args, lang)),
    run: async (deps, args, files, io) => parts.run(deps, parse(args, io.lang), files, io),
  }
}
