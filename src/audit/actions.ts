import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import { type Actor, actorName, authorize, authorizeInstallation, may } from '../permissions.ts'
import { BYTE_ORDER_MARK, csvRow, csvTime } from '../platform/csv.ts'
import { findTimeZone, timeZoneSql } from '../platform/database/time-zone.ts'
import type { Db, Tx } from '../platform/db.ts'
import { inChain, NO_SCHEME } from './chain.ts'
import { type ChainCheck, type CheckDeps, checkChain, findLastCheck } from './checks.ts'
import type {
  AuditEntryView,
  AuditFilter,
  AuditPage,
  AuditQuery,
  ChainView,
  InstallationAuditFilter,
  InstallationAuditQuery,
} from './contract.ts'
import { recordAudit } from './record.ts'

/**
 * Looks up the accounts behind the entries. The identity room implements it: it writes audit entries itself, so audit cannot
 * import it.
 */
export interface Authors {
  /** Returns names by actor; actors whose account was deleted are missing from the map. */
  namesOfActors(db: Db, actors: readonly string[]): Promise<ReadonlyMap<string, string>>
  listAuthors(db: Db, schemeId: string): Promise<{ id: string; name: string }[]>
}

type ReadDeps = Pick<Deps, 'db' | 'now'> & { readonly authors: Authors }
export type AuditDeps = ReadDeps & CheckDeps

type AnyFilter = AuditFilter | InstallationAuditFilter

interface Row {
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly details: Readonly<Record<string, unknown>>
  /** Null when no reason was given or its retention period has passed. */
  readonly reason: string | null
  readonly named: Readonly<Record<string, unknown>> | null
  readonly network: string | null
}

/** Rows read at a time, so that an export of several years never holds more than one page in memory. */
const PAGE = 500

/** Checks that the actor may read the chain of a scheme, or of the installation. @throws AppError `unknown_scheme`, `forbidden` */
function authorizeChain(actor: Actor, schemeId: string): void {
  if (schemeId === NO_SCHEME) authorizeInstallation(actor, 'audit.read_installation')
  else authorize(actor, 'audit.read', schemeId)
}

/** Returns whether the actor sees entries about reports and alerts whole; the chain of the installation has none. */
function readsWhole(actor: Actor, schemeId: string): boolean {
  return schemeId === NO_SCHEME || may(actor, 'alert.read_precise', schemeId)
}

/**
 * Lists the audit record of a scheme, or of the installation, latest first, one page at a time. Callers without `alert.read_precise` see neither the
 * details of entries about reports and alerts (the content hash included) nor which merchant reported.
 */
export async function listAudit(
  deps: ReadDeps,
  actor: Actor,
  schemeId: string,
  query: AuditQuery | InstallationAuditQuery,
): Promise<AuditPage> {
  authorizeChain(actor, schemeId)
  const whole = readsWhole(actor, schemeId)
  const rows = await inChain(deps.db, schemeId, (tx) =>
    readEntries(tx, schemeId, query, { before: query.before, limit: query.limit + 1, whole }),
  )
  const shown = rows.slice(0, query.limit)
  const names = await namesIn(deps, shown)
  return {
    entries: shown.map((row) => toEntryView(row, names, whole)),
    next: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null,
    actors: query.before === undefined ? await deps.authors.listAuthors(deps.db, schemeId) : null,
  }
}

/** Returns the last check of a chain; runs one if it was never checked. */
export async function getChain(deps: AuditDeps, actor: Actor, schemeId: string): Promise<ChainView> {
  authorizeChain(actor, schemeId)
  const last = await findLastCheck(deps, schemeId)
  // A check of less than half of the record says little of it: on a new installation, of its first entry alone.
  const isCurrent = last !== undefined && (last.broken !== null || last.entriesNow <= 2 * last.entries)
  return toChainView(isCurrent ? last : await checkChain(deps, schemeId))
}

/** Checks a chain now: reads every entry and recomputes its hash. */
export async function checkChainNow(deps: AuditDeps, actor: Actor, schemeId: string): Promise<ChainView> {
  authorizeChain(actor, schemeId)
  return toChainView(await checkChain(deps, schemeId))
}

function toChainView({ checkedAt, broken, anchoredAt, facts, ...rest }: ChainCheck): ChainView {
  return {
    ...rest,
    facts: [...facts],
    checkedAt: checkedAt.toISOString(),
    broken: broken ?? null,
    anchoredAt: anchoredAt?.toISOString() ?? null,
  }
}

