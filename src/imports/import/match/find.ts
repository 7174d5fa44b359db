import { listMemberKeys, type MemberKeys } from '../../../members/keys.ts'
import type { CheckedImport } from '../check/rows.ts'
import type { Parts } from '../parts.ts'
import { createTurns } from '../turns.ts'
import { type Matches, matchRows } from './match.ts'

/** Finds the member of each row of an import, by the members that are stored now. */
export async function findMatches(run: CheckedImport, parts: Parts): Promise<Matches> {
  const steps = matchRows(run.keys, {
    stored: await listStored(run, parts),
    duplicates: run.duplicates,
    mayTouch: run.mayTouch,
    answerOf: run.options.answerOf ?? (() => undefined),
  })
  // In one transaction, others do not wait for this connection, but for this thread.
  return createTurns().run(steps)
}

/** Lists the stored members that rows may be about. */
async function listStored({ schemeId, keys }: CheckedImport, parts: Parts): Promise<MemberKeys[]> {
  const stored = new Map<string, MemberKeys>()
  parts.begin()
  for (let at = 0; at < keys.length; ) {
    const part = keys.slice(at, at + parts.size())
    at += part.length
    for (const member of await parts.do((tx) => listMemberKeys(tx, schemeId, part)))
      stored.set(member.id, member)
  }
  return [...stored.values()]
}
