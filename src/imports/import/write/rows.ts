import { type OpenChange, openChange } from '../../../changes/record.ts'
import { planWelcome } from '../../../changes/welcome.ts'
import type { ImportReport } from '../../../members/contract.ts'
import { refreshStatistics } from '../../../members/store.ts'
import { actorName, personName } from '../../../permissions.ts'
import type { Tx } from '../../../platform/db.ts'
import type { CheckedImport } from '../check/rows.ts'
import type { Matches, Move } from '../match/match.ts'
import type { ImportDeps } from '../options.ts'
import type { Parts } from '../parts.ts'
import { withPaid } from './payments.ts'
import { createPlanner } from './planner.ts'
import { auditImport, finishChange, writePlan } from './write.ts'

export const NO_CHANGES = { created: 0, updated: 0, unchanged: 0 }

/** Plans what the rows change, batch by batch, and writes it. */
export async function writeRows(
  deps: ImportDeps,
  { schemeId, actor, source, keys, packed, progress, options }: CheckedImport,
  parts: Parts,
  what: {
    readonly match: Matches
    readonly isGood: (line: number) => boolean
    /** When false, changes are only counted. */
    readonly isWritten: boolean
  },
) {
  const { match, isGood, isWritten } = what
  const good = keys.filter(({ line }) => isGood(line)).length
  const figures = { ...NO_CHANGES }
  let change: OpenChange | undefined
  let analyzed = 0
  let done = 0
  /** Refreshes the planner statistics each time that the list has doubled. */
  const analyze = async (tx: Tx) => {
    if (figures.created < 2 * analyzed) return
    analyzed = figures.created
    await refreshStatistics(tx, figures.created)
  }
  const planner = createPlanner(schemeId, match, keys, deps.newId)
  parts.begin()
  for await (const batch of planner.batches(packed, isGood, parts.size)) {
    await parts.do(async (tx) => {
      const planned = await planner.plan(tx, batch)
      const { payments } = options
      const due = payments === undefined ? [] : await planner.paid(tx, deps, payments, batch)
      const plan = withPaid(planned, due)
      figures.created += plan.created.length
      figures.updated += plan.touched.length
      figures.unchanged += plan.unchanged
      if (!isWritten || plan.created.length + plan.touched.length === 0) return
      if (change === undefined) {
        const kind = { kind: 'import', actor, note: source.fileName } as const
        change = await openChange(tx, deps, schemeId, { ...kind, unfinished: parts.inParts })
        parts.onChange?.(change)
      }
      await writePlan(tx, deps, schemeId, plan, {
        change,
        author: { by: actorName(actor), byName: personName(actor) },
        paid: payments && { ...payments, due, list: source.fileName },
        onMembers: async () => {
          if (!parts.inParts) await analyze(tx)
        },
      })
    })
    if (isWritten && parts.inParts && figures.created >= 2 * analyzed) await parts.once(analyze)
    done += batch.rows.length
    if (isWritten) progress('write', done, good)
  }
  // Called last: ANALYZE locks its tables against another ANALYZE until the end of the transaction.
  if (isWritten) await parts.once((tx) => refreshStatistics(tx, figures.created + figures.updated))
  return { ...figures, change }
}

/** Finishes the import with its last rows: notices, the imported source, the audit entry. */
export async function finishImport(
  tx: Tx,
  deps: ImportDeps,
  { schemeId, actor, source, options }: CheckedImport,
  what: {
    readonly change: OpenChange | undefined
    readonly moves: readonly Move[]
    readonly report: ImportReport
  },
): Promise<void> {
  const { change, moves, report } = what
  const by = actorName(actor)
  if (change !== undefined) {
    await finishChange(tx, deps, schemeId, { change, moves, by })
    const { welcome: channel } = options
    if (channel !== undefined) await planWelcome(tx, deps, schemeId, { changeId: change.id, channel, actor })
  }
  await options.onApplied?.(tx, change?.id ?? null, report)
  await auditImport(tx, deps, schemeId, { by, sha256: source.sha256, report })
}
