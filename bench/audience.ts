import { sql } from 'kysely'
import { previewAudience } from '../src/alerts/audience/preview.ts'
import type { Deps } from '../src/deps.ts'
import type { Actor } from '../src/permissions.ts'
import type { Area } from '../src/territory/contract.ts'
import { ensureReference } from '../src/territory/reference/reference.ts'
import { encryptFixture } from '../test/support/encryption.ts'
import { startSmscProcess } from '../test/support/smsc-process.ts'
import { asTableOwner } from '../test/support/table-owner.ts'
import { type DatabaseKind, freshDatabase, startWorld } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, percentile, result } from './result.ts'

const actor: Actor = { kind: 'system', name: 'bench' }
const AREAS: Record<string, Area> = {
  epci: { kind: 'epci', code: '200070407' },
  radius: { kind: 'radius', centre: { commune: '63178' }, kilometres: 20 },
  departement: { kind: 'departement', code: '63' },
  everybody: { kind: 'scheme' },
}
const PREVIEWS = 60

/**
 * Measures F5: exact counts by channel, trade and commune, for a scheme of 10,000 members and for a national base.
 */
export async function benchAudience(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const fresh = await freshDatabase(kind, server)
  const smsc = await startSmscProcess(['--sink'])
  const world = await startWorld({ database: fresh.settings, smscPort: smsc.port })
  const name = kind === 'embedded' ? 'pglite' : kind
  const results: BenchResults = {}
  try {
    const { deps } = world
    await ensureReference(deps)
    await fillScheme(deps, 'local', { kind: 'departement', code: '63' }, 10_000)
    await measure('local', kind === 'postgres' ? 20 : 25)
    if (kind === 'postgres') {
      const regions = await deps.db.selectFrom('regions').select('code').execute()
      await fillScheme(
        deps,
        'national',
        { kind: 'union', areas: regions.map(({ code }) => ({ kind: 'region', code })) },
        context.national,
      )
      await measure('national', 130)
    }
  } finally {
    await world.stop()
    await smsc.stop()
    await fresh.remove()
  }

  async function measure(schemeId: string, targetMs: number): Promise<void> {
    for (const [area, value] of Object.entries(AREAS)) {
      const runs: { ms: number; recipients: number }[] = []
      for (let preview = -5; preview < PREVIEWS; preview++) {
        const start = performance.now()
        const { channels } = await previewAudience(world.deps, actor, schemeId, { area: value, trades: [] })
        if (preview >= 0)
          runs.push({ ms: Number((performance.now() - start).toFixed(2)), recipients: channels.sms })
      }
      const p95 = percentile(
        runs.map((run) => run.ms),
        0.95,
      )
      context.print(`F5 ${name} ${schemeId} ${area}: p95 ${p95} ms, ${runs[0]?.recipients} recipients`)
      results[`F5.${name}.${schemeId}.${area}`] = result(p95, 'ms', targetMs, 'atMost', runs)
    }
  }
  return results
}

/** Inserts members over the communes of an area by population, with one contact each. */
export async function fillScheme(
  deps: Deps,
  schemeId: string,
  territory: Area,
  members: number,
): Promise<void> {
  /** One member in so many has quiet hours; one in ten times as many received several alerts in a week. */
  const rare = members > 100_000 ? 100 : 10
  await asTableOwner(deps.database, async (tx) => {
    const statements = [
      // The counts and communes of the triggers are known here and written with the rows.
      sql`alter table contacts disable trigger user`,
      sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
        values (${schemeId}, ${schemeId}, ${JSON.stringify(territory)}, '00', '{}', 'BENCH', 'x', now())`,
      sql`create temporary table places on commit drop as
        select code, row_number() over (order by code) as no, sum(population + 1) over (order by code) as up_to
        from communes ${territory.kind === 'departement' ? sql`where departement_code = ${territory.code}` : sql``}`,
      sql`create temporary table people on commit drop as
        select n, gen_random_uuid() as id, places.code as commune_code,
          (array['tobacco-press', 'bakeries', 'pharmacies', 'jewellers', 'restaurants', 'food', 'clothing', 'garages'])[n % 8 + 1] as trade
        from generate_series(1, ${members}::int) n
        join places on places.no = 1 + width_bucket(
          (n::bigint * 7919 % ${members}::bigint) * (select max(up_to) from places) / ${members},
          array(select up_to from places order by up_to))`,
      // Some have quiet hours of all day but a minute, so that they apply whenever this runs.
      sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at,
          sms_contacts, quiet_from, quiet_to)
        select ${schemeId}, p.id, 'Shop ' || n, 'shop ' || n, p.trade, p.commune_code, 'active', now(), now(), 1,
          case when n % ${rare} = 0 then 0 end, case when n % ${rare} = 0 then 1439 end from people p`,
      sql`insert into contacts (scheme_id, id, member_id, commune_code, person, mobile, sms)
        select ${schemeId}, gen_random_uuid(), p.id, p.commune_code, 'Contact', '+336' || lpad(n::text, 8, '0'), true from people p`,
      sql`alter table contacts enable trigger user`,
      // Fewer received alerts lately, some of them as many as the weekly budget.
      sql`insert into solicitations (scheme_id, phone, latest, alert, notice)
        select ${schemeId}, '+336' || lpad(n::text, 8, '0'), array_fill(now(), array[2 + n % 3]),
          array_fill(now(), array[case when n % 7 = 0 then 8 else 2 end]), '{}' from people p where n % ${10 * rare} = 0`,
    ]
    for (const statement of statements) await statement.execute(tx)
  })
  await encryptFixture(deps.database)
  await sql`vacuum analyze members`.execute(deps.db)
  await sql`vacuum analyze contacts`.execute(deps.db)
  await sql`vacuum analyze audience_cells`.execute(deps.db)
  await sql`vacuum analyze solicitations`.execute(deps.db)
}
