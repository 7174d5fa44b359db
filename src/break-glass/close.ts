import { NO_SCHEME } from '../audit/chain.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { deleteGrant, deleteSessions, setDisabled } from '../identity/store.ts'
import { DAY_MS, HOUR_MS } from '../message/clock.ts'
import type { MailDeps } from '../people/mails.ts'
import { type Actor, actorName, authorizeInstallation, userIdOf } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import { announceEvent } from '../platform/http/live.ts'
import { mailNotice } from './mails.ts'
import { CHANGED, recordEverywhere } from './record.ts'
import {
  claimReminder,
  countActs,
  deleteOpenings,
  hasSession,
  lockOpen,
  type OpeningRow,
  setClosed,
} from './store.ts'

type CloseDeps = Pick<Deps, 'db' | 'database' | 'live' | 'log'> & MailDeps

/** Milliseconds that an opening may take to get its session. */
const GRACE_MS = 30_000
/** Less than a day, so that a run some minutes earlier than the day before still reminds. */
const REMINDED_EVERY_MS = 23 * HOUR_MS
/** Days for which openings are listed. */
const KEPT_DAYS = 365

/**
 * Closes the open break-glass account at once: its session ends in every process.
 * @throws AppError `forbidden`; `wrong_state` when none is open
 */
export async function closeBreakGlass(deps: CloseDeps, actor: Actor): Promise<void> {
  authorizeInstallation(actor, 'break_glass.close')
  await closeOpen(deps, actor, () => true)
}

/**
 * Closes the break-glass account of the session itself, also that of an exercise, which has no permission.
 * @throws AppError `wrong_state` for every other session
 */
export async function endOwnBreakGlass(deps: CloseDeps, actor: Actor): Promise<void> {
  await closeOpen(deps, actor, ({ userId }) => userId === userIdOf(actor))
}

async function closeOpen(deps: CloseDeps, actor: Actor, isMeant: (opening: OpeningRow) => boolean) {
  const userId = await acrossSchemes(deps.db, async (tx) => {
    const opening = await lockOpen(tx)
    if (opening === undefined || !isMeant(opening)) throw new AppError('wrong_state')
    await endOpening(tx, deps, opening, { why: opening.endsAt <= deps.now() ? 'time' : 'person', actor })
    return opening.userId
  })
  publishClosed(deps, userId)
}

function publishClosed({ live }: Pick<Deps, 'live'>, userId: string): void {
  live.publish({ type: 'account', schemeId: NO_SCHEME, userId })
  live.publish(CHANGED)
}

/** Ends an opening that is locked: its sessions, its role and its account, with the record and the mails. */
export async function endOpening(
  tx: Tx,
  deps: Omit<CloseDeps, 'db' | 'live'>,
  opening: OpeningRow,
  { why, actor }: { readonly why: NonNullable<OpeningRow['closedWhy']>; readonly actor?: Actor },
): Promise<void> {
  const at = deps.now()
  const { id, userId, drill } = opening
  await deleteSessions(tx, userId)
  await deleteGrant(tx, { userId, schemeId: NO_SCHEME, role: 'break_glass' })
  await setDisabled(tx, userId, at)
  const acts = await countActs(tx, userId)
  const isPerson = why === 'person' && actor !== undefined
  const claimed = isPerson && actor.kind === 'system' ? actor.claimed : undefined
  const name = isPerson ? (actor.kind === 'user' ? actor.name : (claimed ?? null)) : null
  const by = isPerson ? actorName(actor) : 'system:break-glass'
  await setClosed(tx, id, { at, by, name, why, acts })
  await mailNotice(tx, deps, 'closed', {
    first: opening.firstName,
    second: opening.secondName,
    drill: String(drill),
    why,
    by: name ?? 'none',
    acts,
  })
  await recordEverywhere(tx, at, {
    actor: by,
    action: 'break_glass.close',
    subject: `break_glass:${id}`,
    details: { drill, why, acts },
    ...(claimed !== undefined && { named: { claimed } }),
  })
  deps.log.warn({ opening: id, drill, why, acts }, 'the break-glass account was closed')
  await announceEvent(tx, deps, { type: 'account', schemeId: NO_SCHEME, userId })
  await announceEvent(tx, deps, CHANGED)
}

/**
 * Closes the account when it expired or its session ended, reminds the administrators once a day of a broken seal, and
 * deletes openings of long ago.
 */
export async function watchBreakGlass(deps: CloseDeps): Promise<void> {
  const now = deps.now()
  const closed = await acrossSchemes(deps.db, async (tx) => {
    const opening = await lockOpen(tx)
    if (opening === undefined) return undefined
    const isOver = opening.endsAt <= now
    const isNew = now.getTime() - opening.openedAt.getTime() < GRACE_MS
    if (!isOver && (isNew || (await hasSession(tx, opening.userId, now)))) return undefined
    await endOpening(tx, deps, opening, { why: isOver ? 'time' : 'session' })
    return opening.userId
  })
  if (closed !== undefined) publishClosed(deps, closed)
  await acrossSchemes(deps.db, async (tx) => {
    const since = new Date(now.getTime() - REMINDED_EVERY_MS)
    if (await claimReminder(tx, { at: now, since })) {
      deps.log.warn({}, 'the seal of the break-glass account is broken and was not made anew')
      await mailNotice(tx, deps, 'broken', {})
    }
    await deleteOpenings(tx, new Date(now.getTime() - KEPT_DAYS * DAY_MS))
  })
}
