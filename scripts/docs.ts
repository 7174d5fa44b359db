import { mkdirSync, writeFileSync } from 'node:fs'
import { configurationPage, envExample } from '../src/cli/config.ts'

// Writes what is generated from the sources; a test compares.
const root = new URL('../', import.meta.url)
mkdirSync(new URL('docs/', root), { recursive: true })
writeFileSync(new URL('docs/configuration.md', root), configurationPage())
writeFileSync(new URL('.env.example', root), envExample())
