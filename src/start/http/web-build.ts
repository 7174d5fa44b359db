import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
export const WEB_DIRECTORY = join(ROOT, 'dist/web')

/** Sources of the web app. The published package has none of them, but contains the build. */
const SOURCES = ['web', 'vite.config.ts', 'package-lock.json', 'src/guard', 'src/message']
/** The files of src that the web app imports: contracts of the domains, permissions and errors. */
const CONTRACT = /contract\.ts$|permissions\.ts$|errors\.ts$/

export type WebBuild = 'ready' | 'built' | 'missing' | 'failed'

/**
 * Builds the web app when there is no build, or when its sources changed since.
 * @param onBuilding called when a build begins.
 * @returns `missing` when there is neither a build nor its sources; `failed` after passing the builder's output to
 * `onOutput`.
 */
export async function ensureWeb(onBuilding: () => void, onOutput: (text: string) => void): Promise<WebBuild> {
  const builtAt = modifiedAt(join(WEB_DIRECTORY, 'index.html'))
  const vite = findVite()
  if (vite === undefined || !existsSync(join(ROOT, 'web/index.html')))
    return builtAt === 0 ? 'missing' : 'ready'
  if (builtAt > newestSource()) return 'ready'
  onBuilding()
  return (await runViteBuild(vite, onOutput)) ? 'built' : 'failed'
}

function runViteBuild(vite: string, onOutput: (text: string) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: ROOT,
      // Without it, a start from a test would bundle the development build of React, twice as large.
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
    // Vite may be installed for another package; our configuration also needs this development dependency.
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

/** Returns milliseconds; 0 when the file does not exist. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
