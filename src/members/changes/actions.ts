import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { MemberStatus } from '../../schema.ts'
import { onlyOf } from '../actions.ts'
import { takeTurn } from '../portal/shop.ts'
import { chunks, filtered, filters, findSchemeRules, lockMemberList, type OnlyMembers } from '../store.ts'
import type { BulkChange, BulkResult, ChangeView } from './contract.ts'
import { openChange } from './record.ts'
import { findChange, listChangeRows, viewChange } from './store.ts'

/** From which states each act leads to which. */
const steps: Readonly<
  Record<'suspend' | 'resume' | 'leave', { from: readonly MemberStatus[]; to: MemberStatus }>
> = {
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  leave: { from: ['pending', 'active', 'suspended'], to: 'left' },
}

/**
 * Does one thing to many members, in one transaction; it can be undone for a day. Those whom it does not concern are left,
 * and counted. A trade chamber reaches the members of its trades, and moves none to another.
 * @throws AppError `invalid_input` for a trade that the scheme has not, or without a reason where one is asked; `list_changed`
 * when the filters keep another number of members than was shown
 */
export async function changeMembers(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  schemeId: string,
  { action, members }: BulkChange,
): Promise<BulkResult> {
  const reach = authorize(actor, 'member.change', schemeId)
  const only = onlyOf(reach)
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    // Whoever writes members or contacts waits here: what is read now is what will be changed.
    await takeTurn(tx, schemeId)
    const problems: Problem[] = []
    if (action.kind === 'trade') {
      const scheme = await findSchemeRules(tx, schemeId)
      const admitted = only.trades ?? scheme?.trades ?? []
      if (!admitted.includes(action.trade) || scheme?.trades.includes(action.trade) === false) {
        problems.push({ code: 'unknown_trade', path: 'action.trade', values: { code: action.trade } })
      }
    } else if (action.kind !== 'resume' && action.reason === '') {
      problems.push({ code: 'input.required', path: 'action.reason' })
    }
    if (problems.length > 0) throw new AppError('invalid_input', { problems })

    const chosen = await listChosen(tx, schemeId, members, only)
    if ('filter' in members && chosen.length !== members.count) {
      throw new AppError('list_changed', { values: { shown: members.count, found: chosen.length } })
    }
    const concerned = chosen.filter((member) =>
      action.kind === 'trade'
        ? member.trade !== action.trade
        : steps[action.kind].from.includes(member.status),
    )
    const asked = 'ids' in members ? new Set(members.ids).size : chosen.length
    const skipped = asked - concerned.length
    if (concerned.length === 0) return { change: null, skipped }
    const note = action.kind === 'trade' ? action.trade : action.kind === 'resume' ? null : action.reason
    const ids = concerned.map(({ id }) => id)
    const change = await openChange(tx, deps, schemeId, {
      kind: action.kind,
      actor,
      note,
    })
    await change.before(ids)
    const set =
      action.kind === 'trade' ? sql`trade = ${action.trade}` : sql`status = ${steps[action.kind].to}`
    for (const part of chunks(ids)) {
      await sql`update members set ${set}, updated_at = ${now}
        where scheme_id = ${schemeId} and id = any (${part}::uuid[])`.execute(tx)
    }
    await change.after([])
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: `member.${action.kind}`,
      subject: `member-change:${change.id}`,
      details: { members: ids.length, ...(action.kind === 'trade' ? { trade: action.trade } : {}) },
    })
    const row = await findChange(tx, schemeId, change.id)
    if (row === undefined) throw new AppError('internal')
    return { change: viewChange(row, now), skipped }
  })
}

async function listChosen(
  tx: Tx,
  schemeId: string,
  members: BulkChange['members'],
  only: OnlyMembers,
): Promise<{ id: string; status: MemberStatus; trade: string }[]> {
  const filter = 'filter' in members ? members.filter : {}
  const named = 'ids' in members ? sql`and m.id = any (${members.ids}::uuid[])` : sql``
  const { rows } = await sql<{ id: string; status: MemberStatus; trade: string }>`
    select m.id, m.status, m.trade from ${filtered(filter)}
    where ${filters(schemeId, filter, only)} ${named} order by m.id`.execute(tx)
  return rows
}

const LISTED = 50

/** What was done to many members at once, latest first: of a trade chamber, what it did itself. */
export async function listChanges(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<ChangeView[]> {
  const reach = authorize(actor, 'member.change', schemeId)
  const by = reach.scope === 'trades' ? actorName(actor) : undefined
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listChangeRows(tx, schemeId, { by, limit: LISTED })
    return rows.map((row) => viewChange(row, deps.now()))
  })
}
