import type { AuditKeys } from './audit/keys.ts'
import type { Cipher } from './cipher/cipher.ts'
import type { Config } from './config.ts'
import type { SmsGateway } from './deliveries/gateway.ts'
import type { PlannedBroadcasts } from './deliveries/plan/planned.ts'
import type { CardPayments } from './dues/collect/card.ts'
import type { CompanyRegistry } from './enrolment/registry.ts'
import type { IdentityProvider } from './identity/provider/provider.ts'
import type { Jobs } from './jobs.ts'
import type { Mailer } from './outbox/contract.ts'
import type { Replica } from './platform/database/replica.ts'
import type { Database, Db } from './platform/db.ts'
import type { Live } from './platform/http/live.ts'
import type { Secrets } from './platform/process/secrets.ts'
import type { Log } from './platform/telemetry/log.ts'

/** The dependencies of actions: one flat object, built once in start/. Actions take only the keys they use (Pick). */
export interface Deps {
  readonly config: Config
  /**
   * Signs sessions and creates one-time codes: the secret of the settings, or that of a demo, with the one that it replaces.
   * Undefined for a command that runs without the server.
   */
  readonly secret: Secrets | undefined
  /** Sign the audit record, and check its signatures. */
  readonly auditKeys: AuditKeys
  /** Seals values of the database and opens them; without keys it leaves them in clear. */
  readonly cipher: Cipher
  readonly database: Database
  readonly db: Db
  /** The replica that answers long reads, as those of statistics. Undefined: the database answers them. */
  readonly replica?: Replica | undefined
  readonly now: () => Date
  readonly newId: () => string
  /** 0 ≤ x < 1 */
  readonly random: () => number
  readonly log: Log
  readonly jobs: Jobs
  readonly live: Live
  readonly gateways: readonly SmsGateway[]
  readonly planned: PlannedBroadcasts
  /** The register from which joining businesses are filled in. */
  readonly companies: CompanyRegistry
  /** Undefined: the installation sends no mail. */
  readonly mailer: Mailer | undefined
  /** Undefined: no card payments. */
  readonly cards: CardPayments | undefined
  /** Undefined: agents sign in by passkey or password only. */
  readonly identityProvider: IdentityProvider | undefined
}
