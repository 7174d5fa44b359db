import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { type Lang, say } from '../i18n/say.ts'
import { type Actor, actorName, authorize, may } from '../permissions.ts'
import { BYTE_ORDER_MARK, csvRow, csvTime } from '../platform/csv.ts'
import { type Db, inScheme, type Tx } from '../platform/db.ts'
import { type ChainCheck, checkChain, findLastCheck } from './checks.ts'
import type { AuditEntryView, AuditFilter, AuditPage, AuditQuery, ChainView } from './contract.ts'
import { recordAudit } from './record.ts'

/** The accounts behind the entries: identity, which writes on the record itself, has them. */
export interface Authors {
  /** Names by actor, for those that still have an account. */
  namesOfActors(db: Db, actors: readonly string[]): Promise<ReadonlyMap<string, string>>
  listAuthors(db: Db, schemeId: string): Promise<{ id: string; name: string }[]>
}

export type AuditDeps = Pick<Deps, 'db' | 'now'> & { readonly authors: Authors }

interface Row {
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly details: Readonly<Record<string, unknown>>
  /** Null: none was written, or its time is over. */
  readonly reason: string | null
  readonly named: Readonly<Record<string, unknown>> | null
}

/** Rows read at a time: the export of years holds one piece of it in memory. */
const PAGE = 500

/**
 * The record of a scheme, the latest first, a page at a time. Whoever may not read precise texts is not told the details of
 * what is about reports and alerts (the hash of a content among them), nor which merchant reported.
 */
export async function listAudit(
  deps: AuditDeps,
  actor: Actor,
  schemeId: string,
  query: AuditQuery,
): Promise<AuditPage> {
  authorize(actor, 'audit.read', schemeId)
  const whole = may(actor, 'alert.read_precise', schemeId)
  const rows = await inScheme(deps.db, schemeId, (tx) =>
    readRows(tx, schemeId, query, { before: query.before, limit: query.limit + 1, whole }),
  )
  const shown = rows.slice(0, query.limit)
  const names = await deps.authors.namesOfActors(
    deps.db,
    shown.map((row) => row.actor),
  )
  return {
    entries: shown.map((row) => viewOf(row, names, whole)),
    next: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null,
    actors: query.before === undefined ? await deps.authors.listAuthors(deps.db, schemeId) : null,
  }
}

/** Whether the record of a scheme is what was written, as its last check found; the first time, it is checked. */
export async function getChain(deps: AuditDeps, actor: Actor, schemeId: string): Promise<ChainView> {
  authorize(actor, 'audit.read', schemeId)
  return viewChain((await findLastCheck(deps, schemeId)) ?? (await checkChain(deps, schemeId)))
}

/** Checks the record of a scheme now: every entry is read and its hash computed. */
export async function checkChainNow(deps: AuditDeps, actor: Actor, schemeId: string): Promise<ChainView> {
  authorize(actor, 'audit.read', schemeId)
  return viewChain(await checkChain(deps, schemeId))
}

function viewChain({ checkedAt, entries, broken, entriesNow }: ChainCheck): ChainView {
  return { checkedAt: checkedAt.toISOString(), entries, broken: broken ?? null, entriesNow }
}

/** What the filters keep as CSV, latest first, piece by piece. On the record itself, with how much. */
export async function exportAudit(
  deps: AuditDeps,
  actor: Actor,
  schemeId: string,
  filter: AuditFilter,
  lang: Lang,
): Promise<AsyncGenerator<string>> {
  authorize(actor, 'audit.read', schemeId)
  const whole = may(actor, 'alert.read_precise', schemeId)
  // Up to the latest of them: the entry of this export is no part of it, nor is what others add meanwhile.
  const end = await inScheme(deps.db, schemeId, async (tx) => {
    const { rows } = await sql<{ entries: number; last: number | null }>`
      select count(*)::int as entries, max(e.seq) as last from audit_entries e where ${kept(schemeId, filter, whole)}`.execute(
      tx,
    )
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'audit.export',
      subject: `scheme:${schemeId}`,
      details: { ...filter, entries: rows[0]?.entries },
    })
    return Number(rows[0]?.last ?? 0) + 1
  })
  async function* pieces(): AsyncGenerator<string> {
    const heads = ['no', 'at', 'actor', 'action', 'subject', 'details'] as const
    yield BYTE_ORDER_MARK + csvRow(heads.map((head) => say(lang, `audit.csv.${head}`)))
    for (let before = end; ; ) {
      // Each in a transaction of its own: whoever reads slowly holds up nobody.
      const rows = await inScheme(deps.db, schemeId, (tx) =>
        readRows(tx, schemeId, filter, { before, limit: PAGE, whole }),
      )
      const names = await deps.authors.namesOfActors(
        deps.db,
        rows.map((row) => row.actor),
      )
      if (rows.length > 0) yield rows.map((row) => lineOf(viewOf(row, names, whole), lang)).join('')
      if (rows.length < PAGE) return
      before = rows.at(-1)?.seq ?? 0
    }
  }
  return pieces()
}

