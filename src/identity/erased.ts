import { type RawBuilder, sql } from 'kysely'
import type { SchemeRow } from '../platform/pairs.ts'

/** A member that is being erased, as it was. */
export interface ErasedMember extends SchemeRow {
  readonly name: string
  readonly siret: string | null
  /** The name as `searchName` writes it. */
  readonly searchName: string
  readonly address: string | null
  /** How a list may write the commune: its code, its postal codes, its name as it is searched for. */
  readonly commune: readonly string[]
}

export interface ErasedContact extends SchemeRow {
  readonly person: string
  /** E.164. */
  readonly mobile: string | null
  /** In small letters. */
  readonly mail: string | null
}

/** The people of one erasure, over any schemes: what each room is given to forget them by. */
export interface ErasedPeople {
  /** With those that were merged into them. */
  readonly members: readonly ErasedMember[]
  readonly contacts: readonly ErasedContact[]
  /** Numbers and addresses of the contacts; null where another contact of the scheme has it too. */
  readonly unshared: readonly Pick<ErasedContact, 'schemeId' | 'mobile' | 'mail'>[]
}

/** Replaces text that named an erased person, where the row stays. */
export const FORGOTTEN = '…'

/** The name of an erased member. */
export const ERASED_NAME = 'Adhérent effacé'

/** The numbers that nobody else in the scheme has, as a subquery to compare (scheme_id, phone) with. */
export function unsharedNumbers({ unshared }: ErasedPeople): RawBuilder<unknown> {
  return unsharedPairs(unshared, 'mobile')
}

/** The mail addresses that nobody else in the scheme has, as a subquery to compare (scheme_id, lower(address)) with. */
export function unsharedAddresses({ unshared }: ErasedPeople): RawBuilder<unknown> {
  return unsharedPairs(unshared, 'mail')
}

function unsharedPairs(unshared: ErasedPeople['unshared'], column: 'mobile' | 'mail'): RawBuilder<unknown> {
  const known = unshared.filter((contact) => contact[column] !== null)
  return sql`(select * from unnest(${known.map(({ schemeId }) => schemeId)}::text[], ${known.map((contact) => contact[column])}::text[]))`
}
