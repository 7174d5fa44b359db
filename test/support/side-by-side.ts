import { describe } from 'vitest'

/**
 * A suite for each, all at once, the tests of one in turn: for tests that wait more than they work. Not with the embedded
 * database beside PostgreSQL: its start holds the process for longer than a connection may take.
 */
export function describeSideBySide<T>(name: string, cases: readonly T[], suite: (one: T) => void): void {
  describe.concurrent.each(cases as T[])(name, (one) => {
    describe('in turn', { concurrent: false }, () => suite(one))
  })
}
