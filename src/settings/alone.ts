import { sql } from 'kysely'
import { frenchDay } from '../i18n/day.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import { dayIn } from '../message/clock.ts'
import type { Tx } from '../platform/db.ts'
import { findTimeZone } from '../platform/time-zone.ts'
import type { SettingSubject } from './rules.ts'

/** Settings in force that one person changed alone, for want of another account. */
export interface DecidedAlone {
  /** In the order in which they were changed, the latest first. */
  readonly subjects: readonly SettingSubject[]
  /** The day of the latest change, in the time zone of the scheme. */
  readonly day: string
}

/**
 * Finds what every export of a scheme says of it: the subjects whose latest change in force was made by one person alone. A later
 * change by two persons, or the end of the retention period of changes, ends it.
 */
export async function findDecidedAlone(tx: Tx, schemeId: string): Promise<DecidedAlone | undefined> {
  const { rows } = await sql<{ subject: SettingSubject; decidedAt: Date }>`
    select subject, decided_at from (
      select distinct on (subject) subject, decided_at,
        -- Another account may have put it in force after all.
        alone and not (decided_by like 'user:%' and decided_by <> proposed_by) as alone
      from setting_changes
      where scheme_id = ${schemeId} and state = 'in_force'
      order by subject, decided_at desc, alone) latest
    where alone order by decided_at desc, subject`.execute(tx)
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
