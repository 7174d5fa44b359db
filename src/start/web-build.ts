import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const WEB_DIRECTORY = join(ROOT, 'dist/web')

/** What the web app is built from. The published package has none of it, and its build inside. */
const SOURCES = ['web', 'vite.config.ts', 'package-lock.json', 'src/guard', 'src/message', 'src/messages']
/** Of src, the web app also sees the contracts of the domains. */
const CONTRACT = /contract\.ts$|permissions\.ts$|errors\.ts$/

export type WebBuild = 'ready' | 'built' | 'missing' | 'failed'

/**
 * Builds the web app when it was never built here, or when its sources changed since.
 * @param onBuilding called when a build begins.
 * @returns `missing` when there is no build and nothing to build it with; `failed` with the builder's words in `onOutput`.
 */
export async function ensureWeb(onBuilding: () => void, onOutput: (text: string) => void): Promise<WebBuild> {
  const builtAt = modifiedAt(join(WEB_DIRECTORY, 'index.html'))
  const vite = findVite()
  if (vite === undefined || !existsSync(join(ROOT, 'web/index.html')))
    return builtAt === 0 ? 'missing' : 'ready'
  if (builtAt > newestSource()) return 'ready'
  onBuilding()
  return (await run(vite, onOutput)) ? 'built' : 'failed'
}

function run(vite: string, onOutput: (text: string) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: ROOT,
      // Whatever starts it, a test too: React would be that of development, twice as large.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.setEncoding('utf8').on('data', onOutput)
    child.stderr.setEncoding('utf8').on('data', onOutput)
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}

function findVite(): string | undefined {
  try {
    const require = createRequire(join(ROOT, 'package.json'))
    // Vite may be there for another package; what our own configuration needs is a development dependency.
    require.resolve('@vitejs/plugin-react')
    return join(dirname(require.resolve('vite/package.json')), 'bin/vite.js')
  } catch {
    return undefined
  }
}

function newestSource(): number {
  let newest = 0
  for (const source of SOURCES)
    newest = Math.max(
      newest,
      newestUnder(join(ROOT, source), () => true),
    )
  return Math.max(
    newest,
    newestUnder(join(ROOT, 'src'), (name) => CONTRACT.test(name)),
  )
}

function newestUnder(path: string, counts: (name: string) => boolean): number {
  const own = modifiedAt(path)
  if (own === 0 || !statSync(path).isDirectory()) return own
  let newest = 0
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && counts(entry.name)) {
      newest = Math.max(newest, modifiedAt(join(entry.parentPath, entry.name)))
    }
  }
  return newest
}

/** Milliseconds; 0: not there. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
