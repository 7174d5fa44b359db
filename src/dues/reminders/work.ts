import { sql } from 'kysely'
import { recordAudits } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { changeStatus, lockMemberWrites } from '../../members/store.ts'
import { findTimeZone, timeZoneSql } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { DuesNoticeKind, MemberStatus } from '../../schema.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { ASKING_HOURS, isWithinHours } from '../../schemes/settings/hours.ts'
import { findToday, lockDues } from '../ledger/ledger.ts'
import { CALLS_AFTER_MS } from '../rules.ts'
import { remainingDues } from '../store.ts'
import { assessJoined } from './campaign.ts'
import { nextStep, type OwingMember, suspendedFrom } from './notices.ts'
import {
  type Notice,
  type NotifyDeps,
  noticeHasReached,
  notifyMembers,
  recordReachedWarnings,
} from './notify.ts'
import { DUES_RULE, reactivateSettledMembers } from './suspensions.ts'

/** Members notified per run, so that mail servers and the reminder lane can do other work in between. */
const NOTIFIED_PER_RUN = 200

/**
 * Runs the daily work on dues of every scheme with a current or withdrawn campaign: bills members who joined and, during
 * opening hours, sends notices, reminders and warnings and applies the rule.
 */
export async function runDailyDues(deps: NotifyDeps & Pick<Deps, 'db' | 'log'>): Promise<void> {
  const schemes = await deps.db
    .selectFrom('schemes')
    .select(['id', 'dues'])
    .where((eb) =>
      eb.or([
        eb('id', 'in', deps.db.selectFrom('duesCampaigns').select('schemeId')),
        eb('id', 'in', deps.db.selectFrom('duesWithdrawn').select('schemeId')),
      ]),
    )
    .orderBy('id')
    .execute()
  for (const { id, dues } of schemes) {
    try {
      const isTime = await inScheme(deps.db, id, async (tx) => {
        const open = isWithinHours(ASKING_HOURS, deps.now(), await findTimeZone(tx, id))
        await assessJoined(tx, deps, id)
        await recordReachedWarnings(tx, deps, id)
        await endLiftedSuspensions(tx, deps, id)
        if (open) await followRule(tx, deps, id, DuesSettings.parse(dues))
        return open
      })
      // In a transaction of its own: the audit entry comes last in a transaction, and the rule writes audit entries too.
      if (isTime) await inScheme(deps.db, id, (tx) => restoreMembersWhoPaidMeanwhile(tx, deps, id))
    } catch (error) {
      // Other schemes go on. Only the kind of error is logged: its message may quote personal data.
      const { name, code } = error as { name?: unknown; code?: unknown }
      deps.log.error(
        { schemeId: id, reason: { name, code } },
        'the dues of a scheme could not be processed, trying again',
      )
    }
  }
}

/**
 * Reactivates members who paid while the chamber had reactivated them, before that was undone: no payment will trigger it.
 */
async function restoreMembersWhoPaidMeanwhile(tx: Tx, deps: NotifyDeps, schemeId: string): Promise<void> {
  await lockDues(tx, schemeId)
  const open = await tx
    .selectFrom('duesSuspensions')
    .select('memberId')
    .where('schemeId', '=', schemeId)
    .where('restoredAt', 'is', null)
    .execute()
  const ids = open.map(({ memberId }) => memberId)
  await reactivateSettledMembers(tx, deps, schemeId, ids)
}

/** Ends the suspensions of members that the chamber reactivated itself. */
async function endLiftedSuspensions(tx: Tx, { now }: Pick<Deps, 'now'>, schemeId: string): Promise<void> {
  await sql`update dues_suspensions s set restored_at = ${now()} from members m
    where s.scheme_id = ${schemeId} and s.restored_at is null
      and m.scheme_id = s.scheme_id and m.id = s.member_id and m.status <> 'suspended'`.execute(tx)
}

interface OwingRow {
  readonly memberId: string
  readonly name: string
  readonly status: MemberStatus
  readonly year: number
  readonly remainingCents: number
  /** Over all years. */
  readonly owedCents: number
  readonly dueOn: string
  readonly suspendedAt: Date | null
  readonly notices: readonly {
    readonly kind: DuesNoticeKind
    readonly step: number
    readonly on: string
    readonly at: string
    readonly reachedOn: string | null
  }[]
}

async function followRule(tx: Tx, deps: NotifyDeps, schemeId: string, settings: DuesSettings): Promise<void> {
  // Comes first: members notified of a wrong fee get the right one afterwards.
  if (await notifyOfWithdrawals(tx, deps, schemeId)) return
  const day = await findToday(tx, deps, schemeId)
  const steps = (await listOwing(tx, deps, schemeId)).flatMap((row) => {
    const step = nextStep(settings, toOwingMember(row, day), day)
    return step === undefined ? [] : [{ row, step }]
  })
  const now = steps.slice(0, NOTIFIED_PER_RUN)
  const gone = now.flatMap(({ row, step }) => (step.do === 'suspend' ? [row.memberId] : []))
  if (gone.length > 0) await suspendMembers(tx, deps, schemeId, gone)
  await notifyMembers(tx, deps, schemeId, {
    by: DUES_RULE,
    settings,
    notices: now.map(({ row, step }): Notice => {
      const { memberId, name, year, remainingCents, owedCents, dueOn, status } = row
      const isSuspendedCall = step.do === 'call' && status === 'suspended'
      return {
        memberId,
        name,
        year,
        kind: step.do === 'suspend' ? 'suspended' : step.do,
        ...(step.do === 'reminder' ? { step: step.step } : {}),
        amountCents: isSuspendedCall ? owedCents : remainingCents,
        ...(isSuspendedCall && { isSuspended: true }),
        dueOn,
        suspendedFrom:
          step.do === 'warning' && settings.rule === 'suspend' ? suspendedFrom(settings, dueOn, day) : null,
      }
    }),
  })
  await recordAudits(
    tx,
    schemeId,
    now
      .filter(({ step }) => step.do === 'suspend')
      .map(({ row }) => ({
        at: deps.now(),
        actor: DUES_RULE,
        action: 'dues.suspend',
        subject: `member:${row.memberId}`,
        details: { year: row.year },
      })),
  )
}

