import { describe } from 'vitest'

/**
 * Runs a suite for each case concurrently, and the tests of each suite in sequence: for tests that wait more than
 * they compute. Not for the embedded database beside PostgreSQL: its start blocks the process for longer than the
 * timeout of a connection.
 */
export function describeSideBySide<T>(name: string, cases: readonly T[], suite: (one: T) => void): void {
  describe.concurrent.each(cases as T[])(name, (one) => {
    describe('in turn', { concurrent: false }, () => suite(one))
  })
}
