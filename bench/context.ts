import { type PostgresServer, startPostgres } from '../test/support/postgres.ts'
import type { Age } from './ages.ts'

/** What the benches of one run share. */
export interface BenchContext {
  /** Runs of each measure. */
  readonly runs: number
  /** Recipients of the large fan-out, and members of the large scheme; smaller with --quick. */
  readonly large: number
  readonly national: number
  /** Ledgers on which F1, F3, F4, F6 and F9 are measured. */
  readonly ages: readonly Age[]
  /** Deliveries of an aged ledger that are over. */
  readonly deliveries: number
  /** One durable PostgreSQL for the run, started when first asked for. */
  postgres(): Promise<PostgresServer>
  say(line: string): void
  /** A measure that cannot be made here: named in the output, with why. */
  skip(key: string, reason: string): void
}

export function createContext(options: {
  runs: number
  quick: boolean
  ages: readonly Age[]
  say: (line: string) => void
}): BenchContext & { readonly skipped: Readonly<Record<string, string>>; close(): Promise<void> } {
  let server: Promise<PostgresServer> | undefined
  const skipped: Record<string, string> = {}
  return {
    runs: options.runs,
    large: options.quick ? 20_000 : 100_000,
    national: options.quick ? 100_000 : 1_000_000,
    ages: options.ages,
    deliveries: options.quick ? 300_000 : 1_000_000,
    say: options.say,
    skipped,
    skip(key, reason) {
      skipped[key] = reason
      options.say(`${key} skipped: ${reason}`)
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
