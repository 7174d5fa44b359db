import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Config, SIMULATOR_ACCOUNT } from '../config.ts'
import type { GatewaySettings, SmppSettings } from '../gateways/settings.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { StateFileInUse } from '../gateways/sms/simulator/state-file.ts'
import { makeDirectory } from '../platform/directory.ts'
import { asDirectoryError, type BaseDeps } from './deps.ts'

/** The simulated SMS centre inside a process: the whole of a demo, the exercises of an installation in service. */
export interface Simulator {
  readonly smsc: Smsc
  /** Made anew at each start: another program of the machine reads no receipt of an exercise. */
  readonly password: string
}

/** Whether a gateway leads to the simulated SMS centre that its process starts for itself. */
export function isOfSimulator(settings: GatewaySettings): settings is SmppSettings {
  return settings.kind === 'smpp' && settings.port === 0
}

/** Long enough for a person to see messages handed over, then delivered. */
const RECEIPT_MS = 400

/**
 * Starts the simulated SMS centre of a process. In a demo it keeps phones and messages, and like a
 * real one it outlives a crash of the server: what it accepted is in the demo's directory. In service it is a sink that gives receipts
 * and keeps nothing.
 * @throws AppError `directory_unusable`
 */
export async function startSimulator(
  { dataDir, demo }: Config,
  { log, random }: Pick<BaseDeps, 'log' | 'random'>,
): Promise<Simulator> {
  const password = randomBytes(6).toString('base64url')
  const settings = {
    account: { systemId: SIMULATOR_ACCOUNT, password },
    receiptDelayMs: RECEIPT_MS,
    // Its own, so that message ids differ between the servers of one database.
    seed: Math.floor(random() * 4000),
  }
  if (!demo) return { password, smsc: await startSmsc({ ...settings, handsets: false, logCapacity: 0 }) }
  try {
    makeDirectory(dataDir)
    return { password, smsc: await startSmsc({ ...settings, stateFile: join(dataDir, 'smsc.ndjson') }) }
  } catch (error) {
    if (!(error instanceof StateFileInUse)) throw asDirectoryError(error, dataDir)
    // Demos on one PostgreSQL may share a directory: the phones of the others last as long as their process.
    log.warn({ err: error }, 'the simulated phones of this process will be forgotten when it ends')
    return { password, smsc: await startSmsc(settings) }
  }
}
