import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import { createWholeNameMatcher, type Named } from '../retention/words.ts'

/** An open request, and how it relates to a member. */
export interface OpenRequest {
  readonly id: string
  readonly kind: string
  /**
   * `member`: entered for the member, or for one merged into it. Entered for no member, `number`: it holds its SIRET, number or
   * mail; `name`: it holds a whole name of the member or its contacts, which may be someone else's.
   */
  readonly by: 'member' | 'number' | 'name'
}

/**
 * Locks the requests of a scheme until the transaction ends, so that they are entered and answered one at a time. Take this lock
 * before those of members (members/store.ts) and before any row.
 */
export async function lockRequests(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('requests:' || ${schemeId}, 0))`.execute(tx)
}

/**
 * Lists the open requests about members, by member; members without one are absent. The answer holds until the transaction ends.
 * @param askedAs further names of their contacts, as given in a request
 */
export async function listOpenRequests(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
  askedAs: readonly string[] = [],
): Promise<ReadonlyMap<string, readonly OpenRequest[]>> {
  await lockRequests(tx, schemeId)
  const found = new Map<string, OpenRequest[]>()
  const requests = await tx
    .selectFrom('dataRequests')
    .select(['id', 'kind', 'person', 'memberId'])
    .where('schemeId', '=', schemeId)
    .where('state', '=', 'open')
    .orderBy('id')
    .execute()
  if (requests.length === 0) return found
  for (const [of, named] of await listNamed(tx, schemeId, memberIds)) {
    const hasNumber = createWholeNameMatcher({ ...named, shops: [], people: [] })
    const hasName = createWholeNameMatcher({ ...named, people: [...askedAs, ...named.people] })
    const open = requests.flatMap(({ id, kind, person, memberId }): OpenRequest[] => {
      if (memberId !== null) return named.ids.includes(memberId) ? [{ id, kind, by: 'member' }] : []
      if (hasNumber(person)) return [{ id, kind, by: 'number' }]
      return hasName(person) ? [{ id, kind, by: 'name' }] : []
    })
    if (open.length > 0) found.set(of, open)
  }
  return found
}

/** Lists the names and identifiers of members, including those merged into each, but not their addresses, which others share. */
export async function listNamed(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, Named & { readonly ids: readonly string[] }>> {
  const { rows: shops } = await sql<{ of: string; id: string; searchName: string; siret: string | null }>`
    select coalesce(merged_into, id) as of, id, search_name, siret from members
    where scheme_id = ${schemeId} and coalesce(merged_into, id) = any (${memberIds}::uuid[])`.execute(tx)
  const { rows: people } = await sql<{ of: string; person: string; mobile: string | null; mail: string }>`
    select coalesce(m.merged_into, m.id) as of, c.person, c.mobile, lower(coalesce(c.mail, '')) as mail
    from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
    where c.scheme_id = ${schemeId} and coalesce(m.merged_into, m.id) = any (${memberIds}::uuid[])`.execute(
    tx,
  )
  const peopleOf = Map.groupBy(people, ({ of }) => of)
  return new Map(
    [...Map.groupBy(shops, ({ of }) => of)].map(([of, theirs]) => {
      const contacts = peopleOf.get(of) ?? []
      const named = {
        ids: theirs.map(({ id }) => id),
        shops: theirs.map(({ searchName }) => searchName),
        people: contacts.map(({ person }) => person),
        sirets: theirs.flatMap(({ siret }) => siret ?? []),
        addresses: [],
        phones: contacts.flatMap(({ mobile }) => mobile ?? []),
        mails: contacts.flatMap(({ mail }) => (mail === '' ? [] : [mail])),
      }
      return [of, named]
    }),
  )
}
