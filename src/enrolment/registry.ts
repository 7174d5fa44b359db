/** A business as recorded in the State's register. */
export interface RegisteredBusiness {
  readonly siret: string
  readonly name: string
  /** For example 47.26Z; null if not given. */
  readonly naf: string | null
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
}

/** A register without network access that knows only the given businesses. */
export function offlineRegistry(businesses: readonly RegisteredBusiness[] = []): CompanyRegistry {
  return {
    name: 'offline',
    async find(siret) {
      const business = businesses.find((one) => one.siret === siret)
      return business === undefined ? { kind: 'unknown' } : { kind: 'open', business }
    },
  }
}
