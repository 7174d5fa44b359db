import { type PostgresServer, startPostgres } from '../test/support/postgres.ts'
import type { Age } from './ages.ts'

/** State shared by the benches of one run. */
export interface BenchContext {
  /** Number of runs per measure. */
  readonly runs: number
  /** Recipients of the large fan-out, and members of the large scheme; smaller with --quick. */
  readonly large: number
  readonly national: number
  /** Ages of the ledgers for F1, F3, F4, F6 and F9. */
  readonly ages: readonly Age[]
  /** Rates of the contracts of S1, in parts a second. */
  readonly rates: readonly number[]
  /** Number of finished deliveries of an aged ledger. */
  readonly deliveries: number
  /** Returns the durable PostgreSQL of the run, started on the first call. */
  postgres(): Promise<PostgresServer>
  print(line: string): void
  /** Records a measure that is impossible on this machine, with its reason. */
  skip(key: string, reason: string): void
}

export function createContext(options: {
  runs: number
  quick: boolean
  ages: readonly Age[]
  rates: readonly number[]
  print: (line: string) => void
}): BenchContext & { readonly skipped: Readonly<Record<string, string>>; close(): Promise<void> } {
  let server: Promise<PostgresServer> | undefined
  const skipped: Record<string, string> = {}
  return {
    runs: options.runs,
    large: options.quick ? 20_000 : 100_000,
    national: options.quick ? 100_000 : 1_000_000,
    ages: options.ages,
    rates: options.rates,
    deliveries: options.quick ? 300_000 : 1_000_000,
    print: options.print,
    skipped,
    skip(key, reason) {
      skipped[key] = reason
      options.print(`${key} skipped: ${reason}`)
    },
    postgres() {
      server ??= startPostgres({ durable: true, settings: { shared_buffers: '512MB', max_wal_size: '4GB' } })
      return server
    },
    async close() {
      await (await server)?.stop()
    },
  }
}
