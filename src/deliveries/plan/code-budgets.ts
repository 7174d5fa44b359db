import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import type { CodeSpending, LimitedBudget } from '../../identity/codes/codes.ts'
import { listMailsOfRole } from '../../identity/store.ts'
import { METROPOLITAN_ZONE, startOfDay } from '../../message/clock.ts'
import { inEuros } from '../../message/money.ts'
import { writeMessages } from '../../outbox/actions.ts'
import { acrossSchemes, type Db, inScheme } from '../../platform/db.ts'
import { EnrolmentSettings } from '../../schemes/contract.ts'

interface SchemePrices {
  readonly smsPriceMillicents: number
  readonly enrolment: unknown
  readonly timeZone: string | null
}

/** Returns what a code of so many SMS parts costs, and what its scheme may spend on codes today. */
export function codeSpending(scheme: SchemePrices, parts: number, now: Date): CodeSpending {
  const { joinCents, signInCents } = EnrolmentSettings.parse(scheme.enrolment).codeBudgets
  return {
    costMillicents: parts * scheme.smsPriceMillicents,
    limitMillicents: { join: joinCents * 1000, sign_in: signInCents * 1000 },
    dayStart: startOfDay(scheme.timeZone ?? METROPOLITAN_ZONE, now),
  }
}

/** Notifies the chamber by mail, once a day, that less than a fifth of a budget for codes is left. */
export async function notifyBudgetLow(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
  schemeId: string,
  budget: LimitedBudget,
): Promise<void> {
  const mails = await acrossSchemes(deps.db, (tx) => listMailsOfRole(tx, schemeId, 'chamber'))
  await inScheme(deps.db, schemeId, async (tx) => {
    const { name, enrolment } = await tx
      .selectFrom('schemes')
      .select(['name', 'enrolment'])
      .where('id', '=', schemeId)
      .executeTakeFirstOrThrow()
    const { joinCents, signInCents } = EnrolmentSettings.parse(enrolment).codeBudgets
    const values = { scheme: name, budget, euros: inEuros(budget === 'join' ? joinCents : signInCents) }
    await writeMessages(tx, deps, schemeId, {
      mails: mails.map((to) => ({ to, template: 'mail.codes.low', values })),
    })
  })
}

/** Reads which share of each budget for codes is spent today, over all schemes. */
export async function readCodeBudgets(
  db: Db,
  now: Date,
): Promise<{ budget: LimitedBudget; ratio: number }[]> {
  const { rows } = await sql<{ enrolment: unknown; join: number; signIn: number }>`
    select s.enrolment,
      coalesce(sum(c.cost_millicents) filter (where c.budget = 'join'), 0)::float8 as "join",
      coalesce(sum(c.cost_millicents) filter (where c.budget = 'sign_in'), 0)::float8 as sign_in
    from schemes s left join one_time_codes c on c.scheme_id = s.id and c.sent_at >=
      date_trunc('day', ${now}::timestamptz, coalesce(s.time_zone, ${METROPOLITAN_ZONE}))
    group by s.id`.execute(db)
  return rows.flatMap(({ enrolment, join, signIn }) => {
    const { joinCents, signInCents } = EnrolmentSettings.parse(enrolment).codeBudgets
    return [
      { budget: 'join' as const, ratio: join / (joinCents * 1000) },
      { budget: 'sign_in' as const, ratio: signIn / (signInCents * 1000) },
    ]
  })
}
