import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ROOT } from './program.ts'

test('modules that test files share register no hook when they are imported: it would belong to the first file of a process', () => {
  const shared = globSync('{src,test,web}/**/*.{ts,tsx}', { cwd: ROOT }).filter(
    (path) => !/\.test\.tsx?$/.test(path),
  )
  expect(shared.length).toBeGreaterThan(100)
  const withHook = shared.filter((path) =>
    /^(?:before|after)(?:Each|All)\(/m.test(readFileSync(new URL(path, `file://${ROOT}`), 'utf8')),
  )
  // The setup file of Vitest runs before each test file.
  expect(withHook).toEqual(['test/support/log-scan-hooks.ts'])
})
