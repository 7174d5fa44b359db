import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import type { Deps } from '../../deps.ts'
import { installJobs, JOB_NAMES } from '../../jobs.ts'
import type { Database } from '../../platform/db.ts'
import { version } from '../../platform/process/version.ts'
import { getOperation } from './operation.ts'

let database: Database
let deps: Deps
beforeAll(async () => {
  database = await testDatabase('postgres')
  await installJobs(database)
  deps = testDeps(database)
})
afterAll(() => database?.close())

test('a directory of backups that cannot be read is a finding, and hides nothing else', async () => {
  const directory = fileURLToPath(import.meta.url)
  const config = { ...deps.config, backup: { ...deps.config.backup, directory } }
  const view = await getOperation({ ...deps, config }, actorOf('admin', 'ac63'), 'en')
  expect(view.backups?.made).toBeNull()
  expect(view.findings.find(({ code }) => code === 'backup_directory')?.what).toContain('ENOTDIR')
  expect(view.jobs).not.toEqual([])
})

test('the administrator of the platform alone reads findings, queues, backups and versions', async () => {
  const view = await getOperation(deps, actorOf('admin', 'ac63'), 'fr')
  const codes = view.findings.map(({ code }) => code)
  expect(codes).toEqual(expect.arrayContaining(['database', 'migrations', 'workers_none']))
  const open = view.findings.find(({ code }) => code === 'workers_none')
  expect(open?.do).not.toBe('')
  expect(view.jobs.map(({ queue }) => queue)).toContain('backup.make')
  expect(view.backups).toBeNull()
  expect(view.versions).toMatchObject({ program: version, node: process.version })
  expect(view.versions.schema).toMatch(/^\d{4}_/)
  for (const role of ['chief', 'chamber', 'operator'] as const)
    await expect(getOperation(deps, actorOf(role, 'ac63'), 'fr')).rejects.toMatchObject({ code: 'forbidden' })
})

test.each(['fr', 'en'] as const)('every background job says in %s what it does', async (lang) => {
  const { jobs } = await getOperation(deps, actorOf('admin', 'ac63'), lang)
  expect(jobs.map(({ queue }) => queue).toSorted()).toEqual(JOB_NAMES.toSorted())
  // A missing text would show its key, and two jobs of one name could not be distinguished.
  expect(
    jobs.filter(({ name }) => name.startsWith('operation.job.') || !/^\p{Lu}\p{Ll}+ /u.test(name)),
  ).toEqual([])
  expect(new Set(jobs.map(({ name }) => name)).size).toBe(JOB_NAMES.length)
})
