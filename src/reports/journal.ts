import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { BYTE_ORDER_MARK, csvRow, csvTime } from '../platform/csv.ts'
import type { InstantCursor } from '../platform/database/cursor.ts'
import { readInScheme } from '../platform/database/replica.ts'
import { findTimeZone, timeZoneSql } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { toReportView } from './actions.ts'
import type { ReportView } from './contract.ts'
import type { JournalQuery, ReportStatistics, StatisticsQuery } from './journal-contract.ts'
import { listReports } from './store.ts'

/** Returns the decisions of the last months, and why calls led to no alert. */
export async function getReportStatistics(
  deps: Pick<Deps, 'db' | 'now' | 'replica'>,
  actor: Actor,
  schemeId: string,
  query: StatisticsQuery,
): Promise<ReportStatistics> {
  authorize(actor, 'report.read', schemeId)
  const read = (tx: Tx) => countDecisions(tx, schemeId, query.months, deps.now())
  const { value, behindSeconds } = await readInScheme(deps, schemeId, read)
  return { ...value, behindSeconds: Math.round(behindSeconds) }
}

async function countDecisions(
  tx: Tx,
  schemeId: string,
  months: number,
  now: Date,
): Promise<Omit<ReportStatistics, 'behindSeconds'>> {
  const list = (columns: string, from: string, order: string) =>
    sql`(select coalesce(json_agg(row_to_json(x) order by ${sql.raw(order)}), '[]')
      from (select ${sql.raw(columns)} from ${sql.raw(from)}) x)`
  const { rows } = await sql<Omit<ReportStatistics, 'behindSeconds'>>`
    with clock as (
      select date_trunc('month', ${now}::timestamptz at time zone ${timeZoneSql(schemeId)}) as latest
    ), span as (
      select m as month from clock, generate_series(latest - make_interval(months => ${months - 1}), latest, interval '1 month') m
    ), calls as materialized (
      select r.category_code, r.state, r.refusal_code, r.answer_text,
        date_trunc('month', r.called_at at time zone ${timeZoneSql(schemeId)}) as month
      from reports r
      where r.scheme_id = ${schemeId} and not r.exercise
        and r.called_at >= (select min(month) at time zone ${timeZoneSql(schemeId)} from span)
    ), by_month as (
      select to_char(s.month, 'YYYY-MM') as month, count(c.state)::integer as calls,
        (count(*) filter (where c.state = 'broadcast'))::integer as broadcast,
        (count(*) filter (where c.state = 'refused'))::integer as refused,
        (count(c.answer_text))::integer as answered
      from span s left join calls c on c.month = s.month group by s.month
    ), by_reason as (
      select refusal_code as reason, count(*)::integer as refused from calls where state = 'refused' group by refusal_code
    ), by_category as (
      select g.code, g.label_fr, g.label_en, count(*)::integer as calls,
        (count(*) filter (where c.state = 'refused'))::integer as refused
      from calls c join categories g on g.scheme_id = ${schemeId} and g.code = c.category_code
      group by g.code, g.label_fr, g.label_en
    )
    select ${list('*', 'by_month', 'x.month')} as months,
      ${list('*', 'by_reason', 'x.refused desc, x.reason')} as reasons,
      ${list('code, label_fr as "labelFr", label_en as "labelEn", calls, refused', 'by_category', 'x.refused desc, x.calls desc, x.code')} as categories`.execute(
    tx,
  )
  return rows[0]!
}

const COLUMNS = [
  'called_at',
  'occurred_at',
  'category',
  'commune',
  'commune_code',
  'place',
  'caller',
  'caller_phone',
  'facts',
  'late_reason',
  'taken_by',
  'decision',
  'reason',
  'note',
  'answer',
  'decided_at',
  'decided_by',
  'reference',
  'alert_state',
  'alert_reason',
  'ordered_at',
  'exercise',
  'origin',
] as const

/** Rows read at a time, so that an export of years holds one part in memory. */
const PAGE = 500

/**
 * Streams the journal as CSV, latest call first, with masked numbers. The export and its filters are recorded in the audit
 * log.
 */
export async function exportJournal(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: JournalQuery,
  lang: Lang,
): Promise<AsyncGenerator<string>> {
  authorize(actor, 'report.read', schemeId)
  const { q, ...filters } = query
  const timeZone = await inScheme(deps.db, schemeId, async (tx) => {
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'report.export',
      subject: `scheme:${schemeId}`,
      // The search text is not recorded: it may be a name.
      details: { ...filters, searched: Boolean(q) },
    })
    return findTimeZone(tx, schemeId)
  })
  async function* pieces(): AsyncGenerator<string> {
    yield BYTE_ORDER_MARK + csvRow(COLUMNS.map((column) => formatMessage(lang, `journal.column.${column}`)))
    for (let before: InstantCursor | undefined; ; ) {
      const rows = await inScheme(deps.db, schemeId, (tx) =>
        listReports(tx, schemeId, { ...query, limit: PAGE }, before),
      )
      const reports = rows.map((row) => toReportView(row, deps.now()))
      if (reports.length > 0) yield reports.map((report) => toCsvLine(report, { lang, timeZone })).join('')
      const last = rows.at(-1)
      if (last === undefined || rows.length < PAGE) return
      before = { at: last.calledAt, id: last.id }
    }
  }
  return pieces()
}

function toCsvLine(
  report: ReportView,
  { lang, timeZone }: { readonly lang: Lang; readonly timeZone: string },
): string {
  const { caller, refusal, alert, answer } = report
  return csvRow([
    csvTime(report.calledAt, timeZone),
    csvTime(report.occurredAt, timeZone),
    lang === 'fr' ? report.category.labelFr : report.category.labelEn,
    report.commune.name,
    report.commune.code,
    report.place ?? '',
    [caller?.member?.name, caller?.name].filter(Boolean).join(' · '),
    caller?.phone ?? '',
    report.facts ?? '',
    report.lateReason ?? '',
    report.createdBy,
    formatMessage(lang, `journal.decision.${report.state}`),
    refusal === null ? '' : formatMessage(lang, `journal.refusal.${refusal.code}`),
    refusal?.note ?? '',
    answer?.text ?? '',
    csvTime(report.decidedAt, timeZone),
    report.decidedBy ?? '',
    alert?.reference ?? '',
    alert === null ? '' : formatMessage(lang, `alert.state.${alert.state}`),
    alert?.answer?.reason ?? '',
    csvTime(alert?.orderedAt ?? null, timeZone),
    formatMessage(lang, report.exercise ? 'export.yes' : 'export.no_word'),
    formatMessage(lang, originOf(report)),
  ])
}

function originOf({ called17 }: ReportView): string {
  if (called17 === null) return 'journal.origin.call'
  return called17 ? 'journal.origin.portal_called' : 'journal.origin.portal'
}
