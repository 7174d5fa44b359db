import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

// Runs the demo at one address: Vite with the web app, which hands requests to /api to a server that is restarted at each change of
// its sources. Vite starts once the server is ready, so that the address it prints answers.
const root = fileURLToPath(new URL('../', import.meta.url))
const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')
const port = await findFreePort(Number(process.env.PORT ?? '3000'))
const api = await findFreePort(0)
const env = {
  // A base URL alone would end the demo.
  TOCSIN_DEMO: 'true',
  // Links in messages lead to the web app.
  TOCSIN_BASE_URL: `http://localhost:${port}`,
  ...process.env,
  PORT: String(api),
  TOCSIN_API: `http://127.0.0.1:${api}`,
}

const children = new Set<ChildProcess>()
let isStopping = false

function start(args: readonly string[]): void {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
  children.add(child)
  child.once('exit', (code) => {
    children.delete(child)
    if (!isStopping) process.exitCode = code ?? 1
    stop('SIGTERM')
  })
}

function stop(signal: NodeJS.Signals): void {
  isStopping = true
  for (const child of children) child.kill(signal)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal))

start([
  '--watch-path=src',
  '--watch-path=migrations',
  '--watch-preserve-output',
  'src/main.ts',
  'serve',
  '--no-web',
])
while (!isStopping && !(await isReady())) await setTimeout(200)
if (!isStopping) start([vite, '--port', String(port), '--strictPort'])

async function isReady(): Promise<boolean> {
  return fetch(`${env.TOCSIN_API}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
}

/**
 * Returns a port, or a free one for 0, once it has been listened on for a moment.
 * @throws Error `EADDRINUSE` before anything has started
 */
async function findFreePort(wanted: number): Promise<number> {
  const probe = createServer().listen(wanted, 'localhost')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address !== null ? address.port : wanted
}
