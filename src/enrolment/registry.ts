import { searchName } from '../territory/places/spelling.ts'

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
  /** Null if not given. */
  readonly postalCode: string | null
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
   * @throws AppError `source_unreachable` as `find`
   */
  search(words: string, place: RegisterPlace, signal?: AbortSignal): Promise<readonly RegisteredBusiness[]>
}

/** The area in which businesses are searched. */
export interface RegisterPlace {
  /** Codes of départements; all of France if empty. */
  readonly departements: readonly string[]
  /** INSEE code of the only commune to search; null: all of them. */
  readonly commune: string | null
}

/** Returns whether a commune, by its INSEE code, is in the place. */
export function isInPlace(communeCode: string | null, { departements, commune }: RegisterPlace): boolean {
  if (commune !== null) return communeCode === commune
  return departements.length === 0 || departements.some((one) => communeCode?.startsWith(one) === true)
}

/** A register without network access that knows only the given businesses. */
export function offlineRegistry(businesses: readonly RegisteredBusiness[] = []): CompanyRegistry {
  return {
    name: 'offline',
    async find(siret) {
      const business = businesses.find((one) => one.siret === siret)
      return business === undefined ? { kind: 'unknown' } : { kind: 'open', business }
    },
    async search(words, place) {
      const wanted = searchName(words).split(' ').filter(Boolean)
      if (wanted.length === 0) return []
      return businesses
        .filter(({ name, communeCode }) => {
          const known = ` ${searchName(name)}`
          return isInPlace(communeCode, place) && wanted.every((word) => known.includes(` ${word}`))
        })
        .slice(0, FOUND_MAX)
    },
  }
}
