import { randomFillSync } from 'node:crypto'
import { createAuditKeys } from '../../src/audit/keys.ts'
import { createCipher } from '../../src/cipher/cipher.ts'
import { readConfig } from '../../src/config.ts'
import { PlannedBroadcasts } from '../../src/deliveries/plan/planned.ts'
import type { Deps } from '../../src/deps.ts'
import { offlineRegistry } from '../../src/enrolment/registry.ts'
import { installJobs, startJobs } from '../../src/jobs.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { createLive } from '../../src/platform/http/live.ts'
import { createIds } from '../../src/platform/ids.ts'
import { createTestLog } from './log-scan.ts'

/** Dependencies for ordering broadcasts and reading the ledger in a process that sends nothing itself. */
export interface OrderDesk {
  readonly deps: Deps
  close(): Promise<void>
}

/** Opens an order desk. @param contract the workers' contract, which determines the size of chunks. */
export async function openOrderDesk(
  url: string,
  contract: { readonly window: number; readonly partsPerSecond?: number },
): Promise<OrderDesk> {
  const now = () => new Date()
  const config = readConfig({ TOCSIN_DEMO: 'true' })
  const database = await openDatabase({ kind: 'postgres', url, poolSize: 4 })
  await migrate(database.db, now)
  await installJobs(database)
  const log = createTestLog()
  const jobs = await startJobs(database, log)
  return {
    deps: {
      secret: undefined,
      auditKeys: createAuditKeys({}),
      cipher: createCipher(undefined),
      config: { ...config, gateways: config.gateways.map((gateway) => ({ ...gateway, ...contract })) },
      database,
      db: database.db,
      now,
      newId: createIds(now, randomFillSync),
      random: Math.random,
      log,
      jobs,
      live: createLive(),
      planned: new PlannedBroadcasts(),
      gateways: [],
      companies: offlineRegistry(),
      mailer: undefined,
      cards: undefined,
      identityProvider: undefined,
    },
    async close() {
      await jobs.stop(1000)
      await database.close()
    },
  }
}
