import { runImportJob } from '../../src/imports/jobs/run.ts'
import type { JobKey } from '../../src/imports/jobs/store.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { testDeps } from './deps.ts'
import { testCipher } from './encryption.ts'

/** A process that writes one stored import, for tests that kill it. Its argument names the database, the job and the time. */
const { url, key, at } = JSON.parse(process.argv[2] ?? '') as {
  readonly url: string
  readonly key: JobKey
  readonly at: string
}
const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 }, { cipher: testCipher() })
await runImportJob(testDeps(database, { now: () => new Date(at) }), key)
await database.close()
