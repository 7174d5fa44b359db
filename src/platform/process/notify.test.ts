import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createServiceNotifier } from './notify.ts'

let directory: string
let said: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-notify-'))
  said = join(directory, 'said')
  writeFileSync(said, '')
  // Stands in for systemd-notify, which needs a systemd that listens.
  writeFileSync(join(directory, 'systemd-notify'), `#!/bin/sh\necho "$NOTIFY_SOCKET $1" >> ${said}\n`)
  chmodSync(join(directory, 'systemd-notify'), 0o755)
})
afterAll(() => rmSync(directory, { recursive: true }))

const lines = () => readFileSync(said, 'utf8').trim().split('\n')

test('says that it is ready, that it works, and that it stops', async () => {
  const env = {
    NOTIFY_SOCKET: '/run/x',
    WATCHDOG_USEC: '200000',
    PATH: [directory, process.env.PATH].join(delimiter),
  }
  const failed = vi.fn()
  const service = createServiceNotifier(env, failed)
  service.ready()
  await expect.poll(lines).toContain('/run/x READY=1')
  await expect.poll(lines).toContain('/run/x WATCHDOG=1')
  service.stopping()
  await expect.poll(lines).toContain('/run/x STOPPING=1')
  expect(failed).not.toHaveBeenCalled()
})

test('says nothing without systemd, and why where it cannot', async () => {
  const failed = vi.fn()
  createServiceNotifier({}, failed).ready()
  createServiceNotifier({ NOTIFY_SOCKET: '/run/x', PATH: '/nowhere' }, failed).stopping()
  await expect.poll(() => failed.mock.calls.length).toBe(1)
})
