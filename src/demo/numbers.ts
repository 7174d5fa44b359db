import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { recordNumberOutcomes } from '../members/numbers/health.ts'
import { setNumberSettings } from '../members/numbers/reconfirm.ts'
import type { NumberOutcomeKind } from '../members/numbers/rules.ts'
import { DAY_MS } from '../message/clock.ts'
import type { Actor } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'

import { STORIES } from './members.ts'

/** Outcomes of messages days before the demo: numbers given up, phones that stay off, one ported number. */
const stories: readonly (readonly [
  kind: Exclude<NumberOutcomeKind, 'delivered'>,
  days: readonly number[],
])[] = [
  ['unknown', [41, 26, 9]],
  ['unknown', [58, 33, 12]],
  ['absent', [88, 71, 58, 41, 26, 9]],
  ['unknown', [9]],
  ['absent', [41, 26, 9]],
]

/**
 * Gives the first members and tobacconists of a demo scheme a few numbers that need attention. Repeating it
 * changes nothing.
 */
export async function seedDemoNumbers(deps: Deps, schemeId: string): Promise<void> {
  const ago = (days: number) => new Date(deps.now().getTime() - days * DAY_MS)
  await inScheme(deps.db, schemeId, async (tx) => {
    const phonesOf = async (isTobacconist: boolean) => {
      const rows = await tx
        .selectFrom('contacts as c')
        .innerJoin('members as m', (join) =>
          join.onRef('m.schemeId', '=', 'c.schemeId').onRef('m.id', '=', 'c.memberId'),
        )
        .select('c.mobile')
        .where('c.schemeId', '=', schemeId)
        .where('m.trade', isTobacconist ? '=' : '<>', 'tobacco-press')
        .where('c.sms', '=', true)
        .where('c.shared', '=', false)
        // The first members play a part elsewhere in the demo.
        .orderBy('c.id', 'desc')
        .limit(stories.length)
        .execute()
      return rows.flatMap(({ mobile }) => mobile ?? [])
    }
    const failed = [...(await phonesOf(false)), ...(await phonesOf(true))].flatMap((phone, n) => {
      const [kind, days] = stories[n % stories.length]!
      return days.map((day) => ({ phone, kind, at: ago(day) }))
    })
    const delivered = [...new Set(failed.map(({ phone }) => phone))].map((phone) => ({ phone, at: ago(120) }))
    await recordNumberOutcomes(tx, deps, schemeId, { delivered, failed })
  })
}

/** Contacts of a demo scheme whose confirmation is due, and that were asked today. */
const DUE = 8
/** The daily limit, so that none is asked on the first day of a demo. */
const ASKED = 20
const ASKED_MINUTES = 90

/**
 * Turns on the yearly re-confirmation: most contacts confirmed within the year, some were asked today, a few are
 * due. None in the communes of the demo's stories is asked.
 */
export async function seedDemoReconfirmation(deps: Deps, schemeId: string, chamber: Actor): Promise<void> {
  const at = (days: number) => new Date(deps.now().getTime() - days * DAY_MS)
  await setNumberSettings(deps, chamber, schemeId, { reconfirm: true, perDay: ASKED })
  await inScheme(deps.db, schemeId, async (tx) => {
    // Members who joined more than a year ago have confirmed since.
    await sql`
      insert into reconfirmations (scheme_id, contact_id, phone, began_at, asks, asked_at, state, answered_at, token_hash)
      select c.scheme_id, c.id, c.mobile, c.mobile_at - interval '26 hours', 1, c.mobile_at - interval '26 hours', 'mine', c.mobile_at,
        md5(c.id::text) || md5(c.mobile)
      from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status = 'active'
      where c.scheme_id = ${schemeId} and c.sms and not c.shared and m.created_at < ${at(366)}::timestamptz and c.mobile_at > m.created_at
      on conflict do nothing`.execute(tx)
    const { rows } = await sql<{ id: string }>`
      select c.id from contacts c
      join reconfirmations r on r.scheme_id = c.scheme_id and r.contact_id = c.id
      join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.created_at < ${at(500)}::timestamptz
      left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile
      where c.scheme_id = ${schemeId} and h.phone is null and m.commune_code <> all (${[...STORIES]}::text[])
      order by md5(c.id::text) limit ${DUE + ASKED}`.execute(tx)
    const ids = rows.map(({ id }) => id)
    const [due, asked] = [ids.slice(0, DUE), ids.slice(DUE)]
    await sql`update contacts set mobile_at = ${at(372)} where scheme_id = ${schemeId} and id = any (${ids}::uuid[])`.execute(
      tx,
    )
    await sql`delete from reconfirmations where scheme_id = ${schemeId} and contact_id = any (${due}::uuid[])`.execute(
      tx,
    )
    const today = at(ASKED_MINUTES / 1440)
    await sql`update reconfirmations set state = 'open', answered_at = null, began_at = ${today}, asked_at = ${today}
      where scheme_id = ${schemeId} and contact_id = any (${asked}::uuid[])`.execute(tx)
  })
}
