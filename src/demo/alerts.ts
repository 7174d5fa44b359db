import { sql } from 'kysely'
import { createAlert, getSchemeFacts } from '../alerts/compose/draft.ts'
import { activateAlert, endAlert } from '../alerts/order/close.ts'
import { inOrderTurn, type OrderTx, openAlert, orderAlert } from '../alerts/order/order.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { DAY_MS, dayWords, HOUR_MS, hourOf, MINUTE_MS } from '../message/clock.ts'
import type { Actor } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { createReport } from '../reports/actions.ts'
import { composeText } from '../schemes/texts/compose.ts'
import { setPublication } from '../statistics/actions.ts'
import type { SimpleArea } from '../territory/contract.ts'
import { atName, zoneWords } from '../territory/places/naming.ts'
import { areaWords } from '../territory/places/rules.ts'
import { describeArea } from '../territory/store/areas.ts'
import { type DemoDesk, facts, NEWEST_DAYS, seedCountedAlerts } from './counted-alerts.ts'
import { ISSOIRE } from './members.ts'
import { addMilliseconds, makeIdsAt, TAKEN_MS } from './times.ts'

/** Time between an incident of the demo and its call. */
const AGO_MS = 9 * MINUTE_MS

/**
 * Gives a demo scheme a year of alerts: most as counts only, as after the purge of deliveries, and a few of the
 * last weeks with each delivery. References, texts, states and hashes come from the code of the product; the audit
 * record contains only the orders and refusals of the counted alerts. Nothing is sent. Call it before observers
 * are set. An interrupted call can be repeated and continues where it stopped.
 */
export async function seedDemoAlerts(deps: Deps, schemeId: string, desk: DemoDesk): Promise<void> {
  const begun = await deps.db
    .selectFrom('alertCounters')
    .select('last')
    .where('schemeId', '=', schemeId)
    .limit(1)
    .executeTakeFirst()
  if (begun === undefined) await seedCountedAlerts(deps, schemeId, desk)
  for (const one of RECENT) await seedRecentAlert(deps, schemeId, desk.operator, one)
  await setPublication(deps, desk.chamber, schemeId, true)
}

/**
 * Alerts of the last weeks, with each delivery. None is about Issoire within the week or alike within the month:
 * stories of the demo depend on the weekly budgets of its members and on the absence of similar alerts.
 */
const RECENT = [
  { days: 37, hour: 16, categoryCode: 'counterfeit-notes', communeCode: ISSOIRE, epci: true },
  { days: 11, hour: 10, categoryCode: 'trick-theft', communeCode: ISSOIRE, epci: true },
  { days: 4, hour: 15, categoryCode: 'group-theft', communeCode: '63430', epci: false },
] as const

/** Finds the part of a recent alert that an interrupted start already made. */
async function findRecent(
  { db, now }: Deps,
  schemeId: string,
  { categoryCode, communeCode }: (typeof RECENT)[number],
) {
  return db
    .selectFrom('reports as r')
    .leftJoin('alerts as a', (join) =>
      join.onRef('a.schemeId', '=', 'r.schemeId').onRef('a.reportId', '=', 'r.id'),
    )
    .select(['r.id', 'r.calledAt', 'a.id as alertId', 'a.state', 'a.version'])
    .where('r.schemeId', '=', schemeId)
    .where('r.categoryCode', '=', categoryCode)
    .where('r.communeCode', '=', communeCode)
    .where('r.calledAt', '>', new Date(now().getTime() - (NEWEST_DAYS - 1) * DAY_MS))
    .limit(1)
    .executeTakeFirst()
}

/**
 * Makes a recent alert with the actions of the product at a past time. Its deliveries are settled in the
 * transaction of the order, so that none is sent.
 */
