import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import type { OptOutWay } from '../schema.ts'
import { healthOfContact, type KnownHealth } from './numbers/facets.ts'
import { memberStates, uuids } from './states.ts'
import { type MemberFields, memberSince, postalCodeOf } from './store.ts'

export interface FoundContact {
  readonly id: string
  readonly person: string
  readonly mobile: string | null
  readonly mail: string | null
  readonly sms: boolean
  readonly shared: boolean
  /** The last opt-out or opt-in of the number; null if there was none. */
  readonly change: {
    readonly takes: boolean
    readonly how: OptOutWay
    readonly at: string
    /** Whether its number opted out, which may have been before the contact had it. */
    readonly ofNumber: boolean
  } | null
  readonly health: KnownHealth | null
}

export interface FoundMember extends Omit<MemberFields, 'searchName'> {
  readonly communeName: string
  /** YYYY-MM-DD. */
  readonly memberSince: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly quietFrom: number | null
  readonly quietTo: number | null
  readonly tags: string[]
  /** YYYY-MM-DD. */
  readonly charterOn: string | null
  /** Differs once anything of the member or its contacts changed. */
  readonly version: string
  readonly contacts: FoundContact[]
  /** The last signature of a charter for it. */
  readonly charter: {
    readonly version: number
    readonly name: string
    readonly at: string
    readonly current: boolean
  } | null
  /** The member that it was merged into. */
  readonly mergedInto: { readonly id: string; readonly name: string } | null
  /** The members merged into it, by name. */
  readonly merged: { readonly id: string; readonly name: string }[]
}

export async function findMember(tx: Tx, schemeId: string, id: string): Promise<FoundMember | undefined> {
  return (await findMembers(tx, schemeId, [id])).get(id)
}

/** Finds members by id, with their contacts. */
export async function findMembers(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<Map<string, FoundMember>> {
  const isWanted = (column: string) => sql<boolean>`${sql.ref(column)} = any (${[...ids]}::uuid[])`
  const members = await tx
    .selectFrom('members')
    .innerJoin('communes', 'communes.code', 'members.communeCode')
    .select([
      'members.id',
      'members.name',
      'members.siret',
      'members.naf',
      'members.naf2025',
      'members.trade',
      'members.communeCode',
    ])
    .select(postalCodeOf('members.postal_code', 'communes').as('postalCode'))
    .select(['members.joinedOn', 'members.charterOn'])
    .select(memberSince(schemeId, 'members').as('memberSince'))
    .select(['members.address', 'members.latitude', 'members.longitude', 'members.status'])
    .select(['members.createdAt', 'members.updatedAt', 'communes.name as communeName'])
    .select(['members.quietFrom', 'members.quietTo', 'members.tags'])
    .select(
      sql<FoundMember['charter']>`(
        select jsonb_build_object('version', s.version, 'name', s.signed_name, 'at', s.signed_at, 'current',
          s.version = (select max(version) from charters c where c.scheme_id = s.scheme_id))
        from charter_signatures s where s.scheme_id = members.scheme_id and s.member_id = members.id
        order by s.version desc, s.signed_at desc limit 1)`.as('charter'),
    )
    .select(
      sql<FoundMember['mergedInto']>`(
        select jsonb_build_object('id', k.id, 'name', k.name) from members k
        where k.scheme_id = members.scheme_id and k.id = members.merged_into)`.as('mergedInto'),
    )
    .select(
      sql<FoundMember['merged']>`coalesce((
        select jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.search_name, p.id) from members p
        where p.scheme_id = members.scheme_id and p.merged_into = members.id), '[]')`.as('merged'),
    )
    .where('members.schemeId', '=', schemeId)
    .where(isWanted('members.id'))
    .execute()
  const contacts = await tx
    .selectFrom('contacts')
    .select(['id', 'memberId', 'person', 'mobile', 'mail', 'sms', 'shared'])
    .select(
      sql<FoundContact['change']>`(
        select jsonb_build_object('takes', o.takes, 'how', o.how, 'at', o.at,
          'ofNumber', o.contact_id is null) from opt_outs o
        where o.scheme_id = contacts.scheme_id and (
          o.member_id = contacts.member_id and o.contact_id = contacts.id
          or o.contact_id is null and o.phone = contacts.mobile)
        order by o.at desc, o.id desc limit 1)`.as('change'),
    )
    .select(healthOfContact('contacts').as('health'))
    .where('schemeId', '=', schemeId)
    .where(isWanted('contacts.memberId'))
    .orderBy('position')
    .orderBy('id')
    .execute()
  const contactsOf = Map.groupBy(contacts, ({ memberId }) => memberId)
  const versions = await listVersions(tx, schemeId, ids)
  return new Map(
    members.map((member) => [
      member.id,
      {
        ...member,
        version: versions.get(member.id) ?? '',
        contacts: (contactsOf.get(member.id) ?? []).map(({ memberId: _, ...contact }) => contact),
      },
    ]),
  )
}

async function listVersions(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; version: string }>`
    select s.id, md5(s.state::text) as version from ${memberStates(schemeId, uuids(ids))} s`.execute(tx)
  return new Map(rows.map(({ id, version }) => [id, version]))
}
