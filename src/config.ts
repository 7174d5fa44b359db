import { NO_KEYS, type ReadKeys } from './cipher/sources.ts'
import { type AccountConfig, toAccountConfig } from './config/accounts.ts'
import { type AuditConfig, readAuditConfig } from './config/audit.ts'
import { type BackupConfig, toBackupConfig } from './config/backup.ts'
import { type DatabaseConfig, toDatabaseConfig } from './config/database.ts'
import { signsOfService } from './config/demo.ts'
import { type IdentityProviderSettings, identityProviderOf } from './config/identity-provider.ts'
import { readLang } from './config/language.ts'
import { missingSettings } from './config/missing.ts'
import { keyReader, readKeyring, type SecretConfig } from './config/secrets.ts'
import { type ServerConfig, toServerConfig } from './config/server.ts'
import { type ServiceConfig, toServiceConfig } from './config/services.ts'
import type { Environment } from './config/setting.ts'
import { type SmsConfig, toSmsConfig } from './config/sms.ts'
import { type TelemetryConfig, toTelemetryConfig } from './config/telemetry.ts'
import { readValues } from './config/values.ts'
import { AppError, type Problem } from './errors.ts'
import { readGatewaysFile } from './gateways/settings.ts'

export type { IdentityProviderSettings } from './config/identity-provider.ts'
export { readLang } from './config/language.ts'
export { ROLES, type Role } from './config/server.ts'
export type { Environment } from './config/setting.ts'
export { settings } from './config/settings.ts'

/** Every setting of an installation, as the program uses it. */
export interface Config
  extends ServerConfig,
    DatabaseConfig,
    SecretConfig,
    SmsConfig,
    AccountConfig,
    TelemetryConfig,
    ServiceConfig {
  readonly demo: boolean
  readonly backup: BackupConfig
  readonly audit: AuditConfig
  /** Undefined: agents sign in by passkey or password only. */
  readonly identityProvider: IdentityProviderSettings | undefined
  readonly lang: 'fr' | 'en'
}

/**
 * Reads the settings from the environment, and by `readFile` the files that it names: of secrets and of TOCSIN_GATEWAYS. An
 * empty value counts as absent.
 * @throws AppError `config_invalid` with every problem at once.
 */
export function readConfig(
  given: Environment,
  readFile: (path: string) => string = noFiles,
  readKeys: ReadKeys = NO_KEYS,
): Config {
  const problems: Problem[] = []
  const { values: v, env } = readValues(given, readFile, problems)
  const signs = signsOfService(env, v.HOST)
  const demo = v.TOCSIN_DEMO ?? signs.length === 0
  problems.push(...missingSettings(v, env, { demo, signs }))
  const file =
    v.TOCSIN_GATEWAYS === undefined
      ? undefined
      : readGatewaysFile(v.TOCSIN_GATEWAYS, { env, readFile }, { demo, baseUrl: v.TOCSIN_BASE_URL }, problems)
  const audit = readAuditConfig(v, readFile, problems)
  const reloadKeys = keyReader(v, readKeys)
  const keys = readKeyring(v, demo, reloadKeys, problems)
  if (problems.length > 0) throw new AppError('config_invalid', { problems })
  return Object.freeze({
    ...toServerConfig(v, env),
    ...toDatabaseConfig(v),
    demo,
    secret: v.TOCSIN_SECRET,
    previousSecret: v.TOCSIN_SECRET_PREVIOUS,
    keys,
    reloadKeys,
    backup: toBackupConfig(v),
    audit,
    ...toSmsConfig(v, file, demo),
    ...toAccountConfig(v, demo),
    ...toTelemetryConfig(v),
    ...toServiceConfig(v, demo),
    identityProvider: identityProviderOf(v),
    lang: readLang(env),
  })
}

function noFiles(): string {
  throw Object.assign(new Error('no files here'), { code: 'ENOENT' })
}

/** Returns whether npm started this process, which must then end before npm does. */
export function isUnderNpm(env: Environment): boolean {
  return env.npm_lifecycle_event !== undefined
}
