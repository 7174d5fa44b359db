import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createTestLog, scanLogLines, scanOutput, secretIn, takeLeaks } from './log-scan.ts'

test.each([
  ['a phone number', '{"to":"+33639980001"}'],
  ['a phone number', 'call 06 39 98 00 01 back'],
  ['a mail address', '"to":"zoe@shop.example"'],
  ['a name', '{"by":"Paul Durand"}'],
  ['an account number', 'FR76 3000 6000 0112 3456 7890 189'],
  ['a session', 'cookie: __Host-tocsin.session_token=abc'],
  ['a secret', '/webhook/s3cret'],
  ['a password of the database', 'postgres://tocsin_web:word@127.0.0.1/tocsin'],
  ['a one-time code', '{"code":"123456"}'],
])('finds %s in a line', (what, line) => {
  expect(secretIn(line)).toBe(what)
})

test.each([
  '{"alertId":"019a0612-3456-7890-8abc-0612345678ab"}',
  '{"time":"2026-11-29T06:12:34.567Z","ms":612}',
  '{"reqId":"a795019276-1"}',
])('finds nothing in %s', (line) => {
  expect(secretIn(line)).toBeUndefined()
})

test('keeps what logs and programs write, with its source, for the end of the file', async () => {
  createTestLog().error({ gateway: 'g' }, 'no answer about +33639980001')
  createTestLog().info({ phone: '+33639980001' }, 'redacted')
  const [server, command] = [new PassThrough(), new PassThrough()]
  scanOutput(server, 'tocsin serve')
  scanOutput(command, 'tocsin members', true)
  server.end('Ready for Paul Durand\n')
  command.end('Paul Durand\n{"level":50,"msg":"Paul Durand"}\n')
  scanLogLines('Paul Durand\n', 'tocsin members')
  await new Promise((resolve) => setImmediate(resolve))
  await expect
    .poll(() => takeLeaks().map((leak) => leak.split(',', 2).join()))
    .toEqual([
      'a phone number, in the process of the test',
      'a name, in tocsin serve',
      'a name, in tocsin members',
    ])
})
