import { expect, test } from 'vitest'
import { PRODUCTION } from '../../test/support/server.ts'
import { AppError } from '../errors.ts'
import { needsChange, runCommandLine } from './command-line.ts'
import { EXIT_SETTINGS } from './exit-codes.ts'

const io = { lang: 'en', stdout() {}, stderr() {}, progress() {} } as const

test.for([
  ['a file of a secret', ['serve'], { DATABASE_URL_FILE: '/nowhere/database' }],
  ['a key', ['serve'], { TOCSIN_AUDIT_KEY_FILE: '/nowhere/audit.pem' }],
  [
    'the keys of numbers',
    ['serve'],
    { TOCSIN_ENCRYPTION: undefined, TOCSIN_KEYS_FILE: '/nowhere/keys.json' },
  ],
  ['the file of settings', ['--config', '/nowhere/tocsin.env', 'serve'], {}],
  ['the gateways', ['serve'], { TOCSIN_GATEWAYS: '/nowhere/gateways.json' }],
] as const)('a start that cannot read %s is tried again', async ([, args, env]) => {
  const { TOCSIN_SMPP_HOST, TOCSIN_SMPP_SYSTEM_ID, TOCSIN_SMPP_PASSWORD, ...rest } = PRODUCTION
  const provider = 'TOCSIN_GATEWAYS' in env ? rest : PRODUCTION
  expect(await runCommandLine(args, { ...provider, ...env }, io)).toBe(1)
  expect(await runCommandLine(args, { ...provider, ...env, PORT: 'none' }, io)).toBe(
    args[0] === '--config' ? 1 : EXIT_SETTINGS,
  )
})

test('a login that a pooler cannot prepare is not tried again; a database that is down is', () => {
  expect(needsChange(new AppError('database_login_pooled'))).toBe(true)
  expect(needsChange(new AppError('database_down'))).toBe(false)
})
