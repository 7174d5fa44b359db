import { sql } from 'kysely'
import { isSealedAs } from '../../platform/database/sealed.ts'
import type { Tx } from '../../platform/db.ts'
import type { Severity } from '../../schema.ts'
import type { Area } from '../../territory/contract.ts'

/** A magistrate as stored, with the number and address of the list of people on call, or the mail of the account. */
export interface MagistrateRow {
  /** Id of the person in the list of the scheme, or of the account when it is not in that list. */
  readonly id: string
  readonly kind: 'account' | 'contact'
  readonly userId: string | null
  readonly name: string
  readonly service: string
  readonly mail: string | null
  readonly phone: string | null
}

/**
 * Lists the magistrates of the scheme's list of people and the accounts with that role that are not in it, by name.
 * @param id only this person or account; then a removed person is found too
 */
export async function listMagistrateRows(tx: Tx, schemeId: string, id?: string): Promise<MagistrateRow[]> {
  const only = id ?? null
  const { rows } = await sql<MagistrateRow>`
    select p.id::text, case when p.user_id is null then 'contact' else 'account' end as kind, p.user_id, p.name,
      coalesce(p.service, r.service, '') as service, coalesce(p.mail, r.mail) as mail, p.phone
    from on_call_people p left join role_accounts('magistrate') r on r.id = p.user_id
    where p.scheme_id = ${schemeId} and p.role = 'magistrate'
      and case when p.id::text = ${only}::text then true
        else p.removed_at is null and (${only}::text is null or p.user_id = ${only}) end
    union all
    select r.id, 'account', r.id, r.name, r.service, r.mail, null
    from role_accounts('magistrate') r
    where (${only}::text is null or r.id = ${only}) and not exists (
      select from on_call_people p
      where p.scheme_id = ${schemeId} and p.role = 'magistrate' and p.user_id = r.id and p.removed_at is null)
    order by name, id`.execute(tx)
  return rows
}

/** The number and the address at which a chief is notified; null: the contact has none. */
export interface ChiefContact {
  readonly phone: string | null
  readonly mail: string | null
}

/**
 * Lists where the chiefs of the scheme are notified of a denied authorisation: by the number and the address that the rota
 * has for them, by the mail of their account without an entry there. Each number and each address is listed once.
 */
export async function listChiefContacts(tx: Tx, schemeId: string): Promise<ChiefContact[]> {
  const { rows } = await sql<ChiefContact>`
    with rota as (
      select user_id, phone, mail from on_call_people
      where scheme_id = ${schemeId} and role = 'approver' and removed_at is null
    )
    select distinct phone, null as mail from rota where phone is not null
    union
    select null, mail from (
      select lower(mail) as mail from rota where mail is not null
      union
      select lower(r.mail) from role_accounts('chief') r where not exists (select from rota o where o.user_id = r.id)) m
    order by mail, phone`.execute(tx)
  return rows
}

/** Finds a magistrate that an authorisation names, removed from the list or not. */
export async function findMagistrate(
  tx: Tx,
  schemeId: string,
  id: string,
): Promise<MagistrateRow | undefined> {
  return (await listMagistrateRows(tx, schemeId, id))[0]
}

/** An authorisation with the message that it is about, as its magistrate reads it. */
export interface UseRow {
  readonly id: string
  readonly alertId: string
  readonly followUpId: string | null
  readonly magistrateId: string | null
  readonly reference: string
  readonly categoryFr: string
  readonly categoryEn: string
  readonly commune: string
  readonly occurredAt: Date
  readonly area: string
  /** The area itself, and the trades, by which the audience is counted. */
  readonly alertedArea: Area
  readonly trades: readonly string[]
  readonly severity: Severity
  readonly text: string
  readonly contentHash: string
  readonly planned: number | null
  /** Recipients of the first message, for a follow-up; null for the first message itself. */
  readonly firstPlanned: number | null
  readonly sentAt: Date | null
  readonly scope: string
  readonly givenAt: Date
  readonly recordedAt: Date
  readonly recordedBy: string
  readonly confirmation: 'pending' | 'confirmed' | 'denied' | null
  readonly answeredAt: Date | null
  readonly voidWhy: 'changed' | 'replaced' | 'denied' | null
}

/** Maximum number of uses shown to a magistrate. */
const MAX_USES = 200

/**
 * Lists the uses of a magistrate's name, by themselves or by others, latest first: with those under the same name as it was
 * typed before there was a list.
 */
export async function listUses(
  tx: Tx,
  schemeId: string,
  { id, userId, name }: Pick<MagistrateRow, 'id' | 'userId' | 'name'>,
): Promise<UseRow[]> {
  const ids = userId === null ? [id] : [id, userId]
  const { rows } = await sql<UseRow>`
    select u.id, u.alert_id, u.follow_up_id, u.magistrate_id, a.reference, g.label_fr as category_fr, g.label_en as category_en,
      c.name as commune, r.occurred_at, a.area_label as area, a.area as alerted_area, a.trades, a.severity, coalesce(f.text, a.text) as text, u.content_hash,
      b.planned, b.ordered_at as sent_at,
      case when f.id is not null then (select o.planned from broadcasts o
        where o.scheme_id = a.scheme_id and o.alert_id = a.id and o.kind = 'first') end as first_planned,
      u.scope, u.given_at, u.recorded_at, u.recorded_by, u.confirmation, u.answered_at, u.void_why
    from authorisations u
    join alerts a on a.scheme_id = u.scheme_id and a.id = u.alert_id
    join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
    join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
    join communes c on c.code = r.commune_code
    left join follow_ups f on f.scheme_id = u.scheme_id and f.id = u.follow_up_id
    left join broadcasts b on b.scheme_id = a.scheme_id
      and case when f.id is null then b.alert_id = a.id and b.kind = 'first' else b.id = f.broadcast_id end
    where u.scheme_id = ${schemeId} and (u.magistrate_id = any (${ids}::text[])
      or (u.magistrate_id is null and (lower(u.magistrate) = lower(${name}) or ${isSealedAs(sql`u.magistrate`, schemeId, 'authorisation', name)})))
    order by u.recorded_at desc, u.id desc
    limit ${MAX_USES}`.execute(tx)
  return rows
}

/** Finds the magistrate whom an authorisation names; undefined when nobody was asked about it. */
export async function findNamed(tx: Tx, schemeId: string, id: string): Promise<MagistrateRow | undefined> {
  const row = await tx
    .selectFrom('authorisations')
    .select(['magistrateId'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('confirmation', 'is not', null)
    .executeTakeFirst()
  return row?.magistrateId == null ? undefined : findMagistrate(tx, schemeId, row.magistrateId)
}
