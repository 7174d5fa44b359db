import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT_MIGRATE, EXIT_SETTINGS } from '../../src/cli/exit-codes.ts'
import { findInstalled } from '../support/installed.ts'
import { ROOT } from '../support/program.ts'

const FOLDER = join(ROOT, 'deploy/systemd')
const units = readdirSync(FOLDER).filter((name) => /\.(service|socket|timer)$/.test(name))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const analyze = findInstalled('systemd-analyze')
/** From 0, safest, to 10: what systemd itself calls safe is below 2. */
const MAX_EXPOSURE = 2

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-units-'))
  // Programs have to exist, and are those of an installed package.
  for (const name of units) {
    const text = readFileSync(join(FOLDER, name), 'utf8')
    writeFileSync(
      join(directory, name),
      text.replaceAll('/opt/tocsin/node_modules/.bin/tocsin', join(ROOT, 'bin/tocsin.js')),
    )
  }
})
afterAll(() => rmSync(directory, { recursive: true }))

test.for(units)('%s is what systemd understands, and lets the process do little', (name, { skip }) => {
  skip(analyze === undefined, 'systemd-analyze is not installed')
  const path = join(directory, name)
  const run = (args: readonly string[]) => spawnSync(analyze ?? '', [...args, path], { encoding: 'utf8' })
  const verified = run(['verify', '--man=no'])
  const lines = verified.stderr.split('\n').filter((line) => line.includes(name))
  expect(lines, verified.stderr).toEqual([])
  if (!name.endsWith('.service')) return
  const judged = run(['security', '--offline=true', '--no-pager', `--threshold=${MAX_EXPOSURE * 10}`])
  expect(judged.status, judged.stdout + judged.stderr).toBe(0)
})

test('processes that run on differ in their role only, and are not started again when that mends nothing', () => {
  const linesOf = (name: string) =>
    read(`deploy/systemd/${name}`)
      .split('\n')
      .filter((line) => line !== '' && !/^(?:#|Description=|ExecStart=|Conflicts=|After=tocsin)/.test(line))
  expect(linesOf('tocsin-web.service')).toEqual(linesOf('tocsin.service'))
  expect(linesOf('tocsin-worker.service')).toEqual(linesOf('tocsin.service'))
  const codes = `RestartPreventExitStatus=2 ${EXIT_MIGRATE} ${EXIT_SETTINGS}`
  expect(linesOf('tocsin.service')).toContain(codes)
})

test.for(['web', 'worker'])(
  'tocsin-%s takes the place of tocsin.service, and of the socket that would start it',
  (role) => {
    const lines = read(`deploy/systemd/tocsin-${role}.service`).split('\n')
    expect(lines).toContain('Conflicts=tocsin.service tocsin.socket')
    expect(lines).toContain('After=tocsin.service tocsin.socket')
  },
)

test('the unit stops the program once, and lets it write the documented backups', () => {
  const unit = read('deploy/systemd/tocsin.service')
  expect(unit).toMatch(/^StateDirectory=tocsin$/m)
  // The first process forwards the signal to stop.
  expect(unit).toMatch(/^KillMode=mixed$/m)
  for (const page of ['docs/runbook/backup.md', 'docs/runbook/backup.fr.md'])
    expect(read(page)).toMatch(/^TOCSIN_BACKUP_DIR=\/var\/lib\/tocsin\/\w+$/m)
})
