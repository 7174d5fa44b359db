import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase } from '../../../test/support/database.ts'
import { runsOf } from '../../../test/support/random.ts'
import type { Database } from '../db.ts'
import { int4Array, textArray, timestamptzArray } from './arrays.ts'

const RUNS = runsOf(60)

describe.each(databaseKinds)('arrays in binary format on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind, { migrated: false })
  })
  afterAll(() => database.close())

  /** Returns the array as read by the database, as text, in order. */
  async function readBack(array: Buffer, type: string, asText: string): Promise<(string | null)[]> {
    const { rows } = await sql<{ value: string | null }>`
      select ${sql.raw(asText)} as value from unnest(${array}::${sql.raw(type)}[]) with ordinality as u(value, place)
      order by place`.execute(database.db)
    return rows.map(({ value }) => value)
  }

  test('encodes whole numbers', async () => {
    const number = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const property = fc.asyncProperty(fc.array(number), async (values) => {
      expect(await readBack(int4Array(values), 'int', 'value::text')).toEqual(values.map(String))
    })
    await fc.assert(property, { numRuns: RUNS })
    expect(() => int4Array([2 ** 31])).toThrow(RangeError)
  })

  test('encodes texts in any alphabet, empty ones and none', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'))
    const property = fc.asyncProperty(fc.array(fc.option(text, { nil: undefined })), async (values) => {
      expect(await readBack(textArray(values), 'text', 'value')).toEqual(values.map((value) => value ?? null))
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  test('encodes instants to the millisecond, also before 2000 and after 2038', async () => {
    const instant = fc.date({
      min: new Date('1900-01-01T00:00:00Z'),
      max: new Date('2999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    const property = fc.asyncProperty(fc.array(fc.option(instant, { nil: undefined })), async (values) => {
      const array = timestamptzArray(values.map((value) => value?.getTime()))
      expect(
        await readBack(
          array,
          'timestamptz',
          `to_char(value at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
        ),
      ).toEqual(values.map((value) => value?.toISOString() ?? null))
    })
    await fc.assert(property, { numRuns: RUNS })
  })
})
