import { createHash } from 'node:crypto'
import { z } from 'zod'

/** Version of the format below. A later one has another number, and is refused by this program. */
export const FORMAT = 1

/**
 * First line of a backup. The lines after it are, for each table, a `TableStart`, one JSON array of texts for each row, and a
 * `TableEnd`; then `Sequences`; in a file also a `FileEnd`. Texts are as PostgreSQL prints values: numbers that are encrypted in
 * the database stay encrypted.
 */
export const Header = z.object({
  tocsin: z.literal('backup'),
  format: z.number().int(),
  /** Version of the program that wrote it. */
  version: z.string(),
  /** The instant whose state the backup holds, by the clock of the database. */
  at: z.iso.datetime(),
  /** Migrations of the schema: version, name, hash of its text. */
  migrations: z.array(z.tuple([z.number().int(), z.string(), z.string()])).min(1),
  /** Whether numbers are stored under pseudonyms, so that the file of keys is needed to read them. */
  isEncrypted: z.boolean(),
  /** Roles that take part in the rights of the program, with those that each may take. Passwords are not read. */
  roles: z.array(
    z.object({ name: z.string(), login: z.boolean(), inherit: z.boolean(), memberOf: z.array(z.string()) }),
  ),
  /** Heads of the audit chains. */
  heads: z.array(z.object({ schemeId: z.string(), seq: z.number().int(), hash: z.string() })),
})
export type Header = z.infer<typeof Header>

export const TableStart = z.object({ table: z.string(), columns: z.array(z.string()).min(1) })
export type TableStart = z.infer<typeof TableStart>
export const TableEnd = z.object({ rows: z.number().int(), digest: z.string() })
/** Name, last value, whether it was used. */
export const Sequences = z.object({ sequences: z.array(z.tuple([z.string(), z.string(), z.boolean()])) })
/** `sha256`: of all lines before, each with its line feed. */
export const FileEnd = z.object({ end: z.object({ rows: z.number().int(), sha256: z.string() }) })
export type FileEnd = z.infer<typeof FileEnd>

/** Rows begin with `[`, other lines with `{`. */
export const isRow = (line: string) => line.startsWith('[')

/** Unfinished jobs, which are restored but not compared: the queue changes them by itself. */
export const JOBS_TABLE = 'pgboss.job'

/** Sums the rows of a table, in any order. */
export interface RowSum {
  add(line: string): void
  end(): { readonly rows: number; readonly digest: string }
}

const MASK = (1n << 64n) - 1n

/** Adds the first 64 bits of the SHA-256 of each row: two tables with the same rows have the same sum, whatever their order. */
export function createRowSum(): RowSum {
  let rows = 0
  let sum = 0n
  return {
    add(line) {
      rows += 1
      sum = (sum + createHash('sha256').update(line).digest().readBigUInt64BE()) & MASK
    },
    end: () => ({ rows, digest: sum.toString(16).padStart(16, '0') }),
  }
}

/** Describes the content of a backup without its rows. */
export interface Summary {
  readonly header: Header
  readonly tables: ReadonlyMap<string, { readonly rows: number; readonly digest: string }>
}

/** Returns the names of the tables and chains that differ between two summaries. */
export function compareSummaries(one: Summary, other: Summary): string[] {
  const names = new Set([...one.tables.keys(), ...other.tables.keys()])
  names.delete(JOBS_TABLE)
  const tables = [...names].filter((name) => {
    const [a, b] = [one.tables.get(name), other.tables.get(name)]
    // Older databases lack a column of this table, which migrating gives it.
    return a?.rows !== b?.rows || (a?.digest !== b?.digest && name !== 'schema_migrations')
  })
  const heads = (summary: Summary) =>
    new Map(summary.header.heads.map(({ schemeId, seq, hash }) => [schemeId, `${seq} ${hash}`]))
  const [a, b] = [heads(one), heads(other)]
  const chains = [...new Set([...a.keys(), ...b.keys()])].filter((id) => a.get(id) !== b.get(id))
  return [...tables.toSorted(), ...chains.map((id) => `audit ${id || '–'}`)]
}

/** Counts the rows of a summary. */
export function countRows({ tables }: Summary): number {
  let count = 0
  for (const { rows } of tables.values()) count += rows
  return count
}
