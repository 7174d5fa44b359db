import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { namesOfActors } from '../../identity/store.ts'
import { dayIn } from '../../message/clock.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { inScheme } from '../../platform/db.ts'
import type { LedgerAccount } from '../../schema.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import type { AccountingView } from '../contract.ts'

/** Exports that are listed at most. */
const EXPORTS_MAX = 5

interface Total {
  readonly account: LedgerAccount
  readonly debitCents: number
  readonly creditCents: number
}

/**
 * Returns what the accounting export of a year holds, without its lines, and the last exports.
 * @param asked undefined: the last year with entries
 */
export async function getAccounting(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  asked?: number,
): Promise<AccountingView> {
  authorize(actor, 'dues.export', schemeId)
  const { exports, ...view } = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await tx.selectFrom('schemes').select('dues').where('id', '=', schemeId).executeTakeFirst()
    const numbers = DuesSettings.parse(scheme?.dues ?? {}).accounts
    const { rows: years } = await sql<{ year: number; entries: number; firstOn: string; lastOn: string }>`
      select extract(year from entered_on)::int as year, count(*)::int as entries,
        min(entered_on) as first_on, max(entered_on) as last_on
      from ledger_entries where scheme_id = ${schemeId} group by 1 order by 1 desc`.execute(tx)
    const year =
      asked ?? years[0]?.year ?? Number(dayIn(await findTimeZone(tx, schemeId), deps.now()).slice(0, 4))
    const { rows: totals } = await sql<Total>`
      select l.account, sum(l.debit_cents)::float8 as debit_cents, sum(l.credit_cents)::float8 as credit_cents
      from ledger_entries e join ledger_lines l on l.scheme_id = e.scheme_id and l.no = e.no
      where e.scheme_id = ${schemeId} and e.entered_on >= make_date(${year}, 1, 1) and e.entered_on <= make_date(${year}, 12, 31)
      group by l.account`.execute(tx)
    const taken = await tx
      .selectFrom('auditEntries')
      .select(['at', 'actor', 'subject', 'details'])
      .where('schemeId', '=', schemeId)
      .where('action', '=', 'dues.export')
      .where(
        'subject',
        'in',
        [...new Set([year, ...years.map((one) => one.year)])].map((one) => `dues:${one}`),
      )
      .orderBy('seq', 'desc')
      .limit(EXPORTS_MAX)
      .execute()
    const held = years.find((one) => one.year === year)
    return {
      year,
      years: years.map((one) => one.year),
      entries: held?.entries ?? 0,
      firstOn: held?.firstOn ?? null,
      lastOn: held?.lastOn ?? null,
      accounts: totals
        .map((total) => ({ ...total, number: numbers[total.account] }))
        .toSorted((a, b) => a.number.localeCompare(b.number)),
      exports: taken,
    }
  })
  const names = await namesOfActors(
    deps.db,
    exports.map((one) => one.actor),
  )
  return {
    ...view,
    exports: exports.map(({ at, actor: by, subject, details }) => ({
      at: at.toISOString(),
      by: names.get(by) ?? null,
      year: Number(subject.slice('dues:'.length)),
      lines: Number((details as { lines?: unknown }).lines ?? 0),
    })),
  }
}
