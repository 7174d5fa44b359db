import { setImmediate } from 'node:timers/promises'
import type { Deps } from '../../../deps.ts'
import type { ListedPayments } from '../../../dues/bulk/contract.ts'
import type { ListedPayment } from '../../../dues/bulk/listed.ts'
import type { ContactRow } from '../../../members/store.ts'
import type { Tx } from '../../../platform/db.ts'
import type { MemberRow } from '../check/row.ts'
import type { RowKeys } from '../match/keys.ts'
import type { Matches } from '../match/match.ts'
import { findPaid } from './payments.ts'
import type { ImportPlan } from './plan.ts'
import { type Batch, planBatch } from './write.ts'

/** Creates a planner that plans the changes batch by batch; rows that identify a member through a merged one come last. */
export function createPlanner(
  schemeId: string,
  { matches, joined, aside }: Matches,
  keys: readonly RowKeys[],
  newId: () => string,
) {
  const givenTo = numbersGiven(keys, { matches, joined })
  /** The contacts planned so far of members of joined rows. */
  const planned = new Map<string, ContactRow[]>()
  const memberIdIn =
    ({ isJoined }: Batch) =>
    ({ line }: MemberRow) =>
      (isJoined ? joined : matches).get(line)?.id
  const keep = (contacts: readonly ContactRow[]) => {
    for (const contact of contacts) {
      if (!givenTo.has(contact.memberId)) continue
      planned.set(contact.memberId, [...(planned.get(contact.memberId) ?? []), contact])
    }
  }
  return {
    /** The rows in the order in which they are written. */
    async *batches(
      packed: readonly Buffer[],
      isGood: (line: number) => boolean,
      size: () => number,
    ): AsyncGenerator<Batch> {
      const alone = (line: number) => isGood(line) && !joined.has(line)
      for await (const rows of unpackRows(packed, alone, size)) yield { rows, isJoined: false }
      if (joined.size === 0) return
      const together = (line: number) => isGood(line) && joined.has(line)
      for await (const rows of unpackRows(packed, together, size)) yield { rows, isJoined: true }
    },
    /** Plans the changes of a batch, from the current members. */
    async plan(tx: Tx, batch: Batch): Promise<ImportPlan> {
      const plan = await planBatch(tx, schemeId, batch, {
        memberIdOf: memberIdIn(batch),
        isAside: ({ line }) => aside.has(line),
        givenTo,
        plannedOf: (id) => planned.get(id) ?? [],
        newId,
      })
      keep([...plan.changedContacts, ...plan.newContacts])
      return plan
    },
    /** Lists the payments that a batch brings. */
    paid(tx: Tx, deps: Pick<Deps, 'now'>, payments: ListedPayments, batch: Batch): Promise<ListedPayment[]> {
      const taken = batch.rows.filter(({ line }) => !aside.has(line))
      return findPaid(tx, deps, schemeId, taken, { year: payments.year, memberIdOf: memberIdIn(batch) })
    },
  }
}

/** Returns all numbers that the list gives each member of joined rows, on any of its rows. */
export function numbersGiven(
  keys: readonly RowKeys[],
  { matches, joined }: Pick<Matches, 'matches' | 'joined'>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const givenTo = new Map([...joined.values()].map(({ id }) => [id, new Set<string>()]))
  if (givenTo.size === 0) return givenTo
  for (const row of keys) {
    const given = givenTo.get((matches.get(row.line) ?? joined.get(row.line))?.id ?? '')
    for (const phone of row.phones) given?.add(phone)
  }
  return givenTo
}

/** Unpacks the wanted rows, in batches for writing. @param size returns the size of the next batch */
async function* unpackRows(
  packed: readonly Buffer[],
  isWanted: (line: number) => boolean,
  size: () => number,
): AsyncGenerator<readonly MemberRow[]> {
  const rows: MemberRow[] = []
  for (const part of packed) {
    rows.push(...(JSON.parse(part.toString()) as MemberRow[]).filter(({ line }) => isWanted(line)))
    while (rows.length >= size()) {
      yield rows.splice(0, size())
      await setImmediate()
    }
  }
  if (rows.length > 0) yield rows
}
