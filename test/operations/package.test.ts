import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../support/program.ts'

/** Bytes of the files beside Node.js, with the dependencies of the program. */
const MOST_BYTES = 152_000_000

// Packing and installing take two minutes: npm run soak -- --only package.
test.runIf(process.env.TOCSIN_PACKAGE)(
  'the packed program, installed alone, explains itself and checks its settings',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-package-'))
    try {
      // The program would say that it knows no such settings, and the web app would be built for development.
      const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(?:TOCSIN_|NODE_ENV$|VITEST)/.test(name)),
      )
      const run = (program: string, args: readonly string[], cwd: string) =>
        execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      run('npm', ['run', 'build'], ROOT)
      run('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], ROOT)
      const [file = ''] = readdirSync(directory)
      const home = join(directory, 'home')
      mkdirSync(home)
      writeFileSync(join(home, 'package.json'), '{}')
      const options = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund']
      run('npm', ['install', ...options, join(directory, file)], home)
      const tocsin = (...args: string[]) =>
        run(process.execPath, [join(home, 'node_modules/tocsin/bin/tocsin.js'), ...args], home)
      expect(tocsin('--help')).toContain('tocsin')
      expect(tocsin('config', 'check')).toMatch(/simulator/)
      expect(statSync(join(home, 'node_modules/tocsin/dist/web/index.html')).size).toBeGreaterThan(0)
      const bytes = sizeOf(join(home, 'node_modules'))
      console.log(`${Math.round(bytes / 1e6)} MB installed`)
      expect(bytes).toBeLessThan(MOST_BYTES)
    } finally {
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
