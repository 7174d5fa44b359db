import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { CODE_DIGITS } from '../message/code.ts'
import type { Db, Tx } from '../platform/db.ts'
import { networkOf } from '../platform/network.ts'
import type { CodePurpose, Schema } from '../schema.ts'
import type { CodeTurn } from './contract.ts'

/** Minutes for which a code is valid. */
export const CODE_MINUTES = 10
/** Wrong answers after which a code is no longer accepted. */
export const CODE_TRIES = 5
/** Limits for one number over all schemes: seconds between two codes, and codes in 24 hours. */
export const SECONDS_BETWEEN_CODES = 60
export const CODES_A_DAY = 5
/** Codes that one address may request in an hour; an IPv6 address counts with its /64 network. */
export const CODES_AN_HOUR_FROM_ADDRESS = 20
/** Codes that one scheme sends in 24 hours, which bounds the cost of an attack. */
export const CODES_A_DAY_OF_SCHEME = 2000
/** Hours for which codes are kept, so that the limits of 24 hours can be counted. */
const KEPT_HOURS = 25

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The secret from which codes are derived, the same in every process of an installation. */
type Secret = Pick<Deps, 'secret'>

function hmacOf({ secret }: Secret, use: string, of: string): Buffer {
  // Commands run without a secret and send nothing. Codes derived without one could be forged by anyone.
  if (secret === undefined || secret === '') throw new AppError('internal')
  return createHmac('sha256', secret).update(`tocsin:${use}:${of}`).digest()
}

/**
 * Derives the digits of a code from its id, so that neither the database nor the text in the ledger holds them. 48 bits
 * modulo a million: no code is more likely than another by more than one in 10^8.
 */
export function deriveCodeDigits(deps: Secret, codeId: string): string {
  const number = hmacOf(deps, 'code', codeId).readUIntBE(0, 6) % 10 ** CODE_DIGITS
  return String(number).padStart(CODE_DIGITS, '0')
}

/** Returns a fingerprint by which processes can check that they share the secret; it does not reveal the secret. */
export function fingerprintSecret(deps: Secret): string {
  return hmacOf(deps, 'mark', '').toString('hex').slice(0, 8)
}

function hashOfPhone(deps: Secret, phone: string): string {
  return hmacOf(deps, 'phone', phone).toString('base64url')
}

function hashOfAddress(deps: Secret, address: string): string {
  return hmacOf(deps, 'address', networkOf(address)).toString('base64url')
}

/** A code before it is sent, by SMS or mail. */
export interface CodeOpening {
  readonly schemeId: string
  readonly purpose: CodePurpose
  /** What the code confirms. An answer must name it, so that no one can use up another person's attempts. */
  readonly subject: string
  /** The recipient: a mobile in E.164, or a mail address in lower case. */
  readonly phone: string
  /** IP address of the requester, as the server sees it. */
  readonly address: string
  /**
   * False when nothing may be sent because no member has this number. The caller must not be able to notice: the same rows
   * are written and the same work is done before the response.
   */
  readonly isWanted: boolean
}

/**
 * Stores a requested code, in the transaction that writes its message.
 * @throws AppError `rate_limited` when this address made too many requests, for whatever numbers
 */
export async function openCode(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'secret'>,
  request: CodeOpening,
): Promise<{ readonly id: string; readonly expiresAt: Date; readonly turn: CodeTurn }> {
  const { schemeId, purpose, subject, phone } = request
  const now = deps.now()
  const addressHash = hashOfAddress(deps, request.address)
  // Without the lock, two concurrent requests would not count each other.
  await lockUntilCommit(tx, `address:${addressHash}`)
  const { asked, first } = await tx
    .selectFrom('oneTimeCodes')
    .select(({ fn }) => [fn.countAll<number>().as('asked'), fn.min('createdAt').as('first')])
    // Counts the codes of every scheme that this transaction sees. Where the number decides which scheme it is (at sign-in),
    // a limit for each scheme would reveal which one knows the number.
    .where('addressHash', '=', addressHash)
    .where('createdAt', '>', new Date(now.getTime() - HOUR_MS))
    .executeTakeFirstOrThrow()
  if (asked >= CODES_AN_HOUR_FROM_ADDRESS) {
    const freeAt = (first === null ? now.getTime() : new Date(first).getTime()) + HOUR_MS
    throw new AppError('rate_limited', {
      values: { seconds: Math.max(1, Math.ceil((freeAt - now.getTime()) / SECOND_MS)) },
    })
  }
  const phoneHash = hashOfPhone(deps, phone)
  await lockUntilCommit(tx, `phone:${phoneHash}`)
  const turns = await turnsOf(tx, phoneHash, now)
  const taken = nextTurn(turns) <= now.getTime()
  const nextAt = new Date(nextTurn(taken ? [now, ...turns] : turns))
  const id = deps.newId()
  const expiresAt = new Date(now.getTime() + CODE_MINUTES * 60 * SECOND_MS)
  await tx
    .insertInto('oneTimeCodes')
    .values({
      schemeId,
      id,
      purpose,
      subject,
      phoneHash,
      addressHash,
      inTurn: taken,
      nextAt,
      createdAt: now,
      expiresAt,
      // An unwanted code is stored as used, so that it is never sent.
      usedAt: request.isWanted ? null : now,
    })
    .execute()
  return { id, expiresAt, turn: { taken, nextAt: nextAt.toISOString() } }
}

