import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../support/program.ts'

const REPORT = `data:text/javascript,console.error('started ' + process.execArgv.join(' ') + ' arenas ' + process.env.MALLOC_ARENA_MAX)`

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
