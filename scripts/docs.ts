import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configurationPage, envExample } from '../src/cli/config.ts'
import { DOCTOR_PAGES, doctorPage } from './doctor-pages.ts'
import { operationsFile } from './operations.ts'
import { biomeOverrides } from './rooms.ts'
import { readSources } from './rooms-check.ts'
import { schemeFilePage } from './scheme-file.ts'
import { structurePage } from './structure.ts'

// Writes the files that are generated from the sources; a test compares them.
const root = new URL('../', import.meta.url)
mkdirSync(new URL('docs/', root), { recursive: true })
writeFileSync(new URL('docs/configuration.md', root), configurationPage())
writeFileSync(new URL('.env.example', root), envExample())
writeFileSync(new URL('docs/structure.md', root), structurePage(readSources(fileURLToPath(root))))
writeFileSync(new URL('docs/scheme-file.md', root), schemeFilePage())
for (const lang of ['fr', 'en'] as const) writeFileSync(new URL(DOCTOR_PAGES[lang], root), doctorPage(lang))
writeFileSync(new URL('web/api/operations.ts', root), await operationsFile())
const biome = new URL('biome.json', root)
const settings = JSON.parse(readFileSync(biome, 'utf8')) as object
writeFileSync(biome, `${JSON.stringify({ ...settings, overrides: biomeOverrides() }, null, 2)}\n`)
// `npm run check` compares the file with its own formatting.
execFileSync('biome', ['format', '--write', 'biome.json'], { cwd: root, stdio: 'ignore' })
