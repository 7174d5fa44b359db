import { createHash, randomBytes } from 'node:crypto'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { NO_SCHEME } from '../identity/session.ts'
import type { Actor } from '../permissions.ts'
import { asOwner } from '../platform/db.ts'
import type { PortalSession } from './contract.ts'
import {
  findSession,
  type Holder,
  holderOfSession,
  listChartersToSign,
  listShops,
  toShopView,
} from './store.ts'

/** A session expires after this many days without use: merchants open the portal only when there is an alert. */
export const SESSION_DAYS = 90
const DAY_MS = 86_400_000

export type ContactActor = Extract<Actor, { kind: 'contact' }>

const hashToken = (token: string) => createHash('sha256').update(token).digest('hex')
const sessionEnd = (now: Date) => new Date(now.getTime() + SESSION_DAYS * DAY_MS)

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
  await asOwner(deps.db, async (tx) => {
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
        expiresAt: sessionEnd(now),
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
  // The last use is stored once a day, which is precise enough.
  if (now.getTime() - session.usedAt.getTime() > DAY_MS) {
    await deps.db
      .updateTable('contactSessions')
      .set({ usedAt: now, expiresAt: sessionEnd(now) })
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

/** Ends a session and records it in the audit log. */
export async function endContactSession(deps: Pick<Deps, 'db' | 'now'>, actor: ContactActor): Promise<void> {
  const subject = `contact-session:${actor.sessionId}`
  await asOwner(deps.db, async (tx) => {
    await tx.deleteFrom('contactSessions').where('id', '=', actor.sessionId).execute()
    await recordAudit(tx, NO_SCHEME, deps.now(), { actor: subject, action: 'session.end', subject })
  })
}
