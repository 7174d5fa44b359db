import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import { searchName } from '../../territory/places/spelling.ts'
import { identifyingWords, type Named, type Others, personKey } from './words.ts'

/**
 * Lists the names that others in the scheme have too: members, their contacts, their communes.
 * @param own members that are no others; those that are erased never are
 */
export async function findOthers(
  tx: Tx,
  schemeId: string,
  named: Named,
  own: readonly string[] = [],
): Promise<Others> {
  const { rows: words } = await sql<{ word: string }>`
    select distinct w.word from (
      select search_name as name from members where scheme_id = ${schemeId} and erased_at is null and id <> all (${own}::uuid[])
      union all
      select search_name from communes where code in (select commune_code from members where scheme_id = ${schemeId})) n,
      regexp_split_to_table(n.name, ' ') w (word)
    where w.word = any (${identifyingWords(named)}::text[])`.execute(tx)
  const { rows: shops } = await sql<{ name: string }>`
    select search_name as name from members
    where scheme_id = ${schemeId} and erased_at is null and id <> all (${own}::uuid[]) and search_name = any (${named.shops}::text[])
    union
    select address from members where scheme_id = ${schemeId} and erased_at is null and id <> all (${own}::uuid[])
      and lower(address) = any (${named.addresses.map((address) => address.toLowerCase())}::text[])`.execute(
    tx,
  )
  const { rows: people } = await sql<{ person: string }>`
    select distinct person from contacts where scheme_id = ${schemeId} and member_id <> all (${own}::uuid[])`.execute(
    tx,
  )
  return {
    words: new Set([
      ...words.map(({ word }) => word),
      ...people.flatMap(({ person }) => searchName(person).split(' ')),
    ]),
    names: new Set([
      ...shops.map(({ name }) => searchName(name)),
      ...people.map(({ person }) => personKey(person)),
    ]),
  }
}
