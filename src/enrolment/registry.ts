/** A business as the State's register has it. */
export interface RegisteredBusiness {
  readonly siret: string
  readonly name: string
  /** 47.26Z; null: not told. */
  readonly naf: string | null
  /** INSEE code; null: not told. */
  readonly communeCode: string | null
  /** Without postal code and commune; null: not told (some owners keep it to themselves). */
  readonly address: string | null
  readonly point: { readonly latitude: number; readonly longitude: number } | null
}

export type RegistryAnswer =
  | { readonly kind: 'open'; readonly business: RegisteredBusiness }
  /** The establishment is closed. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'unknown' }

/** The register of companies that enrolment fills a business from. */
export interface CompanyRegistry {
  /** As people know it; for errors. */
  readonly name: string
  /**
   * @param siret 14 digits
   * @throws AppError `source_unreachable` when it does not answer in time, answers nonsense, or wants no more questions
   * for now: the business is then entered by hand.
   */
  find(siret: string, signal?: AbortSignal): Promise<RegistryAnswer>
}

/** A register without a network: knows what it is given, and nothing else. */
export function offlineRegistry(businesses: readonly RegisteredBusiness[] = []): CompanyRegistry {
  return {
    name: 'offline',
    async find(siret) {
      const business = businesses.find((one) => one.siret === siret)
      return business === undefined ? { kind: 'unknown' } : { kind: 'open', business }
    },
  }
}
