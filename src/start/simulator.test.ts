import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { territoryUrl, testDatabaseSettings, usualKinds } from '../../test/support/database.ts'
import { makeDatabaseDirectory } from '../../test/support/directory.ts'
import { createTestLog } from '../../test/support/log-scan.ts'
import { migrateInService } from '../../test/support/migrated.ts'
import { PRODUCTION, testConfig } from '../../test/support/server.ts'
import { fillScheme, orderBroadcast, untilBroadcastDone } from '../../test/support/world.ts'
import { startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { publicAddress } from '../platform/address.ts'
import { startServer } from './serve.ts'
import { startWorkerProcess } from './worker.ts'

const ALERT = 'Faux billets à Issoire.'
const EXERCISE = 'EXERCICE Faux billets à Issoire.'

test.each([...usualKinds, 'postgres, in a worker'] as const)(
  'an installation in service with one provider sends its exercises to the simulator inside it, on %s',
  async (kind) => {
    const provider = await startSmsc({
      answersAs: 'PROVIDER',
      account: { systemId: 'account', password: 'word' },
    })
    const directory = makeDatabaseDirectory('tocsin-service-')
    const database =
      kind === 'embedded'
        ? await testDatabaseSettings(kind)
        : ({ kind: 'postgres', url: await territoryUrl('tocsin_engine'), poolSize: 6 } as const)
    const env = {
      ...PRODUCTION,
      PORT: '0',
      TOCSIN_SMPP_HOST: '127.0.0.1',
      TOCSIN_SMPP_PORT: String(provider.port),
      TOCSIN_SMPP_TLS: 'false',
      TOCSIN_SMPP_SYSTEM_ID: 'account',
      TOCSIN_SMPP_PASSWORD: 'word',
      TOCSIN_DATA_DIR: database.kind === 'embedded' ? (database.directory ?? directory) : directory,
      TOCSIN_DRAIN_SECONDS: kind === 'postgres' ? '1' : '0',
      TOCSIN_ROLE: kind === 'postgres, in a worker' ? 'worker' : 'all',
      ...(database.kind === 'postgres' ? { DATABASE_URL: database.url } : {}),
    }
    if (kind === 'embedded') await migrateInService(env)
    const config = testConfig(env)
    const server =
      config.role === 'worker'
        ? await startWorkerProcess(config, { base: { log: createTestLog() } })
        : await startServer(config, { webDirectory: null, base: { log: createTestLog() } })
    try {
      // Links name the port that was taken when no base URL is set.
      const link = publicAddress({ ...server.deps.config, baseUrl: undefined }, '/portail')
      if (config.role === 'all') expect(link).toBe(`${server.url}/portail`)
      await fillScheme(server.deps, 20)
      const exercise = await orderBroadcast(server.deps, { limit: 20, text: EXERCISE, simulated: true })
      expect(await untilBroadcastDone(server.deps, exercise)).toMatchObject({ delivered: 20 })
      expect([...provider.log()]).toEqual([])
      const alert = await orderBroadcast(server.deps, { limit: 20, text: ALERT, simulated: false })
      expect(await untilBroadcastDone(server.deps, alert)).toMatchObject({ delivered: 20 })
      expect(new Set([...provider.log()].map(({ text }) => text))).toEqual(new Set([ALERT]))
      if (kind !== 'postgres') return
      // While it drains, a proxy is told to choose another process, and requests are still answered.
      const stopping = server.stop()
      const readiness = await fetch(`${server.url}/readyz`)
      expect(readiness.status).toBe(503)
      expect(await readiness.json()).toEqual({ ready: false, reason: 'stopping' })
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      await stopping
      await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
    } finally {
      await server.stop()
      await provider.stop()
      await rm(directory, { recursive: true, force: true })
    }
  },
)
