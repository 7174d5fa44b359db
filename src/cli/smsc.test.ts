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

test('prints its ports when ready, and stops on a signal', async () => {
  const { seen, io } = capture()
  const done = smscCommand(['--port', '0', '--http-port', '0', '--latency', '1'], io)
  await expect.poll(() => seen.out).toMatch(/^\{"smpp":\d+,"http":\d+\}\n$/)
  const { http } = JSON.parse(seen.out) as { http: number }
  const state = (await (await fetch(`http://127.0.0.1:${http}/state`)).json()) as {
    faults: { latencyMs: number }
  }
  expect(state.faults.latencyMs).toBe(1)
  process.emit('SIGTERM')
  expect(await done).toBe(0)
})

test.each([
  [['--port', 'x']],
  [['--port', '70000']],
  [['--what']],
  [['--system-id', 'a']],
  [['--id-format', 'roman']],
])('%j is a usage error', async (args) => {
  const { seen, io } = capture()
  expect(await smscCommand(args, io)).toBe(2)
  expect(seen).toMatchObject({ out: '', err: expect.stringContaining('Utilisation') })
})

test('a port that is taken is said', async () => {
  const { seen, io } = capture()
  expect(await smscCommand(['--host', '192.0.2.1', '--port', '0'], io)).toBe(1)
  expect(seen.err).not.toBe('')
})
