import { expect, onTestFinished, test, vi } from 'vitest'
import { testDatabaseUrl } from '../../test/support/database.ts'
import { testConfig } from '../../test/support/server.ts'
import { serveCommand, watchStopSignal } from './serve.ts'

const io = { lang: 'en', stdout() {}, stderr() {}, progress() {} } as const

function countHandlers(): number {
  return ['SIGINT', 'SIGTERM', 'SIGHUP'].reduce((sum, signal) => sum + process.listenerCount(signal), 0)
}

/** Counts what keeps a process alive. */
function countHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP|Server/.test(kind)).length
}

test('a refused start leaves no signal handler, timer or connection behind', async () => {
  const DATABASE_URL = await testDatabaseUrl()
  const config = testConfig({ TOCSIN_DEMO: 'true', PORT: '0', HOST: '192.0.2.1', DATABASE_URL })
  const before = { handlers: countHandlers(), handles: countHandles() }
  const refused = serveCommand(config, ['--no-web'], io, { npm_lifecycle_event: 'start' })
  expect(countHandlers()).toBe(before.handlers + 3)
  await expect(refused).rejects.toMatchObject({ code: 'cannot_listen' })
  expect(countHandlers()).toBe(before.handlers)
  await expect.poll(countHandles).toBeLessThanOrEqual(before.handles)
})

test('a signal that comes twice at once is one wish to stop; a later one ends the process', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never)
  const clock = vi.spyOn(performance, 'now').mockReturnValue(5000)
  onTestFinished(() => void vi.restoreAllMocks())
  const own = new Set(process.listeners('SIGTERM'))
  const { received, endWatch } = watchStopSignal({})
  const [onSignal] = process.listeners('SIGTERM').filter((listener) => !own.has(listener))
  onSignal?.('SIGTERM')
  onSignal?.('SIGTERM')
  await received
  expect(exit).not.toHaveBeenCalled()
  clock.mockReturnValue(7000)
  onSignal?.('SIGTERM')
  expect(exit).toHaveBeenCalledWith(1)
  endWatch()
})
