import { setImmediate } from 'node:timers/promises'
import type { OpenChange } from '../../changes/record.ts'
import { revertUnfinishedChange } from '../../changes/undo.ts'
import { lockDues } from '../../dues/ledger/ledger.ts'
import { lockMemberList, lockMemberWrites } from '../../members/store.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { createPace } from '../../platform/pace.ts'
import type { CheckedImport } from './check/rows.ts'
import type { ImportDeps } from './options.ts'

/** Runs the work of an import in transactions: one for everything, or one per part. */
export interface Parts {
  readonly inParts: boolean
  /** Starts another kind of rows, for which the durations measured so far do not apply. */
  begin(): void
  /** Number of rows of the next part. */
  size(): number
  /** Processes as many rows as `size` returned. */
  do<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Runs work that does not depend on rows. */
  once<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Called with the change once it is open. */
  onChange?(change: OpenChange): void
}

/** Runs the work of an import in one transaction, so that nothing of it is seen before the end. */
export function runInOneTransaction<T>(
  deps: ImportDeps,
  { schemeId, options }: CheckedImport,
  work: (parts: Parts) => Promise<T>,
): Promise<T> {
  return inScheme(deps.db, schemeId, async (tx) => {
    // A check blocks no other writer: an import matches again under lock before anything is written.
    if (options.dryRun !== true) await lockToImport(tx, schemeId)
    const doIt: Parts['do'] = (part) => part(tx)
    return work({ inParts: false, begin() {}, size: () => WRITTEN, do: doIt, once: doIt })
  })
}

/**
 * Runs the work of an import, or that of storing it for a job, in transactions of a tenth of a second: on the embedded database,
 * whose one connection serves every request, in transactions of a sixth of a second. The change is hidden until it ends, and no
 * other change of many members can start. If a part fails, the earlier ones are reverted; after a stop of the program the next
 * start reverts them (`revertUnfinishedChange`).
 */
export async function runInParts<T>(
  deps: ImportDeps,
  { schemeId, options }: CheckedImport,
  work: (parts: Parts) => Promise<T>,
): Promise<T> {
  let pace = createPace()
  let change: OpenChange | undefined
  async function inPart<R>(part: (tx: Tx) => Promise<R>): Promise<R> {
    const result = await inScheme(deps.db, schemeId, async (tx) => {
      if (options.dryRun !== true) {
        await lockToImport(tx, schemeId, change?.id ?? options.store?.changeId)
        await options.mustHold?.(tx)
      }
      return part(tx)
    })
    await setImmediate()
    return result
  }
  const parts: Parts = {
    inParts: true,
    begin() {
      pace = createPace()
    },
    size: () => pace.size(),
    do: (part) => inPart((tx) => pace.run(() => part(tx))),
    once: inPart,
    onChange: (begun) => {
      change = begun
    },
  }
  try {
    return await work(parts)
  } catch (error) {
    if (change !== undefined) await revertUnfinishedChange(deps, schemeId, change.id)
    throw error
  }
}

/** Waits for other changes of many members, and for writers of members or contacts, so that the members matched are the ones written. */
async function lockToImport(tx: Tx, schemeId: string, changeId?: string): Promise<void> {
  await lockMemberList(tx, schemeId, changeId)
  await lockDues(tx, schemeId)
  await lockMemberWrites(tx, schemeId)
}

/** Rows written together when everything is one transaction. */
const WRITTEN = 2000
