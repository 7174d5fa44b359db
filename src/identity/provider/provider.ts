/** The values with which a visit to the identity provider was begun; the provider's answer must match them. */
export interface ProviderRequest {
  readonly state: string
  readonly nonce: string
  /** PKCE (RFC 7636). */
  readonly codeVerifier: string
  /** Address of this installation to which the provider sends the browser back. */
  readonly redirectUri: string
}

/** A person as the identity provider proved them. */
export interface ProvenIdentity {
  /** Identifies the person at this provider, for ever. */
  readonly subject: string
  /** The id of the person at their own organisation. */
  readonly uid: string | null
  /** In lower case. */
  readonly mail: string | null
  /** Whether the provider vouches that the mail address is the person's. */
  readonly isMailProven: boolean
  /** SIRET of the person's organisation, 14 digits. */
  readonly siret: string | null
  /** Whether the provider said that a second factor was given (`mfa` in `amr`). */
  readonly hasSecondFactor: boolean
  /** When the person proved who they are at the provider; null: it did not say, so it counts as long ago. */
  readonly authenticatedAt: Date | null
  readonly idToken: string
}

/** The identity provider of the installation, by OpenID Connect; `gateways/openid` implements it. */
export interface IdentityProvider {
  readonly issuer: string
  /** Name of the provider on the screens. */
  readonly label: string
  /** Whether every sign-in has to name an organisation of the agent's service. */
  readonly needsOrganisation: boolean
  /** Returns the address where the person signs in. @throws AppError `provider_unreachable` */
  begin(request: ProviderRequest): Promise<string>
  /**
   * Exchanges the code of an answer and checks all that it proves: issuer, state, nonce, signatures, audience, level.
   * @param answer the parameters with which the provider sent the browser back
   * @throws AppError `provider_answer`, `provider_cancelled`, `provider_level`, `provider_unreachable`
   */
  readAnswer(answer: URLSearchParams, request: ProviderRequest): Promise<ProvenIdentity>
  /** Returns the address that ends the session at the provider; undefined when it has none or cannot be reached. */
  signOutAddress(of: {
    readonly idToken: string
    readonly state: string
    readonly backTo: string
  }): Promise<string | undefined>
}
