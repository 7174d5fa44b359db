import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs the server, restarted at each change of its sources, behind Vite with the web app.
const root = fileURLToPath(new URL('../', import.meta.url))
const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')
const port = process.env.PORT ?? '3000'
const env = { ...process.env, PORT: port, TOCSIN_API: `http://127.0.0.1:${port}` }

const children: ChildProcess[] = [
  [
    '--watch-path=src',
    '--watch-path=migrations',
    '--watch-preserve-output',
    'src/main.ts',
    'serve',
    '--no-web',
  ],
  [vite],
].map((args) => spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' }))

for (const child of children) {
  child.once('exit', (code) => {
    for (const other of children) other.kill('SIGTERM')
    process.exitCode = code ?? 1
  })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal)
  })
}
