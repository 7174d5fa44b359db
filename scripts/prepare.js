// Compiles the published package. An install without development dependencies has no compiler and runs from the sources.
// The types are checked by `npm run check` and, before a release, by `npm run build`.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

try {
  createRequire(import.meta.url).resolve('typescript/package.json')
} catch {
  console.log('prepare: no compiler among the dependencies, nothing to compile')
  process.exit(0)
}
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--noCheck'], { stdio: 'inherit' })
process.exit(status ?? 1)
