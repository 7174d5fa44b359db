import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { ROOT } from '../support/program.ts'

interface Step {
  readonly run?: string
}

/** Steps that are a test run of their own, or that only a forge can do. */
const LEFT_OUT = new Set(['.ci/run'])
const FORGE = 'https://forge.example/tocsin/tocsin'

/** A checkout as the workflow has it, with the dependencies of this one. */
function checkOut(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-release-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: ROOT, maxBuffer: 1e9 })
  execFileSync('tar', ['-x', '-C', directory], { input: archive })
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  // The workflow as it is now, also before it is committed.
  for (const file of ['.github/workflows/release.yml', 'package.json'])
    writeFileSync(join(directory, file), readFileSync(join(ROOT, file)))
  return directory
}

/** Makes programs that note how they are called, in place of those that reach the forge and the registry. */
function makeStandIns(directory: string): { readonly path: string; calls(): string[] } {
  const path = join(directory, 'stand-ins')
  const log = join(path, 'calls')
  mkdirSync(path)
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()
  const write = (name: string, text: string) => {
    writeFileSync(join(path, name), `#!/bin/sh\n${text}`)
    chmodSync(join(path, name), 0o755)
  }
  write('gh', `echo "gh $*" >> ${log}\n`)
  const noted = `publish) echo "npm $*" >> ${log}; exit ;;`
  // The types and the lint are checked by each change. The inventory is made where the dependencies are.
  const inventory = `mkdir -p dist && cp ${join(ROOT, 'dist/sbom.cdx.json')} dist/`
  const check = `"run check") node ${join(ROOT, 'scripts/supply-chain.ts')} && ${inventory}; exit ;;`
  write('npm', `case "$1" in ${noted} esac\ncase "$1 $2" in ${check} esac\nexec ${npm} "$@"\n`)
  return {
    path,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  }
}

// Packing takes a minute: npm run soak -- --only package.
test.runIf(process.env.TOCSIN_PACKAGE)(
  'the steps of the release workflow pack, describe and publish the version of the tag',
  () => {
    const directory = checkOut()
    const standIns = makeStandIns(directory)
    const workflow = parse(readFileSync(join(directory, '.github/workflows/release.yml'), 'utf8')) as {
      readonly jobs: { readonly release: { readonly steps: readonly Step[] } }
    }
    const own = Object.entries(process.env).filter(([name]) => !/^(?:TOCSIN_|NODE_ENV$|VITEST)/.test(name))
    const env = {
      ...Object.fromEntries(own),
      PATH: [standIns.path, process.env.PATH].join(delimiter),
      GITHUB_REF_NAME: `v${packageJson.version}`,
      GITHUB_SERVER_URL: 'https://forge.example',
      GITHUB_REPOSITORY: 'tocsin/tocsin',
    }
    const run = (step: string, settings: NodeJS.ProcessEnv = env) =>
      execFileSync('bash', ['-eo', 'pipefail', '-c', step], {
        cwd: directory,
        env: settings,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    const steps = workflow.jobs.release.steps.flatMap(({ run: text }) => text ?? [])
    for (const step of steps) if (!LEFT_OUT.has(step)) run(step)
    // A tag of another version stops it at once.
    expect(() => run(steps[0] ?? '', { ...env, GITHUB_REF_NAME: 'v0.0.1' })).toThrow()

    const file = `tocsin-${packageJson.version}.tgz`
    const packed = JSON.parse(
      execFileSync('tar', ['-xzOf', join(directory, file), 'package/package.json'], { encoding: 'utf8' }),
    )
    expect(packed).toMatchObject({
      version: packageJson.version,
      repository: { type: 'git', url: `git+${FORGE}.git` },
      homepage: `${FORGE}#readme`,
      bugs: { url: `${FORGE}/issues` },
    })
    expect(readFileSync(join(directory, 'notes.md'), 'utf8')).toContain('npm audit signatures')
    const inventory = JSON.parse(readFileSync(join(directory, 'dist/sbom.cdx.json'), 'utf8'))
    expect(inventory).toMatchObject({ bomFormat: 'CycloneDX' })
    run('sha256sum --check SHA256SUMS')
    const [release, publish, ...more] = standIns.calls()
    expect(release).toMatch(new RegExp(`^gh release create v${packageJson.version} --verify-tag .*${file}`))
    expect(release).toContain('dist/sbom.cdx.json SHA256SUMS')
    expect(publish).toBe(`npm publish ${file} --provenance --access public`)
    expect(more).toEqual([])
  },
  900_000,
)
