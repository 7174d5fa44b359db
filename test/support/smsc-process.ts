import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface SmscProcess {
  readonly port: number
  readonly http: string
  stop(): Promise<void>
}

/** Starts the SMSC simulator in a separate process on free ports. `args` are those of `tocsin smsc`. */
export async function startSmscProcess(args: readonly string[] = []): Promise<SmscProcess> {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'smsc', '--port', '0', '--http-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for await (const line of createInterface({ input: child.stdout })) {
    const ports = JSON.parse(line) as { smpp: number; http: number }
    return {
      port: ports.smpp,
      http: `http://127.0.0.1:${ports.http}`,
      async stop() {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  throw new Error('the SMSC simulator did not start')
}
