import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../support/program.ts'

const REPORT = `data:text/javascript,console.error('started ' + process.execArgv.join(' ') + ' arenas ' + process.env.MALLOC_ARENA_MAX)`
const REPORT_HEAP = `data:text/javascript,import { getHeapStatistics } from 'node:v8'; console.error('started with ' + getHeapStatistics().heap_size_limit)`

/** Runs `bin/tocsin.js` with a role that does not exist. @returns how Node.js was started, last time */
function startedWith(args: readonly string[], env: Record<string, string> = {}): string | undefined {
  const { PATH = '' } = process.env
  const { stderr, status } = spawnSync(process.execPath, ['bin/tocsin.js', ...args, '--role', 'nothing'], {
    cwd: ROOT,
    env: { PATH, TOCSIN_DEMO: 'true', NODE_OPTIONS: `--import="${REPORT}"`, ...env },
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(2)
  return stderr.match(/^started .*$/gm)?.at(-1)
}

test('a server is started in little memory, with the embedded database in less', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-bin-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const small = /--max-semi-space-size=4 --optimize-for-size arenas 1$/
  expect(startedWith(['serve'])).toMatch(small)
  const file = join(directory, 'tocsin.env')
  writeFileSync(file, 'TOCSIN_DATA_DIR=./data\n')
  expect(startedWith(['--config', file, 'serve'])).toMatch(small)
  writeFileSync(file, 'DATABASE_URL=postgres://a:b@127.0.0.1/c\n')
  expect(startedWith([`--config=${file}`, 'serve'])).toMatch(/--max-semi-space-size=4 arenas 1$/)
})

test('a server that systemd gave its socket is as small by its unit, without starting again', async () => {
  const socket = createServer()
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
  const unit = readFileSync(join(ROOT, 'deploy/systemd/tocsin.service'), 'utf8')
  const set = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line = '']) => line.split(' '))
  const { NODE_OPTIONS = '', ...unitEnv } = Object.fromEntries(
    set.map((one) => one.split('=', 1).concat(one.slice(one.indexOf('=') + 1))),
  )
  const startsOf = (env: Record<string, string>, passed: string, options = '') => {
    const start = `export ${passed}; exec "$0" bin/tocsin.js serve --role nothing`
    const { stderr, status } = spawnSync('bash', ['-c', start, process.execPath], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe', fd],
      env: {
        PATH: process.env.PATH ?? '',
        TOCSIN_DEMO: 'true',
        DATABASE_URL: 'postgres://a:b@127.0.0.1/c',
        NODE_OPTIONS: `${options} --import="${REPORT_HEAP}"`,
        ...env,
      },
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(2)
    return stderr.match(/^started .*$/gm) ?? []
  }
  const [large, small] = startsOf({}, 'NOTHING=1')
  const given = startsOf(unitEnv, 'LISTEN_PID=$$ LISTEN_FDS=1', NODE_OPTIONS)
  expect(unitEnv.MALLOC_ARENA_MAX).toBe('1')
  expect(given).toEqual([small])
  expect(small).not.toBe(large)
})
