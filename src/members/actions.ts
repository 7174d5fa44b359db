import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Lang } from '../i18n/format.ts'
import { dayIn, METROPOLITAN_ZONE } from '../message/clock.ts'
import { type Actor, authorize, may } from '../permissions.ts'
import { decodeCursor, encodeCursor, UUID } from '../platform/database/cursor.ts'
import { inScheme } from '../platform/db.ts'
import { activityOn } from '../schemes/naf/naf.ts'
import type { QuietHours } from '../schemes/settings/care.ts'
import { findMemberAccesses, recordMemberAccess } from './accesses.ts'
import { type CallerRow, findByName, findByPhone } from './callers.ts'
import type { CallerMatch, MemberAccesses, MemberPage, MemberQuery, MemberView } from './contract.ts'
import { countMembers } from './counts.ts'
import { type MemberScope, phoneStart } from './filters.ts'
import { type FoundMember, findMember } from './found.ts'
import { toNumberHealth } from './numbers/facets.ts'
import { encodePosition, listMemberRows, readPosition } from './rows.ts'
import { isMobile, maskPhone } from './rules.ts'
import { requireUsableList } from './views/actions.ts'

/**
 * Returns whether the actor sees numbers in full: users who manage the member list and the program do, others see them
 * masked.
 */
function seesNumbers(actor: Actor, schemeId: string): boolean {
  return may(actor, 'member.numbers', schemeId)
}

/**
 * Lists members in the order of the query, one page at a time, with counts on the first page. A trade chamber sees only members of
 * its trades. Each access to full numbers is recorded.
 * @param lang the language in which trades are sorted
 * @throws AppError `invalid_input` for an `after` that no page in this order returned; `not_found` for a group that the actor may not use
 */
export async function listMembers(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: MemberQuery,
  lang: Lang = 'fr',
): Promise<MemberPage> {
  const reach = authorize(actor, 'member.read', schemeId)
  if (query.dues !== undefined || query.sort === 'dues') authorize(actor, 'dues.read', schemeId)
  if (query.tag !== undefined) authorize(actor, 'member.tags', schemeId)
  const only = memberScopeOf(reach)
  const order = { sort: query.sort ?? 'name', descending: query.descending ?? false, lang }
  const after =
    query.after === undefined
      ? undefined
      : readPosition(order, decodeCursor(query.after, 'after', MEMBER_CURSOR))
  const plain = seesNumbers(actor, schemeId)
  const seesTags = may(actor, 'member.tags', schemeId)
  const dues = may(actor, 'dues.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await requireUsableList(tx, actor, schemeId, query)
    const { limit, skip = 0 } = query
    const rows = await listMemberRows(tx, schemeId, query, {
      order,
      limit: limit + 1,
      after,
      skip,
      only,
      dues,
    })
    const isFirst = after === undefined && skip === 0
    const counts = isFirst ? await countMembers(tx, schemeId, query, only) : null
    const shown = rows.slice(0, query.limit)
    const last = shown.at(-1)
    if (plain)
      await recordMemberAccess(tx, actor, schemeId, {
        what: 'list',
        memberIds: shown.map(({ id }) => id),
        now: deps.now(),
      })
    return {
      members: shown.map((row) => ({
        id: row.id,
        name: row.name,
        trade: row.trade,
        commune: { code: row.communeCode, name: row.communeName },
        status: row.status,
        smsContacts: row.smsContacts,
        phones: plain ? row.phones : row.phones.map(maskPhone),
        numbers: row.numbers,
        tags: seesTags ? row.tags : [],
        sectors: row.sectors,
        siret: row.siret,
        joinedOn: row.joinedOn,
        charter: row.charter,
        dues: row.owedCents === null ? null : { owedCents: row.owedCents, late: row.late },
      })),
      counts,
      next: rows.length > query.limit && last !== undefined ? encodePosition(order, last) : null,
    }
  })
}

/** Restricts a query to the members that the actor's grant covers; empty when it covers all of them. */
export function memberScopeOf(reach: ReturnType<typeof authorize>): MemberScope {
  return reach.scope === 'trades' ? { trades: reach.trades, agencyId: reach.agencyId } : {}
}

/** Returns the cursor of a page of members that ends with this one. */
export function encodeMemberCursor({ id, searchName }: MemberCursor): string {
  return encodeCursor({ id, key: searchName })
}

interface MemberCursor {
  readonly id: string
  readonly searchName: string
}

const MEMBER_CURSOR = { id: UUID, key: /^/ }

/** Parses the `after` parameter of a page. @throws AppError `invalid_input` for a cursor that no page returned */
export function decodeMemberCursor(text: string): MemberCursor {
  const { id, key } = decodeCursor(text, 'after', MEMBER_CURSOR)
  return { id, searchName: key }
}

