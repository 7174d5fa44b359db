import { type RawBuilder, sql } from 'kysely'
import type { SchemeRow } from '../platform/database/pairs.ts'

/** A member that is being erased, with its data before the erasure. */
export interface ErasedMember extends SchemeRow {
  readonly name: string
  readonly siret: string | null
  /** The name in the form of `searchName`. */
  readonly searchName: string
  readonly address: string | null
  /** The ways in which a list may write the commune: its code, its postal codes, its name in the form of the search. */
  readonly commune: readonly string[]
}

export interface ErasedContact extends SchemeRow {
  readonly person: string
  /** E.164. */
  readonly mobile: string | null
  /** In lower case. */
  readonly mail: string | null
}

/** The people of one erasure, in any number of schemes; each room gets them to erase its own data about them. */
export interface ErasedPeople {
  /** The erased members, including those merged into them. */
  readonly members: readonly ErasedMember[]
  readonly contacts: readonly ErasedContact[]
  /** Numbers and addresses of the contacts; null where another contact of the scheme has it too. */
  readonly unshared: readonly Pick<ErasedContact, 'schemeId' | 'mobile' | 'mail'>[]
}

/** Replaces text that named an erased person, where the row stays. */
export const FORGOTTEN = '…'

/** The name of an erased member. */
export const ERASED_NAME = 'Adhérent effacé'

/** Returns the numbers that no other contact of the scheme has, as a subquery to compare (scheme_id, phone) with. */
export function unsharedNumbers({ unshared }: ErasedPeople): RawBuilder<unknown> {
  return unsharedPairs(unshared, 'mobile')
}

/**
 * Returns the mail addresses that no other contact of the scheme has, as a subquery to compare (scheme_id, lower(address))
 * with.
 */
export function unsharedAddresses({ unshared }: ErasedPeople): RawBuilder<unknown> {
  return unsharedPairs(unshared, 'mail')
}

function unsharedPairs(unshared: ErasedPeople['unshared'], column: 'mobile' | 'mail'): RawBuilder<unknown> {
  const known = unshared.filter((contact) => contact[column] !== null)
  return sql`(select * from unnest(${known.map(({ schemeId }) => schemeId)}::text[], ${known.map((contact) => contact[column])}::text[]))`
}
