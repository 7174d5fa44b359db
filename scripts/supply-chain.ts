import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Run by `npm run check`: writes the inventory of what the program ships with (CycloneDX), holds its licences to a list, and
// asks the registry for known vulnerabilities.

/** Licences that let the program be distributed under the EUPL 1.2. */
const ALLOWED = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...[
    'CC0-1.0',
    'CC-BY-4.0',
    'Unlicense',
    'PostgreSQL',
    'Python-2.0',
    'Zlib',
    'EUPL-1.2',
    'WTFPL',
    'MPL-2.0',
    // Licences of fonts, which may be embedded in what the program writes.
    'OFL-1.1',
  ],
])
/** Packages whose package.json names no licence, and the one that their LICENSE file has. */
const READ_BY_HAND: Readonly<Record<string, string>> = { 'png-js': 'MIT' }
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const INVENTORY = 'dist/sbom.cdx.json'

interface Component {
  readonly name: string
  readonly version: string
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string }
    readonly expression?: string
  }[]
}

interface Run {
  readonly output: string
  readonly failed: boolean
}

function npm(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile('npm', args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 }, (error, output) =>
      resolve({ output, failed: error !== null }),
    )
  })
}

/** Returns the licences that a component can be used under: of alternatives, each; of several together, none alone. */
function licencesOf({ name, licenses = [] }: Component): string[] {
  const byHand = READ_BY_HAND[name]
  if (licenses.length === 0 && byHand !== undefined) return [byHand]
  return licenses.flatMap(({ license, expression }) => {
    const text = expression ?? license?.id ?? license?.name ?? ''
    return text.replace(/^\(|\)$/g, '').split(/ or /i)
  })
}

const [inventory, audit] = await Promise.all([
  npm('sbom', '--omit=dev', '--sbom-format=cyclonedx'),
  npm('audit', '--omit=dev', '--json'),
])
if (inventory.failed) throw new Error(`npm sbom failed: ${inventory.output.slice(0, 500)}`)
const { components } = JSON.parse(inventory.output) as { components: readonly Component[] }
mkdirSync(new URL('../dist', import.meta.url), { recursive: true })
writeFileSync(new URL(`../${INVENTORY}`, import.meta.url), inventory.output)

const refused = components.filter((one) => !licencesOf(one).some((licence) => ALLOWED.has(licence)))
for (const one of refused)
  console.error(`${one.name} ${one.version}: licence ${licencesOf(one).join(', ') || 'unknown'}`)
if (refused.length > 0) process.exitCode = 1

/** The answer of a registry that has no list of vulnerabilities, or cannot be reached, has no counts. */
const counts = readCounts(audit.output)
if (counts !== undefined && counts.high + counts.critical > 0) {
  console.error(`${counts.critical} critical and ${counts.high} high vulnerabilities: npm audit --omit=dev`)
  process.exitCode = 1
}
console.log(
  `${components.length} packages in ${INVENTORY}, ${refused.length} with a licence that is not listed; ` +
    (counts === undefined ? 'vulnerabilities not checked: the registry lists none' : 'no high vulnerability'),
)

function readCounts(output: string): { readonly high: number; readonly critical: number } | undefined {
  try {
    return (JSON.parse(output) as { metadata?: { vulnerabilities?: { high: number; critical: number } } })
      .metadata?.vulnerabilities
  } catch {
    return undefined
  }
}