/** Returns one member. @throws AppError `not_found`, also for a chamber of another trade */
export async function getMember(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<MemberView> {
  const reach = authorize(actor, 'member.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const member = await findMember(tx, schemeId, id)
    if (member === undefined || (reach.scope === 'trades' && !reach.trades.includes(member.trade))) {
      throw new AppError('not_found')
    }
    await recordMemberAccess(tx, actor, schemeId, { what: 'file', memberIds: [id], now: deps.now() })
    const isLimited = reach.scope === 'trades'
    return toMemberView(member, { plain: seesNumbers(actor, schemeId), isLimited, now: deps.now() })
  })
}

/** Lists who accessed a member's data, newest first, without searches for a caller. @throws AppError `not_found` */
export async function listMemberAccesses(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<MemberAccesses> {
  const reach = authorize(actor, 'member.accesses', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const member = await findMember(tx, schemeId, id)
    if (member === undefined || (reach.scope === 'trades' && !reach.trades.includes(member.trade))) {
      throw new AppError('not_found')
    }
    const rows = await findMemberAccesses(tx, schemeId, id)
    return { accesses: rows.map(({ at, ...access }) => ({ ...access, at: at.toISOString() })) }
  })
}

/**
 * Converts a stored member to its API shape.
 * @param options `plain`: whether numbers and addresses are shown in full; `isLimited`: whether the reader sees some trades only, and so
 * not when or how the number of a member of another trade opted out
 */
export function toMemberView(
  member: FoundMember,
  { plain, isLimited, now }: { readonly plain: boolean; readonly isLimited: boolean; readonly now: Date },
): MemberView {
  const { latitude, longitude } = member
  return {
    id: member.id,
    name: member.name,
    siret: member.siret,
    naf: member.naf,
    naf2025: member.naf2025,
    // The classification changes at midnight in Paris.
    activity: activityOn(member, dayIn(METROPOLITAN_ZONE, now)),
    trade: member.trade,
    commune: { code: member.communeCode, name: member.communeName },
    address: member.address,
    postalCode: member.postalCode,
    joinedOn: member.joinedOn,
    memberSince: member.memberSince,
    charterOn: member.charterOn,
    point: latitude === null || longitude === null ? null : { latitude, longitude },
    status: member.status,
    quiet: quietOf(member),
    // Users who manage the list see its tags, too.
    tags: plain ? member.tags : [],
    contacts: member.contacts.map(({ mobile, mail, change, health, ...contact }) => ({
      ...contact,
      phone: mobile === null || plain ? mobile : maskPhone(mobile),
      mail: plain ? mail : null,
      mobile: mobile !== null && isMobile(mobile),
      health: health === null ? null : toNumberHealth(health),
      optOut:
        contact.sms || change === null || change.takes || (isLimited && change.ofNumber)
          ? null
          : { how: change.how, at: new Date(change.at).toISOString() },
    })),
    charter:
      member.charter === null ? null : { ...member.charter, at: new Date(member.charter.at).toISOString() },
    mergedInto: member.mergedInto,
    merged: member.merged,
    createdAt: member.createdAt.toISOString(),
    updatedAt: member.updatedAt.toISOString(),
    version: plain ? member.version : null,
  }
}

function quietOf({ quietFrom, quietTo }: FoundMember): QuietHours | null {
  return quietFrom === null || quietTo === null ? null : { from: quietFrom, to: quietTo }
}

const CALLERS = 8

/**
 * Finds members who may be calling: by number (whole, or its first four or more digits; landlines too), otherwise by words of
 * the business's name and commune. Returns at most eight, members who left last, with masked numbers.
 */
export async function findCaller(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  q: string,
): Promise<CallerMatch[]> {
  authorize(actor, 'caller.find', schemeId)
  const start = phoneStart(q)
  const rows: CallerRow[] = await inScheme(deps.db, schemeId, async (tx) => {
    const found =
      start === undefined
        ? await findByName(tx, schemeId, q, CALLERS)
        : await findByPhone(tx, schemeId, { start, typed: q }, CALLERS)
    const ids = found.map(({ memberId }) => memberId)
    await recordMemberAccess(tx, actor, schemeId, { what: 'caller', memberIds: ids, now: deps.now() })
    return found
  })
  return rows.map((row) => ({
    memberId: row.memberId,
    name: row.name,
    trade: row.trade,
    commune: { code: row.communeCode, name: row.communeName },
    address: row.address,
    status: row.status,
    person: row.person || null,
    phone: row.mobile === null ? null : maskPhone(row.mobile),
  }))
}
