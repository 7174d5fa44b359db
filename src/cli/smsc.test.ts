import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { smscCommand } from './smsc.ts'

function capture() {
  const seen = { out: '', err: '' }
  return {
    seen,
    io: {
      lang: 'fr' as const,
      stdout: (text: string) => {
        seen.out += text
      },
      stderr: (text: string) => {
        seen.err += text
      },
    },
  }
}

test('prints its ports when ready and stops on a signal', async () => {
  const { seen, io } = capture()
  // Not the signals of this process: other listeners on them would end it.
  const signals = new EventEmitter()
  const faults = ['cutEvery=100', 'noReceipts=true', 'failingPrefixes=33612,33613'].map(
    (one) => `--fault=${one}`,
  )
  const phones = ['--handset', '+33639980001=off', '--handset', '33639980002=memoryFull']
  const done = smscCommand(
    ['--port', '0', '--http-port', '0', '--latency', '1', '--throttle=9', ...faults, ...phones],
    io,
    signals,
  )
  await expect.poll(() => seen.out).toMatch(/^\{"smpp":\d+,"http":\d+\}\n$/)
  const { http } = JSON.parse(seen.out) as { http: number }
  const read = async (path: string) => (await fetch(`http://127.0.0.1:${http}${path}`)).json()
  expect(await read('/state')).toMatchObject({
    faults: {
      latencyMs: 1,
      throttlePerSecond: 9,
      cutEvery: 100,
      noReceipts: true,
      failingPrefixes: ['33612', '33613'],
    },
  })
  expect(await read('/handsets')).toMatchObject([
    { number: '33639980001', state: 'off' },
    { number: '33639980002', state: 'memoryFull' },
  ])
  signals.emit('SIGTERM')
  expect(await done).toBe(0)
})

test.each([
  [['--port', 'x']],
  [['--port', '70000']],
  [['--what']],
  [['--system-id', 'a']],
  [['--id-format', 'roman']],
  [['--fault', 'cutEvery']],
  [['--fault', 'cutEvery=x']],
  [['--fault', 'nothing=1']],
  [['--handset', '33639980001=broken']],
])('%j is a usage error', async (args) => {
  const { seen, io } = capture()
  expect(await smscCommand(args, io)).toBe(2)
  expect(seen).toMatchObject({ out: '', err: expect.stringContaining('Utilisation') })
})

test('reports a port already in use', async () => {
  const { seen, io } = capture()
  expect(await smscCommand(['--host', '192.0.2.1', '--port', '0'], io)).toBe(1)
  expect(seen.err).not.toBe('')
})
