import { listAlerts } from '../alerts/live/read.ts'
import { listDoubles } from '../changes/merge/store.ts'
import type { Deps } from '../deps.ts'
import { listLateYears, sumArrears } from '../dues/store.ts'
import { countEnrolments, listEnrolmentRows } from '../enrolment/store.ts'
import { memberScopeOf } from '../members/actions.ts'
import { countCorrections } from '../members/corrections/corrections.ts'
import { countActiveMembers } from '../members/counts.ts'
import type { MemberScope } from '../members/filters.ts'
import { firstDayOfMonths } from '../message/clock.ts'
import { type Actor, authorize, may } from '../permissions.ts'
import { findDay } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { readMonths } from '../statistics/store.ts'
import { ALERTS_MAX, MONTHS, NAMES_MAX, type Today } from './contract.ts'
import { countNumbersToCheck, countOldCharters } from './store.ts'

type TodayDeps = Pick<Deps, 'db' | 'now'>

/**
 * Reads the first screen of a chamber at once: what waits, the figures of the months, the latest alerts. A trade chamber gets what
 * concerns its trades.
 */
export async function getToday(deps: TodayDeps, actor: Actor, schemeId: string): Promise<Today> {
  const only = memberScopeOf(authorize(actor, 'today.read', schemeId))
  const counted = await inScheme(deps.db, schemeId, async (tx) => {
    const day = await findDay(tx, schemeId, deps.now())
    const scope = { schemeId, to: day, trades: only.trades, communeCodes: undefined, categoryCode: undefined }
    const { months, median } = await readMonths(
      tx,
      { ...scope, from: firstDayOfMonths(day, MONTHS) },
      { medianFrom: firstDayOfMonths(day, MONTHS - 1).slice(0, 7) },
    )
    return {
      requests: await readRequests(tx, schemeId, only),
      numbers: await countNumbersToCheck(tx, schemeId, only),
      duplicates: {
        count: (await listDoubles(tx, schemeId, { limit: 1, offset: 0, only }))[0]?.total ?? 0,
      },
      dues: await readLateDues(tx, schemeId, { day, only }),
      charters: await countOldCharters(tx, schemeId, only),
      members: await countActiveMembers(tx, schemeId, only),
      months: months.map(({ month, members, alerts, median, reach }) => ({
        month,
        members,
        alerts,
        median,
        planned: reach.planned,
        delivered: reach.delivered,
      })),
      yearMedian: median,
    }
  })
  return { ...counted, alerts: await readAlerts(deps, actor, schemeId) }
}

async function readRequests(tx: Tx, schemeId: string, only: MemberScope): Promise<Today['requests']> {
  const { submitted } = await countEnrolments(tx, schemeId, only.trades)
  const oldest = await listEnrolmentRows(tx, schemeId, { state: 'submitted', limit: NAMES_MAX }, only.trades)
  const corrections = await countCorrections(tx, schemeId, only)
  return {
    count: submitted + corrections,
    corrections,
    names: oldest.map(({ name }) => name),
    oldestAt: oldest[0]?.submittedAt?.toISOString() ?? null,
  }
}

async function readLateDues(
  tx: Tx,
  schemeId: string,
  { day, only }: { readonly day: string; readonly only: MemberScope },
): Promise<Today['dues']> {
  const { members, cents } = await sumArrears(tx, schemeId, { today: day, only })
  if (members === 0) return null
  const [oldest] = await listLateYears(tx, schemeId, { today: day, only })
  return { year: oldest?.year ?? null, count: members, remainingCents: cents, dueOn: oldest?.dueOn ?? null }
}

/** Reads the latest alerts that were sent, without their texts. */
async function readAlerts(deps: TodayDeps, actor: Actor, schemeId: string): Promise<Today['alerts']> {
  if (!may(actor, 'alert.read', schemeId)) return null
  const { alerts } = await listAlerts(deps, actor, schemeId, {
    ordered: true,
    exercise: false,
    limit: ALERTS_MAX,
  })
  return alerts.flatMap(({ orderedAt, progress, ...alert }) =>
    orderedAt === null || progress === null
      ? []
      : [
          {
            id: alert.id,
            orderedAt,
            category: alert.category,
            commune: alert.commune.name,
            areaLabel: alert.areaLabel,
            planned: progress.planned,
            delivered: progress.delivered,
            closedAt: alert.closedAt,
          },
        ],
  )
}
