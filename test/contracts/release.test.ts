import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { releaseNotes } from '../../scripts/release-notes.ts'
import { readPage } from '../support/pages.ts'
import { ROOT } from '../support/program.ts'

const CHANGELOG = readPage('CHANGELOG.md')

test('the notes of a release are its section of the changelog alone', () => {
  const notes = releaseNotes(CHANGELOG, '0.3.0')
  expect(notes).toMatch(/^The alert, right the first time\./)
  expect(notes).not.toMatch(/^## /m)
  expect(notes).toContain('npm audit signatures')
  // 0.5.0 is not 0.5.0-beta, nor a version that begins like it.
  expect(() => releaseNotes('## 0.5.01 (2026-01-01)\nx\n', '0.5.0')).toThrow('says nothing')
  expect(() => releaseNotes('## 0.5.0 (unreleased)\n\n## 0.4.0\nx\n', '0.5.0')).toThrow('says nothing')
})

test('the changelog says everything once', () => {
  const entries = releaseNotes(CHANGELOG, '0.5.0')
    .split('\n')
    .filter((line) => line.startsWith('- '))
  expect(entries.length).toBeGreaterThan(20)
  expect(entries.filter((line, at) => entries.indexOf(line) !== at)).toEqual([])
})

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: {
    readonly release: { readonly permissions: object; readonly steps: readonly { readonly run?: string }[] }
  }
}

test('a tag is tested, checked, packed and published with its inventory and provenance', () => {
  const text = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8')
  const { permissions, jobs } = parse(text) as Workflow
  expect(permissions).toEqual({ contents: 'read' })
  expect(jobs.release.permissions).toEqual({ contents: 'write', 'id-token': 'write' })
  const runs = jobs.release.steps.flatMap(({ run }) => run ?? [])
  const at = (part: string) => runs.findIndex((run) => run.includes(part))
  const order = [
    'package.json',
    '.ci/run',
    'npm run check',
    'npm pkg set',
    'npm pack',
    'sha256sum',
    'gh release create',
    'npm publish',
    '--draft=false',
  ].map(at)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order).not.toContain(-1)
  expect(runs[at('npm publish')]).toContain('--provenance')
  expect(runs[at('gh release create')]).toContain('--draft ')
  // The sums name the files as they are downloaded.
  const summed = /sha256sum (.*) > SHA256SUMS/.exec(runs[at('sha256sum')] ?? '')?.[1]?.split(' ') ?? []
  expect(summed).toContain('sbom.cdx.json')
  expect(summed.filter((file) => file.includes('/'))).toEqual([])
  for (const file of summed) expect(runs[at('gh release create')]).toContain(` ${file} `)
})
