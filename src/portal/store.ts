import { sql } from 'kysely'
import { regionOf } from '../identity/codes/destinations.ts'
import type { Region } from '../identity/codes/regions.ts'
import { hasSignedCurrentOnPaper } from '../members/filters.ts'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import type { OwnPermission, ShopStatus } from '../permissions.ts'
import { mayOwn, ownPermissions } from '../permissions.ts'
import type { Db, Tx } from '../platform/db.ts'
import { SchemeContact } from '../schemes/contract.ts'
import { type DestinationColumns, destinationsOf } from '../schemes/settings/destinations.ts'
import type { ShopView } from './contract.ts'

/** A shop as listed to its contact. */
export interface ShopRow {
  readonly schemeId: string
  readonly schemeName: string
  readonly timeZone: string | null
  readonly contact: unknown
  readonly chamber: string
  readonly memberId: string
  readonly memberName: string
  readonly status: ShopStatus
  readonly communeCode: string
  readonly communeName: string
  readonly contactId: string
  readonly person: string
}

/** The number (E.164) or mail address (lower case) that a visitor proved to hold. */
export type Holder = { readonly phone: string } | { readonly mail: string }

/** Condition on `contacts c`: the contact has this number or address. */
function holderCondition(holder: Holder) {
  return 'phone' in holder ? sql`c.mobile = ${holder.phone}` : sql`c.mail = ${holder.mail}`
}

/**
 * Lists the members that have a contact with this number or address, over all schemes, since the scheme is
 * not known yet. Former members are excluded; if several people of a member share an address, the first one is returned.
 */
export async function listShops(db: Db | Tx, holder: Holder): Promise<ShopRow[]> {
  const { rows } = await sql<ShopRow>`
    select distinct on (m.search_name, s.id, m.id) s.id as scheme_id, s.name as scheme_name, s.time_zone, s.contact,
      coalesce((select a.name from agencies a where a.scheme_id = s.id and a.kind = 'chamber' order by a.code limit 1), s.name) as chamber,
      m.id as member_id, m.name as member_name, m.status,
      m.commune_code, k.name as commune_name, c.id as contact_id, c.person
    from schemes s
    join contacts c on c.scheme_id = s.id and ${holderCondition(holder)}
    join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status <> 'left'
    join communes k on k.code = m.commune_code
    order by m.search_name, s.id, m.id, c.position, c.id limit 50`.execute(db)
  return rows
}

/** @param charterToSign see ShopView */
export function toShopView(row: ShopRow, charterToSign: number | null): ShopView {
  const { chamber, dpo } = SchemeContact.parse(row.contact)
  return {
    scheme: {
      id: row.schemeId,
      name: row.schemeName,
      timeZone: row.timeZone ?? METROPOLITAN_ZONE,
      chamber: { name: row.chamber, ...chamber },
      dpo,
    },
    member: {
      id: row.memberId,
      name: row.memberName,
      commune: { code: row.communeCode, name: row.communeName },
      status: row.status,
    },
    contact: { id: row.contactId, person: row.person },
    charterToSign,
    permissions: Object.keys(ownPermissions).filter((name) => mayOwn(row, name as OwnPermission)),
  }
}

/**
 * Finds the scheme that sends a code to this holder: always the same one of those that know the number or address, otherwise
 * the first of all, so that rows and counters are the same for an unknown one. Schemes that send no codes to the territory of a
 * number come last: the response reveals only whether there is another one. Runs across schemes.
 */
export async function findSendingScheme(
  db: Db | Tx,
  holder: Holder,
): Promise<
  | {
      readonly id: string
      readonly name: string
      readonly isKnown: boolean
      readonly destinations: readonly Region[]
    }
  | undefined
> {
  const { rows } = await sql<{ id: string; name: string; isKnown: boolean } & DestinationColumns>`
    select s.id, s.name, s.enrolment, s.time_zone, exists (
      select from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status <> 'left'
      where c.scheme_id = s.id and ${holderCondition(holder)}) as is_known
    from schemes s order by is_known desc, s.id`.execute(db)
  const region = 'phone' in holder ? regionOf(holder.phone) : undefined
  const schemes = rows.map(({ enrolment, timeZone, ...scheme }) => ({
    ...scheme,
    destinations: destinationsOf({ enrolment, timeZone }),
  }))
  return (
    schemes.find(({ destinations }) => region === undefined || destinations.includes(region)) ?? schemes[0]
  )
}

export interface SessionRow {
  readonly id: string
  readonly phone: string | null
  readonly mail: string | null
  readonly createdAt: Date
  readonly usedAt: Date
}

/** Returns the holder of a session. */
export function holderOfSession({ phone, mail }: Pick<SessionRow, 'phone' | 'mail'>): Holder {
  return mail === null ? { phone: phone ?? '' } : { mail }
}

export async function findSession(
  db: Db | Tx,
  tokenHash: string,
  now: Date,
): Promise<SessionRow | undefined> {
  return db
    .selectFrom('contactSessions')
    .select(['id', 'phone', 'mail', 'createdAt', 'usedAt'])
    .where('tokenHash', '=', tokenHash)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
}

/** Finds a session by its id. Runs across schemes. */
export async function findSessionById(db: Db | Tx, id: string): Promise<SessionRow | undefined> {
  return db
    .selectFrom('contactSessions')
    .select(['id', 'phone', 'mail', 'createdAt', 'usedAt'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Returns, for members that signed an older charter version and not the one in force, the latter. Runs across schemes. */
export async function listChartersToSign(
  db: Db | Tx,
  shops: readonly Pick<ShopRow, 'schemeId' | 'memberId'>[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ memberId: string; version: number }>`
    select o.member_id, c.version
    from unnest(${shops.map(({ schemeId }) => schemeId)}::text[], ${shops.map(({ memberId }) => memberId)}::uuid[])
      as o (scheme_id, member_id),
    lateral (select max(version) as version from charters where scheme_id = o.scheme_id) c,
    lateral (select max(version) as version from charter_signatures
      where scheme_id = o.scheme_id and member_id = o.member_id) s
    where s.version < c.version and not exists (
      select from members m where m.scheme_id = o.scheme_id and m.id = o.member_id
        and ${hasSignedCurrentOnPaper(sql<string>`m.scheme_id`, sql`m.charter_on`)})`.execute(db)
  return new Map(rows.map(({ memberId, version }) => [memberId, version]))
}

/** Deletes expired sessions. Runs for all schemes. */
export async function purgeSessions(db: Db | Tx, now: Date): Promise<void> {
  await db.deleteFrom('contactSessions').where('expiresAt', '<=', now).execute()
}