async function seedRecentAlert(
  deps: Deps,
  schemeId: string,
  actor: Actor,
  one: (typeof RECENT)[number],
): Promise<void> {
  const { days, hour, categoryCode, communeCode, epci } = one
  const begun = await findRecent(deps, schemeId, one)
  const called = begun?.calledAt ?? new Date(deps.now().getTime() - days * DAY_MS)
  if (begun === undefined) called.setUTCHours(hour - 1, 12, 8, 0)
  const then = (milliseconds: number): Deps => {
    const now = () => addMilliseconds(called, milliseconds)
    return { ...deps, now, newId: makeIdsAt(now()) }
  }
  const report =
    begun ??
    (await createReport(then(40_000), actor, schemeId, {
      categoryCode,
      communeCode,
      calledAt: called.toISOString(),
      occurredAt: addMilliseconds(called, -AGO_MS).toISOString(),
    }))
  const { area, text } = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await getSchemeFacts(tx, schemeId)
    const commune = await tx
      .selectFrom('communes')
      .select(['name', 'epciCode'])
      .where('code', '=', communeCode)
      .executeTakeFirstOrThrow()
    const around = epci ? commune.epciCode : undefined
    const area: SimpleArea =
      typeof around === 'string' ? { kind: 'epci', code: around } : { kind: 'commune', code: communeCode }
    const category = await tx
      .selectFrom('categories')
      .select('template')
      .where('schemeId', '=', schemeId)
      .where('code', '=', categoryCode)
      .executeTakeFirstOrThrow()
    const values = {
      lieu: atName(commune.name),
      zone: zoneWords(areaWords(await describeArea(tx, { schemeId, territory: scheme.territory }, area))),
      heure: hourOf(called.getTime() - AGO_MS, scheme.timeZone),
      date: dayWords(called.getTime() - AGO_MS, called.getTime(), scheme.timeZone),
      faits: facts[categoryCode]?.[1],
      conseil: scheme.closingAdvice,
    }
    return { area, text: composeText(category.template, values) }
  })
  const draft =
    begun?.alertId == null
      ? await createAlert(then(70_000), actor, schemeId, {
          reportId: report.id,
          text,
          area,
          trades: [],
          doctrine: { offence: true, arrested: false, level: 'established' },
        })
      : { id: begun.alertId, version: begun.version ?? 0 }
  const state = begun?.state ?? 'draft'
  const at = addMilliseconds(called, 150_000)
  const order = async (tx: OrderTx) => {
    const open = await openAlert(tx, actor, schemeId, draft.id, {
      event: 'order',
      version: draft.version,
      at,
    })
    await orderAlert(tx, then(150_000), actor, schemeId, {
      open,
      order: {
        mandate: { kind: 'own', reason: undefined },
        at,
      },
    })
    await settleDeliveries(tx, schemeId, draft.id, at, deps.config.gateways[0]?.name ?? '')
  }
  const clock: Actor = { kind: 'system', name: 'clock' }
  if (state === 'draft') await inOrderTurn(deps.db, schemeId, order)
  if (state === 'draft' || state === 'broadcasting')
    await activateAlert(then(156_000), clock, schemeId, draft.id)
  if (state === 'ended' || state === 'expired') return
  await endAlert(then(5 * HOUR_MS), actor, schemeId, draft.id).catch((error: unknown) => {
    // After an interrupted start, the clock job may have expired the alert first.
    if (!(error instanceof AppError && error.code === 'wrong_state')) throw error
  })
}

/** Settles the deliveries of an alert as a provider would have: one in forty failed, the others were delivered. */
async function settleDeliveries(
  tx: Tx,
  schemeId: string,
  alertId: string,
  at: Date,
  gateway: string,
): Promise<void> {
  const [firstAt, doneAt] = [addMilliseconds(at, 60), addMilliseconds(at, 95_000)]
  await sql`
    with mine as (
      select scheme_id, id from broadcasts where scheme_id = ${schemeId} and alert_id = ${alertId}::uuid
    ), cut as (
      update delivery_chunks c set state = 'done', claims = 1 from mine b
      where c.scheme_id = b.scheme_id and c.broadcast_id = b.id
    ), ended as (
      update deliveries d set state = case when d.no % 40 = 17 then 'failed' else 'delivered' end, attempts = 1,
        gateway = ${gateway}, message_ids = md5(d.broadcast_id::text || d.no), accepted_at = ${firstAt}::timestamptz + d.no * ${TAKEN_MS}::float8 * interval '1 ms',
        error_code = case when d.no % 40 = 17 then 1 end,
        settled_at = ${firstAt}::timestamptz + interval '2 seconds' + d.no % 60 * interval '1 second'
      from mine b where d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      returning d.broadcast_id, d.state
    )
    update broadcasts b set state = 'done', first_submit_at = ${firstAt},
      all_accepted_at = ${firstAt}::timestamptz + (100 + b.planned * ${TAKEN_MS}::float8) * interval '1 ms', done_at = ${doneAt},
      -- Marked as counted already: the health of these numbers is seeded elsewhere.
      health_no = b.planned,
      delivered = (select count(*) from ended e where e.broadcast_id = b.id and e.state = 'delivered'),
      failed = (select count(*) from ended e where e.broadcast_id = b.id and e.state = 'failed')
    from mine where b.scheme_id = mine.scheme_id and b.id = mine.id`.execute(tx)
}
