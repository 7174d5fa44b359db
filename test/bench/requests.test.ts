import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ROOT } from '../support/program.ts'

test('the benches that send every request of the screens, or start the program, still run', {
  tags: 'long',
}, async () => {
  const args = [
    'bench/main.ts',
    '--quick',
    '--json',
    '--databases',
    'postgres',
    '--ages',
    'fresh',
    '--runs',
    '1',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [...args, '--only', 'F3,F12,D1,L1'], {
    cwd: ROOT,
  })
  const output = JSON.parse(stdout) as Record<string, unknown>
  expect(output).not.toHaveProperty('skipped')
  for (const key of ['F3.postgres.statements', 'F12.postgres', 'D1.postgres.all', 'L1.restart.postgres'])
    expect(output[key], key).toMatchObject({ value: expect.any(Number) })
})
