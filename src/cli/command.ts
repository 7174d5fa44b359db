import type { Deps } from '../deps.ts'

/** Where a command writes: the terminal, or the connection of a command that the running server executes. */
export interface CommandIo {
  readonly lang: 'fr' | 'en'
  stdout(text: string): void
  stderr(text: string): void
  /** Draws or moves a progress bar; `done` = `total` ends it. */
  progress(label: string, done: number, total: number): void
}

/**
 * A command on the data. It runs in this process when the database can be opened, and inside the running server
 * when that one holds the embedded database; so it reads no file and no environment by itself.
 */
export interface DataCommand {
  /** Arguments that are files: the caller reads them and hands their bytes over. */
  files(args: readonly string[]): string[]
  /** @returns the exit code: 0 done, 1 refused or found wrong, 2 called wrongly (an AppError `usage`). */
  run(
    deps: Deps,
    args: readonly string[],
    files: ReadonlyMap<string, Uint8Array>,
    io: CommandIo,
  ): Promise<number>
}
