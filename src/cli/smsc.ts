import { parseArgs } from 'node:util'
import { startSmscHttp } from '../gateways/sms/simulator/http.ts'
import { type SmscSettings, startSmsc } from '../gateways/sms/simulator/smsc.ts'

/** Where a command writes; one call may hold several lines. */
interface Io {
  stdout: (text: string) => void
  stderr: (text: string) => void
}

const USAGE = `Utilisation : tocsin smsc [options]

Simule un centre SMS (SMPP 3.4) qui n'atteint aucun vrai téléphone.
  --host ADRESSE             adresse d'écoute (127.0.0.1)
  --port N                   port SMPP (2775 ; 0 : au choix du système)
  --http-port N              port de commande HTTP (2776 ; 0 : au choix du système)
  --system-id NOM            seul compte admis, avec --password (défaut : tous)
  --password MOT             son mot de passe
  --seed N                   graine du hasard (1)
  --latency MS               attente avant chaque réponse (0)
  --receipt-delay MS         attente avant chaque accusé (0)
  --throttle N               envois acceptés par seconde (0 : sans limite)
  --id-format hex|decimal    écriture des identifiants (hex)
  --receipt-id-format hex|decimal   leur écriture dans les accusés (la même)
  --log-file FICHIER         journal NDJSON de ce qui est accepté
  --state-file FICHIER       fichier NDJSON de ce qui reste dû et des téléphones : un arrêt brutal ne perd rien
  --log-capacity N           envois gardés en mémoire (2000000)
  --sink                     sans téléphones ni journal : pour mesurer
`

class UsageError extends Error {}

function readInteger(value: string | undefined, name: string, max: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!/^\d+$/.test(value) || number > max) throw new UsageError(`--${name} : un entier de 0 à ${max}.`)
  return number
}

function readFormat(value: string | undefined, name: string): 'hex' | 'decimal' | undefined {
  if (value === undefined || value === 'hex' || value === 'decimal') return value
  throw new UsageError(`--${name} : hex ou decimal.`)
}

interface Options {
  readonly smsc: SmscSettings
  readonly httpPort: number
  readonly host: string
}

/** Undefined when the usage was asked for. @throws UsageError or parseArgs's TypeError. */
function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '2775' },
      'http-port': { type: 'string', default: '2776' },
      'system-id': { type: 'string' },
      password: { type: 'string' },
      seed: { type: 'string' },
      latency: { type: 'string' },
      'receipt-delay': { type: 'string' },
      throttle: { type: 'string' },
      'id-format': { type: 'string' },
      'receipt-id-format': { type: 'string' },
      'log-file': { type: 'string' },
      'state-file': { type: 'string' },
      'log-capacity': { type: 'string' },
      sink: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const seed = readInteger(values.seed, 'seed', 0xffffffff)
  const receiptDelayMs = readInteger(values['receipt-delay'], 'receipt-delay', 86_400_000)
  const logCapacity = values.sink ? 0 : readInteger(values['log-capacity'], 'log-capacity', 100_000_000)
  const messageIdFormat = readFormat(values['id-format'], 'id-format')
  const receiptIdFormat = readFormat(values['receipt-id-format'], 'receipt-id-format')
  const systemId = values['system-id']
  if ((systemId === undefined) !== (values.password === undefined)) {
    throw new UsageError('--system-id et --password vont ensemble.')
  }
  return {
    host: values.host,
    httpPort: readInteger(values['http-port'], 'http-port', 65_535) ?? 0,
    smsc: {
      host: values.host,
      port: readInteger(values.port, 'port', 65_535) ?? 0,
      handsets: !values.sink,
      faults: {
        latencyMs: readInteger(values.latency, 'latency', 600_000) ?? 0,
        throttlePerSecond: readInteger(values.throttle, 'throttle', 1_000_000) ?? 0,
      },
      ...(systemId === undefined ? {} : { account: { systemId, password: values.password ?? '' } }),
      ...(seed === undefined ? {} : { seed }),
      ...(receiptDelayMs === undefined ? {} : { receiptDelayMs }),
      ...(logCapacity === undefined ? {} : { logCapacity }),
      ...(messageIdFormat === undefined ? {} : { messageIdFormat }),
      ...(receiptIdFormat === undefined ? {} : { receiptIdFormat }),
      ...(values['log-file'] === undefined ? {} : { logFile: values['log-file'] }),
      ...(values['state-file'] === undefined ? {} : { stateFile: values['state-file'] }),
    },
  }
}

/**
 * `tocsin smsc`: runs the SMS centre simulator until SIGINT or SIGTERM. When ready, prints one JSON line
 * `{"smpp":port,"http":port}`. Returns the exit status: 0, 1 when a port or a file cannot be opened, 2 for a usage
 * error.
 */
export async function smscCommand(args: string[], io: Io): Promise<number> {
  let options: Options | undefined
  try {
    options = readOptions(args)
  } catch (error) {
    io.stderr(`${(error as Error).message}\n${USAGE}`)
    return 2
  }
  if (options === undefined) {
    io.stdout(USAGE)
    return 0
  }
  try {
    const smsc = await startSmsc(options.smsc)
    const control = await startSmscHttp(smsc, { port: options.httpPort, host: options.host })
    io.stdout(`${JSON.stringify({ smpp: smsc.port, http: control.port })}\n`)
    io.stderr(
      `Centre SMS simulé : SMPP ${options.host}:${smsc.port}, commande http://${options.host}:${control.port}\n`,
    )
    await new Promise<void>((resolve) => {
      process.once('SIGINT', resolve)
      process.once('SIGTERM', resolve)
    })
    await control.stop()
    await smsc.stop()
    return 0
  } catch (error) {
    io.stderr(`${(error as Error).message}\n`)
    return 1
  }
}
