import type { Deps } from '../../deps.ts'
import { listOnCall } from '../../on-call/rules.ts'
import { readRota } from '../../on-call/store.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import type { MagistrateList } from './contract.ts'
import { listMagistrateRows } from './store.ts'

/** Lists the magistrates whose authorisation may be recorded: those on call now in their order, then the others by name. */
export async function listMagistrates(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<MagistrateList> {
  authorize(actor, 'magistrate.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const at = deps.now()
    const line = listOnCall(await readRota(tx, schemeId, at), 'magistrate', at.getTime())
    const rows = await listMagistrateRows(tx, schemeId)
    const placeOf = (id: string) => {
      const place = line.findIndex((person) => person.id === id)
      return place < 0 ? line.length : place
    }
    return {
      magistrates: rows
        .toSorted((a, b) => placeOf(a.id) - placeOf(b.id))
        .map(({ id, kind, name, service }) => ({
          id,
          kind,
          name,
          service,
          onCall: placeOf(id) < line.length,
        })),
    }
  })
}
