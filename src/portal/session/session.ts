import { randomBytes } from 'node:crypto'
import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { OwnSessions } from '../../identity/contract.ts'
import { describeSession, truncateAddress } from '../../identity/sessions/devices.ts'
import { hashToken } from '../../identity/tokens.ts'
import { DAY_MS, HOUR_MS } from '../../message/clock.ts'
import type { Actor } from '../../permissions.ts'
import { acrossSchemes, type Db, type Tx } from '../../platform/db.ts'
import { announceEvent } from '../../platform/http/live.ts'
import type { PortalSession } from '../contract.ts'
import {
  findSession,
  findSessionById,
  type Holder,
  holderOfSession,
  listChartersToSign,
  listShops,
  toShopView,
} from '../store.ts'

/** A session expires after this many days without use: merchants open the portal only when there is an alert. */
export const SESSION_DAYS = 90
/** A session ends after this many days, used or not, and its holder proves the number or address again. */
export const SESSION_DAYS_MAX = 365
/** Time between two updates of the last use of a session. */
const USED_MS = HOUR_MS
/** Longest text of a browser about itself that is stored. */
const MAX_AGENT = 300

export type ContactActor = Extract<Actor, { kind: 'contact' }>

const sessionEnd = (createdAt: Date, now: Date) =>
  new Date(Math.min(now.getTime() + SESSION_DAYS * DAY_MS, createdAt.getTime() + SESSION_DAYS_MAX * DAY_MS))

/**
 * Opens a session for the holder of a number or mailbox that was just proved, and records it in the audit log without the
 * number or address.
 * @param by how it was proved
 * @returns the session token for the browser; the database stores its hash
 */
export async function openContactSession(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  holder: Holder,
  by: 'code' | 'passkey' = 'code',
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const id = deps.newId()
  const now = deps.now()
  await acrossSchemes(deps.db, async (tx) => {
    const shops = await listShops(tx, holder)
    await tx
      .insertInto('contactSessions')
      .values({
        id,
        tokenHash: hashToken(token),
        phone: 'phone' in holder ? holder.phone : null,
        mail: 'mail' in holder ? holder.mail : null,
        createdAt: now,
        usedAt: now,
        expiresAt: sessionEnd(now, now),
      })
      .execute()
    await recordAudit(tx, NO_SCHEME, now, {
      actor: `contact-session:${id}`,
      action: 'session.open',
      subject: `contact-session:${id}`,
      details: {
        by,
        to: 'phone' in holder ? 'phone' : 'mail',
        contacts: shops.map(({ contactId }) => contactId),
      },
    })
  })
  return token
}

/**
 * Finds the contact of a session token, with the shops that its number or address has now: a contact removed from a member,
 * or a member that left, loses access at once. Undefined without a session, or if no contact has the number or address any
 * more.
 */
export async function findContactActor(
  deps: Pick<Deps, 'db' | 'now'>,
  token: string | undefined,
): Promise<ContactActor | undefined> {
  if (token === undefined) return undefined
  const now = deps.now()
  const session = await findSession(deps.db, hashToken(token), now)
  if (session === undefined) return undefined
  const shops = await listShops(deps.db, holderOfSession(session))
  if (shops.length === 0) {
    await deps.db.deleteFrom('contactSessions').where('id', '=', session.id).execute()
    return undefined
  }
  if (now.getTime() - session.usedAt.getTime() > USED_MS) {
    await deps.db
      .updateTable('contactSessions')
      .set({ usedAt: now, expiresAt: sessionEnd(session.createdAt, now) })
      .where('id', '=', session.id)
      .execute()
  }
  return { kind: 'contact', sessionId: session.id, shops }
}

