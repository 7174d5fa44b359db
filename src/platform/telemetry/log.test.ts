import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { databaseKinds, testDatabase } from '../../../test/support/database.ts'
import { createLog } from './log.ts'

function setUp() {
  const lines: string[] = []
  return { lines, log: createLog('info', { write: (line: string) => void lines.push(line) }) }
}

test.each(databaseKinds)('logs a failed statement on %s without its values', async (kind) => {
  const { log, lines } = setUp()
  const { db, close } = await testDatabase(kind)
  onTestFinished(close)
  const number = '+33639980001'
  for (const statement of [
    sql`insert into regions (code, name) values (${number}, 'a'), (${number}, 'b')`,
    sql`select ${number}::text::uuid`,
    sql`insert into regions (code, name) values (${number}, null)`,
  ]) {
    const error = await statement.execute(db).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Error)
    log.error({ err: new Error('not written', { cause: error }) }, 'a write failed')
  }
  expect(lines.join('')).not.toContain('39980001')
  const causes = lines.map((line) => (JSON.parse(line) as { err: { cause: object } }).err.cause)
  expect(causes).toMatchObject([
    { code: '23505', message: expect.stringContaining('unique'), stack: expect.stringContaining('at ') },
    { code: '22P02' },
    { code: '23502', table: 'regions' },
  ])
})

test('writes one line an entry, whatever its values', () => {
  const { log, lines } = setUp()
  log.info({ route: '/a\n{"level":50,"msg":"forged"}\r\n' }, 'request\nforged')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.trimEnd()).not.toMatch(/[\r\n]/)
})

test('logs neither what a parser read nor the address that a mail server quotes', () => {
  const { log, lines } = setUp()
  try {
    JSON.parse('+33639980001')
  } catch (error) {
    log.warn({ err: error }, 'not an answer')
  }
  const refused = Object.assign(new Error('550 <zoe@shop.example> unknown'), {
    responseCode: 550,
    code: 'EENVELOPE',
  })
  log.warn({ err: new AggregateError([refused], 'no mail left') }, 'not mailed')
  expect(lines.join('')).not.toMatch(/3399|39980001|zoe/)
  expect(lines[1]).toContain('EENVELOPE')
})
