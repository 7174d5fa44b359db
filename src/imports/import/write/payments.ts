import type { OpenChange } from '../../../changes/record.ts'
import type { Deps } from '../../../deps.ts'
import type { ListedPayments } from '../../../dues/bulk/contract.ts'
import {
  findListedDue,
  judgeListedRows,
  type ListedPayment,
  type ListedRow,
  sumListed,
} from '../../../dues/bulk/listed.ts'
import { namesNoYear, withYear } from '../../../dues/bulk/listed-rules.ts'
import { findToday } from '../../../dues/ledger/ledger.ts'
import { dayProblems } from '../../../dues/ledger/payments.ts'
import { listCampaignYears } from '../../../dues/store.ts'
import { AppError } from '../../../errors.ts'
import type { ImportRemark, ImportReport } from '../../../members/contract.ts'
import { type Actor, authorize, may } from '../../../permissions.ts'
import type { Tx } from '../../../platform/db.ts'
import type { MemberRow } from '../check/row.ts'
import type { CheckedImport } from '../check/rows.ts'
import type { Columns } from '../columns/columns.ts'
import type { Matches } from '../match/match.ts'
import type { ImportDeps } from '../options.ts'
import type { Parts } from '../parts.ts'
import type { ImportPlan } from './plan.ts'

/** The dues that a row says are paid. */
export type PaidRow = Pick<MemberRow, 'line' | 'paid'>

type PaidReport = NonNullable<ImportReport['paid']>

/** @throws AppError `forbidden`; `invalid_input` for a day to come or more than a year ago */
export async function requirePayable(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  actor: Actor,
  schemeId: string,
  { receivedOn }: ListedPayments,
): Promise<void> {
  authorize(actor, 'dues.manage', schemeId)
  const problems = dayProblems(await findToday(tx, deps, schemeId), 'payments.receivedOn', receivedOn)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
}

/** Left out for a reason that many rows of a list share: reported once, with their number. */
const SHARED: ReadonlySet<string> = new Set([
  'no_year',
  'other_year',
  'no_campaign',
  'not_called',
  'new_member',
])

/** Counts the payments that a list brings, and collects why others are left out. */
export class PaidCheck {
  #due = 0
  #dueCents = 0
  #known = 0
  #leftOut = 0
  readonly #own: ImportRemark[] = []
  readonly #shared = new Map<string, { remark: ImportRemark; count: number }>()
  readonly #columns: Columns
  readonly #year: number | null
  #isYearUsed = false
  /** @param year of dues of which the list names neither a year nor a day */
  constructor(columns: Columns, year: number | null) {
    this.#columns = columns
    this.#year = year
  }

