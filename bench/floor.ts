import pg from 'pg'

/** Rows an outcome statement writes, and connections that write them. */
const CHUNK = 1000
const CONNECTIONS = 4

/**
 * The database floor of F1: the same facts (planned, accepted, delivered, per recipient) written the best set-based
 * way we know, without any SMPP: rows inserted in one statement, then two outcomes each in chunks of 1,000 over
 * 4 connections. Outcomes are written in place and, in another table, appended; the better of the two is the floor.
 * @returns recipients a second, each way.
 */
export async function measureFloor(
  url: string,
  recipients: number,
): Promise<{ updated: number; appended: number }> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  try {
    await pool.query(`
      drop table if exists floor_rows, floor_outcomes;
      create table floor_rows (
        broadcast_id uuid not null, no integer not null, contact_id uuid not null, member_id uuid not null, phone text not null,
        state text not null default 'planned', message_ids text[], accepted_at timestamptz, settled_at timestamptz,
        primary key (broadcast_id, no)
      ) with (fillfactor = 50);
      create table floor_outcomes (
        broadcast_id uuid not null, no integer not null, state text not null, message_id text, at timestamptz not null
      )`)
    await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query('select 1')))
    return { updated: await run(pool, recipients, update), appended: await run(pool, recipients, append) }
  } finally {
    await pool.query('drop table if exists floor_rows, floor_outcomes').catch(() => {})
    await pool.end()
  }
}

type Write = (
  pool: pg.Pool,
  broadcast: string,
  from: number,
  to: number,
  state: 'accepted' | 'delivered',
) => Promise<void>

async function run(pool: pg.Pool, recipients: number, write: Write): Promise<number> {
  const {
    rows: [row],
  } = await pool.query<{ id: string }>('select gen_random_uuid() as id')
  const broadcast = row?.id ?? ''
  const start = performance.now()
  await pool.query(
    `insert into floor_rows (broadcast_id, no, contact_id, member_id, phone)
     select $1, n, gen_random_uuid(), gen_random_uuid(), '+336' || lpad(n::text, 8, '0') from generate_series(1, $2::int) n`,
    [broadcast, recipients],
  )
  for (const state of ['accepted', 'delivered'] as const) {
    let next = 1
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        while (next <= recipients) {
          const from = next
          next += CHUNK
          await write(pool, broadcast, from, Math.min(from + CHUNK - 1, recipients), state)
        }
      }),
    )
  }
  return recipients / ((performance.now() - start) / 1000)
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

const update: Write = async (pool, broadcast, from, to, state) => {
  const nos = numbers(from, to)
  await pool.query(
    state === 'accepted'
      ? `update floor_rows d set state = 'accepted', message_ids = array[o.id], accepted_at = now()
         from unnest($2::int[], $3::text[]) as o(no, id) where d.broadcast_id = $1 and d.no = o.no and d.no between $4 and $5`
      : `update floor_rows d set state = 'delivered', settled_at = now()
         from unnest($2::int[], $3::text[]) as o(no, id) where d.broadcast_id = $1 and d.no = o.no and d.no between $4 and $5`,
    [broadcast, nos, nos.map((no) => no.toString(16)), from, to],
  )
}

const append: Write = async (pool, broadcast, from, to, state) => {
  const nos = numbers(from, to)
  await pool.query(
    `insert into floor_outcomes (broadcast_id, no, state, message_id, at)
     select $1, o.no, $4, o.id, now() from unnest($2::int[], $3::text[]) as o(no, id)`,
    [broadcast, nos, nos.map((no) => no.toString(16)), state],
  )
}