/** Returns when the number's codes of the last 24 hours were requested, latest first. */
async function turnsOf(tx: Tx, phoneHash: string, now: Date): Promise<Date[]> {
  const since = new Date(now.getTime() - DAY_MS)
  const { rows } = await sql<{ at: Date }>`select at from code_turns(${phoneHash}, ${since}) at`.execute(tx)
  return rows.map(({ at }) => at)
}

/**
 * Returns the time, in milliseconds, from which a number may have another code.
 * @param turns times of the codes of the last 24 hours, latest first
 */
function nextTurn(turns: readonly Date[]): number {
  const last = turns[0]
  const first = turns[CODES_A_DAY - 1]
  return Math.max(
    last === undefined ? 0 : last.getTime() + SECONDS_BETWEEN_CODES * SECOND_MS,
    first === undefined ? 0 : first.getTime() + DAY_MS,
  )
}

/** Returns the state of the last code requested for a subject, or undefined if there is none. */
export async function findTurn(
  tx: Tx,
  of: Pick<CodeOpening, 'schemeId' | 'purpose' | 'subject'>,
): Promise<CodeTurn | undefined> {
  const last = await tx
    .selectFrom('oneTimeCodes')
    .select(['inTurn', 'nextAt'])
    .where('schemeId', '=', of.schemeId)
    .where('purpose', '=', of.purpose)
    .where('subject', '=', of.subject)
    .orderBy('createdAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return undefined
  return { taken: last.inTurn, nextAt: last.nextAt.toISOString() }
}

/**
 * Decides whether a requested code may be sent now, and marks it as sent if so, in the transaction that sends it.
 * @returns `sent`, or the reason against: no one has the number, the number had too many codes, or the scheme had too many
 */
export async function admitCode(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  codeId: string,
): Promise<'sent' | 'unwanted' | 'number' | 'scheme'> {
  const now = deps.now()
  const code = await tx
    .selectFrom('oneTimeCodes')
    .select(['inTurn', 'usedAt', 'sentAt', 'expiresAt'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', codeId)
    .forUpdate()
    .executeTakeFirst()
  if (code === undefined || code.usedAt !== null || code.sentAt !== null || code.expiresAt <= now) {
    return 'unwanted'
  }
  if (!code.inTurn) return 'number'
  await lockUntilCommit(tx, `scheme:${schemeId}`)
  const { day } = await tx
    .selectFrom('oneTimeCodes')
    .select(({ fn }) => fn.countAll<number>().as('day'))
    .where('schemeId', '=', schemeId)
    .where('sentAt', '>', new Date(now.getTime() - DAY_MS))
    .executeTakeFirstOrThrow()
  if (day >= CODES_A_DAY_OF_SCHEME) return 'scheme'
  await tx
    .updateTable('oneTimeCodes')
    .set({ sentAt: now })
    .where('schemeId', '=', schemeId)
    .where('id', '=', codeId)
    .execute()
  return 'sent'
}

export interface CodeAnswer {
  readonly schemeId: string
  readonly purpose: CodePurpose
  readonly subject: string
  /** The number or mail address to confirm; a code sent to another one does not confirm it. */
  readonly phone: string
  /** The digits as typed; blanks, dots and hyphens are ignored. */
  readonly digits: string
}

/**
 * Checks whether the digits are those of an unused, unexpired code sent to this number for this subject, and marks it as used
 * if so. Every answer counts as an attempt at every code that it could match, so commit the transaction whatever the result
 * and throw only afterwards. A code allows five attempts, and a number gets five codes a day.
 * @returns false without the reason: wrong, expired, used, too many attempts, or never sent
 */
export async function checkCode(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'secret'>,
  { schemeId, purpose, subject, phone, digits }: CodeAnswer,
): Promise<boolean> {
  const now = deps.now()
  const tried = await tx
    .updateTable('oneTimeCodes')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where('schemeId', '=', schemeId)
    .where('purpose', '=', purpose)
    .where('subject', '=', subject)
    .where('phoneHash', '=', hashOfPhone(deps, phone))
    .where('sentAt', 'is not', null)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', now)
    .where('tries', '<', CODE_TRIES)
    .returning('id')
    .execute()
  const typed = Buffer.from(digits.replace(/[\s\u00a0\u202f.-]/g, ''))
  const isRight = tried.filter(({ id }) => {
    const wanted = Buffer.from(deriveCodeDigits(deps, id))
    return typed.length === wanted.length && timingSafeEqual(typed, wanted)
  })
  if (isRight.length === 0) return false
  // The other codes of the subject are used up too, because the subject is now confirmed.
  await tx
    .updateTable('oneTimeCodes')
    .set({ usedAt: now })
    .where('schemeId', '=', schemeId)
    .where('purpose', '=', purpose)
    .where('subject', '=', subject)
    .where('usedAt', 'is', null)
    .execute()
  return true
}

/** Deletes codes too old to count, of all schemes; needs the owner's rights. */
export async function purgeCodes(db: Db | Tx, now: Date): Promise<void> {
  await (db as Kysely<Schema>)
    .deleteFrom('oneTimeCodes')
    .where('createdAt', '<', new Date(now.getTime() - KEPT_HOURS * HOUR_MS))
    .execute()
}

async function lockUntilCommit(tx: Tx, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`codes:${name}`}, 0))`.execute(tx)
}
