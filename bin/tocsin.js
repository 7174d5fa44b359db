#!/usr/bin/env node
// Runs under any Node: hands over to the Node 24 that npm installed beside when this one is older.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
const root = fileURLToPath(new URL('..', import.meta.url))

/** The sources when this is a checkout, else what was compiled from them. */
function findMain() {
  const source = join(root, 'src', 'main.ts')
  return existsSync(source) ? source : join(root, 'dist', 'main.js')
}

function findNode() {
  try {
    const directory = dirname(createRequire(import.meta.url).resolve('node/package.json'))
    const file = join(directory, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  const { main } = await import(findMain())
  await main(process.argv.slice(2))
} else {
  const node = findNode()
  if (node === undefined) {
    console.error(
      `Tocsin demande Node.js ${NEEDED} ; celui-ci est ${process.version}. / Tocsin needs Node.js ${NEEDED}; this is ${process.version}.`,
    )
    process.exit(1)
  }
  // A socket that systemd opened for this process is the descriptor 3 (sd_listen_fds(3)).
  const isSocketPassed = process.env.LISTEN_PID === String(process.pid) && Number(process.env.LISTEN_FDS) >= 1
  const stdio = isSocketPassed ? ['inherit', 'inherit', 'inherit', 3] : 'inherit'
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio })
  // A signal from the terminal reaches the child too; one sent to this process alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  // A shell between npm and this process dies of the signal that npm passes on, and tells nobody.
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid
    setInterval(() => {
      if (process.ppid !== parent) child.kill('SIGTERM')
    }, 500).unref()
  }
  child.once('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
  child.once('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)))
}
