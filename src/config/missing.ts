import type { Problem } from '../errors.ts'
import { isServiceDecided } from './demo.ts'
import { type Environment, problemOf } from './setting.ts'
import { type SettingName, settings, type Values } from './settings.ts'

/** Settings that require others: the first of a line, if it is set, requires the rest of the line. */
const REQUIRED_WITH = [
  ['TOCSIN_SMTP_URL', 'TOCSIN_MAIL_FROM'],
  ['TOCSIN_STRIPE_KEY', 'TOCSIN_STRIPE_WEBHOOK_SECRET'],
  ['TOCSIN_OIDC_ISSUER', 'TOCSIN_OIDC_CLIENT_ID', 'TOCSIN_OIDC_CLIENT_SECRET'],
  ['TOCSIN_BACKUP_DIR', 'TOCSIN_BACKUP_KEY'],
  ['TOCSIN_TIMESTAMP_URL', 'TOCSIN_TIMESTAMP_CA_FILE'],
] as const satisfies readonly (readonly SettingName[])[]

/** Returns what is missing beside the values that are given, and what excludes one another. */
export function missingSettings(
  v: Values,
  env: Environment,
  { demo, signs }: { readonly demo: boolean; readonly signs: readonly string[] },
): Problem[] {
  const problems: Problem[] = []
  if (v.TOCSIN_DEMO === undefined && signs.length > 0 && !isServiceDecided(env)) {
    problems.push({ code: 'config.demo_unsaid', path: 'TOCSIN_DEMO', values: { names: signs.join(', ') } })
  }
  const required = (names: readonly SettingName[]) =>
    names
      .filter((name) => !env[name])
      .map((name) => problemOf('config.required', { name, ...settings[name] }))
  if (!demo) problems.push(...required(requiredInService(env)))
  const short = Object.keys(settings).filter((name) => name.startsWith('TOCSIN_SMPP_') && env[name])
  if (v.TOCSIN_GATEWAYS !== undefined && short.length > 0) {
    const values = { names: short.join(', ') }
    problems.push({ code: 'config.gateways_twice', path: 'TOCSIN_GATEWAYS', values })
  }
  for (const [given, ...others] of REQUIRED_WITH)
    if (v[given] !== undefined) problems.push(...required(others))
  if (v.TOCSIN_ANCHOR_MAILS?.length > 0 && !demo) problems.push(...required(['TOCSIN_SMTP_URL']))
  return problems
}

/** Lists what a production installation requires: an SMPP gateway, unless a file names its gateways. */
function requiredInService(env: Environment): SettingName[] {
  const names: SettingName[] = ['TOCSIN_SECRET', 'TOCSIN_BASE_URL']
  if (env.TOCSIN_GATEWAYS) return names
  names.push('TOCSIN_SMPP_HOST')
  if (env.TOCSIN_SMPP_HOST) names.push('TOCSIN_SMPP_SYSTEM_ID', 'TOCSIN_SMPP_PASSWORD')
  return names
}
