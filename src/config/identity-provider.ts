import { z } from 'zod'
import type { ValuesOf } from './setting.ts'

/** The address of an OpenID Connect provider: https, or http on this machine for tests. */
const issuer = z.url().refine((text) => {
  const { protocol, hostname, search, hash } = new URL(text)
  const isHere = protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1')
  return (protocol === 'https:' || isHere) && search === '' && hash === ''
})

/** Settings of the identity provider. */
export const identityProviderSettings = {
  TOCSIN_OIDC_ISSUER: {
    schema: issuer.optional(),
    meaning:
      'Identity provider (OpenID Connect) by which agents may sign in: its issuer, as https://auth.example/realm. Its addresses are read from ISSUER/.well-known/openid-configuration. Register BASE_URL/connexion/retour with it as the address of return, and BASE_URL/ after sign-out. Without it, there is no such sign-in (docs/guides/proconnect.md).',
    meaningFr:
      'Fournisseur d’identité (OpenID Connect) par lequel les agents peuvent se connecter : son émetteur (issuer), comme https://auth.example/realm. Ses adresses se lisent dans ISSUER/.well-known/openid-configuration. Y déclarer BASE_URL/connexion/retour comme adresse de retour, et BASE_URL/ après déconnexion. Sans lui, cette connexion n’existe pas (docs/guides/proconnect.md).',
  },
  TOCSIN_OIDC_KIND: {
    schema: z.enum(['oidc', 'proconnect']).default('oidc'),
    meaning:
      'proconnect: its scopes, userinfo signed, and a SIRET of the agent’s service at each sign-in; oidc: any other provider.',
    meaningFr:
      'proconnect : ses scopes, un userinfo signé, et un SIRET du service de l’agent à chaque connexion ; oidc : tout autre fournisseur.',
  },
  TOCSIN_OIDC_CLIENT_ID: {
    schema: z.string().min(1).max(200).optional(),
    meaning: 'Client identifier given by the identity provider. Required with TOCSIN_OIDC_ISSUER.',
    meaningFr:
      'Identifiant de client donné par le fournisseur d’identité. Obligatoire avec TOCSIN_OIDC_ISSUER.',
  },
  TOCSIN_OIDC_CLIENT_SECRET: {
    secret: true,
    schema: z.string().min(1).max(500).optional(),
    meaning: 'Client secret given by the identity provider. Required with TOCSIN_OIDC_ISSUER.',
    meaningFr: 'Secret de client donné par le fournisseur d’identité. Obligatoire avec TOCSIN_OIDC_ISSUER.',
  },
  TOCSIN_OIDC_LABEL: {
    schema: z.string().trim().min(1).max(40).optional(),
    meaning: 'Name of the identity provider on the screens. Default: ProConnect, or the host of the issuer.',
    meaningFr: 'Nom du fournisseur d’identité à l’écran. Par défaut : ProConnect, ou l’hôte de l’émetteur.',
  },
  TOCSIN_OIDC_SCOPES: {
    schema: z
      .string()
      .regex(/^openid( [\w:./-]+)*$/)
      .optional(),
    meaning:
      'Scopes asked of the identity provider, openid first. Default: openid given_name usual_name email uid siret idp_id for ProConnect, openid profile email otherwise.',
    meaningFr:
      'Scopes demandés au fournisseur d’identité, openid en premier. Par défaut : openid given_name usual_name email uid siret idp_id pour ProConnect, sinon openid profile email.',
  },
  TOCSIN_OIDC_ACR: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((item) => item.trim()))
      .pipe(z.array(z.string().min(1).max(200)).max(10))
      .default([]),
    meaning:
      'Levels of authentication (acr), with commas between, of which a sign-in needs one. Default: none is asked for.',
    meaningFr:
      'Niveaux d’authentification (acr), séparés par des virgules, dont une connexion doit atteindre l’un. Par défaut : aucun n’est demandé.',
  },
  TOCSIN_OIDC_ALG: {
    schema: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).default('RS256'),
    meaning: 'The only algorithm by which signatures of the identity provider are accepted.',
    meaningFr: 'Le seul algorithme de signature accepté du fournisseur d’identité.',
  },
} as const

type ProviderValues = ValuesOf<typeof identityProviderSettings>

/** The identity provider of the installation (OpenID Connect). */
export interface IdentityProviderSettings {
  readonly issuer: string
  readonly kind: 'oidc' | 'proconnect'
  readonly clientId: string
  readonly clientSecret: string
  readonly label: string
  readonly scopes: string
  /** Levels of authentication of which a sign-in needs one; empty: none is asked for. */
  readonly acr: readonly string[]
  readonly alg: ProviderValues['TOCSIN_OIDC_ALG']
}

const DEFAULT_SCOPES = {
  oidc: 'openid profile email',
  proconnect: 'openid given_name usual_name email uid siret idp_id',
} as const

/** Returns the identity provider; undefined when the settings name none. */
export function identityProviderOf(v: ProviderValues): IdentityProviderSettings | undefined {
  const {
    TOCSIN_OIDC_ISSUER: issuer,
    TOCSIN_OIDC_CLIENT_ID: clientId,
    TOCSIN_OIDC_CLIENT_SECRET: clientSecret,
    TOCSIN_OIDC_KIND: kind,
  } = v
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return undefined
  return {
    issuer,
    kind,
    clientId,
    clientSecret,
    label: v.TOCSIN_OIDC_LABEL ?? (kind === 'proconnect' ? 'ProConnect' : new URL(issuer).host),
    scopes: v.TOCSIN_OIDC_SCOPES ?? DEFAULT_SCOPES[kind],
    acr: v.TOCSIN_OIDC_ACR,
    alg: v.TOCSIN_OIDC_ALG,
  }
}
