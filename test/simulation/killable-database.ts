import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import type { Database } from '../../src/platform/db.ts'
import type { Schema } from '../../src/schema.ts'
import { asTableOwner } from '../support/table-owner.ts'
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

/**
 * The clock and the locks of the database server that the processes of a run see. Functions of the schema `simulated` hide those
 * of the server, so that the SQL of workers runs unchanged in virtual time.
 */
export interface SimulatedServer {
  readonly now: () => Date
  readonly startedAt: Date
  /** Session locks, by the process that holds each. */
  readonly locks: Map<bigint, Owner>
}

const HIDES = `
  create schema if not exists simulated;
  create or replace function simulated.clock_timestamp() returns timestamptz language sql volatile
    as $$ select current_setting('simulated.now')::timestamptz $$;
  create or replace function simulated.pg_postmaster_start_time() returns timestamptz language sql volatile
    as $$ select current_setting('simulated.started')::timestamptz $$;
  create or replace function simulated.pg_try_advisory_xact_lock(bigint) returns boolean language sql volatile
    as $$ select $1::text <> all (string_to_array(current_setting('simulated.locks'), ' ')) $$;
  grant usage on schema simulated to public`

/** Makes the only connection of a database see the simulated clock and locks. */
export async function hideServer(database: Database): Promise<void> {
  await asTableOwner(database, (tx) => sql.raw(HIDES).execute(tx))
  await database.pool.query('set search_path = simulated, "$user", public, pg_catalog')
  await database.pool.query(
    `select set_config('simulated.now', now()::text, false), set_config('simulated.started', now()::text, false),
      set_config('simulated.locks', '', false)`,
  )
}

/** The listeners of one process, by channel: notifications come when the simulation sends them. */
export type Listeners = Map<string, (payload: string) => void>

/** Returns the database as one process sees it: nothing of a dead process is executed but the end of its transaction. */
export function databaseOf(
  real: Database,
  owner: Owner,
  faults: DatabaseFaults,
  listeners: Listeners,
  { server, isAlone }: { readonly server: SimulatedServer; readonly isAlone: boolean },
): Database {
  /** Tells the functions of the server what they return to the next statement, where it calls one. */
  async function tellServer(client: Client, statement: string): Promise<void> {
    if (!/clock_timestamp|_worker\(/.test(statement)) return
    // Departures are dated by triggers, which see the clock of the server.
    const now = /worker/.test(statement) ? server.now() : new Date()
    const held = [...server.locks].filter(([, holder]) => !holder.isDead).map(([id]) => id)
    await client.query(
      `select set_config('simulated.now', $1, false), set_config('simulated.started', $2, false),
        set_config('simulated.locks', $3, false)`,
      [now.toISOString(), server.startedAt.toISOString(), held.join(' ')],
    )
  }

  async function query(connect: () => Promise<Client>, text: unknown, values: unknown): Promise<unknown> {
    const statement = typeof text === 'string' ? text : ((text as { text?: string }).text ?? '')
    const isEnd = /^\s*rollback/i.test(statement)
    if (isEnd) return (await connect()).query(text, values)
    if (faults.dieIn !== undefined && --faults.dieIn <= 0) owner.isDead = true
    if (owner.isDead) throw new ConnectionLost('the process is dead')
    const isFailing = faults.failNext > 0
    if (isFailing) faults.failNext--
    if (isFailing && !faults.isAnswerLost) throw new ConnectionLost('connection lost')
    // Held by the process and not by the connection, which all processes of a run share.
    if (statement === 'select pg_advisory_lock($1)') {
      server.locks.set(BigInt((values as [number])[0]), owner)
      return { rows: [] }
    }
    const client = await connect()
    await tellServer(client, statement)
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
      // Taken by the first statement: a connection that only holds a lock would keep the others from their turn.
      let client: Promise<Client> | undefined
      const connect = () => {
        client ??= real.pool.connect() as unknown as Promise<Client>
        return client
      }
      const held = new Set<bigint>()
      return {
        async query(text: unknown, values: unknown) {
          const answer = await query(connect, text, values)
          if (text === 'select pg_advisory_lock($1)') held.add(BigInt((values as [number])[0]))
          return answer
        },
        once() {},
        release() {
          for (const id of held) server.locks.delete(id)
          // Nothing is taken where the connection failed: its statement says so.
          client?.then(
            (taken) => taken.release(),
            () => {},
          )
        },
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
    // Workers hold their locks by a connection of their own.
    pool: pool as never,
    sessions: pool as never,
    embedded: isAlone,
    async listen(channel, onNotification, onReady) {
      listeners.set(channel, onNotification)
      onReady()
      return { close: async () => void listeners.delete(channel) }
    },
  }
}
