import { execFile } from 'node:child_process'
import type { Environment } from '../config.ts'

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
