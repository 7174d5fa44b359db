import { createHash, randomBytes } from 'node:crypto'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { NO_SCHEME } from '../identity/session.ts'
import type { Actor } from '../permissions.ts'
import { asOwner } from '../platform/db.ts'
import type { PortalSession } from './contract.ts'
import { findSession, type Holder, holderOf, listChartersToSign, listShops, shopViewOf } from './store.ts'

/** Days without any use after which a session is over: a merchant opens the portal when there is an alert. */
export const SESSION_DAYS = 90
const DAY_MS = 86_400_000

export type ContactActor = Extract<Actor, { kind: 'contact' }>

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const endOf = (now: Date) => new Date(now.getTime() + SESSION_DAYS * DAY_MS)

/**
 * Opens a session for whoever holds this number or mailbox, which was proved just before. On the audit record, without the
 * number or the address.
 * @param by what proved it
 * @returns what the browser holds from then on; the database has its hash.
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
        tokenHash: hashOf(token),
        phone: 'phone' in holder ? holder.phone : null,
        mail: 'mail' in holder ? holder.mail : null,
        createdAt: now,
        usedAt: now,
        expiresAt: endOf(now),
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
 * Who holds this token, with the shops of their number or address as they are now: one taken off a member, or a member that
 * left, is out at once. Undefined: no session, or one whose number or address is nobody's any more.
 */
export async function findContactActor(
  deps: Pick<Deps, 'db' | 'now'>,
  token: string | undefined,
): Promise<ContactActor | undefined> {
  if (token === undefined) return undefined
  const now = deps.now()
  const session = await findSession(deps.db, hashOf(token), now)
  if (session === undefined) return undefined
  const shops = await listShops(deps.db, holderOf(session))
  if (shops.length === 0) {
    await deps.db.deleteFrom('contactSessions').where('id', '=', session.id).execute()
    return undefined
  }
  // Once a day is enough to know that it is used.
  if (now.getTime() - session.usedAt.getTime() > DAY_MS) {
    await deps.db
      .updateTable('contactSessions')
      .set({ usedAt: now, expiresAt: endOf(now) })
      .where('id', '=', session.id)
      .execute()
  }
  return { kind: 'contact', sessionId: session.id, shops }
}

/** Who is signed in, and their shops. @throws AppError `not_signed_in` */
export async function getPortalSession(
  deps: Pick<Deps, 'db' | 'now'>,
  token: string | undefined,
): Promise<PortalSession> {
  const now = deps.now()
  const session = token === undefined ? undefined : await findSession(deps.db, hashOf(token), now)
  const shops = session === undefined ? [] : await listShops(deps.db, holderOf(session))
  if (session === undefined || shops.length === 0) throw new AppError('not_signed_in')
  const toSign = await listChartersToSign(deps.db, shops)
  return {
    phone: session.phone,
    mail: session.mail,
    shops: shops.map((shop) => shopViewOf(shop, toSign.get(shop.memberId) ?? null)),
  }
}

/** Ends a session, on the audit record. */
export async function endContactSession(deps: Pick<Deps, 'db' | 'now'>, actor: ContactActor): Promise<void> {
  const subject = `contact-session:${actor.sessionId}`
  await asOwner(deps.db, async (tx) => {
    await tx.deleteFrom('contactSessions').where('id', '=', actor.sessionId).execute()
    await recordAudit(tx, NO_SCHEME, deps.now(), { actor: subject, action: 'session.end', subject })
  })
}
