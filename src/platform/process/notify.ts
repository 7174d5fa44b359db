import { execFile } from 'node:child_process'
import type { Environment } from '../../config.ts'

/** Tells systemd about this process, when systemd started it with `Type=notify` (sd_notify(3)). */
export interface ServiceNotifier {
  /** Says that the start is over, and from now on, at half the time of the watchdog, that the process still works. */
  ready(): void
  /** Says that the process is stopping. */
  stopping(): void
}

/**
 * Makes the notifier; without `NOTIFY_SOCKET` it does nothing. Node.js has no datagram sockets of files, so
 * systemd-notify(1) sends the messages: units need `NotifyAccess=all`. A process whose event loop is blocked sends none, and
 * systemd restarts it after `WatchdogSec`.
 * @param onFailure called when a message could not be sent
 */
export function createServiceNotifier(env: Environment, onFailure: (error: Error) => void): ServiceNotifier {
  if (env.NOTIFY_SOCKET === undefined) return { ready() {}, stopping() {} }
  const send = (state: string) =>
    void execFile('systemd-notify', [state], { env: { ...process.env, ...env } }, (error) => {
      if (error) onFailure(error)
    })
  let watchdog: NodeJS.Timeout | undefined
  return {
    ready() {
      send('READY=1')
      const microseconds = Number(env.WATCHDOG_USEC)
      if (microseconds > 0) watchdog = setInterval(() => send('WATCHDOG=1'), microseconds / 2000).unref()
    },
    stopping() {
      clearInterval(watchdog)
      send('STOPPING=1')
    },
  }
}

/** The first file descriptor that systemd passes on (SD_LISTEN_FDS_START of sd_listen_fds(3)). */
const FIRST_PASSED_FD = 3

/**
 * Finds the socket that systemd opened for this process, by a unit such as deploy/systemd/tocsin.socket: connections
 * then wait while the program restarts, in place of being refused.
 * @param processIds of this process and, since bin/tocsin.js may start it, of its parent
 * @returns its file descriptor; undefined: there is none
 */
export function findInheritedSocket(env: Environment, processIds: readonly number[]): number | undefined {
  const isMeant = processIds.includes(Number(env.LISTEN_PID))
  return isMeant && Number(env.LISTEN_FDS) >= 1 ? FIRST_PASSED_FD : undefined
}
