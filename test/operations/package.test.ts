import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Program, ROOT, startProgram } from '../support/program.ts'

/** Bytes of the files beside Node.js, with the dependencies of the program. */
const MAX_BYTES = 152_000_000

const LEAN = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund']

/** Runs a program to its end. @returns what it wrote */
function run(program: string, args: readonly string[], cwd: string): string {
  // Tocsin would say that it knows no such settings, and the web app would be built for development.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:TOCSIN_|NODE_ENV$|VITEST)/.test(name)),
  )
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

// Packing and installing take two minutes: npm run soak -- --only package.
test.runIf(process.env.TOCSIN_PACKAGE)(
  'the packed program, installed alone, explains itself and checks its settings',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-package-'))
    try {
      run('npm', ['run', 'build'], ROOT)
      run('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], ROOT)
      const [file = ''] = readdirSync(directory)
      const home = join(directory, 'home')
      mkdirSync(home)
      writeFileSync(join(home, 'package.json'), '{}')
      run('npm', ['install', ...LEAN, join(directory, file)], home)
      const tocsin = (...args: string[]) =>
        run(process.execPath, [join(home, 'node_modules/tocsin/bin/tocsin.js'), ...args], home)
      expect(tocsin('--help')).toContain('tocsin')
      expect(tocsin('config', 'check')).toMatch(/simulator/)
      expect(statSync(join(home, 'node_modules/tocsin/dist/web/index.html')).size).toBeGreaterThan(0)
      const bytes = sizeOf(join(home, 'node_modules'))
      console.log(`${Math.round(bytes / 1e6)} MB installed`)
      expect(bytes).toBeLessThan(MAX_BYTES)
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
  600_000,
)

test.runIf(process.env.TOCSIN_PACKAGE)(
  'a checkout without its development dependencies runs commands and the API, and says that it has no screens',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-lean-'))
    let server: Program | undefined
    try {
      for (const file of run('git', ['ls-files', '-z'], ROOT).split('\0').filter(Boolean))
        cpSync(join(ROOT, file), join(directory, file))
      run('npm', ['ci', ...LEAN], directory)
      expect(existsSync(join(directory, 'node_modules/@vitejs/plugin-react'))).toBe(false)
      // Node.js 24 of the machine: the package of that name is a development dependency.
      const tocsin = (...args: string[]) => run(process.execPath, ['bin/tocsin.js', ...args], directory)
      expect(tocsin('--help')).toContain('tocsin')
      expect(tocsin('config', 'check')).toMatch(/simulator/)
      const data = join(directory, 'data')
      server = startProgram(
        ['serve'],
        { PORT: '0', TOCSIN_LANG: 'en', TOCSIN_DEMO: 'true', TOCSIN_DATA_DIR: data },
        directory,
      )
      await server.says(/only the API is available/)
      const [, address] = await server.says(/ready in [\d.]+ s: (http:\S+)/)
      expect((await fetch(`${address}/readyz`)).status).toBe(200)
      expect((await fetch(`${address}/api/openapi.json`)).status).toBe(200)
      server.process.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    } finally {
      server?.process.kill('SIGKILL')
      await server?.ended
      rmSync(directory, { recursive: true })
    }
  },
  600_000,
)

function sizeOf(directory: string): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
  return bytes
}