/** Notifies members who had been notified of a campaign that it was withdrawn. @returns whether there were any */
async function notifyOfWithdrawals(tx: Tx, deps: NotifyDeps, schemeId: string): Promise<boolean> {
  const { rows } = await sql<Pick<Notice, 'memberId' | 'name' | 'year' | 'amountCents' | 'dueOn'>>`
    with taken as (
      delete from dues_withdrawn where (scheme_id, year, member_id) in (
        select scheme_id, year, member_id from dues_withdrawn where scheme_id = ${schemeId}
        order by withdrawn_at, member_id limit ${NOTIFIED_PER_RUN})
      returning year, member_id, amount_cents, due_on)
    select t.year, t.member_id, t.amount_cents, t.due_on, m.name from taken t
    join members m on m.scheme_id = ${schemeId} and m.id = t.member_id and m.status in ('active', 'suspended')`.execute(
    tx,
  )
  await notifyMembers(tx, deps, schemeId, {
    by: DUES_RULE,
    settings: { sms: false },
    notices: rows.map((row) => ({ ...row, kind: 'withdrawn' as const })),
  })
  return rows.length > 0
}

function toOwingMember(row: OwingRow, day: string): OwingMember {
  // Warnings before the last suspension no longer count: a reactivated member is warned again.
  const since = row.notices.filter(({ at }) => row.suspendedAt === null || new Date(at) > row.suspendedAt)
  const warnings = since.filter(({ kind }) => kind === 'warning')
  return {
    dueOn: row.dueOn,
    suspended: row.status === 'suspended',
    called: row.notices.some(({ kind }) => kind === 'call'),
    reminded: row.notices.flatMap(({ kind, step }) => (kind === 'reminder' ? [step] : [])),
    warned: warnings.length > 0,
    warnedOn:
      warnings
        .flatMap(({ reachedOn }) => reachedOn ?? [])
        .sort()
        .at(-1) ?? null,
    notifiedToday: row.notices.some(({ on }) => on === day),
  }
}

/** Lists members that owe something, each with its oldest unsettled year (a suspended one: its latest) and the notices about it. */
async function listOwing(tx: Tx, { now }: Pick<Deps, 'now'>, schemeId: string): Promise<OwingRow[]> {
  const { rows } = await sql<OwingRow>`
    select o.*,
      (select max(s.suspended_at) from dues_suspensions s where s.scheme_id = ${schemeId} and s.member_id = o.member_id) as suspended_at,
      coalesce((select jsonb_agg(jsonb_build_object('kind', n.kind, 'step', n.step, 'at', n.at,
          'on', (n.at at time zone ${timeZoneSql(schemeId)})::date,
          'reachedOn', case when ${noticeHasReached} then (coalesce(n.reached_at, n.at) at time zone ${timeZoneSql(schemeId)})::date end) order by n.at)
        from dues_notices n where n.scheme_id = ${schemeId} and n.member_id = o.member_id and n.year = o.year and n.at >= k.opened_at), '[]') as notices
    from (
      select distinct on (r.member_id) r.member_id, m.name, m.search_name, m.status, r.year, r.remaining_cents, r.due_on,
        sum(r.remaining_cents) over (partition by r.member_id)::int as owed_cents
      from (${remainingDues(schemeId)}) r
      join members m on m.scheme_id = ${schemeId} and m.id = r.member_id and m.status in ('active', 'suspended')
      where r.remaining_cents > 0
      -- A suspended member has had every notice about its older years: the latest one is called.
      order by r.member_id, case when m.status = 'suspended' then -r.year else r.year end) o
    -- Notices about a withdrawn campaign do not count for the one that replaced it.
    join dues_campaigns k on k.scheme_id = ${schemeId} and k.year = o.year
      and k.opened_at <= ${new Date(now().getTime() - CALLS_AFTER_MS)}
    -- Members with a pending debit are left out: the money is on its way.
    where not exists (select from dues_debits p
      where p.scheme_id = ${schemeId} and p.member_id = o.member_id and p.state = 'pending')
    order by o.due_on, o.search_name, o.member_id`.execute(tx)
  return rows
}

async function suspendMembers(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  memberIds: readonly string[],
): Promise<void> {
  await lockMemberWrites(tx, schemeId)
  const at = now()
  const suspended = await changeStatus(tx, schemeId, memberIds, { from: 'active', to: 'suspended', at })
  await sql`
    insert into dues_suspensions (scheme_id, member_id, suspended_at)
    select ${schemeId}, id, ${at} from unnest(${suspended}::uuid[]) id`.execute(tx)
}
