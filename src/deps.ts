import type { Config } from './config.ts'
import type { SmsGateway } from './deliveries/gateway.ts'
import type { CardPayments } from './dues/collect/card.ts'
import type { CompanyRegistry } from './enrolment/registry.ts'
import type { Jobs } from './jobs.ts'
import type { Mailer } from './outbox/contract.ts'
import type { Database, Db } from './platform/db.ts'
import type { Live } from './platform/live.ts'
import type { Log } from './platform/log.ts'

/** What an action needs: one flat object, built once in start/. Actions take only the keys they use (Pick). */
export interface Deps {
  readonly config: Config
  /**
   * Signs sessions and makes one-time codes: the one of the settings, or that of a demo. Undefined for a command that
   * runs by itself.
   */
  readonly secret: string | undefined
  readonly database: Database
  readonly db: Db
  readonly now: () => Date
  readonly newId: () => string
  /** 0 ≤ x < 1 */
  readonly random: () => number
  readonly log: Log
  readonly jobs: Jobs
  readonly live: Live
  readonly gateways: readonly SmsGateway[]
  /** What businesses that join are filled from. */
  readonly companies: CompanyRegistry
  /** Undefined: the installation sends no mail. */
  readonly mailer: Mailer | undefined
  /** Undefined: no card is taken. */
  readonly cards: CardPayments | undefined
}
