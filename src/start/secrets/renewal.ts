import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../config.ts'
import { withoutSecrets } from '../../gateways/secrets.ts'
import type { GatewaySettings } from '../../gateways/settings.ts'
import type { Database } from '../../platform/db.ts'
import type { RenewableGateway } from '../gateways.ts'
import { isSimulatorGateway } from '../simulator.ts'

/** Secrets of a process that are replaced while it runs. */
export interface RenewableParts {
  readonly databases: Pick<Database, 'renewUrl'>[]
  /** The read replica, if there is one. */
  readonly replicas: Pick<Database, 'renewUrl'>[]
  readonly gateways: Pick<RenewableGateway, 'name' | 'renewSecrets'>[]
}

/** The effects of reading the secrets again. Names only: the values are never shown. */
export interface Renewal {
  /** Secrets in use from now on: addresses of the database by their setting, and gateways by their name. */
  readonly renewed: readonly string[]
  /** Settings that differ and are used from the next start on. */
  readonly needRestart: readonly string[]
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

/** Addresses of the database, which have one password. */
const ADDRESSES: Readonly<Record<string, (config: Config) => string | undefined>> = {
  DATABASE_URL: ({ databaseUrl }) => databaseUrl,
  DATABASE_SESSION_URL: ({ databaseSessionUrl }) => databaseSessionUrl,
  DATABASE_READ_URL: ({ databaseReadUrl }) => databaseReadUrl,
}

/**
 * Returns a function that uses the secrets of settings that were read again: the password of the database for connections to
 * come, those of gateways for their next sign-in or request. What else differs waits for a start.
 * @param started the settings of the start
 */
export function createRenewal(started: Config, parts: RenewableParts): (next: Config) => Renewal {
  let database = started
  const gateways = new Map(realGateways(started).map((settings) => [settings.name, settings]))

  function renewDatabase(next: Config): Renewal {
    const names = Object.keys(ADDRESSES).filter(
      (name) => ADDRESSES[name]?.(database) !== ADDRESSES[name]?.(next),
    )
    if (names.length === 0) return NOTHING
    // All or none: a process works in one database.
    if (!Object.values(ADDRESSES).every((read) => isSameLogin(read(started), read(next))))
      return { renewed: [], needRestart: names }
    const { databaseUrl, databaseSessionUrl, databaseReadUrl } = next
    if (databaseUrl !== undefined)
      for (const each of parts.databases) each.renewUrl(databaseUrl, databaseSessionUrl)
    if (databaseReadUrl !== undefined) for (const each of parts.replicas) each.renewUrl(databaseReadUrl)
    database = next
    return { renewed: names, needRestart: [] }
  }

  function renewGateways(next: Config): Renewal {
    // A process that sends nothing has none.
    if (parts.gateways.length === 0) return NOTHING
    const renewed: string[] = []
    const needRestart: string[] = []
    const given = new Map(realGateways(next).map((settings) => [settings.name, settings]))
    for (const name of new Set([...gateways.keys(), ...given.keys()])) {
      const [used, other] = [gateways.get(name), given.get(name)]
      const gateway = parts.gateways.find((one) => one.name === name)
      if (isDeepStrictEqual(used, other)) continue
      if (used && other && gateway && isDeepStrictEqual(withoutSecrets(used), withoutSecrets(other))) {
        gateway.renewSecrets(other)
        gateways.set(name, other)
        renewed.push(name)
      } else needRestart.push(name)
    }
    return { renewed, needRestart }
  }

  return (next) => {
    const atStart = Object.keys(AT_START).filter(
      (name) => AT_START[name]?.(started) !== AT_START[name]?.(next),
    )
    const all = [{ renewed: [], needRestart: atStart }, renewDatabase(next), renewGateways(next)]
    return {
      renewed: all.flatMap(({ renewed }) => renewed),
      needRestart: all.flatMap(({ needRestart }) => needRestart),
    }
  }
}

const NOTHING: Renewal = { renewed: [], needRestart: [] }

/** Returns the settings of gateways to providers; the simulator in the process has no secret of its own. */
function realGateways({ gateways }: Config): readonly GatewaySettings[] {
  return gateways.filter((settings) => !isSimulatorGateway(settings))
}

/** Tells whether two addresses differ in the password only: another login was not examined as that of the start was. */
function isSameLogin(before: string | undefined, next: string | undefined): boolean {
  if (before === undefined || next === undefined) return before === next
  const loginOf = (address: string) => {
    const url = new URL(address)
    url.password = ''
    url.searchParams.delete('password')
    return url.href
  }
  return loginOf(before) === loginOf(next)
}
