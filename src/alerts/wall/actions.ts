import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import { readServiceStatus } from '../../deliveries/status/status.ts'
import { listBroadcasts } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import {
  closeDisplay,
  deleteDisplays,
  findOpenDisplay,
  replaceDisplayToken,
  storeDisplay,
} from '../../identity/sessions/displays.ts'
import { hashToken } from '../../identity/tokens.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { type Actor, actorName, authorize, personName, userIdOf } from '../../permissions.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { CLAIM_MINUTES } from '../../reports/contract.ts'
import { firstOf } from '../live/views.ts'
import {
  type NewWallDisplay,
  WALL_HOURS,
  WALL_LINES,
  type WallDisplay,
  type WallDisplayList,
  type WallView,
} from './contract.ts'

/** Closed displays stay this long, for the reader of the audit log. */
const KEPT_MS = 30 * 24 * HOUR_MS

/** A wall display as the actor of a request. */
export type DisplayActor = Extract<Actor, { kind: 'display' }>

type WallDeps = Pick<Deps, 'db' | 'now' | 'newId'>

/**
 * Opens a wall display, and deletes those that ended long ago. The same request with the same id again opens no second one: it
 * gets a new token for the first.
 * @returns with the token for its browser, which begins with the scheme; the database stores a hash
 */
export async function openWall(
  deps: WallDeps,
  actor: Actor,
  schemeId: string,
  { id }: NewWallDisplay = {},
): Promise<{ readonly display: WallDisplay; readonly token: string }> {
  authorize(actor, 'wall.open', schemeId)
  const now = deps.now()
  const display = {
    id: id ?? deps.newId(),
    openedAt: now,
    openedBy: personName(actor),
    expiresAt: new Date(now.getTime() + WALL_HOURS * HOUR_MS),
  }
  const secret = randomBytes(32).toString('base64url')
  const token = `${schemeId}.${secret}`
  const repeated = await inScheme(deps.db, schemeId, async (tx) => {
    const row = await findRepeated(tx, schemeId, {
      id,
      creator: userIdOf(actor) ?? '',
      find: (one) =>
        tx
          .selectFrom('wallDisplays')
          .select(['id', 'openedAt', 'openedBy', 'expiresAt', 'userId', 'closedAt'])
          .where('schemeId', '=', schemeId)
          .where('id', '=', one)
          .executeTakeFirst(),
      isSame: ({ closedAt }) => closedAt === null,
      creatorOf: ({ userId }) => userId ?? '',
    })
    if (row !== undefined) {
      // The answer that was lost had the only copy of the former token.
      await replaceDisplayToken(tx, schemeId, row.id, hashToken(secret))
      return row
    }
    await deleteDisplays(tx, schemeId, new Date(now.getTime() - KEPT_MS))
    await storeDisplay(tx, schemeId, {
      ...display,
      tokenHash: hashToken(secret),
      userId: userIdOf(actor) ?? null,
    })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'wall.open',
      subject: `wall:${display.id}`,
      details: { until: display.expiresAt.toISOString() },
    })
    return undefined
  })
  return { display: wallDisplayOf(repeated ?? display), token }
}

/** Lists the displays that are open. */
export async function listWalls(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<WallDisplayList> {
  authorize(actor, 'wall.open', schemeId)
  const rows = await inScheme(deps.db, schemeId, (tx) =>
    tx
      .selectFrom('wallDisplays')
      .select(['id', 'openedAt', 'openedBy', 'expiresAt'])
      .where('schemeId', '=', schemeId)
      .where('closedAt', 'is', null)
      .where('expiresAt', '>', deps.now())
      .orderBy('openedAt', 'desc')
      .execute(),
  )
  return { displays: rows.map(wallDisplayOf) }
}

/** Closes a display, which shows nothing more from its next request on; one that is closed stays so. @throws AppError `not_found` */
export async function closeWall(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<void> {
  authorize(actor, 'wall.open', schemeId)
  const now = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const found = await tx
      .selectFrom('wallDisplays')
      .select('closedAt')
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (found === undefined) throw new AppError('not_found')
    if (found.closedAt !== null) return
    await closeDisplay(tx, schemeId, id, now)
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'wall.close',
      subject: `wall:${id}`,
    })
  })
}

function wallDisplayOf(row: { id: string; openedAt: Date; openedBy: string; expiresAt: Date }): WallDisplay {
  const { id, openedAt, openedBy, expiresAt } = row
  return { id, openedAt: openedAt.toISOString(), openedBy, expiresAt: expiresAt.toISOString() }
}

/**
 * Finds the open wall display with a token; undefined when there is none.
 * @param token as its browser has it
 */
