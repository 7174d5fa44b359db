import { type RawBuilder, sql } from 'kysely'

/**
 * Selects members with their contacts as (id, state): everything that an undo restores, without derived counts. Timestamps
 * are in seconds, so that no setting of the connection changes their text. A code of NAF 2025, a
 * postal code, the days of joining and of a charter on paper, tags, and the language of a contact are in it only if there are some, so that states recorded before they were stored compare
 * as equal.
 */
export function memberStates(schemeId: string, ids: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select m.id, jsonb_build_object('name', m.name, 'searchName', m.search_name, 'siret', m.siret, 'naf', m.naf,
      'trade', m.trade, 'communeCode', m.commune_code, 'address', m.address, 'latitude', m.latitude,
      'longitude', m.longitude, 'status', m.status, 'mergedInto', m.merged_into, 'quietFrom', m.quiet_from, 'quietTo', m.quiet_to,
      'contacts', coalesce(c.contacts, '[]'))
      || case when m.naf2025 is null then '{}' else jsonb_build_object('naf2025', m.naf2025) end
      || case when m.postal_code is null then '{}' else jsonb_build_object('postalCode', m.postal_code) end
      || case when m.joined_on is null then '{}' else jsonb_build_object('joinedOn', to_char(m.joined_on, 'YYYY-MM-DD')) end
      || case when m.charter_on is null then '{}' else jsonb_build_object('charterOn', to_char(m.charter_on, 'YYYY-MM-DD')) end
      || case when m.tags = '{}' then '{}' else jsonb_build_object('tags', m.tags) end as state
    from members m
    left join (
      select member_id, jsonb_agg(jsonb_build_object('id', id, 'person', person, 'mobile', mobile, 'mail', mail,
        'sms', sms, 'position', position, 'mergedFrom', merged_from, 'mobileAt', extract(epoch from mobile_at))
        || case when lang is null then '{}' else jsonb_build_object('lang', lang) end order by id) as contacts
      from contacts where scheme_id = ${schemeId} and member_id = any (${ids}) group by member_id
    ) c on c.member_id = m.id
    where m.scheme_id = ${schemeId} and m.id = any (${ids})
  )`
}

export const uuids = (ids: readonly string[]) => sql`${ids}::uuid[]`