function lineOf({ seq, at, actor, action, subject, details }: AuditEntryView, lang: Lang): string {
  return csvRow([
    seq,
    csvTime(at),
    actor.kind === 'user' ? (actor.name ?? '') : say(lang, `audit.csv.${actor.kind}`),
    action,
    subject,
    Object.keys(details).length === 0 ? '' : JSON.stringify(details),
  ])
}

function kept(schemeId: string, { action, actor, from, to }: AuditFilter, whole: boolean) {
  const conditions = [sql`e.scheme_id = ${schemeId}`]
  if (action !== undefined) conditions.push(sql`e.action = ${action}`)
  if (actor === 'contact') {
    // As `viewOf` says it of an entry: on the portal, or on their way to it by an enrolment.
    conditions.push(sql`e.actor not like 'user:%' and e.actor not like 'system:%'`)
    // Among those of merchants, these would tell that one reported.
    if (!whole) conditions.push(sql`e.action not like 'report.%'`)
  } else if (actor === 'system') conditions.push(sql`e.actor like 'system:%'`)
  else if (actor !== undefined) conditions.push(sql`e.actor = ${`user:${actor}`}`)
  if (from !== undefined) conditions.push(sql`e.at >= (${from}::date)::timestamp at time zone 'Europe/Paris'`)
  if (to !== undefined) conditions.push(sql`e.at < (${to}::date + 1)::timestamp at time zone 'Europe/Paris'`)
  return sql.join(conditions, sql` and `)
}

async function readRows(
  tx: Tx,
  schemeId: string,
  filter: AuditFilter,
  {
    before,
    limit,
    whole,
  }: { readonly before: number | undefined; readonly limit: number; readonly whole: boolean },
): Promise<Row[]> {
  const { rows } = await sql<Row & { seq: string | number }>`
    select e.seq, e.at, e.actor, e.action, e.subject, e.details, nullif(r.reason, '') as reason, r.named from audit_entries e
    left join audit_reasons r on r.scheme_id = e.scheme_id and r.seq = e.seq
    where ${kept(schemeId, filter, whole)} ${before === undefined ? sql`` : sql`and e.seq < ${before}`}
    order by e.seq desc limit ${limit}`.execute(tx)
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

/** Of whom an entry tells more than what was done: reports, alerts and what is made of them. */
const OF_ALERTS = /^(?:alert|report|relay|series):/

function viewOf(row: Row, names: ReadonlyMap<string, string>, whole: boolean): AuditEntryView {
  const { seq, at, actor, action, subject, reason } = row
  const details = { ...row.details, ...row.named, ...(reason === null ? {} : { reason }) }
  const hidden = !whole && OF_ALERTS.test(subject)
  return {
    seq,
    at: at.toISOString(),
    actor: actorOf(),
    action,
    subject,
    details: hidden ? {} : details,
    hidden,
  }

  function actorOf(): AuditEntryView['actor'] {
    if (actor.startsWith('user:')) return { kind: 'user', name: names.get(actor) ?? null }
    if (actor.startsWith('system:')) return { kind: 'system', name: null }
    // Who reported stays between it and those who took the report.
    return { kind: !whole && action.startsWith('report.') ? 'hidden' : 'contact', name: null }
  }
}