export async function findDisplayActor(
  deps: Pick<Deps, 'db' | 'now'>,
  token: string | undefined,
): Promise<DisplayActor | undefined> {
  const [schemeId = '', secret = ''] = token?.split('.') ?? []
  if (schemeId === '') return undefined
  const display = await inScheme(deps.db, schemeId, (tx) =>
    findOpenDisplay(tx, schemeId, hashToken(secret), deps.now()),
  )
  return display && { kind: 'display', displayId: display.id, schemeId, expiresAt: display.expiresAt }
}

/** Reads what a wall display shows. @throws AppError `forbidden` for every other actor */
export async function readWall(deps: Pick<Deps, 'db' | 'now' | 'config'>, actor: Actor): Promise<WallView> {
  if (actor.kind !== 'display') throw new AppError('forbidden', { values: { permission: 'wall' } })
  const { schemeId, expiresAt } = actor
  const now = deps.now()
  const view = await inScheme(deps.db, schemeId, async (tx) => {
    const { name } = await tx
      .selectFrom('schemes')
      .select('name')
      .where('id', '=', schemeId)
      .executeTakeFirstOrThrow()
    return {
      scheme: { name, timeZone: await findTimeZone(tx, schemeId) },
      expiresAt: expiresAt.toISOString(),
      ...(await countsOf(tx, schemeId, now)),
      alerts: await alertsOf(tx, schemeId),
      reports: await reportsOf(tx, schemeId, now),
    }
  })
  const { messages } = await readServiceStatus(deps, schemeId)
  return { ...view, at: now.toISOString(), messages }
}

const IN_PROGRESS = sql`('broadcasting', 'active', 'updated')`

async function countsOf(
  tx: Tx,
  schemeId: string,
  now: Date,
): Promise<Pick<WallView, 'inProgress' | 'waiting' | 'submitted' | 'lastDay'>> {
  const { rows } = await sql<{ inProgress: number; waiting: number; submitted: number; lastDay: number }>`
    select
      (select count(*)::int from alerts where scheme_id = ${schemeId} and state in ${IN_PROGRESS}) as in_progress,
      (select count(*)::int from alerts where scheme_id = ${schemeId} and state = 'submitted') as submitted,
      (select count(*)::int from alerts where scheme_id = ${schemeId} and not exercise
        and ordered_at > ${new Date(now.getTime() - 24 * HOUR_MS)}) as last_day,
      (select count(*)::int from reports where scheme_id = ${schemeId} and state = 'waiting') as waiting`.execute(
    tx,
  )
  return rows[0] ?? { inProgress: 0, waiting: 0, submitted: 0, lastDay: 0 }
}

async function alertsOf(tx: Tx, schemeId: string): Promise<WallView['alerts']> {
  const { rows } = await sql<
    Omit<WallView['alerts'][number], 'orderedAt' | 'progress'> & { orderedAt: Date }
  >`
    select a.id, a.exercise, a.ordered_at, c.name as commune,
      jsonb_build_object('labelFr', g.label_fr, 'labelEn', g.label_en, 'severity', a.severity) as category
    from alerts a
    join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
    join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
    join communes c on c.code = r.commune_code
    where a.scheme_id = ${schemeId} and a.state in ${IN_PROGRESS}
    order by a.ordered_at desc, a.id desc limit ${WALL_LINES}`.execute(tx)
  const broadcasts = await listBroadcasts(
    tx,
    schemeId,
    rows.map(({ id }) => id),
  )
  return rows.flatMap((row) => {
    const progress = firstOf(broadcasts.get(row.id) ?? [])?.progress
    if (progress === undefined) return []
    const { planned, waiting, delivered, failed } = progress
    return {
      ...row,
      orderedAt: row.orderedAt.toISOString(),
      progress: { planned, waiting, delivered, failed },
    }
  })
}

async function reportsOf(tx: Tx, schemeId: string, now: Date): Promise<WallView['reports']> {
  const { rows } = await sql<Omit<WallView['reports'][number], 'calledAt'> & { calledAt: Date }>`
    select r.id, r.exercise, r.called_at, c.name as commune,
      coalesce(r.claimed_at > ${new Date(now.getTime() - CLAIM_MINUTES * 60_000)}, false) as claimed,
      jsonb_build_object('labelFr', g.label_fr, 'labelEn', g.label_en, 'severity', g.severity) as category
    from reports r
    join categories g on g.scheme_id = r.scheme_id and g.code = r.category_code
    join communes c on c.code = r.commune_code
    where r.scheme_id = ${schemeId} and r.state = 'waiting'
    order by r.called_at, r.id limit ${WALL_LINES}`.execute(tx)
  return rows.map((row) => ({ ...row, calledAt: row.calledAt.toISOString() }))
}
