import { createHash, randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { DAY_MS, HOUR_MS } from '../message/clock.ts'
import type { Db, Tx } from '../platform/db.ts'
import type { Schema } from '../schema.ts'

/** Hours for which the link of an invitation can be used. */
export const INVITATION_HOURS = 72
/** Days for which a link that is over can still say so. */
const KEPT_DAYS = 90
/** Prefix of the `cause` of a mail that carries the link of an invitation, before its id. */
const MAIL_CAUSE = 'invitation:'
/** Place of the token in the link of a waiting mail: the token is made when the mail is sent, and only its hash is stored. */
export const TOKEN_PLACE = '{token}'

/** `invite`: the first password of a new account; `recover`: a new one after password or phone was lost. */
export type InvitationPurpose = 'invite' | 'recover'
export type InvitationState = 'open' | 'expired' | 'used' | 'withdrawn'

export interface Invitation {
  readonly id: string
  readonly userId: string
  readonly purpose: InvitationPurpose
  readonly createdBy: string
  readonly expiresAt: Date
  readonly state: InvitationState
}

/** Creates an invitation of an account; its earlier links are no longer valid. */
export async function createInvitation(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  of: { readonly userId: string; readonly purpose: InvitationPurpose; readonly createdBy: string },
): Promise<{ id: string; expiresAt: Date }> {
  const id = deps.newId()
  const createdAt = deps.now()
  const expiresAt = new Date(createdAt.getTime() + INVITATION_HOURS * HOUR_MS)
  await withdrawInvitations(tx, of.userId, createdAt)
  await tx
    .insertInto('invitations')
    .values({ id, ...of, tokenHash: null, createdAt, expiresAt, usedAt: null, withdrawnAt: null })
    .execute()
  return { id, expiresAt }
}

/** Withdraws the unused links of an account. @returns how many there were */
export async function withdrawInvitations(tx: Tx, userId: string, at: Date): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('invitations')
    .set({ withdrawnAt: at })
    .where('userId', '=', userId)
    .where('usedAt', 'is', null)
    .where('withdrawnAt', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/**
 * Makes a new token for the link of an open invitation and stores its hash; an earlier token is no longer valid.
 * @returns undefined when the invitation is over
 */
export async function issueToken(
  db: Db | Tx,
  deps: Pick<Deps, 'now'>,
  id: string,
): Promise<string | undefined> {
  const token = randomBytes(32).toString('base64url')
  const { numUpdatedRows } = await (db as Kysely<Schema>)
    .updateTable('invitations')
    .set({ tokenHash: hashToken(token) })
    .where('id', '=', id)
    .where('usedAt', 'is', null)
    .where('withdrawnAt', 'is', null)
    .where('expiresAt', '>', deps.now())
    .executeTakeFirst()
  return numUpdatedRows > 0n ? token : undefined
}

/** Returns the invitation whose link has this token, or undefined. */
export async function findInvitation(
  db: Db | Tx,
  deps: Pick<Deps, 'now'>,
  token: string,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<Invitation | undefined> {
  const { rows } = await sql<Omit<Invitation, 'state'> & { usedAt: Date | null; withdrawnAt: Date | null }>`
    select id, user_id, purpose, created_by, expires_at, used_at, withdrawn_at from invitations
    where token_hash = ${hashToken(token)} ${lock ? sql`for update` : sql``}`.execute(db)
  const [row] = rows
  if (row === undefined) return undefined
  const { usedAt, withdrawnAt, ...invitation } = row
  const isOver = invitation.expiresAt <= deps.now()
  const state =
    usedAt !== null ? 'used' : withdrawnAt !== null ? 'withdrawn' : isOver ? 'expired' : ('open' as const)
  return { ...invitation, state }
}

/** @throws AppError `invitation_unknown`, `invitation_expired`, `invitation_used`, `invitation_withdrawn` */
export function requireOpenInvitation(invitation: Invitation | undefined): Invitation {
  if (invitation === undefined) throw new AppError('invitation_unknown')
  if (invitation.state !== 'open') throw new AppError(`invitation_${invitation.state}`)
  return invitation
}

export async function markInvitationUsed(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.updateTable('invitations').set({ usedAt: at }).where('id', '=', id).execute()
}

/** Deletes invitations that ended long ago. One that is still unused stays: it shows that its account was never opened. */
export async function purgeInvitations(db: Db | Tx, now: Date): Promise<void> {
  await sql`delete from invitations
    where coalesce(used_at, withdrawn_at) < ${new Date(now.getTime() - KEPT_DAYS * DAY_MS)}`.execute(db)
}

/** Returns the `cause` of the mail that carries the link of an invitation. */
export function invitationCause(id: string): `invitation:${string}` {
  return `${MAIL_CAUSE}${id}`
}

/**
 * Puts a new token into the link of a mail that carries one; any other link stays as it is.
 * @returns undefined when the invitation is over, so that the mail is not sent
 */
export async function completeLink(
  db: Db,
  deps: Pick<Deps, 'now'>,
  { cause, link }: { readonly cause: string | null; readonly link: string | null },
): Promise<string | null | undefined> {
  if (cause === null || link === null || !cause.startsWith(MAIL_CAUSE)) return link
  const token = await issueToken(db, deps, cause.slice(MAIL_CAUSE.length))
  return token === undefined ? undefined : link.replace(TOKEN_PLACE, token)
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
