import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { GatewaySettings, SmppSettings } from '../gateways/settings.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { StateFileInUse } from '../gateways/sms/simulator/state-file.ts'
import { makeDirectory } from '../platform/process/directory.ts'
import { type BaseDeps, toDirectoryError } from './deps.ts'

/** The simulated SMS centre in this process: for a whole demo, or for the exercises of an installation in service. */
export interface Simulator {
  readonly smsc: Smsc
  /** Random at each start, so that no other program of the machine receives the receipts. */
  readonly password: string
}

/** Returns true for a gateway to the simulated SMS centre that its process starts. */
export function isSimulatorGateway(settings: GatewaySettings): settings is SmppSettings {
  return settings.kind === 'smpp' && settings.port === 0
}

/** Long enough for a person to see messages as submitted, then delivered. */
const RECEIPT_MS = 400

/**
 * Starts the simulated SMS centre of a process. In a demo it stores phones and messages in the demo's directory,
 * so that, like a real centre, it survives a crash of the server. In service it sends receipts and stores nothing.
 * @param systemId the account of the gateway to it
 * @throws AppError `directory_unusable`
 */
export async function startSimulator(
  { dataDir, demo }: Pick<Config, 'dataDir' | 'demo'>,
  systemId: string,
  { log, random }: Pick<BaseDeps, 'log' | 'random'>,
): Promise<Simulator> {
  const password = randomBytes(6).toString('base64url')
  const settings = {
    account: { systemId, password },
    receiptDelayMs: RECEIPT_MS,
    // Different for each process, so that message ids differ between the servers of one database.
    seed: Math.floor(random() * 4000),
  }
  if (!demo) return { password, smsc: await startSmsc({ ...settings, handsets: false, logCapacity: 0 }) }
  try {
    makeDirectory(dataDir)
    return { password, smsc: await startSmsc({ ...settings, stateFile: join(dataDir, 'smsc.ndjson') }) }
  } catch (error) {
    if (!(error instanceof StateFileInUse)) throw toDirectoryError(error, dataDir)
    // Demos on one PostgreSQL may share a directory: only the first process stores its phones.
    log.warn({ err: error }, 'the simulated phones of this process will be forgotten when it ends')
    return { password, smsc: await startSmsc(settings) }
  }
}
