import { sql } from 'kysely'
import { frenchDay } from '../i18n/day.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import { dayIn } from '../message/clock.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { SettingSubject } from './rules.ts'

/** Settings in force that one person decided alone. */
export interface DecidedAlone {
  /** In the order in which they were decided, the latest first. */
  readonly subjects: readonly SettingSubject[]
  /** The day of the latest decision, in the time zone of the scheme. */
  readonly day: string
}

/**
 * Stores whether settings that were just put in force were decided by one person alone: every export of the scheme then says so. A
 * role that the program or the break-glass account gives is also decided alone if another account could have decided on it. The first
 * roles of a scheme are not, because no second person existed.
 * @param of `items`: names of settings; of observers, magistrates and roles: the id of each row or account
 */
export async function markDecided(
  tx: Tx,
  schemeId: string,
  of: {
    readonly subject: SettingSubject
    readonly items: readonly string[]
    readonly alone: boolean
    readonly at: Date
  },
): Promise<void> {
  const { subject, items, alone, at } = of
  if (items.length === 0) return
  if (!alone) {
    await tx
      .deleteFrom('decidedAlone')
      .where('schemeId', '=', schemeId)
      .where('subject', '=', subject)
      .where('item', 'in', [...items])
      .execute()
    return
  }
  await tx
    .insertInto('decidedAlone')
    .values(items.map((item) => ({ schemeId, subject, item, decidedAt: at })))
    .onConflict((conflict) =>
      conflict.columns(['schemeId', 'subject', 'item']).doUpdateSet({ decidedAt: at }),
    )
    .execute()
}

/** Marks rows that a change of settings wrote. */
export async function markRows(
  tx: Tx,
  schemeId: string,
  of: {
    readonly subject: SettingSubject
    readonly ids: readonly string[]
    /** Without `change`: written without a change, and the mark stays as it is. */
    readonly by: { readonly change?: string; readonly alone?: boolean }
    readonly at: Date
  },
): Promise<void> {
  const { subject, ids, by, at } = of
  if (by.change !== undefined)
    await markDecided(tx, schemeId, { subject, items: ids, alone: by.alone === true, at })
}

/**
 * Finds what every export of a scheme says of it: the subjects with a setting in force that one person decided alone. It ends once
 * two persons decide on the same setting, or the observer, the magistrate or the role that it gave is removed.
 */
export async function findDecidedAlone(tx: Tx, schemeId: string): Promise<DecidedAlone | undefined> {
  const { rows } = await sql<{ subject: SettingSubject; decidedAt: Date }>`
    select subject, max(decided_at) as decided_at from decided_alone d
    where scheme_id = ${schemeId} and case
      when subject = 'observers' then exists (
        select from observers o where o.scheme_id = d.scheme_id and o.id = d.item::uuid)
      when subject = 'magistrates' then exists (
        select from on_call_people o
        where o.scheme_id = d.scheme_id and o.id = d.item::uuid and o.removed_at is null)
      when subject like 'role\\_%' then exists (
        select from role_accounts(substr(subject, 6)) a where a.id = d.item)
      else true end
    group by subject order by max(decided_at) desc, subject`.execute(tx)
  const [latest] = rows
  if (latest === undefined) return undefined
  return {
    subjects: rows.map(({ subject }) => subject),
    day: dayIn(await findTimeZone(tx, schemeId), latest.decidedAt),
  }
}

/** Says in one line what was decided alone. */
export function formatAlone(lang: Lang, { subjects, day }: DecidedAlone): string {
  const names = subjects.map((subject) => formatMessage(lang, `alone.subject.${subject}`))
  return formatMessage(lang, 'alone.line', {
    subjects: new Intl.ListFormat(lang, { type: 'conjunction' }).format(names),
    day: lang === 'fr' ? frenchDay(day) : day,
  })
}

/** Returns the line for a document of a scheme; undefined: nothing was decided alone. */
export async function readAloneLine(tx: Tx, schemeId: string, lang: Lang): Promise<string | undefined> {
  const alone = await findDecidedAlone(tx, schemeId)
  return alone && formatAlone(lang, alone)
}
