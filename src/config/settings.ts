import { accountSettings } from './accounts.ts'
import { auditSettings } from './audit.ts'
import { backupSettings } from './backup.ts'
import { databaseSettings } from './database.ts'
import { demoSettings } from './demo.ts'
import { identityProviderSettings } from './identity-provider.ts'
import { languageSettings } from './language.ts'
import { secretSettings } from './secrets.ts'
import { addressSettings, serverSettings, stopSettings } from './server.ts'
import { mapSettings, serviceSettings } from './services.ts'
import type { ValuesOf } from './setting.ts'
import { deliveryPeriodSettings, smsSettings } from './sms.ts'
import { metricsSettings, telemetrySettings } from './telemetry.ts'

/**
 * Every setting: its environment name, default, and meaning in both languages. A `secret` is read from the file that NAME_FILE
 * names, if that is given in place of NAME. The documentation page is generated from this.
 */
export const settings = {
  ...serverSettings,
  ...databaseSettings,
  ...demoSettings,
  ...secretSettings,
  ...auditSettings,
  ...addressSettings,
  ...smsSettings,
  ...accountSettings,
  ...deliveryPeriodSettings,
  ...mapSettings,
  ...metricsSettings,
  ...stopSettings,
  ...telemetrySettings,
  ...serviceSettings,
  ...identityProviderSettings,
  ...backupSettings,
  ...languageSettings,
} as const

/** The environment name of a setting. */
export type SettingName = keyof typeof settings

/** The values of all settings. */
export type Values = ValuesOf<typeof settings>
