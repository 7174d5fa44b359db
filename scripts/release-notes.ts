import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

// `npm run -s release-notes -- 0.5.0` prints the notes of a release: its section of CHANGELOG.md and how to verify it.

const VERIFY = `### Verify
\`npm audit signatures\` in the directory of the installation verifies the signature of the registry and the provenance: which commit and which run of the forge made the package. The files of this release have their sums in SHA256SUMS; sbom.cdx.json (CycloneDX) lists everything that the package installs. How: docs/runbook/releases.md.`

/**
 * Returns the notes of a version, from the text of the changelog.
 * @throws Error when it has no section, or an empty one
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((text) => text.split(/[\s(]/, 1)[0] === version)
  const [, ...lines] = section?.split('\n') ?? []
  const body = lines.join('\n').trim()
  if (body === '') throw new Error(`CHANGELOG.md says nothing about ${version}`)
  return `${body}\n\n${VERIFY}\n`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , version] = process.argv
  if (version === undefined) throw new Error('Usage: npm run -s release-notes -- VERSION')
  process.stdout.write(
    releaseNotes(
      readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8'),
      version.replace(/^v/, ''),
    ),
  )
}
