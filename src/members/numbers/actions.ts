import type { Deps } from '../../deps.ts'
import { formatMessage } from '../../i18n/format.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { recordMemberAccess } from '../accesses.ts'
import { decodeMemberCursor, encodeMemberCursor, memberScopeOf } from '../actions.ts'
import { writeContactSms } from '../opt-out/opt-out.ts'
import { isMobile } from '../rules.ts'
import type { NumberPage, NumberQuery } from './contract.ts'
import { toNumberHealth } from './facets.ts'
import { countFacets, listNumberMembers } from './store.ts'

/**
 * Lists members whose numbers need review, by facet, one page at a time; the first page has the counts of all facets. A trade
 * chamber sees only members of its trades.
 * @throws AppError `invalid_input` for an `after` that no page returned
 */
export async function listNumbers(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: NumberQuery,
): Promise<NumberPage> {
  const only = memberScopeOf(authorize(actor, 'number.read', schemeId))
  const after = query.after === undefined ? undefined : decodeMemberCursor(query.after)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listNumberMembers(tx, schemeId, query, { limit: query.limit + 1, after, only })
    const counts = after === undefined ? await countFacets(tx, schemeId, query, only) : null
    const shown = rows.slice(0, query.limit)
    const last = shown.at(-1)
    const ids = shown.map(({ id }) => id)
    await recordMemberAccess(tx, actor, schemeId, { what: 'numbers', memberIds: ids, now: deps.now() })
    return {
      members: shown.map(({ communeCode, communeName, searchName: _, numbers, ...member }) => ({
        ...member,
        commune: { code: communeCode, name: communeName },
        numbers: numbers.map(({ health, said, ...number }) => ({
          ...number,
          kind: number.phone === null ? 'none' : isMobile(number.phone) ? 'mobile' : 'landline',
          health: health === null ? null : toNumberHealth(health),
          said: said === null ? null : { what: said.what, at: new Date(said.at).toISOString() },
        })),
      })),
      counts,
      next: rows.length > query.limit && last !== undefined ? encodeMemberCursor(last) : null,
    }
  })
}

/** Opts a contact in again whose opt-out concerned its earlier number only, with proof. */
export async function optInAgain(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  actor: Actor,
  schemeId: string,
  id: { readonly member: string; readonly contact: string },
): Promise<void> {
  const reason = formatMessage('fr', 'number.corrected')
  await writeContactSms(tx, deps, schemeId, id, { sms: true, how: 'chamber', by: actorName(actor), reason })
}