/** Returns the signed-in contact and its shops. @throws AppError `not_signed_in` */
export async function getPortalSession(
  deps: Pick<Deps, 'db' | 'now'>,
  token: string | undefined,
): Promise<PortalSession> {
  const now = deps.now()
  const session = token === undefined ? undefined : await findSession(deps.db, hashToken(token), now)
  const shops = session === undefined ? [] : await listShops(deps.db, holderOfSession(session))
  if (session === undefined || shops.length === 0) throw new AppError('not_signed_in')
  const toSign = await listChartersToSign(deps.db, shops)
  return {
    phone: session.phone,
    mail: session.mail,
    shops: shops.map((shop) => toShopView(shop, toSign.get(shop.memberId) ?? null)),
  }
}

/** Notes what the browser of a new session says of itself, and its network, so that its holder recognises it. */
export async function noteBrowser(
  { db }: Pick<Deps, 'db'>,
  token: string,
  { userAgent, address }: { readonly userAgent: string | undefined; readonly address: string },
): Promise<void> {
  await db
    .updateTable('contactSessions')
    .set({ userAgent: userAgent?.slice(0, MAX_AGENT) ?? null, network: truncateAddress(address) })
    .where('tokenHash', '=', hashToken(token))
    .execute()
}

/** Lists the open sessions of the number or address with which the contact signed in, the latest first. */
export async function listContactSessions(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: ContactActor,
): Promise<OwnSessions> {
  const holder = await holderOfActor(deps.db, actor)
  const rows = await sessionsOfHolder(deps.db, holder)
    .select(['id', 'userAgent', 'network', 'createdAt', 'usedAt'])
    .where('expiresAt', '>', deps.now())
    .orderBy('usedAt', 'desc')
    .orderBy('id')
    .execute()
  const sessions = rows.map((row) => describeSession({ ...row, activeAt: row.usedAt }))
  return { current: actor.sessionId, sessions }
}

/**
 * Ends one session of the holder of the number or address, or all but the contact's own, and records each in the audit log. Their
 * streams end in every process.
 */
export async function endContactSessions(
  deps: Pick<Deps, 'db' | 'database' | 'now' | 'newId' | 'live'>,
  actor: ContactActor,
  { id }: { readonly id?: string | undefined },
): Promise<void> {
  const ended = await acrossSchemes(deps.db, async (tx) => {
    const holder = await holderOfActor(tx, actor)
    const rows = await sessionsOfHolder(tx, holder)
      .select('id')
      .where('id', id === undefined ? '<>' : '=', id ?? actor.sessionId)
      .forUpdate()
      .execute()
    for (const session of rows) await endSession(tx, deps, actor, session.id)
    return rows
  })
  for (const session of ended) deps.live.publish(sessionEvent(session.id))
}

/** Ends the contact's own session and records it in the audit log. */
export async function endContactSession(
  deps: Pick<Deps, 'db' | 'database' | 'now' | 'newId' | 'live'>,
  actor: ContactActor,
): Promise<void> {
  await acrossSchemes(deps.db, (tx) => endSession(tx, deps, actor, actor.sessionId))
  deps.live.publish(sessionEvent(actor.sessionId))
}

async function endSession(
  tx: Tx,
  deps: Pick<Deps, 'database' | 'now' | 'newId'>,
  actor: ContactActor,
  id: string,
): Promise<void> {
  await tx.deleteFrom('contactSessions').where('id', '=', id).execute()
  await recordAudit(tx, NO_SCHEME, deps.now(), {
    actor: `contact-session:${actor.sessionId}`,
    action: 'session.end',
    subject: `contact-session:${id}`,
  })
  await announceEvent(tx, deps, sessionEvent(id))
}

function sessionEvent(sessionId: string) {
  return { type: 'contact_session', schemeId: NO_SCHEME, sessionId } as const
}

function sessionsOfHolder(db: Db | Tx, holder: Holder) {
  const query = db.selectFrom('contactSessions')
  return 'phone' in holder ? query.where('phone', '=', holder.phone) : query.where('mail', '=', holder.mail)
}

/** Returns the number or address with which a contact signed in. @throws AppError `not_signed_in` */
export async function holderOfActor(db: Db | Tx, actor: ContactActor): Promise<Holder> {
  const session = await findSessionById(db, actor.sessionId)
  if (session === undefined) throw new AppError('not_signed_in')
  return holderOfSession(session)
}