  /** Checks some rows. @param memberIdOf the member of a line; undefined for a new one */
  async add(
    tx: Tx,
    deps: Pick<Deps, 'now'>,
    schemeId: string,
    rows: readonly PaidRow[],
    memberIdOf: (line: number) => string | undefined,
  ): Promise<void> {
    this.#isYearUsed ||= rows.some(({ paid }) => paid.some(namesNoYear))
    const listed = rows.flatMap(({ line, paid }) =>
      paid.map((one) => ({ line, ...withYear(one, this.#year), memberId: memberIdOf(line) ?? null })),
    )
    const results = await judgeListedRows(tx, deps, schemeId, listed)
    const known = new Set<number>()
    for (const [i, { line, column }] of listed.entries()) {
      const result = results[i]
      if (result === undefined || result === 'recorded') known.add(line)
      else if ('cents' in result) {
        this.#due++
        this.#dueCents += result.cents
      } else this.#leaveOut({ line, index: column }, result.why, result.values)
    }
    this.#known += known.size
  }

  #leaveOut(
    { line, index }: Pick<ImportRemark, 'line'> & { readonly index: number },
    why: string,
    values: ImportRemark['values'],
  ): void {
    this.#leftOut++
    const column = this.#columns.headers[index] ?? null
    const remark = { line, column, index, code: `paid.${why}`, value: null, values }
    const key = JSON.stringify([why, values])
    const same = this.#shared.get(key)
    if (!SHARED.has(why)) this.#own.push(remark)
    else if (same === undefined) this.#shared.set(key, { remark, count: 1 })
    else same.count++
  }

  /** Returns why payments are left out. */
  remarks(): ImportRemark[] {
    const shared = [...this.#shared.values()].map(({ remark, count }) => ({
      ...remark,
      values: { ...remark.values, count },
    }))
    return [...shared, ...this.#own]
  }

  report(): PaidReport | undefined {
    if (this.#due + this.#known + this.#leftOut === 0) return undefined
    const [due, dueCents, known] = [this.#due, this.#dueCents, this.#known]
    const year = this.#isYearUsed ? this.#year : null
    return { due, dueCents, known, leftOut: this.#leftOut, year, written: null }
  }
}

/** Returns the year of the latest campaign; the current one without a campaign. */
export async function findDuesYear(tx: Tx, deps: Pick<Deps, 'now'>, schemeId: string): Promise<number> {
  const [latest] = await listCampaignYears(tx, schemeId)
  return latest ?? Number((await findToday(tx, deps, schemeId)).slice(0, 4))
}

/** Lists the payments that rows to write bring: of the given year where the list names neither a year nor a day. */
export function findPaid(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  rows: readonly MemberRow[],
  {
    year,
    memberIdOf,
  }: Pick<ListedPayments, 'year'> & { readonly memberIdOf: (row: MemberRow) => string | undefined },
): Promise<ListedPayment[]> {
  const listed = rows.flatMap((row): ListedRow[] => {
    const memberId = memberIdOf(row)
    return memberId === undefined
      ? []
      : row.paid.map((paid) => ({ line: row.line, ...withYear(paid, year), memberId }))
  })
  return findListedDue(tx, deps, schemeId, listed)
}

/** Counts members that only a payment concerns among those that the list changes, so that the change holds them. */
export function withPaid(plan: ImportPlan, due: readonly ListedPayment[]): ImportPlan {
  const touched = new Set(plan.touched)
  const more = [...new Set(due.map(({ memberId }) => memberId))].filter((id) => !touched.has(id))
  return { ...plan, touched: [...plan.touched, ...more], unchanged: plan.unchanged - more.length }
}

/** Checks the dues that the good rows say are paid. They are shown only to an account that may record payments. */
export async function checkPaid(
  deps: ImportDeps,
  { schemeId, actor, paid, columns, problems, options }: CheckedImport,
  parts: Parts,
  { matches, joined, aside }: Matches,
): Promise<PaidCheck> {
  if (!may(actor, 'dues.manage', schemeId)) return new PaidCheck(columns, null)
  const { payments, duesYear = null } = options
  const named = payments === undefined ? duesYear : payments.year
  const year = named === 'latest' ? await parts.once((tx) => findDuesYear(tx, deps, schemeId)) : named
  const check = new PaidCheck(columns, year ?? null)
  const good = paid.filter(({ line }) => !problems.lines.has(line) && !aside.has(line))
  const memberIdOf = (line: number) => (joined.get(line) ?? matches.get(line))?.id
  parts.begin()
  for (let at = 0; at < good.length; ) {
    const part = good.slice(at, at + parts.size())
    at += part.length
    await parts.do((tx) => check.add(tx, deps, schemeId, part, memberIdOf))
  }
  return check
}

/** Returns the payments of a report, with those that a change wrote. */
export async function reportPaid(
  check: PaidCheck,
  parts: Parts,
  schemeId: string,
  change: OpenChange | undefined,
): Promise<ImportReport['paid']> {
  const report = check.report()
  if (report === undefined || change === undefined) return report
  const written = await parts.once((tx) => sumListed(tx, schemeId, change.id))
  return { ...report, written: written.payments === 0 ? null : written }
}
