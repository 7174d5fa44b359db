import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { ROOT } from '../../../test/support/program.ts'
import { findInheritedSocket } from '../../platform/process/notify.ts'

test('takes only a socket that is meant for this process', () => {
  const env = { LISTEN_PID: '12', LISTEN_FDS: '1' }
  expect(findInheritedSocket(env, [12])).toBe(3)
  expect(findInheritedSocket(env, [13, 12])).toBe(3)
  expect(findInheritedSocket(env, [13])).toBeUndefined()
  expect(findInheritedSocket({ LISTEN_PID: '12' }, [12])).toBeUndefined()
  expect(findInheritedSocket({}, [12])).toBeUndefined()
})

/** Listens on the socket that it was given, answers with its number, and ends at a signal. */
const PROGRAM = `
  import { listenOnPort } from './src/start/http/listen.ts'
  import { findInheritedSocket } from './src/platform/process/notify.ts'
  const listenFd = findInheritedSocket(process.env, [process.pid, process.ppid])
  const door = await listenOnPort('127.0.0.1', 0, { listenFd })
  door.serve((_, response) => response.end(process.env.NO))
  process.once('SIGTERM', () => void door.stop(1000))
  console.log(JSON.stringify({ url: door.url, pid: process.pid }))`

test('a request waits while the program that got a socket from outside is started again', async () => {
  const socket = createServer()
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve))
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
  const { port } = socket.address() as { port: number }
  // The shell keeps the socket and accepts nothing, as systemd does.
  const shell = spawn(
    'bash',
    [
      '-c',
      'export LISTEN_PID=$$ LISTEN_FDS=1; NO=1 "$0" -e "$1"; read line; NO=2 "$0" -e "$1"',
      process.execPath,
      PROGRAM,
    ],
    { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit', fd] },
  )
  const ended = new Promise((resolve) => shell.once('exit', resolve))
  socket.close()
  const lines = createInterface({ input: shell.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  const next = async () => JSON.parse((await lines.next()).value as string) as { url: string; pid: number }
  const ask = () => fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
  const first = await next()
  try {
    expect(first.url).toBe(`http://localhost:${port}`)
    expect(await (await ask()).text()).toBe('1')
    process.kill(first.pid, 'SIGTERM')
    await expect.poll(() => isAlive(first.pid)).toBe(false)
    const waiting = ask()
    shell.stdin?.write('\n')
    const second = await next()
    expect(await (await waiting).text()).toBe('2')
    process.kill(second.pid, 'SIGTERM')
  } finally {
    shell.stdin?.end()
    await ended
  }
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
