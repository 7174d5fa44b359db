import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AUDIT_ACTIONS, INSTALLATION_ACTIONS } from '../../src/audit/list.ts'

// The screen of the installation's log filters by the actions that its chain can have. Which these are is written at each call that
// records one there.

const src = join(import.meta.dirname, '../../src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ room: name.split('/')[0], text: readFileSync(join(src, name), 'utf8') }))

/** Actions written in calls that record in the chain of the installation, or of an account without a scheme. */
const recorded = new Set(
  files.flatMap(({ room, text }) => [
    ...[...text.matchAll(/recordAudits?\(\s*tx,\s*NO_SCHEME,[^{]*\{[^}]*?action: '([\w.]+)'/g)].map(
      ([, action = '']) => action,
    ),
    ...[...text.matchAll(/(?:recordIdentity(?:In)?|withPassword)\((?:[^()]|\([^()]*\))*?'(\w+\.\w+)'/g)].map(
      ([, action = '']) => action,
    ),
    ...(room === 'people'
      ? // Acts on an account without a scheme. Codes of refusals look like them.
        AUDIT_ACTIONS.filter((action) => action.startsWith('user.') && text.includes(`'${action}'`))
      : []),
  ]),
)

test('the log of the installation can be filtered by every action that is recorded in it', () => {
  expect(recorded.size).toBeGreaterThan(15)
  expect([...recorded].filter((action) => !INSTALLATION_ACTIONS.includes(action as 'audit.seal'))).toEqual([])
})

test('an action that only the log of the installation has is recorded somewhere', () => {
  const own = INSTALLATION_ACTIONS.filter((action) => !AUDIT_ACTIONS.includes(action as 'audit.seal'))
  const text = files.map((file) => file.text).join('\n')
  expect(own.filter((action) => text.split(`'${action}'`).length < 3)).toEqual([])
})