/** Exports the matching entries as CSV, latest first, in pieces. The export itself is recorded with the number of entries. */
export async function exportAudit(
  deps: ReadDeps,
  actor: Actor,
  schemeId: string,
  filter: AnyFilter,
  lang: Lang,
): Promise<AsyncGenerator<string>> {
  authorizeChain(actor, schemeId)
  const whole = readsWhole(actor, schemeId)
  // The export ends at the latest entry of this moment: neither its own entry nor later ones belong to it.
  const { end, timeZone } = await inChain(deps.db, schemeId, async (tx) => {
    const { rows } = await sql<{ entries: number; last: number | null }>`
      select count(*)::int as entries, max(e.seq) as last from audit_entries e where ${matchesFilter(schemeId, filter, whole)}`.execute(
      tx,
    )
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'audit.export',
      subject: schemeId === NO_SCHEME ? 'installation' : `scheme:${schemeId}`,
      details: { ...filter, entries: rows[0]?.entries },
    })
    return { end: Number(rows[0]?.last ?? 0) + 1, timeZone: await findTimeZone(tx, schemeId) }
  })
  async function* pieces(): AsyncGenerator<string> {
    const heads = ['no', 'at', 'actor', 'action', 'subject', 'details', 'network'] as const
    yield BYTE_ORDER_MARK + csvRow(heads.map((head) => formatMessage(lang, `audit.csv.${head}`)))
    for (let before = end; ; ) {
      // Each page has a transaction of its own, so that a slow download blocks no one.
      const rows = await inChain(deps.db, schemeId, (tx) =>
        readEntries(tx, schemeId, filter, { before, limit: PAGE, whole }),
      )
      const names = await namesIn(deps, rows)
      if (rows.length > 0)
        yield rows.map((row) => toCsvLine(toEntryView(row, names, whole), { lang, timeZone })).join('')
      if (rows.length < PAGE) return
      before = rows.at(-1)?.seq ?? 0
    }
  }
  return pieces()
}

function toCsvLine(
  { seq, at, actor, action, subject, details, network }: AuditEntryView,
  { lang, timeZone }: { readonly lang: Lang; readonly timeZone: string },
): string {
  return csvRow([
    seq,
    csvTime(at, timeZone),
    actor.kind === 'user' ? (actor.name ?? '') : formatMessage(lang, `audit.csv.${actor.kind}`),
    action,
    subject,
    Object.keys(details).length === 0 ? '' : JSON.stringify(details),
    network ?? '',
  ])
}

function matchesFilter(schemeId: string, { action, actor, from, to }: AnyFilter, whole: boolean) {
  const conditions = [sql`e.scheme_id = ${schemeId}`]
  if (action !== undefined) conditions.push(sql`e.action = ${action}`)
  // Seals say nothing of who did what.
  else conditions.push(sql`e.action <> 'audit.seal'`)
  if (actor === 'contact') {
    // The same rule as in `toEntryView`: merchants on the portal, or in an enrolment on their way to it.
    conditions.push(sql`e.actor not like 'user:%' and e.actor not like 'system:%'`)
    // Entries about reports would reveal that one of the merchants reported.
    if (!whole) conditions.push(sql`e.action not like 'report.%'`)
  } else if (actor === 'system') conditions.push(sql`e.actor like 'system:%'`)
  else if (actor !== undefined) conditions.push(sql`e.actor = ${`user:${actor}`}`)
  if (from !== undefined)
    conditions.push(sql`e.at >= (${from}::date)::timestamp at time zone ${timeZoneSql(schemeId)}`)
  if (to !== undefined)
    conditions.push(sql`e.at < (${to}::date + 1)::timestamp at time zone ${timeZoneSql(schemeId)}`)
  return sql.join(conditions, sql` and `)
}

async function readEntries(
  tx: Tx,
  schemeId: string,
  filter: AnyFilter,
  {
    before,
    limit,
    whole,
  }: { readonly before: number | undefined; readonly limit: number; readonly whole: boolean },
): Promise<Row[]> {
  const { rows } = await sql<Row & { seq: string | number }>`
    select e.seq, e.at, e.actor, e.action, e.subject, e.details, nullif(r.reason, '') as reason, r.named, w.network from audit_entries e
    left join audit_reasons r on r.scheme_id = e.scheme_id and r.seq = e.seq
    left join audit_networks w on w.scheme_id = e.scheme_id and w.seq = e.seq
    where ${matchesFilter(schemeId, filter, whole)} ${before === undefined ? sql`` : sql`and e.seq < ${before}`}
    order by e.seq desc limit ${limit}`.execute(tx)
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

/** Returns the names of the accounts that act, or are acted on, in these entries. */
function namesIn({ db, authors }: ReadDeps, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  return authors.namesOfActors(
    db,
    rows.flatMap(({ actor, subject }) => [actor, subject]),
  )
}

/** Subjects whose details only holders of `alert.read_precise` may see: reports, alerts and what is derived from them. */
const OF_ALERTS = /^(?:alert|report|relay|series):/

function toEntryView(row: Row, names: ReadonlyMap<string, string>, whole: boolean): AuditEntryView {
  const { seq, at, actor, action, subject, reason, network } = row
  const details = { ...row.details, ...row.named, ...(reason === null ? {} : { reason }) }
  const hidden = !whole && OF_ALERTS.test(subject)
  return {
    seq,
    at: at.toISOString(),
    actor: toActorView(),
    action,
    subject,
    of: subject === actor ? null : (names.get(subject) ?? null),
    // A network may identify the shop that reported.
    network: hidden ? null : network,
    details: hidden ? {} : details,
    hidden,
  }

  function toActorView(): AuditEntryView['actor'] {
    if (actor.startsWith('user:')) return { kind: 'user', name: names.get(actor) ?? null }
    if (actor.startsWith('system:')) return { kind: 'system', name: null }
    // The identity of a merchant who reported is known only to those who handle the report.
    return { kind: !whole && action.startsWith('report.') ? 'hidden' : 'contact', name: null }
  }
}
