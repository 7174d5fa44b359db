#!/usr/bin/env node
// Runs under any Node: hands over to the Node 24 that npm installed beside when this one is older.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

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

const args = process.argv.slice(2)
/**
 * Settings of the engine that have to be there before it starts (docs/benchmarks.md): a server on PostgreSQL takes 230 MB in place of
 * 330 with them, one with the embedded database 380 in place of 580, whose code is compiled by several threads, of which
 * each keeps memory of its own.
 */
const YOUNG = '--max-semi-space-size=4'
const SIZE = '--optimize-for-size'
const SMALL = [YOUNG, ...(isEmbedded() ? [SIZE] : [])]
const SMALL_ENV = { ...process.env, MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '1' }

/** Tells whether this starts a server. */
function isServer() {
  const at = args.indexOf('--config')
  const words = args.filter((arg, i) => !arg.startsWith('-') && (at === -1 || i !== at + 1))
  return words.length === 0 || words[0] === 'serve'
}

/** Tells whether the settings name no database server. */
function isEmbedded() {
  if (process.env.DATABASE_URL || process.env.DATABASE_URL_FILE) return false
  const at = args.indexOf('--config')
  const option = args.find((arg) => arg.startsWith('--config='))
  const file = option?.slice('--config='.length) ?? (at === -1 ? process.env.TOCSIN_CONFIG : args[at + 1])
  try {
    return !file || !/^\s*(export\s+)?DATABASE_URL(_FILE)?\s*=\s*\S/m.test(readFileSync(file, 'utf8'))
  } catch {
    // The program says what is wrong with the file.
    return false
  }
}

const isSmall = isServer()
// A socket that systemd opened for this process is the descriptor 3 (sd_listen_fds(3)); Node.js would close it in `execve`. The
// units of deploy/systemd therefore give the settings themselves, all but the one that is no option of NODE_OPTIONS.
const isSocketPassed = process.env.LISTEN_PID === String(process.pid) && Number(process.env.LISTEN_FDS) >= 1
if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  if (isSmall && !isSocketPassed && !process.execArgv.includes(YOUNG) && process.execve !== undefined) {
    const file = fileURLToPath(import.meta.url)
    // This process becomes the other one: the same id, and no memory of its own.
    process.execve(
      process.execPath,
      [process.execPath, ...process.execArgv, ...SMALL, file, ...args],
      SMALL_ENV,
    )
  }
  if (isSmall && isSocketPassed && SMALL.includes(SIZE)) setFlagsFromString(SIZE)
  const { main } = await import(findMain())
  await main(args)
} else {
  const node = findNode()
  if (node === undefined) {
    console.error(
      `Tocsin demande Node.js ${NEEDED} ; celui-ci est ${process.version}. / Tocsin needs Node.js ${NEEDED}; this is ${process.version}.`,
    )
    process.exit(1)
  }
  const child = spawn(node, [...(isSmall ? SMALL : []), fileURLToPath(import.meta.url), ...args], {
    stdio: isSocketPassed ? ['inherit', 'inherit', 'inherit', 3] : 'inherit',
    env: isSmall ? SMALL_ENV : process.env,
  })
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
