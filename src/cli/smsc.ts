import { parseArgs } from 'node:util'
import type { CommandIo } from '../commands/command.ts'
import { changeFaults, NO_FAULTS, type SmscFaults } from '../gateways/sms/simulator/faults.ts'
import type { HandsetState } from '../gateways/sms/simulator/handsets.ts'
import { startSmscHttp } from '../gateways/sms/simulator/http.ts'
import type { IdFormat } from '../gateways/sms/simulator/ids.ts'
import { type SmscSettings, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { formatMessage } from '../i18n/format.ts'
import { DAY_MS } from '../message/clock.ts'

/** A wrong option; its message is a message key. */
class UsageError extends Error {
  readonly values: Readonly<Record<string, string | number>>
  constructor(key: string, values: Readonly<Record<string, string | number>> = {}) {
    super(key)
    this.values = values
  }
}

function readInteger(value: string | undefined, name: string, max: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!/^\d+$/.test(value) || number > max)
    throw new UsageError('cli.smsc.integer', { name, max: String(max) })
  return number
}

function readFormat(value: string | undefined, name: string): IdFormat | undefined {
  if (value === undefined || value === 'hex' || value === 'lowerHex' || value === 'decimal') return value
  throw new UsageError('cli.smsc.format', { name })
}

/** Parses `cutEvery=100`, `noReceipts=true`, `failingPrefixes=33612,33613`, as in POST /faults. */
function readFaults(texts: readonly string[], start: SmscFaults): SmscFaults {
  let faults = start
  for (const text of texts) {
    const [, name = '', value = ''] = /^(\w+)=(.+)$/.exec(text) ?? []
    const isList = Object.hasOwn(NO_FAULTS, name) && Array.isArray(NO_FAULTS[name as keyof SmscFaults])
    const changed = changeFaults(faults, { [name]: isList ? value.split(',') : readJson(value) })
    if ('problem' in changed) {
      throw new UsageError('cli.smsc.fault', { fault: text, names: Object.keys(NO_FAULTS).join(', ') })
    }
    faults = changed
  }
  return faults
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface HandsetOption {
  readonly number: string
  readonly state: HandsetState
}

/** Parses `33639980001=off`. */
function readHandset(text: string): HandsetOption {
  const [, number, state] = /^(\+?\d{1,20})=(on|off|memoryFull)$/.exec(text) ?? []
  if (number === undefined) throw new UsageError('cli.smsc.handset', { handset: text })
  return { number, state: state as HandsetState }
}

interface SmscOptions {
  readonly smsc: SmscSettings
  readonly phones: readonly HandsetOption[]
  readonly httpPort: number
  readonly host: string
}

/** Returns undefined for --help. @throws UsageError or parseArgs's TypeError. */
function parseSmscOptions(args: string[]): SmscOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '2775' },
      'http-port': { type: 'string', default: '2776' },
      'system-id': { type: 'string' },
      password: { type: 'string' },
      'answer-as': { type: 'string' },
      seed: { type: 'string' },
      latency: { type: 'string' },
      'receipt-delay': { type: 'string' },
      throttle: { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
      handset: { type: 'string', multiple: true, default: [] },
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
  const receiptDelayMs = readInteger(values['receipt-delay'], 'receipt-delay', DAY_MS)
  const logCapacity = values.sink ? 0 : readInteger(values['log-capacity'], 'log-capacity', 100_000_000)
  const messageIdFormat = readFormat(values['id-format'], 'id-format')
  const receiptIdFormat = readFormat(values['receipt-id-format'], 'receipt-id-format')
  const systemId = values['system-id']
  if ((systemId === undefined) !== (values.password === undefined)) {
    throw new UsageError('cli.smsc.account')
  }
  return {
    host: values.host,
    phones: values.handset.map(readHandset),
    httpPort: readInteger(values['http-port'], 'http-port', 65_535) ?? 0,
    smsc: {
      host: values.host,
      port: readInteger(values.port, 'port', 65_535) ?? 0,
      handsets: !values.sink,
      faults: readFaults(values.fault, {
        ...NO_FAULTS,
        latencyMs: readInteger(values.latency, 'latency', 600_000) ?? 0,
        throttlePerSecond: readInteger(values.throttle, 'throttle', 1_000_000) ?? 0,
      }),
      ...(systemId === undefined ? {} : { account: { systemId, password: values.password ?? '' } }),
      ...(values['answer-as'] === undefined ? {} : { answersAs: values['answer-as'] }),
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
 * `{"smpp":port,"http":port}`.
 * @param signals source of the stop signals: this process or a replacement.
 * @returns the exit code: 0, 1 when a port or a file cannot be opened, 2 for a usage error.
 */
export async function smscCommand(
  args: string[],
  io: Pick<CommandIo, 'lang' | 'stdout' | 'stderr'>,
  signals: NodeJS.EventEmitter = process,
): Promise<number> {
  const { lang } = io
  const usage = formatMessage(lang, 'cli.smsc.usage')
  let options: SmscOptions | undefined
  try {
    options = parseSmscOptions(args)
  } catch (error) {
    const wrong =
      error instanceof UsageError
        ? formatMessage(lang, error.message, error.values)
        : formatMessage(lang, 'cli.smsc.option')
    io.stderr(`${wrong}\n${usage}`)
    return 2
  }
  if (options === undefined) {
    io.stdout(usage)
    return 0
  }
  try {
    const smsc = await startSmsc(options.smsc)
    for (const { number, state } of options.phones) smsc.setHandset(number, { state })
    const control = await startSmscHttp(smsc, { port: options.httpPort, host: options.host })
    io.stdout(`${JSON.stringify({ smpp: smsc.port, http: control.port })}\n`)
    io.stderr(
      `${formatMessage(lang, 'cli.smsc.ready', {
        smpp: `${options.host}:${smsc.port}`,
        http: `http://${options.host}:${control.port}`,
      })}\n`,
    )
    await new Promise<void>((resolve) => {
      signals.once('SIGINT', resolve)
      signals.once('SIGTERM', resolve)
    })
    await control.stop()
    await smsc.stop()
    return 0
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const cause = code === undefined ? message : `${code} ${message}`
    io.stderr(
      `${formatMessage(lang, code === 'EADDRINUSE' ? 'cli.smsc.port_taken' : 'cli.smsc.failed', { cause })}\n`,
    )
    return 1
  }
}
