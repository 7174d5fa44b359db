import { isIP } from 'node:net'
import { bool, type Environment } from './setting.ts'

/** The setting that asks for the demo. */
export const demoSettings = {
  TOCSIN_DEMO: {
    schema: bool.optional(),
    meaning:
      'Demo mode: sample schemes and members, doors without password, simulated phones. Default: true as long as nothing tells of an installation in service: DATABASE_URL, TOCSIN_SECRET, TOCSIN_BASE_URL, a provider (TOCSIN_GATEWAYS, TOCSIN_SMPP_HOST or its account, TOCSIN_SMTP_URL, TOCSIN_STRIPE_KEY, TOCSIN_OIDC_ISSUER), a HOST that others reach. With one of these a demo has to be asked for by true. Refused on a database with real accounts.',
    meaningFr:
      'Démonstration : dispositifs et adhérents d’exemple, portes sans mot de passe, téléphones simulés. Par défaut : true tant que rien n’annonce une installation en service : DATABASE_URL, TOCSIN_SECRET, TOCSIN_BASE_URL, un fournisseur (TOCSIN_GATEWAYS, TOCSIN_SMPP_HOST ou son compte, TOCSIN_SMTP_URL, TOCSIN_STRIPE_KEY, TOCSIN_OIDC_ISSUER), un HOST que d’autres machines atteignent. Avec l’un d’eux, une démonstration se demande par true. Refusée sur une base qui a de vrais comptes.',
  },
} as const

/** Settings of production installations only. */
const DECIDES_SERVICE = ['TOCSIN_SECRET', 'TOCSIN_BASE_URL'] as const
/** Settings that name a real database or a real provider. */
const NAMES_REAL = [
  'DATABASE_URL',
  'TOCSIN_GATEWAYS',
  'TOCSIN_SMPP_HOST',
  'TOCSIN_SMPP_SYSTEM_ID',
  'TOCSIN_SMPP_PASSWORD',
  'TOCSIN_SMTP_URL',
  'TOCSIN_STRIPE_KEY',
  'TOCSIN_OIDC_ISSUER',
] as const

/**
 * Names the settings that end the demo unless TOCSIN_DEMO asks for it: its doors without password belong neither on a
 * network nor on a real database.
 */
export function signsOfService(env: Environment, host: string | undefined): string[] {
  const names: string[] = [...DECIDES_SERVICE, ...NAMES_REAL].filter((name) => env[name])
  if (host !== undefined && !isLoopback(host)) names.push('HOST')
  return names
}

/** Tells whether a setting of production installations only is given, so that the demo needs no refusal. */
export function isServiceDecided(env: Environment): boolean {
  return DECIDES_SERVICE.some((name) => env[name])
}

function isLoopback(host: string): boolean {
  return /^(localhost|::1|\[::1\])$/i.test(host) || (isIP(host) === 4 && host.startsWith('127.'))
}
