import { type RawBuilder, sql } from 'kysely'
import { dayIn, METROPOLITAN_ZONE } from '../../message/clock.ts'
import type { Tx } from '../db.ts'

/**
 * SQL: the time zone in which a scheme counts hours, days and months.
 * @param schemeId an id, looked up once a statement, or a column with one
 */
export function timeZoneSql(schemeId: string | RawBuilder<string>): RawBuilder<string> {
  return sql<string>`(select coalesce(scheme_time_zone(${schemeId}), ${METROPOLITAN_ZONE}))`
}

/** Returns the time zone of a scheme; that of mainland France for an unknown scheme. */
export async function findTimeZone(tx: Tx, schemeId: string): Promise<string> {
  const { rows } = await sql<{ zone: string }>`select ${timeZoneSql(schemeId)} as zone`.execute(tx)
  return rows[0]?.zone ?? METROPOLITAN_ZONE
}

/** Returns the calendar day of an instant in a scheme: 2026-03-12. */
export async function findDay(tx: Tx, schemeId: string, at: Date): Promise<string> {
  return dayIn(await findTimeZone(tx, schemeId), at)
}
