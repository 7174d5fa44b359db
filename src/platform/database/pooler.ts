import { randomUUID } from 'node:crypto'
import pg from 'pg'

/** Attempts to see both clients on one connection of the server, or one client on two. */
const ROUNDS = 8
const PROBE_MS = 10_000

/** Errors of a server that got a statement of another client, or not the one that it is to run. */
const CONFUSED = new Set(['42P05', '26000'])

/**
 * Tells whether prepared statements can be used through an address. A pooler in transaction mode that does not follow them (PgBouncer
 * before 1.21, or with `max_prepared_statements = 0`) lets two clients prepare under one name on the same connection of the
 * server. Two clients give one name to two statements: one of them then fails or runs the statement of the other.
 * @returns true also where the clients never shared a connection, as without a pooler
 * @throws an error of the network or the server
 */
export async function keepsPreparedStatements(url: string): Promise<boolean> {
  const clients = [0, 1].map(
    () =>
      new pg.Client({ connectionString: url, connectionTimeoutMillis: PROBE_MS, query_timeout: PROBE_MS }),
  )
  const name = `tocsin_probe_${randomUUID()}`
  try {
    for (const client of clients) {
      client.on('error', () => {})
      await client.connect()
    }
    // The connections of the server that each client was on.
    const seen = clients.map(() => new Set<number>())
    for (let round = 0; round < ROUNDS; round++) {
      for (const [no, client] of clients.entries()) {
        const { rows } = await client.query<{ client: number; pid: number }>({
          name,
          text: `select ${no} as client, pg_backend_pid() as pid`,
        })
        if (rows[0]?.client !== no) return false
        seen[no]?.add(rows[0].pid)
      }
      // Both ran on one connection, or one on two: names were kept apart.
      const all = new Set(seen.flatMap((pids) => [...pids]))
      if (all.size < 2 || seen.some((pids) => pids.size > 1)) return true
    }
    return true
  } catch (error) {
    if (CONFUSED.has((error as { code?: string }).code ?? '')) return false
    throw error
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
  }
}
