import { expect, test } from 'vitest'
import { createLog } from './log.ts'
import { formatLogLine } from './log-words.ts'

test('a line for a terminal has the time, the level, the message, the fields and the trace of an error', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => lines.push(formatLogLine(line)) })
  log.warn({ gateway: 'provider', count: 2 }, 'gateway not ready')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn gateway not ready gateway=provider count=2\n$/)
  log.error({ err: new TypeError('no', { cause: new Error('because') }) }, 'failed')
  expect(lines[1]).toMatch(/^\S+ error failed\n {4}no\n\s+at [\s\S]+\n {4}cause: because\n/)
})
