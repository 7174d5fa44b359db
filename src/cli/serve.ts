import { parseArgs } from 'node:util'
import type { CommandIo } from '../commands/command.ts'
import { describeError } from '../commands/errors.ts'
import { usageError } from '../commands/usage.ts'
import { type Config, type Environment, isUnderNpm, ROLES, type Role } from '../config.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { createServiceNotifier, findInheritedSocket } from '../platform/process/notify.ts'
import { isLogJson } from '../platform/telemetry/log.ts'

interface ServeCall {
  readonly role: Role | undefined
  /** Serves only the API: during development, Vite serves the web app. */
  readonly isApiOnly: boolean
}

/**
 * `tocsin serve [--role all|web|worker]`: runs until SIGINT or SIGTERM, then finishes pending work; a second
 * signal ends the process at once. SIGHUP reads the secrets again: once started when it comes before, not at all once it stops.
 * @param readSettings reads the settings again; default: they stay as they are
 * @returns the exit code. @throws AppError when it cannot start.
 */
export async function serveCommand(
  config: Config,
  args: readonly string[],
  io: CommandIo,
  env: Environment,
  readSettings: () => Config = () => config,
): Promise<number> {
  const call = parseServeCall(args)
  if (call === undefined) throw usageError(io.lang, `tocsin serve [--role ${ROLES.join('|')}] [--no-web]`)
  // A signal during the start takes effect once started, so that no half-started process is left.
  const stopSignal = watchStopSignal(env)
  const renewals = watchRenewals()
  const role = call.role ?? config.role
  const settings: Config = { ...config, role }
  // A collector of the log reads JSON only.
  const isJson = isLogJson(config.logFormat)
  const printLine = (msg: string) =>
    io.stdout(`${isJson ? JSON.stringify({ level: 30, time: new Date(), msg }) : msg}\n`)
  // The parent is bin/tocsin.js when it had to choose another Node.js.
  const listenFd = findInheritedSocket(env, [process.pid, process.ppid])
  const options = { printLine, listenFd }
  const starting =
    role === 'worker'
      ? import('../start/worker.ts').then((start) => start.startWorkerProcess(settings, options))
      : import('../start/serve.ts').then((start) =>
          start.startServer(settings, {
            ...options,
            fillFrom: env,
            ...(call.isApiOnly ? { webDirectory: null } : {}),
          }),
        )
  const server = await starting.catch((error: unknown) => {
    stopSignal.endWatch()
    renewals.endWatch()
    throw error
  })
  const service = createServiceNotifier(env, (error) => io.stderr(`systemd-notify: ${error.message}\n`))
  service.ready()
  renewals.start(() => {
    try {
      const { renewed, needRestart } = server.renewSecrets({ ...readSettings(), role })
      printLine(formatMessage(io.lang, 'start.renewed', { names: renewed.join(', ') || '-' }))
      if (needRestart.length > 0)
        printLine(formatMessage(io.lang, 'start.need_restart', { names: needRestart.join(', ') }))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      io.stderr(describeError(io.lang, error))
    }
  })
  await stopSignal.received
  renewals.pause()
  service.stopping()
  printLine(formatMessage(io.lang, 'start.stopping'))
  await server.stop()
  renewals.endWatch()
  printLine(formatMessage(io.lang, 'start.stopped'))
  return 0
}

function parseServeCall(args: readonly string[]): ServeCall | undefined {
  try {
    const options = { role: { type: 'string' }, 'no-web': { type: 'boolean', default: false } } as const
    const { values } = parseArgs({ args: [...args], options })
    const role = ROLES.find((name) => name === values.role)
    if (values.role !== undefined && role === undefined) return undefined
    return { role, isApiOnly: values['no-web'] }
  } catch {
    return undefined
  }
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

interface StopSignal {
  /** Resolves at the first signal. */
  readonly received: Promise<void>
  /** Removes the signal handlers. */
  endWatch(): void
}

interface RenewalSignal {
  /** Calls back at each SIGHUP from now on, and at once when one came before. */
  start(renew: () => void): void
  /** Ignores each SIGHUP from now on. */
  pause(): void
  /** Removes the signal handler. */
  endWatch(): void
}

/**
 * Keeps SIGHUP from ending the process, whatever it does at the moment. On a terminal SIGHUP stays what it is: the end of the
 * terminal, and of the process.
 */
function watchRenewals(): RenewalSignal {
  let hasCome = false
  let renew = () => {}
  const onSignal = () => {
    hasCome = true
    renew()
  }
  if (!process.stdin.isTTY) process.on('SIGHUP', onSignal)
  return {
    start(callback) {
      renew = callback
      if (hasCome) renew()
    },
    pause() {
      renew = () => {}
    },
    endWatch: () => void process.off('SIGHUP', onSignal),
  }
}

/** A supervisor that signals a whole group, and the program that forwards its signal, are one wish to stop. */
const SAME_SIGNAL_MS = 1000

/** Waits for a stop signal, or for the end of npm when it runs this process; a later second signal ends the process at once. */
export function watchStopSignal(env: Environment): StopSignal {
  const { promise: received, resolve } = Promise.withResolvers<void>()
  let stoppedAtMs: number | undefined
  const onSignal = () => {
    if (stoppedAtMs === undefined) {
      stoppedAtMs = performance.now()
      resolve()
    } else if (performance.now() - stoppedAtMs > SAME_SIGNAL_MS) process.exit(1)
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  const parentCheck = isUnderNpm(env) ? onParentExit(resolve) : undefined
  return {
    received,
    endWatch() {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
      clearInterval(parentCheck)
    },
  }
}

const PARENT_CHECK_MS = 500

/**
 * Calls back when the parent ends: a shell between npm and this process dies of the signal that npm forwards,
 * without forwarding it.
 * @returns the timer that looks for it
 */
function onParentExit(then: () => void): NodeJS.Timeout {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    then()
  }, PARENT_CHECK_MS)
  return timer.unref()
}
