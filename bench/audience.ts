import type { DatabaseKind } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import type { BenchResults } from './result.ts'
export async function benchAudience(_context: BenchContext, _kind: DatabaseKind): Promise<BenchResults> {
  return {}
}
