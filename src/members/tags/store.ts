import { type Selectable, sql } from 'kysely'
import { HOUR_MS } from '../../message/clock.ts'
import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import { UNDO_HOURS } from '../contract.ts'
import type { MemberScope } from '../filters.ts'

export type TagRow = Selectable<Schema['memberTags']>

/** Lists the tags of a scheme, removed ones too, and locks them. */
export function findTags(tx: Tx, schemeId: string): Promise<TagRow[]> {
  return tx
    .selectFrom('memberTags')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** Lists the tags of a scheme by name, with the number of members of each. */
export async function countTags(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
): Promise<{ id: string; name: string; members: number }[]> {
  const { rows } = await sql<{ id: string; name: string; members: number }>`
    select t.id, t.name, coalesce(u.members, 0)::int as members
    from member_tags t left join (
      select tag, count(*) as members from members m, unnest(m.tags) tag
      where m.scheme_id = ${schemeId} and m.merged_into is null and m.status <> 'left'
        and ${only.trades === undefined ? sql`true` : sql`m.trade = any (${[...only.trades]}::text[])`}
      group by tag
    ) u on u.tag = t.id
    where t.scheme_id = ${schemeId} and t.removed_at is null order by lower(t.name), t.id`.execute(tx)
  return rows
}

export async function insertTag(tx: Tx, row: TagRow): Promise<void> {
  await tx.insertInto('memberTags').values(row).execute()
}

/** Renames a tag; one that was removed is there again. */
export async function renameTag(tx: Tx, schemeId: string, id: string, name: string): Promise<void> {
  await tx
    .updateTable('memberTags')
    .set({ name, removedAt: null })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

export async function markTagRemoved(tx: Tx, schemeId: string, id: string, at: Date): Promise<void> {
  await tx
    .updateTable('memberTags')
    .set({ removedAt: at })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Lists the members that have a tag, former ones too. */
export async function listMembersWithTag(tx: Tx, schemeId: string, tag: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from members where scheme_id = ${schemeId} and ${tag}::uuid = any (tags) order by id`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}

/** Adds tags to members and takes tags off them. One statement; callers pass a chunk. */
export async function writeTags(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<void> {
  await sql`
    update members set tags = array(
      select distinct t from unnest(tags || ${add}::uuid[]) t where t <> all (${remove}::uuid[]) order by t)
    where scheme_id = ${schemeId} and id = any (${memberIds}::uuid[])`.execute(tx)
}

/** Adds tags to members, each its own, and records charters that they signed on paper. One statement; callers pass a chunk. */
export async function addTagsAndCharters(
  tx: Tx,
  schemeId: string,
  rows: readonly {
    readonly memberId: string
    /** YYYY-MM-DD; null: it stays. */
    readonly charterOn: string | null
    readonly tags: readonly string[]
  }[],
): Promise<void> {
  await sql`
    update members m set charter_on = coalesce(d."charterOn", m.charter_on),
      tags = array(select distinct t from unnest(m.tags || d.tags) t order by t)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as d ("memberId" uuid, "charterOn" date, tags uuid[])
    where m.scheme_id = ${schemeId} and m.id = d."memberId"`.execute(tx)
}

/** Puts removed tags back that members have again; one whose name was given to another tag meanwhile is numbered. */
export async function restoreTagsOf(tx: Tx, schemeId: string, memberIds: readonly string[]): Promise<void> {
  if (memberIds.length === 0) return
  await sql`
    update member_tags t set removed_at = null, name = case when exists (
        select from member_tags o where o.scheme_id = t.scheme_id and o.removed_at is null and lower(o.name) = lower(t.name))
      then left(t.name, 31) || ' ' || left(t.id::text, 8) else t.name end
    where t.scheme_id = ${schemeId} and t.removed_at is not null and t.id in (
      select unnest(tags) from members where scheme_id = ${schemeId} and id = any (${memberIds}::uuid[]))`.execute(
    tx,
  )
}

/** Deletes removed tags whose removal can no longer be undone, across schemes. */
export async function deleteRemovedTags(tx: Tx, now: Date): Promise<void> {
  await sql`delete from member_tags where removed_at < ${new Date(now.getTime() - UNDO_HOURS * HOUR_MS)}`.execute(
    tx,
  )
}

/** Deletes the tags that name an erased person, and takes them off members, across schemes. */
export async function forgetTagsNaming(
  tx: Tx,
  schemeId: string,
  isNamed: (text: string) => boolean,
): Promise<void> {
  const tags = await tx
    .selectFrom('memberTags')
    .select(['id', 'name'])
    .where('schemeId', '=', schemeId)
    .execute()
  const ids = tags.filter(({ name }) => isNamed(name)).map(({ id }) => id)
  if (ids.length === 0) return
  await sql`
    update members set tags = array(select t from unnest(tags) t where t <> all (${ids}::uuid[]) order by t)
    where scheme_id = ${schemeId} and tags && ${ids}::uuid[]`.execute(tx)
  await tx.deleteFrom('memberTags').where('schemeId', '=', schemeId).where('id', 'in', ids).execute()
}
