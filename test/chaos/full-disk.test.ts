import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { startServer } from '../../src/start/serve.ts'
import { createTestLog } from '../support/log-scan.ts'
import { migrateInService } from '../support/migrated.ts'
import { startPostgres } from '../support/postgres.ts'
import { sleep } from '../support/random.ts'
import { PRODUCTION, testConfig } from '../support/server.ts'
import { fillScheme, orderBroadcast, untilBroadcastDone } from '../support/world.ts'

const RECIPIENTS = 1500

/** Mounts a small disk in memory; undefined where the user may not mount. */
function mountSmallDisk(megabytes: number): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=1777`, 'tmpfs', directory], {
      stdio: 'ignore',
    })
    return directory
  } catch {
    rmSync(directory, { recursive: true })
    return undefined
  }
}

const disk = process.env.TOCSIN_SOAK ? mountSmallDisk(400) : undefined

test.skipIf(disk === undefined)(
  'a disk filled under PostgreSQL during a broadcast is said, and everything resumes once it has room',
  async () => {
    const directory = disk ?? ''
    const home = process.env.TMPDIR
    process.env.TMPDIR = directory
    // Without spare files of its log, PostgreSQL meets the full disk within seconds.
    const postgres = await startPostgres({
      durable: true,
      settings: { max_wal_size: '64MB', min_wal_size: '32MB', wal_recycle: 'off' },
    })
    if (home === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = home
    const provider = await startSmsc({
      answersAs: 'PROVIDER',
      account: { systemId: 'account', password: 'word' },
    })
    await migrateInService({ ...PRODUCTION, DATABASE_OWNER_URL: postgres.url })
    const server = await startServer(
      testConfig({
        ...PRODUCTION,
        PORT: '0',
        DATABASE_URL: postgres.urlOf('postgres', 'tocsin_engine'),
        TOCSIN_SMPP_HOST: '127.0.0.1',
        TOCSIN_SMPP_PORT: String(provider.port),
        TOCSIN_SMPP_TLS: 'false',
        TOCSIN_SMPP_SYSTEM_ID: 'account',
        TOCSIN_SMPP_PASSWORD: 'word',
        TOCSIN_SMPP_RATE: '100',
        TOCSIN_SMPP_WINDOW: '20',
      }),
      { webDirectory: null, base: { log: createTestLog() } },
    )
    const readiness = async () => (await fetch(`${server.url}/readyz`)).json()
    try {
      await fillScheme(server.deps, 20_000)
      const order = await orderBroadcast(server.deps, { limit: RECIPIENTS, simulated: false })
      const fill = join(directory, 'fill')
      const isFull = () => {
        try {
          writeFileSync(fill, Buffer.alloc(1 << 20), { flag: 'a' })
          return false
        } catch {
          return true
        }
      }
      while (!isFull());
      const refused = await orderBroadcast(server.deps, { limit: 20_000, simulated: false }).catch(
        (error: unknown) => error,
      )
      expect(refused).toMatchObject({ code: '53100' })
      expect(await readiness()).toEqual({ ready: false, reason: 'disk_full' })

      await sleep(10_000)
      rmSync(fill)
      // It ends when it cannot write its log, and its service manager starts it again.
      await postgres.halt('immediate')
      await postgres.start()
      await expect.poll(readiness, { interval: 500 }).toEqual({ ready: true })
      const done = await untilBroadcastDone(server.deps, order)
      expect(done).toMatchObject({ planned: RECIPIENTS, delivered: RECIPIENTS })
      const phones = [...provider.log()].map(({ destination }) => destination)
      expect(new Set(phones).size).toBe(RECIPIENTS)
      expect(phones.length - RECIPIENTS).toBeLessThanOrEqual(done.possibleDuplicates)
    } finally {
      await server.stop()
      await provider.stop()
      await postgres.stop()
      execFileSync('umount', ['-l', directory])
      rmSync(directory, { recursive: true, force: true })
    }
  },
)
