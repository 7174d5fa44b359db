import type { Config } from '../config.ts'
import type { Database } from '../platform/db.ts'
import type { RenewableGateway } from './gateways.ts'
import { isSimulatorGateway } from './simulator.ts'

/** Secrets of a process that are replaced while it runs. */
export interface RenewableParts {
  readonly databases: Database[]
  readonly gateways: RenewableGateway[]
}

/** What reading the secrets again has changed. Names only: the values are never shown. */
export interface Renewal {
  /** What is used from now on: `DATABASE_URL`, and gateways by their name. */
  readonly renewed: readonly string[]
  /** Settings that differ and are used from the next start on. */
  readonly needRestart: readonly string[]
}

/** The settings of the start, those that were read last, and those that were read now. */
interface SettingsRead {
  readonly started: Config
  readonly last: Config
  readonly next: Config
}

/** Settings that hold a secret and are read at a start only. */
const AT_START: Readonly<Record<string, (config: Config) => unknown>> = {
  TOCSIN_SECRET: ({ secret }) => secret,
  TOCSIN_SECRET_PREVIOUS: ({ previousSecret }) => previousSecret,
  TOCSIN_AUDIT_KEY_FILE: ({ audit }) => audit.pem,
  TOCSIN_BACKUP_KEY: ({ backup }) => backup.recipients.join(),
  TOCSIN_SMTP_URL: ({ mail }) => mail?.url,
  TOCSIN_METRICS_TOKEN: ({ metricsToken }) => metricsToken,
  TOCSIN_STRIPE_KEY: ({ stripe }) => stripe?.key,
  TOCSIN_STRIPE_WEBHOOK_SECRET: ({ stripe }) => stripe?.webhookSecret,
  TOCSIN_OIDC_CLIENT_SECRET: ({ identityProvider }) => identityProvider?.clientSecret,
  OTEL_EXPORTER_OTLP_HEADERS: ({ tracesHeaders }) => tracesHeaders,
}

/**
 * Uses the secrets of settings that were read again: the password of the database for connections to come, those of gateways
 * for their next sign-in or request. What else differs waits for a start.
 */
export function renewSecrets(
  { started, last: before, next }: SettingsRead,
  { databases, gateways }: RenewableParts,
): Renewal {
  const renewed: string[] = []
  const needRestart = Object.keys(AT_START).filter(
    (name) => AT_START[name]?.(started) !== AT_START[name]?.(next),
  )
  if (before.databaseUrl !== next.databaseUrl) {
    if (before.databaseUrl !== undefined && next.databaseUrl !== undefined && isSamePlace(before, next)) {
      for (const database of databases) database.renewUrl(next.databaseUrl)
      renewed.push('DATABASE_URL')
    } else needRestart.push('DATABASE_URL')
  }
  for (const settings of before.gateways) {
    const { name } = settings
    const other = next.gateways.find((one) => one.name === name && one.kind === settings.kind)
    const gateway = gateways.find((one) => one.name === name)
    if (other === undefined || gateway === undefined || isSimulatorGateway(settings)) continue
    if (JSON.stringify(settings) === JSON.stringify(other)) continue
    gateway.renewSecrets(other)
    renewed.push(name)
  }
  return { renewed, needRestart }
}

/** Tells whether two addresses differ in login and password only. */
function isSamePlace(before: Config, next: Config): boolean {
  const placeOf = ({ databaseUrl = '' }: Config) => {
    const url = new URL(databaseUrl)
    url.username = ''
    url.password = ''
    url.searchParams.delete('password')
    return url.href
  }
  return placeOf(before) === placeOf(next)
}
