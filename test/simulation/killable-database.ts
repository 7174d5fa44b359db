import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import type { Database } from '../../src/platform/db.ts'
import type { Schema } from '../../src/schema.ts'
import type { Owner } from './virtual-time.ts'

interface Client {
  query(text: unknown, values?: unknown): Promise<unknown>
  release(): void
}

/** Faults of the database of one process, counted in statements. */
export interface DatabaseFaults {
  /** Statements until the process dies; undefined: it lives. */
  dieIn: number | undefined
  /** Statements that fail as if the connection were lost, from the next one on. */
  failNext: number
  /** True: the lost statements are executed, and only their answer is lost. */
  isAnswerLost: boolean
  /** Changes statements: a rule that is broken on purpose. */
  readonly mutate: (text: string) => string
}

class ConnectionLost extends Error {
  readonly code = '08006'
}

/** What one process listens to, by channel: notifications come when the simulation sends them. */
export type Listeners = Map<string, (payload: string) => void>

/** Returns the database as one process sees it: nothing of a dead process is executed but the end of its transaction. */
export function databaseOf(
  real: Database,
  owner: Owner,
  faults: DatabaseFaults,
  listeners: Listeners,
): Database {
  async function query(client: Client, text: unknown, values: unknown): Promise<unknown> {
    const statement = typeof text === 'string' ? text : ((text as { text?: string }).text ?? '')
    const isEnd = /^\s*rollback/i.test(statement)
    if (isEnd) return client.query(text, values)
    if (faults.dieIn !== undefined && --faults.dieIn <= 0) owner.isDead = true
    if (owner.isDead) throw new ConnectionLost('the process is dead')
    const isFailing = faults.failNext > 0
    if (isFailing) faults.failNext--
    if (isFailing && !faults.isAnswerLost) throw new ConnectionLost('connection lost')
    const changed = faults.mutate(statement)
    const answer = await (typeof text === 'string'
      ? client.query(changed, values)
      : client.query({ ...(text as object), text: changed }, values))
    if (isFailing) throw new ConnectionLost('answer lost')
    if (owner.isDead) throw new ConnectionLost('the process is dead')
    return answer
  }
  const pool = {
    async connect() {
      if (owner.isDead) throw new ConnectionLost('the process is dead')
      const client = (await real.pool.connect()) as unknown as Client
      return {
        query: (text: unknown, values: unknown) => query(client, text, values),
        release: () => client.release(),
      }
    },
    async end() {},
  }
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: pool as never }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  return {
    ...real,
    db,
    // One process at a time, as on the embedded database: heartbeats by the server's clock mean nothing in virtual time.
    embedded: true,
    async listen(channel, onNotification, onReady) {
      listeners.set(channel, onNotification)
      onReady()
      return { close: async () => void listeners.delete(channel) }
    },
  }
}
