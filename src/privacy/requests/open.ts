import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import { type Named, namesWholly } from '../retention/words.ts'

/** A request that waits for its answer, and how it is about a member. */
export interface OpenRequest {
  readonly id: string
  readonly kind: string
  /**
   * `member`: entered for it, or for what was merged into it. Entered for nobody, `number`: with a SIRET, a number or a mail of it;
   * `name`: with a whole name of it or of its people, which may be somebody else's.
   */
  readonly by: 'member' | 'number' | 'name'
}

/**
 * Requests of a scheme are entered and answered one at a time, until the transaction ends: before the locks of its members
 * (members/store.ts), and before any row.
 */
export async function lockRequests(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('requests:' || ${schemeId}, 0))`.execute(tx)
}

/**
 * What is asked of the data of members and not answered yet, by the member; of whom nothing is asked, nothing. It stays so until
 * the transaction ends.
 * @param askedAs more names of their people, as somebody asked for them
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
    const hasNumber = namesWholly({ ...named, shops: [], people: [] })
    const hasName = namesWholly({ ...named, people: [...askedAs, ...named.people] })
    const asked = requests.flatMap(({ id, kind, person, memberId }): OpenRequest[] => {
      if (memberId !== null) return named.ids.includes(memberId) ? [{ id, kind, by: 'member' }] : []
      if (hasNumber(person)) return [{ id, kind, by: 'number' }]
      return hasName(person) ? [{ id, kind, by: 'name' }] : []
    })
    if (asked.length > 0) found.set(of, asked)
  }
  return found
}

/** What members are named by in writing, with what was merged into each. Not by their addresses, which others have too. */
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
