import pg from 'pg'

/** Rows per outcome statement, and connections that write them. */
const CHUNK = 1000
const CONNECTIONS = 4

/**
 * Measures the database floor of F1: the facts that the ledger keeps of a message accepted and delivered at once,
 * written in the best set-based way we know, without SMPP: rows inserted in one statement from a table of people,
 * then two outcomes each in chunks of 1,000 over 4 connections. Outcomes are updated in place and, in another
 * table, appended; the better of the two is the floor.
 *
 * Tried without improvement: COPY (the rows have to pass through the client), the insert split in four, named
 * prepared statements, 2 or 3 connections, INSERT … ON CONFLICT, updates by ctid. Worse: less free space per page
 * than two more versions of a row need (fillfactor 50 and more, or ids in an array), since one update in five then
 * leaves its page.
 * @returns recipients per second of both ways.
 */
export async function measureFloor(
  url: string,
  recipients: number,
): Promise<{ updated: number; appended: number }> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  try {
    await pool.query(`
      drop table if exists floor_people, floor_rows, floor_outcomes;
      create table floor_people as
        select n as no, gen_random_uuid() as contact_id, gen_random_uuid() as member_id,
          '+336' || lpad(n::text, 8, '0') as phone, '63' || lpad((n % 400)::text, 3, '0') as commune_code, 'shop'::text as trade
        from generate_series(1, ${recipients}) n;
      create table floor_rows (
        broadcast_id uuid not null, no integer not null, contact_id uuid not null, member_id uuid not null, phone text not null,
        commune_code text not null, trade text not null, state text not null default 'planned', gateway text, message_id text,
        accepted_at timestamptz, settled_at timestamptz, primary key (broadcast_id, no)
      ) with (fillfactor = 40);
      create table floor_outcomes (
        broadcast_id uuid not null, no integer not null, state text not null, gateway text, message_id text, at timestamptz not null
      );
      analyze floor_people`)
    await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query('select 1')))
    return {
      updated: await writeOutcomes(pool, recipients, update),
      appended: await writeOutcomes(pool, recipients, append),
    }
  } finally {
    await pool.query('drop table if exists floor_people, floor_rows, floor_outcomes').catch(() => {})
    await pool.end()
  }
}

type Write = (
  pool: pg.Pool,
  broadcast: string,
  from: number,
  to: number,
  state: 'accepted' | 'delivered',
) => Promise<unknown>

async function writeOutcomes(pool: pg.Pool, recipients: number, write: Write): Promise<number> {
  const {
    rows: [row],
  } = await pool.query<{ id: string }>('select gen_random_uuid() as id')
  const broadcast = row?.id ?? ''
  const start = performance.now()
  await pool.query(
    `insert into floor_rows (broadcast_id, no, contact_id, member_id, phone, commune_code, trade)
     select $1, no, contact_id, member_id, phone, commune_code, trade from floor_people`,
    [broadcast],
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
const idsOf = (nos: readonly number[]) => nos.map((no) => no.toString(16))

const update: Write = (pool, broadcast, from, to, state) => {
  const nos = numbers(from, to)
  return state === 'accepted'
    ? pool.query(
        `update floor_rows d set state = 'accepted', gateway = 'floor', message_id = o.id, accepted_at = now()
         from unnest($2::int[], $3::text[]) as o(no, id) where d.broadcast_id = $1 and d.no = o.no and d.no between $4 and $5`,
        [broadcast, nos, idsOf(nos), from, to],
      )
    : pool.query(
        `update floor_rows d set state = 'delivered', settled_at = now()
         from unnest($2::int[]) as o(no) where d.broadcast_id = $1 and d.no = o.no and d.no between $3 and $4`,
        [broadcast, nos, from, to],
      )
}

const append: Write = (pool, broadcast, from, to, state) => {
  const nos = numbers(from, to)
  return state === 'accepted'
    ? pool.query(
        `insert into floor_outcomes select $1, o.no, 'accepted', 'floor', o.id, now()
         from unnest($2::int[], $3::text[]) as o(no, id)`,
        [broadcast, nos, idsOf(nos)],
      )
    : pool.query(
        `insert into floor_outcomes select $1, o.no, 'delivered', null, null, now() from unnest($2::int[]) as o(no)`,
        [broadcast, nos],
      )
}
