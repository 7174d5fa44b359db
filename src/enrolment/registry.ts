import { searchName } from '../territory/spelling.ts'

/** Maximum number of businesses that a search by name returns. */
export const FOUND_MAX = 8

/** A business as recorded in the State's register. */
export interface RegisteredBusiness {
  readonly siret: string
  readonly name: string
  /** In NAF rev. 2, for example 47.26Z; null if not given. */
  readonly naf: string | null
  /** In NAF 2025, for example 47.26Y; null if not given. */
  readonly naf2025: string | null
  /** INSEE code; null if not given. */
  readonly communeCode: string | null
  /** Without postal code and commune; null if not given (some owners keep it private). */
  readonly address: string | null
  readonly point: { readonly latitude: number; readonly longitude: number } | null
}

export type RegistryAnswer =
  | { readonly kind: 'open'; readonly business: RegisteredBusiness }
  /** The establishment is closed. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'unknown' }

/** The register of companies that fills in a business. */
export interface CompanyRegistry {
  /** Display name, for errors. */
  readonly name: string
  /**
   * @param siret 14 digits
   * @throws AppError `source_unreachable` if it does not answer in time, sends an invalid response or limits requests: the
   * business is then entered by hand.
   */
  find(siret: string, signal?: AbortSignal): Promise<RegistryAnswer>
  /**
   * Lists open establishments by words of their name, best match first.
   * @param departements codes of the départements to search, all of France if empty
   * @throws AppError `source_unreachable` as `find`
   */
  search(
    words: string,
    departements: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly RegisteredBusiness[]>
}

/** A register without network access that knows only the given businesses. */
export function offlineRegistry(businesses: readonly RegisteredBusiness[] = []): CompanyRegistry {
  return {
    name: 'offline',
    async find(siret) {
      const business = businesses.find((one) => one.siret === siret)
      return business === undefined ? { kind: 'unknown' } : { kind: 'open', business }
    },
    async search(words, departements) {
      const wanted = searchName(words).split(' ').filter(Boolean)
      if (wanted.length === 0) return []
      return businesses
        .filter(({ name, communeCode }) => {
          const known = ` ${searchName(name)}`
          const isThere =
            departements.length === 0 || departements.some((one) => communeCode?.startsWith(one) === true)
          return isThere && wanted.every((word) => known.includes(` ${word}`))
        })
        .slice(0, FOUND_MAX)
    },
  }
}
